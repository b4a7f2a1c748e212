from __future__ import annotations

import numpy as np
import pytest

from facade.config.venue import Wiring
from facade.core.errors import ConfigError
from facade.mapping.fixtures import grid_order
from tests.support.documents import compile_folder, compiled, problems_with, row


def grid(columns, rows, **changes):
    return row(columns=columns, rows=rows, **changes)


def points(*places, **changes):
    return row(shape="points", columns=None, rows=None, pitch_m=None, points_m=places, **changes)


# Cells of a grid of 3 columns and 2 rows, seen from the street:   3 4 5
#                                                                  0 1 2
@pytest.mark.parametrize(
    ("start", "along", "serpentine", "order"),
    [
        ("bottom-left", "row", False, [0, 1, 2, 3, 4, 5]),
        ("bottom-left", "row", True, [0, 1, 2, 5, 4, 3]),
        ("bottom-left", "column", False, [0, 3, 1, 4, 2, 5]),
        ("bottom-left", "column", True, [0, 3, 4, 1, 2, 5]),
        ("bottom-right", "row", False, [2, 1, 0, 5, 4, 3]),
        ("bottom-right", "row", True, [2, 1, 0, 3, 4, 5]),
        ("bottom-right", "column", False, [2, 5, 1, 4, 0, 3]),
        ("bottom-right", "column", True, [2, 5, 4, 1, 0, 3]),
        ("top-left", "row", False, [3, 4, 5, 0, 1, 2]),
        ("top-left", "row", True, [3, 4, 5, 2, 1, 0]),
        ("top-left", "column", False, [3, 0, 4, 1, 5, 2]),
        ("top-left", "column", True, [3, 0, 1, 4, 5, 2]),
        ("top-right", "row", False, [5, 4, 3, 2, 1, 0]),
        ("top-right", "row", True, [5, 4, 3, 0, 1, 2]),
        ("top-right", "column", False, [5, 2, 4, 1, 3, 0]),
        ("top-right", "column", True, [5, 2, 1, 4, 3, 0]),
    ],
)
def test_wiring_walks_the_grid_as_a_technician_would(start, along, serpentine, order):
    wiring = Wiring(start=start, along=along, serpentine=serpentine)

    assert grid_order(3, 2, wiring).tolist() == order


def test_grid_positions_follow_pitch_and_origin():
    surface = {"wall": {"origin_m": (10.0, 20.0, 1.0), "size_m": (5.0, 5.0)}}
    fixture = grid(2, 2, at_m=(1.0, 2.0), pitch_m=(0.5, 0.25), outline_m=(0.2, 0.1))

    pixels, _ = compiled(surface=surface, fixture={"row": fixture})

    assert pixels.position_m.tolist() == [[11.0, 22.0, 1.0], [11.5, 22.0, 1.0], [11.0, 22.25, 1.0], [11.5, 22.25, 1.0]]
    assert np.allclose(pixels.size_m, [0.2, 0.1])
    assert np.allclose(pixels.bounds_m, (10.9, 21.95, 11.6, 22.3))
    assert np.allclose(pixels.uv[0], [0.1 / 0.7, 0.05 / 0.35])


def test_without_an_outline_half_the_pitch_is_lit():
    pixels, _ = compiled(fixture={"row": grid(2, 2, pitch_m=(0.5, 0.25))})

    assert np.allclose(pixels.size_m, [0.25, 0.125])


@pytest.mark.parametrize(("yaw", "expected"), [(90.0, [10.0, 2.0, -1.0]), (-90.0, [10.0, 2.0, 1.0])])
def test_positive_yaw_turns_a_wall_to_face_the_viewers_right(yaw, expected):
    surface = {"wall": {"origin_m": (10.0, 0.0, 0.0), "size_m": (5.0, 5.0), "yaw_deg": yaw}}

    pixels, _ = compiled(surface=surface, fixture={"row": points((1.0, 2.0))})

    assert np.allclose(pixels.position_m, [expected], atol=1e-6)


def test_a_turned_wall_looks_narrower_from_the_street():
    surface = {"wall": {"size_m": (20.0, 5.0), "yaw_deg": 60.0}}
    fixture = points((0.0, 1.0), (10.0, 1.0), outline_m=(1.0, 1.0))

    pixels, _ = compiled(surface=surface, fixture={"row": fixture})

    assert np.allclose(pixels.bounds_m, (-0.25, 0.5, 5.25, 1.5), atol=1e-5)


def test_height_out_of_the_wall_follows_its_normal(tmp_path):
    (tmp_path / "p.csv").write_text("id,x_m,y_m,z_m\na,1,1,0.5\n")
    write_venue(tmp_path, surface="[surface.wall]\nsize_m = [9, 9]\nyaw_deg = 90.0\n")

    pixels, _ = compile_folder(tmp_path)

    assert np.allclose(pixels.position_m, [[0.5, 1.0, -1.0]], atol=1e-6)


def test_a_run_of_lights_is_spaced_evenly_between_its_ends():
    fixture = row(shape="strip", columns=None, rows=None, pitch_m=None, count=5, at_m=(1.0, 1.0), end_m=(3.0, 5.0))

    pixels, _ = compiled(fixture={"row": fixture})

    assert pixels.position_m[:, :2].tolist() == [[1.0, 1.0], [1.5, 2.0], [2.0, 3.0], [2.5, 4.0], [3.0, 5.0]]


def test_a_single_light_has_a_place_and_a_size():
    fixture = row(shape="strip", columns=None, rows=None, pitch_m=None, count=1, at_m=(1.0, 1.0), end_m=(1.0, 1.0))

    pixels, _ = compiled(fixture={"row": fixture})

    assert np.allclose(pixels.uv, [[0.5, 0.5]])
    assert pixels.size_m.min() > 0


def test_points_keep_their_order_and_move_with_at_m():
    pixels, _ = compiled(fixture={"row": points((1.0, 1.0), (0.0, 0.5), at_m=(2.0, 0.25))})

    assert pixels.position_m[:, :2].tolist() == [[3.0, 1.25], [2.0, 0.75]]


def test_pixels_of_several_fixtures_follow_one_another_in_file_order():
    fixtures = {
        "b": row(2, profile="rgbw", segment=({"controller": "node", "universe": 0},)),
        "a": row(3, at_m=(0.0, 1.0), segment=({"controller": "node", "universe": 1},)),
    }

    pixels, _ = compiled(fixture=fixtures, power={"p": {"amps": 3.0, "fixtures": ("a",)}})

    assert pixels.fixtures == ("b", "a")
    assert pixels.fixture.tolist() == [0, 0, 1, 1, 1]
    assert [pixels.profiles[p].id for p in pixels.profile] == ["rgbw", "rgbw", "rgb", "rgb", "rgb"]
    assert pixels.offset.tolist() == [0, 4, 8, 11, 14, 17]
    assert pixels.power.tolist() == [-1, -1, 0, 0, 0]
    assert pixels.power_amps == (("p", 3.0),)


def test_compiled_arrays_are_read_only():
    pixels, patch = compiled()

    arrays = [pixels.position_m, pixels.uv, pixels.size_m, pixels.fixture, pixels.profile, pixels.surface, pixels.power]
    assert not any(a.flags.writeable for a in [*arrays, pixels.offset, patch.controllers[0].gather])


@pytest.mark.parametrize(
    ("columns", "rows", "canvas"),
    [(2, 1, (64, 21)), (90, 100, (179, 199)), (200, 100, (199, 100)), (5000, 50, (1024, 10)), (1, 8, (4, 64))],
)
def test_the_canvas_has_two_texels_a_pitch_and_one_on_dense_walls_within_64_and_1024(columns, rows, canvas):
    size = {"wall": {"size_m": (1000.0, 100.0)}}
    segments = ({"controller": "box", "universe": 0},)
    box = {"box": {"profile": "box", "host": "h"}}

    pixels, _ = compiled(surface=size, controller=box, fixture={"row": grid(columns, rows, segment=segments)})

    assert pixels.canvas_px == canvas


def write_venue(folder, fixture='profile = "rgb"\nshape = "points"\nfile = "p.csv"', surface=None, segment=True):
    text = '[venue]\nid = "t"\nname = "T"\n[controller.node]\nprofile = "node"\nhost = "h"\n'
    text += surface or "[surface.wall]\nsize_m = [99, 99]\n"
    text += f'[fixture.row]\nsurface = "wall"\n{fixture}\n'
    text += '[[fixture.row.segment]]\ncontroller = "node"\nuniverse = 0\n' if segment else ""
    (folder / "venue.toml").write_text(text)


MASKED = 'profile = "rgb"\nshape = "grid"\ncolumns = 3\nrows = 2\npitch_m = [1, 1]\nmask = "mask.csv"'


def test_a_mask_is_read_from_the_top_and_the_cable_skips_its_holes(tmp_path):
    (tmp_path / "mask.csv").write_text("0,1,0\n1,1,1\n")
    write_venue(tmp_path, MASKED + "\nwiring = { serpentine = true }")

    pixels, _ = compile_folder(tmp_path)

    assert pixels.position_m[:, :2].tolist() == [[0, 0], [1, 0], [2, 0], [1, 1]]


@pytest.mark.parametrize(
    ("change", "key", "rule"),
    [
        ({"columns": None}, "fixture.row.columns", 'is missing; shape = "grid" needs it'),
        ({"count": 3}, "fixture.row.count", 'has no meaning for shape = "grid"'),
        ({"file": "a.csv"}, "fixture.row.file", 'has no meaning for shape = "grid"'),
        ({"columns": 3, "pitch_m": (25.0, 0.1)}, "fixture.row", "neighbouring pixels are 25 m apart"),
        ({"pitch_m": (0.1, 0.001)}, "fixture.row", "neighbouring pixels are 0.001 m apart"),
        ({"columns": 5000, "rows": 5000}, "fixture.row", "25,000,000 pixels in one fixture"),
        ({"surface": "wal"}, "fixture.row.surface", "there is no surface of this name"),
        ({"profile": "rgg"}, "fixture.row.profile", "there is no fixture profile of this name"),
        (
            {"at_m": (99.5, 0.0)},
            "fixture.row",
            "2 of 8 pixels lie outside surface.wall, 100 x 100 m; the first is pixel 6",
        ),
    ],
)
def test_a_grid_that_cannot_be_placed_is_refused(change, key, rule):
    (problem,) = problems_with(fixture={"row": row(**change)})

    assert problem.key == key
    assert problem.rule.startswith(rule)


@pytest.mark.parametrize("pitch", [0.005, 20.0])
def test_a_pitch_of_5_mm_or_20_m_is_believed(pitch):
    pixels, _ = compiled(fixture={"row": row(4, pitch_m=(pitch, pitch))})

    assert pixels.n_pixels == 4


def test_a_run_of_lights_written_in_millimetres_is_noticed():
    fixture = row(shape="strip", columns=None, rows=None, pitch_m=None, count=3, end_m=(90.0, 0.0))

    (problem,) = problems_with(fixture={"row": fixture})

    assert problem.rule.startswith("neighbouring pixels are 45 m apart")


def test_points_at_the_same_place_are_named():
    (problem,) = problems_with(fixture={"row": points((1.0, 1.0), (2.0, 1.0), (1.0, 1.0004))})

    assert problem.rule == "pixels 0 and 2 are at the same place, 1.000, 1.000 m"


def test_points_two_millimetres_apart_are_two_pixels():
    pixels, _ = compiled(fixture={"row": points((1.0, 1.0), (2.0, 1.0), (1.0, 1.002))})

    assert pixels.n_pixels == 3


@pytest.mark.parametrize(
    ("extra", "rule"), [({}, "needs either"), ({"points_m": ((0, 0),), "file": "p"}, "needs either")]
)
def test_points_come_from_the_venue_or_from_a_file_but_not_both(extra, rule):
    (problem,) = problems_with(fixture={"row": row(shape="points", columns=None, rows=None, pitch_m=None, **extra)})

    assert rule in problem.rule


def test_an_empty_list_of_points_is_refused():
    (problem,) = problems_with(fixture={"row": points()})

    assert (problem.key, problem.rule) == ("fixture.row.points_m", "the list is empty")


@pytest.mark.parametrize("name", ["../p.csv", "/etc/passwd", "sub/../../p.csv"])
def test_files_outside_the_venues_folder_are_not_read(tmp_path, name):
    folder = tmp_path / "venue"
    folder.mkdir()
    (tmp_path / "p.csv").write_text("id,x_m,y_m\na,1,1\n")
    write_venue(folder, f'profile = "rgb"\nshape = "points"\nfile = "{name}"')

    with pytest.raises(ConfigError) as caught:
        compile_folder(folder)

    (problem,) = caught.value.problems
    assert (problem.key, problem.rule) == ("fixture.row.file", "must lie in the venue's own folder")
    assert problem.line is not None
