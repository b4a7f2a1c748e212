"""A whole show in one process: what the simulated device decodes from packets is the light that was rendered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from facade.app.inline import InlineHost
from facade.app.plan import make_plan
from facade.app.wiring import gpu_without_screen
from facade.cli.options import venue_folders
from facade.control.events import InputEvent
from facade.core.frame import Rgb
from facade.gpu.context import GpuContext
from facade.light.curve import level_lights
from tests.support.running import piece_at

pytestmark = pytest.mark.timeout(120)

RATE_HZ = 40.0
DT = 1.0 / RATE_HZ

SHOW = """
schema = 1
title = "Two colours"
rate_hz = 40.0

[input.osc]
type = "osc"

[cue.red]
crossfade_s = 0.0
[[cue.red.layer]]
piece = "red"

[cue.blue]
crossfade_s = 2.0
[[cue.blue.layer]]
piece = "blue"
"""


@pytest.fixture(scope="module")
def gpu() -> Iterator[GpuContext]:
    with gpu_without_screen() as gpu:
        yield gpu


@pytest.fixture
def two_colours(tmp_path: Path) -> str:
    (tmp_path / "show.toml").write_text(SHOW)
    piece_at(tmp_path, "red", "vec4 piece(vec2 uv) { return vec4(0.4, 0.0, 0.0, 1.0); }\n")
    piece_at(tmp_path, "blue", "vec4 piece(vec2 uv) { return vec4(0.0, 0.0, 0.4, 1.0); }\n")
    return str(tmp_path / "show.toml")


@contextmanager
def host_of(gpu: GpuContext, target: str, venue: str) -> Iterator[InlineHost]:
    host = InlineHost(make_plan(target, venue), gpu, rate_hz=RATE_HZ)
    assert host.prepare() == {}
    yield host
    host.renderer.stage.release()


def say(address: str, *args: object, at_s: float = 0.0) -> InputEvent:
    return InputEvent(at_s, "osc", address, args)  # type: ignore[arg-type]


def settle(host: InlineHost, start: int, n_frames: int, events: tuple[InputEvent, ...] = ()) -> tuple[Rgb, Rgb]:
    """Step n_frames; returns the light rendered and the light decoded, both averaged over them."""
    rendered = decoded = np.zeros((host.plan.pixels.n_pixels, 3), dtype=np.float64)
    for frame in range(start, start + n_frames):
        rendered = rendered + host.step(frame, events if frame == start else ())
        decoded = decoded + host.device.rgb
    return (rendered / n_frames).astype(np.float32), (decoded / n_frames).astype(np.float32)


def coarsest_step(host: InlineHost) -> float:
    """The largest difference of light between two neighbouring levels of any fixture of the venue."""
    return max(float(np.diff(level_lights(profile)).max()) for profile in host.plan.pixels.profiles)


@pytest.mark.parametrize("venue", venue_folders())
@pytest.mark.parametrize("piece", ["ember", "wake"])
def test_the_device_decodes_the_light_that_was_rendered(gpu: GpuContext, venue: str, piece: str) -> None:
    with host_of(gpu, piece, venue) as host:
        for frame in range(20):
            rendered = host.step(frame).copy()
        decoded = host.device.rgb
        health = host.engine.health() if host.engine else None
        assert health is not None
        assert health.not_finite == 0
        assert rendered.max() > 0.02
        error = np.abs(decoded - np.clip(rendered, 0.0, 1.0) * health.power_scale)
        assert error.max() <= coarsest_step(host) + 1e-3


def test_dithering_gives_over_the_wall_what_no_single_level_can(gpu: GpuContext, two_colours: str) -> None:
    with host_of(gpu, two_colours, "medialab_prado") as host:
        rendered, decoded = settle(host, 0, 2)
        scale = host.engine.health().power_scale if host.engine else 0.0
        step = coarsest_step(host)
    wanted = rendered[:, 0].mean() * scale
    assert abs(decoded[:, 0].mean() - wanted) < 0.01 * step
    assert len(np.unique(decoded[:, 0])) > 1, "one level everywhere: nothing was dithered"


def test_a_cue_crossfades_in_its_seconds(gpu: GpuContext, two_colours: str) -> None:
    with host_of(gpu, two_colours, "imal_minimal") as host:
        settle(host, 0, 20)
        red = host.device.rgb[:, 0].mean()
        shares = []
        for frame in range(20, 120):
            host.step(frame, [say("/show/cue", "blue")] if frame == 20 else ())
            shares.append((host.device.rgb[:, 0].mean() / red, host.device.rgb[:, 2].mean() / red))
    reds, blues = np.array(shares).T
    assert reds[0] > 0.95
    assert blues[0] < 0.05
    # Two seconds are eighty frames; halfway both are there in equal parts.
    assert abs(reds[40] - 0.5) < 0.06
    assert abs(blues[40] - 0.5) < 0.06
    assert reds[82] < 0.01
    assert blues[82] > 0.99
    assert (np.diff(reds) <= 0.012).all()
    assert (np.diff(blues) >= -0.012).all()


def test_master_dims_all_light_by_its_share(gpu: GpuContext, two_colours: str) -> None:
    with host_of(gpu, two_colours, "imal_minimal") as host:
        _, full = settle(host, 0, 64)
        settle(host, 64, 40, (say("/master", 0.25),))
        rendered, dimmed = settle(host, 104, 64)
    assert np.allclose(dimmed, 0.25 * full, atol=2e-3)
    assert np.allclose(rendered[:, 0], 0.4, atol=1e-3), "the renderer knows nothing of the master"


def test_blackout_darkens_every_byte_within_half_a_second_and_gives_the_light_back(
    gpu: GpuContext, two_colours: str
) -> None:
    with host_of(gpu, two_colours, "imal_minimal") as host:
        settle(host, 0, 20)
        lit = host.device.rgb.copy()
        settle(host, 20, 20, (say("/blackout", True),))
        n = host.plan.pixels.n_levels
        assert not host.levels[:n].any()
        assert not host.device.rgb.any()
        settle(host, 40, 40, (say("/blackout", False),))
        assert np.allclose(host.device.rgb, lit, atol=coarsest_step(host))


def test_a_blackout_is_a_ramp_that_never_flashes(gpu: GpuContext, two_colours: str) -> None:
    with host_of(gpu, two_colours, "imal_minimal") as host:
        settle(host, 0, 20)
        sums = []
        for frame in range(20, 50):
            host.step(frame, [say("/blackout", True)] if frame == 20 else ())
            sums.append(float(host.device.rgb.sum()))
    assert (np.diff(sums) <= 1e-3).all()
    assert len([s for s in sums if 0 < s < 0.9 * sums[0]]) >= 3


def test_the_demo_show_lights_every_venue_in_every_cue(gpu: GpuContext) -> None:
    for venue in venue_folders():
        with host_of(gpu, "first_light", venue) as host:
            frame = 0
            for cue in host.plan.show.cue:
                host.step(frame, [say("/show/cue", cue, at_s=frame * DT)])
                # Crossfades take up to eight seconds; a step of the grid may be long, time is what counts.
                later = (*range(frame + 1, frame + 6), *range(frame + 400, frame + 403))
                for each in later:
                    host.step(each)
                frame = later[-1] + 1
                assert host.device.rgb.max() > 0.01, f"{cue} on {venue} is dark"
                assert np.isfinite(host.device.rgb).all()
