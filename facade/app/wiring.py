"""Where objects of different packages are put together, once for both hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from facade.app.plan import Plan
from facade.config.input import Input, OscInput
from facade.config.show import Show
from facade.control.desk import LIGHT_SENSOR, ControlDesk
from facade.control.parameters import ParameterTree
from facade.core import places
from facade.gpu.context import GpuContext

TO_DELIVERY = {"/master": "master", "/blackout": "blackout", LIGHT_SENSOR: "lux"}
"""Address -> message: what the delivery process does itself; everything else is the renderer's."""


@contextmanager
def gpu_without_screen() -> Iterator[GpuContext]:
    """A GL context for the length of a with block. Raises MachineError where there is no GL."""
    gpu = GpuContext.standalone(cache=places.shader_cache())
    try:
        yield gpu
    finally:
        gpu.release()


def make_desk(plan: Plan) -> ControlDesk:
    """The desk of a plan: its parameters and bindings."""
    tree = ParameterTree(plan.manifests, cues=tuple(plan.show.cue))
    sensor = plan.pixels.venue.light_sensor
    return ControlDesk(tree, plan.show.binding, plan.show.input, light_sensor=sensor.source if sensor else "")


def show_inputs(show: Show, *, osc_bind: str) -> Mapping[str, Input]:
    """The inputs of a show, OSC among them even if it declares none; osc_bind: where OSC listens, "" as declared."""
    inputs: dict[str, Input] = dict(show.input)
    if not any(isinstance(each, OscInput) for each in inputs.values()):
        inputs["osc"] = OscInput(type="osc")
    if osc_bind:
        inputs = {
            n: e.model_copy(update={"bind": osc_bind}) if e.type in ("osc", "tuio") else e for n, e in inputs.items()
        }
    return inputs
