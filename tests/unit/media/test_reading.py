"""What is read on a thread of its own fails as a piece does, whatever the decoder raises."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.core.errors import PieceError
from facade.media.reading import Reading


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (PieceError("rain.png is no picture."), "is no picture"),
        (MemoryError(), "rain.png needs more memory than there is"),
        (RuntimeError("odd chunk"), "rain.png breaks what reads it"),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whatever_a_decoder_raises_is_told_in_words(raised: Exception, said: str) -> None:
    def read() -> bytes:
        raise raised

    reading = Reading(Path("rain.png"), read)
    assert reading.is_done(10.0)
    with pytest.raises(PieceError, match=said):
        reading.result()
