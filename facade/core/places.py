"""Where the shaders, pieces, hardware files and page lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

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


def hardware() -> Path:
    """Folder of venues/, fixtures/ and controllers/."""
    return _assets() / "hardware"


def page() -> Path:
    """Folder of the page's static files."""
    return _PACKAGE / "web" / "page"
