"""Every shipped piece comes through the real rehearsal process; the shows that bring them are played to their end."""

from __future__ import annotations

import numpy as np
import pytest

from facade.gpu.context import GpuContext
from facade.pieces.library import PieceLibrary
from tests.support.gl import one_gpu
from tests.support.playable import ROOT
from tests.support.rehearsed import RehearsedShow

__all__ = ["one_gpu"]

RATE_HZ = 1.0
"""A second a frame: still several in every crossfade, and the evening is over in seconds."""

MOST_FRAMES = 6000


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", ["first_light", "opening_night"])
def test_a_shipped_show_is_rehearsed_and_played_to_its_end_without_a_fault(
    gpu: GpuContext, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    with RehearsedShow(name, "imal_minimal", gpu, rate_hz=RATE_HZ) as show:
        slugs = tuple(show.plan.manifests)
        assert show.rehearse(*slugs) == dict.fromkeys(slugs)
        cues, brightest = list(show.plan.show.cue), {}
        for _ in range(MOST_FRAMES):
            light = show.frames()
            cue = show.renderer.timeline.cue
            assert np.isfinite(light).all(), cue
            brightest[cue] = max(brightest.get(cue, 0.0), float(light.max()))
            assert show.renderer.stage.faults == {}, cue
            if len(brightest) == len(cues) and cue == cues[0]:
                break

        assert set(brightest) == set(cues)
        assert min(brightest.values()) > 0.02, brightest
        assert set(show.renderer.stage.pieces) == set(slugs)
    assert [record.getMessage() for record in caplog.records if record.levelname != "INFO"] == []


def test_the_opening_night_shows_every_piece_that_is_shipped() -> None:
    shipped = set(PieceLibrary([ROOT / "pieces"]).names())
    text = (ROOT / "pieces" / "shows" / "opening_night" / "show.toml").read_text()

    assert {slug for slug in shipped if f'"{slug}"' not in text} == set()
