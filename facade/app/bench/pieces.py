"""What a piece costs: compiled, drawn per LED and on a canvas, read back, edited, changed for another.

Beside glslViewer on the same shader where that program is on the path: an aim is never to be slower on a canvas.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from facade.app.bench import edits
from facade.app.bench.figures import Aim, Spread, spread
from facade.app.bench.glslviewer import seconds_a_frame
from facade.app.bench.shaders import HEAVY, ordinary, unseen
from facade.app.bench.subjects import SMALL
from facade.app.plan import make_plan
from facade.app.synthetic import wall
from facade.app.wiring import gpu_without_screen
from facade.config.loader import load_hardware
from facade.config.show import Layer
from facade.control.snapshot import ControlSnapshot
from facade.core import places
from facade.core.clock import Clock, RealClock
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.mapping.model import PixelMap
from facade.pieces.library import PieceLibrary
from facade.show.look import CueLook, LayerLook, Look
from facade.stage.stage import Stage

SIZES = (10_000, 100_000, 1_000_000)
"""Pixels."""

SCREEN_PX = (1920, 1080)
LED_PIXELS = 20_000
TIMES_CHEAPER = 10.0
RELOAD_AIM_MS = 200.0
MANY = 300
_FRAMES = 6
_RELOADS = 12
_WRITING_S = 0.3


@dataclass(frozen=True, slots=True)
class DrawCost:
    """Milliseconds of a frame. domain: "pixel" draws each pixel, "canvas" as many texels as there are pixels."""

    domain: str
    pixels: int
    render: Spread
    sample: Spread
    readback: Spread


@dataclass(frozen=True, slots=True)
class PieceCost:
    """Milliseconds.

    cold, warm: reading, translating, compiling and the first draw of a shader the driver has never seen, or has kept.
    These, reload and switch are of an ordinary shader; what follows is of a heavy one.
    reload: an edit saved while a show plays, until its light leaves. switch: frames in which one of ``pieces`` warm
    pieces takes over.
    screen: a canvas of SCREEN_PX. leds: LED_PIXELS per LED. viewer: glslViewer's frame of SCREEN_PX, None without it.
    """

    cold: Spread
    warm: Spread
    reload: Spread
    pieces: int
    switch: Spread
    screen: Spread
    leds: Spread
    viewer: Spread | None
    draws: tuple[DrawCost, ...]


def measure(*, say: Callable[[str], None] = lambda text: None) -> PieceCost:
    """Measure one shader on this machine."""
    clock = RealClock()
    with tempfile.TemporaryDirectory() as name, gpu_without_screen() as gpu:
        folder = Path(name)
        bench = _Bench(gpu, clock, folder)
        say("pieces: compiling")
        cold, warm = bench.compiled()
        say("pieces: editing")
        reload = edits.measure(clock, say=say)
        say(f"pieces: switching among {MANY}")
        switch = bench.switches()
        say("pieces: drawing")
        screen = bench.drawn("canvas", 1_000, SCREEN_PX)
        leds = bench.drawn("pixel", LED_PIXELS, None)
        say("pieces: glslViewer")
        seen = [1e3 * each for each in seconds_a_frame(bench.shader("canvas_drawn"), SCREEN_PX, clock)]
        say("pieces: drawing at every size")
        draws = [bench.drawn(domain, pixels, None) for pixels in SIZES for domain in ("pixel", "canvas")]
    viewer = spread(seen) if seen else None
    return PieceCost(cold, warm, reload, MANY, switch, screen.render, leds.render, viewer, tuple(draws))


def aims(result: PieceCost) -> list[Aim]:
    """What is asked of these figures."""
    times = result.screen.p50 / result.leds.p50
    size = "×".join(map(str, SCREEN_PX))
    found = [
        Aim("an edit on the wall", f"median < {RELOAD_AIM_MS:g} ms", _told(result.reload), result.reload.p50 < 200.0),
        Aim(
            f"{LED_PIXELS:,} pixels per LED, against a canvas of {size}",
            f"{TIMES_CHEAPER:g} times cheaper",
            f"{times:.0f} times",
            times >= TIMES_CHEAPER,
        ),
    ]
    if result.viewer is not None:
        figures = f"{result.screen.p50:.0f} ms, glslViewer {result.viewer.p50:.0f}"
        found.append(
            Aim(f"a canvas of {size}", "not slower than glslViewer", figures, result.screen.p50 <= result.viewer.p50)
        )
    return found


def _told(ms: Spread) -> str:
    return f"{ms.p50:.1f} ms, p99 {ms.p99:.1f}"


class _Bench:
    """Stages on walls of any size, and pieces written for them."""

    def __init__(self, gpu: GpuContext, clock: Clock, folder: Path) -> None:
        self._gpu = gpu
        self._clock = clock
        self._folder = folder
        self._small = make_plan(None, SMALL).pixels

    def _piece(self, slug: str, *, text: str, domain: str = "pixel") -> str:
        home = self._folder / slug
        home.mkdir(exist_ok=True)
        (home / f"{slug}.frag").write_text(text, encoding="utf-8")
        facts = f'schema = 1\ntitle = "{slug}"\nshader = "{slug}.frag"\ndialect = "plain"\ndomain = "{domain}"\n'
        (home / "piece.toml").write_text(facts, encoding="utf-8")
        return slug

    def shader(self, slug: str) -> Path:
        """Return the file of a piece."""
        return self._folder / slug / f"{slug}.frag"

    def _stage(self, pixels: PixelMap, canvas_px: tuple[int, int] | None = None) -> Stage:
        library = PieceLibrary([self._folder])
        return Stage(self._gpu, pixels, library, clock=self._clock, canvas_px=canvas_px, budget_ms=None)

    def compiled(self) -> tuple[Spread, Spread]:
        stage = self._stage(self._small)
        cold: list[float] = []
        warm: list[float] = []
        for n in range(_RELOADS):
            slug = self._piece(f"new{n}", text=ordinary(unseen()))
            for took in (cold, warm):
                # The driver writes its cache when it has the time.
                self._clock.wait_until(self._clock.now() + _WRITING_S)
                before = self._clock.now()
                stage.reload(slug)
                took.append((self._clock.now() - before) * 1e3)
        stage.release()
        return spread(cold), spread(warm)

    def switches(self) -> Spread:
        stage = self._stage(self._small)
        slugs = [self._piece(f"many{n}", text=ordinary(), domain="canvas" if n % 2 else "pixel") for n in range(MANY)]
        stage.prepare(slugs)
        took = []
        for n, slug in enumerate([*slugs[:4], *slugs]):
            before = self._clock.now()
            self._frame(stage, slug, n, started_at_s=0.2 * n)
            took.append((self._clock.now() - before) * 1e3)
        stage.release()
        return spread(took[4:])

    def drawn(self, domain: str, n_pixels: int, canvas_px: tuple[int, int] | None) -> DrawCost:
        pixels, _ = wall(n_pixels, load_hardware(places.hardware()))
        if domain == "canvas" and canvas_px is None:
            canvas_px = (1000, n_pixels // 1000)
        stage = self._stage(pixels, canvas_px)
        slug = self._piece(f"{domain}_drawn", text=HEAVY, domain=domain)
        rows = []
        for error in stage.prepare([slug]).values():
            if error is not None:
                raise error
        for n in range(_FRAMES + 2):
            self._frame(stage, slug, n)
            rows.append(dict(stage.cost_ms))
        stage.release()
        costs = {step: spread([row[step] for row in rows[2:]]) for step in ("render", "sample", "readback")}
        return DrawCost(domain, pixels.n_pixels, **costs)

    def _frame(self, stage: Stage, slug: str, n: int, *, started_at_s: float = 0.0) -> None:
        layer = LayerLook(key=("cue", 0), layer=Layer(piece=slug), seed=1)
        look = Look((CueLook(name="cue", weight=1.0, started_at_s=started_at_s, layers=(layer,)),))
        stage.frame(Tick(n, n / 60, 1 / 60), look, ControlSnapshot(n, {}))
