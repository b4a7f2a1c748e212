"""From the moment a shader is saved until its light leaves, through the real processes.

An ordinary shader that no driver has seen is saved over the one that plays: noticed, compiled and drawn off air, taken
over, and sent. The time ends with the first packet that has the new light, by the kernel's stamp.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facade.app.bench.figures import Spread, spread
from facade.app.bench.latency import LEVELS, STEP, Node
from facade.app.bench.player import PlayedShow, show_file
from facade.app.bench.shaders import ordinary, unseen
from facade.app.bench.subjects import SMALL, free_udp_port, load_subject
from facade.core.clock import Clock
from facade.core.errors import MachineError

EDITS = 16
_FIRST_S = 30.0
_LOST_S = 20.0
_PAUSE_S = (0.50, 0.55)
_PIECE = "edited"

_MANIFEST = f"""\
schema = 1
title = "Edited"
author = "facade"
license = "CC0-1.0"
shader = "{_PIECE}.frag"
dialect = "plain"
domain = "pixel"
color_space = "linear"
"""


def measure(clock: Clock, *, edits: int = EDITS, say: Callable[[str], None] = lambda text: None) -> Spread:
    """Return milliseconds from a saved edit to its light in a packet. Raises MachineError if one never comes."""
    with tempfile.TemporaryDirectory() as name, Node(clock) as node:
        folder = Path(name)
        (folder / "pieces" / _PIECE).mkdir(parents=True)
        (folder / "pieces" / _PIECE / "piece.toml").write_text(_MANIFEST, encoding="utf-8")
        file = folder / "pieces" / _PIECE / f"{_PIECE}.frag"
        file.write_text(shader(LEVELS[0]), encoding="utf-8")
        show = show_file(folder, _PIECE, osc_port=free_udp_port())
        ports = (node.port, *(free_udp_port() for _ in load_subject(SMALL).patch.controllers[1:]))
        with PlayedShow(str(show), SMALL, ports, clock=clock, page=False) as played:
            played.wait_until_live()
            light = _until(node, clock, clock.now() + _FIRST_S, lambda light: light.min() > STEP, "the piece")[0]
            rng = np.random.default_rng(1)
            took = []
            for n in range(edits):
                before = _rest(node, clock, rng.uniform(*_PAUSE_S), light)
                text = shader(LEVELS[(n + 1) % 2])
                saved_at = clock.now()
                file.write_text(text, encoding="utf-8")

                def is_new(light: NDArray[np.int16], before: NDArray[np.int16] = before) -> bool:
                    return bool(np.abs(light - before).min() >= STEP)

                light, at_s = _until(node, clock, saved_at + _LOST_S, is_new, "an edit")
                took.append((at_s - saved_at) * 1e3)
                say(f"pieces: {n + 1} of {edits} edits")
    return spread(took)


def shader(level: float) -> str:
    """Return the ordinary shader as nobody has had it before, too faint to be seen, on a level that is."""
    return ordinary(unseen(), level=level, swing=0.001)


def _rest(node: Node, clock: Clock, seconds: float, light: NDArray[np.int16]) -> NDArray[np.int16]:
    """Listen for so long; returns the light at the end of it."""
    end = clock.now() + seconds
    while (left := end - clock.now()) > 0:
        heard = node.hear(left)
        light = light if heard is None else heard[0]
    return light


def _until(
    node: Node, clock: Clock, end: float, condition: Callable[[NDArray[np.int16]], bool], what: str
) -> tuple[NDArray[np.int16], float]:
    """Return the first light that fits and when it came. Raises MachineError if none comes in time."""
    while (left := end - clock.now()) > 0:
        heard = node.hear(left)
        if heard is not None and condition(heard[0]):
            return heard
    raise MachineError(
        f"{what} was not on the wall in time. Is the loopback interface filtered, or the machine too busy?"
    )
