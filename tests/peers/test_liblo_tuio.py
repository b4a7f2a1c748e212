"""TUIO messages sent by liblo's oscsend, one packet each, become points."""

from __future__ import annotations

import subprocess

import numpy as np

from facade.config.input import TuioInput as TuioConfig
from facade.core.clock import RealClock
from facade.core.health import State
from facade.inputs.tuio import TuioInput
from facade.inputs.worker import Backoff
from tests.support.arrivals import running, wait_for_state
from tests.support.peers import need_program
from tests.support.running import free_port

FRAME = (
    ("/tuio/2Dobj", "ss", "source", "reacTIVision"),
    ("/tuio/2Dobj", "siiffffffff", "set", "12", "7", "0.5", "0.25", "1.5707963", "0", "0", "0", "0", "0"),
    ("/tuio/2Dobj", "si", "alive", "12"),
    ("/tuio/2Dobj", "si", "fseq", "1"),
    ("/tuio/2Dcur", "siifffff", "set", "3", "0.9", "0.9"),  # two numbers short: refused
    ("/tuio/2Dcur", "sifffff", "set", "3", "0.25", "1.0", "0", "0", "0"),
    ("/tuio/2Dcur", "si", "alive", "3"),
    ("/tuio/2Dcur", "si", "fseq", "1"),
)


def test_markers_and_fingers_sent_by_liblo_are_where_they_were_put() -> None:
    port = free_port()
    config = TuioConfig(type="tuio", port=port)
    each = TuioInput("table", config, clock=RealClock(), backoff=Backoff(np.random.default_rng(0)))
    program = need_program("oscsend", "liblo-tools")
    with running(each) as arrivals:
        wait_for_state(each, State.CONNECTING)
        for message in FRAME:
            subprocess.run([program, "127.0.0.1", str(port), *message], check=False, capture_output=True, timeout=10)
        arrivals.wait_for(lambda e: e.address == "/count" and e.args == (2,), "both")
        arrivals.wait_for_address("/cursor/1")
    said = {e.address: e.args for e in arrivals.events}
    assert said["/object/7"] == (0.5, 0.75)
    assert said["/object/7/angle"] == (0.75,)
    assert said["/cursor/1"] == (0.25, 0.0)
