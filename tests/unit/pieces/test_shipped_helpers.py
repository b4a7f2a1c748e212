"""The shipped filters and transitions keep what docs/pieces.md asks of everybody's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.config.piece import Value
from facade.core import places
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, one_gpu, pixel_grid, snapshot

__all__ = ["one_gpu"]

SHIPPED = PieceLibrary([places.pieces()])
TRANSITIONS = [slug for slug in SHIPPED.names() if SHIPPED.get(slug).role == "transition"]
SIZE = (48, 27)
HALF = 5e-3


def presets(slug: str) -> Iterator[dict[str, Value]]:
    yield {}
    for values in SHIPPED.get(slug).presets.values():
        yield dict(values)


@pytest.fixture(scope="module", name="stage")
def made(gpu: GpuContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("pieces")
    for name in ("startImage", "endImage", "inputImage"):
        (folder / f"{name.lower()}.fs").write_text(
            f'/*{{"INPUTS": [{{"NAME": "{name}", "TYPE": "image"}}]}}*/\n'
            f"void main() {{ gl_FragColor = IMG_THIS_PIXEL({name}); }}"
        )
    stage = Stage(gpu, pixel_grid(*SIZE, canvas_px=SIZE), PieceLibrary([folder, places.pieces()]), budget_ms=None)
    yield stage
    stage.release()


def drawn(
    stage: Stage, slug: str, *, rate_hz: float = 30.0, seconds: float = 0.0, **values: Value
) -> NDArray[np.float32]:
    rgb = np.zeros((0, 3), np.float32)
    for frame in range(round(seconds * rate_hz) + 1):
        tick = Tick(frame, 2.0 + frame / rate_hz, 1.0 / rate_hz)
        # A start of its own, so that nothing is remembered from the test before.
        on = look(slug, name=f"{slug}{rate_hz}{sorted(values.items())}")
        rgb = stage.frame(tick, on, snapshot({on.cues[0].layers[0].key: values}))
    return rgb.copy()


def test_four_of_each_are_shipped() -> None:
    roles = [SHIPPED.get(slug).role for slug in SHIPPED.names()]
    assert roles.count("filter") >= 4
    assert roles.count("transition") >= 4


@pytest.mark.parametrize("slug", TRANSITIONS)
def test_a_transition_is_all_start_at_0_and_all_end_at_1(stage: Stage, slug: str) -> None:
    for values in presets(slug):
        np.testing.assert_allclose(drawn(stage, slug, progress=0.0, **values), drawn(stage, "startimage"), atol=HALF)
        np.testing.assert_allclose(drawn(stage, slug, progress=1.0, **values), drawn(stage, "endimage"), atol=HALF)


@pytest.mark.parametrize("slug", TRANSITIONS)
def test_a_transition_is_something_of_both_between_and_never_brighter(stage: Stage, slug: str) -> None:
    ends = drawn(stage, "startimage"), drawn(stage, "endimage")
    for values in presets(slug):
        middle = drawn(stage, slug, progress=0.5, **values)
        assert np.abs(middle - ends[0]).mean() > 0.02
        assert np.abs(middle - ends[1]).mean() > 0.02
        assert middle.max() <= 1.0 + HALF


def test_a_grade_of_nothing_changes_nothing(stage: Stage) -> None:
    graded = drawn(stage, "grade", **SHIPPED.get("grade").presets["none"])
    np.testing.assert_allclose(graded, drawn(stage, "inputimage"), atol=HALF)


def test_haze_of_no_radius_changes_nothing_and_haze_keeps_the_light_there_is(stage: Stage) -> None:
    sharp = drawn(stage, "inputimage")
    np.testing.assert_allclose(drawn(stage, "haze", radius_m=0.0), sharp, atol=HALF)
    soft = drawn(stage, "haze", radius_m=3.0, halo=0.0)
    assert soft.mean() == pytest.approx(sharp.mean(), rel=0.1)
    steps = [np.abs(np.diff(light.reshape(SIZE[1], SIZE[0], 3), axis=1)).max() for light in (sharp, soft)]
    assert steps[1] < 0.5 * steps[0]


def test_one_fold_makes_the_wall_symmetrical(stage: Stage) -> None:
    light = drawn(stage, "mirrors", **SHIPPED.get("mirrors").presets["axis"]).reshape(SIZE[1], SIZE[0], 3)
    np.testing.assert_allclose(light, light[:, ::-1], atol=0.02)


def test_an_echo_fades_alike_at_any_frame_rate(stage: Stage) -> None:
    slow, fast = (drawn(stage, "echo", rate_hz=rate, seconds=1.0, drift_y_m=0.0) for rate in (20.0, 60.0))
    assert np.abs(slow - fast).mean() < 0.01
    assert (drawn(stage, "echo", seconds=1.0) - drawn(stage, "inputimage")).max() > 0.1


@pytest.mark.parametrize("slug", [*TRANSITIONS, "haze", "grade", "mirrors", "echo"])
def test_every_one_says_what_it_is_in_its_own_words(slug: str) -> None:
    folder: Path = SHIPPED.get(slug).folder
    said = (folder / "README.md").read_text(encoding="utf-8")
    assert SHIPPED.get(slug).role in said
    for preset in SHIPPED.get(slug).presets:
        assert f"`{preset}`" in said
