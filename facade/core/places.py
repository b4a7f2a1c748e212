"""Where the shaders, pieces, hardware files and page lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _assets() -> Path:
    checkout = _PACKAGE.parent
    return checkout if (checkout / "hardware" / "venues").is_dir() else _PACKAGE / "_assets"


def shaders() -> Path:
    """Folder that holds include/ and the project's own passes."""
    return _assets() / "shaders"


def pieces() -> Path:
    """Folder of the shipped pieces and shows (``show.toml`` files lie in pieces/shows)."""
    return _assets() / "pieces"


def user_pieces() -> tuple[Path, ...]:
    """Folders of the pieces people have installed, the first being where new ones go. They need not exist.

    FACADE_PIECES names them, separated as in PATH; else it is the place this system keeps for a user's data. Empty for
    a user without a home, as services may be.
    """
    given = os.environ.get("FACADE_PIECES", "")
    if given:
        return tuple(Path(folder).expanduser() for folder in given.split(os.pathsep) if folder)
    data = _of_user("XDG_DATA_HOME", ".local/share", mac="Application Support", windows="Local")
    return () if data is None else (data / "pieces",)


def trusted_list() -> Path | None:
    """File that lists the folders whose Python may run (``pieces.trust``); FACADE_TRUSTED says where else it lies.

    None for a user without a home.
    """
    given = os.environ.get("FACADE_TRUSTED", "")
    if given:
        return Path(given).expanduser()
    data = _of_user("XDG_DATA_HOME", ".local/share", mac="Application Support", windows="Local")
    return None if data is None else data / "trusted.txt"


def shader_cache() -> Path | None:
    """Folder where the graphics driver keeps the shaders it has compiled. It may be deleted at any time.

    FACADE_CACHE names it, else it is the place this system keeps a user's caches; None for a user without a home.
    """
    given = os.environ.get("FACADE_CACHE", "")
    if given:
        return Path(given).expanduser()
    cache = _of_user("XDG_CACHE_HOME", ".cache", mac="Caches", windows="Local")
    return None if cache is None else cache / "shaders"


def _of_user(variable: str, folder: str, *, mac: str, windows: str) -> Path | None:
    """Return facade's folder among a user's data of one kind, None for a user without a home."""
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "darwin":
        base = home / "Library" / mac
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / windows)
    else:
        base = Path(os.environ.get(variable) or home / folder)
    return base / "facade"


def state() -> Path | None:
    """Where facade keeps what it must know again, such as its number in sACN. Need not exist; None without a home."""
    given = os.environ.get("XDG_STATE_HOME", "")
    if given:
        return Path(given) / "facade"
    try:
        return Path.home() / ".local" / "state" / "facade"
    except RuntimeError:
        return None


def piece_folders() -> tuple[Path, ...]:
    """Where a piece is looked for by name. The shipped ones come first: they are what shows when another one fails."""
    return (pieces(), *user_pieces())


def hardware() -> Path:
    """Folder of venues/, fixtures/ and controllers/."""
    return _assets() / "hardware"


def page() -> Path:
    """Folder of the page's static files."""
    return _PACKAGE / "web" / "page"
