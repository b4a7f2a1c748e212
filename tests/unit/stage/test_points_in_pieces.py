"""Points reach a piece's shader and its behaviour alike; without a tracker a few walk about or nobody is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.config.piece import Value
from facade.config.show import Layer
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.crowd import points_of, with_points
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks, write_piece

MANIFEST = """
domain = "{domain}"
[parameter.people]
type = "points"
max = 3
default = "{default}"
[parameter.others]
type = "points"
max = 3
"""
READ = """
#include "points.glsl"
vec4 piece(vec2 uv) {{ return vec4({value}, 1.0); }}
"""
WALKED = MANIFEST.format(domain="pixel", default="test")
HERE = (4.0, 0.25, 0.75, 2.0, 6.0, 0.5, 1.0, 0.5)


def seen(
    gpu: GpuContext, folder: Path, value: str, values: dict[str, Value], *, default: str = "none", domain: str = "pixel"
) -> list[float]:
    """What a piece of one pixel makes of its points."""
    write_piece(folder, "eye", READ.format(value=value), manifest=MANIFEST.format(domain=domain, default=default))
    stage = Stage(gpu, pixel_grid(1, 1), PieceLibrary([folder]))
    (tick,) = ticks(1, start=60)
    light = stage.frame(tick, look("eye"), snapshot({("cue", 0): values}))[0].tolist()
    stage.release()
    return [round(v, 3) for v in light]


@pytest.mark.parametrize("domain", ["pixel", "canvas"])
def test_a_shader_reads_count_place_number_and_age(gpu: GpuContext, tmp_path: Path, domain: str) -> None:
    values: dict[str, Value] = {"people": HERE}
    first = seen(gpu, tmp_path, "vec3(float(point_count(people)), point_at(people, 0))", values, domain=domain)
    assert first == [2.0, 0.25, 0.75]
    second = seen(gpu, tmp_path, "vec3(point_id(people, 1), point_age(people, 1), point_at(people, 1).y)", values)
    assert second == [6.0, 0.5, 1.0]


def test_two_parameters_of_one_piece_are_two_crowds(gpu: GpuContext, tmp_path: Path) -> None:
    value = "vec3(float(point_count(people)), float(point_count(others)), point_id(others, 0))"
    assert seen(gpu, tmp_path, value, {"people": HERE, "others": (9.0, 0.0, 0.0, 0.0)}) == [2.0, 1.0, 9.0]


def test_no_more_than_max_are_seen_and_places_beyond_them_are_empty(gpu: GpuContext, tmp_path: Path) -> None:
    crowd = tuple(float(n) for k in range(9) for n in (k + 1, 0.5, 0.5, 1.0))
    value = "vec3(float(point_count(people)), point_id(people, 2), point_id(others, 2))"
    assert seen(gpu, tmp_path, value, {"people": crowd}) == [3.0, 3.0, 0.0]


@pytest.mark.parametrize(("default", "count"), [("none", 0.0), ("test", 3.0)])
def test_without_a_tracker_there_is_what_the_manifest_says(
    gpu: GpuContext, tmp_path: Path, default: str, count: float
) -> None:
    assert seen(gpu, tmp_path, "vec3(float(point_count(people)))", {}, default=default)[0] == count


def test_a_layer_may_say_that_nobody_is_there(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(
        tmp_path,
        "eye",
        READ.format(value="vec3(float(point_count(people)))"),
        manifest=WALKED,
    )
    stage = Stage(gpu, pixel_grid(1, 1), PieceLibrary([tmp_path]))
    (tick,) = ticks(1)
    layer = Layer(piece="eye", values={"people": "none"})
    assert stage.frame(tick, look(layer), snapshot())[0, 0] == 0.0
    stage.release()


def test_a_behaviour_gets_numbers_whoever_they_come_from(gpu: GpuContext, tmp_path: Path) -> None:
    write_piece(tmp_path, "eye", READ.format(value="vec3(0.0)"), manifest=WALKED)
    parameters = PieceLibrary([tmp_path]).get("eye").manifest.parameter
    told = with_points(parameters, {"people": "test", "others": HERE}, 2.0)
    assert told == {"people": points_of("test", 2.0), "others": HERE}
    assert len(points_of("test", 2.0)) % 4 == 0
    assert all(0.0 <= n <= 1.0 for k, n in enumerate(points_of("test", 2.0)) if k % 4 in (1, 2))
    assert points_of("none", 2.0) == points_of(True, 2.0) == ()
