"""``#include "x"``, resolved by us: every file keeps its own lines, so the driver's line is the artist's line.

Each file owns a range of line numbers: file k (from 1) the lines k * 100,000 + 1 and up; range 0 is facade's own text.
Ranges instead of GLSL's source-string numbers, because Mesa reports a wrong number for ``#line n s``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from facade.core.errors import PieceError, did_you_mean
from facade.pieces.glsl import blank_comments, decoded

LINES_PER_FILE = 100_000
MAX_DEPTH = 16
MAX_EXPANSIONS = 1024
MAX_CHARACTERS = 4_000_000

_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*include\b(.*)$")
_QUOTED = re.compile(r"""^[ \t]*(?:"([^"]+)"|'([^']+)'|<([^>]+)>|([^\s"'<>;]+\.\w+))[ \t]*;?[ \t]*$""")
_BRANCH = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|endif)\b")
_BRANCH_END = re.compile(r"^[ \t]*#[ \t]*(else|elif|endif)\b")
_VERSION = re.compile(r"^[ \t]*#[ \t]*version\b")


@dataclass(frozen=True, slots=True)
class LineMap:
    """Which file a line of the text given to the driver came from. files[0] owns range 1."""

    files: tuple[Path, ...]

    def locate(self, line: int) -> tuple[Path | None, int]:
        """Return (file, 1-based line there); file is None for facade's own text."""
        index, within = divmod(line, LINES_PER_FILE)
        if 1 <= index <= len(self.files):
            return self.files[index - 1], within
        return None, within


@dataclass(frozen=True, slots=True)
class Expanded:
    """A source with its includes in place and its comments blanked."""

    text: str
    lines: LineMap


def expand(
    source: Path,
    *,
    folder: Path,
    include_paths: Sequence[Path],
    after: LineMap | None = None,
    text: str | None = None,
) -> Expanded:
    """Read source and put every included file in its place.

    folder: the piece's folder; an include is looked for beside the including file, in folder, then in include_paths,
    and never outside them. A file included twice is compiled once.
    after: line ranges already given away, for a piece of several shaders. text: the source, if not the file's own.
    Raises PieceError for a missing file, a circle, more than 16 levels or four megabytes in all.
    """
    given = {} if text is None else {source: text}
    known = [] if after is None else list(after.files)
    roots = tuple(p.resolve() for p in include_paths)
    expansion = _Expansion(folder=folder.resolve(), include_paths=roots, files=known, given=given)
    whole = expansion.file(source, including=None, stack=())
    return Expanded(text=whole, lines=LineMap(tuple(expansion.files)))


@dataclass(slots=True)
class _Expansion:
    folder: Path
    include_paths: tuple[Path, ...]
    files: list[Path] = field(default_factory=list)
    given: dict[Path, str] = field(default_factory=dict)
    certain: set[Path] = field(default_factory=set)
    """Files that stand in the text outside every #if: nothing needs to be said again."""
    characters: int = 0
    expansions: int = 0

    def file(
        self, path: Path, *, including: tuple[Path, int] | None, stack: tuple[Path, ...], certain: bool = True
    ) -> str:
        """Return a file's text with its includes in place. certain: no #if of an including file stands around it."""
        where = including or (path, None)
        self._count(path, where, len(stack))
        text = self._read(path, where)
        if path not in self.files:
            self.files.append(path)
        number = self.files.index(path) + 1
        first = number * LINES_PER_FILE
        out = [f"#line {first + 1}"]
        branches: list[bool] = []
        displaced = False
        lines = blank_comments(text).split("\n")
        for line_number, line in enumerate(lines, start=1):
            directive = _DIRECTIVE.match(line)
            if directive is None:
                branch = _BRANCH.match(line)
                if branch is not None and branch[1] != "endif":
                    branches.append(not _guards(line, lines[line_number:]))
                elif branch is not None:
                    del branches[-1:]
                # #version must be the first thing the driver sees, and facade has said it already.
                out.append("" if _VERSION.match(line) else line)
                if displaced and _BRANCH_END.match(line):
                    # What was included there may not be seen, and then neither is the #line after it.
                    out.append(f"#line {first + line_number + 1}")
                continue
            included = self._find(directive.group(1), (path, line_number), (*stack, path))
            if included in self.certain:
                out.append("")
                continue
            displaced = displaced or bool(branches)
            here = certain and not any(branches)
            body = self.file(included, including=(path, line_number), stack=(*stack, path), certain=here)
            if here:
                self.certain.add(included)
            guard = f"FACADE_INCLUDED_{self.files.index(included)}"
            out += [f"#ifndef {guard}", f"#define {guard}", body, "#endif", f"#line {first + line_number + 1}"]
        return "\n".join(out)

    def _count(self, path: Path, where: tuple[Path, int | None], depth: int) -> None:
        """Raise PieceError for one include too many, or one too deep."""
        self.expansions += 1
        if depth >= MAX_DEPTH or self.expansions > MAX_EXPANSIONS:
            raise PieceError(
                f"{path.name} would be included {depth} levels deep after {self.expansions} includes; "
                f"a piece may go {MAX_DEPTH} levels deep and use {MAX_EXPANSIONS} includes. Include fewer files.",
                file=where[0],
                line=where[1],
            )

    def _read(self, path: Path, where: tuple[Path, int | None]) -> str:
        try:
            if path in self.given:
                text = self.given[path].replace("\r\n", "\n").replace("\r", "\n")
            elif path.stat().st_size > MAX_CHARACTERS:
                raise self._too_long(path, where)
            else:
                text = decoded(path.read_bytes())
        except FileNotFoundError:
            raise PieceError(
                f"{path.name} does not exist in {path.parent}. Write it, or name another with shader in piece.toml.",
                file=where[0],
                line=where[1],
            ) from None
        except ValueError as error:
            raise PieceError(
                f"{path.name} is no text: {error}. Include a shader's source.", file=where[0], line=where[1]
            ) from None
        except OSError as error:
            raise PieceError(
                f"{path.name} cannot be read ({error.strerror}). Check the file.", file=where[0], line=where[1]
            ) from error
        self.characters += len(text)
        if self.characters > MAX_CHARACTERS or text.count("\n") >= LINES_PER_FILE:
            raise self._too_long(path, where)
        return text

    def _too_long(self, path: Path, where: tuple[Path, int | None]) -> PieceError:
        says = f"{path.name} makes the shader longer than {MAX_CHARACTERS:,} characters. Shorten it."
        return PieceError(says, file=where[0], line=where[1])

    def _find(self, argument: str, where: tuple[Path, int], stack: tuple[Path, ...]) -> Path:
        quoted = _QUOTED.match(argument)
        if quoted is None:
            raise PieceError(
                f'#include{argument.rstrip()} must name one file in quotation marks, such as #include "noise.glsl".',
                file=where[0],
                line=where[1],
            )
        name = next(given for given in quoted.groups() if given)
        roots = (self.folder, *self.include_paths)
        for base in (where[0].parent.resolve(), *roots):
            path = (base / name).resolve()
            if path.is_file() and any(path.is_relative_to(root) for root in roots):
                if path in {p.resolve() for p in stack}:
                    circle = " includes ".join(p.name for p in (*stack, path))
                    raise PieceError(
                        f"includes go round in a circle: {circle}. Remove one of them.", file=where[0], line=where[1]
                    )
                return path
        known = {p.name for root in roots if root.is_dir() for p in root.glob("*.glsl")}
        raise PieceError(
            f"#include \"{name}\" is neither in the piece's folder nor among facade's own includes."
            f"{did_you_mean(name, known)}",
            file=where[0],
            line=where[1],
        )


def _guards(line: str, after: Sequence[str]) -> bool:
    """Whether a line is the ``#ifndef`` that keeps a file from being read twice, with its ``#define`` after it."""
    guard = re.match(r"[ \t]*#[ \t]*ifndef[ \t]+(\w+)", line)
    following = next((text for text in after if text.strip()), "")
    return guard is not None and re.match(rf"[ \t]*#[ \t]*define[ \t]+{guard[1]}[ \t]*$", following) is not None
