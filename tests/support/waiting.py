"""Waiting for what other threads do."""

from __future__ import annotations

import time
from collections.abc import Callable


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something comes true within ten seconds; how soon is not judged."""
    deadline = time.monotonic() + 10.0
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
