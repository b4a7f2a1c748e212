"""The native dialect: ``vec4 piece(vec2 uv)``, parameters from piece.toml, one source for both domains, or passes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from facade.core.errors import PieceError
from facade.pieces import glsl
from facade.pieces.behaviour import read_behaviour
from facade.pieces.native_passes import passes_of, sources_of
from facade.pieces.program import UNIFORM_TYPES, Domain, PieceProgram, Uniform

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
    manifest = piece.manifest
    _check_names(piece)
    sources, lines = sources_of(piece, include_paths=include_paths)
    text = "\n".join(source.text for source in sources.values())
    used = glsl.words(text)
    for name in (*manifest.parameter, *manifest.uniform, *manifest.data, *manifest.clock):
        if glsl.defines_function(text, name):
            raise PieceError(
                f'{_kind(piece, name)} "{name}" has the name of a function in the shader or its includes. Rename it.',
                file=piece.folder / "piece.toml",
            )
    passes, targets = passes_of(piece, tuple(sources))
    domain, reason = _domain(piece, used)
    uniforms = [Uniform(name, UNIFORM_TYPES[p.type]) for name, p in manifest.parameter.items()]
    return PieceProgram(
        slug=piece.slug,
        manifest=manifest,
        dialect="native",
        domain=domain,
        sources=tuple(sources.values()),
        passes=passes,
        uniforms=tuple(u for u in uniforms if u.type != "sampler2D"),
        lines=lines,
        reads_previous="u_previous" in used,
        discards="discard" in used,
        targets=targets,
        reason=reason,
        behaviour=read_behaviour(piece),
    )


def _domain(piece: Piece, used: frozenset[str]) -> tuple[Domain, str]:
    wanted = piece.manifest.domain
    if piece.manifest.passes and "u_previous" in used:
        raise PieceError(
            "u_previous belongs to pieces of one pass. Give a pass a persistent target and read that by its name.",
            file=piece.shader,
        )
    if piece.manifest.passes and wanted == "pixel":
        raise PieceError(
            'domain = "pixel" cannot hold for a piece with passes of its own: they are pictures. '
            'Use domain = "canvas" or "auto".',
            file=piece.folder / "piece.toml",
        )
    if piece.manifest.passes:
        count = len(piece.manifest.passes)
        return "canvas", f"it draws {count} {'pass' if count == 1 else 'passes'} of its own"
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
    manifest = piece.manifest
    targets = (p.target for p in manifest.passes if p.target)
    for name in (*manifest.parameter, *manifest.uniform, *manifest.data, *manifest.clock, *targets):
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
            f'{_kind(piece, name)} "{name}" {reason}. Rename it in piece.toml and in the shader.',
            file=piece.folder / "piece.toml",
        )


def _kind(piece: Piece, name: str) -> str:
    manifest = piece.manifest
    for kind, names in (
        ("parameter", manifest.parameter),
        ("uniform", manifest.uniform),
        ("data", manifest.data),
        ("clock", manifest.clock),
    ):
        if name in names:
            return kind
    return "target"
