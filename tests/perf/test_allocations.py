"""A frame allocates nothing that grows with pixels: not in delivery, not on the stage, not in the link between them."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from facade.app.bench.subjects import load_subject
from facade.app.engines import offline_engine
from facade.control.snapshot import ControlSnapshot
from facade.core import places
from facade.core.clock import StepClock
from facade.core.frame import PixelFrame, Tick
from facade.link import FrameRing
from facade.outputs.virtual import VirtualNetwork
from facade.pieces.library import PieceLibrary
from facade.simulator.device import SimulatedDevice
from facade.stage.stage import Stage
from tests.support.gl import look

WARM = 6
FRAMES = 12
PIXELS = 26_688
SMALL_BYTES = 16 * 1024
"""Less than one byte a pixel, so that no array of pixels fits; Python's own small change does."""

CAST_BUFFER = 256
"""Elements in NumPy's buffer for mixed types: 8,192 else, as large as a small array of pixels, for any wall."""


def peak_bytes(frame: Callable[[int], object]) -> int:
    """Return the most memory that was in use above the start during twelve frames, after six warm ones."""
    for i in range(WARM):
        frame(i)
    gc.collect()
    usual = np.setbufsize(CAST_BUFFER)
    tracemalloc.start()
    try:
        frame(WARM)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        for i in range(WARM + 1, WARM + 1 + FRAMES):
            frame(i)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
        np.setbufsize(usual)


@pytest.fixture(scope="module")
def prado():
    subject = load_subject("medialab_prado")
    assert subject.pixels.n_pixels == PIXELS
    return subject


def light(n_pixels: int) -> np.ndarray:
    return np.random.default_rng(3).random((n_pixels, 3), dtype=np.float32)


def test_the_measure_sees_one_array_of_a_byte_a_pixel():
    kept = []

    def frame(i: int) -> None:
        kept[:] = [np.zeros(PIXELS, np.uint8)]

    assert peak_bytes(frame) > SMALL_BYTES


@pytest.mark.parametrize("master", [1.0, 0.5], ids=["full", "dimmed"])
def test_light_patch_and_send_allocate_nothing_that_grows(prado, master):
    clock, network = StepClock(), VirtualNetwork()
    engine = offline_engine(prado.pixels, prado.patch, clock, network=network)
    engine.master = master
    rgb = light(PIXELS)

    def frame(i: int) -> None:
        clock.advance(1 / 40)
        engine.offer(PixelFrame(Tick(i, i / 40, 1 / 40), rgb))
        engine.step()

    assert peak_bytes(frame) < SMALL_BYTES


def test_the_fade_to_the_safe_look_allocates_nothing_that_grows(prado):
    clock = StepClock()
    engine = offline_engine(prado.pixels, prado.patch, clock, network=VirtualNetwork())
    engine.offer(PixelFrame(Tick(0, 0.0, 1 / 40), light(PIXELS)))
    engine.step()
    clock.advance(2.1)
    looks = []

    def frame(i: int) -> None:
        clock.advance(1 / 40)
        engine.step()
        looks.append(engine.health().look)

    assert peak_bytes(frame) < SMALL_BYTES
    assert set(looks) == {"fading"}


def test_a_frame_that_arrives_at_the_simulator_allocates_nothing_that_grows(prado):
    clock, network = StepClock(), VirtualNetwork()
    device = SimulatedDevice(prado.pixels, prado.patch)
    network.attach(device.receive_burst)
    engine = offline_engine(prado.pixels, prado.patch, clock, network=network)
    rgb = light(PIXELS)

    def frame(i: int) -> None:
        clock.advance(1 / 40)
        engine.offer(PixelFrame(Tick(i, i / 40, 1 / 40), rgb))
        engine.step()

    assert peak_bytes(frame) < SMALL_BYTES


def test_the_link_between_processes_allocates_nothing_that_grows():
    ring = FrameRing((PIXELS, 3), np.float32)
    reader = FrameRing((PIXELS, 3), np.float32, fd=ring.fd)
    rgb = light(PIXELS)

    def frame(i: int) -> None:
        ring.write(Tick(i, i / 60, 1 / 60), rgb)
        assert reader.latest() is not None

    assert peak_bytes(frame) < SMALL_BYTES


@pytest.mark.parametrize("piece", ["ember", "wake"])
def test_the_stage_allocates_nothing_that_grows(gpu, prado, piece):
    stage = Stage(gpu, prado.pixels, PieceLibrary((places.pieces(),)), budget_ms=None)
    shown = look(piece)

    def frame(i: int) -> None:
        stage.frame(Tick(i, i / 60, 1 / 60), shown, ControlSnapshot(i, {}))

    assert peak_bytes(frame) < SMALL_BYTES
    stage.release()
