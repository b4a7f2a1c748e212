"""Venues, shows and pieces written into a folder of a test, ready to be played for real."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""Of the checkout."""


def venue_at(folder: Path, port: int, *, venue: str = "imal_minimal", **replacements: str) -> Path:
    """Copy a shipped venue, let its controllers send to a port of this machine, and make its safe look black."""
    target = folder / venue
    shutil.copytree(ROOT / "hardware" / "venues" / venue, target)
    file = target / "venue.toml"
    text = re.sub(r'^(host = "[^"]*")', rf"\1\nport = {port}", file.read_text(), flags=re.M)
    text = re.sub(r"^color = .*$", "color = [0.0, 0.0, 0.0]", text, flags=re.M)
    for old, new in replacements.items():
        text = text.replace(old, new)
    file.write_text(text)
    return file


TWO_NODES = """\
schema = 1

[venue]
id = "two_nodes"
name = "Two nodes"
rate_hz = 40.0

[surface.front]
size_m = [6.0, 2.0]

[controller.east]
profile = "artnet_node"
host = "127.0.0.1"
port = {artnet_port}

[controller.west]
profile = "sacn_gateway"
host = "127.0.0.1"
port = {sacn_port}

[fixture.lower]
profile = "rgb_node"
surface = "front"
shape = "grid"
columns = 6
rows = 1
pitch_m = [1.0, 1.0]
at_m = [0.5, 0.5]
[[fixture.lower.segment]]
controller = "east"
universe = 1

[fixture.upper]
profile = "rgb_node"
surface = "front"
shape = "grid"
columns = 6
rows = 1
pitch_m = [1.0, 1.0]
at_m = [0.5, 1.5]
[[fixture.upper.segment]]
controller = "west"
universe = 2

[safe]
color = [0.0, 0.0, 0.0]
"""


def two_nodes_at(folder: Path, artnet_port: int, sacn_port: int) -> Path:
    """Write a venue of twelve pixels: the lower six on Art-Net universe 1, the upper six on sACN universe 2."""
    file = folder / "two_nodes" / "venue.toml"
    file.parent.mkdir()
    file.write_text(TWO_NODES.format(artnet_port=artnet_port, sacn_port=sacn_port))
    return file


SHOW = """\
title = "Test"
seed = 3
rate_hz = 60.0

[input.osc]
type = "osc"
port = {osc_port}
stale_s = 3600.0
{osc}
[cue.glow]
crossfade_s = 0.5
[[cue.glow.layer]]
piece = "{piece}"
"""

SIGNAL = """\
// Its parameters are what leaves: red is level, green the switch, blue a blink that dies away within a second.
vec4 piece(vec2 uv) { return vec4(level, on ? 1.0 : 0.0, max(0.0, 1.0 - blink), 1.0); }
"""

SIGNAL_MANIFEST = """\
domain = "pixel"
fallback = "ember"

[parameter.level]
type = "float"
default = 0.5

[parameter.on]
type = "bool"

[parameter.blink]
type = "trigger"
"""


def show_at(folder: Path, osc_port: int, *, piece: str = "ember", osc: str = "", more: str = "") -> Path:
    """Write a show of one piece that listens to OSC on a port of its own. osc: TOML inside its input; more: after all.

    A piece of the folder itself is found before the shipped ones; "signal" is written there.
    """
    folder.mkdir(exist_ok=True)
    file = folder / "show.toml"
    file.write_text(SHOW.format(osc_port=osc_port, piece=piece, osc=osc) + more)
    piece_at(folder, "signal", SIGNAL, manifest=SIGNAL_MANIFEST)
    return file


def piece_at(folder: Path, slug: str, shader: str, *, manifest: str = 'domain = "pixel"\nfallback = "ember"\n') -> Path:
    """Write a piece to folder/slug and return that folder. manifest: TOML after schema and title."""
    piece = folder / slug
    piece.mkdir(parents=True, exist_ok=True)
    (piece / "piece.toml").write_text(f'schema = 1\ntitle = "{slug}"\n{manifest}')
    (piece / "main.frag").write_text(shader)
    return piece
