"""Turns leave no faster than a controller's port takes them, and within the frame whatever the port."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest

from facade.core.clock import StepClock
from facade.delivery.dispatch import LONGEST_SPREAD, Dispatch, timetable
from facade.outputs.sender import NetworkSender
from facade.outputs.slab import PacketSlab
from facade.outputs.virtual import VirtualNetwork
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

TURN_BITS = 16 * (18 + 510 + 66) * 8


def rig(mbits, *, universes=64, rate_hz=40.0, host="10.0.0.{}", paced=True):
    pixels = pixel_map([RGB_LINEAR], [170 * universes], rate_hz=rate_hz)
    controllers = {
        f"c{i}": {"host": host.format(i + 1), "protocol": "artnet", "max_mbit": mbit, "max_rate_hz": 1000.0}
        for i, mbit in enumerate(mbits)
    }
    slab = PacketSlab(patch_of(pixels, controllers=controllers), cid=UUID(int=1))
    clock, network, sent = StepClock(), VirtualNetwork(), []
    network.listen(lambda packet, to, port: sent.append((clock.now(), to)))
    senders = [
        NetworkSender(b.name, network.wire(b.name, "-"), kind="artnet", universes=1, clock=clock) for b in slab.blocks
    ]
    dispatch = Dispatch(slab, senders, rate_hz=rate_hz, always_send=True, clock=clock if paced else None)
    return dispatch, slab, sent, np.zeros(pixels.n_levels + 256, np.uint8)


def test_turns_wait_until_the_port_has_emptied():
    dispatch, _, sent, levels = rig([100.0])

    dispatch.send(levels, now=0.0, frame=0)

    starts = sorted({at for at, _ in sent})
    assert starts == pytest.approx([k * TURN_BITS / 100e6 for k in range(4)])
    assert len(sent) == 64


def test_controllers_without_a_limit_do_not_wait_for_the_others():
    dispatch, _, sent, levels = rig([10.0, 0.0])

    dispatch.send(levels, now=0.0, frame=0)

    assert {at for at, to in sent if to == "10.0.0.2"} == {0.0}
    assert max(at for at, to in sent if to == "10.0.0.1") == pytest.approx(TURN_BITS / 10e6)


def test_slow_ports_are_squeezed_into_the_frame():
    dispatch, _, sent, levels = rig([1.0])

    dispatch.send(levels, now=0.0, frame=0)

    assert max(at for at, _ in sent) <= LONGEST_SPREAD * 0.025 + 1e-9
    assert len({at for at, _ in sent}) == 4


@pytest.mark.parametrize(("mbit", "host"), [(0.0, "10.0.0.{}"), (100.0, "127.0.0.1")])
def test_nothing_waits_without_a_limit_or_on_this_machine(mbit, host):
    dispatch, slab, sent, levels = rig([mbit], host=host)

    dispatch.send(levels, now=0.0, frame=0)

    assert timetable(slab.blocks, period_s=0.025) == ()
    assert {at for at, _ in sent} == {0.0}


def test_offline_work_is_never_paced():
    dispatch, _, sent, levels = rig([1.0], paced=False)

    dispatch.send(levels, now=0.0, frame=0)

    assert {at for at, _ in sent} == {0.0}


def test_every_packet_leaves_once_and_in_order_of_its_controller():
    dispatch, slab, sent, levels = rig([100.0, 30.0, 0.0], universes=100)

    dispatch.send(levels, now=0.0, frame=0)

    assert len(sent) == sum(len(block.outgoing) for block in slab.blocks) == 100
    assert [at for at, _ in sent] == sorted(at for at, _ in sent)
