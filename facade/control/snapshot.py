"""The values of one frame: what the stage reads while it draws, and nothing else may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from facade.config.piece import Value

LayerKey = tuple[str, int]
"""``LayerLook.key``: the cue's run and the layer's index in it."""


@dataclass(frozen=True, slots=True)
class ControlSnapshot:
    """frame: the tick's number. values: layer key -> parameter name -> value.

    A value is as ``config.piece.Value`` says (colours in sRGB, choices as text), except a trigger's: seconds since it
    was fired, ``bank.NEVER_S`` before the first time.
    """

    frame: int
    values: Mapping[LayerKey, Mapping[str, Value]]
