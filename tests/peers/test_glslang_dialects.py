"""The strict compiler reads what the dialects become, too: at 330 and 450, both domains, with every prelude in use."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from facade.gpu.source import fragment_source, vertex_source
from facade.pieces.dialects import piece_program
from facade.pieces.library import PieceLibrary
from facade.pieces.program import Domain
from tests.support.peers import need_program

ISF = """/*{"INPUTS": [{"NAME": "filter", "TYPE": "float"}, {"NAME": "inputImage", "TYPE": "image"}],
"PASSES": [{"TARGET": "a", "FLOAT": true}, {}]}*/
#extension GL_OES_standard_derivatives : enable
varying vec2 at;
int mod(int a, int b) { return a - b * (a / b); }
float smooth(float sample) { return mod(sample, 2.0) * filter; }
void main() {
    vec4 seen = IMG_PIXEL(a, gl_FragCoord.xy) + IMG_NORM_PIXEL(inputImage, at, 0.0) + IMG_THIS_PIXEL(a);
    gl_FragColor = PASSINDEX == 0 ? DATE + TIME : seen + smooth(float(mod(FRAMEINDEX, 4)));
}
"""
VERTEX = "varying vec2 at;\nvoid main() { isf_vertShaderInit(); at = isf_FragNormCoord + IMG_SIZE(inputImage); }\n"
TOY = """void mainImage(out vec4 c, in vec2 p) {
    c = texture(iChannel0, p / iResolution.xy) + texture2D(iChannel1, p / iChannelResolution[1].xy) * iTime + iMouse;
}
"""
PLAIN = """#version 100
precision mediump float;
uniform vec2 u_resolution, u_mine;
varying vec2 v_texcoord;
void main() { gl_FragColor = vec4(gl_FragCoord.xy / u_resolution, u_mine.x * v_texcoord.y, fract(u_time)); }
"""


@pytest.mark.parametrize("version", ["330", "450"])
@pytest.mark.parametrize("domain", ["pixel", "canvas"])
@pytest.mark.parametrize(("name", "text"), [("probe.fs", ISF), ("toy.glsl", TOY), ("plain.frag", PLAIN)])
def test_a_dialect_is_accepted(tmp_path: Path, name: str, text: str, domain: Domain, version: str) -> None:
    glslang = need_program("glslangValidator", "glslang-tools")
    (tmp_path / name).write_text(text, encoding="utf-8")
    if name == "probe.fs":
        (tmp_path / "probe.vs").write_text(VERTEX, encoding="utf-8")
    library = PieceLibrary([])
    program = piece_program(library.get(tmp_path / name), include_paths=library.include_paths)
    texts = {"frag": fragment_source(program, domain=domain), "vert": vertex_source(program, domain=domain)}
    for stage, source in texts.items():
        if source is not None:
            file = tmp_path / f"out.{stage}"
            file.write_text(source.replace("#version 330", f"#version {version}"), encoding="utf-8")
            done = subprocess.run([glslang, str(file)], capture_output=True, text=True, timeout=30, check=False)
            assert done.returncode == 0, done.stdout
