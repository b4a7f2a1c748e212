"""What facade asks of a graphics driver before there is a context. What a person has set stays."""

from __future__ import annotations

import os

_MESA_ZEROES = "glsl_zero_init"


def start_at_zero() -> None:
    """Ask Mesa that a shader's variable without a first value is 0, as in a browser, and not what lay there before.

    Public shaders count on it: they were written where it holds. It also makes two runs of them draw the same.
    """
    if _MESA_ZEROES not in os.environ:
        os.environ[_MESA_ZEROES] = "true"
        os.environ.setdefault("MESA_DEBUG", "silent")  # or it tells every terminal that it was asked
