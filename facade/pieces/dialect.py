"""What the dialects from elsewhere share: where a piece lies, how its text is read, and when it may run per LED."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from facade.config.piece import Parameter, PieceManifest
from facade.core.errors import PieceError
from facade.pieces import glsl
from facade.pieces.program import Dialect, Domain
from facade.pieces.repairs import rename

MAX_BYTES = 4_000_000
"""Of one shader file."""

NEEDS_NEIGHBOURS = ("dFdx", "dFdy", "fwidth", "textureGrad", "textureProjGrad")


@dataclass(frozen=True, slots=True)
class Artwork:
    """A piece as files. shader: the file that draws the picture. given: its piece.toml, if it has one."""

    slug: str
    folder: Path
    shader: Path
    dialect: Dialect
    given: PieceManifest | None = None


def read_shader(file: Path) -> str:
    """Return a shader's text, see ``glsl.decoded``.

    Raises PieceError for a file that cannot be read or is too large.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise PieceError(f"{file.name} is larger than {MAX_BYTES:,} bytes. Shorten it.", file=file)
        data = file.read_bytes()
    except OSError as error:
        raise PieceError(f"{file.name} cannot be read ({error.strerror}).", file=file) from error
    try:
        return glsl.decoded(data)
    except ValueError as error:
        raise PieceError(f"{file.name} is no text: {error}. Give a shader's source.", file=file) from None


def vertex_file(shader: Path) -> Path | None:
    """Return the vertex shader beside a shader, None if there is none."""
    return next((f for f in (shader.with_suffix(".vs"), shader.with_suffix(".vert")) if f.is_file()), None)


def manifest_of(
    art: Artwork, parameters: Mapping[str, Parameter], *, author: str = "", terms: str = "", description: str = ""
) -> PieceManifest:
    """Return the manifest of a piece whose shader declares its parameters; a piece.toml beside it names the rest."""
    if art.given is not None:
        if art.given.parameter and set(art.given.parameter) - set(parameters):
            unknown = sorted(set(art.given.parameter) - set(parameters))
            raise PieceError(
                f'parameter "{unknown[0]}" is not declared by {art.shader.name}. Remove it from piece.toml.',
                file=art.folder / "piece.toml",
            )
        merged = {n: art.given.parameter.get(n, p) for n, p in parameters.items()}
        return art.given.model_copy(update={"parameter": merged, "color_space": "srgb"})
    title = art.shader.stem if art.shader.parent != art.folder or art.dialect != "shadertoy" else art.folder.name
    return PieceManifest(
        title=(title.strip() or art.slug)[:80],
        author=author[:200],
        license=terms[:80],
        description=" ".join(description.split())[:500],
        color_space="srgb",
        shader=art.shader.name,
        parameter=dict(parameters),
    )


def translated(text: str) -> str:
    """Give the artist's main and coordinate the names that facade's own main and coordinate leave them."""
    return rename(re.sub(r"\bgl_FragCoord\b", "facade_coord()", text), "main", "facade_artist_main")


def called(output: str, components: int) -> str:
    """Return the statements that call the artist's main. output: the variable it draws to, "" for gl_FragColor."""
    entry = "facade_artist_main();"
    if output:
        entry += f" facade_color = {output if components == 4 else f'vec4({output}, 1.0)'};"
    return entry


def common_reason(manifest: PieceManifest, body: str) -> tuple[Domain, str]:
    """Return the domain of a single-pass shader without pictures, and why."""
    reasons = sorted(glsl.words(body) & set(NEEDS_NEIGHBOURS))
    if manifest.domain == "canvas":
        return "canvas", "piece.toml asks for it"
    if reasons:
        return "canvas", f"it uses {', '.join(reasons)}, which asks its neighbours"
    return "pixel", "it draws every place by itself"
