"""What shaders count on because the host they were written for did it unasked: each with a shader of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facade.core.errors import PieceError
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks

SIZE = (16, 8)
ISF = '/*{"ISFVSN": "2"}*/\n'


def draw(gpu: GpuContext, piece: Path, *, frames: int = 1) -> NDArray[np.uint8]:
    """Return the last frame as uint8 (H, W, 3), bottom row first, as the shader wrote it."""
    library = PieceLibrary([])
    slug = library.get(piece).slug
    stage = Stage(gpu, pixel_grid(*SIZE), library, budget_ms=None, canvas_px=SIZE)
    error = stage.prepare([slug])[slug]
    if error is not None:
        raise error
    for tick in ticks(frames):
        stage.frame(tick, look(slug), snapshot())
    picture = stage.canvas()[::-1].copy()
    stage.release()
    return picture


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize("name", ["fragColor", "FragColor", "isf_FragColor"])
@pytest.mark.parametrize(("suffix", "header"), [(".fs", ISF), (".frag", "")])
def test_an_output_that_nobody_declares_is_drawn_to(
    gpu: GpuContext, tmp_path: Path, name: str, suffix: str, header: str
) -> None:
    body = f"void main() {{ {name} = vec4(0.0, 0.0, 0.0, 1.0); {name}.rg += vec2(0.2, 0.4); }}"
    assert draw(gpu, write(tmp_path, f"a{suffix}", header + body))[0, 0].tolist() == [51, 102, 0]


def test_a_variable_that_is_called_like_an_output_stays_one(gpu: GpuContext, tmp_path: Path) -> None:
    body = "void main() { vec4 fragColor = vec4(1.0); fragColor = fragColor * 0.2; gl_FragColor = fragColor; }"
    assert draw(gpu, write(tmp_path, "a.fs", ISF + body))[0, 0, 0] == 51


def test_an_isf_shader_may_declare_its_output(gpu: GpuContext, tmp_path: Path) -> None:
    file = write(tmp_path, "a.fs", f"{ISF}out vec4 o;\nvoid main() {{ o = vec4(0.2); }}")
    assert draw(gpu, file)[0, 0, 0] == 51


def test_a_member_of_a_struct_may_be_called_like_a_function(gpu: GpuContext, tmp_path: Path) -> None:
    body = """struct Ray { vec3 reflect; float length; };
void main() {
    Ray ray;
    ray.reflect = reflect(vec3(0.2, -0.4, 0.0), vec3(0.0, 1.0, 0.0));
    float length = length(vec2(0.6, 0.0));
    ray.length = length;
    gl_FragColor = vec4(ray.reflect.xy, ray.length, 1.0);
}"""
    assert draw(gpu, write(tmp_path, "a.frag", body))[0, 0].tolist() == [51, 102, 153]


def test_a_variable_without_a_first_value_is_zero(gpu: GpuContext, tmp_path: Path) -> None:
    body = """void main() {
    vec3 sum;
    for (int i = 0; i < 2; i++) sum += vec3(0.1) * step(float(i), isf_FragNormCoord.x * 100.0);
    gl_FragColor = vec4(sum, 1.0);
}"""
    # What lay there before is another shader's: draw one that leaves a lot behind.
    draw(gpu, write(tmp_path, "b.fs", f"{ISF}void main() {{ gl_FragColor = vec4(gl_FragCoord.xyxy * 7.7); }}"))
    assert np.unique(draw(gpu, write(tmp_path, "a.fs", ISF + body))).tolist() == [51]


def test_a_smoothstep_between_an_edge_and_itself_is_a_step(gpu: GpuContext, tmp_path: Path) -> None:
    body = """void main() {
    float edge = 0.25 + 0.25 * cos(0.0);
    gl_FragColor = vec4(vec3(1.0 - smoothstep(edge, edge, isf_FragNormCoord.x)), 1.0);
}"""
    picture = draw(gpu, write(tmp_path, "a.fs", ISF + body))
    assert picture[:, :8].min() == 255
    assert picture[:, 8:].max() == 0


def test_channels_beyond_the_sites_four_show_what_they_name(gpu: GpuContext, tmp_path: Path) -> None:
    for name, grey in (("dark", 51), ("light", 204)):
        Image.new("RGB", (2, 2), (grey, grey, grey)).save(tmp_path / f"{name}.png")
    text = """#iChannel4 "dark.png"
#iChannel5 "light.png"
void mainImage(out vec4 c, in vec2 p) {
    c = p.x < 8.0 ? texture(iChannel4, vec2(0.5)) : texture(iChannel5, vec2(0.5));
}
"""
    picture = draw(gpu, write(tmp_path, "a.glsl", text))
    assert (picture[0, 0, 0], picture[0, 15, 0]) == (51, 204)


def test_tabs_that_were_saved_with_numbers_are_found(gpu: GpuContext, tmp_path: Path) -> None:
    toy = tmp_path / "renderpasses"
    write(toy, "01_image_image.glsl", "void mainImage(out vec4 c, vec2 p) { c = texture(iChannel0, vec2(0.5)); }")
    write(toy, "02_common_common.glsl", "const float VALUE = 0.4;")
    write(toy, "03_buffer_buffer_a.glsl", "void mainImage(out vec4 c, vec2 p) { c = vec4(VALUE); }")
    assert draw(gpu, toy)[0, 0, 0] == 102


def test_a_common_tab_that_another_includes_itself_stands_there_once(gpu: GpuContext, tmp_path: Path) -> None:
    toy = tmp_path / "toy"
    write(toy, "common.glsl", "const float VALUE = 0.4;\n")
    write(toy, "buffer-a.glsl", '#include "common.glsl"\nvoid mainImage(out vec4 c, vec2 p) { c = vec4(VALUE); }\n')
    # Another host defines OTHER; here the Common tab stands before the image as ever.
    image = "void mainImage(out vec4 c, vec2 p) { c = vec4(VALUE * texture(iChannel0, vec2(0.5)).r); }\n"
    write(toy, "image.glsl", f'#ifdef OTHER\n#include "common.glsl"\n#endif\n{image}')
    assert draw(gpu, toy)[0, 0, 0] == 41


MATERIAL = """/*{"INPUTS": [{"NAME": "mat_rate", "TYPE": "float", "MIN": 0, "MAX": 60, "DEFAULT": 12}],
    "GENERATORS": [
        {"NAME": "mat_time", "TYPE": "time_base", "PARAMS": {"speed": "mat_rate"}},
        {"NAME": "mat_slow", "TYPE": "time_base", "PARAMS": {"speed": 6}}
    ]}*/
vec4 materialColorForPixel(vec2 texCoord) { return vec4(mat_time, mat_slow, texCoord.x < 0.5, 1.0); }
"""


def test_a_material_of_madmapper_is_drawn_with_its_clocks(gpu: GpuContext, tmp_path: Path) -> None:
    picture = draw(gpu, write(tmp_path, "a.fs", MATERIAL), frames=3)  # the last one at 2/60 s
    assert picture[0, 0].tolist() == [102, 51, 255]
    assert picture[0, -1, 2] == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("materialColorForPixel", "fxColorForPixel", r"surface effect: it answers in fxColorForPixel\(\)"),
        ('"time_base"', '"adsr"', 'GENERATORS "mat_time" has the TYPE "adsr"'),
        ('"speed": "mat_rate"', '"speed": "rate"', 'speed "rate" of GENERATORS "mat_time" is neither'),
    ],
)
def test_what_is_not_read_of_madmapper_is_told(gpu: GpuContext, tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(PieceError, match=said):
        draw(gpu, write(tmp_path, "a.fs", MATERIAL.replace(old, new)))


def test_a_shadertoy_is_told_that_it_is_opengl_es(gpu: GpuContext, tmp_path: Path) -> None:
    body = """#if defined(GL_ES)
#define LEVEL 0.4
#else
#define LEVEL 0.0
#endif
#ifdef GL_ES
precision highp float;
#endif
void mainImage(out vec4 c, in vec2 p) { c = vec4(LEVEL); }
"""
    assert draw(gpu, write(tmp_path, "a.frag", body))[0, 0, 0] == 102


def test_main_and_its_output_may_be_macros_for_mainimage(gpu: GpuContext, tmp_path: Path) -> None:
    body = """#define main() mainImage(out vec4 fragColor, in vec2 fragCoord)
#define gl_FragCoord fragCoord
#define gl_FragColor fragColor
void main() { gl_FragColor = vec4(0.4, gl_FragCoord.x < 8.0 ? 0.2 : 0.6, 0.0, 1.0); }
"""
    picture = draw(gpu, write(tmp_path, "a.frag", body))
    assert picture[0, 0].tolist() == [102, 51, 0]
    assert picture[0, 12].tolist() == [102, 153, 0]


@pytest.mark.parametrize("suffix", [".frag", ".toy.frag"])
def test_a_uniform_that_a_dead_branch_declares_is_none(gpu: GpuContext, tmp_path: Path, suffix: str) -> None:
    body = """#if 0
uniform float level;
uniform int count;
#else
float level = 0.4;
const int count = 2;
#endif
"""
    drawn = "vec4(level, float(count) * 0.1, 0.0, 1.0)"
    main = f"void main() {{ gl_FragColor = {drawn}; }}"
    if "toy" in suffix:
        main = f"void mainImage(out vec4 c, in vec2 p) {{ c = {drawn}; }}"
    assert draw(gpu, write(tmp_path, f"a{suffix}", body + main))[0, 0].tolist() == [102, 51, 0]


def test_one_of_the_hosts_uniforms_may_stand_in_a_branch(gpu: GpuContext, tmp_path: Path) -> None:
    body = """#define HOSTED
#ifdef HOSTED
uniform vec2 u_resolution;
#else
const vec2 u_resolution = vec2(1.0);
#endif
void main() { gl_FragColor = vec4(u_resolution / 40.0, 0.0, 1.0); }
"""
    assert draw(gpu, write(tmp_path, "a.frag", body))[0, 0].tolist() == [102, 51, 0]
