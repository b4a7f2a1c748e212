"""The native dialect: ``vec4 piece(vec2 uv)``, parameters from piece.toml, one source for both domains."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from facade.core.errors import PieceError
from facade.pieces import glsl
from facade.pieces.includes import expand
from facade.pieces.program import UNIFORM_TYPES, Domain, Pass, PieceProgram, Sampler, Source, Uniform

if TYPE_CHECKING:
    from facade.pieces.library import Piece

_DERIVATIVES = ("dFdx", "dFdy", "fwidth", "textureLod", "textureGrad", "textureProjLod", "textureProjGrad")
NEEDS_CANVAS = frozenset((*_DERIVATIVES, "gl_FragCoord", "u_previous"))
"""A shader that uses one of these asks about its neighbours, and one LED has none: it must be drawn as a canvas."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OURS = ("u_", "gl_", "facade_")


def native_program(piece: Piece, *, include_paths: Sequence[Path]) -> PieceProgram:
    """Translate a native piece.

    include_paths: folders searched for #include after the piece's own.
    Raises PieceError with file and line where known; what only the driver can tell is left to it.
    """
    _check_names(piece)
    expanded = expand(piece.shader, folder=piece.folder, include_paths=include_paths)
    used = glsl.words(expanded.text)
    if not glsl.defines_function(expanded.text, "piece", returns="vec4"):
        raise PieceError(
            f"{piece.shader.name} must define the function vec4 piece(vec2 uv), the colour at uv. Add it.",
            file=piece.shader,
        )
    for name in piece.manifest.parameter:
        if glsl.defines_function(expanded.text, name):
            raise PieceError(
                f'parameter "{name}" has the name of a function in the shader or its includes. Rename the parameter.',
                file=piece.folder / "piece.toml",
            )
    domain, reason = _domain(piece, used)
    return PieceProgram(
        slug=piece.slug,
        manifest=piece.manifest,
        dialect="native",
        domain=domain,
        sources=(Source(expanded.text),),
        passes=(Pass(samplers=_samplers(piece)),),
        uniforms=tuple(Uniform(name, UNIFORM_TYPES[p.type]) for name, p in piece.manifest.parameter.items()),
        lines=expanded.lines,
        reads_previous="u_previous" in used,
        discards="discard" in used,
        reason=reason,
    )


def _samplers(piece: Piece) -> tuple[Sampler, ...]:
    parameters = piece.manifest.parameter.items()
    kinds: dict[str, Literal["input", "audio"]] = {"image": "input", "audio": "audio"}
    return tuple(Sampler(name, kinds[p.type], name) for name, p in parameters if p.type in kinds)


def _domain(piece: Piece, used: frozenset[str]) -> tuple[Domain, str]:
    wanted = piece.manifest.domain
    reasons = sorted(used & NEEDS_CANVAS)
    if wanted == "pixel" and reasons:
        raise PieceError(
            f'domain = "pixel" cannot hold for a shader that uses {", ".join(reasons)}: '
            'one LED has no neighbours to ask. Use domain = "canvas" or "auto".',
            file=piece.folder / "piece.toml",
        )
    if reasons:
        return "canvas", f"it uses {', '.join(reasons)}"
    if wanted == "auto":
        return "pixel", "it draws every place by itself"
    return wanted, "piece.toml asks for it"


def _check_names(piece: Piece) -> None:
    for name in piece.manifest.parameter:
        if name.startswith(_OURS):
            reason = "begins like the names facade keeps for itself (u_, gl_, facade_)"
        elif not _NAME.fullmatch(name) or "__" in name:
            reason = "is not a name a shader can use: letters, digits and single underscores only"
        elif name in glsl.RESERVED:
            reason = "is a word the shader language keeps for itself"
        elif name in glsl.BUILT_IN:
            reason = "would hide the shader function of that name"
        else:
            continue
        raise PieceError(
            f'parameter "{name}" {reason}. Rename it in piece.toml and in the shader.', file=piece.folder / "piece.toml"
        )
