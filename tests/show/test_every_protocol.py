"""The picture that a show renders is the picture that a far end decodes, pixel for pixel, by every protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facade.app.baked import open_baked
from facade.app.inline import InlineHost
from facade.app.offline import Job, render_to_file
from facade.app.plan import make_plan
from facade.app.wiring import gpu_without_screen
from facade.config.loader import Hardware, load_hardware
from facade.core import places
from facade.gpu.context import GpuContext
from facade.protocols.blinkenlights import ON
from tests.support.protocol_venues import VENUES, compiled
from tests.support.running import piece_at

pytestmark = pytest.mark.timeout(120)

STEP = 1.0 / 255.0
ROUNDING = 0.51 * STEP
"""Half a level of eight bits, and the width of a place in the curve's table."""

FRAMES = 45
"""Longer than the flash guard holds back a first rise."""

# Every pixel has a colour of its own, so that none can stand for another. Lamps without colours get greys.
COLOURS = "vec4 piece(vec2 uv) { return vec4(uv, fract(7.317 * uv.x + 11.731 * uv.y), 1.0); }\n"
GREYS = "vec4 piece(vec2 uv) { return vec4(vec3(fract(7.317 * uv.x + 11.731 * uv.y)), 1.0); }\n"


@pytest.fixture(scope="module")
def gpu() -> Iterator[GpuContext]:
    with gpu_without_screen() as gpu:
        yield gpu


@pytest.fixture(scope="module")
def hardware() -> Hardware:
    return load_hardware(places.hardware())


@pytest.mark.parametrize("profile", VENUES)
def test_the_picture_that_arrives_is_the_picture_that_was_rendered(
    profile: str, gpu: GpuContext, hardware: Hardware, tmp_path: Path
) -> None:
    is_grey = VENUES[profile][2] == "W"
    piece = piece_at(tmp_path, "many", GREYS if is_grey else COLOURS)
    pixels, patch = compiled(profile, hardware)
    plan = replace(make_plan(str(piece), "imal_minimal"), pixels=pixels, patch=patch)
    host = InlineHost(plan, gpu, rate_hz=25.0)
    assert host.prepare() == {}

    for frame in range(FRAMES):
        rendered = host.step(frame).copy()
    decoded = host.device.rgb

    received = host.device.received
    assert (received.broken, received.foreign, received.problem) == (0, 0, "")
    assert len(np.unique(rendered, axis=0)) > 0.8 * len(rendered)
    sent, shown = (levels[: pixels.n_levels] for levels in (host.levels, host.device.levels))
    if profile == "blinkenlights_blp":
        # Its windows are on or off.
        assert np.abs(sent * STEP - rendered[:, 0]).max() <= ROUNDING
        assert np.array_equal(shown, np.where(sent >= ON, 255, 0))
        assert 0.2 < np.mean(decoded) < 0.8
    else:
        assert np.array_equal(shown, sent)
        # Two channels add up where a white lamp takes over what the colours share.
        assert np.abs(decoded - rendered).max() <= ROUNDING * (2 if profile == "wled_rgbw" else 1)
    host.renderer.stage.release()


def test_a_file_of_what_is_sent_holds_the_picture_that_a_far_end_decodes(gpu: GpuContext, tmp_path: Path) -> None:
    piece, out = piece_at(tmp_path, "many", COLOURS), tmp_path / "many.fseq"
    host = InlineHost(make_plan(str(piece), "imal_minimal"), gpu, rate_hz=40.0)
    assert host.prepare() == {}
    pictures = []
    for frame in range(FRAMES):
        host.step(frame)
        pictures.append(host.device.rgb.copy())
    host.renderer.stage.release()

    render_to_file(Job(str(piece), out, "sent", venue="imal_minimal", frames=FRAMES, rate_hz=40.0))
    show = open_baked(out, host.plan.pixels)

    rgb = np.zeros((host.plan.pixels.n_pixels, 3), np.float32)
    for frame in (0, 7, FRAMES - 1):
        show.frame_into(frame, rgb)
        assert np.array_equal(rgb, pictures[frame])
    assert len(np.unique(rgb, axis=0)) == host.plan.pixels.n_pixels
    show.close()
