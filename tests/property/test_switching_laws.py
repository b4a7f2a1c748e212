"""Whatever an operator presses, in whatever order: the light adds up, never jumps, and comes out the same again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facade.config.show import Show
from facade.core.frame import Tick
from facade.show.look import Look
from facade.show.timeline import MAKE_ROOM_S, MAX_CUES_ON_AIR, Timeline

RATE = 20.0
CUES = ("a", "b", "c", "d", "e", "f")
FADES = (0.5, 1.0, 2.0, 4.0, 8.0, 3.0)
QUICKEST_S = min(*FADES, MAKE_ROOM_S)


@dataclass(frozen=True)
class Press:
    """key: go, back, hold, unhold, a cue's name, or "" for nothing; then so many ticks go by."""

    key: str
    ticks: int


presses = st.lists(
    st.builds(Press, st.sampled_from(["go", "go", "back", "hold", "unhold", *CUES, ""]), st.integers(1, 25)),
    max_size=25,
)
seeds = st.integers(0, 2**31 - 1)


def a_show(seed: int, *, order: str, curve: str = "linear", cut: bool = False) -> Show:
    cues = {
        name: {
            "crossfade_s": 0.0 if cut and name == "c" else fade_s,
            "curve": curve,
            "hold_s": 3.0 * fade_s,
            "wait_s": 0.4 if name == "d" else 0.0,
            "transition": "sweep",
            "layer": [{"piece": "ember"}],
        }
        for name, fade_s in zip(CUES, FADES, strict=True)
    }
    playlist = {"cues": list(CUES), "order": order}
    return Show.model_validate({"title": "x", "seed": seed, "cue": cues, "playlist": {"p": playlist}})


def played(show: Show, sequence: list[Press]) -> list[Look]:
    timeline, looks, frame = Timeline(show), [], 0
    for press in [Press("", 1), *sequence]:
        if press.key in ("go", "back"):
            getattr(timeline, press.key)()
        elif press.key in ("hold", "unhold"):
            timeline.hold(press.key == "hold")
        elif press.key:
            timeline.start(press.key)
        for _ in range(press.ticks):
            looks.append(timeline.at(Tick(frame, frame / RATE, 1 / RATE)))
            frame += 1
    return looks


def light(look: Look) -> np.ndarray:
    """What a crossfade shows: each cue is one pure colour of its own, whichever run of it is on."""
    mixed = np.zeros(len(CUES))
    for cue in look.cues:
        mixed[CUES.index(cue.name)] += cue.weight
    return mixed


def folded(look: Look) -> np.ndarray:
    """The same light worked out cue over cue, as the stage does where there are transitions."""
    mixed = np.zeros(len(CUES))
    for n, cue in enumerate(look.cues):
        own = np.eye(len(CUES))[CUES.index(cue.name)]
        mixed = own if n == 0 else (1.0 - cue.rise) * mixed + cue.rise * own
    return mixed


@given(presses, seeds, st.sampled_from(["listed", "random"]), st.sampled_from(["linear", "s"]))
def test_weights_add_up_and_agree_with_cue_over_cue(sequence: list[Press], seed: int, order: str, curve: str) -> None:
    for look in played(a_show(seed, order=order, curve=curve, cut=True), sequence):
        assert sum(cue.weight for cue in look.cues) == pytest.approx(1.0)
        assert all(0.0 <= cue.weight <= 1.0 and 0.0 <= cue.rise <= 1.0 for cue in look.cues)
        assert 1 <= len(look.cues) <= MAX_CUES_ON_AIR
        np.testing.assert_allclose(folded(look), light(look), atol=1e-9)


@given(presses, seeds, st.sampled_from(["listed", "random"]), st.sampled_from(["linear", "s"]))
def test_light_never_changes_faster_than_its_fades(sequence: list[Press], seed: int, order: str, curve: str) -> None:
    steepest = 1.5 if curve == "s" else 1.0
    # Two fades may run in one tick: the newest cue's, and that of the oldest where one had to make room.
    most = (steepest / min(FADES) + 1.0 / MAKE_ROOM_S) / RATE
    looks = played(a_show(seed, order=order, curve=curve), sequence)
    for before, after in pairwise(looks):
        assert np.abs(light(after) - light(before)).max() <= most + 1e-9


@given(presses, seeds)
def test_what_is_below_a_running_cue_stands_still(sequence: list[Press], seed: int) -> None:
    looks = played(a_show(seed, order="listed"), sequence)
    for before, after in pairwise(looks):
        if [c.started_at_s for c in before.cues] == [c.started_at_s for c in after.cues] and len(after.cues) < 4:
            assert [c.rise for c in before.cues[:-1]] == [c.rise for c in after.cues[:-1]]


@settings(max_examples=30)
@given(presses, seeds, st.sampled_from(["listed", "random"]))
def test_the_same_seed_and_presses_give_the_same_evening(sequence: list[Press], seed: int, order: str) -> None:
    show = a_show(seed, order=order)
    assert played(show, sequence) == played(show, sequence)


@given(presses, seeds)
def test_the_oldest_cue_has_no_transition_and_every_other_its_own(sequence: list[Press], seed: int) -> None:
    for look in played(a_show(seed, order="listed"), sequence):
        assert look.cues[0].transition is None
        assert look.cues[0].rise == 1.0
        keys = [cue.transition.key for cue in look.cues[1:] if cue.transition is not None]
        assert len(set(keys)) == len(look.cues) - 1


@given(presses, seeds)
def test_while_it_is_held_nothing_moves_on(sequence: list[Press], seed: int) -> None:
    timeline = Timeline(a_show(seed, order="listed"))
    timeline.at(Tick(0, 0.0, 1 / RATE))
    timeline.hold(True)
    timeline.at(Tick(1, 1 / RATE, 1 / RATE))
    assert timeline.at(Tick(10**6, 10**6 / RATE, 1 / RATE)).cues[-1].name == "a"


def test_a_fifth_cue_waits_half_a_second_for_the_oldest_to_go() -> None:
    looks = played(a_show(1, order="listed"), [Press(name, 2) for name in "bcef"] + [Press("", 20)])
    names = ["".join(cue.name for cue in look.cues) for look in looks]
    assert names.index("bcef") - names.index("abce") == 2 + round(MAKE_ROOM_S * RATE)
    assert not any("f" in name for name in names[: names.index("bcef")])


def test_a_cut_waits_for_nobody() -> None:
    looks = played(a_show(1, order="listed", cut=True), [Press(name, 2) for name in "abefc"])
    assert [cue.name for cue in looks[-1].cues] == ["c"]
