"""The passes of a native piece: what piece.toml declares under ``[[pass]]``, as draws, targets and shaders.

A piece that declares none has one pass, which draws the picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from facade.config.piece import FloatParameter, IntParameter
from facade.config.piece_parts import PiecePass, SuppliedTexture
from facade.core.errors import PieceError, did_you_mean
from facade.pieces import glsl
from facade.pieces.includes import LineMap, expand
from facade.pieces.program import MAX_PASSES, MAX_SAMPLERS, Pass, Sampler, Source, Target
from facade.pieces.size import SizeExpression, parse_size

if TYPE_CHECKING:
    from facade.pieces.library import Piece


def sources_of(piece: Piece, *, include_paths: Sequence[Path]) -> tuple[dict[Path, Source], LineMap]:
    """Read every shader file of a piece, each once, in the order in which passes name them. Raises PieceError."""
    found: dict[Path, Source] = {}
    lines: LineMap | None = None
    for number, each in enumerate(piece.manifest.passes or (PiecePass(),), start=1):
        file = _file(piece, each, number)
        if file in found:
            continue
        expanded = expand(file, folder=piece.folder, include_paths=include_paths, after=lines)
        lines = expanded.lines
        if not glsl.defines_function(expanded.text, "piece", returns="vec4"):
            raise PieceError(
                f"{file.name} must define the function vec4 piece(vec2 uv), the colour at uv. Add it.", file=file
            )
        found[file] = Source(expanded.text)
    assert lines is not None
    return found, lines


def passes_of(piece: Piece, files: Sequence[Path]) -> tuple[tuple[Pass, ...], tuple[Target, ...]]:
    """Return the draws of one frame and the targets they need. files: the sources, in their order.

    Raises PieceError for what cannot be drawn: a target nobody could read, one of two sizes, too many draws.
    """
    declared = piece.manifest.passes
    targets: dict[str, Target] = {}
    for number, each in enumerate(declared, start=1):
        _take_target(piece, each, number, targets)
        if not each.target and number < len(declared):
            _refuse(piece, f"pass {number} has no target, and only the last may have none: nobody could read it")
    if sum(each.times for each in declared) > MAX_PASSES:
        _refuse(piece, f"its passes draw more than {MAX_PASSES} times a frame. Lower times, or leave some out")
    samplers = _samplers(piece, targets)
    passes = [
        Pass(list(files).index(_file(piece, each, number)), each.target or None, samplers)
        for number, each in enumerate(declared or (PiecePass(),), start=1)
        for _ in range(each.times)
    ]
    return tuple(passes), tuple(targets.values())


def _samplers(piece: Piece, targets: Mapping[str, Target]) -> tuple[Sampler, ...]:
    manifest = piece.manifest
    found = [Sampler(name, "input", name) for name, p in manifest.parameter.items() if p.type == "image"]
    found += [Sampler(name, "audio", name) for name, p in manifest.parameter.items() if p.type == "audio"]
    found += [Sampler(name, "points", name) for name, p in manifest.parameter.items() if p.type == "points"]
    found += [Sampler(name, "text", name) for name, p in manifest.parameter.items() if p.type == "text"]
    supplied = {name: u for name, u in manifest.uniform.items() if isinstance(u, SuppliedTexture)}
    found += [Sampler(name, "data", name, filter=u.filter) for name, u in (supplied | manifest.data).items()]
    found += [Sampler(name, "target", name) for name in targets]
    if len(found) > MAX_SAMPLERS:
        _refuse(piece, f"it reads {len(found)} pictures, and a shader may read {MAX_SAMPLERS}. Leave some out")
    return tuple(found)


def _file(piece: Piece, each: PiecePass, number: int) -> Path:
    if not each.shader:
        return piece.shader
    file = (piece.folder / each.shader).resolve()
    if not file.is_relative_to(piece.folder.resolve()):
        _refuse(piece, f'pass {number} names "{each.shader}", which lies outside the piece\'s folder. Put it inside')
    return piece.folder / each.shader


def _take_target(piece: Piece, each: PiecePass, number: int, targets: dict[str, Target]) -> None:
    if not each.target:
        return
    made = Target(
        each.target,
        persistent=each.persistent,
        float32=each.float32,
        half=not each.float32,
        width=_size(piece, each.width, "WIDTH", each.scale, number),
        height=_size(piece, each.height, "HEIGHT", each.scale, number),
    )
    if targets.setdefault(each.target, made) != made:
        _refuse(piece, f'two passes draw into "{each.target}" and declare it differently. Declare it alike in both')


def _size(piece: Piece, given: int | str, side: str, scale: float, number: int) -> SizeExpression | None:
    text = str(given) if given else f"{scale} * ${side}" if scale != 1.0 else ""
    if not text:
        return None
    try:
        size = parse_size(text)
    except ValueError as error:
        _refuse(piece, f'the size "{text}" of pass {number} cannot be read: {error}')
    numbers = {n for n, p in piece.manifest.parameter.items() if isinstance(p, FloatParameter | IntParameter)}
    for name in sorted(size.names - numbers - {"WIDTH", "HEIGHT"}):
        hint = did_you_mean(name, {*numbers, "WIDTH", "HEIGHT"})
        raise PieceError(
            f'the size "{text}" of pass {number} asks for ${name}, which is neither WIDTH nor HEIGHT nor a number '
            f"among the parameters.{hint}",
            file=piece.folder / "piece.toml",
        )
    return size


def _refuse(piece: Piece, what: str) -> NoReturn:
    raise PieceError(f"{what}.", file=piece.folder / "piece.toml")
