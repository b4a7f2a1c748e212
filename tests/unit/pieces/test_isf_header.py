"""ISF headers become parameters, passes and targets; what is wrong is told with the artist's own line."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.config.piece import (
    AudioParameter,
    BoolParameter,
    ChoiceParameter,
    ColorParameter,
    FloatParameter,
    IntParameter,
    PieceManifest,
    PointParameter,
)
from facade.core.errors import PieceError
from facade.pieces.dialects import piece_program
from facade.pieces.isf_header import read_header
from facade.pieces.library import PieceLibrary
from facade.pieces.program import PieceProgram

BODY = "void main() { gl_FragColor = vec4(1.0); }\n"


def manifest(folder: Path, inputs: str) -> PieceManifest:
    file = folder / "probe.fs"
    file.write_text(f'/*{{"INPUTS": [{inputs}]}}*/\n{BODY}', encoding="utf-8")
    return PieceLibrary([]).get(file).manifest


def program(folder: Path, header: str, body: str = BODY) -> PieceProgram:
    file = folder / "probe.fs"
    file.write_text(f"/*{header}*/\n{body}", encoding="utf-8")
    library = PieceLibrary([])
    return piece_program(library.get(file), include_paths=library.include_paths)


def test_every_type_of_input_becomes_a_parameter(tmp_path: Path) -> None:
    types = ("float", "bool", "long", "event", "color", "point2D", "image", "audio", "audioFFT")
    found = manifest(tmp_path, ", ".join(f'{{"NAME": "i{n}", "TYPE": "{t}"}}' for n, t in enumerate(types)))
    kinds = ("float", "bool", "int", "trigger", "color", "point", "image", "audio", "audio")
    assert tuple(p.type for p in found.parameter.values()) == kinds


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("", (0.0, 1.0, 0.5)),
        ('"MIN": 2, "MAX": 4', (2.0, 4.0, 3.0)),
        ('"MIN": 4, "MAX": 2, "DEFAULT": 2.5', (2.0, 4.0, 2.5)),
        ('"MIN": 1, "MAX": 1, "DEFAULT": 8', (0.0, 8.0, 8.0)),
        ('"MIN": 0, "MAX": 2, "DEFAULT": 9', (0.0, 2.0, 2.0)),
        ('"MIN": "0", "MAX": "2", "DEFAULT": "1.5"', (0.0, 2.0, 1.5)),
        ('"MAX": 9000, "DEFAULT": 6000', (0.0, 9000.0, 6000.0)),
        ('"MIN": 10, "DEFAULT": 120', (10.0, 240.0, 120.0)),
        ('"MIN": 4', (4.0, 8.0, 6.0)),
        ('"MAX": -4', (-8.0, -4.0, -6.0)),
        ('"DEFAULT": 6.5', (0.0, 13.0, 6.5)),
        ('"DEFAULT": -2', (-4.0, 1.0, -2.0)),
    ],
)
def test_ranges_are_made_sound(tmp_path: Path, keys: str, expected: tuple[float, float, float]) -> None:
    found = manifest(tmp_path, f'{{"NAME": "x", "TYPE": "float"{", " if keys else ""}{keys}}}').parameter["x"]
    assert isinstance(found, FloatParameter)
    assert (found.min, found.max, found.default) == expected


def test_a_bool_is_true_unless_it_says_otherwise(tmp_path: Path) -> None:
    found = manifest(tmp_path, '{"NAME": "a", "TYPE": "bool"}, {"NAME": "b", "TYPE": "bool", "DEFAULT": 0.0}')
    assert [p.default for p in found.parameter.values() if isinstance(p, BoolParameter)] == [True, False]


def test_a_long_keeps_values_and_labels_apart(tmp_path: Path) -> None:
    keys = '"VALUES": [3, 9, 27], "LABELS": ["low", "low", "high"], "DEFAULT": 27'
    found = manifest(tmp_path, f'{{"NAME": "n", "TYPE": "long", {keys}}}').parameter["n"]
    assert isinstance(found, ChoiceParameter)
    assert found.numbers == (3, 9, 27)
    assert found.choices == ("low", "low (9)", "high")
    assert found.default == "high"


def test_a_long_with_a_range_is_a_whole_number(tmp_path: Path) -> None:
    found = manifest(tmp_path, '{"NAME": "n", "TYPE": "long", "MIN": 1, "MAX": 5, "DEFAULT": 4}').parameter["n"]
    assert isinstance(found, IntParameter)
    assert (found.min, found.max, found.default) == (1, 5, 4)


def test_a_point_without_a_range_keeps_its_own_unit(tmp_path: Path) -> None:
    found = manifest(tmp_path, '{"NAME": "p", "TYPE": "point2D", "DEFAULT": [320, 0.25]}').parameter["p"]
    assert isinstance(found, PointParameter)
    assert found.high == (640.0, 1.0)
    assert found.default == (0.5, 0.25)


def test_a_colour_keeps_its_alpha_and_stays_within_range(tmp_path: Path) -> None:
    found = manifest(tmp_path, '{"NAME": "c", "TYPE": "color", "DEFAULT": [2.0, 0.5, 0.0, 0.25]}').parameter["c"]
    assert isinstance(found, ColorParameter)
    assert (*found.default, found.alpha) == (1.0, 0.5, 0.0, 0.25)


def test_the_number_of_audio_columns_is_the_headers(tmp_path: Path) -> None:
    found = manifest(tmp_path, '{"NAME": "a", "TYPE": "audioFFT", "MAX": 32}').parameter["a"]
    assert isinstance(found, AudioParameter)
    assert (found.form, found.samples) == ("spectrum", 32)


def test_an_input_of_an_unknown_type_is_left_out_and_told() -> None:
    text = '/*{"INPUTS": [{"NAME": "x", "TYPE": "hologram"}, {"NAME": "y", "TYPE": "float"}]}*/'
    header = read_header(text, file=Path("probe.fs"))
    assert [i.name for i in header.inputs] == ["y"]
    assert header.skipped == ("x (hologram)",)


def test_trailing_commas_do_not_matter_but_those_in_texts_stay() -> None:
    header = read_header(
        '/*{"DESCRIPTION": "a,] b,}", "INPUTS": [{"NAME": "y", "TYPE": "float",},],}*/', file=Path("p")
    )
    assert header.description == "a,] b,}"
    assert len(header.inputs) == 1


def test_a_broken_header_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "probe.fs"
    file.write_text('// a line\n/*\n{\n  "INPUTS": [\n    {"NAME" "x"}\n  ]\n}\n*/\n' + BODY, encoding="utf-8")
    with pytest.raises(PieceError, match="line 5") as caught:
        PieceLibrary([]).get(file)
    assert (caught.value.file, caught.value.line) == (file, 5)


def test_the_buffers_of_v1_are_persistent_targets(tmp_path: Path) -> None:
    listed = program(tmp_path, '{"PERSISTENT_BUFFERS": ["a"], "PASSES": [{"TARGET": "a"}, {}]}')
    assert [(t.name, t.persistent) for t in listed.targets] == [("a", True)]
    told = '{"PERSISTENT_BUFFERS": {"a": {"WIDTH": 16, "FLOAT": true}}, "PASSES": [{"TARGET": "a"}, {}]}'
    target = program(tmp_path, told).targets[0]
    assert (target.persistent, target.float32) == (True, True)
    assert target.width is not None
    assert target.width({}) == 16


def test_a_bad_size_names_the_target(tmp_path: Path) -> None:
    with pytest.raises(PieceError, match=r'WIDTH "1 \+" of target a'):
        program(tmp_path, '{"PASSES": [{"TARGET": "a", "WIDTH": "1 +"}]}')


def test_another_hosts_mode_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(PieceError, match='MODE "COMPUTE_SHADER" is no fragment shader'):
        program(tmp_path, '{"MODE": "COMPUTE_SHADER"}')


def test_a_colour_with_an_alpha_and_a_point_in_space_get_a_slider_for_their_last_number(tmp_path: Path) -> None:
    color = '{"NAME": "tint", "TYPE": "color", "LABEL": "Tint", "DEFAULT": [1, 0, 0, 0.25]}'
    point = '{"NAME": "at", "TYPE": "point3D", "MIN": [-2, -2, -9], "MAX": [2, 2, 9], "DEFAULT": [0, 0, 3]}'
    found = program(tmp_path, f'{{"INPUTS": [{color}, {point}]}}')
    alpha, depth = found.manifest.parameter["tint_alpha"], found.manifest.parameter["at_z"]
    assert isinstance(alpha, FloatParameter)
    assert (alpha.label, alpha.min, alpha.max, alpha.default) == ("Tint alpha", 0.0, 1.0, 0.25)
    assert isinstance(depth, FloatParameter)
    assert (depth.min, depth.max, depth.default) == (-9.0, 9.0, 3.0)
    assert [(u.name, u.type, u.rest) for u in found.uniforms] == [
        ("tint", "vec4", "tint_alpha"),
        ("at", "vec3", "at_z"),
    ]


def test_label_and_identity_are_what_people_are_told(tmp_path: Path) -> None:
    given = '{"NAME": "x", "TYPE": "float", "LABEL": "How much", "IDENTITY": 0.5}'
    found = manifest(tmp_path, given).parameter["x"]
    assert (found.label, found.help) == ("How much", "Without effect at 0.5.")


def test_targets_and_imports_may_have_the_languages_own_names(tmp_path: Path) -> None:
    body = "void main() { gl_FragColor = IMG_THIS_PIXEL(buffer) * mix(a, b, mix); }\n"
    header = '{"PASSES": [{"TARGET": "buffer", "FILTER": "NEAREST"}], "INPUTS": [{"NAME": "mix", "TYPE": "float"}]}'
    found = program(tmp_path, header, body)
    assert "IMG_THIS_PIXEL(facade_x_buffer) * mix(a, b, facade_x_mix)" in found.sources[0].text
    sampler = found.passes[0].samplers[0]
    assert (sampler.name, sampler.ref, sampler.filter) == ("facade_x_buffer", "buffer", "nearest")


def test_what_a_conversion_left_out_is_filled_in(tmp_path: Path) -> None:
    body = "void main() { gl_FragColor = texture2D(iChannel1, iMouse.xy) * vec4(iMouse.zw, iMouse.xyz.xy); }\n"
    found = program(tmp_path, '{"INPUTS": [{"NAME": "iMouse", "TYPE": "point2D"}]}', body)
    text = found.sources[0].text
    assert "texture(iChannel1, iMouse.xy)" in text
    assert "vec4(vec4(iMouse, 0.0, 0.0).zw, vec4(iMouse, 0.0, 0.0).xyz.xy)" in text
    assert "iChannel1 is connected to nothing; noise stands in for it" in found.repairs


def test_a_channel_the_shader_declares_itself_is_left_to_it(tmp_path: Path) -> None:
    body = "uniform sampler2D iChannel0, iChannel1;\nvoid main() { gl_FragColor = texture2D(iChannel1, vec2(0.5)); }\n"
    assert program(tmp_path, "{}", body).passes[0].samplers == ()


def test_too_many_passes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PieceError, match="32 passes, not 33"):
        program(tmp_path, f'{{"PASSES": [{", ".join(["{}"] * 33)}]}}')


def test_noise_stands_in_for_an_import_that_is_missing_and_is_told(tmp_path: Path) -> None:
    found = program(tmp_path, '{"IMPORTED": {"a": {"PATH": "a.png"}}}')
    assert [(s.name, s.kind) for s in found.passes[0].samplers] == [("a", "noise")]
    assert "IMPORTED a: a.png is not there; noise stands in for it" in found.repairs


def test_a_cube_map_takes_six_faces_or_is_a_sky(tmp_path: Path) -> None:
    faces = ", ".join(f'"{i}.png"' for i in range(6))
    header = f'{{"IMPORTED": [{{"NAME": "a", "TYPE": "cube", "PATH": [{faces}]}}]}}'
    found = program(tmp_path, header)
    assert (found.cubes, found.passes[0].samplers[0].kind) == (((),), "cube")
    assert "0.png is not there; a sky stands in" in "".join(found.repairs)
    for i in range(6):
        (tmp_path / f"{i}.png").touch()
    assert [p.name for p in program(tmp_path, header).cubes[0]] == [f"{i}.png" for i in range(6)]
    asked = program(tmp_path, '{"INPUTS": [{"NAME": "c", "TYPE": "cube"}]}')
    assert (asked.cubes, asked.manifest.parameter) == (((),), {})


def test_an_import_outside_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PieceError, match="outside"):
        program(tmp_path, '{"IMPORTED": {"a": {"PATH": "../a.png"}}}')


@pytest.mark.parametrize(
    ("header", "body", "domain", "reason"),
    [
        ("{}", BODY, "pixel", "by itself"),
        ("{}", "void main() { gl_FragColor = vec4(dFdx(isf_FragNormCoord.x)); }", "canvas", "dFdx"),
        ('{"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}]}', BODY, "canvas", "filter"),
        ('{"PASSES": [{"TARGET": "a"}, {}]}', BODY, "canvas", "2 passes"),
        ('{"PASSES": [{"TARGET": "a", "PERSISTENT": true}]}', BODY, "canvas", "of its own"),
    ],
)
def test_the_domain_and_why(tmp_path: Path, header: str, body: str, domain: str, reason: str) -> None:
    found = program(tmp_path, header, body)
    assert found.domain == domain
    assert reason in found.reason


def test_an_input_named_like_a_word_of_glsl_is_renamed(tmp_path: Path) -> None:
    header = '{"INPUTS": [{"NAME": "filter", "TYPE": "float"}, {"NAME": "mix", "TYPE": "float"}]}'
    found = program(tmp_path, header, "void main() { gl_FragColor = vec4(filter * mix); }\n")
    assert [(u.name, u.source) for u in found.uniforms] == [("facade_x_filter", "filter"), ("facade_x_mix", "mix")]
