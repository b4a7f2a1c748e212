"""Shadertoy channels and glslViewer's textures find the pictures that lie beside the shader."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot
from tests.support.pictures import corners, write_film

TOY = "void mainImage(out vec4 c, in vec2 p) { c = texture(iChannel0, p / iResolution.xy); }\n"
PLAIN = (
    "uniform vec2 u_resolution;\nvoid main() { gl_FragColor = texture2D(u_tex0, gl_FragCoord.xy / u_resolution); }\n"
)
ISF = '/*{"ISFVSN": "2", "IMPORTED": {"held": {"PATH": "held.png"}}}*/\n'
CUBE = ISF.replace('"PATH": "held.png"', '"TYPE": "cube", "PATH": [' + ", ".join(['"held.png"'] * 6) + "]")
EXPORT = {
    "renderpass": [
        {
            "type": "image",
            "code": TOY,
            "inputs": [{"channel": 0, "ctype": "texture", "src": "/media/a/rain.png"}],
            "outputs": [],
        }
    ]
}


@pytest.mark.parametrize(
    ("shader", "text", "picture"),
    [
        ("t.frag", '#iChannel0 "file://sub/rain.png"\n' + TOY, "sub/rain.png"),
        ("t.frag", TOY, "iChannel0.png"),
        ("t.json", json.dumps(EXPORT), "rain.png"),
        ("t.frag", "uniform sampler2D u_tex0;\n" + PLAIN, "u_tex0.png"),
        ("t.frag", "uniform sampler2D u_tex0; // sub/rain.png\n" + PLAIN, "sub/rain.png"),
    ],
    ids=["directive", "called so", "export", "texture called so", "texture named"],
)
def test_a_picture_beside_the_shader_is_shown(
    gpu: GpuContext, tmp_path: Path, shader: str, text: str, picture: str
) -> None:
    (tmp_path / shader).write_text(text)
    (tmp_path / picture).parent.mkdir(exist_ok=True)
    corners().save(tmp_path / picture)
    library = PieceLibrary([tmp_path / shader])
    stage = Stage(gpu, pixel_grid(4, 2, canvas_px=(32, 16)), library, budget_ms=None)
    assert stage.prepare(["t"]) == {"t": None}
    rgb = stage.frame(Tick(0, 0.0, 0.0), look("t"), snapshot()).reshape(2, 4, 3)
    np.testing.assert_allclose(rgb[0, [0, 3]], [(0, 0, 1), (1, 1, 1)], atol=2e-3)
    np.testing.assert_allclose(rgb[1, [0, 3]], [(1, 0, 0), (0, 1, 0)], atol=2e-3)
    stage.release()


@pytest.mark.parametrize(
    ("shader", "text"),
    [
        ("t.frag", '#iChannel0 "held.png"\n' + TOY),
        ("t.fs", ISF + "void main() { gl_FragColor = IMG_THIS_PIXEL(held); }\n"),
        (
            "t.fs",
            CUBE + "void main() { vec2 at = isf_FragNormCoord * 2.0 - 1.0;"
            " gl_FragColor = textureCube(held, vec3(at, 1.0)); }\n",
        ),
    ],
    ids=["channel", "import", "face"],
)
def test_a_picture_the_shader_names_stands_as_it_was_held(
    gpu: GpuContext, tmp_path: Path, shader: str, text: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    corners((40, 40)).transpose(Image.Transpose.ROTATE_180).save(tmp_path / "held.png", exif=exif)
    (tmp_path / shader).write_text(text)
    stage = Stage(gpu, pixel_grid(4, 2, canvas_px=(32, 16)), PieceLibrary([tmp_path / shader]), budget_ms=None)
    assert stage.prepare(["t"]) == {"t": None}
    rgb = stage.frame(Tick(0, 0.0, 0.0), look("t"), snapshot()).reshape(2, 4, 3)
    np.testing.assert_allclose(rgb[0, [0, 3]], [(0, 0, 1), (1, 1, 1)], atol=2e-3)
    np.testing.assert_allclose(rgb[1, [0, 3]], [(1, 0, 0), (0, 1, 0)], atol=2e-3)
    stage.release()


def test_a_film_is_a_channel_too(tmp_path: Path) -> None:
    (tmp_path / "t.frag").write_text('#iChannel0 "rain.mp4"\n' + TOY)
    write_film(tmp_path / "rain.mp4", 2)
    assert PieceLibrary([]).get(tmp_path / "t.frag").manifest.parameter["iChannel0"].default == "rain.mp4"


@pytest.mark.parametrize("name", ["rain.png", "../rain.png", "/etc/rain.png", "https://example.org/rain.png", "webcam"])
def test_a_picture_that_is_not_there_is_stood_in_for(tmp_path: Path, name: str) -> None:
    corners().save(tmp_path / "rain.png")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "t.frag").write_text(f'#iChannel0 "{name}"\n' + TOY)
    default = PieceLibrary([]).get(tmp_path / "sub" / "t.frag").manifest.parameter["iChannel0"].default
    assert default == ("gradient" if name == "webcam" else "noise")
