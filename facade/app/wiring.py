"""Where objects of different packages are put together, once for both hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from secrets import randbelow
from uuid import UUID, uuid4

from facade.app.plan import Plan
from facade.config.input import Input, OscInput
from facade.config.show import Show
from facade.control.desk import LIGHT_SENSOR, ControlDesk
from facade.control.parameters import ParameterTree
from facade.core import places
from facade.core.clock import Clock
from facade.delivery.build import build_delivery
from facade.delivery.engine import DeliveryEngine
from facade.gpu.context import GpuContext
from facade.mapping.model import Patch, PixelMap
from facade.outputs.identity import claim_identity
from facade.outputs.virtual import VirtualNetwork

TO_DELIVERY = {"/master": "master", "/blackout": "blackout", LIGHT_SENSOR: "lux"}
"""Address -> message: what the delivery process does itself; everything else is the renderer's."""

_OFFLINE_CID = UUID("6f66666c-696e-4565-8000-666163616465")


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


def live_engine(
    pixels: PixelMap, patch: Patch, clock: Clock, *, network: VirtualNetwork, real: bool, unlocked_s: float = 0.0
) -> DeliveryEngine:
    """Delivery of a venue for a show in real time. real: onto the network too, not only into the virtual one.

    unlocked_s: for so long the brightness caps rest. Only a test of one fixture, asked for at a terminal, may say so.
    Its sACN identity is this installation's, and its sequence numbers start anywhere, so that receivers know it
    again and do not take its packets for late ones. Raises MappingError or OutputError.
    """
    identity = claim_identity(places.state()) if real else None
    return build_delivery(
        pixels,
        patch,
        clock=clock,
        cid=uuid4() if identity is None else identity.cid,
        network=network,
        udp=real,
        first_sequence=randbelow(256),
        identity=identity,
        known_start=False,
        unlocked_s=unlocked_s,
    )


def offline_engine(pixels: PixelMap, patch: Patch, clock: Clock, *, network: VirtualNetwork) -> DeliveryEngine:
    """Delivery of a venue into the virtual network only, the same bytes on every run."""
    return build_delivery(pixels, patch, clock=clock, cid=_OFFLINE_CID, network=network, udp=False, back_s=0.0)
