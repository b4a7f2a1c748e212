"""Every parameter that can be moved from outside, by OSC address, with its range and its current value.

Built from the manifests alone: a piece's parameters, and the show's own addresses. Lives in the control process; the
render process keeps its own values in ``ParameterBank``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from facade.config.piece import PieceManifest, Value
from facade.control.bank import ParameterBank
from facade.control.events import Arg
from facade.control.spec import OSC_TYPES, ParameterSpec, spec_of
from facade.core.errors import InputError, did_you_mean
from facade.protocols.osc_pattern import AddressPattern

__all__ = ["SHOW_ADDRESSES", "ParameterBank", "ParameterSpec", "ParameterTree"]

SHOW_ADDRESSES = ("/master", "/blackout", "/show/go", "/show/back", "/show/cue", "/show/hold", "/show/resync")


class ParameterTree:
    """All parameters. pieces: slug -> manifest. cues: names of the show's cues in order; /show/cue takes no others."""

    def __init__(self, pieces: Mapping[str, PieceManifest], *, cues: Sequence[str] = ()) -> None:
        self._specs: dict[str, ParameterSpec] = {s.address: s for s in _show_specs(tuple(cues), tuple(pieces))}
        self._pieces: dict[str, dict[str, ParameterSpec]] = {}
        for slug, manifest in pieces.items():
            specs = {n: spec_of(f"/piece/{slug}/{n}", p) for n, p in manifest.parameter.items()}
            self._pieces[slug] = specs
            self._specs.update((s.address, s) for s in specs.values())
        self._values: dict[str, Value] = {a: s.default for a, s in self._specs.items() if s.default is not None}

    def reload(self, slug: str, manifest: PieceManifest) -> None:
        """Take an edited manifest of a piece: values that still fit stay, new parameters start at their default."""
        for spec in self._pieces.get(slug, {}).values():
            del self._specs[spec.address]
        specs = {n: spec_of(f"/piece/{slug}/{n}", p) for n, p in manifest.parameter.items()}
        self._pieces[slug] = specs
        for spec in specs.values():
            self._specs[spec.address] = spec
            kept = self._values.pop(spec.address, None)
            value = _refit(spec, kept)
            if value is not None:
                self._values[spec.address] = value
        self._values = {a: v for a, v in self._values.items() if a in self._specs}

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address: the show's own first, then the pieces' in the order of their manifests."""
        return tuple(self._specs)

    def find(self, address: str) -> ParameterSpec | None:
        """Return the parameter at this address, None if there is none."""
        return self._specs.get(address)

    def get(self, address: str) -> ParameterSpec:
        """Return the parameter at this address. Raises InputError naming the nearest one if there is none."""
        spec = self._specs.get(address)
        if spec is None:
            raise InputError(f'"{address}": no parameter has this address.{did_you_mean(address, self._specs)}')
        return spec

    def coerce(self, address: str, args: Sequence[Arg]) -> Value | None:
        """Return the value these arguments mean there, clamped to its range; None for a trigger. Raises InputError."""
        return self.get(address).coerce(args)

    def match(self, pattern: AddressPattern) -> tuple[ParameterSpec, ...]:
        """Return the piece parameters a pattern reaches.

        /master, /blackout and /show/… must be named in full: no wildcard may black out a building.
        """
        if len(pattern.parts) != 3 or not pattern.parts[0].matches("piece"):
            return ()
        _, slug_part, name_part = pattern.parts
        return tuple(
            spec
            for slug, specs in self._pieces.items()
            if slug_part.matches(slug)
            for name, spec in specs.items()
            if name_part.matches(name)
        )

    def value(self, address: str) -> Value | None:
        """Return the value last set, or the default; None for triggers, and for /show/cue until a cue is known."""
        return self._values.get(address)

    def set(self, address: str, value: Value) -> bool:
        """Remember a valid value; True if it differs from the one before."""
        changed = address in self._specs and self._values.get(address) != value
        if changed:
            self._values[address] = value
        return changed

    def values(self) -> dict[str, Value]:
        """Return address -> current value of everything that has one."""
        return dict(self._values)

    def describe(self) -> list[dict[str, Any]]:
        """Return every parameter as plain JSON values, for the page: one object each, in the order of ``addresses``.

        Keys: address, kind, osc (type tags), min, max, default, value, choices, label, help, unit.
        """
        return [
            {
                "address": s.address,
                "kind": s.kind,
                "osc": OSC_TYPES[s.kind],
                "min": s.min,
                "max": s.max,
                "default": _plain(s.default),
                "value": _plain(self._values.get(s.address)),
                "choices": list(s.choices),
                "label": s.label or s.address.rsplit("/", 1)[1].replace("_", " "),
                "help": s.help,
                "unit": s.unit,
            }
            for s in self._specs.values()
        ]


def _show_specs(cues: tuple[str, ...], pieces: tuple[str, ...]) -> tuple[ParameterSpec, ...]:
    return (
        ParameterSpec("/master", "float", default=1.0, label="Master", help="Brightness of everything."),
        ParameterSpec("/blackout", "bool", default=False, label="Blackout", help="Everything dark until it is off."),
        ParameterSpec("/show/go", "trigger", label="Go", help="Start the next cue."),
        ParameterSpec("/show/back", "trigger", label="Back", help="Start the previous cue."),
        ParameterSpec("/show/cue", "cue", choices=cues, label="Cue", help="Start a cue by name, or by number from 1."),
        ParameterSpec("/show/hold", "bool", default=False, label="Hold", help="Stay in this cue."),
        ParameterSpec(
            "/show/pause", "bool", default=False, label="Pause", help="Show time stands still; light goes on."
        ),
        ParameterSpec("/show/step", "trigger", label="Step", help="Pause, and go one frame further."),
        ParameterSpec("/show/resync", "trigger", label="Resync", help="Send every value to the feedback destinations."),
        ParameterSpec("/show/release", "cue", choices=pieces, label="Release", help="Let a piece out of quarantine."),
    )


def _refit(spec: ParameterSpec, value: Value | None) -> Value | None:
    """Return a value as its edited parameter takes it, or that parameter's default."""
    if value is None or spec.default is None:
        return spec.default
    try:
        return spec.coerce(value if isinstance(value, tuple) else (value,))
    except InputError:
        return spec.default


def _plain(value: Value | None) -> bool | int | float | str | list[float] | None:
    return list(value) if isinstance(value, tuple) else value
