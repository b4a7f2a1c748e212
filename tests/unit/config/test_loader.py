from __future__ import annotations

import os

import pytest

from facade.config.loader import (
    load_controller_profile,
    load_fixture_profile,
    load_hardware,
    load_piece_manifest,
    load_preset,
    load_venue,
    venue_names,
)
from facade.config.text import MAX_BYTES
from facade.core.errors import ConfigError, Problem

CONTROLLER = 'schema = 1\nid = "node"\nprotocol = "artnet"\n'
VENUE = """\
[venue]
id = "small"
name = "Small"
[surface.wall]
size_m = [4, 3]
[controller.node]
profile = "node"
host = "10.0.0.1"
[fixture.row]
profile = "rgb"
surface = "wall"
shape = "grid"
columns = 2
rows = 1
pitch_m = [1.0, 1.0]
[[fixture.row.segment]]
controller = "node"
universe = 0
"""


def problems_of(load, path) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return list(caught.value.problems)


def load_venue_file(path):
    return load_venue(path, path.parent)


@pytest.fixture
def write(tmp_path):
    def write(text, name="node.toml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_a_document_knows_the_file_it_came_from(write):
    path = write(CONTROLLER)

    assert load_controller_profile(path).path == path


def test_every_problem_is_reported_at_once_in_file_order(write):
    text = CONTROLLER + 'universe_size = 65536\nmax_rate_hz = "fast"\nsplitpixels = true\nsync = 1\n'

    problems = problems_of(load_controller_profile, write(text))

    assert [(p.key, p.line, p.value, p.rule) for p in problems] == [
        ("universe_size", 4, "65536", "must be at most 65535"),
        ("max_rate_hz", 5, '"fast"', "must be a number"),
        ("splitpixels", 6, "true", "is not a key facade knows here"),
        ("sync", 7, "1", "must be true or false"),
    ]
    assert 'Did you mean "split_pixels"?' in problems[2].fix


def test_a_choice_lists_what_may_stand_there(write):
    (problem,) = problems_of(load_controller_profile, write(CONTROLLER.replace("artnet", "artnett")))

    assert problem.rule.startswith('must be one of "artnet", "sacn", "ddp", ')
    assert problem.fix == 'Choose one of these. Did you mean "artnet"?'


def test_a_missing_key_is_named_with_the_line_of_its_table(write):
    (problem,) = problems_of(load_venue_file, write(VENUE.replace('host = "10.0.0.1"\n', ""), "venue.toml"))

    assert (problem.key, problem.line, problem.rule) == ("controller.node.host", 6, "is missing")


def test_an_unknown_key_deep_inside_suggests_the_keys_of_that_table(write):
    (problem,) = problems_of(load_venue_file, write(VENUE + "chanel = 4\n", "venue.toml"))

    assert (problem.key, problem.line) == ("fixture.row.segment[0].chanel", 19)
    assert 'Did you mean "channel"?' in problem.fix


def test_a_table_where_a_value_belongs_and_the_reverse(write):
    text = VENUE.replace("columns = 2", "columns = { n = 2 }").replace("[surface.wall]\nsize_m = [4, 3]", "surface = 3")

    problems = problems_of(load_venue_file, write(text.replace("surface = 3\n", "") + "", "venue.toml"))

    assert ("fixture.row.columns", "must be a whole number") in [(p.key, p.rule) for p in problems]
    (problem,) = problems_of(load_venue_file, write("power = 3\n" + VENUE, "venue.toml"))
    assert (problem.key, problem.line, problem.rule) == ("power", 1, "must be a table")


def test_a_number_in_quotes_is_not_taken_for_a_number(write):
    (problem,) = problems_of(load_venue_file, write(VENUE.replace("columns = 2", 'columns = "2"'), "venue.toml"))

    assert (problem.key, problem.line, problem.rule) == ("fixture.row.columns", 13, "must be a whole number")


def test_whole_numbers_may_stand_for_numbers(write):
    assert load_venue_file(write(VENUE, "venue.toml")).surface["wall"].size_m == (4.0, 3.0)


def test_a_list_of_the_wrong_length_says_what_is_missing(write):
    (problem,) = problems_of(load_venue_file, write(VENUE.replace("[4, 3]", "[4]"), "venue.toml"))

    assert (problem.key, problem.line, problem.rule) == ("surface.wall.size_m[1]", 5, "is missing")


def test_nan_and_infinity_are_refused(write):
    problems = problems_of(load_venue_file, write(VENUE.replace("[4, 3]", "[nan, inf]"), "venue.toml"))

    assert [p.rule for p in problems] == ["must be an ordinary number, not nan or inf"] * 2


def test_a_name_that_is_no_slug_is_refused_with_the_rule(write):
    text = VENUE.replace("surface.wall", 'surface."The Wall"')

    (problem,) = problems_of(load_venue_file, write(text, "venue.toml"))

    assert (problem.key, problem.line) == ("surface.The Wall", 4)
    assert problem.rule.startswith("a name starts with a lower-case letter")


def test_a_syntax_error_has_the_line_it_is_on(write):
    (problem,) = problems_of(load_controller_profile, write(CONTROLLER + "sync =\n"))

    assert problem.line == 4
    assert problem.rule.startswith("is not valid TOML: ")


def test_a_text_that_stops_in_the_middle_points_at_its_end(write):
    (problem,) = problems_of(load_controller_profile, write(CONTROLLER + 'notes = """never closed\n'))

    assert problem.line == 5


def test_a_key_given_twice_is_refused(write):
    (problem,) = problems_of(load_controller_profile, write(CONTROLLER + "sync = true\nsync = false\n"))

    assert problem.rule == "is not valid TOML: Cannot overwrite a value"
    assert problem.line == 5


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("x = " + "[" * 5000 + "]" * 5000, "is nested too deeply"),
        ("x = " + "9" * 5000, "is not valid TOML"),
        (b"id = \xff", "is not UTF-8 text"),
        (b"\x00", "is not valid TOML"),
    ],
    ids=["deep", "long number", "not utf-8", "nul"],
)
def test_hostile_text_is_a_problem_not_a_crash(write, text, rule):
    (problem,) = problems_of(load_controller_profile, write(text))

    assert problem.rule.startswith(rule)


def test_not_utf8_names_the_line(write):
    (problem,) = problems_of(load_controller_profile, write(CONTROLLER.encode() + b'name = "\xe9cran"\n'))

    assert (problem.line, problem.value) == (4, "byte 0xe9")


def test_a_byte_order_mark_and_windows_line_ends_are_read(write):
    text = b"\xef\xbb\xbf" + CONTROLLER.replace("\n", "\r\n").encode()

    assert load_controller_profile(write(text)).id == "node"


def test_a_missing_file_a_folder_and_a_pipe_are_told_apart(tmp_path):
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)

    rules = [problems_of(load_controller_profile, p)[0].rule for p in (tmp_path / "none.toml", tmp_path, pipe)]

    assert rules == ["there is no such file", "is a folder, not a file", "is a device or a pipe, not a file"]


@pytest.mark.parametrize("name", ["x" * 5000, "nul\0nul.toml"], ids=["too long", "nul"])
def test_a_path_no_file_can_have_is_a_problem(tmp_path, name):
    (problem,) = problems_of(load_controller_profile, tmp_path / name)

    assert problem.rule.startswith("cannot be read")


def test_a_document_of_8_mb_is_read_and_a_larger_one_is_not(write):
    padding = b"# " + b"x" * (MAX_BYTES - len(CONTROLLER) - 3) + b"\n"
    path = write(CONTROLLER.encode() + padding)
    assert path.stat().st_size == MAX_BYTES
    assert load_controller_profile(path).id == "node"

    (problem,) = problems_of(load_controller_profile, write(CONTROLLER.encode() + padding + b"\n"))

    assert problem.rule == "is larger than 8 MB"


def test_a_newer_schema_is_the_only_complaint(write):
    text = CONTROLLER.replace("schema = 1", "schema = 2") + "something_new = 1\n"

    (problem,) = problems_of(load_controller_profile, write(text))

    assert (problem.key, problem.value, problem.line) == ("schema", "2", 1)
    assert "newer facade" in problem.rule


@pytest.mark.parametrize("number", ["0", "-1", "true", '"1"', "1.0"])
def test_a_schema_that_is_no_format_number_is_refused(write, number):
    (problem,) = problems_of(load_controller_profile, write(CONTROLLER.replace("schema = 1", f"schema = {number}")))

    assert problem.rule == "must be a whole number from 1 to 1"


def test_the_schema_number_may_be_left_out(write):
    assert load_controller_profile(write(CONTROLLER.replace("schema = 1\n", ""))).schema_number == 1


def test_a_venue_is_found_by_name_by_folder_and_by_file(write, tmp_path):
    path = write(VENUE, "venues/small/venue.toml")

    assert venue_names(tmp_path) == ["small"]
    for way in ("small", path.parent, str(path)):
        assert load_venue(way, tmp_path).path == path


def test_an_unknown_venue_suggests_the_nearest(write, tmp_path):
    write(VENUE, "venues/small/venue.toml")

    (problem,) = problems_of(lambda name: load_venue(name, tmp_path), "smal")

    assert problem.value == '"smal"'
    assert 'Did you mean "small"?' in problem.fix


def test_a_name_that_climbs_out_of_the_venues_is_not_a_name(write, tmp_path):
    write(VENUE, "secret/venue.toml")
    write(VENUE, "venues/small/venue.toml")

    (problem,) = problems_of(lambda name: load_venue(name, tmp_path), "../secret")

    assert problem.rule == "there is no venue of this name"


def test_hardware_reports_the_problems_of_all_files(write, tmp_path):
    write('id = "rgb"\nchannels = ["R", "X"]\n', "fixtures/rgb.toml")
    write('id = "other"\nchannels = ["R"]\n', "fixtures/red.toml")
    write(CONTROLLER + "wrong = 1\n", "controllers/node.toml")

    problems = problems_of(load_hardware, tmp_path)

    assert [(p.file.name, p.key, p.line) for p in problems] == [
        ("red.toml", "id", 1),
        ("rgb.toml", "channels[1]", 2),
        ("node.toml", "wrong", 4),
    ]
    assert problems[0].fix == 'Write id = "red" or rename the file.'


def test_hardware_is_found_by_profile_id(write, tmp_path):
    write('id = "red"\nchannels = ["R"]\n', "fixtures/red.toml")
    write(CONTROLLER, "controllers/node.toml")

    hardware = load_hardware(tmp_path)

    assert list(hardware.fixtures) == ["red"]
    assert list(hardware.controllers) == ["node"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ('channels = ["fixed:255"]', "channels holds no light: at least one of R, G, B and W is needed"),
        ('channels = ["R_fine"]', 'channels holds "R_fine" without "R"'),
        ('channels = ["R"]\nwhite_xy = [0.7, 0.29]', "white point (0.7, 0.29) lies outside the sRGB triangle"),
        ('channels = ["R"]\namps = [-1, 0, 0, 0]', "must be at least 0"),
    ],
)
def test_a_fixture_profile_that_cannot_be_driven_is_refused(write, line, rule):
    (problem,) = problems_of(load_fixture_profile, write(f'id = "x"\n{line}\n', "x.toml"))

    assert problem.rule == rule


def test_a_piece_is_read_from_its_folder(write):
    path = write('title = "A"\n[parameter.swell]\ntype = "float"\nmax = 2\n', "a/piece.toml")

    assert load_piece_manifest(path.parent).parameter["swell"].max == 2.0


def test_a_parameter_of_an_unknown_type_suggests_one(write):
    text = 'title = "A"\n[parameter.swell]\ntype = "flaot"\n[parameter.other]\nmax = 1\n'

    first, second = problems_of(load_piece_manifest, write(text, "piece.toml"))

    assert (first.key, first.line, first.value) == ("parameter.swell.type", 3, '"flaot"')
    assert 'Did you mean "float"?' in first.fix
    assert (second.key, second.line, second.rule) == ("parameter.other.type", 4, "is missing")


def test_a_rule_of_a_whole_table_is_told_without_repeating_the_table(write):
    text = 'title = "A"\n[parameter.swell]\ntype = "float"\nmin = 2.0\nmax = 1.0\n'

    (problem,) = problems_of(load_piece_manifest, write(text, "piece.toml"))

    assert (problem.key, problem.line, problem.value) == ("parameter.swell", 2, "")
    assert problem.rule == "min 2.0 must be below max 1.0"


def test_an_unknown_key_of_a_parameter_suggests_the_keys_of_its_type(write):
    text = 'title = "A"\n[parameter.tone]\ntype = "color"\nsmooth = 1.0\n'

    (problem,) = problems_of(load_piece_manifest, write(text, "piece.toml"))

    assert problem.key == "parameter.tone.smooth"
    assert 'Did you mean "smooth_s"?' in problem.fix


def test_a_preset_is_a_table_of_values(write):
    preset = load_preset(write('schema = 1\nswell = 0.5\ncount = 3\non = true\ntone = [1, 0, 0]\nkind = "a"\n'))

    assert preset == {"swell": 0.5, "count": 3, "on": True, "tone": (1.0, 0.0, 0.0), "kind": "a"}
    assert type(preset["count"]) is int
    assert type(preset["on"]) is bool


def test_a_preset_value_of_no_kind_is_refused_with_its_line(write):
    found = problems_of(load_preset, write('swell = 0.5\nwhen = 2026-01-01\n2big = 1\nsome = ["a", "b"]\n'))

    assert [(p.key, p.line) for p in found] == [("when", 2), ("2big", 3), ("some", 4)]
    assert found[0].rule == found[2].rule == "must be a number, text, true or false, or a list of numbers"
