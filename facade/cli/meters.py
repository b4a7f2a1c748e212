"""Level meters for ``facade monitor``: what an audio input hears, five lines a second instead of hundreds."""

from __future__ import annotations

from facade.control.events import InputEvent
from facade.control.hearing import FLOOR_DB
from facade.control.sound import MOMENTS

EVERY_S = 0.2
_WIDTH = 12
_SHOWN = ("level", "bass", "mid", "treble")


class Meters:
    """Collects numbers and moments of audio inputs by their names."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, float]] = {}
        self._moments: dict[str, list[str]] = {}
        self._due_s = 0.0

    def hear(self, event: InputEvent) -> None:
        """Take note of a message of an audio input."""
        name = event.address[1:]
        values = self._values.setdefault(event.input, dict.fromkeys(_SHOWN, 0.0))
        if name in values and isinstance(event.args[0], float):
            values[name] = event.args[0]
        elif name in MOMENTS:
            self._moments.setdefault(event.input, []).append(name)

    def lines(self, now_s: float) -> list[str]:
        """Return one line for each input that was heard, if it is time for them."""
        if now_s < self._due_s or not self._values:
            return []
        self._due_s = now_s + EVERY_S
        lines = []
        for name, values in self._values.items():
            bars = "  ".join(f"{what} {_bar(values[what])}" for what in _SHOWN)
            moments = " ".join(dict.fromkeys(self._moments.pop(name, ())))
            lines.append(f"{name}  {FLOOR_DB * (1.0 - values['level']):6.1f} dB  {bars}  {moments}".rstrip())
        return lines


def _bar(value: float) -> str:
    full = round(value * _WIDTH)
    return "█" * full + "░" * (_WIDTH - full)
