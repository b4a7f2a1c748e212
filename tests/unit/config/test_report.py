from __future__ import annotations

from pathlib import Path

import pytest

from facade.config.report import dotted, render_problems, shown
from facade.config.text import key_path
from facade.core.errors import Problem


def test_people_read_thing_line_value_rule_and_fix():
    problem = Problem(Path("v.toml"), "fixture.a.rows", "must be at least 1", "Give a larger number.", "0", 12)

    assert render_problems([problem]) == (
        "v.toml: 1 problem\n  line 12  fixture.a.rows = 0\n      Must be at least 1.\n      Give a larger number."
    )


def test_problems_are_grouped_by_document_and_counted():
    a, b = Path("a.toml"), Path("b.toml")
    problems = [Problem(a, "x", "is missing", ""), Problem(b, "y", "is wrong", ""), Problem(a, "z", "is odd", "")]

    text = render_problems(problems)

    assert text.index("a.toml: 2 problems") < text.index("z") < text.index("b.toml: 1 problem")


def test_a_problem_without_a_file_is_told_all_the_same():
    text = render_problems([Problem(None, "venue", "there is no venue of this name", "Name one.", '"x"')])

    assert text.startswith('1 problem\n  venue = "x"\n')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        ("a\nb", '"a\\nb"'),
        ((1, 2.5, "x"), '[1, 2.5, "x"]'),
        ({"a": 1, "b": 2}, "{a, b}"),
        (tuple(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, …]"),
    ],
)
def test_values_are_shown_as_they_stand_in_the_file(value, text):
    assert shown(value) == text


def test_a_long_value_is_cut_to_a_line():
    assert len(shown("x" * 1000)) == 60


@pytest.mark.parametrize("path", [("a",), ("fixture", "a", "segment", 0, "channel"), ("layer", 1, 2)])
def test_a_key_path_is_written_and_read_back(path):
    assert key_path(dotted(path)) == path
