"""Small venues made by hand, so that light and delivery can be tested without reading documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from facade.config.controller import ControllerProfile
from facade.config.fixture import FixtureProfile
from facade.config.venue import Venue
from facade.mapping.model import ControllerPatch, Patch, PixelMap

RGB_LINEAR: dict[str, Any] = {"id": "rgb", "channels": ["R", "G", "B"], "curve": "linear", "dither": False}
RGB_GAMMA: dict[str, Any] = {"id": "rgb", "channels": ["R", "G", "B"], "curve": "gamma", "gamma": 2.2}


def pixel_map(
    profiles: Sequence[Mapping[str, Any]] = (RGB_LINEAR,),
    counts: Sequence[int] = (18,),
    *,
    order: Sequence[int] | None = None,
    power: Sequence[tuple[str, float]] = (),
    power_of: Sequence[int] | None = None,
    rate_hz: float = 40.0,
    flash: Mapping[str, Any] | None = None,
) -> PixelMap:
    """Return a row of pixels, counts[i] of profiles[i], one fixture a profile, 0.1 m apart.

    order: the profile of each pixel in turn, where they are not simply one block after the other.
    power: names and amperes of power groups; power_of: the group of each pixel, all in group 0 if absent.
    flash: the venue's table of that name.
    """
    chosen = np.repeat(np.arange(len(profiles)), counts) if order is None else np.asarray(order)
    n = len(chosen)
    models = tuple(FixtureProfile.model_validate({"id": f"profile{i}", **p}) for i, p in enumerate(profiles))
    widths = np.array([len(m.channels) for m in models])[chosen]
    x = np.arange(n, dtype=np.float32) * np.float32(0.1)
    groups = np.full(n, -1) if not power else np.zeros(n) if power_of is None else np.asarray(power_of)
    made = venue(rate_hz=rate_hz, flash=flash)
    return PixelMap(
        venue=made,
        position_m=_frozen(np.stack([x, np.zeros(n), np.zeros(n)], axis=1), np.float32),
        uv=_frozen(np.stack([x / max(n * 0.1, 0.1), np.full(n, 0.5)], axis=1), np.float32),
        size_m=_frozen(np.full((n, 2), 0.05), np.float32),
        pitch_m=_frozen(np.full((n, 2), 0.1), np.float32),
        fixture=_frozen(chosen, np.int32),
        profile=_frozen(chosen, np.int32),
        surface=_frozen(np.zeros(n), np.int32),
        power=_frozen(groups, np.int32),
        offset=_frozen(np.concatenate([[0], np.cumsum(widths)]), np.int32),
        fixtures=tuple(f"fixture{i}" for i in range(len(models))),
        profiles=models,
        surfaces=tuple(made.surface.items()),
        power_amps=tuple(power),
        bounds_m=(0.0, 0.0, max(n * 0.1, 0.1), 1.0),
        canvas_px=(64, 16),
    )


def wall_map(
    columns: int,
    rows: int,
    *,
    pitch_m: float,
    lit_m: float | None = None,
    flash: Mapping[str, Any] | None = None,
    profile: Mapping[str, Any] = RGB_LINEAR,
) -> PixelMap:
    """Return a wall of columns x rows pixels in the plane z = 0, its middle at 0, 0, row by row from below."""
    flat = pixel_map([profile], [columns * rows], flash=flash)
    x, y = np.meshgrid(np.arange(columns) - (columns - 1) / 2, np.arange(rows) - (rows - 1) / 2)
    place = np.stack([x.ravel() * pitch_m, y.ravel() * pitch_m, np.zeros(columns * rows)], axis=1)
    return replace(
        flat,
        position_m=_frozen(place, np.float32),
        size_m=_frozen(np.full((columns * rows, 2), lit_m or pitch_m), np.float32),
        pitch_m=_frozen(np.full((columns * rows, 2), pitch_m), np.float32),
    )


def patch_of(
    pixels: PixelMap,
    *,
    controllers: Mapping[str, Mapping[str, Any]] | None = None,
    first_universe: int = 1,
    slots: int = 510,
) -> Patch:
    """Return a patch that deals whole universes of slots bytes to controllers, one block of universes each.

    controllers: name -> fields of the venue's controller, plus "protocol", "sync", "max_rate_hz" and others of its
    profile.
    """
    given = controllers or {"main": {"host": "127.0.0.1", "protocol": "artnet"}}
    n_universes = -(-pixels.n_levels // slots)
    shares = np.array_split(np.arange(n_universes), len(given))
    return Patch(
        controllers=tuple(
            _controller(pixels, name, dict(fields), share, first_universe=first_universe, slots=slots)
            for (name, fields), share in zip(given.items(), shares, strict=True)
            if len(share)
        )
    )


def venue(
    *, rate_hz: float = 40.0, safe: Mapping[str, Any] | None = None, flash: Mapping[str, Any] | None = None
) -> Venue:
    """Return the smallest venue document that is valid."""
    return Venue.model_validate(
        {
            "venue": {"id": "test", "name": "Test", "rate_hz": rate_hz},
            "surface": {"wall": {"size_m": [1.0, 1.0]}},
            "controller": {"main": {"profile": "p", "host": "127.0.0.1"}},
            "fixture": {"row": {"profile": "rgb", "surface": "wall", "shape": "strip", "count": 1}},
            "safe": dict(safe or {}),
            "flash": dict(flash or {}),
        }
    )


def _controller(
    pixels: PixelMap, name: str, fields: dict[str, Any], share: np.ndarray, *, first_universe: int, slots: int
) -> ControllerPatch:
    profile = ControllerProfile.model_validate(
        {
            "id": f"{name}-profile",
            **{
                k: fields.pop(k)
                for k in ("protocol", "sync", "max_rate_hz", "max_mbit", "universe_size", "preview")
                if k in fields
            },
        }
    )
    made = Venue.model_validate(
        {
            **venue().model_dump(by_alias=True),
            "controller": {"main": {"profile": profile.id, **fields}},
        }
    ).controller["main"]
    length = min(512, slots + slots % 2)
    gather = np.full((len(share), length), pixels.n_levels, np.int32)
    used = []
    for row, universe in enumerate(share):
        start, stop = int(universe) * slots, min((int(universe) + 1) * slots, pixels.n_levels)
        gather[row, : stop - start] = np.arange(start, stop)
        used.append(stop - start)
    return ControllerPatch(
        name=name,
        controller=made,
        profile=profile,
        universes=tuple(first_universe + int(u) for u in share),
        length=length,
        gather=_frozen(gather, np.int32),
        used=tuple(used),
    )


def _frozen(values: Any, dtype: Any) -> Any:
    array = np.ascontiguousarray(values, dtype=dtype)
    array.setflags(write=False)
    return array
