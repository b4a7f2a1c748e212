"""Two real shows on two addresses of this machine: the standby is silent, and lights the facade when it must."""

from __future__ import annotations

import contextlib
import socket
import time

import pytest

from tests.support.running import (
    Receiver,
    RunningShow,
    free_port,
    page_state,
    show_at,
    shows,
    two_nodes_at,
    wait_until,
)

pytestmark = pytest.mark.timeout(120)


def level_of(document, level):
    """Let the show's piece have another level of its own."""
    manifest = document.parent / "signal" / "piece.toml"
    manifest.write_text(manifest.read_text().replace("default = 0.5", f"default = {level}"))
    return document


def test_a_standby_is_silent_and_takes_over_when_the_main_machine_is_killed(tmp_path):
    east, west = Receiver(), Receiver()
    venue = two_nodes_at(tmp_path, east.port, west.port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    table = f'\n[standby]\nmain = "127.0.0.1"\nstandby = "127.0.0.2"\nport = {port}\n'
    venue.write_text(venue.read_text() + table)
    first = show_at(tmp_path / "first", free_port(), piece="signal")
    second = level_of(show_at(tmp_path / "second", free_port(), piece="signal"), 0.9)

    with RunningShow(first, "--venue", venue) as main:
        east.wait_for(shows(0.5), 40.0, "the main machine's light")
        with RunningShow(second, "--venue", venue, "--standby") as standby:
            page = standby.page_port()

            def told(part, key):
                # Two renderers and a page on a busy machine: an answer may be late.
                with contextlib.suppress(OSError):
                    return (page_state(page)[part] or {}).get(key)

            waits = "standby, silent: 127.0.0.1 sends"
            wait_until(lambda: told("delivery", "duty") == waits, timeout_s=40.0, what="the standby")
            wait_until(lambda: (told("render", "frames") or 0) > 60, timeout_s=40.0, what="pictures of its own")
            for node in (east, west):
                assert not any(shows(0.9)(packet) for packet in node.packets)

            main.process.kill()
            killed_at = time.monotonic()

            for node in (east, west):
                lit = node.wait_for(shows(0.9), what="the standby's light")
                assert lit.at_s > killed_at
            wait_until(lambda: "standby, sending" in standby.said(), what="the words about it")
            assert standby.stop() == 0
    for node in (east, west):
        node.close()
