"""A hub without a show behind it: real venue, real scene, and light and state that a test sets."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade.config.loader import load_hardware, load_venue
from facade.config.piece import PieceManifest
from facade.config.show import Cue, Filter, Layer, Playlist, Transition
from facade.control.events import Arg
from facade.core import places
from facade.core.errors import InputError
from facade.core.health import DeliveryHealth, InputHealth, OutputHealth, ProcessHealth, RenderHealth, State, as_json
from facade.mapping.compile import compile_venue
from facade.mapping.model import PixelMap
from facade.simulator.scene import Scene
from facade.web.hub import Description, OnAir, cue_info, json_value, piece_info, playlist_info
from facade.web.hub import State as PageState

EMBER = PieceManifest.model_validate(
    {
        "title": "Ember",
        "author": "facade",
        "parameter": {
            "warmth": {"type": "float", "default": 0.5, "help": "From coal to flame."},
            "speed": {"type": "float", "min": 0.0, "max": 4.0, "default": 1.0, "unit": "Hz"},
            "sparks": {"type": "int", "min": 0, "max": 12, "default": 4},
            "mirror": {"type": "bool", "help": "Left and right alike, as in the water of the canal."},
            "flare": {"type": "trigger", "help": "One breath of fire."},
            "tint": {"type": "color", "default": (1.0, 0.45, 0.1)},
            "shape": {"type": "choice", "choices": ("wave", "dots", "bars")},
            "center": {"type": "point"},
            "guests": {"type": "points", "max": 4},
            "line": {"type": "text", "default": "Bonsoir", "max_length": 20, "help": "What the wall says."},
        },
    }
)
TIDE = PieceManifest.model_validate({"title": "Tide", "author": "A. Maker", "parameter": {"swell": {"type": "float"}}})


def compiled(venue: str) -> PixelMap:
    """Return the pixels of a shipped venue."""
    hardware = places.hardware()
    return compile_venue(load_venue(venue, hardware), load_hardware(hardware))[0]


class FakeHub:
    """What a page may ask, answered from attributes. ``posts`` holds what pages sent, in order."""

    def __init__(self, venue: str = "imal_minimal") -> None:
        self.pixels = compiled(venue)
        self.scene = Scene.of(self.pixels)
        self.quarantined: dict[str, str] = {}
        self.posts: list[tuple[str, tuple[Arg, ...]]] = []
        self.posted = threading.Event()
        self.refusal = ""
        self.echo = True
        self.light: NDArray[np.uint8] | None = None
        self.seq = 0
        self.asked = 0
        self.pieces = {"ember": EMBER, "tide": TIDE}
        self.values: dict[str, Any] = {
            f"/piece/{slug}/{name}": json_value(
                getattr(p, "default", False) or "wave" if p.type == "choice" else p.default
            )
            for slug, manifest in self.pieces.items()
            for name, p in manifest.parameter.items()
            if p.type != "trigger"
        }
        self.master = 1.0
        self.blackout = False
        self.air = OnAir(cue="dusk", next_cue="tide", progress=1.0, holding=False, playlist="evening", pieces=["ember"])
        self.render: Any = as_json(
            RenderHealth(frame=900, frames=900, rate_hz=60.0, cost_ms={"render": 1.4}, renderer="llvmpipe")
        )
        self.outputs = [OutputHealth("node", "artnet", "127.0.0.1:6454", State.LIVE, packets=4200, universes=1)]
        self.inputs = [
            InputHealth("osc", "osc", "127.0.0.1:9000", State.LIVE, received=812, age_s=0.4),
            InputHealth(
                "sensor",
                "serial",
                "/dev/serial/by-id/usb-Maker_Distance",
                State.ABSENT,
                problem="No such port. Plug it in.",
            ),
        ]
        self.levels: dict[str, float] = {}
        self.message: Any = None

    def show(self, rgb: tuple[int, int, int] | NDArray[np.uint8]) -> None:
        """Light every pixel in one colour, or each in its own (P, 3), sRGB bytes."""
        light = np.empty((self.pixels.n_pixels, 3), dtype=np.uint8)
        light[:] = rgb
        self.light = light
        self.seq += 1

    def describe(self) -> Description:
        cues = {
            "dusk": Cue(title="Dusk", crossfade_s=4.0, hold_s=60.0, layer=(Layer(piece="ember"),)),
            "tide": Cue(
                title="High tide", crossfade_s=8.0, layer=(Layer(piece="tide"), Layer(piece="ember", opacity=0.4))
            ),
            "night": Cue(
                crossfade_s=2.0,
                transition=Transition(piece="sweep"),
                layer=(Layer(piece="tide", filter=(Filter(piece="ember"),)),),
            ),
        }
        venue = self.pixels.venue.venue
        return Description(
            version="0.1.0",
            show="First light",
            venue=venue.name,
            place=venue.place,
            n_pixels=self.pixels.n_pixels,
            scene=self.scene.as_json(),
            pieces=[piece_info(slug, manifest) for slug, manifest in self.pieces.items()],
            cues=[cue_info(name, cue) for name, cue in cues.items()],
            playlists=[playlist_info("evening", Playlist(cues=("dusk", "tide", "night")))],
        )

    def quads(self) -> bytes:
        return self.scene.quads_bytes()

    def state(self) -> PageState:
        delivery = DeliveryHealth(
            frames=1200, rate_hz=40.0, packets_per_s=40.0, pixels=self.pixels.n_pixels, outputs=tuple(self.outputs)
        )
        return PageState(
            values=dict(self.values),
            master=self.master,
            blackout=self.blackout,
            on_air=self.air,
            render=self.render,
            delivery=as_json(delivery) | {"blackout": self.blackout},
            inputs=[
                as_json(i) | ({"level": self.levels[i.name]} if i.name in self.levels else {}) for i in self.inputs
            ],
            processes=[
                as_json(ProcessHealth("render", "running", 4242)),
                as_json(ProcessHealth("control", "running", 4243)),
            ],
            quarantined=self.quarantined,
            message=self.message,
        )

    def lit(self) -> tuple[int, NDArray[np.uint8]] | None:
        self.asked += 1
        return None if self.light is None else (self.seq, self.light)

    def post(self, address: str, args: tuple[Arg, ...]) -> None:
        if self.refusal:
            raise InputError(self.refusal)
        self.posts.append((address, args))
        if self.echo and address in self.values and args:
            self.values[address] = list(args) if len(args) > 1 else args[0]
        self.posted.set()
