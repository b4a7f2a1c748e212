"""From runs of slots to one gather table a controller, with the checks that look at all fixtures together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facade.config.report import shown
from facade.core.errors import OutputError
from facade.mapping.model import ControllerPatch, Patch
from facade.mapping.packets import lengths_of, windows_of
from facade.mapping.problems import MOST_OF_A_KIND, VenueProblems
from facade.mapping.targets import MULTICAST, Target, Targets
from facade.mapping.wiring import Ints, Run

_SLOTS = 65536
"""More than any universe has: what keeps the slots of two universes apart in one number."""


_WIRE_BYTES = 66 + 24
"""Of UDP, IP and Ethernet with its gap, and about what a protocol's own header takes."""


def build_patch(
    runs: list[Run], targets: Targets, *, offset: NDArray[np.int32], rate_hz: float, problems: VenueProblems
) -> Patch:
    """Return the gather tables of all controllers that have pixels, in venue order.

    offset: of the pixel map. Adds overlaps, too many universes, too many bits a second and shared receivers to
    problems.
    """
    patches = []
    for target in targets.values():
        own = [run for run in runs if run.target is target]
        if target is not None and own:
            _check_overlap(own, target, problems)
            patches.append((target, _controller_patch(own, target, offset)))
            _check_universe_count(patches[-1][1], target, problems)
            _check_packets(patches[-1][1], target, problems)
            _check_load(patches[-1][1], target, rate_hz, problems)
    _check_shared_receivers(patches, problems)
    return Patch(tuple(patch for _, patch in patches))


def _controller_patch(runs: list[Run], target: Target, offset: NDArray[np.int32]) -> ControllerPatch:
    universe = np.concatenate([run.universe.reshape(-1) for run in runs])
    slot = np.concatenate([run.slot.reshape(-1) for run in runs])
    level = np.concatenate([_levels(run, offset).reshape(-1) for run in runs])
    numbers, row = np.unique(universe, return_inverse=True)
    used = np.zeros(len(numbers), dtype=np.int64)
    np.maximum.at(used, row, slot + 1)
    # ArtDmx is even; where packets end with their last slot, an odd one more would be a byte of the next pixel.
    length = max(2, int(used.max() + 1) // 2 * 2) if target.codec.trim == "none" else int(used.max())
    # Slot 0 of the constants that follow the pixels is the byte 0.
    gather = np.full((len(numbers), length), offset[-1], dtype=np.int32)
    gather[row, slot] = level
    gather.flags.writeable = False
    return ControllerPatch(
        name=target.name,
        controller=target.controller,
        profile=target.profile,
        universes=tuple(int(n) for n in numbers),
        length=length,
        gather=gather,
        used=tuple(int(n) for n in used),
    )


def _levels(run: Run, offset: NDArray[np.int32]) -> Ints:
    levels: Ints = offset[run.mounted.first + run.pixel][:, None] + run.channel
    return levels


def _check_overlap(runs: list[Run], target: Target, problems: VenueProblems) -> None:
    """Complain about every stretch of channels that two runs, or one run twice, lay claim to."""
    place = np.concatenate([(run.universe * _SLOTS + run.slot).reshape(-1) for run in runs])
    owner = np.concatenate([np.full(run.slot.size, n) for n, run in enumerate(runs)])
    order = np.lexsort((owner, place))
    place, owner = place[order], owner[order]
    twice = np.flatnonzero(place[1:] == place[:-1])
    if not len(twice):
        return
    pair = np.column_stack([owner[twice], owner[twice + 1]])
    by_pair = np.lexsort((place[twice], pair[:, 1], pair[:, 0]))
    channel, pair = place[twice][by_pair], pair[by_pair]
    same_stretch = (np.diff(channel) == 1) & np.all(pair[1:] == pair[:-1], axis=1) & (channel[1:] % _SLOTS != 0)
    stretches = np.split(np.arange(len(twice)), np.flatnonzero(~same_stretch) + 1)
    for stretch in stretches[:MOST_OF_A_KIND]:
        first, last = int(channel[stretch[0]]), int(channel[stretch[-1]])
        a, b = (runs[n].owner for n in pair[stretch[0]])
        span = (
            f"channel {first % _SLOTS + 1}" if first == last else f"channels {first % _SLOTS + 1}..{last % _SLOTS + 1}"
        )
        both = f"{a} and {b} both write" if a != b else f"{a} writes twice to"
        rule = f"{both} {span} of universe {first // _SLOTS} on controller.{target.name}"
        problems.add(_key(b), rule, fix="Move one of them to free channels.")
    if len(stretches) > MOST_OF_A_KIND:
        rule = f"{len(stretches) - MOST_OF_A_KIND} more overlaps on controller.{target.name}"
        problems.add(target.key, rule, fix="Correct those above first.")


def _key(owner: str) -> str:
    return owner.partition(" ")[0]


def _check_universe_count(patch: ControllerPatch, target: Target, problems: VenueProblems) -> None:
    n, most = len(patch.universes), target.profile.max_universes
    if n > most:
        rule = f"{n} universes are sent to it; {target.profile.id} takes {most}"
        problems.add(target.key, rule, fix="Move some segments to another controller.")


def _check_packets(patch: ControllerPatch, target: Target, problems: VenueProblems) -> None:
    """Make every header once, so that what the protocol cannot say is said at load."""
    if target.profile.protocol in ("artnet", "sacn"):
        return  # universes and lengths are checked above
    try:
        for window in windows_of(patch, target.codec):
            target.codec.header(window)
    except OutputError as error:
        problems.add(target.key, str(error), fix="")


def _check_load(patch: ControllerPatch, target: Target, rate_hz: float, problems: VenueProblems) -> None:
    most, frames = target.profile.max_mbit, min(target.profile.max_rate_hz, rate_hz)
    mbit = sum(length + _WIRE_BYTES for length in lengths_of(patch, target.codec)) * frames * 8e-6
    if most and mbit > most:
        rule = f"needs {mbit:.0f} Mbit/s at {frames:g} frames a second; {target.profile.id} takes {most:g}"
        problems.add(target.key, rule, fix="Move some segments to another controller, or lower venue.rate_hz.")


def _check_shared_receivers(patches: list[tuple[Target, ControllerPatch]], problems: VenueProblems) -> None:
    """Two controllers at one address are a mistake, unless the venue says that they are one device; and even then they
    must not write the same universe: the later packet would win."""
    owner: dict[tuple[tuple[str, str, int, int], int], str] = {}
    at: dict[tuple[str, str, int, int], Target] = {}
    for target, patch in patches:
        shared: dict[str, list[int]] = {}
        first_here = at.setdefault(target.address, target)
        for universe in patch.universes:
            first = owner.setdefault((target.address, universe), patch.name)
            if first != patch.name:
                shared.setdefault(first, []).append(universe)
        for first, universes in shared.items():
            host = "the multicast group" if target.controller.host == MULTICAST else f"{target.controller.host}"
            numbers = ", ".join(str(n) for n in universes[:6]) + (", …" if len(universes) > 6 else "")
            rule = f"sends universe {numbers} to the same host and port as controller.{first} ({host})"
            problems.add(target.key, rule, fix="Correct the host, or put both under one controller.")
        if first_here is not target and not shared:
            _check_same_address(target, first_here, problems)


def _check_same_address(target: Target, first: Target, problems: VenueProblems) -> None:
    """Complain about a device that another controller is already, unless the venue says that it is meant."""
    is_port = target.codec.medium in ("serial", "dmx")
    is_meant = (target.controller.same_device or first.controller.same_device) and not is_port
    if target.is_somebody and not is_meant:
        fix = "Correct it. Where both are one device, put their segments under one controller"
        fix += "." if is_port else ", or say same_device = true."
        key, host = f"{target.key}.host", target.controller.host
        problems.add(key, f"is that of {first.key} too", fix=fix, value=shown(host))
