"""``facade devices``: what is plugged into this machine, and whether it works."""

from __future__ import annotations

import socket
import struct
import sys
from typing import Any

import click

from facade.app.wiring import gpu_without_screen
from facade.cli.options import json_option
from facade.cli.tables import show_json, show_table
from facade.core.errors import MachineError
from facade.inputs.ports import midi_ports, serial_ports


@click.command("devices")
@json_option
def command(as_json: bool) -> None:
    """List MIDI and serial ports, network interfaces and the GL renderer.

    Names in the first column are what a show's [input.…] port takes.
    """
    midi, midi_problem = midi_ports()
    serial = serial_ports()
    networks = list(_interfaces())
    try:
        with gpu_without_screen() as gpu:
            renderer = gpu.renderer
    except MachineError as error:
        renderer = f"none: {error}"
    if as_json:
        show_json({"midi": midi, "serial": serial, "network": networks, "gl": renderer})
        return
    show_table("MIDI ports", ("name",), [(name,) for name in midi])
    if midi_problem:
        click.echo(f"{midi_problem}\n")
    show_table("Serial ports", ("name", "device", "what it says it is"), serial)
    show_table("Network interfaces", ("name", "address", "broadcast", "state"), networks)
    click.echo(f"OpenGL renderer: {renderer}")


def _interfaces() -> Any:
    """Yield (name, IPv4 address, broadcast address, up or down) of every interface."""
    if sys.platform != "linux":
        for _, name in socket.if_nameindex():
            yield name, "", "", ""
        return
    import fcntl

    get_address, get_broadcast, get_flags, is_up = 0x8915, 0x8919, 0x8913, 1

    def ask(name: str, request: int) -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            try:
                return fcntl.ioctl(end, request, struct.pack("256s", name.encode()[:15]))
            except OSError:
                return b""

    for _, name in socket.if_nameindex():
        address, broadcast, flags = (ask(name, request) for request in (get_address, get_broadcast, get_flags))
        up = "up" if flags and struct.unpack_from("<H", flags, 16)[0] & is_up else "down"
        shown = [socket.inet_ntoa(raw[20:24]) if raw else "" for raw in (address, broadcast)]
        yield name, shown[0], "" if shown[1] == "0.0.0.0" else shown[1], up
