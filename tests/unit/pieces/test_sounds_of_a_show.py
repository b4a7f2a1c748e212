"""A layer chooses among the show's audio inputs: in show.toml, over OSC and on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.config.piece import AudioParameter
from facade.control.spec import spec_of
from facade.core.errors import InputError
from facade.pieces.library import PieceLibrary
from facade.pieces.presets import value_problems
from facade.web.hub import piece_info

PIECE = """schema = 1
title = "Ear"
[parameter.sound]
type = "audio"
[parameter.voice]
type = "audio"
default = "silence"
inputs = ["mic", "choir"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ear").mkdir()
    (tmp_path / "ear" / "piece.toml").write_text(PIECE)
    (tmp_path / "ear" / "main.frag").write_text("vec4 piece(vec2 uv) { return texture(sound, uv); }")
    return tmp_path


def test_an_audio_parameter_chooses_among_the_shows_inputs_and_starts_with_the_first(folder: Path) -> None:
    manifest = PieceLibrary([folder], sounds=("band", "mic")).get("ear").manifest
    sound, voice = piece_info("ear", manifest)["parameters"]
    assert (sound["choices"], sound["default"]) == (["band", "mic", "silence"], "band")
    assert (voice["choices"], voice["default"]) == (["mic", "silence"], "silence")

    spec = spec_of("/piece/ear/sound", manifest.parameter["sound"])
    assert spec.coerce(("mic",)) == "mic"
    assert spec.coerce((0,)) == "band"
    with pytest.raises(InputError, match="is no choice here"):
        spec.coerce(("choir",))


def test_values_name_an_input_of_the_show_and_no_other(folder: Path) -> None:
    manifest = PieceLibrary([folder], sounds=("band",)).get("ear").manifest
    for name in ("band", "silence", "test"):
        assert value_problems(manifest, {"sound": name}, file=None) == []
    (problem,) = value_problems(manifest, {"sound": "bnad"}, file=None)
    assert problem.rule == "must be one of band, silence"


def test_without_an_audio_input_there_is_the_test_sound(folder: Path) -> None:
    sound = PieceLibrary([folder]).get("ear").manifest.parameter["sound"]
    assert isinstance(sound, AudioParameter)
    assert (sound.choices, sound.first) == (("test", "silence"), "test")
