"""The render side's values: control events in, one snapshot a frame out. Pure: the same in, the same out.

A layer starts with its parameters' defaults, under the values last received from outside, under its preset, under its
cue's own values. From then on the latest event wins, in every layer that shows the piece. Floats, colours and points
glide with their time constant, or their binding's if that is longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from facade.config.piece import PieceManifest, Value
from facade.control.conditioning import approach
from facade.control.events import ControlEvent
from facade.control.snapshot import ControlSnapshot, LayerKey
from facade.control.spec import ParameterSpec, spec_of
from facade.core.errors import InputError
from facade.core.frame import Tick
from facade.show.look import HelperLook, LayerLook

NEVER_S = 1e6
"""Age of a trigger that was never fired, and the most that any reaches: 11.6 days, exact in float32 to 1/16 s."""

_ARRIVED = 1e-6
"""A glide closer than this to its target has arrived, as a part of the parameter's range."""


@dataclass(slots=True)
class _Layer:
    slug: str
    specs: dict[str, ParameterSpec]
    targets: dict[str, Value] = field(default_factory=dict)
    current: dict[str, Value] = field(default_factory=dict)
    gliding: set[str] = field(default_factory=set)


class ParameterBank:
    """Values of every layer on air. pieces: slug -> manifest.

    smooth_s: address -> least time constant in seconds, from bindings (``bindings.smoothing_of``).
    ``refused`` counts values that did not fit, ``problem`` says why the last one did not.
    """

    def __init__(self, pieces: Mapping[str, PieceManifest], *, smooth_s: Mapping[str, float] | None = None) -> None:
        self._smooth_s = dict(smooth_s or {})
        self._specs = {slug: _specs_of(slug, manifest) for slug, manifest in pieces.items()}
        self._live: dict[str, dict[str, Value]] = {slug: {} for slug in pieces}
        self._ages: dict[tuple[str, str], float] = {}
        self._fired: set[tuple[str, str]] = set()
        self._layers: dict[LayerKey, _Layer] = {}
        self.refused = 0
        self.problem = ""

    def connect(self, address: str) -> None:
        """Say that something is bound to a parameter; points then have nobody there until somebody comes."""
        parts = address.split("/")
        spec = self._specs.get(parts[2], {}).get(parts[3]) if len(parts) == 4 and parts[1] == "piece" else None
        if spec is not None and spec.kind == "points":
            self._live[parts[2]][parts[3]] = ()

    def apply(self, event: ControlEvent) -> bool:
        """Take one event; it shows in the next snapshot. False if its address is no parameter of a known piece."""
        parts = event.address.split("/")
        if len(parts) != 4 or parts[1] != "piece":
            return False
        slug, name = parts[2:]
        spec = self._specs.get(slug, {}).get(name)
        if spec is None:
            return False
        if spec.kind == "trigger":
            self._fired.add((slug, name))
            return True
        value = self._fit(spec, event.value)
        if value is None:
            return True
        self._live[slug][name] = value
        for layer in self._layers.values():
            if layer.slug == slug:
                self._aim(layer, name, value)
        return True

    def start_layer(self, look: LayerLook | HelperLook, preset: Mapping[str, object]) -> None:
        """Put a layer or filter on air, without glides. preset: the preset's values or {}.

        What does not fit is left out.
        """
        slug = look.played.piece
        specs = self._specs.get(slug, {})
        layer = _Layer(slug, specs)
        self._layers[look.key] = layer
        layer.targets.update({n: s.default for n, s in specs.items() if s.default is not None})
        layer.targets.update(self._live.get(slug, {}))
        for name, raw in (*preset.items(), *look.played.values.items()):
            spec = specs.get(name)
            value = None if spec is None or spec.kind == "trigger" else self._fit(spec, raw)
            if value is not None:
                layer.targets[name] = value
        layer.current.update(layer.targets)

    def end_layer(self, key: LayerKey) -> None:
        """Forget a layer that is off air; nothing if it is not known."""
        self._layers.pop(key, None)

    def reload(self, slug: str, manifest: PieceManifest) -> None:
        """Take an edited manifest of a piece: values that still fit stay, new parameters start at their default."""
        specs = _specs_of(slug, manifest)
        self._specs[slug] = specs
        self._live[slug] = self._refit(specs, self._live.get(slug, {}))
        for layer in self._layers.values():
            if layer.slug == slug:
                defaults = {n: s.default for n, s in specs.items() if s.default is not None}
                layer.specs = specs
                layer.targets = defaults | self._refit(specs, layer.targets)
                layer.current = layer.targets | self._refit(specs, layer.current)
                layer.gliding &= specs.keys()

    def snapshot(self, tick: Tick) -> ControlSnapshot:
        """Advance by the tick's delta and return its values. Call once a tick, after the events applied to it.

        A trigger fired since the last snapshot has age 0 in this one.
        """
        for key in self._ages:
            self._ages[key] = min(self._ages[key] + tick.delta_s, NEVER_S)
        for key in self._fired:
            self._ages[key] = 0.0
        self._fired.clear()
        for layer in self._layers.values():
            self._glide(layer, tick.delta_s)
        return ControlSnapshot(tick.frame, {key: self.values(key) for key in self._layers})

    def values(self, key: LayerKey) -> dict[str, Value]:
        """Return a layer's values as of the last snapshot. Raises KeyError if it is not on air."""
        layer = self._layers[key]
        ages = {
            name: self._ages.get((layer.slug, name), NEVER_S)
            for name, spec in layer.specs.items()
            if spec.kind == "trigger"
        }
        return layer.current | ages

    def current(self) -> dict[str, Value]:
        """Return address -> value where a fader should stand: the newest layer of each piece on air, no triggers."""
        return {
            layer.specs[name].address: value
            for layer in self._layers.values()
            for name, value in layer.targets.items()
            if layer.specs[name].kind != "points"
        }

    def _aim(self, layer: _Layer, name: str, value: Value) -> None:
        layer.targets[name] = value
        spec = layer.specs[name]
        if self._time_constant(spec) > 0.0:
            layer.gliding.add(name)
        else:
            layer.current[name] = value

    def _glide(self, layer: _Layer, delta_s: float) -> None:
        for name in sorted(layer.gliding):
            spec, target = layer.specs[name], layer.targets[name]
            moved = _approach(layer.current[name], target, delta_s=delta_s, time_constant_s=self._time_constant(spec))
            near = _distance(moved, target) <= _ARRIVED * (spec.max - spec.min)
            layer.current[name] = target if near else moved
            if near:
                layer.gliding.discard(name)

    def _time_constant(self, spec: ParameterSpec) -> float:
        if spec.kind not in ("float", "color", "point"):
            return 0.0
        return max(spec.smooth_s, self._smooth_s.get(spec.address, 0.0))

    def _refit(self, specs: Mapping[str, ParameterSpec], values: Mapping[str, Value]) -> dict[str, Value]:
        fitted = {n: self._fit(specs[n], v) for n, v in values.items() if n in specs and specs[n].kind != "trigger"}
        return {n: v for n, v in fitted.items() if v is not None}

    def _fit(self, spec: ParameterSpec, raw: object) -> Value | None:
        """Coerce what came over a link or from a document; None, counted, if it does not fit."""
        try:
            return spec.coerce(tuple(raw) if isinstance(raw, list | tuple) else (raw,))  # type: ignore[arg-type]
        except InputError as error:
            self.refused += 1
            self.problem = str(error)
            return None


def _specs_of(slug: str, manifest: PieceManifest) -> dict[str, ParameterSpec]:
    return {name: spec_of(f"/piece/{slug}/{name}", p) for name, p in manifest.parameter.items()}


def _approach(current: Value, target: Value, *, delta_s: float, time_constant_s: float) -> Value:
    if isinstance(target, tuple) and isinstance(current, tuple):
        return tuple(
            approach(c, t, delta_s=delta_s, time_constant_s=time_constant_s)
            for c, t in zip(current, target, strict=True)
        )
    if isinstance(target, float | int) and isinstance(current, float | int):
        return approach(current, target, delta_s=delta_s, time_constant_s=time_constant_s)
    return target


def _distance(a: Value, b: Value) -> float:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return max(abs(x - y) for x, y in zip(a, b, strict=True))
    if isinstance(a, float | int) and isinstance(b, float | int):
        return abs(a - b)
    return 0.0
