"""The protocol of a controller profile: one of facade's own, or a driver file beside the profiles.

A driver is a Python file in hardware/drivers that makes a ``CODEC`` (facade/protocols/codec.py). It is run as facade
itself, so it must be trusted like facade: only files of the hardware folder that the profile itself lies in are ever
read, and only those that a profile names.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from facade.config.controller import ControllerProfile
from facade.core.errors import MappingError
from facade.protocols.codec import Codec
from facade.protocols.registry import CODECS

DRIVER = "driver"


def codec_of(profile: ControllerProfile) -> Codec:
    """Return the protocol a profile names. Raises MappingError if its driver cannot be used."""
    if profile.protocol != DRIVER:
        return CODECS[profile.protocol]
    if profile.path is None or not profile.driver:
        raise MappingError(
            f"controller profile {profile.id!r}: its driver is a file in hardware/drivers, and the profile a file in "
            'hardware/controllers. Write driver = "name", and put name.py there.'
        )
    return load_driver(profile.path.parent.parent / "drivers" / f"{profile.driver}.py")


def load_driver(path: Path) -> Codec:
    """Run a driver file and return its CODEC. Raises MappingError with what is wrong with it."""
    if not path.is_file():
        raise MappingError(f"driver {path}: there is no such file. Put it there, or correct driver in the profile.")
    spec = importlib.util.spec_from_file_location(f"facade_driver_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise MappingError(f"driver {path}: it does not run: {type(error).__name__}: {error}.") from error
    codec = getattr(module, "CODEC", None)
    if not isinstance(codec, Codec):
        raise MappingError(f"driver {path}: it must make a CODEC (facade.protocols.codec.Codec).")
    return codec
