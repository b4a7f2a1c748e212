"""Pieces tried in a process of their own: whatever one does there, the next gets its turn and the show its answer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from facade.app.plan import make_plan, seal
from facade.app.process import Options
from facade.app.rehearsals import LIMIT_S, Answer, Rehearsals
from facade.pieces.trust import trust
from tests.support.running import piece_at, show_at

FAULTY = "tests.support.rehearsing"
GREEN = "vec4 piece(vec2 uv) { return vec4(0.0, 0.5, 0.0, 1.0); }\n"
BROKEN = "// a first line\nvec4 piece(vec2 uv) {\n    return vec4(undeclared_name, 1.0);\n}\n"


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Rehearsals]]:
    made: list[Rehearsals] = []
    document = show_at(tmp_path / "show", 9000, piece="signal")
    piece_at(tmp_path / "show", "good", GREEN)
    piece_at(tmp_path / "show", "broken", BROKEN)
    fd = seal(make_plan(str(document), None))

    def make(**settings: Any) -> Rehearsals:
        rehearsals = Rehearsals(Options(epoch=0.0, rate_hz=60.0, parent=os.getpid(), fds={"plan": fd}), **settings)
        made.append(rehearsals)
        rehearsals.start(time.monotonic())
        return rehearsals

    yield make
    for each in made:
        each.close()
    os.close(fd)


def answers(rehearsals: Rehearsals, count: int, *, later_s: float = 0.0) -> list[Answer]:
    """Step until so many pieces are answered. later_s: pretend that this much time has passed since they were asked."""
    found: list[Answer] = []
    end = time.monotonic() + 60.0
    while len(found) < count and time.monotonic() < end:
        found += rehearsals.step(time.monotonic())
        if later_s and rehearsals.rehearsing:
            found += rehearsals.step(time.monotonic() + later_s)
        time.sleep(0.005)
    assert len(found) == count
    return found


def test_what_holds_comes_back_whole_and_what_does_not_with_the_artists_line(begin: Callable[..., Rehearsals]) -> None:
    rehearsals = begin()
    rehearsals.want(["good", "broken"])
    good, broken = answers(rehearsals, 2)
    assert good.rehearsal is not None
    assert good.rehearsal.piece.slug == "good"
    assert good.rehearsal.program.domain == "pixel"
    assert good.rehearsal.cost_ms > 0.0
    assert broken.rehearsal is None
    assert (broken.file is not None and broken.file.name, broken.line) == ("main.frag", 3)
    assert "undeclared_name" in broken.problem
    assert rehearsals.idle


def test_what_is_wanted_first_overtakes_and_is_not_tried_twice(begin: Callable[..., Rehearsals]) -> None:
    rehearsals = begin(module=FAULTY)
    rehearsals.want(["one", "two", "three"])
    rehearsals.want(["three"], first=True)
    assert [answer.slug for answer in answers(rehearsals, 3)] == ["three", "one", "two"]


def test_a_piece_that_crashes_the_driver_is_named_and_the_next_is_tried_elsewhere(
    begin: Callable[..., Rehearsals],
) -> None:
    rehearsals = begin(module=FAULTY)
    rehearsals.want(["fine", "crash", "after"])
    fine, crash, after = answers(rehearsals, 3)
    assert crash.slug == "crash"
    assert "took the process that tried it down (ended by SIGABRT)" in crash.problem
    assert "save it" in crash.problem
    assert fine.problem.split()[-1] != after.problem.split()[-1], "another process"


def test_a_piece_that_never_ends_is_named_when_its_time_is_up(begin: Callable[..., Rehearsals]) -> None:
    rehearsals = begin(module=FAULTY)
    rehearsals.want(["hang"])
    (hang,) = answers(rehearsals, 1, later_s=LIMIT_S + 0.1)
    assert f"not compiled and drawn within {LIMIT_S:.0f} s" in hang.problem
    rehearsals.want(["after"])
    assert answers(rehearsals, 1)[0].slug == "after"


def test_a_behaviour_that_never_returns_does_so_off_air_and_is_named(
    begin: Callable[..., Rehearsals], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACADE_TRUSTED", str(tmp_path / "trusted.txt"))
    folder = piece_at(tmp_path / "show", "endless", GREEN, manifest='[uniform.level]\ntype = "float"\n')
    (folder / "behaviour.py").write_text("def update(tick, controls):\n    while True:\n        pass\n")
    trust(folder)
    rehearsals = begin()
    rehearsals.want(["good"])
    assert answers(rehearsals, 1)[0].problem == ""
    rehearsals.want(["endless"])
    (endless,) = answers(rehearsals, 1, later_s=LIMIT_S + 0.1)
    assert '"endless" was not compiled and drawn within' in endless.problem


def test_a_process_with_nothing_to_do_may_be_silent_for_hours(begin: Callable[..., Rehearsals]) -> None:
    rehearsals = begin(module=FAULTY)
    rehearsals.want(["one"])
    first = answers(rehearsals, 1)[0].problem
    rehearsals.step(time.monotonic() + 3600.0)
    rehearsals.want(["one"])
    assert answers(rehearsals, 1)[0].problem == first, "the same process"


def test_another_process_takes_over_after_many_pieces_and_nobody_is_blamed(begin: Callable[..., Rehearsals]) -> None:
    rehearsals = begin(module=FAULTY, renew_after=2)
    rehearsals.want(["one", "two", "three", "four", "five"])
    found = answers(rehearsals, 5)
    assert [answer.problem.split()[0] for answer in found] == ["one", "two", "three", "four", "five"]
    pids = [answer.problem.split()[-1] for answer in found]
    assert (pids[0], pids[2]) == (pids[1], pids[3])
    assert len(set(pids)) == 3


def test_where_no_process_can_be_had_the_pieces_come_back_untried(begin: Callable[..., Rehearsals]) -> None:
    rehearsals = begin(module="tests.support.no_such_module")
    rehearsals.want(["one", "two"])
    assert answers(rehearsals, 2) == [Answer("one"), Answer("two")]
