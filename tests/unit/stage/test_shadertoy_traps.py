"""Shadertoys as they come: files that name one another, the site's settings of a channel, names other hosts add."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facade.config.piece import FloatParameter
from facade.core.errors import PieceError
from facade.gpu.context import GpuContext
from facade.pieces.dialects import piece_program
from facade.pieces.library import PieceLibrary
from facade.pieces.program import PieceProgram
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks

SIZE = (16, 8)


def draw(gpu: GpuContext, file: Path, *, frames: int = 1) -> NDArray[np.uint8]:
    """Return the last frame as uint8 (H, W, 3), bottom row first, as the shader wrote it."""
    library = PieceLibrary([])
    slug = library.get(file).slug
    stage = Stage(gpu, pixel_grid(*SIZE), library, budget_ms=None, canvas_px=SIZE)
    assert stage.prepare([slug]) == {slug: None}
    for tick in ticks(frames):
        stage.frame(tick, look(slug), snapshot())
    picture = stage.canvas()[::-1].copy()
    stage.release()
    return picture


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def image(body: str) -> str:
    return f"void mainImage(out vec4 c, in vec2 p) {{ {body} }}\n"


def exported(folder: Path, *tabs: dict[str, Any]) -> Path:
    return write(folder / "toy.json", json.dumps({"Shader": {"renderpass": list(tabs)}}))


def program(file: Path) -> PieceProgram:
    library = PieceLibrary([])
    return piece_program(library.get(file), include_paths=library.include_paths)


def test_a_file_that_names_another_draws_it_first(gpu: GpuContext, tmp_path: Path) -> None:
    write(tmp_path / "waves.glsl", f'#iChannel0 "self"\n{image("c = texelFetch(iChannel0, ivec2(p), 0) + 0.1;")}')
    main = write(
        tmp_path / "main.glsl", f'#iChannel1 "file://./waves.glsl"\n{image("c = texture(iChannel1, vec2(0.5));")}'
    )
    assert draw(gpu, main, frames=3)[0, 0, 0] == pytest.approx(0.3 * 255, abs=1)


def test_an_image_may_read_its_own_last_picture(gpu: GpuContext, tmp_path: Path) -> None:
    file = write(tmp_path / "a.glsl", f'#iChannel0 "self"\n{image("c = texelFetch(iChannel0, ivec2(p), 0) + 0.1;")}')
    assert draw(gpu, file, frames=3)[0, 0, 0] == pytest.approx(0.3 * 255, abs=1)


@pytest.mark.parametrize("name", ["buffer-a.glsl", "Buffer A.glsl", "bufA.glsl", "buffer_a.glsl"])
def test_tabs_are_found_however_they_are_written(gpu: GpuContext, tmp_path: Path, name: str) -> None:
    toy = tmp_path / "toy"
    toy.mkdir()
    write(toy / name, image("c = vec4(VALUE);"))
    write(toy / "COMMON.glsl", "const float VALUE = 0.4;\n")
    write(toy / "image.glsl", image("c = texture(iChannel0, vec2(0.5));"))
    assert draw(gpu, toy)[0, 0, 0] == 102


def test_a_picture_beside_the_file_is_shown_with_its_settings(gpu: GpuContext, tmp_path: Path) -> None:
    dots = Image.new("RGB", (2, 1))
    dots.putpixel((1, 0), (255, 255, 255))
    dots.save(tmp_path / "dots.png")
    read = image("c = vec4(texture(iChannel0, vec2(0.45, 0.5)).r, texture(iChannel0, vec2(1.25, 0.5)).r, 0.0, 1.0);")
    settings = '#iChannel0 "dots.png"\n#iChannel0::MagFilter "Nearest"\n#iChannel0::WrapMode "Repeat"\n'
    assert draw(gpu, write(tmp_path / "a.glsl", settings + read))[0, 0].tolist() == [0, 0, 0]
    settings = '#iChannel0 "dots.png"\n#iChannel0::WrapMode "Clamp"\n'
    assert draw(gpu, write(tmp_path / "a.glsl", settings + read))[0, 0] == pytest.approx([102, 255, 0], abs=1)


def test_an_exports_settings_of_a_channel_are_kept(gpu: GpuContext, tmp_path: Path) -> None:
    sampler = {"filter": "nearest", "wrap": "repeat"}
    feed = {"channel": 0, "ctype": "buffer", "id": "257", "sampler": sampler}
    first = {"type": "buffer", "name": "Buf A", "code": image("c = vec4(p.x < 1.0);"), "outputs": [{"id": "257"}]}
    show = image("c = vec4(texture(iChannel0, vec2(1.05, 0.5)).r, texture(iChannel0, vec2(0.06, 0.5)).r, 0.0, 1.0);")
    last = {"type": "image", "name": "Image", "code": show, "inputs": [feed], "outputs": [{"id": "37"}]}
    assert draw(gpu, exported(tmp_path, last, first))[0, 0].tolist() == [255, 255, 0]


def test_mipmaps_are_there_where_the_export_asks_for_them(gpu: GpuContext, tmp_path: Path) -> None:
    feed = {"channel": 0, "ctype": "buffer", "id": "257", "sampler": {"filter": "mipmap", "wrap": "clamp"}}
    first = {"type": "buffer", "name": "Buffer A", "code": image("c = vec4(p.x < 4.0);"), "outputs": [{"id": "257"}]}
    show = {"type": "image", "name": "Image", "code": image("c = textureLod(iChannel0, vec2(0.5), 4.0);")}
    assert draw(gpu, exported(tmp_path, first, {**show, "inputs": [feed]}))[0, 0, 0] == pytest.approx(64, abs=1)


@pytest.mark.parametrize("ctype", ["texture", "video", "webcam", "mic", "music", "musicstream", "keyboard"])
def test_every_input_the_site_has_is_read(gpu: GpuContext, tmp_path: Path, ctype: str) -> None:
    code = image("c = texture(iChannel0, p / iResolution.xy) * 0.0 + vec4(iChannelTime[0] + iSampleRate / 73500.0);")
    tab = {"type": "image", "name": "Image", "code": code, "inputs": [{"channel": 0, "ctype": ctype}]}
    assert draw(gpu, exported(tmp_path, tab))[0, 0, 0] == 153


def test_sound_and_headsets_are_left_out(gpu: GpuContext, tmp_path: Path) -> None:
    code = image("c = vec4(1.0);") + "void mainVR(out vec4 c, in vec2 p, in vec3 o, in vec3 d) { c = vec4(0.0); }\n"
    sound = {"type": "sound", "name": "Sound", "code": "vec2 mainSound(int s, float t) { return vec2(0.0); }"}
    file = exported(tmp_path, {"type": "image", "name": "Image", "code": code}, sound)
    assert draw(gpu, file).min() == 255
    assert "the Sound tab is left out" in "".join(program(file).repairs)


@pytest.mark.parametrize("ctype", ["cubemap", "volume"])
def test_what_the_site_keeps_to_itself_is_refused_with_the_reason(tmp_path: Path, ctype: str) -> None:
    tab = {"type": "image", "name": "Image", "code": image("c = vec4(1.0);"), "inputs": [{"ctype": ctype}]}
    with pytest.raises(PieceError, match="which facade has none of"):
        program(exported(tmp_path, tab))


def test_a_channel_asked_in_a_direction_answers_with_a_sky(gpu: GpuContext, tmp_path: Path) -> None:
    file = write(tmp_path / "a.glsl", image("c = texture(iChannel0, vec3(0.0, p.y > 4.0 ? 1.0 : -1.0, 0.1));"))
    picture = draw(gpu, file).astype(int)
    assert picture[-1, 0, 2] > picture[-1, 0, 0] + 60
    assert picture[0, 0, 0] >= picture[0, 0, 2]


def test_a_file_that_brings_its_own_uniforms_and_main_draws_all_the_same(gpu: GpuContext, tmp_path: Path) -> None:
    text = "#version 330\nuniform vec3 iResolution;\nuniform float iTime, level;\nout vec4 seen;\n"
    text += (
        image("c = vec4(level + 0.4, iResolution.z, iTime, 1.0);")
        + "void main() { mainImage(seen, gl_FragCoord.xy); }\n"
    )
    file = write(tmp_path / "a.frag", text)
    assert list(PieceLibrary([]).get(file).manifest.parameter) == ["level"]
    assert draw(gpu, file)[0, 0].tolist() == [102, 255, 0]


def test_an_editors_directives_become_parameters_and_names(gpu: GpuContext, tmp_path: Path) -> None:
    text = "#iUniform float level = 0.4 in { 0.2, 0.8 }\n#iUniform color3 tint = color3(0.2)\n#iKeyboard\n"
    text += image("c = vec4(isKeyDown(Key_A) ? 1.0 : level, iBackgroundColor.r, 0.0, 1.0); st_assert(true);")
    file = write(tmp_path / "a.glsl", text)
    level = PieceLibrary([]).get(file).manifest.parameter["level"]
    assert isinstance(level, FloatParameter)
    assert (level.min, level.max, level.default) == (0.2, 0.8, 0.4)
    assert draw(gpu, file)[0, 0].tolist() == [102, 0, 0]


def test_main_image_may_be_a_macro(gpu: GpuContext, tmp_path: Path) -> None:
    file = write(tmp_path / "a.glsl", "#define mainImage(o,u) vec2 a = u / iResolution.xy; o = vec4(a.x > 0.5)\n")
    assert draw(gpu, file)[0, :, 0].tolist() == [0] * 8 + [255] * 8


def test_an_editors_file_may_draw_in_main(gpu: GpuContext, tmp_path: Path) -> None:
    file = write(tmp_path / "a.glsl", '#iChannel0 "noise"\nvoid main() { gl_FragColor = vec4(iTime + 0.4); }\n')
    assert draw(gpu, file)[0, 0, 0] == 102


def test_a_vertex_shader_by_itself_is_no_piece(tmp_path: Path) -> None:
    file = write(tmp_path / "a.vert.glsl", "in vec4 v;\nvoid main() { gl_Position = v; }\n")
    with pytest.raises(PieceError, match="vertex shader, not a piece"):
        PieceLibrary([]).get(file)
