"""Whatever stands in a venue's files, compiling it ends in a patch or in a ConfigError, never in anything else."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facade.config.loader import load_hardware, load_venue
from facade.config.report import render_problems
from facade.core import places
from facade.core.errors import ConfigError
from facade.mapping.compile import compile_venue

HARDWARE = load_hardware(places.hardware())
VENUE = """\
[venue]
id = "small"
name = "Small"
rate_hz = 40.0
[surface.wall]
origin_m = [0.0, 1.0, 0.0]
size_m = [20.0, 10.0]
yaw_deg = 10.0
[controller.a]
profile = "artnet_pixel"
host = "10.0.0.1"
universe_size = 510
[controller.b]
profile = "sacn_pixel"
host = "multicast"
sync_universe = 9
[fixture.grid]
profile = "rgb_node"
surface = "wall"
shape = "grid"
columns = 3
rows = 2
pitch_m = [0.5, 0.5]
mask = "mask.csv"
wiring = { start = "top-left", along = "column", serpentine = true }
[[fixture.grid.segment]]
controller = "a"
universe = 3
channel = 5
from = 0
count = 2
[[fixture.grid.segment]]
controller = "b"
universe = 1
from = 2
reverse = true
[fixture.points]
profile = "rgbw_lamp_16bit"
surface = "wall"
shape = "points"
file = "points.csv"
[power.all]
amps = 10.0
fixtures = ["grid", "points"]
[safe]
color = [0.1, 0.1, 0.1]
"""
MASK = "1,0,1\n1,1,1\n"
POINTS = "id;x_m;y_m;width_m;controller;universe;channel\na;1,0;5;0,1;b;7;1\nb;2,0;5;;b;7;9\nc;3,0;5;0,1;a;9;502\n"

WORDS = sorted(
    {*VENUE.replace('"', " ").split(), "nan", "-inf", "1e308", "[]", "{}", "true", '"""', "0x", "1979-05-27"}
)
BYTES = st.sampled_from(
    [b"\0", b"\xff", b'"', b"[", b"]", b"\n", b",", b";", b"=", b"9", b"-", b"#", b"'", b"\\", b"{", b"."]
)


@pytest.fixture
def folder(tmp_path):
    for name, text in (("venue.toml", VENUE), ("mask.csv", MASK), ("points.csv", POINTS)):
        (tmp_path / name).write_text(text)
    return tmp_path


def survives(folder: Path) -> bool:
    """Compile the venue of a folder; returns whether it was accepted."""
    problems = None
    try:
        compile_venue(load_venue(folder, folder), HARDWARE)
    except ConfigError as error:
        problems = error.problems
    if problems is None:
        return True
    assert problems
    assert all(problem.key and problem.rule for problem in problems)
    assert render_problems(problems)
    return False


def test_the_venue_this_starts_from_is_right(folder):
    assert survives(folder)


# One folder serves all examples: each writes the file it changes anew.
HOSTILE = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@HOSTILE
@given(name=st.sampled_from(["venue.toml", "mask.csv", "points.csv"]), data=st.data())
def test_bytes_changed_at_random(folder, name, data):
    original = {"venue.toml": VENUE, "mask.csv": MASK, "points.csv": POINTS}[name].encode()
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at : at + data.draw(st.integers(0, 4))] = data.draw(BYTES)

    (folder / name).write_bytes(changed)
    try:
        survives(folder)
    finally:
        (folder / name).write_bytes(original)


@HOSTILE
@given(data=st.data())
def test_words_changed_at_random(folder, data):
    words = VENUE.split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(st.sampled_from(WORDS))

    (folder / "venue.toml").write_text(" ".join(words))
    survives(folder)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 1, 2, 511, 512, 513, 32767, 63999, 10_000]),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["a", "b", "wall", "grid", "multicast", "artnet_node", "rgbw_bar", "points", "../x", "points.csv"]),
    st.lists(st.floats(0, 5) | st.integers(0, 3), max_size=3),
    st.dictionaries(st.sampled_from(["a", "b", "x y"]), st.integers(0, 3), max_size=2),
)


def places_in(table, path=()):
    for key, value in table.items() if isinstance(table, dict) else enumerate(table):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places_in(value, (*path, key))


def toml(value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(str(k))} = {toml(v)}" for k, v in value.items() if v is not None) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(toml(v) for v in value if v is not None) + "]"
    if isinstance(value, str):
        return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value) + '"'
    return str(value)


@HOSTILE
@given(data=st.data())
def test_values_replaced_at_random(folder, data):
    document = copy.deepcopy(tomllib.loads(VENUE))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(places_in(document), key=str)))
        table = document
        for key in path[:-1]:
            table = table[key]
        table[path[-1]] = data.draw(VALUES)

    text = "\n".join(f"{key} = {toml(value)}" for key, value in document.items() if value is not None)
    (folder / "venue.toml").write_text(text)
    survives(folder)
