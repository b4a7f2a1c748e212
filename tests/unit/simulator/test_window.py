"""A real window on a virtual screen: pictures, hands, keys, its size; without a screen it says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.screens import virtual_screen

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = """
import json, sys, tempfile
from pathlib import Path
import numpy as np
from facade.core.clock import RealClock
from facade.core.errors import MachineError
from facade.simulator.scene import Scene
from facade.simulator.window import ShowWindow, Status
from tests.support.pages import compiled

pixels = compiled("imal_minimal")
PACE = {"address": "/piece/a/pace", "name": "pace", "type": "float", "label": "Pace", "min": 0.0, "max": 2.0}
MOUSE = {"address": "/piece/a/mouse", "name": "mouse", "type": "point", "label": "Mouse"}

class Source:
    def __init__(self):
        self.rgb = np.zeros((pixels.n_pixels, 3), dtype=np.float32)
        self.posts = []
        values = {PACE["address"]: 0.0, MOUSE["address"]: [0.0, 0.0]}
        self.state = Status(title="A piece", controls=[PACE, MOUSE], values=values, lines=["cue a"])
    def light(self):
        return self.rgb
    def pixels(self, rgb):
        return np.full((20, 40, 3), (0, 0, 255), np.uint8)
    def canvas(self):
        return np.full((20, 40, 3), (0, 255, 0), np.uint8)
    def status(self):
        return self.state
    def post(self, address, args):
        self.posts.append([address, list(args)])

source = Source()
shots = Path(tempfile.mkdtemp())
try:
    window = ShowWindow(source, Scene.of(pixels), title="facade", clock=RealClock(), size_px=(900, 506), shots=shots)
except MachineError as error:
    print(json.dumps({"error": str(error)}))
    sys.exit()

from pyglet.window import key, mouse

def shown():
    gl = window._gpu.gl
    gl.screen.use()
    width, height = window._window.get_framebuffer_size()
    data = gl.screen.read((0, 0, width, height), components=3, alignment=1)
    return np.frombuffer(data, np.uint8).reshape(height, width, 3)[::-1].astype(int)

draw = window._window.flip
pictures = []
window._window.flip = lambda: (pictures.append(shown()), draw())

def press(symbol):
    window._window.dispatch_event("on_key_press", symbol, 0)
    window.step()

window.step()
source.rgb[:] = (1.0, 0.4, 0.1)
window.step()
three = pictures[-1]
handle = window._panel._handles[0]
x, y = 900 - 300 + handle.x + handle.width, 506 - (handle.y + handle.height // 2)
window._window.dispatch_event("on_mouse_press", x, y, mouse.LEFT, 0)
window._window.dispatch_event("on_mouse_drag", x - handle.width // 2, y, -1, 0, mouse.LEFT, 0)
window._window.dispatch_event("on_mouse_release", x, y, mouse.LEFT, 0)
window._window.dispatch_event("on_mouse_press", 100, 400, mouse.LEFT, 0)
window._window.dispatch_event("on_mouse_press", 74, 100, mouse.LEFT, 0)
window._window.dispatch_event("on_mouse_drag", 850, 500, 1, 1, mouse.LEFT, 0)
window._window.dispatch_event("on_mouse_release", 850, 500, mouse.LEFT, 0)
window._window.dispatch_event("on_mouse_drag", 74, 100, 1, 1, mouse.LEFT, 0)
press(key.SPACE)
source.state = Status(title="A piece", paused=True, notice="main.frag:7: no.", notice_is_error=True)
press(key.N)
failing = pictures[-1]
press(key.SPACE)
press(key.S)
press(key._2)
canvas = pictures[-1]
press(key.TAB)
alone = pictures[-1]
window._window.set_size(640, 360)
for _ in range(5):
    window.step()
last = pictures[-1].shape[:2]
window._window.dispatch_event("on_key_press", key.ESCAPE, 0)
window.step()
result = {
    "dark": pictures[0][:300, :590].mean(), "lit": three[:300, :590].mean(), "first": pictures[0].shape[:2],
    "last": last, "open": window.is_open, "title": window._window.caption, "posts": source.posts,
    "green": three[400, 150].tolist(), "blue": three[400, 450].tolist(), "notice": failing[-12, 300].tolist(),
    "canvas": canvas[250, 300].tolist(), "alone": alone[250, 800].tolist(),
    "shots": [p.name for p in shots.iterdir()],
}
window.close()
window.close()
print(json.dumps(result))
"""


@pytest.fixture
def display() -> Iterator[str]:
    with virtual_screen((1024, 768)) as number:
        yield number


def run_window(display: str) -> dict[str, object]:
    import json

    env = {**os.environ, "DISPLAY": display, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def test_the_window_shows_light_canvas_pixels_and_controls_and_takes_hands_and_keys(display: str):
    seen = run_window(display)

    assert seen["lit"] > seen["dark"] + 3  # type: ignore[operator]
    assert seen["first"] == [506, 900]
    assert seen["last"] == [360, 640]
    assert seen["green"] == [0, 255, 0]
    assert seen["blue"] == [0, 0, 255]
    assert seen["canvas"] == seen["alone"] == [0, 255, 0]
    red, green, blue = seen["notice"]  # type: ignore[misc]
    assert red > 2 * green
    assert red > 2 * blue
    assert seen["posts"] == [
        ["/piece/a/pace", [2.0]],
        ["/piece/a/pace", [1.0]],
        ["/piece/a/mouse", [0.25, 0.5]],
        ["/piece/a/mouse", [1.0, 1.0]],
        ["/show/pause", [True]],
        ["/show/go", []],
        ["/show/pause", [False]],
    ]
    assert seen["shots"] == ["facade-001.png"]
    assert seen["open"] is False
    assert str(seen["title"]).startswith("facade")


def test_without_a_screen_the_person_is_told_where_to_look_instead():
    assert "watch the facade on the page" in str(run_window("")["error"])
