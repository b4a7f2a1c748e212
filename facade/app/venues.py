"""A venue as it is loaded on this machine: checked against its networks too, and what is to be said about it then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from facade.config.limits import Flash
from facade.config.venue import Venue
from facade.core import places
from facade.mapping.compile import open_venue
from facade.mapping.model import Patch, PixelMap
from facade.outputs.interfaces import broadcasts


def open_venue_here(name: str | Path, *, changed: Callable[[Venue], Venue] | None = None) -> tuple[PixelMap, Patch]:
    """Load and compile a venue by name or path; changed: see open_venue. Raises ConfigError with every problem."""
    return open_venue(name, places.hardware(), changed=changed, broadcasts=broadcasts())


def guard_words(flash: Flash) -> str:
    """Say how the flash guard judges on a venue, and why."""
    if flash.viewpoints_m and not flash.strict:
        n = len(flash.viewpoints_m)
        return f"small areas may flash, seen from {n} viewpoint{'' if n == 1 else 's'}"
    says = "no single pixel may flash too often"
    if not flash.viewpoints_m and not flash.strict:
        says += ", because no viewpoint is declared; flash.viewpoints_m says where people stand"
    return says
