"""From the inputs a show declares to the objects that listen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from facade.config.input import AudioInput as AudioConfig
from facade.config.input import Input as InputConfig
from facade.config.input import MidiInput as MidiConfig
from facade.config.input import OscInput as OscConfig
from facade.config.input import TuioInput as TuioConfig
from facade.core.clock import Clock
from facade.inputs.audio import AudioInput
from facade.inputs.contract import Input
from facade.inputs.midi import MidiInput
from facade.inputs.osc import OscInput
from facade.inputs.serial import SerialInput
from facade.inputs.tuio import TuioInput
from facade.inputs.worker import Backoff


def build_inputs(inputs: Mapping[str, InputConfig], clock: Clock, *, seed: int = 0) -> tuple[Input, ...]:
    """Return one unstarted Input for each declared one, in their order. seed: of the jitter between attempts."""
    return tuple(_build(name, config, clock, seed + index) for index, (name, config) in enumerate(inputs.items()))


def _build(name: str, config: InputConfig, clock: Clock, seed: int) -> Input:
    backoff = Backoff(np.random.default_rng(seed))
    if isinstance(config, OscConfig):
        return OscInput(name, config, clock=clock, backoff=backoff)
    if isinstance(config, MidiConfig):
        return MidiInput(name, config, clock=clock, backoff=backoff)
    if isinstance(config, TuioConfig):
        return TuioInput(name, config, clock=clock, backoff=backoff)
    if isinstance(config, AudioConfig):
        return AudioInput(name, config, clock=clock, backoff=backoff)
    return SerialInput(name, config, clock=clock, backoff=backoff)
