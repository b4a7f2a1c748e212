"""Ports that others hold and disks that are full: said in one sentence, and whatever can go on goes on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from facade.app.replay import Replay
from tests.support.running import (
    ROOT,
    Receiver,
    RunningShow,
    free_port,
    is_lit,
    send_osc,
    show_at,
    shows,
    venue_at,
    wait_for_control,
    wait_until,
)

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def node() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_a_page_port_in_use_ends_with_status_1_and_is_named(tmp_path: Path, node: Receiver) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        command = [sys.executable, "-m", "facade", "play", "ember", "--venue", str(venue_at(tmp_path, node.port))]
        ended = subprocess.run([*command, "--port", str(port)], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    assert str(port) in ended.stderr
    assert f"kill {os.getpid()} ends it" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert node.packets == []


def test_an_osc_port_in_use_is_said_the_show_plays_and_takes_the_port_when_it_is_free(
    tmp_path: Path, node: Receiver
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        document = show_at(tmp_path / "show", port, piece="signal")
        with RunningShow(document, "--venue", venue_at(tmp_path, node.port), "--no-page") as show:
            node.wait_for(is_lit, 40.0, "the first light")
            wait_until(
                lambda: f"port {port}" in show.said() and f"Process {os.getpid()} has it" in show.said(),
                what="the words about it",
            )
            node.wait_for(shows(0.5), what="all of the light")
            holder.close()
            taken_until = time.monotonic() + 20.0
            while not shows(0.9)(node.newest):
                assert time.monotonic() < taken_until, "the freed port was not taken"
                send_osc(port, "/piece/signal/level", 0.9)
                time.sleep(0.1)
            assert show.stop() == 0


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for a few kilobytes; without the right to mount one, the device that is always full."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16k,nr_inodes=8", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        ).returncode
    )
    yield folder / "evening.jsonl" if mounted else Path("/dev/full")
    if mounted:
        subprocess.run(["umount", str(folder)], check=True, timeout=10)


def test_a_disk_that_fills_while_recording_is_said_once_and_the_show_goes_on(
    tmp_path: Path, node: Receiver, full_disk: Path
) -> None:
    port = free_port()
    document = show_at(tmp_path / "show", port, piece="signal")
    options = ("--venue", venue_at(tmp_path, node.port), "--no-page", "--record", full_disk)
    with RunningShow(document, *options) as show:
        node.wait_for(is_lit, 40.0, "the first light")
        wait_for_control(node, port)
        start, sent = time.monotonic(), 0
        while "recording stops here" not in show.said():
            assert time.monotonic() - start < 30.0, f"the disk never filled, after {sent} messages"
            send_osc(port, "/piece/signal/level", sent % 100 / 100)
            sent += 1
            time.sleep(0.005)
        for light in (0.8, 0.2):
            send_osc(port, "/piece/signal/level", light)
            node.wait_for(shows(light), what="a fader after it")
        wait_until(lambda: time.monotonic() - start > 2.0, what="time to say it again")
        assert node.longest_gap_s(start, time.monotonic()) < 0.250
        assert show.children().keys() == {"control", "render"}
        assert show.stop() == 0
        said = show.said()
    told = [line for line in said.splitlines() if "recording stops here" in line]
    assert len(told) == 1
    assert "space" in told[0].lower()
    assert "Traceback" not in said


def test_a_recording_goes_on_when_the_control_process_is_replaced(tmp_path: Path, node: Receiver) -> None:
    port, log = free_port(), tmp_path / "evening.jsonl"
    document = show_at(tmp_path / "show", port, piece="signal")
    options = ("--venue", venue_at(tmp_path, node.port), "--no-page", "--record", log)
    with RunningShow(document, *options) as show:
        node.wait_for(is_lit, 40.0, "the first light")
        wait_for_control(node, port)
        send_osc(port, "/piece/signal/level", 0.8)
        node.wait_for(shows(0.8), what="the fader before")
        wait_until(lambda: "0.8" in log.read_text(), what="the fader in the file")
        victim = show.children()["control"]
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: show.children().get("control", victim) != victim, what="another control process")
        wait_for_control(node, port)
        send_osc(port, "/piece/signal/level", 0.2)
        node.wait_for(shows(0.2), what="the fader after")
        assert show.stop() == 0
    changes = [change for frame in Replay(log).recording.frames() for change in frame.changes]
    levels = [value for address, value in changes if address == "/piece/signal/level"]
    assert levels == pytest.approx([0.8, 0.2])
