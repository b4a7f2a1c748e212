"""What the page sees of the control process. Asked from the web server's thread, answered from values the loop left."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from facade import __version__
from facade.app.plan import Plan
from facade.config.piece import PieceManifest, Value
from facade.control.events import Arg, InputEvent
from facade.control.parameters import ParameterTree
from facade.core.clock import Clock
from facade.core.color import linear_to_srgb8
from facade.inputs.queue import EventQueue
from facade.link import FrameRing
from facade.simulator.scene import Scene
from facade.web.hub import Description, Message, OnAir, State, cue_info, json_value, piece_info, playlist_info

_SRGB_STEPS = 4096


class ControlHub:
    """The page's view of one show.

    The control loop writes ``render``, ``delivery`` and the others whole; reading a reference needs no lock.
    """

    def __init__(self, plan: Plan, tree: ParameterTree, queue: EventQueue, lit: FrameRing, *, clock: Clock) -> None:
        self._tree = tree
        self._queue = queue
        self._lit = lit
        self._clock = clock
        self._n_lit = 0
        self._encode = linear_to_srgb8(np.linspace(0.0, 1.0, _SRGB_STEPS, dtype=np.float32))
        self._steps = np.zeros((plan.pixels.n_pixels, 3), dtype=np.float32)
        self._index = np.zeros((plan.pixels.n_pixels, 3), dtype=np.intp)
        self._bytes = np.zeros((plan.pixels.n_pixels, 3), dtype=np.uint8)
        self._message: tuple[str, str, float] | None = None
        scene = Scene.of(plan.pixels)
        self._quads = scene.quads_bytes()
        self._description = _describe(plan, scene)
        self._playlist = plan.show.start or next(iter(plan.show.playlist), "")
        self.render: dict[str, Any] | None = None
        self.delivery: dict[str, Any] | None = None
        self.inputs: list[dict[str, Any]] = []
        self.processes: list[dict[str, Any]] = []
        self.quarantined: dict[str, str] = {}

    def tell(self, level: str, text: str) -> None:
        """Show a message on every page."""
        self._message = (level, text, self._clock.now())

    def reload(self, slug: str, manifest: PieceManifest) -> None:
        """Take an edited manifest of a piece; pages rebuild its controls."""
        pieces = [piece_info(slug, manifest) if p["slug"] == slug else p for p in self._description["pieces"]]
        self._description = Description(**{**self._description, "pieces": pieces})

    def describe(self) -> Description:
        return self._description

    def quads(self) -> bytes:
        return self._quads

    def state(self) -> State:
        render = self.render or {}
        values = {a: json_value(v) for a, v in self._tree.values().items() if a.startswith("/piece/")}
        return State(
            values=values,
            master=float(_number(self._tree.value("/master"), 1.0)),
            blackout=bool(self._tree.value("/blackout")),
            on_air=OnAir(
                cue=render.get("cue", ""),
                next_cue=render.get("next_cue", ""),
                progress=round(float(render.get("progress", 1.0)), 2),
                holding=bool(render.get("holding", False)),
                playlist=self._playlist,
                pieces=list(render.get("pieces", ())),
            ),
            render=_calm(self.render),
            delivery=_calm(self.delivery),
            inputs=[_calm(i) or {} for i in self.inputs],
            processes=self.processes,
            quarantined=self.quarantined,
            message=self._newest(),
        )

    def _newest(self) -> Message | None:
        if self._message is None:
            return None
        level, text, at = self._message
        return Message(level=level, text=text, age_s=int(self._clock.now() - at))  # type: ignore[typeddict-item]

    def lit(self) -> tuple[int, NDArray[np.uint8]] | None:
        found = self._lit.latest()
        if found is not None:
            np.multiply(found[1].view(np.float32), _SRGB_STEPS - 1, out=self._steps)
            np.clip(self._steps, 0, _SRGB_STEPS - 1, out=self._steps)
            np.copyto(self._index, self._steps, casting="unsafe")
            np.take(self._encode, self._index, out=self._bytes)
            self._n_lit += 1
        return (self._n_lit, self._bytes) if self._n_lit else None

    def post(self, address: str, args: tuple[Arg, ...]) -> None:
        spec = self._tree.get(address)
        spec.coerce(args)
        ordered = spec.kind in ("trigger", "bool", "cue")
        self._queue.post(InputEvent(self._clock.now(), "page", address, args, trigger=ordered))


def _describe(plan: Plan, scene: Scene) -> Description:
    venue = plan.pixels.venue.venue
    return Description(
        version=__version__,
        show=plan.show.title,
        venue=venue.name,
        place=venue.place,
        n_pixels=plan.pixels.n_pixels,
        scene=scene.as_json(),
        pieces=[piece_info(slug, manifest) for slug, manifest in plan.manifests.items()],
        cues=[cue_info(name, cue) for name, cue in plan.show.cue.items()],
        playlists=[playlist_info(name, playlist) for name, playlist in plan.show.playlist.items()],
    )


def _calm(record: dict[str, Any] | None) -> dict[str, Any] | None:
    """Round what jitters, so that a quiet show sends nothing."""
    if record is None:
        return None
    return {
        k: round(v, 1) if isinstance(v, float) and k.endswith(("_hz", "_s", "_ms")) else v for k, v in record.items()
    }


def _number(value: Value | None, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default
