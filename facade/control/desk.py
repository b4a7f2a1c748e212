"""From an input event to what it changes in the show: direct addresses, wildcards and bindings. Pure, never raises.

Bad messages are counted and the last one kept for the monitor; a street full of noise must not fill a log. OSC and the
page may name any parameter by its address; MIDI and serial lines reach only what they are bound to, so that a sensor
that says "master=0" is a sensor and not an operator.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from facade.config.input import Input
from facade.config.piece import PieceManifest, Value
from facade.config.show import Binding
from facade.control.bindings import Rule, rules_of, split_source
from facade.control.events import Arg, ControlEvent, InputEvent
from facade.control.parameters import ParameterTree
from facade.control.sound import SOUND, SoundFrame, sound_address, to_text
from facade.control.spec import ParameterSpec, as_number, is_press
from facade.core.errors import InputError
from facade.protocols.osc_pattern import AddressPattern, is_pattern

_Target = TypeVar("_Target", ParameterSpec, Rule, str)

MAX_UNKNOWN = 64
"""Unknown addresses remembered for the monitor, the newest."""

LIGHT_SENSOR = "/light_sensor"
"""Address of the venue's light sensor among the control events: lux, for the delivery process."""

_CACHED_PATTERNS = 256
_NEW_PATTERNS_PER_S = 50.0
"""Patterns not seen lately cost up to a few milliseconds each in a large show; those seen cost nothing."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """An address that leads nowhere. count: messages since it was first seen."""

    input: str
    address: str
    count: int
    last: str


class ControlDesk:
    """The one place where messages become changes. tree: its values follow. inputs: of the show; others are the page's.
    light_sensor: input and address of the venue's light sensor, "" for none.

    ``levels`` holds how loud each audio input was in its newest frame, 0..1.
    ``rejected`` counts messages that named a parameter but did not fit it, ``problem`` says why the last one did not;
    ``refused_patterns`` counts wildcard messages malformed or over the budget.
    """

    def __init__(
        self, tree: ParameterTree, bindings: Iterable[Binding], inputs: Mapping[str, Input], *, light_sensor: str = ""
    ) -> None:
        self.tree = tree
        self._light_sensor = split_source(light_sensor) if light_sensor else None
        self._direct = {name: config.type == "osc" for name, config in inputs.items()}
        self._sounds = {name for name, config in inputs.items() if config.type == "audio"}
        self._bindings, self._inputs = tuple(bindings), inputs
        rules_of(self._bindings, tree, inputs)
        self._rules: dict[tuple[str, str], list[Rule]] = {}
        self._by_input: dict[str, list[Rule]] = {}
        self._before: dict[int, Value | None] = {}
        self._resolve()
        self._patterns: OrderedDict[str, tuple[ParameterSpec, ...]] = OrderedDict()
        self._pattern_budget = _NEW_PATTERNS_PER_S
        self._budget_at_s = float("-inf")
        self._seq = 0
        self._changes: dict[str, Value] = {}
        self._unknown: OrderedDict[tuple[str, str], Unknown] = OrderedDict()
        self.levels: dict[str, float] = {}
        self.rejected = 0
        self.refused_patterns = 0
        self.problem = ""

    @property
    def seq(self) -> int:
        """Number of the last ControlEvent made; 0 before the first."""
        return self._seq

    @property
    def unknown(self) -> tuple[Unknown, ...]:
        """Addresses that led nowhere, the oldest first, at most MAX_UNKNOWN."""
        return tuple(self._unknown.values())

    def reload(self, slug: str, manifest: PieceManifest) -> None:
        """Take an edited manifest of a piece. Bindings follow; one whose parameter is gone rests until it is back."""
        self.tree.reload(slug, manifest)
        self._patterns.clear()
        self._resolve()

    def handle(self, event: InputEvent) -> tuple[ControlEvent, ...]:
        """Return what an event changes, in the order it applies; () if nothing."""
        if event.input in self._sounds and event.address == SOUND:
            return tuple(self._guarded(self._sound_change, event.input, event))
        made: list[ControlEvent] = []
        rules = self._rules.get((event.input, event.address), ())
        direct = self._addressed(event)
        for spec in direct:
            made.extend(self._guarded(self._direct_change, spec, event))
        for rule in rules:
            made.extend(self._guarded(self._bound_change, rule, event))
        if (event.input, event.address) == self._light_sensor:
            made.extend(self._guarded(self._light_change, LIGHT_SENSOR, event))
        elif not direct and not rules and not is_pattern(event.address):
            self._remember(event)
        return tuple(made)

    def stale(self, input_name: str, at_s: float) -> tuple[ControlEvent, ...]:
        """Return what follows from an input that has gone silent: its bindings' parameters back to their defaults."""
        made: list[ControlEvent] = []
        for rule in self._by_input.get(input_name, ()):
            self._before.pop(id(rule), None)
            default = () if rule.spec.kind == "points" else rule.spec.default
            if rule.stale == "default" and default is not None:
                made.append(self._change(rule.spec, default, at_s))
        return tuple(made)

    def observe(self, address: str, value: Value) -> None:
        """Take note that a parameter now has this value by itself, because a cue set it. Feeds feedback and toggles."""
        if self.tree.set(address, value):
            self._changes[address] = value

    def take_changes(self) -> dict[str, Value]:
        """Return address -> newest value of what changed since the last call, for feedback and the page."""
        changes, self._changes = self._changes, {}
        return changes

    def _resolve(self) -> None:
        self._rules.clear()
        self._by_input.clear()
        self._before.clear()
        known = [b for b in self._bindings if self.tree.find(b.to) is not None]
        for rule in rules_of(known, self.tree, self._inputs):
            self._rules.setdefault((rule.input, rule.address), []).append(rule)
            self._by_input.setdefault(rule.input, []).append(rule)

    def _addressed(self, event: InputEvent) -> tuple[ParameterSpec, ...]:
        if not self._direct.get(event.input, True):
            return ()
        if is_pattern(event.address):
            return self._matching(event)
        spec = self.tree.find(event.address)
        return () if spec is None else (spec,)

    def _matching(self, event: InputEvent) -> tuple[ParameterSpec, ...]:
        known = self._patterns.get(event.address)
        if known is not None:
            self._patterns.move_to_end(event.address)
            return known
        # The event's own time, not a clock's: a replay must refuse the same patterns.
        earned = max(0.0, event.at_s - self._budget_at_s) * _NEW_PATTERNS_PER_S
        self._pattern_budget = min(_NEW_PATTERNS_PER_S, self._pattern_budget + earned)
        self._budget_at_s = max(self._budget_at_s, event.at_s)
        if self._pattern_budget < 1.0:
            self.refused_patterns += 1
            return ()
        self._pattern_budget -= 1.0
        try:
            found = self.tree.match(AddressPattern(event.address))
        except InputError as error:
            self.refused_patterns += 1
            self.problem = str(error)
            return ()
        self._patterns[event.address] = found
        if len(self._patterns) > _CACHED_PATTERNS:
            self._patterns.popitem(last=False)
        return found

    def _guarded(
        self, change: Callable[[_Target, InputEvent], ControlEvent | None], target: _Target, event: InputEvent
    ) -> list[ControlEvent]:
        try:
            made = change(target, event)
        except InputError as error:
            self.rejected += 1
            self.problem = f"{event.input}: {error}"
            return []
        return [] if made is None else [made]

    def _direct_change(self, spec: ParameterSpec, event: InputEvent) -> ControlEvent | None:
        if spec.kind == "trigger":
            return self._fire(spec, event.at_s) if is_press(event.args) else None
        if spec.kind == "bool" and (not event.args or event.args == (None,)):
            return self._change(spec, not self.tree.value(spec.address), event.at_s)
        return self._coerced(spec, event.args, event.at_s)

    def _bound_change(self, rule: Rule, event: InputEvent) -> ControlEvent | None:
        spec = rule.spec
        if spec.kind == "trigger":
            return self._fire(spec, event.at_s) if self._is_act(rule, event) else None
        if spec.kind == "bool" and (rule.source == "note" or not event.args):
            pressed = rule.is_on(event)
            return self._change(spec, not self.tree.value(spec.address), event.at_s) if pressed else None
        if spec.kind == "bool":
            return self._change(spec, rule.is_on(event), event.at_s)
        if spec.kind == "cue" and rule.source == "note" and not rule.is_on(event):
            return None
        # A sensor or knob says the same again and again; a cue restarted each time would never finish its crossfade.
        if spec.kind == "cue" and rule.source == "sampled" and not self._is_new(rule, event):
            return None
        return self._coerced(spec, rule.args(event), event.at_s)

    def _is_act(self, rule: Rule, event: InputEvent) -> bool:
        is_on = rule.is_on(event)
        before, self._before[id(rule)] = self._before.get(id(rule)), is_on
        return is_on and not (rule.source == "sampled" and before is True)

    def _is_new(self, rule: Rule, event: InputEvent) -> bool:
        value = rule.spec.coerce(rule.args(event))
        before, self._before[id(rule)] = self._before.get(id(rule)), value
        return value != before

    def _sound_change(self, name: str, event: InputEvent) -> ControlEvent | None:
        """A frame of sound is passed on whole; pieces that show sound will see it."""
        frame = event.args[0] if event.args else None
        if not isinstance(frame, bytes):
            raise InputError(f"{event.address}: takes one frame of sound.")
        self.levels[name] = SoundFrame.decode(frame).levels[0]
        self._seq += 1
        return ControlEvent(self._seq, event.at_s, sound_address(name), to_text(frame))

    def _light_change(self, address: str, event: InputEvent) -> ControlEvent:
        """What the venue's light sensor says. No parameter: nobody else can say it, and no wildcard reaches it."""
        lux = as_number(event.args[0]) if event.args else None
        if lux is None or lux < 0.0:
            raise InputError(f"{event.address}: a light sensor says lux, one number of 0 or more.")
        self._seq += 1
        return ControlEvent(self._seq, event.at_s, address, lux)

    def _coerced(self, spec: ParameterSpec, args: tuple[Arg, ...], at_s: float) -> ControlEvent | None:
        value = spec.coerce(args)
        return None if value is None else self._change(spec, value, at_s)

    def _change(self, spec: ParameterSpec, value: Value, at_s: float) -> ControlEvent:
        # Points move all the time and no fader shows them: feedback is not told.
        if self.tree.set(spec.address, value) and spec.kind != "points":
            self._changes[spec.address] = value
        self._seq += 1
        return ControlEvent(self._seq, at_s, spec.address, value)

    def _fire(self, spec: ParameterSpec, at_s: float) -> ControlEvent | None:
        if spec.address == "/show/resync":
            self._changes.update({a: v for a, v in self.tree.values().items() if self.tree.get(a).kind != "points"})
            return None
        self._seq += 1
        return ControlEvent(self._seq, at_s, spec.address, None)

    def _remember(self, event: InputEvent) -> None:
        key = (event.input, event.address)
        before = self._unknown.pop(key, None)
        last = " ".join(repr(a)[:40] for a in event.args[:8])
        self._unknown[key] = Unknown(*key, count=1 if before is None else before.count + 1, last=last)
        if len(self._unknown) > MAX_UNKNOWN:
            self._unknown.popitem(last=False)
