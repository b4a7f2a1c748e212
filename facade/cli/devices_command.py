"""``facade devices``: what is plugged into this machine, and whether it works."""

from __future__ import annotations

from dataclasses import asdict

import click

from facade.app.wiring import gpu_without_screen
from facade.cli.options import json_option
from facade.cli.tables import show_json, show_table
from facade.core.clock import RealClock
from facade.core.errors import MachineError
from facade.inputs.ports import midi_ports, serial_ports
from facade.outputs.discovery import ArtNode, discover_artnet
from facade.outputs.interfaces import interfaces


@click.command("devices")
@json_option
@click.option("--discover", is_flag=True, help="Also ask every network for Art-Net nodes; takes three seconds.")
def command(as_json: bool, discover: bool) -> None:
    """List MIDI and serial ports, network interfaces and the GL renderer.

    Names in the first column are what a show's [input.…] port takes.
    """
    midi, midi_problem = midi_ports()
    serial = serial_ports()
    networks = [(i.name, i.address, i.broadcast, "up" if i.up else "down") for i in interfaces()]
    try:
        with gpu_without_screen() as gpu:
            renderer = gpu.renderer
    except MachineError as error:
        renderer = f"none: {error}"
    nodes = (
        _nodes([broadcast for _, _, broadcast, state in networks if broadcast and state == "up"]) if discover else ()
    )
    if as_json:
        found = {"artnet": [asdict(node) for node in nodes]} if discover else {}
        show_json({"midi": midi, "serial": serial, "network": networks, "gl": renderer, **found})
        return
    show_table("MIDI ports", ("name",), [(name,) for name in midi])
    if midi_problem:
        click.echo(f"{midi_problem}\n")
    show_table("Serial ports", ("name", "device", "what it says it is"), serial)
    show_table("Network interfaces", ("name", "address", "broadcast", "state"), networks)
    if discover:
        rows = [(n.answered_from, n.name, ", ".join(map(str, n.outputs)), f"{n.firmware:#06x}", n.mac) for n in nodes]
        show_table("Art-Net nodes", ("address", "name", "universes it shows", "firmware", "MAC"), rows)
    click.echo(f"OpenGL renderer: {renderer}")


def _nodes(broadcasts: list[str]) -> tuple[ArtNode, ...]:
    return discover_artnet(broadcasts, clock=RealClock()) if broadcasts else ()
