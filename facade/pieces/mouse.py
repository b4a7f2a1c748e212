"""The mouse of public shaders. A facade has none: there it is a point that a phone, a fader or a tracker moves."""

from __future__ import annotations

from collections.abc import Collection

from facade.config.piece import Parameter, PointParameter

MOUSE = "mouse"
"""The parameter's name."""

SANDBOX = "mouse"
"""GLSL Sandbox's own uniform, 0..1 of the picture and in the middle at first; all others count texels."""


def mouse_parameter(used: Collection[str], names: Collection[str]) -> dict[str, Parameter]:
    """Return the parameter of a shader that uses one of these names, or none.

    It starts in the bottom left corner, where on other hosts the mouse is until somebody presses it.
    """
    asked = set(used) & set(names)
    if not asked:
        return {}
    start = 0.5 if asked == {SANDBOX} else 0.0
    return {MOUSE: PointParameter(type="point", label="Mouse", default=(start, start))}


def mouse_numbers(place: tuple[float, float], size_px: tuple[int, int]) -> tuple[float, float, float, float]:
    """Return a Shadertoy's iMouse. place: 0..1 from the bottom left; the corner itself means that nobody presses.

    Anywhere else the button is held since it was pressed, at this very place: z is above 0, and w, which says that it
    was pressed in this frame, below.
    """
    x, y = place[0] * size_px[0], place[1] * size_px[1]
    return (x, y, x, -y)
