"""Discovery over a real wire, through the command, of devices that a small program of its own plays.

The program writes ArtPollReply, DDP status and WLED's JSON by their published layouts, not by facade's encoders.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support import olad
from tests.support.watched import Show

pytestmark = pytest.mark.timeout(90)

DEVICES = r"""
import http.server, json, select, socket, sys, threading
prefix = sys.argv[1]
def reply(address, name, outputs):
    ports = bytes([0x80] * len(outputs)).ljust(4, b"\0")
    out = b"Art-Net\0\x00\x21" + socket.inet_aton(address) + b"\x36\x19" + b"\x02\x05" + bytes([0, outputs[0] >> 4])
    out += b"\0\0\0\0\0\0" + name.encode().ljust(18, b"\0") + b"A node".ljust(64, b"\0") + bytes(64)
    out += bytes([0, len(outputs)]) + ports + bytes(4) + b"\x88\x80\0\0" + bytes(4)
    out += bytes(u & 15 for u in outputs).ljust(4, b"\0")
    return out.ljust(201, b"\0") + bytes.fromhex("020000000045") + bytes(32)
def console(address, universe):
    out = bytearray(reply(address, "Console", [0]))
    out[174], out[186] = 0x40, universe
    return bytes(out)
def udp(address, port):
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.bind((address, port))
    return link
# Bound to everything, as broadcasts want it; answers as the node that has moved.
art, ddp = udp("", 6454), udp(prefix + ".46", 4048)
sender, loud = udp(prefix + ".45", 0), udp(prefix + ".47", 0)
loud.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
class Info(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"name": "Lobby", "ver": "0.15.0", "brand": "WLED", "leds": {"count": 60}}).encode()
        self.send_response(200); self.end_headers(); self.wfile.write(body)
    def log_message(self, *args): pass
web = http.server.HTTPServer((prefix + ".47", 80), Info)
threading.Thread(target=web.serve_forever, daemon=True).start()
print("ready", flush=True)
while True:
    for link in select.select([art, ddp], [], [])[0]:
        data, who = link.recvfrom(2000)
        if link is art and data[:10] == b"Art-Net\0\x00\x20":
            sender.sendto(reply(prefix + ".45", "Tower", [1, 2]), (who[0], 6454))
            ddp.sendto(console(prefix + ".46", 2), (who[0], 6454))
            dmx = b"Art-Net\0\x00\x50\0\x0e\0\0\x01\0\0\x02\0\0"
            loud.sendto(dmx, (prefix + ".255", 6454))
        if link is ddp and data[:1] == b"\x42" and data[3] == 251:
            told = json.dumps({"status": {"man": "Maker", "mod": "Strip", "ver": "1.4", "mac": "02"}}).encode()
            link.sendto(b"\x44\0\0\xfb\0\0\0\0" + len(told).to_bytes(2, "big") + told, who)
"""

VENUE = """\
schema = 1
[venue]
id = "wire"
name = "On a wire"
[surface.front]
size_m = [60.0, 2.0]
"""

PART = """
[controller.{name}]
profile = "{profile}"
host = "{host}"
[fixture.{name}_row]
profile = "rgb_node"
surface = "front"
shape = "strip"
count = {count}
at_m = [0.5, 0.5]
end_m = [59.5, 0.5]
[[fixture.{name}_row.segment]]
controller = "{name}"
universe = {universe}
"""


@pytest.fixture(scope="module")
def wire():
    with olad.network() as net:
        prefix = net.there.rpartition(".")[0]
        card = f"fd{net.name.removeprefix('facade')}"
        for last in (45, 46, 47):
            add = ["ip", "-n", net.name, "addr", "add", f"{prefix}.{last}/24", "dev", card]
            subprocess.run(add, check=True, timeout=10)
        command = ["ip", "netns", "exec", net.name, sys.executable, "-c", DEVICES, prefix]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as devices:
            assert devices.stdout.readline() == "ready\n"
            yield prefix
            devices.terminate()


def test_each_controller_is_told_what_the_network_says_of_it(wire, tmp_path):
    parts = [
        ("moved", "artnet_node", f"{wire}.20", 300, 1),
        ("status", "ddp_pixel", f"{wire}.46", 60, 0),
        ("short", "wled_rgb", f"{wire}.47", 100, 0),
        ("off", "ddp_pixel", f"{wire}.9", 60, 0),
    ]
    (tmp_path / "wire").mkdir()
    file = tmp_path / "wire" / "venue.toml"
    names = ("name", "profile", "host", "count", "universe")
    file.write_text(VENUE + "".join(PART.format(**dict(zip(names, part, strict=True))) for part in parts))

    command = [sys.executable, "-m", "facade", "venue", "test", str(file), "--discover", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert result.returncode == 1, result.stderr
    remarks = {r["name"]: r for r in json.loads(result.stdout)["remarks"]}
    assert {name: r["state"] for name, r in remarks.items() if name in ("moved", "status", "short", "off")} == {
        "moved": "elsewhere",
        "status": "ok",
        "short": "universes",
        "off": "missing",
    }
    assert f'host = "{wire}.45"' in remarks["moved"]["fix"]
    assert (remarks["moved"]["firmware"], remarks["status"]["firmware"]) == ("0x0205", "1.4")
    assert remarks["status"]["found"] == '"Maker Strip"'
    assert remarks["short"]["found"] == '"Lobby" has 60 pixels; the patch sends it 100'


def test_others_who_send_art_net_are_noticed_by_what_they_and_the_nodes_say(wire, tmp_path):
    show = Show(tmp_path, {"tower": {"host": f"{wire}.45", "protocol": "artnet"}}, universes=2)

    assert show.until(lambda: len(show.engine.health().others) == 3, seconds=10), show.engine.health().others
    told = {(o.where, o.universes) for o in show.engine.health().others}
    show.engine.close(fade_s=0.0)

    assert told == {
        (f"{wire}.46", (2,)),
        (f"{wire}.47", (1,)),
        (f'somebody ("Tower" at {wire}.45 mixes two sources)', (1,)),
    }
