"""Sliders in a window: what is drawn where, and what a hand on it means."""

from __future__ import annotations

import numpy as np
import pytest

from facade.simulator.layout import GAP, LEAST_FOR_PANEL_PX, PANEL_PX, boxes, fitted, holds
from facade.simulator.panel import MARGIN, Notice, Panel

SIZE = (300, 700)
PACE = {"address": "/piece/a/pace", "type": "float", "label": "Pace", "min": 0.0, "max": 2.0, "unit": "m/s"}
COUNT = {"address": "/piece/a/count", "type": "int", "label": "Count", "min": 1, "max": 9}
SPARKS = {"address": "/piece/a/sparks", "type": "bool", "label": "Sparks"}
STOKE = {"address": "/piece/a/stoke", "type": "trigger", "label": "Stoke"}
TINT = {"address": "/piece/a/tint", "type": "color", "label": "Tint"}
HEARTH = {"address": "/piece/a/hearth", "type": "point", "label": "Hearth"}
MODE = {"address": "/piece/a/mode", "type": "choice", "label": "Mode", "choices": ["slow", "fast", "still"]}
VALUES = {
    "/piece/a/pace": 1.0,
    "/piece/a/count": 3,
    "/piece/a/sparks": False,
    "/piece/a/tint": [1.0, 0.5, 0.2],
    "/piece/a/hearth": [0.5, 0.0],
    "/piece/a/mode": "slow",
}
LEFT, RIGHT = MARGIN, SIZE[0] - MARGIN


def panel_of(*infos):
    panel = Panel()
    panel.show(infos, VALUES)
    drawn = panel.draw(SIZE, title="A piece", lines=("one line",), keys="keys")
    assert drawn is not None
    return panel, drawn


def handle(panel, address, part=0):
    found = next(h for h in panel._handles if h.info["address"] == address and h.part == part)
    return found.x, found.y + found.height / 2, found.width


def test_a_slider_is_dragged_over_its_range_and_stops_at_its_ends():
    panel, _ = panel_of(PACE)
    x, y, width = handle(panel, PACE["address"])

    assert panel.press(x + width / 2, y) == [(PACE["address"], (pytest.approx(1.0),))]
    assert panel.drag(x + width * 0.75, y + 300) == [(PACE["address"], (pytest.approx(1.5),))]
    assert panel.drag(x - 500, y) == [(PACE["address"], (0.0,))]
    assert panel.drag(x + 5000, y) == [(PACE["address"], (2.0,))]
    panel.release()
    assert panel.drag(x, y) == []


def test_whole_numbers_switches_triggers_and_choices():
    panel, _ = panel_of(COUNT, SPARKS, STOKE, MODE)
    x, y, width = handle(panel, COUNT["address"])
    assert panel.press(x + width, y) == [(COUNT["address"], (9,))]

    x, y, _ = handle(panel, SPARKS["address"])
    assert panel.press(x + 5, y) == [(SPARKS["address"], (True,))]
    assert panel.press(x + 5, y) == [(SPARKS["address"], (False,))]

    x, y, _ = handle(panel, STOKE["address"])
    assert panel.press(x + 5, y) == [(STOKE["address"], ())]

    x, y, width = handle(panel, MODE["address"])
    assert panel.press(x + width - 2, y) == [(MODE["address"], ("fast",))]
    assert panel.press(x + 2, y) == [(MODE["address"], ("slow",))]
    assert panel.press(x + 2, y) == [(MODE["address"], ("still",))]


def test_a_colour_has_three_sliders_and_a_point_a_pad():
    panel, _ = panel_of(TINT, HEARTH)
    x, y, width = handle(panel, TINT["address"], part=2)
    assert panel.press(x + width, y) == [(TINT["address"], (1.0, 0.5, pytest.approx(1.0)))]

    pad = next(h for h in panel._handles if h.info is HEARTH)
    assert panel.press(pad.x, pad.y) == [(HEARTH["address"], (0.0, 1.0))]
    assert panel.drag(pad.x + pad.width, pad.y + pad.height) == [(HEARTH["address"], (1.0, 0.0))]


def test_while_a_control_is_held_what_the_show_says_does_not_move_it():
    panel, _ = panel_of(PACE, COUNT)
    x, y, width = handle(panel, PACE["address"])
    panel.press(x + width, y)

    panel.show((PACE, COUNT), {**VALUES, COUNT["address"]: 7})

    assert panel._values[PACE["address"]] == 2.0
    assert panel._values[COUNT["address"]] == 7


def test_it_is_drawn_anew_only_when_something_changed():
    panel, first = panel_of(PACE)
    assert panel.draw(SIZE, title="A piece", lines=("one line",), keys="keys") is None

    panel.show((PACE,), {**VALUES, PACE["address"]: 0.2})
    second = panel.draw(SIZE, title="A piece", lines=("one line",), keys="keys")

    assert second is not None
    assert not np.array_equal(first, second)


def test_more_controls_than_fit_are_reached_with_the_wheel_and_no_further():
    many = [{**PACE, "address": f"/piece/a/p{n}", "label": f"P{n}"} for n in range(30)]
    panel = Panel()
    panel.show(many, {info["address"]: 0.5 for info in many})
    panel.draw(SIZE, title="A piece", lines=(), keys="keys")
    first = panel._handles[0].y

    panel.scroll(1000)
    panel.draw(SIZE, title="A piece", lines=(), keys="keys")
    last = max(h.y for h in panel._handles if h.info["address"] == "/piece/a/p29")
    assert last < SIZE[1]

    panel.scroll(-5000)
    panel.draw(SIZE, title="A piece", lines=(), keys="keys")
    assert panel._handles[0].y == first


def test_a_control_of_an_unknown_type_and_a_value_that_is_missing_draw_without_harm():
    panel, _ = panel_of({"address": "/x", "type": "hologram", "label": "?"}, {**PACE, "address": "/not/known"})

    assert [h.info["address"] for h in panel._handles] == ["/not/known"]


def test_a_long_notice_is_wrapped_and_kept_to_twelve_lines():
    picture = Notice().draw("a sentence of words " * 200, 400, is_error=True)

    assert picture.shape[1:] == (400, 3)
    assert picture.shape[0] == 20 + 18 * 12


# Where pictures go


def test_three_pictures_and_the_panel_share_a_window_without_overlap():
    shown, panel = boxes((1280, 720), only=None, panel=True)

    assert set(shown) == {"street", "canvas", "pixels"}
    taken = np.zeros((720, 1280), int)
    for x, y, w, h in [*shown.values(), panel]:
        taken[y : y + h, x : x + w] += 1
    assert taken.max() == 1
    assert panel == (1280 - PANEL_PX, 0, PANEL_PX, 720)
    assert shown["street"][2] == 1280 - PANEL_PX - GAP


def test_a_narrow_window_has_no_room_for_the_panel():
    assert boxes((LEAST_FOR_PANEL_PX - 1, 400), only=None, panel=True)[1] is None
    assert boxes((1280, 720), only=None, panel=False)[1] is None


def test_one_picture_may_have_it_all():
    shown, panel = boxes((1000, 500), only="canvas", panel=False)

    assert shown == {"canvas": (0, 0, 1000, 500)}
    assert panel is None


@pytest.mark.parametrize("size", [(10, 10), (400, 100), (7, 300)])
def test_a_picture_keeps_its_shape_and_stays_inside(size):
    x, y, w, h = fitted((100, 50, 200, 120), size)

    assert x >= 100
    assert y >= 50
    assert x + w <= 300
    assert y + h <= 170
    assert abs(w / h - size[0] / size[1]) <= max(1 / w, 1 / h) * size[0] / size[1] * 1.5


def test_a_box_holds_what_is_in_it():
    assert holds((10, 10, 5, 5), 14, 14)
    assert not holds((10, 10, 5, 5), 15, 14)
