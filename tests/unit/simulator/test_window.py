"""A real window on a virtual screen: draws, follows its size, closes with Esc; without a screen it says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.peers import end, need_program

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = """
import json, sys
import numpy as np
from facade.core.clock import RealClock
from facade.core.errors import MachineError
from facade.simulator.scene import Scene
from facade.simulator.window import StreetWindow
from tests.support.pages import compiled

pixels = compiled("imal_minimal")
light = np.zeros((pixels.n_pixels, 3), dtype=np.float32)
try:
    window = StreetWindow(lambda: light, Scene.of(pixels), title="facade", clock=RealClock(), size_px=(480, 270))
except MachineError as error:
    print(json.dumps({"error": str(error)}))
    sys.exit()

def shown():
    gl = window._gpu.gl
    gl.screen.use()
    width, height = window._window.get_framebuffer_size()
    return np.frombuffer(gl.screen.read((0, 0, width, height), components=3), np.uint8).reshape(height, width, 3)

draw = window._window.flip
pictures = []
window._window.flip = lambda: (pictures.append(shown().astype(int)), draw())
window.step()
light[:] = (1.0, 0.4, 0.1)
window.step()
window._window.set_size(640, 360)
for _ in range(5):
    window.step()
sizes = [p.shape[:2] for p in pictures]
from pyglet.window import key
window._window.dispatch_event("on_key_press", key.ESCAPE, 0)
window.step()
result = {
    "dark": pictures[0].mean(), "lit": pictures[1].mean(), "first": sizes[0], "last": sizes[-1],
    "open": window.is_open, "title": window._window.caption,
}
window.close()
window.close()
print(json.dumps(result))
"""


@pytest.fixture
def display() -> Iterator[str]:
    program = need_program("Xvfb", "xvfb")
    reading, writing = os.pipe()
    command = [program, "-displayfd", str(writing), "-screen", "0", "1024x768x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as numbers:
        number = numbers.readline().strip()
    try:
        assert number, "Xvfb did not come up"
        yield f":{number}"
    finally:
        end(server)


def run_window(display: str) -> dict[str, object]:
    import json

    env = {**os.environ, "DISPLAY": display, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, cwd=ROOT, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    result: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def test_the_window_shows_the_light_follows_its_size_and_closes_with_escape(display: str):
    seen = run_window(display)
    assert seen["lit"] > seen["dark"] + 3  # type: ignore[operator]
    assert seen["first"] == [270, 480]
    assert seen["last"] == [360, 640]
    assert seen["open"] is False
    assert str(seen["title"]).startswith("facade")


def test_without_a_screen_the_person_is_told_where_to_look_instead():
    assert "watch the facade on the page" in str(run_window("")["error"])
