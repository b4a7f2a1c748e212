"""Every parameter over its range, alone and together, and every input as a hand on a desk would hammer it.

Seeded: the same piece is tried in the same way on every machine. What is drawn goes past the desk, so that each value
is exact; a second part goes through it, bindings and smoothing included, with every trigger fired in every frame.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from facade.app.finding import Finding
from facade.app.inline import InlineHost
from facade.app.plan import Plan
from facade.config.piece import (
    AudioParameter,
    BoolParameter,
    ChoiceParameter,
    ColorParameter,
    FloatParameter,
    ImageParameter,
    IntParameter,
    Parameter,
    PieceManifest,
    PointParameter,
    PointsParameter,
    TextParameter,
    Value,
)
from facade.config.show import Layer
from facade.control.bank import NEVER_S
from facade.control.events import Arg, InputEvent
from facade.control.snapshot import ControlSnapshot
from facade.core.frame import Rgb, Tick, not_a_number
from facade.gpu.context import GpuContext
from facade.show.look import CueLook, LayerLook, Look
from facade.stage.stage import Stage

TIMES_S = (0.0, 1.7, 3607.0)
TOGETHER = 24
"""Draws with every parameter somewhere in its range."""

_MOST_PICTURES = 8
DESK_FRAMES = 24
_DESK_HZ = 12.0
_MOVES = 1.0 / 512.0
_COSTLY = 4.0
_COSTLY_MS = 5.0
_KEY = ("fuzz", 0)


@dataclass(slots=True)
class _Seen:
    """What the draws of one piece have shown."""

    sick: list[str] = field(default_factory=list)
    still: list[str] = field(default_factory=list)
    draws: int = 0
    usual_ms: float = 0.0
    worst_ms: float = 0.0
    worst: tuple[float, Mapping[str, Value]] = (0.0, {})


def fuzz(target: str, plan: Plan, gpu: GpuContext) -> Iterator[Finding]:
    """Yield what came of it, one finding a piece and one for the inputs."""
    shown = dict.fromkeys(part.piece for cue in plan.show.cue.values() for _, part in cue.parts())
    for slug in shown:
        if plan.manifests[slug].parameter:
            yield _verdict(target, slug, _try_piece(plan, gpu, slug))
    yield _desk(target, plan, gpu)


def over_range(parameter: Parameter) -> tuple[Value, ...]:
    """Return the ends of a parameter's range and something between; for a trigger, ages from now to never."""
    match parameter:
        case FloatParameter(min=low, max=high):
            return (low, low + 0.25 * (high - low), 0.5 * (low + high), high)
        case IntParameter(min=low, max=high):
            return tuple(dict.fromkeys((low, (low + high) // 2, high)))
        case BoolParameter():
            return (False, True)
        case ColorParameter():
            return ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1.0, 0.0, 0.3))
        case PointParameter():
            return ((0.0, 0.0), (1.0, 1.0), (0.5, 0.0), (0.0, 0.5))
        case PointsParameter(max=most):
            return ((), (1.0, 0.5, 0.5, 0.0), (1.0, 0.0, 0.0, 9.0) * most)
        case ChoiceParameter(choices=choices):
            return tuple(choices)
        case ImageParameter(choices=choices):
            return tuple(choices[:_MOST_PICTURES])
        case AudioParameter(choices=choices):
            return choices
        case TextParameter(max_length=longest):
            return ("", "facade", "W" * longest)
        case _:
            return (0.0, 0.05, 0.7, 30.0, NEVER_S)


def anywhere(parameter: Parameter, rng: np.random.Generator) -> Value:
    """Return a value somewhere in a parameter's range."""
    match parameter:
        case FloatParameter(min=low, max=high):
            return float(rng.uniform(low, high))
        case IntParameter(min=low, max=high):
            return int(rng.integers(low, high, endpoint=True))
        case ColorParameter():
            return tuple(float(v) for v in rng.uniform(size=3))
        case PointParameter():
            return tuple(float(v) for v in rng.uniform(size=2))
        case _:
            values = over_range(parameter)
            return values[int(rng.integers(len(values)))]


def _try_piece(plan: Plan, gpu: GpuContext, slug: str) -> _Seen:
    stage = Stage(gpu, plan.pixels, plan.library(), budget_ms=None)
    stage.prepare([slug])
    look = Look((CueLook("fuzz", 1.0, 0.0, (LayerLook(_KEY, Layer(piece=slug), 1),)),))
    parameters, seen, costs = plan.manifests[slug].parameter, _Seen(), list[float]()

    def draw(time_s: float, values: Mapping[str, Value]) -> Rgb:
        tick = Tick(frame=seen.draws, time_s=time_s, delta_s=1 / 60)
        rgb = stage.frame(tick, look, ControlSnapshot(seen.draws, {_KEY: values}))
        seen.draws += 1
        costs.append(stage.cost_ms["render"] + stage.cost_ms["sample"])
        if costs[-1] > seen.worst_ms:
            seen.worst_ms, seen.worst = costs[-1], (time_s, values)
        count = not_a_number(rgb)
        if count:
            seen.sick.append(f"{_said(values)} at {time_s:g} s ({count:,} pixels)")
        return rgb

    plain = {time_s: np.nan_to_num(draw(time_s, {})).copy() for time_s in TIMES_S}
    for name, parameter in parameters.items():
        moves = 0.0
        for value in over_range(parameter):
            for time_s, before in plain.items():
                moves = max(moves, float(np.abs(np.nan_to_num(draw(time_s, {name: value})) - before).max(initial=0.0)))
        if moves < _MOVES and not _is_alpha(name, parameters):
            seen.still.append(name)
    rng = np.random.default_rng([1, zlib.crc32(slug.encode())])
    for n in range(TOGETHER):
        draw(TIMES_S[n % len(TIMES_S)], {name: anywhere(p, rng) for name, p in parameters.items()})
    seen.usual_ms = median(costs)
    # Anything else that runs can make one draw slow; the least of some more is the piece's own. Which draw that was
    # depends on the machine, so these are not counted among the sick.
    n_sick = len(seen.sick)
    for _ in range(4):
        draw(*seen.worst)
    del seen.sick[n_sick:]
    seen.worst_ms = min(costs[-4:])
    stage.release()
    return seen


def _is_alpha(name: str, parameters: Mapping[str, Parameter]) -> bool:
    """Whether a parameter is the alpha of an ISF colour: every such colour has one, and few shaders ask for it."""
    return name.endswith("_alpha") and isinstance(parameters.get(name.removesuffix("_alpha")), ColorParameter)


def _verdict(target: str, slug: str, seen: _Seen) -> Finding:
    what = f"parameters of {slug}"
    data = {"draws": seen.draws, "not_a_number": len(seen.sick), "without_effect": seen.still}
    data |= {"usual_ms": round(seen.usual_ms, 3), "worst_ms": round(seen.worst_ms, 3), "worst": _said(seen.worst[1])}
    if seen.sick:
        says = f"not a number in {len(seen.sick)} of {seen.draws} draws: {'; '.join(seen.sick[:3])}"
        return Finding(target, what, "fail", says, data)
    notes = []
    if seen.still:
        changes = "change" if len(seen.still) > 1 else "changes"
        notes.append(f"{', '.join(seen.still)} {changes} nothing that this venue shows")
    if seen.worst_ms > max(_COSTLY_MS, _COSTLY * seen.usual_ms):
        notes.append(f"{seen.worst_ms:.0f} ms with {_said(seen.worst[1])}, {seen.usual_ms:.1f} ms usually")
    if notes:
        return Finding(target, what, "note", "; ".join(notes), data)
    return Finding(target, what, "ok", f"hold over their whole range, alone and together ({seen.draws} draws)", data)


def _desk(target: str, plan: Plan, gpu: GpuContext) -> Finding:
    """Hammer every parameter, trigger and binding through the desk, in every frame."""
    host = InlineHost(plan, gpu, rate_hz=_DESK_HZ)
    host.prepare()
    rng = np.random.default_rng([2, plan.show.seed])
    count, sick = 0, 0
    for frame in range(DESK_FRAMES):
        events = [*_hands(plan.manifests, rng, frame), *_bound(plan, rng, frame)]
        count += len(events)
        rgb = host.step(frame, events)
        sick = max(sick, not_a_number(rgb))
    host.renderer.stage.release()
    data = {"events": count, "not_a_number": sick}
    if sick:
        return Finding(target, "inputs", "fail", f"up to {sick:,} pixels are not a number while it is played", data)
    return Finding(target, "inputs", "ok", f"{count:,} moves through the desk, triggers hammered, and it held", data)


def _hands(manifests: Mapping[str, PieceManifest], rng: np.random.Generator, frame: int) -> Iterator[InputEvent]:
    for slug, manifest in manifests.items():
        for name, parameter in manifest.parameter.items():
            value: Value = anywhere(parameter, rng)
            args: tuple[Arg, ...] = value if isinstance(value, tuple) else (value,)
            trigger = parameter.type == "trigger"
            yield InputEvent(frame / _DESK_HZ, "page", f"/piece/{slug}/{name}", () if trigger else args, trigger)


def _bound(plan: Plan, rng: np.random.Generator, frame: int) -> Iterator[InputEvent]:
    """Messages of the show's own bindings, a little beyond their range too. What starts cues is left alone."""
    for binding in plan.show.binding:
        if not binding.to.startswith("/show/"):
            name, _, address = binding.source.partition("/")
            low, high = binding.in_range or (0.0, 1.0)
            value = float(rng.uniform(low - 0.2 * (high - low), high + 0.2 * (high - low)))
            yield InputEvent(frame / _DESK_HZ, name, f"/{address}", (value,))


def _said(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name}={_short(value)}" for name, value in values.items()) or "its defaults"


def _short(value: Value) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(f'{v:.3g}' for v in value)})"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
