"""What is read on a thread of its own fails as a piece does, whatever the decoder raises."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from facade.core.errors import PieceError
from facade.media.reading import Reading


@pytest.mark.parametrize(
    ("raised", "said", "logged"),
    [
        (PieceError("rain.png is no picture."), "is no picture", []),
        (MemoryError(), "rain.png needs more memory than there is", []),
        (RuntimeError("odd chunk"), "rain.png breaks what reads it; the log says where", ["odd chunk"]),
    ],
)
def test_whatever_a_decoder_raises_is_told_in_words(
    raised: Exception, said: str, logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: log.append(str(args.exc_value)))

    def read() -> bytes:
        raise raised

    reading = Reading(Path("rain.png"), read)
    assert reading.is_done(10.0)
    with pytest.raises(PieceError, match=said):
        reading.result()
    for thread in threading.enumerate():
        if thread.name == "reading rain.png":
            thread.join(10.0)
    assert log == logged
