"""Light leaving, seen from the controllers: the virtual network records what they receive."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from uuid import UUID

import numpy as np
import pytest

from facade.config.venue import Venue
from facade.core.clock import StepClock
from facade.core.errors import InputError, MappingError, OutputError
from facade.core.frame import PixelFrame, Tick
from facade.core.health import State
from facade.delivery.build import build_delivery
from facade.delivery.engine import DeliveryEngine
from facade.light.pipeline import LightPipeline
from facade.outputs.slab import PacketSlab
from facade.outputs.virtual import VirtualNetwork
from facade.protocols import artnet, sacn
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

ARTNET = {"host": "127.0.0.1", "protocol": "artnet"}


class Rig:
    """An engine on a virtual network, with all it sent: (controller port, time, message)."""

    def __init__(
        self, controllers=None, *, n=18, profile=RGB_LINEAR, rate_hz=40.0, wall_at=None, tables=None, **options
    ):
        self.clock = StepClock(wall_at=wall_at) if wall_at else StepClock()
        self.network, self.sent = VirtualNetwork(), []
        self.pixels = pixel_map([profile], [n], rate_hz=rate_hz)
        if tables:
            document = Venue.model_validate({**self.pixels.venue.model_dump(by_alias=True), **tables})
            self.pixels = replace(self.pixels, venue=document)
        patch = patch_of(self.pixels, controllers=controllers)
        self.network.listen(self._receive)
        options.setdefault("back_s", 0.0)
        self.engine = build_delivery(
            self.pixels, patch, clock=self.clock, cid=UUID(int=1), network=self.network, udp=False, **options
        )

    def _receive(self, packet, host, port):
        decode = artnet.decode if bytes(packet[:7]) == b"Art-Net" else sacn.decode
        self.sent.append((port, self.clock.now(), decode(packet)))

    def light(self, value):
        rgb = np.full((self.pixels.n_pixels, 3), value, np.float32)
        self.engine.offer(PixelFrame(Tick(0, 0.0, 0.025), rgb))

    def run(self, frames, *, light=None):
        for _ in range(frames):
            if light is not None:
                self.light(light)
            self.engine.step()
            self.clock.advance(1 / self.engine.rate_hz)

    def levels(self):
        """First slot of every data packet, in order of sending."""
        return [m.data[0] for _, _, m in self.sent if isinstance(m, artnet.ArtDmx | sacn.SacnData)]


def test_offered_light_reaches_the_controller():
    rig = Rig()

    rig.run(1, light=0.6)

    assert rig.sent[0][2].data[:54] == bytes([153]) * 54
    assert rig.engine.levels[:54].tolist() == [153] * 54


def test_light_goes_on_leaving_without_new_frames():
    rig = Rig()
    rig.run(1, light=0.6)

    rig.run(39)

    assert rig.levels() == [153] * 40


def test_frames_that_stop_end_in_the_safe_look():
    rig = Rig()
    rig.run(1, light=0.6)

    rig.run(200)

    assert rig.levels()[-1] == 0
    assert rig.engine.health().look == "safe"


def test_master_glides_in_a_tenth_of_a_second():
    rig = Rig()
    rig.run(2, light=1.0)

    rig.engine.master = 0.2
    rig.run(6, light=1.0)

    assert rig.levels()[2:] == [191, 128, 64, 51, 51, 51]
    assert rig.engine.master == 0.2


def test_blackout_is_dark_after_three_tenths_and_light_comes_back():
    rig = Rig()
    rig.run(1, light=1.0)

    rig.engine.blackout = True
    rig.run(12, light=1.0)
    dark = rig.levels()[-1]
    rig.engine.blackout = False
    rig.run(12, light=1.0)

    assert dark == 0
    assert rig.levels()[-1] == 255
    assert rig.levels().count(0) <= 2
    assert not rig.engine.health().blackout


@pytest.mark.parametrize(("given", "taken"), [(-1.0, 0.0), (7.0, 1.0), (0.25, 0.25)])
def test_master_is_clamped(given, taken):
    rig = Rig()
    rig.engine.master = given

    assert rig.engine.master == taken


def test_master_that_is_no_number_is_refused():
    with pytest.raises(InputError):
        Rig().engine.master = float("nan")


def test_everything_is_built_before_anything_is_sent_and_sync_comes_last():
    east, west = ({**ARTNET, "sync": True, "port": port} for port in (7001, 7002))
    rig = Rig({"east": east, "west": west}, n=170 * 80)

    rig.run(1, light=1.0)

    kinds = [type(m) for _, _, m in rig.sent]
    assert kinds == [artnet.ArtDmx] * 80 + [artnet.ArtSync] * 2
    assert all(m.data[0] == 255 for _, _, m in rig.sent[:80])


def test_controllers_take_turns():
    rig = Rig({"east": {**ARTNET, "port": 7001}, "west": {**ARTNET, "port": 7002}}, n=170 * 80)

    rig.run(1, light=1.0)

    ports = [port for port, _, _ in rig.sent]
    runs = [len(list(group)) for group in _runs(ports)]
    assert runs == [16, 16, 16, 16, 8, 8]


def test_slow_controller_gets_every_second_frame():
    slow, quick = {**ARTNET, "port": 7001, "max_rate_hz": 44.0}, {**ARTNET, "port": 7002, "max_rate_hz": 100.0}
    rig = Rig({"slow": slow, "quick": quick}, n=340, rate_hz=60.0)

    rig.run(60, light=1.0)

    ports = [port for port, _, _ in rig.sent]
    assert (ports.count(7001), ports.count(7002)) == (30, 60)


def test_resting_universes_are_repeated_within_eight_tenths():
    rig = Rig({"main": ARTNET}, always_send=False)

    rig.run(200, light=0.5)

    times = [t for _, t, _ in rig.sent]
    assert max(np.diff(times)) <= 0.8 + 1e-9
    assert len(times) < 20


def test_vanished_controller_leaves_the_others_alone():
    rig = Rig({"east": {**ARTNET, "port": 7001}, "west": {**ARTNET, "port": 7002}}, n=340)
    rig.run(10, light=1.0)

    rig.network.unplug("east")
    rig.run(100, light=1.0)

    assert rig.network.received("west") == 110
    states = {o.name: o.state for o in rig.engine.health().outputs}
    assert states == {"east": State.FAILED, "west": State.LIVE}


def test_shared_sync_is_sent_once_by_whoever_can():
    one = {"host": "multicast", "protocol": "sacn", "sync_universe": 900}
    rig = Rig({"east": one, "west": one}, n=340)
    rig.run(3, light=1.0)
    rig.network.unplug("east")

    rig.run(3, light=1.0)

    syncs = [m.sequence for _, _, m in rig.sent if isinstance(m, sacn.SacnSync)]
    assert len(syncs) == 6
    assert syncs == sorted(set(syncs))


def test_closing_fades_to_black_in_under_a_second():
    rig = Rig()
    rig.run(2, light=1.0)
    before = rig.clock.now()

    rig.engine.close(fade_s=0.5)

    levels = rig.levels()[2:]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > 200
    assert levels[-4:] == [0] * 4
    assert rig.clock.now() - before < 1.0


def test_closing_takes_under_a_second_even_if_asked_for_more():
    rig = Rig()

    rig.engine.close(fade_s=60.0)

    assert rig.clock.now() < 1.0


def test_closing_tells_sacn_receivers_three_times():
    rig = Rig({"main": {"host": "multicast", "protocol": "sacn"}}, n=340)
    rig.run(2, light=1.0)

    rig.engine.close(fade_s=0.1)

    ended = [(m.universe, m.terminated) for _, _, m in rig.sent]
    assert ended[-6:] == [(1, True), (2, True)] * 3
    assert not any(terminated for _, terminated in ended[:-6])


def test_closing_reaches_a_controller_that_has_just_come_back():
    rig = Rig()
    rig.run(2, light=1.0)
    rig.network.unplug("main")
    rig.run(100, light=1.0)
    rig.network.plug("main")

    rig.engine.close(fade_s=0.1)

    assert rig.levels()[-1] == 0


def test_closing_twice_sends_nothing_more():
    rig = Rig()
    rig.engine.close()
    n = len(rig.sent)

    rig.engine.close()

    assert len(rig.sent) == n


def test_safe_levels_obey_master_and_blackout():
    rig = Rig()
    bright = build_safe(rig, color=(1.0, 1.0, 1.0))

    seen = []
    for master, blackout in [(1.0, False), (0.5, False), (1.0, True)]:
        bright.master, bright.blackout = master, blackout
        bright.send_safe()
        seen.append(int(bright.levels[0]))

    assert seen == [255, 128, 0]


def build_safe(rig, **safe):
    look = rig.pixels.venue.safe.model_copy(update=safe)
    slab = PacketSlab(patch_of(rig.pixels), cid=UUID(int=2))
    (sender,) = rig.engine._dispatch._pairs[0][1:]
    return DeliveryEngine(
        rig.pixels, slab, pipeline=LightPipeline(rig.pixels), senders=[sender], safe=look, clock=rig.clock
    )


def test_health_tells_rate_and_worst_gap():
    rig = Rig(n=170 * 4)

    rig.run(80, light=1.0)
    steady = rig.engine.health()
    rig.clock.advance(0.2)
    rig.run(1, light=1.0)

    health = rig.engine.health()
    assert steady.packets_per_s == pytest.approx(160)
    assert steady.worst_gap_s == pytest.approx(0.025)
    assert health.worst_gap_s == pytest.approx(0.225)
    assert (health.frames, health.pixels, health.rate_hz) == (81, 680, 40.0)


def test_not_a_number_is_counted_and_dark():
    rig = Rig()

    rig.run(1, light=float("nan"))

    assert rig.levels() == [0]
    assert rig.engine.health().not_finite == 18


def test_health_says_what_the_flash_guard_holds_and_why():
    rig = Rig()

    for k in range(40):
        rig.run(2, light=float(k % 2))

    health = rig.engine.health()
    assert health.flash_frames > 0
    assert health.flash_rule == "wcag"
    assert health.flash_held in (0, 18)


def test_a_curfew_is_kept_by_the_wall_clock_and_named_in_health():
    site = {"zone": "Europe/Brussels", "latitude": 50.85, "longitude": 4.35}
    curfew = {"night": {"from": "23:00", "until": "06:00", "level": 0.5}}
    rig = Rig(wall_at=datetime(2026, 5, 10, 20, 59, 50, tzinfo=UTC), tables={"site": site, "curfew": curfew})

    rig.run(390, light=1.0)
    before = rig.engine.health()
    rig.run(40 * 16, light=1.0)

    after = rig.engine.health()
    assert (before.cap, before.cap_level, rig.levels()[0]) == ("", 1.0, 255)
    assert (after.cap, after.cap_level, after.cap_cd_m2) == ("curfew night", 0.5, None)
    assert 127 <= rig.levels()[-1] <= 128


def test_the_safe_look_keeps_the_cap_too():
    site = {"zone": "Europe/Brussels", "latitude": 50.85, "longitude": 4.35}
    curfew = {"night": {"from": "23:00", "until": "06:00", "level": 0.5}}
    safe = {"color": [1.0, 1.0, 1.0]}
    tables = {"site": site, "curfew": curfew, "safe": safe}
    rig = Rig(wall_at=datetime(2026, 5, 10, 22, tzinfo=UTC), tables=tables)
    rig.run(1)

    rig.engine.send_safe()

    assert 120 <= int(rig.engine.levels[0]) <= 128


def test_a_step_that_fails_now_and_then_does_not_make_the_building_flash():
    rig = Rig()

    seen = []
    for k in range(80):
        if k % 4 == 3:
            rig.engine.send_safe()
            rig.clock.advance(0.025)
        else:
            rig.run(1, light=1.0)
        seen.append(int(rig.engine.levels[0]))

    assert sum(b > 0 and a == 0 for a, b in pairwise(seen)) <= 1


def test_frame_of_another_size_is_refused():
    rig = Rig()

    with pytest.raises(MappingError):
        rig.engine.offer(PixelFrame(Tick(0, 0.0, 0.0), np.zeros((3, 3), np.float32)))


def test_every_controller_needs_its_sender():
    rig = Rig()
    with pytest.raises(OutputError, match="each controller needs one"):
        DeliveryEngine(
            rig.pixels,
            PacketSlab(patch_of(rig.pixels), cid=UUID(int=2)),
            pipeline=LightPipeline(rig.pixels),
            senders=[],
            safe=rig.pixels.venue.safe,
            clock=rig.clock,
        )


def _runs(values):
    run = []
    for value in values:
        if run and value != run[-1]:
            yield run
            run = []
        run.append(value)
    yield run
