"""Names of serial ports that survive replugging: what udev calls them, on Linux."""

from __future__ import annotations

from pathlib import Path

BY_ID = Path("/dev/serial/by-id")


def find_port(name: str, folder: Path = BY_ID) -> str:
    """Return the device for a name: a path or URL as it is, else the first entry of folder that contains it.

    A name that fits nothing is returned as it is; opening it then says so.
    """
    if "/" in name or not folder.is_dir():
        return name
    wanted = name.casefold()
    return next((str(p) for p in sorted(folder.iterdir()) if wanted in p.name.casefold()), name)
