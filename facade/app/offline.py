"""Rendering to files: the inline host, a view of every frame, a writer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facade.app.inline import InlineHost
from facade.app.pictures import PixelPicture
from facade.app.plan import Plan, make_plan
from facade.app.wiring import gpu_without_screen
from facade.app.writers import open_writer
from facade.core.errors import OutputError, PieceError, did_you_mean
from facade.gpu.context import GpuContext
from facade.protocols.fseq import step_ms
from facade.simulator.scene import Scene
from facade.simulator.street import StreetView

DEFAULT_FRAMES = 1
STREET_PX = (960, 540)


@dataclass(frozen=True, slots=True)
class Job:
    """What to render. view: canvas, pixels, sent or street. size: of the canvas or the street picture.
    sound: a sound file that is heard instead of the show's own sound. at: what the venue's clocks show at the start.
    """

    target: str
    out: Path
    view: str
    venue: str | None = None
    frames: int | None = None
    seconds: float | None = None
    rate_hz: float | None = None
    size: tuple[int, int] | None = None
    preset: str | None = None
    sound: str = ""
    at: datetime | None = None


class View(Protocol):
    """Turns the state of a host after a step into one frame of a file."""

    shape: tuple[int, ...]
    dtype: type[np.generic]

    def frame(self, host: InlineHost, rgb: NDArray[np.float32]) -> NDArray[Any]: ...


def render_to_file(job: Job, *, progress: Callable[[int, int], None] = lambda done, total: None) -> str:
    """Render a job; returns one line that says what was made.

    Raises PieceError if a piece does not compile, OutputError for a view that is no picture, OSError for a full disk.
    """
    plan = make_plan(job.target, job.venue, sound=job.sound)
    if job.preset is not None:
        plan = _with_preset(plan, job.target, job.preset)
    rate_hz = job.rate_hz or plan.pixels.venue.venue.rate_hz
    n_frames = job.frames or (DEFAULT_FRAMES if job.seconds is None else max(1, math.ceil(job.seconds * rate_hz)))
    picture = job.out.suffix.lower() not in (".npy", ".fseq")
    if job.out.suffix.lower() == ".fseq":
        if job.view != "sent":
            raise OutputError(f'"{job.out}": FSEQ holds the bytes that are sent. Leave --view out, or use --view sent.')
        step_ms(rate_hz)
    with gpu_without_screen() as gpu:
        host = InlineHost(
            plan,
            gpu,
            rate_hz=rate_hz,
            deliver=job.view in ("sent", "street"),
            canvas_px=job.size if job.view == "canvas" else None,
        )
        if job.at is not None:
            host.renderer.stage.civil.start_at(job.at)
        for slug, fault in host.prepare().items():
            raise PieceError(f"{slug}: {fault}")
        view = _view(job, host, gpu, picture=picture)
        writer = open_writer(job.out, n_frames=n_frames, shape=view.shape, dtype=view.dtype, rate_hz=rate_hz)
        try:
            for frame in range(n_frames):
                writer.add(view.frame(host, host.step(frame)))
                progress(frame + 1, n_frames)
                for slug, fault in host.renderer.stage.faults.items():
                    raise PieceError(f"{slug}: {fault}")
            writer.close()
        except BaseException:
            writer.abandon()
            raise
    seconds = n_frames / rate_hz
    return (
        f"{job.out}: {job.view}, {n_frames} frames, {seconds:g} s at {rate_hz:g} Hz, {'×'.join(map(str, view.shape))}"
    )


def _view(job: Job, host: InlineHost, gpu: GpuContext, *, picture: bool) -> View:
    if job.view == "canvas":
        return CanvasView(host, job.size)
    if job.view == "street":
        return StreetPicture(host, gpu, job.size or STREET_PX)
    if job.view == "sent":
        if picture:
            raise OutputError(f'"{job.out}": the bytes that were sent are no picture. Use .npy, or --view street.')
        return LevelsView(host.plan) if job.out.suffix.lower() == ".fseq" else SentView(host.plan)
    return PixelsPicture(host.plan, job.size) if picture else PixelsView(host.plan)


def _with_preset(plan: Plan, slug: str, preset: str) -> Plan:
    known = plan.presets.get(slug)
    if known is None:
        raise PieceError(f'"{slug}" is a show: its cues choose presets. Name a piece with --preset.')
    if preset not in known:
        raise PieceError(f'piece {slug} has no preset "{preset}".{did_you_mean(preset, known)}')
    cue = plan.show.cue["piece"]
    layer = cue.layer[0].model_copy(update={"preset": preset})
    show = plan.show.model_copy(update={"cue": {"piece": cue.model_copy(update={"layer": (layer,)})}})
    return replace(plan, show=show)


class PixelsView:
    """float32 (P, 3) linear light."""

    dtype: type[np.generic] = np.float32

    def __init__(self, plan: Plan) -> None:
        self.shape: tuple[int, ...] = (plan.pixels.n_pixels, 3)

    def frame(self, host: InlineHost, rgb: NDArray[np.float32]) -> NDArray[Any]:
        return rgb


class PixelsPicture:
    """The same light as a flat picture."""

    dtype: type[np.generic] = np.uint8

    def __init__(self, plan: Plan, size: tuple[int, int] | None) -> None:
        self._picture = PixelPicture(plan.pixels, width_px=640 if size is None else size[0])
        self.shape: tuple[int, ...] = self._picture.shape

    def frame(self, host: InlineHost, rgb: NDArray[np.float32]) -> NDArray[Any]:
        return self._picture.draw(rgb)


class SentView:
    """uint8 (P, C): the channel bytes of every pixel; C is the widest profile's, narrower pixels end in zeros."""

    dtype: type[np.generic] = np.uint8

    def __init__(self, plan: Plan) -> None:
        offset = plan.pixels.offset
        widths = np.diff(offset)
        channel = np.arange(int(widths.max()))
        # Byte of channel c of pixel p, or the constant 0 that follows the pixel bytes.
        self._index = np.where(channel < widths[:, None], offset[:-1, None] + channel, plan.pixels.n_levels)
        self.shape: tuple[int, ...] = self._index.shape

    def frame(self, host: InlineHost, rgb: NDArray[np.float32]) -> NDArray[Any]:
        return host.levels[self._index]


class LevelsView:
    """uint8 (L,): the channel bytes of all pixels one behind the other, as they lie in every channel order."""

    dtype: type[np.generic] = np.uint8

    def __init__(self, plan: Plan) -> None:
        self.shape: tuple[int, ...] = (plan.pixels.n_levels,)

    def frame(self, host: InlineHost, rgb: NDArray[np.float32]) -> NDArray[Any]:
        return host.levels[: self.shape[0]]


class CanvasView:
    """uint8 (H, W, 3) sRGB: the mixed picture before it is mapped."""

    dtype: type[np.generic] = np.uint8

    def __init__(self, host: InlineHost, size: tuple[int, int] | None) -> None:
        width, height = size or host.plan.pixels.canvas_px
        self.shape: tuple[int, ...] = (height, width, 3)

    def frame(self, host: InlineHost, rgb: NDArray[np.float32]) -> NDArray[Any]:
        return host.renderer.stage.canvas()


class StreetPicture:
    """uint8 (H, W, 3): the building at night, lit by what the simulated device decoded from packets."""

    dtype: type[np.generic] = np.uint8

    def __init__(self, host: InlineHost, gpu: GpuContext, size: tuple[int, int]) -> None:
        self._street = StreetView(gpu, Scene.of(host.plan.pixels), size_px=size)
        self.shape: tuple[int, ...] = (size[1], size[0], 3)

    def frame(self, host: InlineHost, rgb: NDArray[np.float32]) -> NDArray[Any]:
        return self._street.render(host.device.rgb, time_s=host.clock.now())
