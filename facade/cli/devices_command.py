"""``facade devices``: what is plugged into this machine, and whether it works."""

from __future__ import annotations

import click

from facade.app.wiring import gpu_without_screen
from facade.cli.options import json_option
from facade.cli.survey_tables import show_survey, survey_json, survey_of
from facade.cli.tables import show_json, show_table
from facade.core.errors import MachineError
from facade.inputs.ports import audio_devices, midi_ports, serial_ports
from facade.media.camera import cameras
from facade.outputs.interfaces import interfaces


@click.command("devices")
@json_option
@click.option("--discover", is_flag=True, help="Also ask every network what is on it; takes ten seconds.")
@click.option("--venue", metavar="VENUE", help="Name or path: with --discover, compare what is found with its patch.")
def command(as_json: bool, discover: bool, venue: str | None) -> int:
    """List MIDI and serial ports, sound, cameras, networks and GL; with --discover, what is on the network.

    Names in the first column are what a show's [input.…] port or device takes; an image parameter takes camera:NAME.
    Exit status 1 if something on the network wants a person.

    \b
    Examples:
      facade devices
      facade devices --discover --venue my_venue/venue.toml
    """
    if venue is not None and not discover:
        raise click.UsageError("--venue is compared with what --discover finds: add --discover.")
    midi, midi_problem = midi_ports()
    serial = serial_ports()
    sound, sound_problem = audio_devices()
    seen = [(camera.name, camera.url) for camera in cameras()]
    networks = [(i.name, i.address, i.broadcast, "up" if i.up else "down") for i in interfaces()]
    try:
        with gpu_without_screen() as gpu:
            renderer = gpu.renderer
    except MachineError as error:
        renderer = f"none: {error}"
    asked = survey_of(venue, {}) if discover else None
    status = 0 if asked is None or all(remark.is_fine for remark in asked[1]) else 1
    if as_json:
        found = {} if asked is None else survey_json(*asked)
        show_json(
            {
                "midi": midi,
                "serial": serial,
                "sound": sound,
                "cameras": seen,
                "network": networks,
                "gl": renderer,
                **found,
            }
        )
        return status
    show_table("MIDI ports", ("name",), [(name,) for name in midi])
    show_table("Serial ports", ("name", "device", "what it says it is"), serial)
    show_table("Sound inputs", ("name", "channels", "Hz"), [(n, c, f"{hz:g}") for n, c, hz in sound])
    for problem in filter(None, (midi_problem, sound_problem)):
        click.echo(f"{problem}\n")
    show_table("Cameras", ("name", "device"), seen)
    show_table("Network interfaces", ("name", "address", "broadcast", "state"), networks)
    if asked is not None:
        show_survey("On the network" + ("" if venue is None else f", beside the patch of {venue}"), asked[1])
    click.echo(f"OpenGL renderer: {renderer}")
    return status
