"""An evening recorded from a real show in real processes is played back: the same light, bit for bit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facade.cli.main import main
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

pytestmark = pytest.mark.timeout(150)

# wake remembers its last frame, and volley its game and its chance: a replay that draws one frame more or less shows
# other light from then on.
EVENING = """
[[binding]]
from = "osc/fader/1"
to = "/piece/wake/current"
smooth_s = 0.3

[cue.memory]
crossfade_s = 1.0
[[cue.memory.layer]]
piece = "wake"
[[cue.memory.layer]]
piece = "volley"
blend = "screen"
opacity = 0.5

[cue.both]
crossfade_s = 0.7
[[cue.both.layer]]
piece = "aurora"
values = { stars = false, activity = 0.9 }
[[cue.both.layer]]
piece = "wake"
blend = "screen"
opacity = 0.7

[playlist.evening]
cues = ["glow", "memory", "both"]
"""


@dataclass(frozen=True)
class Evening:
    """log: what was recorded. page of nothing else: the show's documents stay where they were."""

    log: Path
    folder: Path

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def copy(self, name: str, lines: list[dict[str, Any]], *, tail: str = "") -> Path:
        path = self.folder / name
        path.write_text("".join(json.dumps(line) + "\n" for line in lines) + tail)
        return path


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    folder = tmp_path_factory.mktemp("evening")
    node, port, log = Receiver(), free_port(), folder / "evening.jsonl"
    document = show_at(folder / "show", port, piece="signal", more=EVENING)
    venue = venue_at(folder, node.port)
    with RunningShow(document, "--venue", venue, "--no-page", "--record", log) as show:
        node.wait_for(is_lit, 40.0, "the first light")
        wait_for_control(node, port)
        perform(show, node, port)
        assert show.stop() == 0
    node.close()
    return Evening(log, folder)


def perform(show: RunningShow, node: Receiver, port: int) -> None:
    """Everything that may happen in an evening, in seven seconds."""

    def rest(seconds: float) -> None:
        start = time.monotonic()
        wait_until(lambda: time.monotonic() - start > seconds, what="the time")

    send_osc(port, "/piece/signal/level", 0.8)
    node.wait_for(shows(0.8), what="the fader")
    send_osc(port, "/piece/signal/blink")
    rest(0.2)
    send_osc(port, "/piece/signal/blink")
    for _ in range(3):
        send_osc(port, "/piece/signal/on")
        rest(0.1)
    send_osc(port, "/show/go")
    rest(1.3)
    for step in range(20):
        send_osc(port, "/fader/1", step / 20)
        rest(0.02)
    send_osc(port, "/piece/wake/gather")
    send_osc(port, "/piece/*/shore", 0.3, 0.7)
    rest(0.3)
    # The renderer misses frames: the file must say which.
    victim = show.children()["render"]
    os.kill(victim, signal.SIGSTOP)
    rest(0.4)
    os.kill(victim, signal.SIGCONT)
    send_osc(port, "/show/cue", "both")
    rest(1.0)
    # A switch that the cue, not a message, has set: only the show knows what the other side is.
    send_osc(port, "/piece/aurora/stars")
    send_osc(port, "/piece/aurora/flare")
    send_osc(port, "/master", 0.5)
    send_osc(port, "/show/hold", True)
    send_osc(port, "/no/such/address", 1.0)
    rest(1.3)
    send_osc(port, "/show/cue", "memory")
    rest(1.5)
    send_osc(port, "/master", 0.7)
    rest(1.5)


def changes(lines: list[dict[str, Any]]) -> list[list[Any]]:
    """[address, value] of everything that was changed, in order; the lists are those of the lines."""
    return [change for line in lines for change in line.get("set", ())]


def replay(*arguments: str | Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    status = main(["replay", *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def test_the_recording_holds_all_that_happened(evening: Evening) -> None:
    lines = evening.lines()
    addresses = {line.get("a") for line in lines}
    assert {"/piece/signal/blink", "/show/go", "/show/cue", "/fader/1", "/piece/*/shore", "/master"} <= addresses
    assert len([line for line in lines if line.get("a") == "/piece/signal/blink"]) == 2
    assert len([line for line in lines if line.get("a") == "/piece/signal/on"]) == 3
    assert sum(line.get("skip", 0) for line in lines) >= 10
    assert [c for c in changes(lines) if c[0] == "/piece/aurora/stars"] == [["/piece/aurora/stars", True]]


def test_what_only_delivery_does_is_written_when_it_happens_too(evening: Evening) -> None:
    # The renderer says once a second how far it is; nothing waits for a later message that it hears of.
    late = [line["frame"] / 60.0 - line["t"] for line in evening.lines() if line.get("a") in ("/master", "/blackout")]
    assert len(late) >= 4
    assert max(late) < 1.6


def test_every_checkpoint_of_a_replay_is_identical(evening: Evening, capsys: pytest.CaptureFixture[str]) -> None:
    status, said = replay(evening.log, capsys=capsys)
    n = len([line for line in evening.lines() if "crc" in line])
    assert n >= 7
    assert f"{n} of {n} checkpoints identical" in said
    assert status == 0


def test_two_replays_in_two_processes_give_the_same_bytes(
    evening: Evening, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = tmp_path / "here.npy", tmp_path / "there.npy"
    assert replay(evening.log, "-o", here, capsys=capsys)[0] == 0
    command = [sys.executable, "-m", "facade", "replay", str(evening.log), "-o", str(there)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    assert here.read_bytes() == there.read_bytes()
    frames = np.load(here)
    assert frames.dtype == np.float32
    assert frames.shape[1:] == (18, 3)
    lines = evening.lines()[1:]
    skipped = sum(line.get("skip", 0) for line in lines)
    assert len(frames) == lines[-1]["frame"] - lines[0]["frame"] + 1 - skipped


def test_a_value_changed_in_the_file_is_noticed_and_the_frame_is_named(
    evening: Evening, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = evening.lines()
    change = next(c for c in changes(lines) if c[0] == "/piece/signal/level")
    change[1] = 0.1
    status, said = replay(evening.copy("flipped.jsonl", lines), capsys=capsys)
    at = next(line["frame"] for line in lines if change in line.get("set", ()))
    first = next(line["frame"] for line in lines if "crc" in line and line["frame"] >= at)
    assert status == 1
    assert f"frame {first}" in said


def test_a_skipped_frame_left_out_of_the_file_is_noticed(evening: Evening, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for line in evening.lines() if line.get("skip", 0) < 10]
    status, said = replay(evening.copy("unskipped.jsonl", lines), capsys=capsys)
    assert status == 1
    assert "differs from frame" in said


def test_a_last_line_cut_short_is_left_out_and_said(evening: Evening, capsys: pytest.CaptureFixture[str]) -> None:
    lines = evening.lines()
    status, said = replay(evening.copy("torn.jsonl", lines, tail='{"frame": 99999, "c'), capsys=capsys)
    assert status == 0
    assert f"line {len(lines) + 1} was cut short" in said


def test_a_line_damaged_in_the_middle_ends_with_its_number(
    evening: Evening, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = evening.copy("damaged.jsonl", evening.lines()[:5], tail="no line at all\n")
    status, said = replay(damaged, capsys=capsys)
    assert status == 1
    assert "damaged.jsonl:6" in said


def test_a_file_that_is_no_recording_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("milk, bread\n")
    status, said = replay(tmp_path / "notes.txt", capsys=capsys)
    assert status == 1
    assert "notes.txt:1" in said
    assert "no header of a facade recording" in said


def test_an_evening_is_not_recorded_over_another(tmp_path: Path, evening: Evening) -> None:
    before = evening.log.read_bytes()
    command = [sys.executable, "-m", "facade", "play", "ember", "--simulate", "--no-page", "--duration", "2"]
    ended = subprocess.run(
        [*command, "--record", str(evening.log)], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert evening.log.read_bytes() == before
    assert ended.returncode == 2
    assert "exists already" in ended.stderr
