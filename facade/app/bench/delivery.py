"""What sending costs beside other programs on the same machine in the same minute: a hundred thousand pixels.

589 universes of Art-Net, 32 a controller, packet assembly included: facade's own way out, a sender written in C (one
call a packet, one a burst, and bursts that the kernel cuts), and the Python libraries that are installed. A process
reads what arrives over loopback, so every figure holds the kernel's half of receiving too; sent elsewhere (``hosts``)
it does not. The ways take turns, and the median of the rounds counts.
"""

from __future__ import annotations

import asyncio
import importlib
import shutil
import socket
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import numpy as np

from facade.app.bench.drain import Drain
from facade.app.bench.figures import Aim
from facade.app.bench.machine import own_cpu_s
from facade.app.bench.send import gigabit_packets_per_s
from facade.app.synthetic import PIXELS_PER_UNIVERSE, UNIVERSES_PER_CONTROLLER, wall
from facade.config.loader import Hardware, load_hardware
from facade.core import places
from facade.core.clock import Clock, RealClock
from facade.delivery.dispatch import Dispatch
from facade.mapping.model import ControllerPatch
from facade.outputs.build import build_senders
from facade.outputs.slab import PacketSlab

UNIVERSES = 589
SLOTS = 3 * PIXELS_PER_UNIVERSE
PACKET_BYTES = 18 + SLOTS
ROUNDS = 3
DEFAULT_SECONDS = 0.5
C_WAYS = ("send", "sendmmsg", "segments")

Address = tuple[str, int]
Sample = tuple[float, float, float]
"""Packets, seconds, processor seconds."""


@dataclass(frozen=True, slots=True)
class SenderCost:
    """One sender. packets_per_s: as fast as it goes. cpu_us: processor microseconds a packet.

    of_best_c: cpu_us over the cheapest C sender's, 0 without one. gigabit_core: share of a core that 1 Gb/s takes.
    """

    sender: str
    packets_per_s: float
    cpu_us: float
    of_best_c: float
    gigabit_core: float


@dataclass(frozen=True, slots=True)
class DeliveryCost:
    """All senders, facade first. absent: those that are not on this machine, with the reason."""

    universes: int
    per_controller: int
    packet_bytes: int
    gigabit_per_s: float
    senders: tuple[SenderCost, ...]
    absent: tuple[tuple[str, str], ...]


def measure(
    *,
    seconds: float | None = None,
    hosts: Sequence[Address] | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> DeliveryCost:
    """Measure every sender. hosts: where to send, in turn; a process of our own on loopback if None."""
    if hosts is not None:
        return _measure(hosts, seconds or DEFAULT_SECONDS, say)
    with Drain() as drain:
        return _measure([("127.0.0.1", drain.ports[0])], seconds or DEFAULT_SECONDS, say)


def aims(result: DeliveryCost) -> list[Aim]:
    """As cheap as C, much cheaper than the libraries, and a gigabit from a tenth of a core."""
    cost = {each.sender: each for each in result.senders}
    ours = cost["facade"]
    found = []
    if ours.of_best_c:
        found.append(
            Aim("CPU a packet, of the best C sender's", "1.1 ×", f"{ours.of_best_c:.2f} ×", ours.of_best_c <= 1.1)
        )
    for name, times in (("stupidArtnet", 4.0), ("sacn", 50.0)):
        if name in cost:
            ratio = cost[name].cpu_us / ours.cpu_us
            found.append(Aim(f"cheaper than {name}", f"{times:g} ×", f"{ratio:.1f} ×", ratio >= times))
    share = ours.gigabit_core
    found.append(Aim("a full gigabit, share of a core", "10 %", f"{share:.1%}", share <= 0.10))
    return found


def _measure(hosts: Sequence[Address], seconds: float, say: Callable[[str], None]) -> DeliveryCost:
    runs: dict[str, Callable[[float], Sample]] = {"facade": _facade(hosts)}
    absent: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        program = _compiled(Path(folder))
        if program is None:
            absent.append(("C", "there is no C compiler (cc): apt-get install gcc libc6-dev"))
        else:
            runs |= {f"C {way}": _c_sender(program, way, hosts) for way in C_WAYS}
        for name, make in LIBRARIES.items():
            try:
                runs[name] = make(hosts)
            except ImportError:
                absent.append((name, f"not installed: pip install {name}"))
        samples: dict[str, list[Sample]] = {name: [] for name in runs}
        for round_ in range(ROUNDS):
            for name, run in runs.items():
                say(f"delivery: {name}, round {round_ + 1} of {ROUNDS}")
                samples[name].append(run(seconds))
    return _summed(samples, tuple(absent))


def _summed(samples: dict[str, list[Sample]], absent: tuple[tuple[str, str], ...]) -> DeliveryCost:
    cost = {name: statistics.median(cpu_s / n for n, _, cpu_s in found) for name, found in samples.items()}
    best_c = min((cost[f"C {way}"] for way in C_WAYS if f"C {way}" in cost), default=0.0)
    limit = gigabit_packets_per_s(PACKET_BYTES)
    return DeliveryCost(
        universes=UNIVERSES,
        per_controller=UNIVERSES_PER_CONTROLLER,
        packet_bytes=PACKET_BYTES,
        gigabit_per_s=limit,
        senders=tuple(
            SenderCost(
                sender=name,
                packets_per_s=statistics.median(n / wall_s for n, wall_s, _ in found),
                cpu_us=cost[name] * 1e6,
                of_best_c=cost[name] / best_c if best_c else 0.0,
                gigabit_core=cost[name] * limit,
            )
            for name, found in samples.items()
        ),
        absent=absent,
    )


def _facade(hosts: Sequence[Address]) -> Callable[[float], Sample]:
    """Delivery's own way: slab, turns, connected sockets, accounts. No light is made, and none in any other row."""
    hardware = load_hardware(places.hardware())
    # A profile without a port to pace for, and without closing packets, which the others do not send either.
    plain = hardware.controllers["artnet_pixel"].model_copy(
        update={"sync": False, "max_mbit": 0.0, "max_rate_hz": 1000.0}
    )
    shelf = Hardware(hardware.fixtures, {**hardware.controllers, "artnet_pixel": plain})
    pixels, patch = wall(UNIVERSES * PIXELS_PER_UNIVERSE, shelf)
    controllers = tuple(_at(controller, hosts[i % len(hosts)]) for i, controller in enumerate(patch.controllers))
    slab, clock = PacketSlab(replace(patch, controllers=controllers), cid=uuid4()), RealClock()
    dispatch = Dispatch(slab, build_senders(slab, clock=clock), rate_hz=40.0, always_send=True)
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, pixels.n_levels + 256, dtype=np.uint8) for _ in range(2)]
    n_packets = sum(len(block.patch.universes) for block in slab.blocks)

    def send(frame: int) -> int:
        dispatch.send(frames[frame % 2], now=0.0, frame=frame)
        return n_packets

    return lambda seconds: _timed(send, clock, seconds)


def _at(controller: ControllerPatch, address: Address) -> ControllerPatch:
    moved = controller.controller.model_copy(update={"host": address[0], "port": address[1]})
    return replace(controller, controller=moved)


def _timed(send: Callable[[int], int], clock: Clock, seconds: float) -> Sample:
    send(0)
    sent, frame, began, cpu = 0, 0, clock.now(), own_cpu_s()
    while clock.now() - began < seconds:
        frame += 1
        sent += send(frame)
    return float(sent), clock.now() - began, own_cpu_s() - cpu


def _compiled(folder: Path) -> Path | None:
    """Return the C sender, compiled; None where that cannot be done."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    program = folder / "c_sender"
    source = Path(__file__).with_name("c_sender.c")
    done = subprocess.run([compiler, "-O2", "-o", str(program), str(source)], capture_output=True, check=False)
    return program if done.returncode == 0 else None


def _c_sender(program: Path, way: str, hosts: Sequence[Address]) -> Callable[[float], Sample]:
    where = [f"{host}:{port}" for host, port in hosts]

    def run(seconds: float) -> Sample:
        command = [str(program), way, str(seconds), str(UNIVERSES), str(UNIVERSES_PER_CONTROLLER), *where]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 30).stdout.split()
        return float(said[0]), float(said[1]), float(said[2])

    return run


def _frames() -> list[list[bytes]]:
    """Return two frames as lists of universes."""
    rng = np.random.default_rng(0)
    return [[rng.integers(0, 256, SLOTS, np.uint8).tobytes() for _ in range(UNIVERSES)] for _ in range(2)]


def _host(hosts: Sequence[Address], universe: int) -> Address:
    return hosts[universe // UNIVERSES_PER_CONTROLLER % len(hosts)]


def _sacn(hosts: Sequence[Address]) -> Callable[[float], Sample]:
    """Its packets over a socket of ours: its own sender closes frames by multicast, which would leave the machine."""
    library, frames = importlib.import_module("sacn.messages.data_packet"), _frames()
    cid = tuple(uuid4().bytes)

    def run(seconds: float) -> Sample:
        packets = [library.DataPacket(cid=cid, sourceName="bench", universe=u + 1) for u in range(UNIVERSES)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:

            def send(frame: int) -> int:
                for universe, (packet, data) in enumerate(zip(packets, frames[frame % 2], strict=True)):
                    packet.dmxData = data
                    packet.sequence_increase()
                    end.sendto(bytearray(packet.getBytes()), _host(hosts, universe))
                return UNIVERSES

            return _timed(send, RealClock(), seconds)

    return run


def _stupid_artnet(hosts: Sequence[Address]) -> Callable[[float], Sample]:
    library, frames = importlib.import_module("stupidArtnet"), _frames()

    def run(seconds: float) -> Sample:
        senders = []
        for universe in range(UNIVERSES):
            host, port = _host(hosts, universe)
            # Its universe number ends at 255; what it costs does not depend on it.
            senders.append(library.StupidArtnet(host, universe % 256, SLOTS, port=port))

        def send(frame: int) -> int:
            for sender, data in zip(senders, frames[frame % 2], strict=True):
                sender.set(data)
                sender.show()
            return UNIVERSES

        try:
            return _timed(send, RealClock(), seconds)
        finally:
            for sender in senders:
                sender.close()

    return run


def _pyartnet(hosts: Sequence[Address]) -> Callable[[float], Sample]:
    library, frames = importlib.import_module("pyartnet"), _frames()
    values = [[list(data) for data in frame] for frame in frames]

    async def measured(seconds: float) -> Sample:
        nodes = {address: library.ArtNetNode.create(*address, max_fps=1000) for address in set(hosts)}
        for node in nodes.values():
            await node.__aenter__()
        universes = [nodes[_host(hosts, u)].add_universe(u) for u in range(UNIVERSES)]
        channels = [universe.add_channel(1, SLOTS) for universe in universes]

        def send(frame: int) -> int:
            for universe, channel, data in zip(universes, channels, values[frame % 2], strict=True):
                channel.set_values(data)
                universe.send_data()
            return UNIVERSES

        result = _timed(send, RealClock(), seconds)
        for node in nodes.values():
            await node.__aexit__(None, None, None)
        return result

    return lambda seconds: asyncio.run(measured(seconds))


LIBRARIES: dict[str, Callable[[Sequence[Address]], Callable[[float], Sample]]] = {
    "stupidArtnet": _stupid_artnet,
    "sacn": _sacn,
    "pyartnet": _pyartnet,
}
"""Senders in Python by others, by the name they are installed under."""
