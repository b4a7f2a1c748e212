"""A show in a window: the street at night, the canvas, the pixels, and the controls of what is on.

Runs on the main thread of a process of its own, because window systems insist on that and a driver that hangs must not
take anything else with it. What it shows comes from a Source, what a person does goes to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facade.core.clock import Clock
from facade.core.errors import MachineError
from facade.core.frame import Rgb
from facade.gpu.context import GpuContext
from facade.simulator.layout import VIEWS, Box, View, boxes, fitted, holds
from facade.simulator.panel import Info, Notice, Panel, Post, label
from facade.simulator.pictures import PictureBoard
from facade.simulator.scene import Scene
from facade.simulator.street import StreetPainter

START_PX = (1280, 720)
LEAST_PX = (320, 180)
KEYS = "\n".join(
    (
        "Space pause   . step   N go   B back",
        "1 2 3 one picture   0 all   Tab controls",
        "S screenshot   F full screen   Esc close",
    )
)

_TITLE_EVERY_S = 0.5
_NOTICE_S = 8.0
_SLOW_S, _FAST_S = 0.040, 0.017
_LEAST_DETAIL = 0.3


@dataclass(frozen=True, slots=True)
class Status:
    """What the show says of itself. controls: of what is on, in order. values: address -> value.

    lines: short sentences for the panel. notice: what went wrong or was done last, with its age in seconds.
    """

    title: str = ""
    controls: Sequence[Info] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[str] = ()
    notice: str = ""
    notice_is_error: bool = False
    notice_age_s: float = 0.0
    paused: bool = False


class Source(Protocol):
    """Where a window's pictures come from. Nothing here waits."""

    def light(self) -> Rgb | None:
        """The light that left, float32 (P, 3), linear; None when nothing is new."""
        ...

    def pixels(self, rgb: Rgb) -> NDArray[np.uint8]:
        """A flat picture of the pixels, uint8 (H, W, 3), top row first."""
        ...

    def canvas(self) -> NDArray[np.uint8] | None:
        """The canvas, uint8 (H, W, 3), top row first; None when nothing is new."""
        ...

    def status(self) -> Status:
        """The newest state."""
        ...

    def post(self, address: str, args: tuple[Any, ...]) -> None:
        """Hand a change to the show."""
        ...


class ShowWindow:
    """One window. Raises MachineError, with what to do, where no window can be opened.

    shots: the folder that screenshots go to.
    """

    def __init__(
        self,
        source: Source,
        scene: Scene,
        *,
        title: str,
        clock: Clock,
        size_px: tuple[int, int] = START_PX,
        shots: Path | None = None,
    ) -> None:
        self._source = source
        self._title = title
        self._clock = clock
        self._shots = shots or Path.cwd()
        self._rgb: Rgb = np.zeros((scene.n_pixels, 3), dtype=np.float32)
        self._window = _open(title, size_px)
        self._gpu = GpuContext.adopt()
        self._painter = StreetPainter(self._gpu.gl, scene)
        self._board = PictureBoard(self._gpu.gl)
        for view in VIEWS:
            self._board.put(f"{view} label", label(view), smooth=False)
        self._street: tuple[Any, Any] | None = None
        self._panel, self._notice = Panel(), Notice()
        self._only: View | None = None
        self._with_panel = True
        self._wants_shot = False
        self._said: tuple[str, float] = ("", float("-inf"))
        self._paused = self._touching = False
        self._drawn: dict[str, Any] = {}
        self._start_s = self._title_at = clock.now()
        self._frames = 0
        self._detail = 0.6 if self._gpu.is_software else 1.0
        self._took_s = 0.0
        self._window.push_handlers(
            on_key_press=self._on_key,
            on_mouse_press=self._on_press,
            on_mouse_drag=self._on_drag,
            on_mouse_release=self._on_release,
            on_mouse_scroll=lambda x, y, across, up: self._panel.scroll(-up),
        )

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
        light = self._source.light()
        if light is not None:
            self._rgb[:] = light
            self._board.put("pixels", self._source.pixels(self._rgb), smooth=False)
        now = self._clock.now()
        self._paint(now)
        if self._wants_shot:
            self._wants_shot = False
            self._shoot(now)
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
            self._board.release()
            self._release_street()
            self._painter.release()
            self._gpu.release()
            self._window.close()

    # ---- drawing ----

    def _paint(self, now: float) -> None:
        size = self._size_px()
        status = self._source.status()
        self._paused = status.paused
        shown, panel_box = boxes(size, only=self._only, panel=self._with_panel)
        street = self._paint_street(shown["street"], now) if "street" in shown else None
        canvas = self._source.canvas()
        if canvas is not None:
            self._board.put("canvas", canvas)
        screen = self._gpu.gl.screen
        screen.use()
        self._gpu.gl.viewport = (0, 0, *size)
        screen.clear(0.02, 0.024, 0.034)
        for view, box in shown.items():
            if street is not None and view == "street":
                self._board.draw_texture(street, box, size, top_down=False)
            elif (picture_px := self._board.size(view)) is not None:
                self._board.draw(view, fitted(box, picture_px), size)
            self._corner(view, box, size)
        if panel_box is not None:
            self._paint_panel(status, panel_box, size)
        self._paint_notice(status, panel_box, size, now)

    def _paint_street(self, box: Box, now: float) -> Any:
        size = (max(box[2], 1), max(box[3], 1))
        if self._street is None or self._street[0].size != size:
            self._release_street()
            texture = self._gpu.gl.texture(size, 4)
            self._street = (texture, self._gpu.gl.framebuffer([texture]))
        texture, target = self._street
        self._painter.paint(self._rgb, now - self._start_s, size_px=size, target=target, detail=self._detail)
        return texture

    def _corner(self, view: View, box: Box, size: tuple[int, int]) -> None:
        name = f"{view} label"
        wide, high = self._board.size(name) or (0, 0)
        self._board.draw(name, (box[0] + 6, box[1] + 6, wide, high), size)

    def _paint_panel(self, status: Status, box: Box, size: tuple[int, int]) -> None:
        self._panel.show(status.controls, status.values)
        lines = [*status.lines, *(["paused"] if status.paused else [])]
        picture = self._panel.draw((box[2], box[3]), title=status.title or self._title, lines=lines, keys=KEYS)
        if picture is not None:
            self._board.put("panel", picture, smooth=False)
        self._board.draw("panel", box, size)

    def _paint_notice(self, status: Status, panel_box: Box | None, size: tuple[int, int], now: float) -> None:
        """An error stays until it is mended; everything else for a while."""
        own, said_at = self._said
        text, is_error = status.notice, status.notice_is_error
        if now - said_at < _NOTICE_S:
            text, is_error = own, False
        elif not text or (not is_error and status.notice_age_s > _NOTICE_S):
            return
        width = size[0] if panel_box is None else panel_box[0]
        key = (text, width, is_error)
        if self._drawn.get("notice") != key:
            self._board.put("notice", self._notice.draw(text, width, is_error=is_error), smooth=False)
            self._drawn["notice"] = key
        wide, high = self._board.size("notice") or (0, 0)
        self._board.draw("notice", (0, size[1] - high, wide, high), size)

    def _shoot(self, now: float) -> None:
        width, height = self._size_px()
        screen = self._gpu.gl.screen
        data = np.frombuffer(screen.read((0, 0, width, height), components=3, alignment=1), np.uint8)
        number = 1
        while (path := self._shots / f"facade-{number:03}.png").exists():
            number += 1
        try:
            Image.fromarray(data.reshape(height, width, 3)[::-1]).save(path)
            self._said = (f"{path} was saved.", now)
        except OSError as error:
            self._said = (f"{path} could not be saved ({error.strerror}). Start facade in a folder of yours.", now)

    def _size_px(self) -> tuple[int, int]:
        width, height = self._window.get_framebuffer_size()
        return max(width, 1), max(height, 1)

    def _release_street(self) -> None:
        if self._street is not None:
            for thing in reversed(self._street):
                thing.release()
            self._street = None

    # ---- a person ----

    def _on_key(self, symbol: int, modifiers: int) -> bool | None:
        import pyglet

        key: Any = pyglet.window.key
        only: dict[int, View | None] = {key._0: None, key._1: "street", key._2: "canvas", key._3: "pixels"}
        posts: dict[int, Post] = {
            key.SPACE: ("/show/pause", (not self._paused,)),
            key.PERIOD: ("/show/step", ()),
            key.RIGHT: ("/show/step", ()),
            key.N: ("/show/go", ()),
            key.B: ("/show/back", ()),
        }
        if symbol in posts:
            self._source.post(*posts[symbol])
        elif symbol in only:
            self._only = only[symbol]
        elif symbol == key.TAB:
            self._with_panel = not self._with_panel
        elif symbol == key.S:
            self._wants_shot = True
        elif symbol == key.F:
            self._window.set_fullscreen(not self._window.fullscreen)
        else:
            return None  # Esc closes: pyglet's own
        return True

    def _on_press(self, x: int, y: int, button: int, modifiers: int) -> None:
        across, down = self._place(x, y)
        shown, panel = boxes(self._size_px(), only=self._only, panel=self._with_panel)
        self._touching = "canvas" in shown and holds(shown["canvas"], across, down)
        if self._touching:
            self._touch(across, down)
        elif panel is not None and holds(panel, across, down):
            self._post(self._panel.press(across - panel[0], down - panel[1]))

    def _on_drag(self, x: int, y: int, dx: int, dy: int, buttons: int, modifiers: int) -> None:
        across, down = self._place(x, y)
        _, panel = boxes(self._size_px(), only=self._only, panel=self._with_panel)
        if self._touching:
            self._touch(across, down)
        elif panel is not None:
            self._post(self._panel.drag(across - panel[0], down - panel[1]))

    def _on_release(self, *about: int) -> None:
        self._touching = False
        self._panel.release()

    def _touch(self, across: float, down: float) -> None:
        """A hand on the canvas is the mouse of the shaders that ask for one."""
        box = boxes(self._size_px(), only=self._only, panel=self._with_panel)[0].get("canvas")
        picture_px = self._board.size("canvas")
        if box is None or picture_px is None:
            return
        left, top, width, height = fitted(box, picture_px)
        place = (min(max((across - left) / width, 0.0), 1.0), min(max(1.0 - (down - top) / height, 0.0), 1.0))
        controls = self._source.status().controls
        self._post([(c["address"], place) for c in controls if (c["name"], c["type"]) == ("mouse", "point")])

    def _place(self, x: float, y: float) -> tuple[float, float]:
        """Return a place of the window system's, from the bottom left in its own units, in pixels from the top left."""
        width, height = self._size_px()
        scale = width / max(self._window.get_size()[0], 1)
        return x * scale, height - y * scale

    def _post(self, posts: Sequence[Post]) -> None:
        for address, args in posts:
            self._source.post(address, args)

    # ---- pace ----

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
        screen: Any = pyglet.display.get_display().get_default_screen()
        fitting = min(size_px[0], screen.width), min(size_px[1], screen.height)
        window = pyglet.window.Window(*fitting, caption=title, resizable=True, vsync=True, config=config)
    except Exception as error:  # pyglet raises its own, ctypes' and the display server's errors alike
        raise MachineError(
            f"a window cannot be opened here ({error}). Start from a desktop or set DISPLAY, "
            "or watch the facade on the page instead."
        ) from error
    window.set_minimum_size(*LEAST_PX)
    return window
