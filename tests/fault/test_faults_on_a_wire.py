"""Everything a network can do to a sender, done for real: two namespaces with wires between them, and one delivery.

Each controller meets a fault of its own, made with ip, tc and nft, while one more gets every frame. Then the faults are
taken away and every controller is lit again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass

import pytest

from tests.support.peers import absent, need_program
from tests.support.playable import ROOT

pytestmark = pytest.mark.timeout(90)

UNIVERSES = 4
RATE_HZ = 100.0
FAULT_FRAMES = 450
MOST_BACK_S = 6.0
"""The longest pause is 1.6 s; ARP and a cable take the kernel a second or two."""

# Counts ArtDmx by the address it came to, until its input ends.
COUNTER = """
import json, select, socket, sys
links = {}
for host in sys.argv[1:]:
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)
    link.bind((host, 6454))
    link.setblocking(False)
    links[link] = host
counts = dict.fromkeys(links.values(), 0)
print("ready", flush=True)
while True:
    ready = select.select([*links, sys.stdin], [], [], 10)[0]
    if sys.stdin in ready and ready == [sys.stdin] or not ready:
        break
    for link in ready:
        if link is not sys.stdin:
            try:
                while True:
                    counts[links[link]] += link.recv(2000)[8:10] == b"\\0\\x50"
            except BlockingIOError:
                pass
print(json.dumps(counts), flush=True)
"""

# Delivers beside the faults. Says "faulty" and "over" with the health of all, and waits to be answered in between.
SENDER = """
import json, sys
from dataclasses import asdict
from uuid import uuid4
import numpy as np
from facade.core.clock import RealClock
from facade.core.frame import PixelFrame, Tick
from facade.delivery.build import build_delivery
from facade.outputs import udp
from facade.outputs.identity import Identity
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

job = json.loads(sys.argv[1])
udp.SEND_BUFFER = 1 << 16  # so that a slow link fills it within the test
clock = RealClock()
hosts = job["hosts"]
pixels = pixel_map([RGB_LINEAR], [170 * job["universes"] * len(hosts)], rate_hz=job["rate_hz"])
controllers = {name: {"host": host, "protocol": "artnet", "max_rate_hz": 1000.0} for name, host in hosts.items()}
engine = build_delivery(
    pixels, patch_of(pixels, controllers=controllers), clock=clock, cid=uuid4(), back_s=0.0,
    identity=Identity(uuid4(), kept=False),
)
engine.offer(PixelFrame(Tick(0, 0.0, 0.025), np.full((pixels.n_pixels, 3), 0.5, np.float32)))
frames = 0

def deliver(n, until=lambda: False):
    global frames
    deadline = clock.now()
    for _ in range(n):
        engine.step()
        frames += 1
        deadline += 1.0 / job["rate_hz"]
        clock.wait_until(deadline)
        if until():
            return

def say(word):
    outputs = {o.name: asdict(o) for o in engine.health().outputs}
    print(json.dumps({"word": word, "frames": frames, "outputs": outputs}), flush=True)

deliver(20)
say("before")
sys.stdin.readline()
deliver(job["fault_frames"])
say("faulty")
sys.stdin.readline()
deliver(job["back_frames"], until=lambda: frames % 20 == 0 and all(
    o.state == "live" and not o.problem for o in engine.health().outputs))
deliver(20)
engine.close(fade_s=0.0)
say("over")
"""


@dataclass(frozen=True)
class Fault:
    """host: last byte of the controller's address; wire: which wire leads there. make, undo: in the sender's namespace.

    state: what health says meanwhile; words: a part of the problem.
    """

    host: int
    make: tuple[str, ...]
    undo: tuple[str, ...]
    words: str
    state: str = "failed"
    wire: int = 0


FAULTS = {
    "firewall": Fault(
        11,
        (
            "nft add table ip facade",
            "nft add chain ip facade out { type filter hook output priority 0 ; }",
            "nft add rule ip facade out ip daddr {host} drop",
        ),
        ("nft delete table ip facade",),
        "a firewall on this machine forbids it",
    ),
    "prohibited": Fault(
        12, ("ip route add prohibit {host}",), ("ip route del prohibit {host}",), "this machine forbids it"
    ),
    "unreachable": Fault(
        13, ("ip route add unreachable {host}",), ("ip route del unreachable {host}",), "the host does not answer"
    ),
    "no route": Fault(
        14, ("ip route add throw {host}",), ("ip route del throw {host}",), "no network reaches it: check the cable"
    ),
    "closed": Fault(15, ("there ip addr add {host}/32 dev lo",), (), "is on, but nothing listens on that port"),
    "cable": Fault(11, ("ip link set {dev} down",), ("ip link set {dev} up",), "no network reaches it", wire=1),
    "slow": Fault(
        11,
        ("tc qdisc add dev {dev} root tbf rate 1kbit burst 2000 limit 100000000",),
        ("tc qdisc del dev {dev} root",),
        "the send buffer is full",
        wire=2,
    ),
    "silent": Fault(
        11,
        ("there ip link set {far} arp off", "there ip neigh flush dev {far}", "ip neigh flush dev {dev}"),
        ("there ip link set {far} arp on",),
        "",
        state="",
        wire=3,
    ),
}


class Bench:
    """Two namespaces and four wires."""

    def __init__(self) -> None:
        tag = os.getpid() % 100_000
        self.here, self.there = f"fwa{tag}", f"fwb{tag}"
        self.nets = [f"198.{18 + tag % 2}.{(tag + k) % 250}" for k in range(4)]
        self.devices = [(f"fwc{k}", f"fwd{k}") for k in range(4)]

    def open(self) -> None:
        for name in (self.here, self.there):
            run(f"ip netns add {name}")
            run(f"ip -n {name} link set lo up")
        for net, (dev, far) in zip(self.nets, self.devices, strict=True):
            run(f"ip -n {self.here} link add {dev} type veth peer name {far} netns {self.there}")
            run(f"ip -n {self.here} addr add {net}.2/24 dev {dev}")
            run(f"ip -n {self.here} link set {dev} up")
            run(f"ip -n {self.there} link set {far} up")
            for last in (1, *range(11, 15)):
                run(f"ip -n {self.there} addr add {net}.{last}/24 dev {far}")

    def do(self, command: str, fault: Fault) -> None:
        dev, far = self.devices[fault.wire]
        name = self.there if command.startswith("there ") else self.here
        words = command.removeprefix("there ").replace("{host}", self.address(fault))
        run(f"ip netns exec {name} {words.replace('{dev}', dev).replace('{far}', far)}")

    def address(self, fault: Fault) -> str:
        return f"{self.nets[fault.wire]}.{fault.host}"

    def close(self) -> None:
        for name in (self.here, self.there):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, timeout=10, check=False)


def run(command: str) -> None:
    subprocess.run(command.split(), check=True, capture_output=True, timeout=10)


@pytest.fixture
def bench():
    need_program("ip", "iproute2")
    need_program("tc", "iproute2")
    need_program("nft", "nftables")
    if os.geteuid() != 0:
        absent("a network namespace needs root")
    made = Bench()
    try:
        made.open()
    except subprocess.CalledProcessError as error:
        made.close()
        absent(f"this machine permits no network namespace: {error.stderr.decode().strip()}")
    yield made
    made.close()


def test_whatever_a_network_does_is_told_costs_the_others_no_frame_and_passes(bench):
    alive = f"{bench.nets[0]}.1"
    hosts = {"alive": alive, **{name: bench.address(fault) for name, fault in FAULTS.items()}}
    counted = [host for name, host in hosts.items() if name != "closed"]
    job = {
        "hosts": hosts,
        "universes": UNIVERSES,
        "rate_hz": RATE_HZ,
        "fault_frames": FAULT_FRAMES,
        "back_frames": round(MOST_BACK_S * RATE_HZ),
    }
    receiver = started(bench.there, COUNTER, *counted)
    assert receiver.stdout.readline() == "ready\n"
    sender = started(bench.here, SENDER, json.dumps(job))
    watchdog = threading.Timer(60.0, sender.kill)
    watchdog.start()
    try:
        before = json.loads(sender.stdout.readline())
        for fault in FAULTS.values():
            for command in fault.make:
                bench.do(command, fault)
        answer(sender)
        faulty = json.loads(sender.stdout.readline())
        for fault in FAULTS.values():
            for command in fault.undo:
                bench.do(command, fault)
        # What was closed listens now.
        late = started(bench.there, COUNTER, bench.address(FAULTS["closed"]))
        assert late.stdout.readline() == "ready\n"
        answer(sender)
        over = json.loads(sender.stdout.readline())
    finally:
        watchdog.cancel()
        sender.communicate(timeout=10)
    counts = json.loads(receiver.communicate(timeout=20)[0]) | json.loads(late.communicate(timeout=20)[0])

    assert {name: o["state"] for name, o in before["outputs"].items() if o["state"] != "live"} in (
        {},
        {"closed": "failed"},
    )
    for name, fault in FAULTS.items():
        output = faulty["outputs"][name]
        assert output["state"] == (fault.state or output["state"]), (name, output)
        assert fault.words in output["problem"], (name, output)
        # Three strikes, then pauses of 50 ms doubling to 1.6 s.
        assert output["errors"] <= 24, (name, output)
        assert over["outputs"][name]["state"] == "live", (name, over["outputs"][name])
        assert counts[hosts[name]] > 0
    # Closing adds the last frame of the fade, one black frame and three more.
    assert counts[alive] == (over["frames"] + 5) * UNIVERSES
    assert faulty["outputs"]["alive"]["errors"] == 0


def started(name, script, *arguments):
    return subprocess.Popen(
        ["ip", "netns", "exec", name, sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def answer(process):
    process.stdin.write("\n")
    process.stdin.flush()
