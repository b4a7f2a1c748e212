from __future__ import annotations

import numpy as np
import pytest

from facade.core.errors import ConfigError
from tests.support.documents import compile_folder

HEAD = """\
[venue]
id = "t"
name = "T"
[surface.wall]
size_m = [99, 99]
[controller.node]
profile = "node"
host = "h"
"""
POINTS = HEAD + '[fixture.row]\nprofile = "rgb"\nsurface = "wall"\nshape = "points"\nfile = "p.csv"\n'
SEGMENT = '[[fixture.row.segment]]\ncontroller = "node"\nuniverse = 0\n'
MASK = HEAD + (
    '[fixture.row]\nprofile = "rgb"\nsurface = "wall"\nshape = "grid"\ncolumns = 3\nrows = 2\npitch_m = [1, 1]\n'
    'mask = "p.csv"\n'
)


@pytest.fixture
def points(tmp_path):
    def points(csv, venue=POINTS + SEGMENT):
        (tmp_path / "venue.toml").write_text(venue)
        (tmp_path / "p.csv").write_bytes(csv.encode() if isinstance(csv, str) else csv)
        return compile_folder(tmp_path)

    return points


@pytest.fixture
def problems(points):
    def problems(csv, venue=POINTS + SEGMENT):
        with pytest.raises(ConfigError) as caught:
            points(csv, venue)
        return [(p.file.name, p.line, p.key, p.rule) for p in caught.value.problems]

    return problems


PLACES = [[1.5, 2.0], [0.25, 3.0]]


@pytest.mark.parametrize(
    "csv",
    [
        "id,x_m,y_m\na,1.5,2\nb,.25,3.0\n",
        "id;x_m;y_m\na;1,5;2\nb;0,25;3,0\n",
        "id;x_m;y_m\na;1.5;2\nb;0.25;3.0\n",
        "id\tx_m\ty_m\na\t1,5\t2\nb\t0.25\t3\n",
        "\ufeffID ; X_m ; Y_m\r\n a ; 1,5 ; 2 \r\n\r\n;;\r\nb;0,25;3\r\n",
        '# from the survey; really\ny_m,x_m,id\n2,1.5,"a, first"\n# half way\n3,0.25,b\n',
    ],
    ids=[
        "comma",
        "semicolon, decimal comma",
        "semicolon, point",
        "tab",
        "spaces, BOM, CRLF",
        "comments, quotes, order",
    ],
)
def test_exports_of_many_tools_are_read(points, csv):
    pixels, _ = points(csv)

    assert pixels.position_m[:, :2].tolist() == PLACES


def test_sizes_are_taken_where_given(points):
    pixels, _ = points("id,x_m,y_m,width_m,height_m\na,1,1,0.3,0.4\nb,2,1,,\n")

    assert np.allclose(pixels.size_m, [[0.3, 0.4], [0.5, 0.5]])


def test_addresses_in_the_file_replace_segments(points):
    csv = "id,x_m,y_m,controller,universe,channel\na,1,1,node,7,10\nb,2,1,node,3,1\n"

    pixels, patch = points(csv, POINTS)

    (controller,) = patch.controllers
    assert controller.universes == (3, 7)
    assert controller.gather[0, :3].tolist() == [3, 4, 5]
    assert controller.gather[1, 9:12].tolist() == [0, 1, 2]
    assert controller.used == (3, 12)
    assert (controller.gather[1, :9] == pixels.n_levels).all()


def test_every_bad_cell_is_named_with_its_line(problems):
    csv = "id,x_m,y_m,width_m\na,one,2,1\nb,1,,1\nc,nan,inf,0\na,99999,1,1\n,5,5,1\nd,1\n"

    assert problems(csv) == [
        ("p.csv", 5, "id", "line 2 already has this id"),
        ("p.csv", 6, "id", "is empty"),
        ("p.csv", 2, "x_m", "must be a number of metres"),
        ("p.csv", 4, "x_m", "must be an ordinary number within 10 km"),
        ("p.csv", 5, "x_m", "must be an ordinary number within 10 km"),
        ("p.csv", 3, "y_m", "is empty"),
        ("p.csv", 4, "y_m", "must be an ordinary number within 10 km"),
        ("p.csv", 7, "y_m", "is empty"),
        ("p.csv", 4, "width_m", "must be more than 0"),
    ]


@pytest.mark.parametrize(
    ("head", "key", "rule"),
    [
        ("id,x_m,z_m", "y_m", "this column is missing"),
        ("id,x_m,y_m,colour", "colour", "is not a column facade knows"),
        ("id,x_m,y_m,x_m", "x_m", "stands more than once in the header"),
        ("id,x_m,y_m,universe", "universe", "an address needs the columns controller, universe and channel together"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused_on_its_line(problems, head, key, rule):
    assert problems(f"# survey\n{head}\n1,1,1,1\n") == [("p.csv", 2, key, rule)]


@pytest.mark.parametrize(
    ("csv", "line", "rule"),
    [
        ("", None, "holds no cells"),
        ("\n\n;;;\n", None, "holds no cells"),
        ("id,x_m,y_m\n", 1, "the list is empty"),
        (b"id,x_m,y_m\n\xff,1,1\n", 2, "is not UTF-8 text"),
        (
            "id,x_m,y_m\n\0,1,1\n,,\n" + "x" * 200_000 + ",1,1\n",
            4,
            "cannot be read: field larger than field limit (131072)",
        ),
    ],
    ids=["empty", "separators only", "header only", "not utf-8", "endless cell"],
)
def test_files_without_points_are_refused(problems, csv, line, rule):
    assert (line, rule) in [(found[1], found[3]) for found in problems(csv)]


def test_a_missing_file_is_named(tmp_path):
    (tmp_path / "venue.toml").write_text(POINTS + SEGMENT)

    with pytest.raises(ConfigError) as caught:
        compile_folder(tmp_path)

    assert [(p.file.name, p.rule) for p in caught.value.problems] == [("p.csv", "there is no such file")]


def test_points_at_the_same_place_are_named_by_id_and_line(problems):
    csv = "id,x_m,y_m\na,1,1\nb,2,2\nc,1,1\n"

    assert problems(csv) == [("p.csv", 4, "pixel c", "pixels 0 and 2 are at the same place, 1.000, 1.000 m")]


ADDRESSED = "id,x_m,y_m,controller,universe,channel\n"


@pytest.mark.parametrize(
    ("rows", "line", "key", "rule"),
    [
        ("a,1,1,node,0,511\n", 2, "channel", "pixel a needs channels 511..513; channels of controller.node are 1..512"),
        ("a,1,1,node,0,0\n", 2, "channel", "pixel a needs channels 0..2; channels of controller.node are 1..512"),
        ("a,1,1,node,0,1\nb,2,1,nod,0,4\n", 3, "controller", "there is no controller of this name in the venue"),
        ("a,1,1,node,,1\n", 2, "universe", "is empty"),
        ("a,1,1,node,-1,1\n", 2, "universe", "must be a whole number below 65536"),
        ("a,1,1,node,1.5,1\n", 2, "universe", "must be a whole number below 65536"),
    ],
)
def test_an_address_that_cannot_be_is_refused_on_its_line(problems, rows, line, key, rule):
    assert problems(ADDRESSED + rows, POINTS) == [("p.csv", line, key, rule)]


def test_the_last_channels_of_a_universe_can_be_used(points):
    _, patch = points(ADDRESSED + "a,1,1,node,0,510\n", POINTS)

    assert patch.controllers[0].gather[0, 509:512].tolist() == [0, 1, 2]


def test_addresses_and_segments_together_are_refused(problems):
    assert [(key, rule) for _, _, key, rule in problems(ADDRESSED + "a,1,1,node,0,1\n", POINTS + SEGMENT)] == [
        ("fixture.row.segment", "p.csv already gives every pixel its address")
    ]


def test_two_addresses_that_overlap_name_the_file(problems):
    ((file, _, key, rule),) = problems(ADDRESSED + "a,1,1,node,0,1\nb,2,1,node,0,3\n", POINTS)

    assert (file, key) == ("venue.toml", "fixture.row")
    assert rule == "fixture.row (p.csv) writes twice to channel 3 of universe 0 on controller.node"


def test_a_mask_that_does_not_fit_its_grid_is_refused_line_by_line(problems):
    assert problems("0,1\n1,1,2\n1,1,1\n", MASK + SEGMENT) == [
        ("p.csv", None, "mask", "has 3 lines; the grid has 2 rows"),
        ("p.csv", 1, "mask", "has 2 cells; the grid has 3 columns"),
        ("p.csv", 2, "mask", "a cell must be 0 (no pixel) or 1 (a pixel)"),
    ]


def test_a_mask_without_a_pixel_is_refused(problems):
    assert problems("0,0,0\n0,0,0\n", MASK + SEGMENT) == [("p.csv", None, "mask", "leaves no pixel")]
