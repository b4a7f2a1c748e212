"""Transitions lead from one cue to the next: as the artist wrote them in between, and without a jump at either end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.config.show import Show
from facade.control.snapshot import ControlSnapshot
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.show.timeline import Timeline
from facade.stage.stage import Stage
from tests.support.gl import count_objects, pixel_grid, write_piece

SIZE = (12, 6)
RATE = 40.0
HALF = 2 * 2.4 * 2.0**-10
"""Of two pictures of half float in screen colours, see test_filters.py."""

WIPE = """void main() {
    float there = step(isf_FragNormCoord.x, progress * width);
    gl_FragColor = mix(IMG_THIS_PIXEL(startImage), IMG_THIS_PIXEL(endImage), there);
}"""

SOFT = "clamp(2.0 * progress - isf_FragNormCoord.x, 0.0, 1.0)"


def transition(folder: Path, slug: str, body: str, *, passes: object = None) -> None:
    inputs = [{"NAME": n, "TYPE": "image"} for n in ("startImage", "endImage")]
    inputs += [{"NAME": "progress", "TYPE": "float"}]
    inputs += [{"NAME": "width", "TYPE": "float", "MIN": 0.5, "MAX": 2.0, "DEFAULT": 1.0}]  # type: ignore[dict-item]
    header: dict[str, object] = {"INPUTS": inputs} | ({} if passes is None else {"PASSES": passes})
    (folder / f"{slug}.fs").write_text(f"/*{json.dumps(header)}*/\n{body}", encoding="utf-8")


@pytest.fixture(scope="module", name="folder")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pieces")
    for name, rgb in {"red": "1.0, 0.0, 0.0", "green": "0.0, 1.0, 0.0", "blue": "0.0, 0.0, 0.5"}.items():
        write_piece(folder, name, f"vec4 piece(vec2 uv) {{ return vec4({rgb}, 1.0); }}\n")
    write_piece(folder, "ramp", "vec4 piece(vec2 uv) { return vec4(uv.x, uv.y, 0.0, 1.0); }\n")
    transition(folder, "wipe", WIPE)
    transition(folder, "soft", WIPE.replace("step(isf_FragNormCoord.x, progress * width)", SOFT))
    transition(folder, "rude", "void main() { gl_FragColor = vec4(1.0); }")
    transition(folder, "broken", "void main() { gl_FragColor = nothing; }")
    transition(folder, "sick", "void main() { float z = step(2.0, isf_FragNormCoord.x); gl_FragColor = vec4(z / z); }")
    transition(
        folder,
        "lasting",
        """void main() {
            if (PASSINDEX == 0) gl_FragColor = IMG_THIS_PIXEL(kept) + vec4(1.0);
            else gl_FragColor = vec4(vec3(IMG_THIS_PIXEL(kept).r / 255.0), 1.0);
        }""",
        passes=[{"TARGET": "kept", "PERSISTENT": True, "FLOAT": True}, {}],
    )
    (folder / "dim.fs").write_text(
        '/*{"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}]}*/\n'
        "void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage) * vec4(vec3(0.5), 1.0); }"
    )
    return folder


@pytest.fixture(scope="module", name="stage")
def made(gpu: GpuContext, folder: Path) -> Iterator[Stage]:
    stage = Stage(gpu, pixel_grid(*SIZE, canvas_px=(48, 24)), PieceLibrary([folder]), budget_ms=None)
    yield stage
    stage.release()


def show(*cues: dict[str, object] | str, transition: object = "wipe", crossfade_s: float = 1.0) -> Show:
    """A show of cues of one layer each: its piece, or the keys of the cue."""
    made = {}
    for n, each in enumerate(cues):
        keys = {"layer": [{"piece": each}]} if isinstance(each, str) else each
        made[f"c{n}"] = {"crossfade_s": crossfade_s, "transition": transition} | keys
    return Show.model_validate({"title": "x", "cue": made})


class Playing:
    """A show on a stage, frame by frame."""

    def __init__(self, stage: Stage, of: Show) -> None:
        self.timeline = Timeline(of)
        self._stage = stage
        self._frame = -1
        self.step()

    def step(self) -> NDArray[np.float32]:
        """(rows, columns, 3), bottom row first."""
        self._frame += 1
        tick = Tick(self._frame, self._frame / RATE, 1.0 / RATE)
        rgb = self._stage.frame(tick, self.timeline.at(tick), ControlSnapshot(self._frame, {}))
        return rgb.reshape(SIZE[1], SIZE[0], 3).copy()

    def run(self, seconds: float) -> NDArray[np.float32]:
        """(frames, rows, columns, 3)"""
        return np.stack([self.step() for _ in range(round(seconds * RATE))])


def largest_step(frames: NDArray[np.float32]) -> float:
    return float(np.abs(np.diff(frames, axis=0)).max())


def test_half_way_a_transition_shows_what_its_artist_wrote(stage: Stage) -> None:
    playing = Playing(stage, show("red", "green"))
    playing.timeline.go()
    light = playing.run(0.525)[-1]
    np.testing.assert_allclose(light[:, :6], np.broadcast_to((0.0, 1.0, 0.0), (6, 6, 3)), atol=HALF)
    np.testing.assert_allclose(light[:, 6:], np.broadcast_to((1.0, 0.0, 0.0), (6, 6, 3)), atol=HALF)


def test_a_transitions_own_values_count(stage: Stage) -> None:
    playing = Playing(stage, show("red", "green", transition={"piece": "wipe", "values": {"width": 1.5}}))
    playing.timeline.go()
    light = playing.run(0.525)[-1]
    np.testing.assert_allclose(light[0, :, 1], [1.0] * 9 + [0.0] * 3, atol=HALF)


def test_it_begins_as_the_cue_before_and_ends_as_the_cue_after_to_the_bit(stage: Stage) -> None:
    alone = Playing(stage, show("ramp", "green")).step()
    playing = Playing(stage, show("ramp", "green"))
    playing.timeline.go()
    frames = playing.run(1.1)
    np.testing.assert_array_equal(frames[0], alone)
    np.testing.assert_array_equal(frames[-1], np.broadcast_to((0.0, 1.0, 0.0), frames[-1].shape))


def test_even_a_transition_that_does_neither_makes_no_jump(stage: Stage) -> None:
    playing = Playing(stage, show("red", "blue", transition="rude", crossfade_s=2.0))
    playing.timeline.go()
    # White comes and goes over a tenth of two seconds, eight frames.
    assert largest_step(playing.run(2.1)) < 1.3 / (0.1 * 2.0 * RATE)


def test_a_go_in_the_middle_stops_the_transition_where_it_is_and_leads_on(stage: Stage) -> None:
    playing = Playing(stage, show("red", "green", "blue", crossfade_s=2.0))
    playing.timeline.go()
    playing.run(1.0)
    playing.timeline.go()
    frames = playing.run(2.1)
    np.testing.assert_allclose(frames[0, :, :6], np.broadcast_to((0.0, 1.0, 0.0), (6, 6, 3)), atol=HALF)
    np.testing.assert_allclose(frames[0, :, 6:], np.broadcast_to((1.0, 0.0, 0.0), (6, 6, 3)), atol=HALF)
    wiped = frames[round(0.5 * RATE)]
    np.testing.assert_allclose(wiped[:, :3], np.broadcast_to((0.0, 0.0, 0.5), (6, 3, 3)), atol=HALF)
    np.testing.assert_allclose(wiped[:, 3:6], np.broadcast_to((0.0, 1.0, 0.0), (6, 3, 3)), atol=2 * HALF)
    np.testing.assert_allclose(wiped[:, 6:], np.broadcast_to((1.0, 0.0, 0.0), (6, 6, 3)), atol=2 * HALF)
    np.testing.assert_array_equal(frames[-1], np.broadcast_to((0.0, 0.0, 0.5), frames[-1].shape))


@pytest.mark.parametrize("presses", [("go", "back", "go"), ("go", "go", "go", "go", "go"), ("c2", "c0", "back", "c1")])
def test_whatever_is_pressed_the_light_does_not_jump(stage: Stage, presses: tuple[str, ...]) -> None:
    playing = Playing(stage, show("red", "green", "blue", "ramp", transition={"piece": "soft"}, crossfade_s=4.0))
    frames = [playing.run(0.1)]
    for press in presses:
        playing.timeline.start(press) if press.startswith("c") else getattr(playing.timeline, press)()
        frames.append(playing.run(0.6))
    frames.append(playing.run(4.6))
    # The quickest that may happen: the oldest of five cues is given half a second.
    assert largest_step(np.concatenate(frames)) < 2.0 / (0.5 * RATE)
    assert len(playing.timeline.at(Tick(10**6, 10**6 / RATE, 1 / RATE)).cues) == 1


@pytest.mark.parametrize("missing", ["broken", "sick"])
def test_without_its_transition_a_cue_crossfades(stage: Stage, missing: str) -> None:
    plain, playing = Playing(stage, show("red", "green", transition=None)), None
    plain.timeline.go()
    wanted = plain.run(1.1)
    playing = Playing(stage, show("red", "green", transition=missing))
    playing.timeline.go()
    np.testing.assert_allclose(playing.run(1.1), wanted, atol=1e-6)


def test_a_transition_that_fails_on_its_way_fades_into_the_crossfade(stage: Stage) -> None:
    playing = Playing(stage, show("red", "green", crossfade_s=4.0))
    playing.timeline.go()
    frames = [playing.run(2.0)]
    stage.quarantine("wipe")
    frames.append(playing.run(1.0))
    stage.reload("wipe")
    joined = np.concatenate(frames)
    assert largest_step(joined[-41:]) < 1.2 / (0.5 * RATE)
    np.testing.assert_allclose(joined[-1], np.broadcast_to((0.25, 0.75, 0.0), joined[-1].shape), atol=0.02)


def test_a_transition_remembers_from_its_own_first_frame(stage: Stage) -> None:
    playing = Playing(stage, show("red", "green", transition="lasting", crossfade_s=1.0))
    for _ in range(2):
        playing.timeline.start("c1")
        first = playing.run(0.5)[-1]
        playing.run(0.6)
        playing.timeline.start("c0")
        playing.run(1.1)
    again = Playing(stage, show("red", "green", transition="lasting", crossfade_s=1.0))
    again.timeline.start("c1")
    np.testing.assert_array_equal(again.run(0.5)[-1], first)


def test_places_and_masks_hold_while_a_transition_runs(stage: Stage) -> None:
    mirrored = {"layer": [{"piece": "ramp", "place": [{"surface": "front", "mirror": "x"}], "fixtures": ["grid"]}]}
    alone = Playing(stage, show(mirrored)).step()
    playing = Playing(stage, show(mirrored, {"layer": [{"piece": "green", "fixtures": ["elsewhere"]}]}))
    playing.timeline.go()
    light = playing.run(0.525)[-1]
    np.testing.assert_allclose(light[:, 6:], alone[:, 6:], atol=4e-3)
    assert light[:, :6].max() == 0.0


def test_every_led_has_its_own_light_in_the_wall_that_a_transition_reads(gpu: GpuContext, folder: Path) -> None:
    keep = np.ones((6, 12), dtype=bool)
    keep[3:, 4:8] = False
    transition(folder, "first", "void main() { gl_FragColor = IMG_THIS_PIXEL(startImage); }")
    stage = Stage(gpu, pixel_grid(12, 6, lit_m=(0.8, 0.5), canvas_px=(96, 48), mask=keep), PieceLibrary([folder]))
    timeline = Timeline(show("ramp", "green", transition="first"))
    lights = []
    for frame in range(22):
        tick = Tick(frame, frame / RATE, 1 / RATE)
        lights.append(stage.frame(tick, timeline.at(tick), ControlSnapshot(frame, {})).copy())
        if frame == 0:
            timeline.go()
    np.testing.assert_allclose(lights[-1], lights[0], rtol=1e-2, atol=1e-4)
    stage.release()


def test_filters_of_a_cue_change_its_layers_together(stage: Stage) -> None:
    both = [{"piece": "red"}, {"piece": "green", "blend": "add"}]
    light = Playing(stage, show({"layer": both, "filter": [{"piece": "dim"}]})).step()
    dimmed = ((0.5 + 0.055) / 1.055) ** 2.4
    np.testing.assert_allclose(light, np.broadcast_to((dimmed, dimmed, 0.0), light.shape), rtol=5e-3)
    left_out = Playing(stage, show({"layer": both, "filter": [{"piece": "broken"}]})).step()
    np.testing.assert_array_equal(left_out, np.broadcast_to((1.0, 1.0, 0.0), light.shape))


def test_the_picture_of_the_stage_shows_the_transition(stage: Stage) -> None:
    playing = Playing(stage, show("red", "green"))
    playing.timeline.go()
    playing.run(0.525)
    picture = stage.canvas()
    np.testing.assert_array_equal(picture[3, 3], (0, 255, 0))
    np.testing.assert_array_equal(picture[3, -3], (255, 0, 0))


def test_two_runs_are_the_same_to_the_bit(stage: Stage) -> None:
    runs = []
    for _ in range(2):
        playing = Playing(stage, show("ramp", "green", "red"))
        playing.timeline.go()
        first = playing.run(0.4)
        playing.timeline.go()
        runs.append(np.concatenate((first, playing.run(1.2))))
    np.testing.assert_array_equal(runs[0], runs[1])


def test_a_hundred_transitions_leave_nothing(gpu: GpuContext, stage: Stage) -> None:
    playing = Playing(stage, show("red", "green", transition="lasting", crossfade_s=0.05))
    counts = []
    for n in range(100):
        playing.timeline.start(f"c{n % 2}")
        playing.run(0.1)
        if n in (1, 99):
            counts.append(count_objects(gpu))
    assert counts[0] == counts[1]
