"""behaviour.py: what a piece does by itself, as ``update(tick, controls)`` that tells the shader numbers and pictures.

The file is read and compiled once, and run anew for every layer that begins: its globals are that layer's own, and
``tick.rng`` is the only chance it is given. What it returns is checked against piece.toml before the shader sees it.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from facade.config.piece import Value
from facade.config.piece_parts import Supplied, SuppliedNumber, SuppliedTexture
from facade.core.errors import PieceError, did_you_mean
from facade.pieces.trust import is_trusted

if TYPE_CHECKING:
    from facade.pieces.library import Piece

FILE = "behaviour.py"
MAX_BYTES = 1_000_000
_INT_LIMIT = 2**31
_LARGEST = float(np.finfo(np.float32).max)

Number = float | int | bool | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LayerTick:
    """What update is told about the moment. frame: 0 at the layer's first. time_s: since its cue started.

    delta_s: since the last frame, at most 0.1. rng: the layer's own chance. size_m: width and height of the lit
    rectangle. pixels: float32 (P, 2), where the LEDs are, 0..1 from the bottom left; it cannot be written to.
    """

    frame: int
    time_s: float
    delta_s: float
    rng: np.random.Generator
    size_m: tuple[float, float]
    pixels: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A behaviour as its file has it. Two are equal if the file says the same and the same is asked of it."""

    file: Path
    source: str
    code: CodeType
    supplies: Mapping[str, Supplied]

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes as text, because compiled code does not."""
        return _again, (self.file, self.source, dict(self.supplies))


def read_behaviour(piece: Piece) -> Behaviour | None:
    """Return the behaviour of a native piece, None if piece.toml declares no uniform and there is no file.

    Raises PieceError: one without the other, a folder nobody trusts, or Python that does not compile.
    """
    file, supplies = piece.folder / FILE, piece.manifest.uniform
    if not supplies and not file.is_file():
        return None
    if not supplies:
        raise PieceError(
            f"{FILE} tells the shader nothing. Declare what it supplies in piece.toml, such as [uniform.ball] with "
            'type = "vec2", or take the file out.',
            file=file,
        )
    if not file.is_file():
        raise PieceError(
            f'piece.toml declares uniform "{next(iter(supplies))}", and there is no {FILE} to supply it. Write it.',
            file=piece.folder / "piece.toml",
        )
    if not is_trusted(piece.folder):
        raise PieceError(
            f'the {FILE} of "{piece.slug}" would run on this machine with all your rights. '
            f"Read it, and if you trust whoever made it: facade piece trust {piece.folder}",
            file=file,
        )
    return _compiled(file, supplies)


def _compiled(file: Path, supplies: Mapping[str, Supplied]) -> Behaviour:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise PieceError(f"{FILE} is larger than {MAX_BYTES:,} bytes. Shorten it.", file=file)
        source = file.read_text(encoding="utf-8")
        return _again(file, source, supplies)
    except SyntaxError as error:
        what = f"{error.msg}. The line reads: {(error.text or '').strip()[:120]}"
        raise PieceError(f"{FILE} is no Python that can be read: {what}", file=file, line=error.lineno) from None
    except (OSError, ValueError) as error:
        raise PieceError(f"{FILE} cannot be read ({error}). Save it as UTF-8.", file=file) from None


def _again(file: Path, source: str, supplies: Mapping[str, Supplied]) -> Behaviour:
    return Behaviour(file, source, compile(source, str(file), "exec", dont_inherit=True), supplies)


class Life:
    """One layer's behaviour while it is on air.

    numbers: uniform -> what it takes, none before the first update. pictures: uniform -> float32 (height, width,
    channels), bottom row first, zero before; the same arrays in every frame.
    """

    def __init__(self, behaviour: Behaviour, *, seed: int) -> None:
        """Run the file from the top. seed: of the layer. Raises PieceError with the artist's line."""
        self.behaviour = behaviour
        self.rng = np.random.Generator(np.random.PCG64(seed))
        self.numbers: dict[str, Number] = {}
        self.pictures = {
            name: np.zeros((each.size[1], each.size[0], each.channels), dtype=np.float32)
            for name, each in behaviour.supplies.items()
            if isinstance(each, SuppliedTexture)
        }
        self.updates = 0
        self._update, self._line = self._run()

    def update(self, tick: LayerTick, controls: Mapping[str, Value]) -> None:
        """Let it live one frame. Raises PieceError with the artist's line; what it had said before then stays."""
        try:
            said = self._update(tick, MappingProxyType(dict(controls)))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the seam: whatever an artist's Python does ends here
            raise self._raised(error) from None
        self.updates += 1
        if not isinstance(said, Mapping):
            raise self._wrong(f"update returned {_kind(said)} and must return a dict of what piece.toml declares")
        for name, value in said.items():
            self._take(name, value)

    def _run(self) -> tuple[Callable[..., object], int | None]:
        # Dataclasses and the like look their module up by its name while they are made, so it is known that long.
        module = ModuleType(f"facade_behaviour_{id(self)}")
        module.__file__ = str(self.behaviour.file)
        sys.modules[module.__name__] = module
        try:
            exec(self.behaviour.code, module.__dict__)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - likewise
            raise self._raised(error) from None
        finally:
            del sys.modules[module.__name__]
        update = module.__dict__.get("update")
        if not callable(update):
            raise PieceError(f"{FILE} must define update(tick, controls). Add it.", file=self.behaviour.file)
        return update, getattr(getattr(update, "__code__", None), "co_firstlineno", None)

    def _take(self, name: object, value: object) -> None:
        each = self.behaviour.supplies.get(name) if isinstance(name, str) else None
        if each is None or not isinstance(name, str):
            hint = did_you_mean(str(name), self.behaviour.supplies)
            raise self._wrong(f'update returned "{name}", which piece.toml does not declare as a uniform.{hint}')
        if isinstance(each, SuppliedTexture):
            self._take_picture(name, each, value)
        else:
            self.numbers[name] = self._number(name, each, value)

    def _take_picture(self, name: str, each: SuppliedTexture, value: object) -> None:
        into = self.pictures[name]
        try:
            given: NDArray[Any] = np.asarray(value)
        except (ValueError, TypeError):
            given = np.zeros((), dtype=object)
        if given.dtype.kind not in "fiub":
            raise self._wrong(f'texture "{name}" must be an array of numbers, not {_kind(value)}')
        if given.ndim == 2 and each.channels == 1:
            given = given[:, :, None]
        if given.shape != into.shape:
            raise self._wrong(
                f'texture "{name}" has the shape {given.shape}; piece.toml asks for {into.shape}: rows from the '
                "bottom, columns, channels"
            )
        if given.dtype.kind == "f" and not (np.abs(given) <= _LARGEST).all():
            raise self._wrong(f'texture "{name}" holds something that is not a finite number')
        np.copyto(into, given, casting="unsafe")

    def _number(self, name: str, each: SuppliedNumber, value: object) -> Number:
        size = int(each.type[-1]) if each.type.startswith("vec") else 1
        try:
            given: NDArray[Any] = np.asarray(value)
            fits = given.dtype.kind in "fiub" and given.shape == ((size,) if size > 1 else ())
        except (ValueError, TypeError):
            fits = False
        if not fits:
            wanted = f"{size} numbers" if size > 1 else "one number"
            raise self._wrong(f'uniform "{name}" must be {wanted} ({each.type}), not {_kind(value)}')
        numbers = tuple(float(v) for v in given.reshape(-1))
        if not all(abs(number) <= _LARGEST for number in numbers):
            raise self._wrong(f'uniform "{name}" is {value!r:.60}, not a finite number')
        if each.type == "bool":
            return bool(numbers[0])
        if each.type == "int":
            if numbers[0] != int(numbers[0]) or abs(numbers[0]) >= _INT_LIMIT:
                raise self._wrong(f'uniform "{name}" is {value!r:.60} and must be a whole number')
            return int(numbers[0])
        return numbers if size > 1 else numbers[0]

    def _raised(self, error: BaseException) -> PieceError:
        file = self.behaviour.file
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(file)]
        line = frames[-1].lineno if frames else None
        lines = self.behaviour.source.splitlines()
        reads = f" The line reads: {lines[line - 1].strip()[:120]}" if line and line <= len(lines) else ""
        what = f"{type(error).__name__}: {error}".rstrip(": .")
        return PieceError(f"{FILE} failed: {what[:300]}.{reads}", file=file, line=line)

    def _wrong(self, what: str) -> PieceError:
        dot = "" if what.endswith((".", "?")) else "."
        return PieceError(f"{what}{dot}", file=self.behaviour.file, line=self._line)


def _kind(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, list | tuple):
        return f"{len(value)} things"
    return "nothing" if value is None else f"a {type(value).__name__}"
