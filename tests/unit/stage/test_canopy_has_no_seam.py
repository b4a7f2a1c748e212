"""Canopy plays for months: nobody may see where a piece's time begins again."""

from __future__ import annotations

import numpy as np
import pytest

from facade.core import places
from facade.core.frame import Tick
from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from facade.stage.moment import TIME_WRAP_S
from facade.stage.stage import Stage
from tests.support.gl import look, pixel_grid, snapshot


@pytest.mark.parametrize("year", ["half_hour", "hour", "two_hours", "night"])
def test_the_last_frame_of_its_time_leads_into_the_first(gpu: GpuContext, year: str) -> None:
    stage = Stage(gpu, pixel_grid(40, 26), PieceLibrary([places.pieces()]), budget_ms=None)
    values = snapshot({("cue", 0): {"year": year}})
    before, after, later = (
        stage.frame(Tick(n, TIME_WRAP_S + t, 1 / 30), look("canopy"), values).copy()
        for n, t in enumerate((-1 / 30, 0.0, 1.0))
    )
    stage.release()
    assert np.abs(after - before).max() < 0.02
    assert np.abs(later - after).max() > 0.0
