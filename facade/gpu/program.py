"""One compiled shader that covers its target, and the driver's errors in plain words on the artist's own line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import moderngl

from facade.core.errors import PieceError
from facade.gpu.context import VERTEX, GpuContext
from facade.pieces.glsl import decoded
from facade.pieces.includes import LineMap

UniformValue = float | int | bool | tuple[float, ...] | tuple[int, ...]

_LOG_LINES = (
    re.compile(r"^\d+:(?P<line>\d+)\(\d+\): (?P<kind>error|warning): (?P<what>.*)$"),  # Mesa
    re.compile(r"^\d+\((?P<line>\d+)\) : (?P<kind>error|warning) \w+: (?P<what>.*)$"),  # NVIDIA
    re.compile(r"^(?P<kind>ERROR|WARNING): \d+:(?P<line>\d+): (?P<what>.*)$"),  # Apple, AMD, Intel on Windows
)


@dataclass(frozen=True, slots=True)
class DriverMessage:
    """One complaint of the driver. line: in the text it was given."""

    line: int
    what: str


def driver_errors(log: str) -> list[DriverMessage]:
    """Return the errors (not the warnings) of a driver's log, in its order."""
    found = []
    for text in log.splitlines():
        for pattern in _LOG_LINES:
            match = pattern.match(text.strip())
            if match and match["kind"].lower() == "error":
                found.append(DriverMessage(int(match["line"]), match["what"].strip()))
    return found


class GlProgram:
    """A fragment shader with the covering triangle, or with a vertex shader of its own that places four corners.

    Uniforms the driver dropped are quietly ignored.
    """

    def __init__(self, gpu: GpuContext, fragment: str, *, vertex: str | None = None) -> None:
        """Compile. Raises moderngl.Error with the driver's log."""
        self._program = gpu.gl.program(vertex_shader=vertex or VERTEX, fragment_shader=fragment)
        self._shape = (moderngl.TRIANGLES, 3) if vertex is None else (moderngl.TRIANGLE_STRIP, 4)
        self._array = gpu.gl.vertex_array(self._program, [])
        self._members: dict[str, Any] = {name: self._program[name] for name in self._program}
        self._members |= _pictures_of_arrays(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def set(self, name: str, value: UniformValue) -> None:
        """Set a uniform; a name the shader does not use is no error, because the driver drops what is unused."""
        member = self._members.get(name)
        if member is not None:
            member.value = value

    def write(self, name: str, data: bytes | memoryview) -> None:
        """Fill a uniform array from raw values, laid out as GLSL has them."""
        member = self._members.get(name)
        if member is not None:
            member.write(data)

    def draw(self) -> None:
        """Draw over the whole viewport of the bound target."""
        mode, vertices = self._shape
        self._array.render(mode, vertices=vertices)

    def release(self) -> None:
        self._array.release()
        self._program.release()


_SAMPLER_2D = 0x8B5E
"""GL_SAMPLER_2D, as the driver says a uniform's type."""


class _ArrayElement:
    """One picture of an array of them. moderngl sets a whole array at once."""

    def __init__(self, array: Any, index: int) -> None:
        self._array = array
        self._index = index

    @property
    def value(self) -> int:
        return int(self._array.value[self._index])

    @value.setter
    def value(self, unit: int) -> None:
        units = list(self._array.value)
        units[self._index] = unit
        self._array.value = units


def _pictures_of_arrays(members: dict[str, Any]) -> dict[str, _ArrayElement]:
    """Return the elements of arrays of pictures under the names GLSL gives them, such as ``tex[2]``."""
    return {
        f"{name}[{i}]": _ArrayElement(array, i)
        for name, array in members.items()
        if getattr(array, "gl_type", 0) == _SAMPLER_2D and array.array_length > 1
        for i in range(array.array_length)
    }


def compile_piece(gpu: GpuContext, fragment: str, *, slug: str, lines: LineMap, vertex: str | None = None) -> GlProgram:
    """Compile a piece's shader. Raises PieceError with the file and line of the driver's first complaint."""
    try:
        return GlProgram(gpu, fragment, vertex=vertex)
    except moderngl.Error as error:
        raise piece_error(str(error), slug=slug, lines=lines) from None


def piece_error(log: str, *, slug: str, lines: LineMap) -> PieceError:
    """Say a driver's log in plain words: the first error that lies in a file of the artist, else the first of all."""
    errors = driver_errors(log)
    placed = [(lines.locate(e.line), e.what) for e in errors]
    for (file, line), what in placed:
        if file is not None:
            more = f" ({len(errors) - 1} more after it)" if len(errors) > 1 else ""
            return PieceError(
                f'the shader of "{slug}" does not compile: {file.name}, line {line}: {what}{more}.{_reads(file, line)}',
                file=file,
                line=line,
            )
    what = errors[0].what if errors else " ".join(log.split())
    file = lines.files[0] if lines.files else None
    return PieceError(f'the shader of "{slug}" does not compile: {what}. Check the function that draws it.', file=file)


def _reads(file: Path, line: int) -> str:
    try:
        text = decoded(file.read_bytes()).split("\n")[line - 1].strip()
    except (OSError, ValueError, IndexError):
        return ""
    return f" The line reads: {text[:120]}"
