"""What could be listened to on this machine: names for people, as a show's [input.…] port takes them."""

from __future__ import annotations

from serial.tools import list_ports  # type: ignore[import-untyped, unused-ignore]

from facade.core.errors import InputError
from facade.core.serial_names import BY_ID
from facade.inputs.audio import audio_devices
from facade.inputs.midi import port_names

__all__ = ["audio_devices", "midi_ports", "serial_ports"]


def midi_ports() -> tuple[list[str], str]:
    """Return the names of all MIDI input ports, and why there may be fewer than expected ("" if all is well)."""
    try:
        return port_names(), ""
    except InputError as error:
        return [], str(error)


def serial_ports() -> list[tuple[str, str, str]]:
    """Return (name to use, device, description) of every serial port; the name survives replugging where it can."""
    lasting = {str(link.resolve()): str(link) for link in sorted(BY_ID.glob("*"))} if BY_ID.is_dir() else {}
    return [(lasting.get(p.device, p.device), p.device, p.description or "") for p in sorted(list_ports.comports())]
