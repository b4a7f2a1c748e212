"""Edits saved while a piece plays, by way of the real rehearsal process: memory stays, mistakes change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facade.core.errors import PieceError, located
from facade.gpu.context import GpuContext
from facade.pieces.trust import trust
from tests.support.gl import one_gpu, write_piece
from tests.support.rehearsed import RehearsedShow

__all__ = ["one_gpu"]

PIECES = ("ember", "plain", "trail", "board", "helped", "shown", "fed", "living")

CANVAS = 'domain = "canvas"\ncolor_space = "linear"\n'
LEVEL = '[parameter.level]\ntype = "float"\ndefault = 0.25\nsmooth_s = 0.0\n'
PLAIN = "vec4 piece(vec2 uv) { return vec4(level, 0.0, 0.0, 1.0); }\n"
BROKEN = "// a first line\nvec4 piece(vec2 uv) {\n    return vec4(undeclared_name, 1.0);\n}\n"
TRAIL = "vec4 piece(vec2 uv) { return vec4(texture(u_previous, uv).r + 0.125, 0.0, 0.0, 1.0); }\n"
TRAIL_KEPT = "vec4 piece(vec2 uv) { return vec4(texture(u_previous, uv).r, 0.5, 0.0, 1.0); }\n"
BOARD = """/*{ "ISFVSN": "2", "INPUTS": [], "PASSES": [ {"TARGET": "store", "PERSISTENT": true, "FLOAT": true}, {} ] }*/
void main() {
    vec4 store = IMG_NORM_PIXEL(store, isf_FragNormCoord);
    gl_FragColor = PASSINDEX == 0 ? vec4(store.r + 0.125, 0.0, 0.0, 1.0) : vec4(store.rg, 0.0, 1.0);
}
"""
BOARD_KEPT = BOARD.replace("store.r + 0.125, 0.0,", "store.r, 0.5,")
HELPED = '#include "help.glsl"\nvec4 piece(vec2 uv) { return helped(); }\n'
HELP = "vec4 helped() { return vec4(0.0, 0.5, 0.0, 1.0); }\n"
SHOWN = "vec4 piece(vec2 uv) { return texture(picture, uv); }\n"
PICTURE = CANVAS + '[parameter.picture]\ntype = "image"\ndefault = "images/sea.png"\n'
FED = "vec4 piece(vec2 uv) { return vec4(texture(table, vec2(0.5)).r, 0.0, 0.0, 1.0); }\n"
TABLE = CANVAS + '[data.table]\nfile = "table.csv"\ncolumns = ["a"]\n'
LIVING = "vec4 piece(vec2 uv) { return vec4(number, 0.0, 0.0, 1.0); }\n"
COUNTING = "n = 0\n\n\ndef update(tick, controls):\n    global n\n    n += 1\n    return {'number': 0.001 * n}\n"
SHOW = 'title = "Edits"\nseed = 1\n\n' + "".join(
    f'[cue.{slug}]\ncrossfade_s = 0.0\n[[cue.{slug}.layer]]\npiece = "{slug}"\n\n' for slug in PIECES
)


def picture_of(folder: Path, *colour: int) -> None:
    Image.new("RGB", (4, 4), colour).save(folder / "shown" / "images" / "sea.png")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edits")
    write_piece(folder, "plain", PLAIN, manifest=CANVAS + LEVEL)
    write_piece(folder, "trail", TRAIL, manifest=CANVAS)
    (folder / "board.fs").write_text(BOARD)
    write_piece(folder, "helped", HELPED, files={"help.glsl": HELP})
    write_piece(folder, "shown", SHOWN, manifest=PICTURE, files={"images/.keep": ""})
    picture_of(folder, 255, 0, 0)
    write_piece(folder, "fed", FED, manifest=TABLE, files={"table.csv": "a\n0.25\n"})
    write_piece(
        folder, "living", LIVING, manifest='[uniform.number]\ntype = "float"\n', files={"behaviour.py": COUNTING}
    )
    (folder / "show.toml").write_text(SHOW)
    return folder


@pytest.fixture(scope="module")
def show(folder: Path, gpu: GpuContext) -> Iterator[RehearsedShow]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACADE_TRUSTED", str(folder / "trusted.txt"))
        trust(folder / "living")
        with RehearsedShow(folder / "show.toml", "imal_minimal", gpu) as playing:
            assert set(playing.rehearse(*PIECES).values()) == {None}
            yield playing


def first(show: RehearsedShow, cue: str, *, frames: int = 1) -> list[float]:
    """Start a cue and return the colour of the first window after so many frames."""
    show.set("/show/cue", cue)
    return colour(show, frames=frames)


def colour(show: RehearsedShow, *, frames: int = 1) -> list[float]:
    light = show.frames(frames)
    assert np.allclose(light, light[0], atol=2e-3)
    return [round(float(part), 3) for part in light[0]]


def test_a_value_that_was_set_survives_an_edit_of_the_shader(show: RehearsedShow, folder: Path) -> None:
    show.set("/show/cue", "plain")
    show.frames()
    show.set("/piece/plain/level", 0.75)
    (folder / "plain" / "main.frag").write_text(PLAIN.replace("level, 0.0", "level, level"))

    assert show.rehearse("plain") == {"plain": None}
    assert colour(show) == pytest.approx([0.75, 0.75, 0.0], abs=2e-3)


def test_an_edit_of_the_manifest_adds_a_parameter_and_keeps_the_others_within_their_new_range(
    show: RehearsedShow, folder: Path
) -> None:
    show.set("/show/cue", "plain")
    show.frames()
    show.set("/piece/plain/level", 0.75)
    manifest = folder / "plain" / "piece.toml"
    narrow = LEVEL.replace("default = 0.25", "default = 0.25\nmax = 0.5")
    manifest.write_text(f'schema = 1\ntitle = "plain"\n{CANVAS}{narrow}' + LEVEL.replace("level", "more"))
    (folder / "plain" / "main.frag").write_text(PLAIN.replace("level, 0.0", "level, more"))

    assert show.rehearse("plain") == {"plain": None}
    assert colour(show) == pytest.approx([0.5, 0.25, 0.0], abs=2e-3)
    show.set("/piece/plain/more", 1.0)
    assert colour(show) == pytest.approx([0.5, 1.0, 0.0], abs=2e-3)


@pytest.mark.parametrize(
    ("slug", "file", "kept"),
    [("trail", "trail/main.frag", TRAIL_KEPT), ("board", "board.fs", BOARD_KEPT)],
    ids=["u_previous", "persistent target"],
)
def test_what_a_piece_remembers_survives_an_edit_of_its_shader(
    show: RehearsedShow, folder: Path, slug: str, file: str, kept: str
) -> None:
    before = first(show, slug, frames=3)[0]
    (folder / file).write_text(kept)

    assert show.rehearse(slug) == {slug: None}
    once, later = colour(show), colour(show, frames=3)
    assert once == later
    # Frames went by while it was rehearsed, of the old shader; none of them was lost.
    assert once[0] >= before > 0.1
    assert once[1] > 0.2


def test_an_include_is_read_again(show: RehearsedShow, folder: Path) -> None:
    assert first(show, "helped") == pytest.approx([0.0, 0.5, 0.0], abs=2e-3)
    (folder / "helped" / "help.glsl").write_text(HELP.replace("0.0, 0.5", "0.5, 0.5"))

    assert show.rehearse("helped") == {"helped": None}
    assert colour(show) == pytest.approx([0.5, 0.5, 0.0], abs=2e-3)


def test_a_picture_is_read_again(show: RehearsedShow, folder: Path) -> None:
    assert first(show, "shown") == pytest.approx([1.0, 0.0, 0.0], abs=2e-3)
    picture_of(folder, 0, 0, 255)

    assert show.rehearse("shown") == {"shown": None}
    assert colour(show, frames=2) == pytest.approx([0.0, 0.0, 1.0], abs=2e-3)


def test_a_table_is_read_again(show: RehearsedShow, folder: Path) -> None:
    assert first(show, "fed")[0] == pytest.approx(0.25, abs=2e-3)
    (folder / "fed" / "table.csv").write_text("a\n0.5\n")

    assert show.rehearse("fed") == {"fed": None}
    assert colour(show)[0] == pytest.approx(0.5, abs=2e-3)


def test_a_behaviour_lives_on_when_its_shader_is_edited_and_begins_anew_when_it_is(
    show: RehearsedShow, folder: Path
) -> None:
    before = first(show, "living", frames=100)[0]
    (folder / "living" / "main.frag").write_text(LIVING.replace("0.0, 0.0", "0.5, 0.0"))
    assert show.rehearse("living") == {"living": None}
    after = colour(show)
    assert after[0] > before
    assert after[1] == pytest.approx(0.5, abs=2e-3)

    (folder / "living" / "behaviour.py").write_text(COUNTING.replace("0.001", "0.002"))
    trust(folder / "living")
    assert show.rehearse("living") == {"living": None}
    assert colour(show)[0] < before


@pytest.mark.parametrize(
    ("slug", "file", "broken", "where", "what"),
    [
        ("plain", "plain/main.frag", BROKEN, "main.frag:3", "undeclared_name"),
        ("helped", "helped/help.glsl", "vec4 helped() { return nothing; }\n", "help.glsl:1", "nothing"),
        ("helped", "helped/main.frag", '#include "lost.glsl"\n' + HELPED, "main.frag:1", "lost.glsl"),
        ("plain", "plain/piece.toml", "schema = 1\ntitle = \n", "piece.toml:2", "TOML"),
        ("plain", "plain/piece.toml", 'schema = 2\ntitle = "plain"\n', "piece.toml", "schema"),
        ("board", "board.fs", BOARD.replace('"PASSES"', "PASSES"), "board.fs:1", "JSON"),
        ("shown", "shown/images/sea.png", "no picture", "sea.png", "picture"),
        ("fed", "fed/table.csv", "a\nmuch\n", "table.csv", "much"),
        ("living", "living/behaviour.py", "def update(tick, controls):\n    return {\n", "behaviour.py:2", "'{'"),
        ("living", "living/behaviour.py", COUNTING.replace("n += 1", "n /= 0"), "behaviour.py:6", "ZeroDivisionError"),
    ],
    ids=["shader", "include", "lost include", "TOML", "newer schema", "header", "picture", "table", "Python", "update"],
)
def test_a_broken_edit_leaves_the_last_good_piece_on_and_says_where_it_is_broken(
    show: RehearsedShow, folder: Path, slug: str, file: str, broken: str, where: str, what: str
) -> None:
    good = (folder / file).read_bytes()
    before = first(show, slug, frames=2)
    (folder / file).write_text(broken)
    if slug == "living":
        trust(folder / "living")
    error = show.rehearse(slug)[slug]
    faults, after = dict(show.renderer.stage.faults), colour(show)
    (folder / file).write_bytes(good)
    if slug == "living":
        trust(folder / "living")
    mended = show.rehearse(slug)

    assert error is not None
    assert where in located(error)
    assert what in located(error)
    assert set(faults) == {slug}
    if slug in ("board", "living"):
        assert after[0] >= before[0]
    else:
        assert after == before
    assert mended == {slug: None}
    assert show.renderer.stage.faults == {}


def test_a_piece_error_keeps_its_place_on_the_way_between_the_processes(show: RehearsedShow, folder: Path) -> None:
    file = folder / "plain" / "main.frag"
    good = file.read_text()
    file.write_text(BROKEN)
    error = show.rehearse("plain")["plain"]
    file.write_text(good)
    show.rehearse("plain")

    assert isinstance(error, PieceError)
    assert (error.file, error.line) == (file, 3)
