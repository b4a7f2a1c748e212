"""A venue and its hardware, compiled into pixels in metres and gather tables. Either all of it is right or none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from facade.config.fixture import FixtureProfile
from facade.config.loader import Hardware, load_hardware, read_document, venue_file
from facade.config.report import shown
from facade.config.venue import Surface, Venue
from facade.core.errors import ConfigError, did_you_mean
from facade.mapping.fixtures import place_pixels
from facade.mapping.model import Patch, PixelMap
from facade.mapping.patch import build_patch
from facade.mapping.problems import VenueProblems
from facade.mapping.targets import targets_of
from facade.mapping.wiring import Mounted, Run, runs_of

CANVAS_LEAST_PX = 64
CANVAS_MOST_PX = 1024
_TEXELS_PER_PITCH = 2
_FINE_PIXELS = 10_000
"""From here on one texel a pitch: a dense wall resolves no more, and feedback costs by the texel."""
_SURFACE_MARGIN_M = 0.01

NO_NETWORKS: Mapping[str, str] = MappingProxyType({})

_Array = TypeVar("_Array", bound=NDArray[np.generic])


def open_venue(
    name_or_path: str | Path,
    hardware_dir: Path,
    *,
    changed: Callable[[Venue], Venue] | None = None,
    broadcasts: Mapping[str, str] = NO_NETWORKS,
) -> tuple[PixelMap, Patch]:
    """Load a venue and its hardware and compile them. changed: what to do to a sound venue in between.

    broadcasts: broadcast address -> interface, of this machine's networks.

    Raises ConfigError with every problem of all of them: what can be read of a venue is checked although a table of it
    cannot.
    """
    read = read_document(Venue, venue_file(name_or_path, hardware_dir))
    try:
        hardware = load_hardware(hardware_dir)
    except ConfigError as error:
        raise ConfigError((*read.problems, *error.problems)) from None
    if read.document is None:
        raise ConfigError(read.problems)
    if read.problems:
        return _compile(read.document, hardware, VenueProblems(read.document, read), broadcasts)
    return compile_venue(changed(read.document) if changed else read.document, hardware, broadcasts=broadcasts)


def compile_venue(
    venue: Venue, hardware: Hardware, *, broadcasts: Mapping[str, str] = NO_NETWORKS
) -> tuple[PixelMap, Patch]:
    """Return where every pixel is and where its bytes go.

    Raises ConfigError with every problem of the venue, its point lists and masks, and its patch.
    """
    return _compile(venue, hardware, VenueProblems(venue), broadcasts)


def _compile(
    venue: Venue, hardware: Hardware, problems: VenueProblems, broadcasts: Mapping[str, str]
) -> tuple[PixelMap, Patch]:
    targets = targets_of(venue, hardware, problems, broadcasts=broadcasts)
    mounted = _mount(venue, hardware, problems)
    power = _power_of(venue, problems)
    _check_caps(venue, mounted, problems)
    runs = [run for fixture in mounted for run in runs_of(fixture, targets, problems)]
    widths = np.concatenate([np.full(m.n_pixels, m.width) for m in mounted] or [np.zeros(0, dtype=np.int64)])
    offset = np.concatenate([[0], np.cumsum(widths)]).astype(np.int32)
    lamps = _lamps(runs, len(widths))
    _check_supplies(venue, mounted, power, lamps, problems)
    patch = build_patch(runs, targets, offset=offset, rate_hz=venue.venue.rate_hz, problems=problems)
    problems.raise_any()
    return _pixel_map(venue, mounted, power=power, offset=offset, lamps=lamps), patch


def _lamps(runs: list[Run], n_pixels: int) -> NDArray[np.int64]:
    """Return how many lamps on the cable show each pixel: (P,)."""
    lamps = np.ones(n_pixels, dtype=np.int64)
    for run in runs:
        lamps[run.mounted.first + run.pixel] = run.slot.shape[1] // run.mounted.width
    return lamps


def _mount(venue: Venue, hardware: Hardware, problems: VenueProblems) -> list[Mounted]:
    folder = venue.path.parent if venue.path else None
    mounted: list[Mounted] = []
    for name, fixture in venue.fixture.items():
        key = f"fixture.{name}"
        profile = hardware.fixtures.get(fixture.profile)
        if profile is None:
            fix = f"Name a file of hardware/fixtures.{did_you_mean(fixture.profile, hardware.fixtures)}"
            rule = "there is no fixture profile of this name"
            problems.add(f"{key}.profile", rule, fix=fix, value=shown(fixture.profile))
        if fixture.surface not in venue.surface:
            problems.add_unknown(f"{key}.surface", "surface", fixture.surface, venue.surface)
        placed = place_pixels(fixture, key, folder, problems)
        if profile is None or placed is None:
            continue
        first = mounted[-1].first + mounted[-1].n_pixels if mounted else 0
        mounted.append(Mounted(name, fixture, profile, placed, first))
        if surface := venue.surface.get(fixture.surface):
            _check_on_surface(mounted[-1], surface, problems)
    return mounted


def _check_on_surface(mounted: Mounted, surface: Surface, problems: VenueProblems) -> None:
    place, size = mounted.placed.xyz_m[:, :2], np.array(surface.size_m)
    outside = np.any((place < -_SURFACE_MARGIN_M) | (place > size + _SURFACE_MARGIN_M), axis=1)
    if not outside.any():
        return
    n = int(np.flatnonzero(outside)[0])
    rule = (
        f"{int(outside.sum())} of {mounted.n_pixels} pixels lie outside surface.{mounted.fixture.surface}, "
        f"{size[0]:g} x {size[1]:g} m; the first is pixel {n} at {place[n, 0]:.3f}, {place[n, 1]:.3f}"
    )
    problems.add(mounted.key, rule, fix="Correct the positions, or size_m of the surface.")


def _power_of(venue: Venue, problems: VenueProblems) -> dict[str, int]:
    """Return the index of the power group of each fixture that has one."""
    power: dict[str, int] = {}
    names = list(venue.power)
    for n, (group, supply) in enumerate(venue.power.items()):
        for k, fixture in enumerate(supply.fixtures):
            key = f"power.{group}.fixtures[{k}]"
            if fixture not in venue.fixture:
                problems.add_unknown(key, "fixture", fixture, venue.fixture)
            elif fixture in power:
                rule = f"this fixture is already in power.{names[power[fixture]]}"
                problems.add(key, rule, fix="A fixture has one supply: remove it here or there.", value=shown(fixture))
            else:
                power[fixture] = n
    return power


def _check_supplies(
    venue: Venue, mounted: list[Mounted], power: dict[str, int], lamps: NDArray[np.int64], problems: VenueProblems
) -> None:
    """A supply must at least feed its lamps while they are black."""
    idle = {m.name: m.profile.idle_amps * int(lamps[m.first : m.first + m.n_pixels].sum()) for m in mounted}
    fix = "Write the supply's true rating, or feed fewer fixtures from it."
    for n, (name, group) in enumerate(venue.power.items()):
        drawn = sum(idle[fixture] for fixture in idle if power.get(fixture) == n)
        if drawn >= group.amps:
            rule = f"its pixels draw {drawn:g} A when black: nothing is left for light"
            problems.add(f"power.{name}.amps", rule, fix=fix, value=f"{group.amps:g}")
    total = venue.venue.total_amps
    if total is not None and sum(idle.values()) >= total:
        rule = f"all pixels draw {sum(idle.values()):g} A when black: nothing is left for light"
        problems.add("venue.total_amps", rule, fix="Write what they may really draw.", value=f"{total:g}")


def _check_caps(venue: Venue, mounted: list[Mounted], problems: VenueProblems) -> None:
    """Caps need to know where the sun is and how bright the lamps are."""
    if venue.curfew and venue.site is None and not problems.left_out("site"):
        problems.add(
            "curfew", "a curfew needs the venue's place and time zone", fix="Add [site] with zone, latitude, longitude."
        )
    sensor = "" if venue.light_sensor is None else venue.light_sensor.source
    name, _, address = sensor.partition("/")
    if sensor and not address:
        fix = 'Write the input, a slash and the address in it, such as "roof/lux".'
        problems.add("light_sensor.from", "names no address", fix=fix, value=shown(sensor))
    elif sensor and name not in venue.input and not problems.left_out(f"input.{name}"):
        fix = f"Declare [input.{name}] in the venue: its light sensor does not depend on the show."
        problems.add("light_sensor.from", f'the venue has no input "{name}"', fix=fix, value=shown(sensor))
    caps = [f"curfew.{name}.max_cd_m2" for name, c in venue.curfew.items() if c.max_cd_m2 is not None]
    caps = ["permit.max_cd_m2"] * bool(venue.permit) + ["light_sensor"] * bool(venue.light_sensor) + caps
    unknown = sorted({m.profile.id for m in mounted if m.profile.candela is None})
    for key in caps if unknown else ():
        rule = f"luminance cannot be limited while the candela of {', '.join(unknown)} are unknown"
        fix = "Measure one pixel at full drive of each channel; write candela = [r, g, b, w] in its fixture profile."
        problems.add(key, rule, fix=fix)


def _pixel_map(
    venue: Venue,
    mounted: list[Mounted],
    *,
    power: dict[str, int],
    offset: NDArray[np.int32],
    lamps: NDArray[np.int64],
) -> PixelMap:
    profiles, profile = _profiles(mounted, lamps)
    surface_at = {name: n for n, name in enumerate(venue.surface)}
    counts = [m.n_pixels for m in mounted]
    position = np.concatenate([_on_venue(m, venue.surface[m.fixture.surface]) for m in mounted])
    size = np.concatenate([m.placed.size_m for m in mounted])
    pitch = np.repeat(np.array([m.placed.pitch_m for m in mounted], dtype=np.float32), counts, axis=0)
    facing = np.repeat([_facing(venue.surface[m.fixture.surface]) for m in mounted], counts)
    bounds = _bounds(position, size, facing)
    low, high = np.array(bounds[:2]), np.array(bounds[2:])
    return PixelMap(
        venue=venue,
        position_m=_read_only(position.astype(np.float32)),
        uv=_read_only(((position[:, :2] - low) / (high - low)).astype(np.float32)),
        size_m=_read_only(size.astype(np.float32)),
        pitch_m=_read_only(pitch),
        fixture=_per_pixel(range(len(mounted)), counts),
        profile=_read_only(profile),
        surface=_per_pixel([surface_at[m.fixture.surface] for m in mounted], counts),
        power=_per_pixel([power.get(m.name, -1) for m in mounted], counts),
        offset=_read_only(offset),
        fixtures=tuple(m.name for m in mounted),
        profiles=profiles,
        surfaces=tuple(venue.surface.items()),
        power_amps=tuple((name, group.amps) for name, group in venue.power.items()),
        bounds_m=bounds,
        canvas_px=_canvas_px(bounds, min(min(m.placed.pitch_m) for m in mounted), n_pixels=int(offset.size - 1)),
    )


def _profiles(mounted: list[Mounted], lamps: NDArray[np.int64]) -> tuple[tuple[FixtureProfile, ...], NDArray[np.int32]]:
    """Return the profiles in use and the index of each pixel's: (P,). Several lamps draw and shine as many times."""
    found: dict[tuple[str, int], tuple[int, FixtureProfile]] = {}
    index = np.zeros(len(lamps), dtype=np.int32)
    for m in mounted:
        own = slice(m.first, m.first + m.n_pixels)
        for count in map(int, np.unique(lamps[own])):
            place, _ = found.setdefault((m.profile.id, count), (len(found), _times(m.profile, count)))
            index[own][lamps[own] == count] = place
    return tuple(profile for _, profile in found.values()), index


def _times(profile: FixtureProfile, count: int) -> FixtureProfile:
    if count == 1:
        return profile
    lit = profile.candela
    more = {
        "amps": tuple(count * amps for amps in profile.amps),
        "idle_amps": count * profile.idle_amps,
        "candela": None if lit is None else tuple(count * candela for candela in lit),
    }
    return profile.model_copy(update=more)


def _on_venue(mounted: Mounted, surface: Surface) -> NDArray[np.float64]:
    """Turn positions on a surface into venue axes. Positive yaw turns the surface to face the viewer's right."""
    turn = math.radians(surface.yaw_deg)
    across = np.array([math.cos(turn), 0.0, -math.sin(turn)])
    out = np.array([math.sin(turn), 0.0, math.cos(turn)])
    up = np.array([0.0, 1.0, 0.0])
    placed: NDArray[np.float64] = np.array(surface.origin_m) + mounted.placed.xyz_m @ np.stack([across, up, out])
    return placed


def _facing(surface: Surface) -> float:
    """How wide a metre of the surface looks from the street, 0..1."""
    return abs(math.cos(math.radians(surface.yaw_deg)))


def _bounds(
    position: NDArray[np.float64], size: NDArray[np.float64], facing: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    half = np.column_stack([size[:, 0] * facing, size[:, 1]]) / 2
    x0, y0 = (position[:, :2] - half).min(axis=0)
    x1, y1 = (position[:, :2] + half).max(axis=0)
    # A wall seen exactly from its edge has no width; a millimetre keeps uv finite.
    return float(x0), float(y0), float(max(x1, x0 + 0.001)), float(max(y1, y0 + 0.001))


def _canvas_px(bounds: tuple[float, float, float, float], pitch_m: float, *, n_pixels: int) -> tuple[int, int]:
    """Two square texels per smallest pitch, one on dense walls; 64 to 1024 on the longer side."""
    size = np.array([bounds[2] - bounds[0], bounds[3] - bounds[1]])
    texels = size.max() / pitch_m * (_TEXELS_PER_PITCH if n_pixels < _FINE_PIXELS else 1)
    longest = min(max(texels, CANVAS_LEAST_PX), CANVAS_MOST_PX)
    width, height = np.maximum(np.rint(size / size.max() * longest), 1)
    return int(width), int(height)


def _per_pixel(values: range | list[int], counts: list[int]) -> NDArray[np.int32]:
    return _read_only(np.repeat(np.array(values, dtype=np.int32), counts))


def _read_only(array: _Array) -> _Array:
    array.flags.writeable = False
    return array
