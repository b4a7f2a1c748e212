"""Bindings made ready: from "INPUT/ADDRESS" and a range to a rule that turns messages into a parameter's arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from facade.config.input import Input
from facade.config.show import Binding, Show
from facade.control import sound
from facade.control.conditioning import Conditioning
from facade.control.events import Arg, InputEvent
from facade.control.parameters import ParameterTree
from facade.control.spec import COMPONENTS, ParameterSpec, as_number, is_press
from facade.core.errors import Problem, did_you_mean

SMOOTHED = ("float", "color", "point")
"""Kinds of parameter that can glide."""

THRESHOLD = 0.5
"""Of the conditioned range: at or above it a bound switch is on and a bound trigger fires."""

InputType = Literal["osc", "midi", "serial", "audio", "tuio"]
Source = Literal["message", "sampled", "note"]

POINTS = ("/points", "/cursors", "/objects", "/blobs")
"""What a TUIO input says that a parameter of type points can take."""

_TUIO_ADDRESS = re.compile(
    r"/(points|cursors|objects|blobs|count)|/cursor/([1-9]|1[0-6])(/[xy])?|/object/\d{1,9}(/x|/y|/angle)?"
)
_MIDI_ADDRESS = re.compile(r"/(cc|note)/([1-9]|1[0-6])/(\d|[1-9]\d|1[01]\d|12[0-7])|/bend/([1-9]|1[0-6])")


@dataclass(frozen=True, slots=True)
class Rule:
    """One binding, resolved.

    source: what a message is. "message": each one counts by itself (OSC). "sampled": a state that is repeated (knobs,
    sensors), so only its change is an act. "note": a key, whose velocity is 0 when it is let go.
    """

    input: str
    address: str
    spec: ParameterSpec
    conditioning: Conditioning
    stale: Literal["hold", "default"]
    source: Source

    def args(self, event: InputEvent) -> tuple[Arg, ...]:
        """Return the arguments for the target: numbers conditioned, everything else, and points, as it came."""
        if self.spec.kind == "points":
            return event.args
        return tuple(self._condition(a) for a in event.args[: COMPONENTS.get(self.spec.kind, 1)])

    def is_on(self, event: InputEvent) -> bool:
        """Whether the message says on: any velocity of a note, no argument, or a number in the upper half."""
        if self.source == "note" or not event.args:
            return is_press(event.args)
        number = as_number(event.args[0])
        return number is None or self.conditioning.ratio(number) >= THRESHOLD

    def _condition(self, arg: Arg) -> Arg:
        number = as_number(arg)
        return arg if number is None else self.conditioning.apply(number)


def split_source(source: str) -> tuple[str, str]:
    """Split "knobs/cc/1/7" into ("knobs", "/cc/1/7")."""
    name, _, rest = source.partition("/")
    return name, "/" + rest


def rules_of(bindings: Iterable[Binding], tree: ParameterTree, inputs: Mapping[str, Input]) -> tuple[Rule, ...]:
    """Resolve bindings, in their order. Raises InputError for an unknown target; ``check_bindings`` finds all first."""
    return tuple(_rule(binding, tree.get(binding.to), inputs) for binding in bindings)


def smoothing_of(bindings: Iterable[Binding]) -> dict[str, float]:
    """Return address -> longest smooth_s of its bindings, for ``ParameterBank``."""
    smooth: dict[str, float] = {}
    for binding in bindings:
        if binding.smooth_s > 0.0:
            smooth[binding.to] = max(binding.smooth_s, smooth.get(binding.to, 0.0))
    return smooth


def ordered_addresses(tree: ParameterTree, bindings: Sequence[Binding] = ()) -> frozenset[str]:
    """Return the addresses whose messages must all arrive, in order: those of triggers, switches and cues.

    Addresses of parameters and, of bindings that lead to them, the sources' addresses within their inputs.
    """
    acts = {a for a in tree.addresses if tree.get(a).kind in ("trigger", "bool", "cue")}
    return frozenset(acts | {split_source(b.source)[1] for b in bindings if b.to in acts})


def check_bindings(show: Show, tree: ParameterTree) -> list[Problem]:
    """Return everything that is wrong with a show's bindings, in their order; [] if they can be used."""
    return [
        Problem(show.path, f"binding[{index}].{key}", rule, fix, value=value)
        for index, binding in enumerate(show.binding)
        for key, value, rule, fix in (*_source_faults(binding, show.input), *_target_faults(binding, tree, show.input))
    ]


_Fault = tuple[str, str, str, str]
"""Key, value, rule, fix."""


def _rule(binding: Binding, spec: ParameterSpec, inputs: Mapping[str, Input]) -> Rule:
    name, address = split_source(binding.source)
    kind = inputs[name].type if name in inputs else "osc"
    return Rule(
        input=name,
        address=address,
        spec=spec,
        conditioning=Conditioning(
            in_range=binding.in_range or _default_in_range(kind, address),
            out_range=binding.out_range or spec.own_range,
            curve=binding.curve,
            invert=binding.invert,
        ),
        stale=binding.stale,
        source=_source_of(kind, address),
    )


def _source_of(kind: InputType, address: str) -> Source:
    if kind == "osc" or (kind == "audio" and address[1:] in sound.MOMENTS):
        return "message"
    return "note" if kind == "midi" and address.startswith("/note/") else "sampled"


def _default_in_range(kind: InputType, address: str) -> tuple[float, float]:
    if kind != "midi":
        return (0.0, 1.0)
    # A bend's resting place is 0 and must be the middle; 8191 is as far up as -8192 is down but for one step.
    return (-8192.0, 8191.0) if address.startswith("/bend/") else (0.0, 127.0)


def _source_faults(binding: Binding, inputs: Mapping[str, Input]) -> list[_Fault]:
    name, address = split_source(binding.source)
    shown = f'"{binding.source}"'
    if name not in inputs:
        return [("from", shown, f'the show has no input "{name}"', did_you_mean(name, inputs).strip())]
    if "/" not in binding.source or address == "/":
        return [("from", shown, "names an input but no address", f'Write for example "{name}/fader/1".')]
    if inputs[name].type == "midi" and not _MIDI_ADDRESS.fullmatch(address):
        rule = "is no MIDI address"
        return [("from", shown, rule, f"Use {name}/cc/1/7, {name}/note/1/60 or {name}/bend/1; channels count from 1.")]
    if inputs[name].type == "tuio" and not _TUIO_ADDRESS.fullmatch(address):
        fix = f"Use {name}/points, {name}/count, {name}/cursor/1, {name}/cursor/1/x or {name}/object/7/angle."
        return [("from", shown, "is nothing that a TUIO input says", fix)]
    if inputs[name].type == "audio" and address not in sound.ADDRESSES:
        says = ", ".join(f"{name}{a}" for a in sound.ADDRESSES)
        return [("from", shown, "is nothing that an audio input says", f"There are: {says}.")]
    return []


def _target_faults(binding: Binding, tree: ParameterTree, inputs: Mapping[str, Input]) -> list[_Fault]:
    faults: list[_Fault] = []
    spec = tree.find(binding.to)
    if spec is None:
        near = did_you_mean(binding.to, tree.addresses).strip()
        return [("to", f'"{binding.to}"', "no parameter has this address", near)]
    if binding.in_range is not None and binding.in_range[0] == binding.in_range[1]:
        faults.append(("in_range", str(binding.in_range), "its two ends must differ", "Give the sensor's real range."))
    name, _ = split_source(binding.source)
    if spec.kind == "points":
        return [*faults, *_points_faults(binding, inputs)]
    if spec.kind in COMPONENTS and name in inputs and inputs[name].type in ("midi", "audio"):
        what = "MIDI" if inputs[name].type == "midi" else "sound"
        rule = f"a {spec.kind} takes {COMPONENTS[spec.kind]} numbers; {what} sends one"
        faults.append(("to", f'"{binding.to}"', rule, "Bind a float instead."))
    if binding.smooth_s > 0.0 and (spec.kind not in SMOOTHED or not spec.address.startswith("/piece/")):
        rule = f"only numbers, colours and points of a piece can glide; {spec.address} cannot"
        faults.append(("smooth_s", f"{binding.smooth_s:g}", rule, "Leave smooth_s out."))
    low, high = spec.own_range
    if binding.out_range is not None and not all(low <= end <= high for end in binding.out_range):
        rule = f"must lie within {low:g}..{high:g}, the range of {spec.address}"
        faults.append(("out_range", str(binding.out_range), rule, "Narrow it."))
    return faults


def _points_faults(binding: Binding, inputs: Mapping[str, Input]) -> list[_Fault]:
    """Points are passed on as they come, and only some inputs have any."""
    name, address = split_source(binding.source)
    faults: list[_Fault] = []
    kind = inputs[name].type if name in inputs else "tuio"
    if kind not in ("osc", "tuio") or (kind == "tuio" and address not in POINTS):
        rule, fix = f"{binding.to} takes points", "Bind a TUIO input's points, cursors, objects or blobs."
        faults.append(("from", f'"{binding.source}"', rule, fix))
    given = {"in_range": binding.in_range, "out_range": binding.out_range, "smooth_s": binding.smooth_s or None}
    rule = "points are passed on as they come"
    faults += [(key, str(value), rule, "Leave it out.") for key, value in given.items() if value is not None]
    return faults
