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
TWICE = TINT.replace(".brga", " * 2.0")
WIPE = """/*{ "ISFVSN": "2", "INPUTS": [ {"NAME": "startImage", "TYPE": "image"}, {"NAME": "endImage", "TYPE": "image"},
  {"NAME": "progress", "TYPE": "float"} ] }*/
void main() {
    vec2 p = isf_FragNormCoord;
    gl_FragColor = p.x < progress ? IMG_NORM_PIXEL(endImage, p) : IMG_NORM_PIXEL(startImage, p);
}
"""
HELPERS = ("twice", "wipe")
LAYERS = ("own", "trails", "filter", "toy", "book", "tint")
"""Of which "tint" is a filter of other layers, too."""

PLAY = """
import sys, time
from pathlib import Path
from facade.config.show import Cue, Show
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.show.look import Look
from facade.show.timeline import cue_look
from facade.stage.stage import Stage
from tests.support.gl import snapshot, ticks, windows

WINDOW_PX = (96, 48)

def told(what):
    time.sleep(1.0)  # the driver writes its cache a little later
    print(what, sum(1 for file in cache.rglob("*") if file.is_file()))

pieces, cache = Path(sys.argv[1]), Path(sys.argv[2])
slugs, helpers = sys.argv[3].split(","), sys.argv[4].split(",")
gpu = GpuContext.standalone(cache=cache)
stage = Stage(gpu, windows(), PieceLibrary([pieces]), budget_ms=None, picture_px=WINDOW_PX)
layers = [[{"piece": slug}] for slug in slugs]
layers.append([{"piece": "own", "filter": [{"piece": "tint"}, {"piece": "twice"}]}])
cues = {f"c{n}": {"title": str(n), "layer": layer} for n, layer in enumerate(layers)}
cues["whole"] = {"title": "whole", "layer": [{"piece": "toy"}], "filter": [{"piece": "tint"}], "transition": "wipe"}
show = Show.model_validate({"title": "all", "cue": cues})
stage.lay_out(show.cue.values(), helpers=helpers)
stage.warm()
told("begin")
rehearsals = [stage.rehearse(slug) for slug in (*slugs, *helpers)]
told("rehearsed")
for rehearsal in rehearsals:
    for _ in stage.admit(rehearsal):
        pass
names = list(cues)
for tick in ticks(2):
    for before, after in zip(names, names[1:]):
        for rise in (0.5, 1.0):
            both = [(before, 1.0, False)] * (rise < 1.0) + [(after, rise, rise < 1.0)]
            looks = (
                cue_look(show, name, run=n, rise=up, weight=1.0 / len(both), follows=follows)
                for n, (name, up, follows) in enumerate(both)
            )
            stage.frame(tick, Look(tuple(looks)), snapshot())
            stage.canvas(size_px=WINDOW_PX)
told("played")
"""


def run(pieces: Path, cache: Path) -> dict[str, int]:
    """Rehearse and play pieces in a process of its own; returns the files in the driver's cache after each part."""
    left = {k: v for k, v in os.environ.items() if not k.startswith(("MESA_SHADER_CACHE", "MESA_GLSL_CACHE"))}
    command = (sys.executable, "-c", PLAY, str(pieces), str(cache), ",".join(LAYERS), ",".join(HELPERS))
    done = subprocess.run(command, cwd=ROOT, env=left, check=True, timeout=100, stdout=subprocess.PIPE, text=True)
    return {what: int(count) for what, count in (line.split() for line in done.stdout.splitlines())}


def written(folder: Path) -> Path:
    """Write the pieces of the show."""
    write_piece(folder, "own", "vec4 piece(vec2 uv) { return vec4(uv, 0.0, 1.0); }\n")
    write_piece(folder, "trails", "vec4 piece(vec2 uv) { return 0.9 * texture(u_previous, uv) + 0.1; }\n")
    files = {"filter.fs": ISF, "toy.frag": SHADERTOY, "book.frag": PLAIN, "tint.fs": TINT}
    for name, text in (files | {"twice.fs": TWICE, "wipe.fs": WIPE}).items():
        file = folder / name.partition(".")[0] / name
        file.parent.mkdir()
        file.write_text(text)
    return folder


def test_a_show_compiles_nothing_that_was_rehearsed(tmp_path: Path) -> None:
    pieces, cache = written(tmp_path / "pieces"), tmp_path / "cache"

    first = run(pieces, cache)
    again = run(pieces, cache)

    if not first["begin"]:
        pytest.skip("this driver keeps no cache where it is told to")
    assert first["rehearsed"] > first["begin"]
    assert first["played"] == first["rehearsed"]
    assert again["begin"] == again["rehearsed"] == again["played"]
