"""What a piece does, told by the pictures it asks for, as in ISF: make a picture, change one, lead from one to another.

Filters and transitions are fed by the mixer, so what it feeds them is no parameter that people could move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from facade.config.piece import PieceManifest
from facade.config.show import Role

FED: Mapping[Role, tuple[str, ...]] = {
    "generator": (),
    "filter": ("inputImage",),
    "transition": ("startImage", "endImage", "progress"),
}
"""Parameters that the mixer sets, by role."""


def role_of(manifest: PieceManifest) -> Role:
    """Return the role of an ISF piece by the parameters it has."""
    kinds = {name: each.type for name, each in manifest.parameter.items()}
    if kinds.get("inputImage") == "image":
        return "filter"
    if kinds.get("startImage") == kinds.get("endImage") == "image" and kinds.get("progress") == "float":
        return "transition"
    return "generator"


def without_fed(manifest: PieceManifest, role: Role) -> PieceManifest:
    """Return a manifest with the parameters that the mixer leaves to people."""
    kept = {name: each for name, each in manifest.parameter.items() if name not in FED[role]}
    return manifest.model_copy(update={"parameter": kept})


def is_fed(role: Role, given: Iterable[str]) -> bool:
    """Whether somebody has said what the pictures of a filter or transition are, so that it can stand by itself."""
    return {name for name in FED[role] if name != "progress"} <= set(given)
