"""The flash guard at the edges of delivery: seldom-sent controllers, starts after a failure, the safe look."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest

from facade.core.clock import StepClock
from facade.core.frame import PixelFrame, Tick
from facade.delivery.build import build_delivery
from facade.light.bank import banks
from facade.light.emission import Emission
from facade.light.flash_report import analyse
from facade.outputs.virtual import VirtualNetwork
from facade.protocols import artnet
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

RATE_HZ = 60.0
SLOW = {"host": "127.0.0.1", "protocol": "artnet", "max_rate_hz": 20.0}


class Lamps:
    """Pixels on one controller, and the light they show in every frame: what they were last sent."""

    def __init__(self, controller, *, n=8, safe=(0.0, 0.0, 0.0), **options):
        self.clock, network = StepClock(), VirtualNetwork()
        self.pixels = pixel_map([RGB_LINEAR], [n], rate_hz=RATE_HZ)
        patch = patch_of(self.pixels, controllers={"node": controller})
        self._last, self._shown = np.zeros(self.pixels.n_levels, np.uint8), []
        network.listen(self._receive)
        self.engine = build_delivery(
            self.pixels, patch, clock=self.clock, cid=UUID(int=1), network=network, udp=False, back_s=0.0, **options
        )
        self.engine._picture._safe[:] = safe
        self._emission = Emission(banks(self.pixels), n)

    def _receive(self, packet, host, port):
        message = artnet.decode(packet)
        if isinstance(message, artnet.ArtDmx):
            self._last = np.frombuffer(bytes(message.data), np.uint8)[: self.pixels.n_levels]

    def frame(self, light):
        rgb = np.broadcast_to(np.float32(light), (self.pixels.n_pixels, 3)).copy()
        self.engine.offer(PixelFrame(Tick(0, 0.0, 0.0), rgb))
        self.step(self.engine.step)

    def step(self, send):
        send()
        self.clock.advance(1 / RATE_HZ)
        planes = np.zeros((3, self.pixels.n_pixels), np.float32)
        self._emission.read_into(self._last.copy(), planes)
        self._shown.append(planes.T.copy())

    @property
    def shown(self):
        return np.array(self._shown)


@pytest.mark.parametrize("seed", range(3))
def test_a_controller_that_is_sent_every_third_frame_flashes_no_more_often(seed):
    # Flashes whose rise the guard sees in one frame and the lamp in a later one: a second apart there, less here.
    rng = np.random.default_rng(seed)
    lamps = Lamps(SLOW, n=64)
    at = rng.uniform(0, 1 / 3, 64)
    for n in range(240):
        on = ((n / RATE_HZ * rng.choice([3.0, 3.02, 2.95]) + at) % 1.0) < 0.5
        lamps.frame(np.repeat(on[:, None], 3, axis=1))

    assert analyse(lamps.shown, lamps.pixels, rate_hz=RATE_HZ).passes


def test_a_calm_picture_reaches_a_seldom_sent_controller_unchanged():
    lamps = Lamps(SLOW)
    for n in range(60):
        lamps.frame(n / 60)

    assert np.allclose(lamps.shown[3::3, 0, 0], np.arange(3, 60, 3) / 60, atol=0.6 / 255)
    assert lamps.engine.health().flash_frames == 0


def test_after_a_start_of_which_nobody_knows_what_was_before_nothing_rises_for_a_second():
    lamps = Lamps({**SLOW, "max_rate_hz": 60.0}, known_start=False)
    for _ in range(90):
        lamps.frame(1.0)

    assert not lamps.shown[:59].any()
    assert lamps.shown[61:].min() == 1.0


def test_restarts_in_the_middle_of_a_strobe_add_no_flash():
    pieces = []
    for _ in range(3):
        lamps = Lamps({**SLOW, "max_rate_hz": 60.0}, known_start=False)
        for n in range(100):
            lamps.frame(float(n % 12 < 6))
        pieces.append(lamps.shown)

    assert analyse(np.concatenate(pieces), lamps.pixels, rate_hz=RATE_HZ).passes
    assert pieces[-1].max() == 1.0


@pytest.mark.parametrize("every", [7, 25, 64])
def test_steps_that_fail_now_and_then_do_not_flash(every):
    lamps = Lamps({**SLOW, "max_rate_hz": 60.0}, safe=(1.0, 1.0, 1.0))
    for n in range(300):
        if n % every == 0:
            lamps.step(lamps.engine.send_safe)
        else:
            lamps.frame(float(n % 40 < 20))

    assert analyse(lamps.shown, lamps.pixels, rate_hz=RATE_HZ).passes


def test_when_the_guard_itself_fails_the_safe_look_leaves_and_stays():
    lamps = Lamps({**SLOW, "max_rate_hz": 60.0})
    lamps.frame(0.0)

    def broken(**_):
        raise ValueError("broken on purpose")

    lamps.engine._pipeline._flash.hold = broken
    lamps.step(lamps.engine.send_safe)

    assert not lamps.shown.any()


@pytest.mark.parametrize("move", ["master", "blackout"])
def test_hammering_on_master_and_blackout_does_not_flash(move):
    lamps = Lamps({**SLOW, "max_rate_hz": 60.0})
    for n in range(240):
        on = n % 16 < 8
        if move == "master":
            lamps.engine.master = float(on)
        else:
            lamps.engine.blackout = not on
        lamps.frame(1.0)

    assert analyse(lamps.shown, lamps.pixels, rate_hz=RATE_HZ).passes
    assert lamps.shown.max() > 0


def test_frames_that_stop_and_return_again_and_again_do_not_flash():
    lamps = Lamps({**SLOW, "max_rate_hz": 60.0}, safe=(1.0, 1.0, 1.0))
    for n in range(480):
        if n % 40 < 4:
            lamps.frame(0.0)
        else:
            lamps.step(lamps.engine.step)

    assert analyse(lamps.shown, lamps.pixels, rate_hz=RATE_HZ).passes
