from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from facade.config.lines import key_lines, line_of

TEXT = '''\
# a comment with [brackets] and = signs
schema = 1
"quoted key" = "a # no comment"

[venue]                 # line 5
id = "x"
notes = """
[not.a.table]
id = "hidden"
""" # line 10
after.dotted = 2

[fixture.a]
sizes = [
  [1, 2], # line 15
  { x = 1, "y" = [3,
    4] },
]
[[fixture.a.segment]]
first = 0
[[fixture.a.segment]]
first = 8
[fixture.a.segment.inner]
deep = 'C:\\'
when = 2026-01-01T10:00:00
'''


def test_keys_headers_and_array_elements_have_their_lines():
    tomllib.loads(TEXT)

    lines = key_lines(TEXT)

    assert lines["schema",] == 2
    assert lines["quoted key",] == 3
    assert lines["venue",] == 5
    assert lines["venue", "notes"] == 7
    assert lines["venue", "after", "dotted"] == 11
    assert lines["fixture", "a", "sizes", 0] == 15
    assert lines["fixture", "a", "sizes", 1, "x"] == 16
    assert lines["fixture", "a", "sizes", 1, "y", 1] == 17
    assert lines["fixture", "a", "segment", 0, "first"] == 20
    assert lines["fixture", "a", "segment", 1] == 21
    assert lines["fixture", "a", "segment", 1, "first"] == 22
    assert lines["fixture", "a", "segment", 1, "inner", "deep"] == 24
    assert lines["fixture", "a", "segment", 1, "inner", "when"] == 25


def test_text_inside_strings_is_not_taken_for_keys():
    lines = key_lines(TEXT)

    assert ("not",) not in lines
    assert ("hidden",) not in lines


def test_a_key_that_is_not_there_gets_the_line_of_the_table_around_it():
    lines = key_lines(TEXT)

    assert line_of(lines, ("fixture", "a", "segment", 1, "universe")) == 21
    assert line_of(lines, ("nowhere",)) is None


def test_windows_line_ends_count_once():
    lines = key_lines(TEXT.replace("\n", "\r\n"))

    assert lines["fixture", "a", "segment", 1, "first"] == 22


def test_strings_that_end_in_quotes_or_backslashes_do_not_swallow_what_follows():
    text = 'a = """one ""two"""""\nb = "\\\\"\nc = \'\'\'it\'s\'\'\'\'\'\nd = ""\ne = \'\'\nf = 1\n'
    tomllib.loads(text)

    assert {key[0]: line for key, line in key_lines(text).items()} == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6}


KEYS = st.text("abcXYZ019_-. \"'\\é#=[]", min_size=1, max_size=6)
SCALARS = st.one_of(
    st.integers(-1000, 1000),
    st.booleans(),
    st.text("ab\"'\\#[]{},=\n\t é", max_size=8),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def written(value: Any, *, newline: str = "\n") -> str:
    """Write a value as TOML; lists over several lines with comments, except inside inline tables."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        between = ", # ] comment\n" if newline else ", "
        return "[" + between.join(written(v, newline=newline) for v in value) + newline + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)} = {written(v, newline='')}" for k, v in value.items()) + "}"
    return str(value)


@given(st.lists(st.tuples(KEYS, VALUES), max_size=8, unique_by=lambda pair: pair[0]))
def test_every_key_tomllib_finds_stands_on_the_line_the_scanner_says(pairs):
    text = ""
    expected = {}
    for key, value in pairs:
        expected[(key,)] = text.count("\n") + 1
        text += f"{quoted(key)} = {written(value)}\n"
    assert set(tomllib.loads(text)) == {key for (key,) in expected}

    lines = key_lines(text)

    assert {path: line for path, line in lines.items() if len(path) == 1} == expected
