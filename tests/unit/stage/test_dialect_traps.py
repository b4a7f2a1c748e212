"""The traps of the dialects, each with a shader of its own: what hosts get wrong while everything compiles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facade.config.piece import Value
from facade.control.bank import ParameterBank
from facade.control.events import ControlEvent
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot, ticks

SIZE = (16, 8)


def write(folder: Path, body: str, *, header: Mapping[str, Any] | None = None, vertex: str = "") -> Path:
    file = folder / "probe.fs"
    file.write_text(f"/*{json.dumps({'ISFVSN': '2', **(header or {})})}*/\n{body}", encoding="utf-8")
    if vertex:
        (folder / "probe.vs").write_text(vertex, encoding="utf-8")
    return file


def draw(
    gpu: GpuContext,
    file: Path,
    *,
    frames: int = 1,
    values: Mapping[str, Value] | None = None,
    domain: str = "",
    size: tuple[int, int] = SIZE,
) -> NDArray[np.uint8]:
    """Return the last frame as uint8 (H, W, 3), bottom row first, as the shader wrote it."""
    library = PieceLibrary([])
    slug = library.get(file).slug
    stage = Stage(gpu, pixel_grid(*size), library, budget_ms=None, canvas_px=size)
    assert stage.prepare([slug]) == {slug: None}
    assert domain in ("", stage.domain(slug))
    for tick in ticks(frames):
        stage.frame(tick, look(slug), snapshot({("cue", 0): values or {}}))
    picture = stage.canvas()[::-1].copy()
    stage.release()
    return picture


def passes(*names: str, **keys: Any) -> dict[str, Any]:
    return {"PASSES": [{"TARGET": n, **keys} if n else {} for n in names]}


def test_a_target_is_readable_as_soon_as_its_pass_is_done(gpu: GpuContext, tmp_path: Path) -> None:
    body = "void main() { gl_FragColor = PASSINDEX == 0 ? vec4(1.0) : IMG_THIS_PIXEL(a); }"
    assert draw(gpu, write(tmp_path, body, header=passes("a", ""))).min() == 255


def test_a_pass_that_reads_its_own_target_sees_the_frame_before(gpu: GpuContext, tmp_path: Path) -> None:
    body = "void main() { gl_FragColor = IMG_THIS_PIXEL(a) + vec4(0.1); }"
    file = write(tmp_path, body, header=passes("a", PERSISTENT=True, FLOAT=True))
    assert draw(gpu, file, frames=3)[0, 0, 0] == pytest.approx(0.3 * 255, abs=1)


def test_a_target_that_is_not_persistent_starts_every_frame_black(gpu: GpuContext, tmp_path: Path) -> None:
    body = "void main() { gl_FragColor = IMG_THIS_PIXEL(a) + vec4(0.2); }"
    assert draw(gpu, write(tmp_path, body, header=passes("a")), frames=3)[0, 0, 0] == 51


def test_a_float_target_keeps_more_than_one_and_less_than_a_step(gpu: GpuContext, tmp_path: Path) -> None:
    body = """void main() {
        if (PASSINDEX == 0) gl_FragColor = IMG_THIS_PIXEL(a) + vec4(0.001, 2.0, 0.0, 1.0);
        else { vec4 kept = IMG_THIS_PIXEL(a); gl_FragColor = vec4(kept.r * 100.0, kept.g / 20.0, 0.0, 1.0); }
    }"""
    kept = draw(gpu, write(tmp_path, body, header=passes("a", "", PERSISTENT=1, FLOAT="true")), frames=5)[0, 0]
    assert kept[:2] == pytest.approx([127, 127], abs=1)


def test_a_target_without_float_has_eight_bits(gpu: GpuContext, tmp_path: Path) -> None:
    body = "void main() { gl_FragColor = PASSINDEX == 0 ? IMG_THIS_PIXEL(a) + 0.001 : IMG_THIS_PIXEL(a) * 100.0; }"
    assert draw(gpu, write(tmp_path, body, header=passes("a", "", PERSISTENT=True)), frames=5).max() == 0


def test_rendersize_is_that_of_the_passs_own_target(gpu: GpuContext, tmp_path: Path) -> None:
    header = passes("a", "", WIDTH="$WIDTH / 4", HEIGHT="floor($side)")
    header["INPUTS"] = [{"NAME": "side", "TYPE": "float", "MIN": 1, "MAX": 9, "DEFAULT": 3.5}]
    body = "void main() { gl_FragColor = PASSINDEX == 0 ? vec4(RENDERSIZE / 10.0, 0.0, 1.0) : IMG_THIS_PIXEL(a); }"
    assert draw(gpu, write(tmp_path, body, header=header))[0, 0].tolist() == [102, 76, 0]


def test_img_pixel_divides_by_the_images_own_size(gpu: GpuContext, tmp_path: Path) -> None:
    body = """void main() {
        if (PASSINDEX == 0) gl_FragColor = vec4(gl_FragCoord.x > 1.0 ? 1.0 : 0.0);
        else gl_FragColor = vec4(IMG_PIXEL(a, vec2(1.5, 0.5)).r, IMG_SIZE(a) / 10.0, 1.0);
    }"""
    file = write(tmp_path, body, header=passes("a", "", WIDTH=2, HEIGHT="1"))
    assert draw(gpu, file)[0, 0] == pytest.approx([255, 51, 26], abs=1)


def test_pictures_are_filtered_and_end_at_their_edge(gpu: GpuContext, tmp_path: Path) -> None:
    body = """void main() {
        if (PASSINDEX == 0) gl_FragColor = vec4(gl_FragCoord.x > 1.0 ? 1.0 : 0.0);
        else gl_FragColor = vec4(IMG_NORM_PIXEL(a, vec2(0.5)).r, IMG_NORM_PIXEL(a, vec2(1.2, 0.5)).r, 0.0, 1.0);
    }"""
    seen = draw(gpu, write(tmp_path, body, header=passes("a", "", WIDTH=2, HEIGHT=1)))[0, 0]
    assert seen[0] == pytest.approx(128, abs=1)
    assert seen[1] == 255


def test_four_corners_are_drawn_so_that_clamped_varyings_end_at_the_edges(gpu: GpuContext, tmp_path: Path) -> None:
    vertex = "varying vec2 at;\nvoid main() { isf_vertShaderInit(); at = clamp(isf_FragNormCoord * 2.0, 0.0, 1.0); }\n"
    body = "varying vec2 at;\nvoid main() { gl_FragColor = vec4(at, 0.0, 1.0); }"
    picture = draw(gpu, write(tmp_path, body, vertex=vertex), domain="canvas")
    assert picture[0, :, 0].tolist() == [round((i + 0.5) / 16 * 255) for i in range(16)]


def test_a_vertex_shader_may_move_the_corners(gpu: GpuContext, tmp_path: Path) -> None:
    vertex = "void main() { isf_vertShaderInit(); gl_Position.x *= 0.5; }\n"
    picture = draw(gpu, write(tmp_path, "void main() { gl_FragColor = vec4(1.0); }", vertex=vertex))
    assert picture[0, :, 0].tolist() == [0] * 4 + [255] * 8 + [0] * 4


def test_a_bool_without_a_default_is_true(gpu: GpuContext, tmp_path: Path) -> None:
    header = {"INPUTS": [{"NAME": "on", "TYPE": "bool"}]}
    assert draw(gpu, write(tmp_path, "void main() { gl_FragColor = vec4(on); }", header=header)).min() == 255


def test_a_long_carries_its_value_and_not_its_index(gpu: GpuContext, tmp_path: Path) -> None:
    header = {
        "INPUTS": [{"NAME": "n", "TYPE": "long", "VALUES": [50, 7, 100], "LABELS": ["a", "b", "c"], "DEFAULT": 100}]
    }
    file = write(tmp_path, "void main() { gl_FragColor = vec4(float(n) / 255.0); }", header=header)
    assert draw(gpu, file).max() == 100
    assert draw(gpu, file, values={"n": "b"}).max() == 7


def test_an_event_is_true_for_one_frame(gpu: GpuContext, tmp_path: Path) -> None:
    header = passes("a", PERSISTENT=True) | {"INPUTS": [{"NAME": "hit", "TYPE": "event"}]}
    body = "void main() { gl_FragColor = IMG_THIS_PIXEL(a) + vec4(hit ? 0.2 : 0.0); }"
    library = PieceLibrary([])
    piece = library.get(write(tmp_path, body, header=header))
    bank = ParameterBank({"probe": piece.manifest})
    stage = Stage(gpu, pixel_grid(*SIZE), library, budget_ms=None, canvas_px=SIZE)
    on = look("probe")
    bank.start_layer(on.cues[0].layers[0], {})
    seen = []
    for tick in ticks(6):
        if tick.frame in (1, 4):
            bank.apply(ControlEvent(tick.frame, tick.time_s, "/piece/probe/hit", None))
        stage.frame(tick, on, bank.snapshot(tick))
        seen.append(int(stage.canvas()[0, 0, 0]))
    stage.release()
    assert seen == [0, 51, 51, 51, 102, 102]


def test_what_a_piece_remembers_survives_a_new_size(gpu: GpuContext, tmp_path: Path) -> None:
    header = passes("a", "", PERSISTENT=True, WIDTH="$side", HEIGHT="$side")
    header["INPUTS"] = [{"NAME": "side", "TYPE": "long", "MIN": 2, "MAX": 8, "DEFAULT": 2}]
    body = """void main() {
        if (PASSINDEX == 0) gl_FragColor = FRAMEINDEX == 0 ? vec4(0.6) : IMG_THIS_PIXEL(a);
        else gl_FragColor = vec4(IMG_THIS_PIXEL(a).r, IMG_SIZE(a).x / 10.0, 0.0, 1.0);
    }"""
    library = PieceLibrary([])
    library.get(write(tmp_path, body, header=header))
    stage = Stage(gpu, pixel_grid(*SIZE), library, budget_ms=None, canvas_px=SIZE)
    for tick in ticks(2):
        stage.frame(tick, look("probe"), snapshot({("cue", 0): {"side": 2 if tick.frame == 0 else 8}}))
    assert stage.canvas()[0, 0].tolist() == [153, 204, 0]
    stage.release()


def test_the_last_pass_is_the_picture_also_when_it_has_a_target(gpu: GpuContext, tmp_path: Path) -> None:
    body = "void main() { gl_FragColor = PASSINDEX == 0 ? vec4(0.0) : vec4(1.0); }"
    assert draw(gpu, write(tmp_path, body, header=passes("a", "b"))).min() == 255


def test_an_imported_picture_stands_upright(gpu: GpuContext, tmp_path: Path) -> None:
    image = Image.new("RGB", (2, 2))
    image.putpixel((0, 0), (255, 0, 0))
    image.putpixel((1, 1), (0, 0, 255))
    image.save(tmp_path / "corner.png")
    body = "void main() { gl_FragColor = IMG_PIXEL(corner, floor(isf_FragNormCoord * 2.0) + 0.5); }"
    picture = draw(gpu, write(tmp_path, body, header={"IMPORTED": {"corner": {"PATH": "corner.png"}}}))
    assert picture[-1, 0].tolist() == [255, 0, 0]
    assert picture[0, -1].tolist() == [0, 0, 255]


def test_alpha_does_not_darken_a_screens_picture(gpu: GpuContext, tmp_path: Path) -> None:
    for domain, extra in (("pixel", ""), ("canvas", "+ 0.0 * dFdx(isf_FragNormCoord.x)")):
        file = write(tmp_path, f"void main() {{ gl_FragColor = vec4(1.0, 0.5, 2.0, 0.0) {extra}; }}")
        assert draw(gpu, file, domain=domain)[0, 0] == pytest.approx([255, 128, 255], abs=1)


def test_both_domains_show_the_same(gpu: GpuContext, tmp_path: Path) -> None:
    body = (
        "void main() { gl_FragColor = vec4(isf_FragNormCoord, gl_FragCoord.x / RENDERSIZE.x, 1.0) * fract(TIME + 0.5)"
    )
    lights = []
    for extra, domain in (("", "pixel"), (" + 0.0 * dFdx(TIME)", "canvas")):
        file = write(tmp_path, f"{body}{extra}; }}")
        library = PieceLibrary([])
        library.get(file)
        stage = Stage(gpu, pixel_grid(*SIZE), library, budget_ms=None, canvas_px=SIZE)
        tick = next(iter(ticks(1)))
        lights.append(stage.frame(tick, look("probe"), snapshot()).copy())
        assert stage.domain("probe") == domain
        stage.release()
    assert np.abs(lights[0] - lights[1]).max() < 2e-3


def test_shadertoy_buffers_remember_and_feed_the_image(gpu: GpuContext, tmp_path: Path) -> None:
    toy = tmp_path / "toy"
    toy.mkdir()
    (toy / "Common.glsl").write_text("#define STEP 0.1\n", encoding="utf-8")
    add = "void mainImage(out vec4 c, in vec2 p) { c = texelFetch(iChannel0, ivec2(p), 0) + STEP; }\n"
    (toy / "BufferA.glsl").write_text(add, encoding="utf-8")
    show = "void mainImage(out vec4 c, in vec2 p) { c = vec4(texture(iChannel0, p / iResolution.xy).rgb, 0.0); }\n"
    (toy / "Image.glsl").write_text(show, encoding="utf-8")
    assert draw(gpu, toy, frames=3)[0, 0, 0] == pytest.approx(0.3 * 255, abs=1)


def test_plain_buffers_remember_and_feed_the_picture(gpu: GpuContext, tmp_path: Path) -> None:
    source = """#version 300 es
precision mediump float;
uniform vec2 u_resolution;
uniform sampler2D u_doubleBuffer0;
out vec4 color;
void main() {
    vec2 st = gl_FragCoord.xy / u_resolution;
#if defined(DOUBLE_BUFFER_0)
    color = texture(u_doubleBuffer0, st) + 0.1;
#else
    color = texture(u_doubleBuffer0, st);
#endif
}
"""
    (tmp_path / "plain.frag").write_text(source, encoding="utf-8")
    assert draw(gpu, tmp_path / "plain.frag", frames=3)[0, 0, 0] == pytest.approx(0.3 * 255, abs=1)


def test_a_cube_map_looks_where_it_is_asked_to(gpu: GpuContext, tmp_path: Path) -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255)]
    for i, colour in enumerate(colours):
        face = Image.new("RGB", (4, 4), colour)
        if i == 4:
            face.paste((255, 255, 255), (0, 0, 4, 2))  # the upper half of what lies ahead, +z
        face.save(tmp_path / f"{i}.png")
    header = {"IMPORTED": {"sky": {"TYPE": "cube", "PATH": [f"{i}.png" for i in range(6)]}}}
    body = """void main() {
        int face = int(gl_FragCoord.x) / 2;
        vec3 to = vec3(face == 0 ? 1.0 : face == 1 ? -1.0 : 0.0, face == 2 ? 1.0 : face == 3 ? -1.0 : 0.0, 0.0);
        if (face == 4) to = vec3(0.0, -0.5, 1.0);
        if (face == 5) to = vec3(0.0, 0.0, -1.0);
        if (face == 6) to = vec3(0.0, 0.5, 1.0);
        gl_FragColor = textureCube(sky, to);
    }"""
    picture = draw(gpu, write(tmp_path, body, header=header))
    assert [tuple(picture[0, 2 * i]) for i in range(6)] == colours
    assert tuple(picture[0, 12]) == (255, 255, 255)


def test_a_cube_map_nobody_gives_is_a_sky(gpu: GpuContext, tmp_path: Path) -> None:
    header = {"INPUTS": [{"NAME": "sky", "TYPE": "cube"}]}
    body = "void main() { gl_FragColor = textureCube(sky, vec3(0.0, isf_FragNormCoord.y * 2.0 - 1.0, -0.1)); }"
    picture = draw(gpu, write(tmp_path, body, header=header), domain="canvas").astype(int)
    assert picture[-1, 0, 2] > picture[-1, 0, 0] + 60  # blue above
    assert picture[0, 0, 0] >= picture[0, 0, 2]  # brown below


def test_a_target_of_filter_nearest_is_not_filtered(gpu: GpuContext, tmp_path: Path) -> None:
    body = """void main() {
        if (PASSINDEX == 0) gl_FragColor = vec4(gl_FragCoord.x > 1.0 ? 1.0 : 0.0);
        else gl_FragColor = vec4(IMG_NORM_PIXEL(a, vec2(0.45, 0.5)).r);
    }"""
    for keys, seen in (({"FILTER": "NEAREST"}, 0), ({}, 102)):
        picture = draw(gpu, write(tmp_path, body, header=passes("a", "", WIDTH=2, HEIGHT=1, **keys)))
        assert picture[0, 0, 0] == pytest.approx(seen, abs=2)


def test_a_colours_alpha_is_its_own_slider(gpu: GpuContext, tmp_path: Path) -> None:
    header = {"INPUTS": [{"NAME": "tint", "TYPE": "color", "DEFAULT": [0.2, 0.4, 0.6, 0.8]}]}
    file = write(tmp_path, "void main() { gl_FragColor = vec4(tint.rg, tint.a, 1.0); }", header=header)
    assert draw(gpu, file)[0, 0].tolist() == [51, 102, 204]
    assert draw(gpu, file, values={"tint_alpha": 0.4})[0, 0].tolist() == [51, 102, 102]


def test_what_score_adds_reads_texels_and_points_in_space(gpu: GpuContext, tmp_path: Path) -> None:
    header = passes("a", "", WIDTH=2, HEIGHT=1)
    header["INPUTS"] = [
        {"NAME": "at", "TYPE": "point3D", "DEFAULT": [0.2, 0.4, 0.6], "MIN": [0, 0, 0], "MAX": [1, 1, 1]}
    ]
    body = """void main() {
        if (PASSINDEX == 0) gl_FragColor = vec4(isf_FragCoord.x > 1.0 ? 1.0 : 0.0);
        else gl_FragColor = vec4(IMG_TEXEL(a, vec2(1, 0)).r * at.z, float(TEX_DIMENSIONS(a).x) / 10.0, at.x, 1.0);
    }"""
    assert draw(gpu, write(tmp_path, body, header=header))[0, 0].tolist() == [153, 51, 51]


@pytest.mark.parametrize("macro", ["vec3", "mix", "color", "isnan", "c", "rgb", "main_"])
def test_an_artists_macro_never_reaches_facades_own_text(gpu: GpuContext, tmp_path: Path, macro: str) -> None:
    for extra, domain in (("", "pixel"), (" + 0.0 * dFdx(TIME)", "canvas")):
        body = f"void main() {{ gl_FragColor = vec4(1.0){extra}; }}\n#define {macro} 7\n"
        assert draw(gpu, write(tmp_path, body), domain=domain).min() == 255


def test_the_surface_of_a_sandbox_is_one_high_and_zero_in_the_middle(gpu: GpuContext, tmp_path: Path) -> None:
    source = """precision highp float;
uniform vec2 surfaceSize;
varying vec2 surfacePosition;
void main() { gl_FragColor = vec4(surfacePosition + surfaceSize * 0.5, surfaceSize.x / 4.0, 1.0) / 2.0; }
"""
    (tmp_path / "sandbox.frag").write_text(source, encoding="utf-8")
    picture = draw(gpu, tmp_path / "sandbox.frag")
    assert picture[0, :, 0].tolist() == [round((i + 0.5) / 8 / 2 * 255) for i in range(16)]
    assert picture[:, 0, 1].tolist() == pytest.approx([(i + 0.5) / 8 / 2 * 255 for i in range(8)], abs=1)
    assert picture[0, 0, 2] == pytest.approx(64, abs=1)


def test_a_sandbox_reads_its_last_picture(gpu: GpuContext, tmp_path: Path) -> None:
    source = "uniform sampler2D backbuffer;\nuniform vec2 resolution;\nvoid main() {\n"
    source += "gl_FragColor = texture2D(backbuffer, gl_FragCoord.xy / resolution) + 0.2;\n}\n"
    (tmp_path / "sandbox.frag").write_text(source, encoding="utf-8")
    assert draw(gpu, tmp_path / "sandbox.frag", frames=3)[0, 0, 0] == 153


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("", "void main() { gl_FragColor = grey(); }"),
        ("", "void mainImage(out vec4 c, vec2 p) { c = grey(); }"),
        ("/*{}*/\n", "void main() { gl_FragColor = grey(); }"),
    ],
    ids=["plain", "Shadertoy", "ISF"],
)
def test_a_library_of_includes_lies_beside_the_exercises(
    gpu: GpuContext, tmp_path: Path, header: str, body: str
) -> None:
    (tmp_path / "lib" / "color").mkdir(parents=True)
    (tmp_path / "lib" / "level.glsl").write_text("#ifndef LEVEL\n#define LEVEL 0.6\n#endif\n", encoding="utf-8")
    grey = '#include "../level.glsl"\n#ifndef GREY\n#define GREY\nvec4 grey() { return vec4(LEVEL); }\n#endif\n'
    (tmp_path / "lib" / "color" / "grey.glsl").write_text(grey, encoding="utf-8")
    (tmp_path / "day" / "one").mkdir(parents=True)
    shader = f'{header}#include "lib/level.glsl"\n#include "lib/color/grey.glsl"\n{body}\n'
    (tmp_path / "day" / "one" / "a.frag").write_text(shader, encoding="utf-8")
    assert draw(gpu, tmp_path / "day" / "one" / "a.frag")[0, 0, 0] == 153


def test_a_cube_map_of_a_plain_shader_is_a_sky_and_structs_stay_where_they_are(gpu: GpuContext, tmp_path: Path) -> None:
    source = """uniform samplerCube u_cubeMap;
struct Lamp { float level; };
uniform Lamp u_lamp;
void main() { gl_FragColor = vec4(textureCube(u_cubeMap, vec3(0.0, 1.0, 0.0)).b + u_lamp.level); }
"""
    (tmp_path / "a.frag").write_text(source, encoding="utf-8")
    assert draw(gpu, tmp_path / "a.frag", domain="canvas")[0, 0, 0] > 150
