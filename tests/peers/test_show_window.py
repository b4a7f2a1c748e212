"""The window of a playing show: xdotool's mouse drags a slider and the byte on the wire follows."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.peers import need_program
from tests.support.running import (
    Receiver,
    RunningShow,
    free_port,
    page_state,
    show_at,
    shows,
    two_nodes_at,
    wait_until,
)
from tests.support.screens import virtual_screen

pytestmark = pytest.mark.timeout(120)

PANEL_X, WIDTH = 980, 1280
"""Where the panel begins in a window of the size it opens with, at the corner of a screen without a window manager."""


@pytest.fixture
def screen() -> Iterator[str]:
    with virtual_screen((1280, 720)) as display:
        yield display


def point(display: str, *words: str) -> None:
    subprocess.run(
        [need_program("xdotool", "xdotool"), *words], env={**os.environ, "DISPLAY": display}, check=True, timeout=10
    )


def test_a_slider_in_the_window_moves_the_light_and_escape_ends_the_show(tmp_path: Path, screen: str) -> None:
    node, other, port = Receiver(), Receiver(), free_port()
    venue = two_nodes_at(tmp_path, node.port, other.port)
    show = show_at(tmp_path, port, piece="signal")
    with RunningShow(show, "--venue", venue, "--window", env={"DISPLAY": screen}) as running:
        page = running.page_port()
        wait_until(lambda: "window" in running.children(), what="a window")
        node.wait_for(shows(0.5), 30.0, "the piece's light")
        wait_until(lambda: (page_state(page)["render"] or {}).get("domains"), what="a report of the renderer")
        time.sleep(2.0)

        # The first slider of the panel: level, 0..1, dragged from its middle to the right end.
        y = slider_row()
        point(screen, "mousemove", str((PANEL_X + WIDTH) // 2), str(y), "mousedown", "1")
        point(screen, "mousemove", str(WIDTH - 14), str(y), "mouseup", "1")
        node.wait_for(shows(1.0), 20.0, "the dragged light")

        point(screen, "key", "space")
        wait_until(lambda: page_state(page)["render"]["paused"], what="the pause")
        point(screen, "key", "Escape")
        assert running.process.wait(20.0) == 0
    node.close()
    other.close()


def slider_row() -> int:
    """The height of the first slider: below the title and three lines of text."""
    from facade.simulator import panel

    return panel._HEAD + 16 * 3 + 20 + 7
