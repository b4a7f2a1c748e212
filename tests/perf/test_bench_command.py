"""``facade bench`` runs, and says what docs/measurements.md says it says. No figure is judged here."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from facade.app.bench import delivery
from facade.app.bench.figures import Aim, Spread
from facade.app.bench.frame import STAGES, Cost, FrameCost
from facade.app.bench.latency import Latency
from facade.app.bench.machine import Machine, this_machine
from facade.app.bench.memory import Footprint, Memory
from facade.app.bench.memory import aims as memory_aims
from facade.app.bench.play import PlayRate
from facade.app.bench.report import Report
from facade.app.bench.send import SendCost, SendRate
from facade.cli import bench_tables
from facade.cli.bench_command import command

PAGE = Path(__file__).resolve().parents[2] / "docs" / "measurements.md"


@pytest.fixture(scope="module")
def frame_json():
    result = CliRunner().invoke(command, ["frame", "--json", "--seconds", "0.2", "--venue", "imal_minimal"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), result.stderr


def test_frame_as_json_has_the_documented_keys(frame_json):
    report, _ = frame_json
    first = report["frame"][0]

    assert set(report) == {
        "machine",
        "at",
        "frame",
        "guard",
        "pieces",
        "send",
        "delivery",
        "latency",
        "play",
        "memory",
        "aims",
    }
    assert set(report["machine"]) == {"cpu", "cores", "memory_gib", "renderer", "python", "system", "load"}
    assert set(first) == {"venue", "pixels", "universes", "piece", "domain", "canvas_px", "frames", "cost"}
    assert set(first["cost"]) == {*STAGES, "delivery", "all"}
    assert set(first["cost"]["light"]) == {"ms", "of_60hz", "of_40hz"}
    assert set(first["cost"]["light"]["ms"]) == {"n", "p50", "p99", "max"}


def test_every_key_of_the_json_is_documented():
    told = (Report, Machine, FrameCost, Cost, Spread, SendCost, SendRate, Latency, PlayRate, Memory, Footprint, Aim)
    keys = {field.name for each in told for field in dataclasses.fields(each)} | {*STAGES, "delivery", "all"}
    named = set(re.findall(r"`(\w+)`", PAGE.read_text(encoding="utf-8")))

    assert keys - named == set()


def test_a_pixel_piece_and_a_canvas_piece_are_measured(frame_json):
    report, _ = frame_json

    assert [(r["piece"], r["domain"], r["pixels"]) for r in report["frame"]] == [
        ("ember", "pixel", 18),
        ("wake", "canvas", 18),
    ]
    assert report["send"] == []
    assert report["latency"] is report["play"] is report["memory"] is None


def test_progress_goes_to_standard_error_only(frame_json):
    _, err = frame_json

    assert "frame: ember on imal_minimal" in err


def test_an_unknown_measurement_is_wrong_usage():
    result = CliRunner().invoke(command, ["speed"])

    assert result.exit_code == 2
    assert "speed" in result.stderr


def test_tables_for_people_name_the_machine_and_the_limits():
    result = CliRunner().invoke(command, ["frame", "--seconds", "0.2", "--venue", "imal_minimal"])

    assert result.exit_code == 0, result.output
    assert this_machine().renderer.split(" ")[0] in result.stdout
    assert "16.7 ms" in result.stdout
    assert "light + patch + send" in result.stdout


def memory_of(seconds, kib_per_min, descriptors):
    each = Footprint("render", (0.0, seconds), (1000.0, 1000.0), descriptors, kib_per_min, 0.0)
    return Memory("medialab_prado", 26_688, "ember", seconds, 0, (each,))


@pytest.mark.parametrize(
    ("memory", "met"),
    [
        (memory_of(20.0, 0.0, (12, 12)), None),
        (memory_of(3600.0, 1.0, (12, 12)), True),
        (memory_of(3600.0, 400.0, (12, 12)), False),
        (memory_of(3600.0, 0.0, (12, 14)), False),
    ],
    ids=["too short", "flat", "grows", "leaks files"],
)
def test_memory_is_called_flat_only_by_a_run_that_can_tell(memory, met):
    assert [aim.met for aim in memory_aims(memory)] == [met]


def test_an_aim_that_is_not_met_is_said_plainly(capsys):
    report = Report(this_machine(), "2026-01-01T00:00:00+00:00", aims=(Aim("x", "< 1", "2", False),))

    bench_tables.show_report(report)

    assert "NOT MET" in capsys.readouterr().out


def test_the_flash_guard_is_measured_strict_and_from_viewpoints_calm_and_held():
    result = CliRunner().invoke(command, ["guard", "--json", "--seconds", "0.2", "--venue", "imal_minimal"])

    found = {(r["viewpoints"], r["picture"]): r for r in json.loads(result.stdout)["guard"]}

    assert set(found) == {(v, p) for v in (0, 2) for p in ("calm", "strobe", "noise")}
    assert found[0, "calm"]["held"] == 0
    assert found[0, "strobe"]["held"] > 0


def test_delivery_measures_a_c_sender_and_says_which_libraries_are_missing(monkeypatch):
    monkeypatch.setattr(delivery, "ROUNDS", 1)
    monkeypatch.setattr(delivery, "LIBRARIES", {"sacn": delivery.LIBRARIES["sacn"], "nosuchlibrary": _missing})

    result = CliRunner().invoke(command, ["delivery", "--json", "--seconds", "0.2"])

    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["delivery"]
    names = [each["sender"] for each in found["senders"]]
    assert names[0] == "facade"
    assert found["absent"] == [["nosuchlibrary", "not installed: pip install nosuchlibrary"]]
    assert set(names) == {"facade", "sacn", "C send", "C sendmmsg", "C segments"}
    assert all(each["cpu_us"] > 0 and each["packets_per_s"] > 0 for each in found["senders"])


def test_without_a_c_compiler_the_table_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert delivery._compiled(tmp_path) is None


def _missing(hosts):
    raise ImportError("nosuchlibrary")
