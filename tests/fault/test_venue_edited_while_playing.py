"""The venue's document is edited while the show plays: an address changes at once, a mistake changes nothing."""

from __future__ import annotations

import time

import pytest

from tests.support.running import (
    Receiver,
    RunningShow,
    free_port,
    is_lit,
    page_state,
    show_at,
    two_nodes_at,
    wait_for_control,
    wait_until,
)

pytestmark = pytest.mark.timeout(90)

RATE_HZ = 40.0


def test_a_controller_moves_while_the_other_gets_its_every_frame(tmp_path):
    east, west, spare = Receiver(), Receiver(), Receiver()
    port = free_port()
    document = show_at(tmp_path / "show", port, piece="signal")
    venue = two_nodes_at(tmp_path, east.port, west.port)
    good = venue.read_text()
    with RunningShow(document, "--venue", venue) as show:
        page = show.page_port()
        east.wait_for(is_lit, 40.0, "the first light")
        wait_for_control(east, port)

        start = time.monotonic()
        venue.write_text(good.replace(f"port = {west.port}", "port = many"))
        wait_until(lambda: "controller.west.port" in show.said() or "line" in show.said(), what="the words about it")
        wait_until(lambda: (page_state(page)["message"] or {}).get("level") == "error", what="the message on the page")
        west.wait_for(is_lit, what="light as before")

        venue.write_text(good.replace(f"port = {west.port}", f"port = {spare.port}"))
        spare.wait_for(is_lit, what="light at the new address")
        wait_until(lambda: "west moves to 127.0.0.1" in show.said(), what="the words about the move")
        end = time.monotonic()

        frames = [p for p in east.since(start) if p.at_s <= end]
        assert abs(len(frames) - (end - start) * RATE_HZ) <= 2
        assert not any(west.newest.data), "the device that was left must go dark"
    for node in (east, west, spare):
        node.close()
