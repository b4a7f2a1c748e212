"""Which slots a fixture's pixels own: its segments, or the addresses its point list gives, as runs of slots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facade.config.fixture import FixtureProfile
from facade.config.report import shown
from facade.config.venue import Fixture, Segment
from facade.core.errors import did_you_mean
from facade.mapping.fixtures import PlacedPixels
from facade.mapping.points import PointList
from facade.mapping.problems import MOST_OF_A_KIND, VenueProblems
from facade.mapping.targets import Target, Targets

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Mounted:
    """One fixture with its profile and placed pixels. first: pixel id of its first pixel."""

    name: str
    fixture: Fixture
    profile: FixtureProfile
    placed: PlacedPixels
    first: int

    @property
    def key(self) -> str:
        return f"fixture.{self.name}"

    @property
    def n_pixels(self) -> int:
        return len(self.placed.xyz_m)

    @property
    def width(self) -> int:
        """Slots of one pixel."""
        return len(self.profile.channels)


@dataclass(frozen=True, slots=True)
class Run:
    """Pixels of one fixture on one controller. owner: the key that put them there, for complaints.

    pixel: (n,) within the fixture, in the order of the wire. universe, slot (from 0): (n, slots of a pixel).
    channel: (slots of a pixel,), the channel of the profile that each of them shows.
    """

    mounted: Mounted
    target: Target
    owner: str
    pixel: Ints
    universe: Ints
    slot: Ints
    channel: Ints


def runs_of(mounted: Mounted, targets: Targets, problems: VenueProblems) -> list[Run]:
    """Return the runs of one fixture; adds to problems what cannot be wired, and pixels left out or wired twice."""
    points = mounted.placed.points
    if points is not None and points.controllers is not None:
        runs = _addressed_runs(mounted, points, targets, problems)
        if mounted.fixture.segment:
            rule = f"{points.file.name} already gives every pixel its address"
            problems.add(f"{mounted.key}.segment", rule, fix="Remove the segments or the address columns.")
    else:
        runs = [
            run
            for n, segment in enumerate(mounted.fixture.segment)
            if (run := _segment_run(mounted, n, segment, targets, problems)) is not None
        ]
        if len(runs) == len(mounted.fixture.segment):
            _check_every_pixel_once(mounted, runs, problems)
    for run in runs:
        _check_universes(run, problems)
    return runs


def slots_from(
    start: Ints, *, universe: Ints, width: int, universe_size: int, split_pixels: bool
) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Return universe and slot, both (n, width), of pixels that start at given slots.

    start: (n,) slot from 0 within universe (n,); may lie past the universe when split_pixels, and is then carried on.
    The third array (n,) is true where a pixel does not fit before the end of its universe.
    """
    slot = start[:, None] + np.arange(width)
    if split_pixels:
        return universe[:, None] + slot // universe_size, slot % universe_size, np.zeros(len(start), dtype=np.bool_)
    return np.broadcast_to(universe[:, None], slot.shape), slot, start + width > universe_size


def segment_starts(n: int, *, channel: int, width: int, universe_size: int, split_pixels: bool) -> tuple[Ints, Ints]:
    """Return (universes to add to the first, slot from 0), both (n,), where each pixel of a segment starts.

    Universes are filled one after the other from channel (1-based) on. Without split_pixels the slots at the end of a
    universe that hold no whole pixel stay free.
    """
    place = np.arange(n)
    first_slot = channel - 1
    if split_pixels:
        start = first_slot + place * width
        return start // universe_size, start % universe_size
    in_first = (universe_size - first_slot) // width
    in_full = max(universe_size // width, 1)
    later = place - in_first
    is_first = later < 0
    added = np.where(is_first, 0, 1 + later // in_full)
    return added, np.where(is_first, first_slot + place * width, later % in_full * width)


def _segment_run(mounted: Mounted, n: int, segment: Segment, targets: Targets, problems: VenueProblems) -> Run | None:
    key = f"{mounted.key}.segment[{n}]"
    before = len(problems)
    target = _target(segment.controller, f"{key}.controller", targets, problems)
    count = mounted.n_pixels - segment.first if segment.count is None else segment.count
    if segment.first >= mounted.n_pixels or segment.first + count > mounted.n_pixels:
        last = segment.first + max(count, 1) - 1
        rule = f"asks for pixels {segment.first}..{last}; the fixture has 0..{mounted.n_pixels - 1}"
        problems.add(key, rule, fix="Correct from and count, or the size of the fixture.")
    channel = _channels(mounted, segment, key, problems)
    if target is not None:
        _check_start(mounted, segment, key, target, problems)
    if target is None or len(problems) > before:
        return None
    size, split = target.universe_size, target.split_pixels
    on_cable = segment.nulls + count * segment.group
    added, start = segment_starts(
        on_cable, channel=segment.channel, width=mounted.width, universe_size=size, split_pixels=split
    )
    universe, slot, _ = slots_from(
        start, universe=segment.universe + added, width=mounted.width, universe_size=size, split_pixels=split
    )
    pixel = np.arange(segment.first, segment.first + count)
    return Run(
        mounted,
        target,
        key,
        pixel[::-1] if segment.reverse else pixel,
        universe[segment.nulls :].reshape(count, -1),
        slot[segment.nulls :].reshape(count, -1),
        np.tile(channel, segment.group),
    )


def _channels(mounted: Mounted, segment: Segment, key: str, problems: VenueProblems) -> Ints:
    """Return the channel of the profile that each slot of one pixel on the cable shows: (width,)."""
    names = mounted.profile.channels
    own = [name for name in names if name in "RGBW"]
    wanted = segment.order
    if wanted is None:
        return np.arange(len(names))
    if sorted(wanted) != sorted(own) or len(set(own)) != len(own):
        once = "" if len(set(own)) == len(own) else " and names a colour more than once, so that nothing else can"
        rule = f"must name the colours of fixture profile {mounted.profile.id}, which has {''.join(own)}{once}"
        problems.add(f"{key}.order", rule, fix="Give each of them once, or make a profile.", value=shown(wanted))
        return np.arange(len(names))
    instead = dict(zip(own, wanted, strict=True))
    # Both bytes of a 16-bit colour move together; fixed slots stay.
    moved = [f"{instead[name[0]]}{name[1:]}" if name[0] in instead else name for name in names]
    return np.array([names.index(name) if name[0] in instead else n for n, name in enumerate(moved)])


def _check_start(mounted: Mounted, segment: Segment, key: str, target: Target, problems: VenueProblems) -> None:
    size, width = target.universe_size, mounted.width
    where = f"a universe of controller.{target.name}"
    if segment.channel > size:
        rule = f"{where} ends at {size}"
        problems.add(f"{key}.channel", rule, fix="Start in the next universe.", value=str(segment.channel))
    elif target.split_pixels:
        return
    elif width > size:
        rule = f"a pixel of {width} channels does not fit into {where}, which has {size}"
        problems.add(key, rule, fix="Set split_pixels or a larger universe_size on the controller.")
    elif segment.channel + width - 1 > size:
        last = segment.channel + width - 1
        rule = f"the first pixel needs channels {segment.channel}..{last}; {where} ends at {size}"
        problems.add(f"{key}.channel", rule, fix="Start in the next universe.", value=str(segment.channel))


def _addressed_runs(mounted: Mounted, points: PointList, targets: Targets, problems: VenueProblems) -> list[Run]:
    if points.controllers is None or points.universe is None or points.channel is None:
        return []
    names = np.array(points.controllers)
    runs = []
    for name in sorted(set(points.controllers)):
        pixel = np.flatnonzero(names == name)
        line = int(points.lines[pixel[0]])
        if name not in targets and not problems.left_out(f"controller.{name}"):
            fix = f"Name a controller of the venue.{did_you_mean(name, targets)}"
            rule = "there is no controller of this name in the venue"
            problems.add_in(points.file, line, "controller", rule, fix=fix, value=shown(name))
        target = targets.get(name)
        if target is None:
            continue
        start = points.channel[pixel].astype(np.int64) - 1
        universe, slot, past = slots_from(
            start,
            universe=points.universe[pixel].astype(np.int64),
            width=mounted.width,
            universe_size=target.universe_size,
            split_pixels=target.split_pixels,
        )
        past |= (start < 0) | (start >= target.universe_size)
        for n in np.flatnonzero(past)[:MOST_OF_A_KIND]:
            channel = int(start[n]) + 1
            rule = (
                f"pixel {points.ids[pixel[n]]} needs channels {channel}..{channel + mounted.width - 1}; "
                f"channels of controller.{name} are 1..{target.universe_size}"
            )
            fix = "Move it to the next universe."
            problems.add_in(points.file, int(points.lines[pixel[n]]), "channel", rule, fix=fix, value=str(channel))
        if not past.any():
            owner = f"{mounted.key} ({points.file.name})"
            runs.append(Run(mounted, target, owner, pixel, universe, slot, np.arange(mounted.width)))
    return runs


def _target(name: str, key: str, targets: Targets, problems: VenueProblems) -> Target | None:
    if name not in targets:
        problems.add_unknown(key, "controller", name, targets)
    return targets.get(name)


def _check_every_pixel_once(mounted: Mounted, runs: list[Run], problems: VenueProblems) -> None:
    wired = np.zeros(mounted.n_pixels, dtype=np.int64)
    for run in runs:
        np.add.at(wired, run.pixel, 1)
    if not runs:
        problems.add(mounted.key, "has no segment, so its pixels reach no controller", fix="Add a segment.")
        return
    for test, rule in ((wired == 0, "are in no segment"), (wired > 1, "are in more than one segment")):
        if test.any():
            text = f"pixels {ranges(np.flatnonzero(test))} {rule}; the fixture has 0..{mounted.n_pixels - 1}"
            problems.add(f"{mounted.key}.segment", text, fix="Correct from and count of the segments.")


def _check_universes(run: Run, problems: VenueProblems) -> None:
    target = run.target
    first, last = target.codec.universes
    low, high = int(run.universe.min()), int(run.universe.max())
    if low >= first and high <= last:
        return
    span = str(low) if low == high else f"{low}..{high}"
    protocol = target.codec.label
    rule = f"needs universe {span} of controller.{target.name}; {protocol} universes are {first}..{last} on the wire"
    fix = f"{protocol} counts from {first}: add one." if low < first else "Use lower universes."
    problems.add(run.owner, rule, fix=fix)


def ranges(numbers: Ints) -> str:
    """Write ascending whole numbers as ranges: ``0..4, 7, 9..12``, at most six of them."""
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    parts = [str(p[0]) if len(p) == 1 else f"{p[0]}..{p[-1]}" for p in np.split(numbers, breaks)[:6]]
    return ", ".join(parts) + (", …" if len(breaks) >= 6 else "")
