"""The Open Lighting daemon as a receiver, on a network of its own.

olad listens on the protocols' fixed ports and wants an interface with a broadcast address, so it gets a network
namespace joined to ours by a veth pair: nothing of it is seen outside, and two runs never meet. Addresses come from
198.18.0.0/15, which RFC 2544 sets aside for tests.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests.support.peers import absent, child, need_program

HTTP_PORT = 9090
START_S = 20.0
_IDLE_PLUGINS = (
    "dummy",
    "espnet",
    "ftdidmx",
    "gpio",
    "karate",
    "kinet",
    "milinst",
    "opendmx",
    "openpixelcontrol",
    "osc",
    "pathport",
    "renard",
    "sandnet",
    "shownet",
    "spi",
    "stageprofi",
    "uartdmx",
    "usbdmx",
    "usbserial",
)


@dataclass(frozen=True)
class Net:
    """A namespace with one interface. here: our end of the wire; there: its end; nobody: an address that is silent."""

    name: str
    here: str
    there: str
    nobody: str


@contextlib.contextmanager
def network() -> Iterator[Net]:
    """Make a namespace and a wire to it. Skips, in CI fails, where this is not permitted."""
    ip = need_program("ip", "iproute2")
    if os.geteuid() != 0:
        absent("a network namespace needs root")
    tag = os.getpid() % 100_000
    prefix = f"198.{18 + tag % 2}.{tag // 2 % 254}"
    net = Net(f"facade{tag}", f"{prefix}.2", f"{prefix}.1", f"{prefix}.9")
    ours, theirs = f"fc{tag}", f"fd{tag}"
    inside = [ip, "-n", net.name]
    try:
        _run([ip, "netns", "add", net.name])
        _run([ip, "link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", net.name])
        _run([ip, "addr", "add", f"{net.here}/24", "brd", "+", "dev", ours])
        _run([ip, "link", "set", ours, "up"])
        _run([*inside, "addr", "add", f"{net.there}/24", "brd", "+", "dev", theirs])
        _run([*inside, "link", "set", theirs, "up"])
        _run([*inside, "link", "set", "lo", "up"])
    except subprocess.CalledProcessError as error:
        subprocess.run([ip, "netns", "del", net.name], capture_output=True, timeout=10, check=False)
        absent(f"this machine permits no network namespace: {error.stderr.decode().strip()}")
    try:
        yield net
    finally:
        subprocess.run([ip, "link", "del", ours], capture_output=True, timeout=10, check=False)
        subprocess.run([ip, "netns", "del", net.name], capture_output=True, timeout=10, check=False)


class Olad:
    """A running daemon; asked over its HTTP interface."""

    def __init__(self, net: Net, log: Path) -> None:
        self.net = net
        self._log = log

    def get(self, path: str, *, form: dict[str, str] | None = None) -> Any:
        """Fetch a JSON answer; form: send as a POST."""
        body = None if form is None else urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(f"http://{self.net.there}:{HTTP_PORT}{path}", data=body, timeout=5) as answer:
            return json.load(answer)

    def listen(self, device: str, universe: int) -> None:
        """Make a universe and feed it from the first free input port of a device ("ArtNet", "E1.31")."""
        ports = [p for p in self.get("/json/get_ports") if device in p["device"] and not p["is_output"]]
        form = {"id": str(universe), "name": f"{device} {universe}", "add_ports": ports[0]["id"]}
        answer = self.get("/new_universe", form=form)
        assert answer["ok"], f"{answer}\n{self._log.read_text()}"

    def say(self, device: str, universe: int, levels: bytes) -> None:
        """Make a universe if there is none, give it the first free output port of a device, and set its levels."""
        ports = [p for p in self.get("/json/get_ports") if device in p["device"] and p["is_output"]]
        if ports:
            self.get("/new_universe", form={"id": str(universe), "name": device, "add_ports": ports[0]["id"]})
        body = urllib.parse.urlencode({"u": str(universe), "d": ",".join(map(str, levels))}).encode()
        with urllib.request.urlopen(f"http://{self.net.there}:{HTTP_PORT}/set_dmx", data=body, timeout=5) as answer:
            answer.read()

    def dmx(self, universe: int) -> bytes:
        """The levels of a universe as the daemon has them now."""
        return bytes(self.get(f"/get_dmx?u={universe}")["dmx"])

    def wait_for(self, universe: int, levels: bytes, *, again: Any, seconds: float = 10.0) -> bytes:
        """Call again() until the universe shows levels, at most seconds; return what it shows then."""
        deadline = time.monotonic() + seconds
        while True:
            again()
            shown = self.dmx(universe)
            if shown == levels or time.monotonic() > deadline:
                return shown
            time.sleep(0.02)


@contextlib.contextmanager
def running(net: Net, plugins: Mapping[str, str] = MappingProxyType({})) -> Iterator[Olad]:
    """Run a daemon inside net, with Art-Net and sACN. It refuses to run as root, so it runs as nobody.

    plugins: configuration of further ones, by name.
    """
    command, setpriv = need_program("olad", "ola"), need_program("setpriv", "util-linux")
    with tempfile.TemporaryDirectory(prefix="olad-") as name:
        folder = Path(name)
        _configure(folder, plugins)
        line = ["ip", "netns", "exec", net.name, setpriv, "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        line += [command, "-c", name, "-p", str(HTTP_PORT), "--no-register-with-dns-sd", "-l", "3"]
        log = folder / "olad.log"
        with child(line, log=log) as process:
            daemon = Olad(net, log)
            _wait_until_up(daemon, process, log)
            yield daemon


def _configure(folder: Path, plugins: Mapping[str, str]) -> None:
    for plugin, text in plugins.items():
        (folder / f"ola-{plugin}.conf").write_text(f"enabled = true\n{text}")
    for plugin in set(_IDLE_PLUGINS) - set(plugins):
        (folder / f"ola-{plugin}.conf").write_text("enabled = false\n")
    (folder / "ola-artnet.conf").write_text("enabled = true\noutput_ports = 4\n")
    (folder / "ola-e131.conf").write_text("enabled = true\ninput_ports = 8\n")
    for path in [folder, *folder.iterdir()]:
        shutil.chown(path, "nobody", "nogroup")


def _wait_until_up(daemon: Olad, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            names = {p["device"] for p in daemon.get("/json/get_ports")}
            if any("ArtNet" in n for n in names) and any("E1.31" in n for n in names):
                return
        time.sleep(0.1)
    raise AssertionError(f"olad did not come up within {START_S:g} s:\n{log.read_text()[-4000:]}")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=10)
