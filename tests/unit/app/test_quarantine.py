"""Which pieces may not be tried again, and how they are set free."""

from __future__ import annotations

import os
from pathlib import Path

from facade.app.quarantine import CRASHES, REASON, WINDOW_S, Crashes, QuarantineFile
from tests.support.gl import write_piece

RED = "vec4 piece(vec2 uv) { return vec4(1.0, 0.0, 0.0, 1.0); }\n"


def test_the_third_crash_within_ten_minutes_is_one_too_many() -> None:
    crashes = Crashes({})
    crashes.charge(["wild", "beside"], 0.0)
    crashes.charge(["wild"], 100.0)
    assert crashes.reasons == {}
    crashes.charge(["wild"], WINDOW_S)
    assert crashes.reasons == {"wild": REASON}


def test_three_crashes_in_an_evening_are_forgiven() -> None:
    crashes = Crashes({})
    for n in range(CRASHES):
        crashes.charge(["wild"], n * WINDOW_S)
    assert crashes.reasons == {}


def test_a_released_piece_begins_anew() -> None:
    crashes = Crashes({"wild": REASON})
    crashes.release("wild")
    crashes.charge(["wild"], 1.0)
    crashes.charge(["wild"], 2.0)
    assert crashes.reasons == {}


def test_it_is_remembered_until_the_piece_is_edited(tmp_path: Path) -> None:
    wild = write_piece(tmp_path, "wild", RED)
    file = tmp_path / "state" / "quarantine.json"
    QuarantineFile(file).add(wild, REASON)
    assert QuarantineFile(file).held({"wild": wild}) == {"wild": REASON}
    (wild / "main.frag").write_text(RED.replace("1.0, 0.0", "0.5, 0.0"))
    os.utime(wild / "main.frag", (1.0, 1.0))
    assert QuarantineFile(file).held({"wild": wild}) == {}


def test_it_is_remembered_until_a_person_releases_it(tmp_path: Path) -> None:
    wild = write_piece(tmp_path, "wild", RED)
    other = write_piece(tmp_path, "other", RED)
    held = QuarantineFile(tmp_path / "quarantine.json")
    held.add(wild, REASON)
    held.add(other, REASON)
    assert held.remove(wild)
    assert not held.remove(wild)
    assert held.held({"wild": wild, "other": other}) == {"other": REASON}


def test_another_piece_of_the_same_name_is_not_meant(tmp_path: Path) -> None:
    held = QuarantineFile(tmp_path / "quarantine.json")
    held.add(write_piece(tmp_path / "one", "wild", RED), REASON)
    assert held.held({"wild": write_piece(tmp_path / "two", "wild", RED)}) == {}


def test_a_file_that_is_damaged_counts_as_empty_and_is_replaced(tmp_path: Path) -> None:
    wild = write_piece(tmp_path, "wild", RED)
    file = tmp_path / "quarantine.json"
    for damage in ("", "{", "[1]", '{"x": 3}', "\x00\xff"):
        file.write_text(damage)
        assert QuarantineFile(file).held({"wild": wild}) == {}
    QuarantineFile(file).add(wild, REASON)
    assert QuarantineFile(file).held({"wild": wild}) == {"wild": REASON}


def test_a_place_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    held = QuarantineFile(tmp_path / "file" / "quarantine.json")
    held.add(write_piece(tmp_path, "wild", RED), REASON)
    assert held.held({}) == {}
