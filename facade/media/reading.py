"""Reading a file on a thread of its own, for those who may not wait: they glance at it between two frames."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Generic, TypeVar

from facade.core.errors import FacadeError, PieceError

GLANCE_S = 0.002
"""So long a glance may wait for what is nearly there."""

GLANCES = 5000
"""Ten seconds of them and more; what takes longer is not waited for."""

T = TypeVar("T")


class Reading(Generic[T]):
    """One thing being read. The thread ends with the reading, and does not keep the process from ending."""

    def __init__(self, file: Path, read: Callable[[], T]) -> None:
        """Begin. read: raises FacadeError if it cannot be read."""
        self._file = file
        self._read = read
        self._found: list[T] = []
        self._error: FacadeError | None = None
        self._is_done = threading.Event()
        threading.Thread(target=self._run, name=f"reading {file.name}", daemon=True).start()

    def is_done(self, wait_s: float) -> bool:
        """Whether it has ended, well or badly. Waits so long for it."""
        return self._is_done.wait(wait_s)

    def result(self) -> T:
        """Return what was read. Raises what reading raised; PieceError as long as it has not ended."""
        if self._error is not None:
            raise self._error
        if not self._found:
            why = "could not be read in time. Make it smaller."
            if self._is_done.is_set():
                # What nobody foresaw has gone to the log, as of any thread.
                why = "breaks what reads it; the log says where. Save it anew, or as another kind."
            raise PieceError(f"{self._file.name} {why}", file=self._file)
        return self._found[0]

    def _run(self) -> None:
        try:
            self._found.append(self._read())
        except FacadeError as error:
            self._error = error
        except MemoryError:
            why = "needs more memory than there is. Make it smaller."
            self._error = PieceError(f"{self._file.name} {why}", file=self._file)
        finally:
            self._is_done.set()


def off_thread(file: Path, read: Callable[[], T]) -> Generator[None, None, T]:
    """Read something on a thread of its own; a step ends after GLANCE_S, the last with what was read.

    Raises what reading raises, PieceError if it takes more than GLANCES steps.
    """
    reading = Reading(file, read)
    for _ in range(GLANCES):
        if reading.is_done(GLANCE_S):
            break
        yield
    return reading.result()
