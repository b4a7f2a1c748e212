"""Filters change a layer's picture: in screen colours, at the canvas's size, before it is placed and masked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from facade.config.show import Cue, Filter, Layer, Place
from facade.control.snapshot import ControlSnapshot
from facade.core.clock import StepClock
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.show.look import CueLook, HelperLook, LayerLook, Look
from facade.stage.stage import Stage
from tests.support.gl import count_objects, pixel_grid, ticks, write_piece

SIZE = (16, 8)
HALF = 2 * 2.4 * 2.0**-10
"""Of a filter: two pictures of half float, each cut to eleven bits, and decoding multiplies the error by 2.4 at most.

Half a percent of the light: at most half the step between two 8-bit values, and that in the brightest.
"""

RAMP = "vec4 piece(vec2 uv) { return vec4(uv.x * 3.0, uv.y * 0.05, 0.5 * uv.x * uv.y, 0.25 + 0.75 * uv.y); }\n"


def isf(folder: Path, slug: str, body: str, *, inputs: object = (), passes: object = None) -> None:
    header = {"ISFVSN": "2", "INPUTS": [{"NAME": "inputImage", "TYPE": "image"}, *list(inputs)]}  # type: ignore[call-overload]
    if passes is not None:
        header["PASSES"] = passes
    (folder / f"{slug}.fs").write_text(f"/*{json.dumps(header)}*/\n{body}", encoding="utf-8")


@pytest.fixture(scope="module", name="folder")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pieces")
    write_piece(folder, "ramp", RAMP, manifest='domain = "canvas"\n')
    write_piece(folder, "ramp_pixel", RAMP, manifest='domain = "pixel"\n')
    write_piece(folder, "ember", "vec4 piece(vec2 uv) { return vec4(0.0, 0.0, 1.0, 1.0); }\n")
    write_piece(folder, "red", "vec4 piece(vec2 uv) { return vec4(1.0, 0.0, 0.0, 1.0); }\n")
    write_piece(folder, "sick", "vec4 piece(vec2 uv) { float z = uv.x < 0.5 ? 0.0 : 1.0; return vec4(z / z); }\n")
    (folder / "screen.fs").write_text("/*{}*/\nvoid main() { gl_FragColor = vec4(0.5, 0.25, 2.0, 0.0); }\n")
    isf(folder, "same", "void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage); }")
    isf(folder, "half", "void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage) * vec4(vec3(0.5), 1.0); }")
    isf(folder, "plus", "void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage) + vec4(vec3(0.25), 0.0); }")
    isf(folder, "clear", "void main() { gl_FragColor = vec4(1.0, 1.0, 1.0, 0.0); }")
    isf(folder, "flip", "void main() { gl_FragColor = IMG_NORM_PIXEL(inputImage, 1.0 - isf_FragNormCoord); }")
    isf(folder, "broken", "void main() { gl_FragColor = nothing; }")
    isf(
        folder,
        "gain",
        "void main() { gl_FragColor = vec4(IMG_THIS_PIXEL(inputImage).rgb * amount, 1.0); }",
        inputs=[{"NAME": "amount", "TYPE": "float", "DEFAULT": 1.0}],
    )
    isf(
        folder,
        "count",
        """void main() {
            if (PASSINDEX == 0) gl_FragColor = IMG_THIS_PIXEL(kept) + IMG_THIS_PIXEL(inputImage) * 0.1;
            else gl_FragColor = vec4(IMG_THIS_PIXEL(kept).rgb, 1.0);
        }""",
        passes=[{"TARGET": "kept", "PERSISTENT": True, "FLOAT": True}, {}],
    )
    return folder


@pytest.fixture(scope="module", name="stage")
def made(gpu: GpuContext, folder: Path) -> Iterator[Stage]:
    stage = Stage(gpu, pixel_grid(*SIZE, canvas_px=SIZE), PieceLibrary([folder]), budget_ms=None)
    yield stage
    stage.release()


def filtered(piece: str, *filters: str | Filter, **layer: object) -> LayerLook:
    given = tuple(Filter(piece=each) if isinstance(each, str) else each for each in filters)
    looks = tuple(HelperLook(("cue/0", i), each, 1 + i) for i, each in enumerate(given))
    return LayerLook(("cue", 0), Layer(piece=piece, filter=given, **layer), 1, looks)  # type: ignore[arg-type]


def drawn(
    stage: Stage, *layers: LayerLook, frames: int = 1, values: ControlSnapshot | None = None, at_s: float = 0.0
) -> NDArray[np.float32]:
    rgb = np.zeros((0, 3), np.float32)
    for tick in ticks(frames):
        look = Look((CueLook("cue", 1.0, at_s, layers),))
        rgb = stage.frame(tick, look, values or ControlSnapshot(tick.frame, {}))
    return rgb.reshape(SIZE[1], SIZE[0], 3).copy()


def encoded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055)


def decoded(color: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(color <= 0.04045, color / 12.92, ((np.maximum(color, 0.0) + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("piece", ["ramp", "screen"])
@pytest.mark.parametrize("row", [("same",), ("same", "same", "same")])
def test_a_filter_that_passes_its_picture_on_changes_nothing_but_rounding(
    stage: Stage, piece: str, row: tuple[str, ...]
) -> None:
    plain = drawn(stage, filtered(piece), at_s=1.0)
    through = drawn(stage, filtered(piece, *row))
    np.testing.assert_allclose(through, plain, rtol=len(row) * HALF, atol=1e-5)
    assert plain.max() > 0.0


def test_opacity_goes_through_a_filter_and_over_what_is_below(stage: Stage) -> None:
    below = LayerLook(("cue", 1), Layer(piece="red"), 1)
    plain = drawn(stage, below, filtered("ramp"), at_s=1.0)
    through = drawn(stage, below, filtered("ramp", "same"))
    np.testing.assert_allclose(through, plain, rtol=2 * HALF, atol=1e-4)


def test_a_filter_sees_screen_colours_and_the_mix_sees_light(stage: Stage) -> None:
    plain = drawn(stage, filtered("red"), at_s=1.0)
    assert drawn(stage, filtered("red", "half"))[0, 0, 0] == pytest.approx(decoded(np.array(0.5)), rel=HALF)
    assert plain[0, 0, 0] == pytest.approx(1.0)


def test_filters_are_drawn_in_their_order(stage: Stage) -> None:
    first = drawn(stage, filtered("red", "half", "plus"))[0, 0, 0]
    second = drawn(stage, filtered("red", "plus", "half"), at_s=1.0)[0, 0, 0]
    assert first == pytest.approx(decoded(np.array(0.75)), rel=4 * HALF)
    assert second == pytest.approx(decoded(np.array(0.625)), rel=4 * HALF)


def test_an_artists_screen_stays_opaque_and_within_one_whatever_alpha_its_filter_leaves(stage: Stage) -> None:
    assert drawn(stage, filtered("screen", "clear")).min() == pytest.approx(1.0)
    assert drawn(stage, filtered("screen", "plus"), at_s=1.0).max() == pytest.approx(1.0)


def test_a_native_layer_is_as_transparent_as_its_filter_makes_it(stage: Stage) -> None:
    assert drawn(stage, filtered("ramp", "clear")).max() == 0.0


def test_a_piece_drawn_per_led_is_drawn_as_a_picture_for_its_filter(stage: Stage) -> None:
    plain = drawn(stage, filtered("ramp_pixel"), at_s=1.0)
    flipped = drawn(stage, filtered("ramp_pixel", "flip"))
    np.testing.assert_allclose(flipped, plain[::-1, ::-1], rtol=2 * HALF, atol=1e-4)
    assert stage.domain("ramp_pixel") == "pixel"


def test_what_is_not_a_number_does_not_reach_a_filter_that_remembers(stage: Stage) -> None:
    light = drawn(stage, filtered("sick", "count"), frames=2)
    assert np.isfinite(light).all()
    assert light[:, : SIZE[0] // 2].max() == 0.0


def test_a_filter_remembers_for_its_own_layer_alone(stage: Stage) -> None:
    remembering = filtered("red", "count", surfaces=("front",))
    light = drawn(stage, remembering, frames=5)
    assert light[0, 0, 0] == pytest.approx(decoded(np.array(0.5)), rel=4 * HALF)
    again = drawn(stage, remembering, frames=2, at_s=9.0)
    assert again[0, 0, 0] == pytest.approx(decoded(np.array(0.2)), rel=4 * HALF)


def test_the_filters_own_controls_move_it(stage: Stage) -> None:
    layer = filtered("red", Filter(piece="gain", values={"amount": 0.25}))
    assert drawn(stage, layer)[0, 0, 0] == pytest.approx(decoded(np.array(0.25)), rel=4 * HALF)
    moved = ControlSnapshot(0, {("cue/0", 0): {"amount": 0.75}})
    assert drawn(stage, layer, values=moved)[0, 0, 0] == pytest.approx(decoded(np.array(0.75)), rel=4 * HALF)


def test_place_and_mask_come_after_the_filter(stage: Stage) -> None:
    left = (Place(surface="front", mirror="x"),)
    plain = drawn(stage, filtered("ramp", place=left), at_s=1.0)
    through = drawn(stage, filtered("ramp", "same", place=left))
    np.testing.assert_allclose(through, plain, rtol=2 * HALF, atol=1e-4)
    assert drawn(stage, filtered("red", "plus", fixtures=("elsewhere",)), at_s=2.0).max() == 0.0


def test_a_filter_that_does_not_hold_is_left_out(stage: Stage) -> None:
    light = drawn(stage, filtered("red", "broken", "half"))
    assert light[0, 0, 0] == pytest.approx(decoded(np.array(0.5)), rel=2 * HALF)
    assert "broken" in stage.faults


def test_a_layer_that_gives_way_shows_its_fallback_without_the_filters(stage: Stage) -> None:
    stage.quarantine("red")
    light = drawn(stage, filtered("red", "half"), frames=40)
    stage.reload("red")
    np.testing.assert_allclose(light[0, 0], (0.0, 0.0, 1.0), atol=1e-3)


def test_the_picture_of_the_stage_is_that_after_the_filters(stage: Stage) -> None:
    drawn(stage, filtered("red", "half"), at_s=4.0)
    np.testing.assert_allclose(stage.canvas()[0, 0], (128, 0, 0), atol=1)


def test_a_filter_that_is_too_slow_is_left_out_and_its_layer_is_not_blamed(gpu: GpuContext, folder: Path) -> None:
    class Slow(StepClock):
        """A second passes whenever the filter is being drawn: every reading but the piece's own."""

    clock = Slow()
    stage = Stage(gpu, pixel_grid(*SIZE, canvas_px=SIZE), PieceLibrary([folder]), clock=clock, budget_ms=100.0)
    stage.prepare(["red", "half"])
    drawing = stage._filters._draw

    def slowly(*args: object) -> object:
        shown = drawing(*args)  # type: ignore[arg-type]
        clock.wait_until(clock.now() + 1.0)
        return shown

    stage._filters._draw = slowly  # type: ignore[assignment,method-assign]
    drawn(stage, filtered("red", "half"))
    light = drawn(stage, filtered("red", "half"))
    assert set(stage.faults) == {"half"}
    assert light[0, 0, 0] == pytest.approx(1.0, rel=HALF)
    stage.release()


def test_a_filtered_piece_is_compiled_as_a_picture_before_it_is_on(gpu: GpuContext, folder: Path) -> None:
    stage = Stage(gpu, pixel_grid(*SIZE, canvas_px=SIZE), PieceLibrary([folder]), budget_ms=None)
    layer = filtered("ramp_pixel", "same")
    stage.lay_out([Cue(layer=(layer.layer,))])
    stage.prepare(["ramp_pixel", "same"])
    before = count_objects(gpu)["Program"]
    drawn(stage, layer)
    assert count_objects(gpu)["Program"] == before
    stage.release()


def test_a_filter_that_is_a_layer_too_is_compiled_for_both_before_it_is_on(gpu: GpuContext, folder: Path) -> None:
    stage = Stage(gpu, pixel_grid(*SIZE, canvas_px=SIZE), PieceLibrary([folder]), budget_ms=None)
    helped = filtered("red", "half")
    alone = Look((CueLook("alone", 1.0, 0.0, (LayerLook(("alone", 0), Layer(piece="half"), 1),)),))
    stage.lay_out([Cue(layer=(helped.layer,)), Cue(layer=(Layer(piece="half"),))], helpers=())
    stage.prepare(["red", "half"])
    before = count_objects(gpu)["Program"]
    drawn(stage, helped)
    stage.frame(Tick(9, 9 / 60, 1 / 60), alone, ControlSnapshot(9, {}))
    assert count_objects(gpu)["Program"] == before
    stage.release()


def test_a_filter_that_is_nothing_else_is_compiled_once(gpu: GpuContext, folder: Path) -> None:
    programs = []
    for helpers in ((), ("half",)):
        stage = Stage(gpu, pixel_grid(*SIZE, canvas_px=SIZE), PieceLibrary([folder]), budget_ms=None)
        stage.lay_out([Cue(layer=(filtered("red", "half").layer,))], helpers=helpers)
        before = count_objects(gpu)["Program"]
        stage.prepare(["half"])
        drawn(stage, filtered("red", "half"))
        programs.append(count_objects(gpu)["Program"] - before)
        stage.release()
    assert programs[0] == programs[1] + 1


def test_layers_with_filters_that_come_and_go_leave_nothing(gpu: GpuContext, stage: Stage) -> None:
    drawn(stage, filtered("ramp", "count", "same"))
    drawn(stage, filtered("red"), at_s=1.0)
    before = count_objects(gpu)
    for at_s in range(2, 6):
        drawn(stage, filtered("ramp", "count", "same"), at_s=float(at_s))
    drawn(stage, filtered("red"), at_s=9.0)
    assert count_objects(gpu) == before
