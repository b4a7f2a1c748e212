"""What was rehearsed in one process is not compiled in another: the driver's cache gains nothing while a show plays.

The driver writes each shader that it compiles into its cache, so files that appear are compiles that happened. Warming
with anything but the real formats, samplers and inputs would be seen here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.gl import write_piece
from tests.support.running import ROOT

ISF = """/*{ "ISFVSN": "2",
  "INPUTS": [ {"NAME": "inputImage", "TYPE": "image"}, {"NAME": "sound", "TYPE": "audioFFT"} ],
  "PASSES": [ {"TARGET": "small", "WIDTH": "$WIDTH / 2", "FLOAT": true, "PERSISTENT": true}, {} ] }*/
void main() {
    vec4 c = IMG_NORM_PIXEL(inputImage, isf_FragNormCoord) + IMG_NORM_PIXEL(sound, vec2(0.1, 0.5));
    gl_FragColor = PASSINDEX == 0 ? 0.5 * c + 0.5 * IMG_NORM_PIXEL(small, isf_FragNormCoord)
                                  : IMG_NORM_PIXEL(small, isf_FragNormCoord);
}
"""
SHADERTOY = "void mainImage(out vec4 c, in vec2 p) { c = vec4(p / iResolution.xy, sin(iTime), 1.0); }\n"
PLAIN = "uniform vec2 u_resolution;\nvoid main() { gl_FragColor = vec4(gl_FragCoord.xy / u_resolution, 0.2, 1.0); }\n"
TINT = """/*{ "ISFVSN": "2", "INPUTS": [ {"NAME": "inputImage", "TYPE": "image"} ] }*/
void main() { gl_FragColor = IMG_NORM_PIXEL(inputImage, isf_FragNormCoord).brga; }
"""
SLUGS = ("own", "trails", "filter", "toy", "book", "tint")

PLAY = """
import sys, time
from pathlib import Path
from facade.config.show import Cue, Layer
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.stage import Stage
from tests.support.gl import look, snapshot, ticks, windows

def told(what):
    time.sleep(1.0)  # the driver writes its cache a little later
    print(what, sum(1 for file in cache.rglob("*") if file.is_file()))

pieces, cache, slugs = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
stage = Stage(GpuContext.standalone(cache=cache), windows(), PieceLibrary([pieces]), budget_ms=None)
layers = [Layer(piece=slug) for slug in slugs[:-1]] + [Layer(piece="own", filter=[{"piece": "tint"}])]
stage.lay_out([Cue(title="all", layer=tuple(layers))])
stage.warm()
told("begin")
rehearsals = [stage.rehearse(slug) for slug in slugs]
told("rehearsed")
for rehearsal in rehearsals:
    for _ in stage.admit(rehearsal):
        pass
for tick in ticks(2):
    for layer in layers:
        stage.frame(tick, look(layer, started_at_s=tick.time_s), snapshot())
told("played")
"""


def run(pieces: Path, cache: Path) -> dict[str, int]:
    """Rehearse and play pieces in a process of its own; returns the files in the driver's cache after each part."""
    left = {k: v for k, v in os.environ.items() if not k.startswith(("MESA_SHADER_CACHE", "MESA_GLSL_CACHE"))}
    command = (sys.executable, "-c", PLAY, str(pieces), str(cache), *SLUGS)
    done = subprocess.run(command, cwd=ROOT, env=left, check=True, timeout=100, stdout=subprocess.PIPE, text=True)
    return {what: int(count) for what, count in (line.split() for line in done.stdout.splitlines())}


def test_a_show_compiles_nothing_that_was_rehearsed(tmp_path: Path) -> None:
    pieces, cache = tmp_path / "pieces", tmp_path / "cache"
    write_piece(pieces, "own", "vec4 piece(vec2 uv) { return vec4(uv, 0.0, 1.0); }\n")
    write_piece(pieces, "trails", "vec4 piece(vec2 uv) { return 0.9 * texture(u_previous, uv) + 0.1; }\n")
    for name, text in (("filter.fs", ISF), ("toy.frag", SHADERTOY), ("book.frag", PLAIN), ("tint.fs", TINT)):
        file = pieces / name.partition(".")[0] / name
        file.parent.mkdir()
        file.write_text(text)

    first = run(pieces, cache)
    again = run(pieces, cache)

    if not first["begin"]:
        pytest.skip("this driver keeps no cache where it is told to")
    assert first["rehearsed"] > first["begin"]
    assert first["played"] == first["rehearsed"]
    assert again["begin"] == again["rehearsed"] == again["played"]
