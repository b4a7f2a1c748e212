"""Venue documents built in memory or on disk, compiled with a small shelf of hardware of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from facade.config.controller import ControllerProfile
from facade.config.fixture import FixtureProfile
from facade.config.loader import Hardware, load_venue
from facade.config.venue import Venue
from facade.core.errors import ConfigError, Problem
from facade.mapping.compile import compile_venue
from facade.mapping.model import Patch, PixelMap


def shelf() -> Hardware:
    """Profiles rgb, rgbw and rgb16 (3, 4 and 6 slots); controllers node and box (Art-Net), gateway (sACN)."""
    fixtures = {
        "rgb": ("R", "G", "B"),
        "rgbw": ("R", "G", "B", "W"),
        "rgb16": ("R", "R_fine", "G", "G_fine", "B", "B_fine"),
        "w": ("W",),
    }
    return Hardware(
        fixtures={name: FixtureProfile(id=name, channels=channels) for name, channels in fixtures.items()},
        controllers={
            "node": ControllerProfile(id="node", protocol="artnet", max_universes=4),
            "box": ControllerProfile(id="box", protocol="artnet", universe_size=510, max_rate_hz=60.0),
            "gateway": ControllerProfile(id="gateway", protocol="sacn"),
        },
    )


def venue_document(**tables: Any) -> dict[str, Any]:
    """A row of eight RGB pixels on one Art-Net node; tables given replace those of the same name."""
    return {
        "venue": {"id": "test", "name": "Test"},
        "surface": {"wall": {"size_m": (100.0, 100.0)}},
        "controller": {"node": {"profile": "node", "host": "10.0.0.1"}},
        "fixture": {"row": row()},
        **tables,
    }


def row(n: int = 8, **changes: Any) -> dict[str, Any]:
    """A row of RGB pixels 0.1 m apart, wired from universe 0, channel 1 on."""
    table = {
        "profile": "rgb",
        "surface": "wall",
        "shape": "grid",
        "columns": n,
        "rows": 1,
        "pitch_m": (0.1, 0.1),
        "segment": ({"controller": "node", "universe": 0},),
    }
    return {key: value for key, value in {**table, **changes}.items() if value is not None}


def compiled(*, broadcasts: Mapping[str, str] | None = None, **tables: Any) -> tuple[PixelMap, Patch]:
    """Compile venue_document(**tables) on a machine with such networks."""
    return compile_venue(Venue.model_validate(venue_document(**tables)), shelf(), broadcasts=broadcasts or {})


def problems_with(**tables: Any) -> list[Problem]:
    """The problems that compiling venue_document(**tables) finds, at least one."""
    with pytest.raises(ConfigError) as caught:
        compiled(**tables)
    return list(caught.value.problems)


def compile_folder(folder: Path) -> tuple[PixelMap, Patch]:
    """Load and compile the venue.toml of a folder."""
    return compile_venue(load_venue(folder, folder), shelf())
