"""A delivery whose network is watched, stepped in real time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from facade.core.clock import RealClock
from facade.core.frame import PixelFrame, Tick
from facade.core.health import OutputHealth
from facade.delivery.build import build_delivery
from facade.outputs.identity import claim_identity
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map


class Show:
    """folder: where its identity is kept. universes: of each controller."""

    def __init__(self, folder: Path, controllers: Mapping[str, Mapping[str, Any]], *, universes: int = 1) -> None:
        pixels = pixel_map([RGB_LINEAR], [170 * universes * len(controllers)])
        identity = claim_identity(folder)
        self.clock = RealClock()
        self.engine = build_delivery(
            pixels,
            patch_of(pixels, controllers=controllers),
            clock=self.clock,
            cid=identity.cid,
            identity=identity,
            back_s=0.0,
        )
        self.engine.offer(PixelFrame(Tick(0, 0.0, 0.025), np.full((pixels.n_pixels, 3), 0.5, np.float32)))
        self.frames = 0

    def until(self, condition: Callable[[], object], *, seconds: float) -> bool:
        """Step until condition() holds; false if it does not within some seconds."""
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            self.engine.step()
            self.frames += 1
            if condition():
                return True
            self.clock.wait_until(self.clock.now() + 0.02)
        return False

    def output(self, name: str) -> OutputHealth:
        return next(o for o in self.engine.health().outputs if o.name == name)
