"""The street view in a window: drawn as often as the screen shows pictures, resizable, closed with Esc.

Runs on the main thread of a process of its own, because window systems insist on that and a driver that hangs must not
take anything else with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from facade.core.clock import Clock
from facade.core.errors import MachineError
from facade.core.frame import Rgb
from facade.gpu.context import GpuContext
from facade.simulator.scene import Scene
from facade.simulator.street import StreetPainter

START_PX = (1280, 720)
LEAST_PX = (320, 180)
_TITLE_EVERY_S = 0.5
_SLOW_S, _FAST_S = 0.040, 0.017
_LEAST_DETAIL = 0.3


class StreetWindow:
    """One window. newest: returns the light to show, float32 (P, 3), linear, or None when nothing is new.

    Raises MachineError, with what to do, where no window can be opened.
    """

    def __init__(
        self,
        newest: Callable[[], Rgb | None],
        scene: Scene,
        *,
        title: str,
        clock: Clock,
        size_px: tuple[int, int] = START_PX,
    ) -> None:
        self._newest = newest
        self._title = title
        self._clock = clock
        self._rgb: Rgb = np.zeros((scene.n_pixels, 3), dtype=np.float32)
        self._window = _open(title, size_px)
        self._gpu = GpuContext.adopt()
        self._painter = StreetPainter(self._gpu.gl, scene)
        self._start_s = self._title_at = clock.now()
        self._frames = 0
        self._detail = 0.6 if self._gpu.is_software else 1.0
        self._took_s = 0.0

    @property
    def is_open(self) -> bool:
        """False once a person has closed it."""
        return not self._window.has_exit

    def step(self) -> None:
        """Handle what the window system has to say, then draw one picture and wait for the screen to take it."""
        self._window.switch_to()
        self._window.dispatch_events()
        if not self.is_open:
            return
        light = self._newest()
        if light is not None:
            self._rgb[:] = light
        now = self._clock.now()
        width, height = self._window.get_framebuffer_size()
        size_px = (max(width, 1), max(height, 1))
        self._painter.paint(
            self._rgb, now - self._start_s, size_px=size_px, target=self._gpu.gl.screen, detail=self._detail
        )
        self._window.flip()
        self._tell_rate(now)
        self._adapt(self._clock.now() - now)

    def run(self, alive: Callable[[], bool]) -> None:
        """Draw until a person closes the window or alive() says no."""
        while self.is_open and alive():
            self.step()
        self.close()

    def close(self) -> None:
        """Give the window and everything in it back. May be called twice."""
        if self._window.context is not None:
            self._window.switch_to()
            self._painter.release()
            self._gpu.release()
            self._window.close()

    def _adapt(self, took_s: float) -> None:
        """Draw coarser while pictures take too long. In steps: every change makes new targets."""
        self._took_s = 0.8 * self._took_s + 0.2 * took_s
        if self._took_s > _SLOW_S and self._detail > _LEAST_DETAIL:
            self._detail = max(_LEAST_DETAIL, 0.8 * self._detail)
            self._took_s = 0.0
        elif 0.0 < self._took_s < _FAST_S and self._detail < 1.0 and not self._gpu.is_software:
            self._detail = min(1.0, 1.2 * self._detail)

    def _tell_rate(self, now: float) -> None:
        self._frames += 1
        if now - self._title_at >= _TITLE_EVERY_S:
            rate = self._frames / (now - self._title_at)
            self._window.set_caption(f"{self._title} – {rate:.0f} pictures a second – Esc closes")
            self._title_at, self._frames = now, 0


def _open(title: str, size_px: tuple[int, int]) -> Any:
    try:
        # Imported here: a machine without a screen can use everything else of the simulator.
        import pyglet

        # Else pyglet asks after every call, and blames its own for an error that a driver left behind.
        pyglet.options["debug_gl"] = False
        gl: Any = pyglet.gl
        config = gl.Config(double_buffer=True, major_version=3, minor_version=3, forward_compatible=True)
        window = pyglet.window.Window(*size_px, caption=title, resizable=True, vsync=True, config=config)
    except Exception as error:  # pyglet raises its own, ctypes' and the display server's errors alike
        raise MachineError(
            f"a window cannot be opened here ({error}). Start from a desktop or set DISPLAY, "
            "or watch the facade on the page instead."
        ) from error
    window.set_minimum_size(*LEAST_PX)
    return window
