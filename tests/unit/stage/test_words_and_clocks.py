"""Text, tables and the time of a city in native pieces: drawn when they change, the same on every run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from facade.config.piece import TextParameter, Value
from facade.control.spec import spec_of
from facade.core.errors import ConfigError, InputError
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, write_piece

INK = "vec4 piece(vec2 uv) { return vec4(vec3(texture(line, uv).r), 1.0); }\n"
TEXT = '[parameter.line]\ntype = "text"\n'
CLOCK = "vec4 piece(vec2 uv) { return vec4(here.xyz / vec3(24.0, 60.0, 60.0), 1.0); }\n"
CITY = """[parameter.city]
type = "choice"
choices = ["Brussels", "Helsinki", "Liverpool"]
[clock.here]
city = "city"
zones = { Brussels = "Europe/Brussels", Helsinki = "Europe/Helsinki", Liverpool = "Europe/London" }
"""


def staged(gpu: GpuContext, folder: Path, shader: str, manifest: str) -> Stage:
    write_piece(folder, "p", shader, manifest=manifest)
    stage = Stage(gpu, pixel_grid(48, 12), PieceLibrary([folder]), budget_ms=None)
    assert stage.prepare(["p"]) == {"p": None}
    return stage


def light(stage: Stage, values: dict[str, Value], *, at_s: float = 0.0) -> np.ndarray:
    return stage.frame(Tick(0, at_s, 0.0), look("p"), snapshot({("cue", 0): values})).reshape(12, 48, 3)[..., 0].copy()


def test_a_text_shows_as_ink_and_changes_with_its_parameter(gpu: GpuContext, tmp_path: Path) -> None:
    stage = staged(gpu, tmp_path, INK, TEXT)
    assert not light(stage, {"line": ""}).any()
    letter = light(stage, {"line": "L"})
    assert letter[:4].sum() > letter[-4:].sum() > 0.0
    assert not np.array_equal(light(stage, {"line": "T"}), letter)
    assert np.array_equal(light(stage, {"line": "L"}), letter)
    stage.release()


def test_many_texts_keep_only_the_latest_in_memory(gpu: GpuContext, tmp_path: Path) -> None:
    stage = staged(gpu, tmp_path, INK, TEXT)
    for n in range(120):
        light(stage, {"line": f"{n}"})
    assert len(stage._drawer.lettering._drawn) == 48
    stage.release()


def test_a_text_names_other_parameters_and_the_time_of_a_clock(gpu: GpuContext, tmp_path: Path) -> None:
    stage = staged(gpu, tmp_path, INK, TEXT + CITY)
    stage.civil.at_0 = datetime(2026, 6, 1, 16, 5, tzinfo=UTC)
    written = light(stage, {"line": "Brussels 18:05", "city": "Brussels"})
    assert np.array_equal(light(stage, {"line": "{city} {here:%H:%M}", "city": "Brussels"}), written)
    later = light(stage, {"line": "Helsinki 19:06", "city": "Helsinki"})
    assert np.array_equal(light(stage, {"line": "{city} {here}", "city": "Helsinki"}, at_s=60.0), later)
    stage.release()


@pytest.mark.parametrize(
    ("city", "utc", "hour"),
    [
        ("Brussels", datetime(2026, 1, 1, 12, tzinfo=UTC), 13.0),
        ("Brussels", datetime(2026, 7, 1, 12, tzinfo=UTC), 14.0),
        ("Helsinki", datetime(2026, 7, 1, 12, tzinfo=UTC), 15.0),
        ("Liverpool", datetime(2026, 7, 1, 12, tzinfo=UTC), 13.0),
        ("Helsinki", datetime(2026, 7, 1, 22, tzinfo=UTC), 1.0),
    ],
)
def test_a_clock_shows_the_time_of_its_city_summer_and_winter(
    gpu: GpuContext, tmp_path: Path, city: str, utc: datetime, hour: float
) -> None:
    stage = staged(gpu, tmp_path, CLOCK, CITY)
    stage.civil.at_0 = utc
    rgb = stage.frame(Tick(0, 1830.0, 0.0), look("p"), snapshot({("cue", 0): {"city": city}}))[0]
    np.testing.assert_allclose(rgb, [(hour + 1830 / 3600) / 24, 30.5 / 60, 30 / 60], atol=1e-3)
    stage.release()


def test_what_is_rendered_does_not_depend_on_the_day(gpu: GpuContext, tmp_path: Path) -> None:
    stage = staged(gpu, tmp_path, CLOCK, "[clock.here]\n")
    rgb = stage.frame(Tick(0, 0.0, 0.0), look("p"), snapshot())[0]
    np.testing.assert_allclose(rgb, [0.5, 0.0, 0.0], atol=1e-3)
    stage.release()


def test_a_wall_clock_that_is_set_is_followed_and_a_late_frame_is_not() -> None:
    from facade.stage.civil import CivilTime

    civil = CivilTime.of(pixel_grid(1, 1).venue)
    civil.at_0 = datetime(1970, 1, 1, tzinfo=UTC)
    civil.follow(datetime(1970, 1, 1, 0, 1, 2, tzinfo=UTC), 60.0)
    assert civil.at(60.0) == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    civil.follow(datetime(2026, 6, 1, 20, 0, tzinfo=UTC), 120.0)
    assert civil.at(180.0) == datetime(2026, 6, 1, 20, 1, tzinfo=UTC)


def test_a_table_is_a_texture_with_its_first_row_at_the_bottom(gpu: GpuContext, tmp_path: Path) -> None:
    folder = write_piece(tmp_path, "p", "", manifest="")
    (folder / "tide.csv").write_text("height\n0.25\n0.75\n")
    shader = "vec4 piece(vec2 uv) { return vec4(texelFetch(tide, ivec2(0, uv.y < 0.5 ? 0 : 1), 0).r, 0, 0, 1); }\n"
    stage = staged(gpu, tmp_path, shader, '[data.tide]\nfile = "tide.csv"\n')
    assert light(stage, {})[0, 0] == 0.25
    assert light(stage, {})[-1, 0] == 0.75
    stage.release()


def test_a_broken_table_or_font_breaks_the_piece_in_words(gpu: GpuContext, tmp_path: Path) -> None:
    folder = write_piece(tmp_path, "p", INK, manifest=TEXT + 'font = "a.ttf"\n[data.tide]\nfile = "tide.csv"\n')
    stage = Stage(gpu, pixel_grid(2, 2), PieceLibrary([tmp_path]), budget_ms=None)
    (folder / "a.ttf").write_bytes(b"no font")
    assert "a.ttf is no font" in str(stage.prepare(["p"])["p"])
    write_piece(tmp_path, "p", INK, manifest=TEXT + '[data.tide]\nfile = "tide.csv"\n')
    assert "tide.csv is not in the piece's folder" in str(stage.reload("p"))
    stage.release()


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ('[data.tide]\nfile = "../tide.csv"\n', "must be a path inside the document's own folder"),
        ('[data.tide]\nfile = "tide.xls"\n', "numbers are read from files that end in"),
        (TEXT + 'font = "/usr/share/a.ttf"\n', "must be a path inside the document's own folder"),
        ('[clock.here]\nzone = "Brussels"\n', "a time zone is named as in the tz database"),
        ('[clock.here]\ncity = "town"\nzones = { a = "Europe/Berlin" }\n', 'the clock "here" follows "town"'),
        ("[clock.line]\n" + TEXT, '"line" names two things'),
        (TEXT + 'max_length = 3\ndefault = "four"\n', "default has 4 characters; max_length is 3"),
    ],
)
def test_a_manifest_that_cannot_hold_is_refused(tmp_path: Path, manifest: str, says: str) -> None:
    write_piece(tmp_path, "p", INK, manifest=manifest)
    with pytest.raises(ConfigError, match=says):
        PieceLibrary([tmp_path]).get("p")


def test_text_from_outside_is_cut_and_cleaned_never_refused_for_its_length() -> None:
    spec = spec_of("/piece/p/line", TextParameter(type="text", max_length=8))
    assert spec.coerce(("Bonsoir Bruxelles",)) == "Bonsoir "
    assert spec.coerce(("a\x07b\x1b[0m",)) == "a b [0m"
    assert spec.coerce((21.5,)) == "21.5"
    for args in ((), (None,), (b"x",), ("a", "b")):
        with pytest.raises(InputError, match="takes one text"):
            spec.coerce(args)
