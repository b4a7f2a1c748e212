"""The measurements that play a real show: they run, tell what is documented, and leave no process behind."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from facade.cli.bench_command import command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these read /proc")


def measured(what: str) -> dict:
    """Run one measurement for a second and return its part of the report."""
    result = CliRunner().invoke(command, [what, "--json", "--seconds", "1", "--venue", "imal_minimal"])
    assert result.exit_code == 0, result.output + result.stderr
    return json.loads(result.stdout)[what]


@pytest.fixture(autouse=True)
def nothing_stays():
    """No child of this process may outlive a test."""
    before = children()
    yield
    assert children() - before == set()


def children() -> set[int]:
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            found.add(int(folder.name))
    return found


def test_latency_sees_osc_datagrams_arrive_as_light():
    latency = measured("latency")

    assert latency["samples"] >= 1
    assert latency["ms"]["n"] == latency["samples"]
    assert (latency["rate_hz"], latency["render_hz"]) == (40.0, 60.0)


def test_play_tells_rates_and_what_each_process_used():
    play = measured("play")

    assert (play["pixels"], play["universes"], play["needed_packets_per_s"]) == (18, 1, 40.0)
    assert {"control", "render", "delivery", "receiver"} == set(play["cpu"])
    assert play["gap_ms"]["n"] >= 1


def test_memory_follows_every_process():
    memory = measured("memory")

    assert [each["process"] for each in memory["processes"]] == ["control", "render", "delivery"]
    for each in memory["processes"]:
        assert len(each["at_s"]) == len(each["resident_kib"]) == len(each["descriptors"]) >= 2
        assert min(each["resident_kib"]) > 0 < min(each["descriptors"])
