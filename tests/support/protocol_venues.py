"""A small venue for every protocol: one grid of lamps, wired as its controllers like it."""

from __future__ import annotations

from typing import Any

from facade.config.loader import Hardware
from facade.config.venue import Venue
from facade.mapping.compile import compile_venue
from facade.mapping.model import Patch, PixelMap

# profile -> (columns, rows, fixture profile's channels, first universe, fields of the venue's controller)
VENUES: dict[str, tuple[int, int, str, int, dict[str, Any]]] = {
    "artnet_pixel": (40, 10, "RGB", 3, {}),
    "sacn_pixel": (40, 10, "RGB", 7, {}),
    "ddp_pixel": (70, 20, "RGB", 0, {}),
    "kinet_v1": (17, 10, "RGB", 0, {}),
    "kinet_v2": (30, 17, "RGB", 2, {}),
    "opc_server": (40, 30, "RGB", 1, {}),
    "wled_rgb": (49, 20, "RGB", 0, {}),
    "wled_rgbw": (49, 10, "RGBW", 0, {}),
    "tpm2net_pixel": (50, 21, "RGB", 0, {}),
    "enttec_dmx_usb_pro": (3, 3, "RGB", 0, {"host": "/dev/ttyUSB7"}),
    "adalight_serial": (7, 3, "RGB", 0, {"host": "/dev/ttyUSB7"}),
    "tpm2_serial": (7, 3, "RGB", 0, {"host": "/dev/ttyUSB7"}),
    "aec_facade": (35, 31, "RGB", 0, {}),
    "blinkenlights_blp": (18, 8, "W", 0, {"size_px": (18, 8)}),
    "blinkenlights_mcuf": (26, 20, "W", 0, {"size_px": (26, 20)}),
    "open_dmx_usb": (5, 3, "RGB", 0, {"host": "/dev/ttyUSB7"}),
    "colorlight_5a75": (40, 12, "RGB", 0, {"host": "eth1", "universe_size": 120}),
    "example_driver": (9, 5, "RGB", 0, {}),
}


def compiled(profile: str, hardware: Hardware) -> tuple[PixelMap, Patch]:
    """Return the venue of a controller profile; its lamps have a linear curve and no dithering."""
    columns, rows, channels, universe, fields = VENUES[profile]
    model = next(iter(hardware.fixtures.values()))
    lamp = model.model_copy(update={"id": "lamp", "channels": tuple(channels), "curve": "linear", "dither": False})
    venue = Venue.model_validate(
        {
            "venue": {"id": "test", "name": "Test", "rate_hz": 25.0},
            "surface": {"wall": {"size_m": [100.0, 100.0]}},
            "controller": {"main": {"profile": profile, "host": "127.0.0.1", **fields}},
            "fixture": {
                "wall": {
                    "profile": "lamp",
                    "surface": "wall",
                    "shape": "grid",
                    "at_m": (1.0, 1.0),
                    "columns": columns,
                    "rows": rows,
                    "pitch_m": (0.5, 0.5),
                    "segment": [{"controller": "main", "universe": universe}],
                }
            },
        }
    )
    return compile_venue(venue, Hardware({"lamp": lamp}, hardware.controllers))
