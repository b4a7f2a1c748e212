"""Which stretch of a controller's levels each of its packets carries."""

from __future__ import annotations

from facade.mapping.model import ControllerPatch
from facade.protocols.codec import Codec, Options, Window


def lengths_of(patch: ControllerPatch, codec: Codec, options: Options | None = None) -> tuple[int, ...]:
    """Return the slots of each universe's packet, padding included.

    Packets are of one length where the protocol numbers universes; where they are stretches of one run, the last ends
    with its last slot; where each is a strip or a frame of its own, every one does.
    """
    least = codec.least(options or options_of(patch))
    n = len(patch.universes)
    if codec.trim == "none":
        return (max(patch.length, least),) * n
    exact = [max(used, least) for used in patch.used]
    if codec.trim == "each":
        return tuple(exact)
    return (*(patch.length,) * (n - 1), exact[-1])


def windows_of(patch: ControllerPatch, codec: Codec, options: Options | None = None) -> tuple[Window, ...]:
    """Return the place of each packet of a frame, in the order of patch.universes."""
    options = options or options_of(patch)
    return tuple(
        Window(
            universe=universe,
            first=codec.first_byte(universe, patch.universe_size),
            length=length,
            index=index,
            count=len(patch.universes),
            options=options,
        )
        for index, (universe, length) in enumerate(zip(patch.universes, lengths_of(patch, codec, options), strict=True))
    )


def options_of(patch: ControllerPatch) -> Options:
    """Return what headers need to know of a controller, but for who sends."""
    controller, profile = patch.controller, patch.profile
    return Options(
        priority=controller.priority,
        sync_universe=controller.sync_universe,
        sync=profile.sync,
        preview=profile.preview,
        destination=controller.destination,
        pixel_channels=profile.pixel_channels,
        size_px=controller.size_px or (0, 0),
    )
