"""One reader of the hub for all pages: the state ten times a second, light 25 times, encoded once.

A page that is slow misses light frames; it never makes another page or the hub wait. Light is asked for only while a
page waits for it, and of a building with very many pixels less often.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from facade.core.clock import Clock
from facade.web.hub import Hub

LIGHT_PERIOD_S = 1 / 25
MOST_LIGHT_BYTES_S = 10_000_000
"""Of light towards one page: 133,000 pixels at the full rate, a million three times a second."""

STATE_PERIOD_S = 1 / 10
DESCRIBE_PERIOD_S = 1.0

_FRAME_HEAD = struct.Struct("<II")
"""Number of the frame modulo 2**32, number of pixels; then three sRGB bytes a pixel."""


class Feed:
    """The newest state, description and light as they go onto the wire. Owned by the event loop's thread."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._readers: dict[asyncio.Event, Callable[[], bool]] = {}
        self._task: asyncio.Task[None] | None = None
        self._failure: Exception | None = None
        self.description = ""
        self.state = ""
        self.light: bytes | None = None
        self.light_seq = -1
        self._light_at = -math.inf

    @contextlib.contextmanager
    def reading(self, wake: asyncio.Event, *, wants_light: Callable[[], bool]) -> Iterator[None]:
        """For as long as the block lasts, set wake whenever something is new. The hub is read while anybody reads.

        wants_light: whether this reader could use a newer frame now.
        """
        if self._task is None:
            self._failure = None
            self._describe()
            self._read_state()
            self._task = asyncio.create_task(self._run())
        self._readers[wake] = wants_light
        try:
            yield
        finally:
            self._readers.pop(wake, None)
            if not self._readers and self._task is not None:
                self._task.cancel()
                self._task = None

    def check(self) -> None:
        """Raise what the hub raised, if it did."""
        if self._failure is not None:
            raise self._failure

    async def _run(self) -> None:
        try:
            await self._read_forever()
        except Exception as error:  # noqa: BLE001  the page's seam: every page is closed with it, and asks again
            self._failure = error
            self._task = None
            self._wake_all()

    async def _read_forever(self) -> None:
        state_at = describe_at = self._clock.now()
        while True:
            await asyncio.sleep(LIGHT_PERIOD_S)
            now = self._clock.now()
            changed = self._read_light(now)
            if now >= state_at + STATE_PERIOD_S:
                state_at = now
                changed |= self._read_state()
            if now >= describe_at + DESCRIBE_PERIOD_S:
                describe_at = now
                changed |= self._describe()
            if changed:
                self._wake_all()

    def _wake_all(self) -> None:
        for wake in self._readers:
            wake.set()

    def _read_light(self, now: float) -> bool:
        size = 0 if self.light is None else len(self.light)
        if now - self._light_at < size / MOST_LIGHT_BYTES_S or not any(wants() for wants in self._readers.values()):
            return False
        lit = self._hub.lit()
        if lit is None or lit[0] == self.light_seq:
            return False
        self.light_seq, pixels = lit
        self.light = _FRAME_HEAD.pack(self.light_seq & 0xFFFFFFFF, len(pixels)) + pixels.tobytes()
        self._light_at = now
        return True

    def _read_state(self) -> bool:
        before, self.state = self.state, encode({"type": "state", **self._hub.state()})
        return self.state != before

    def _describe(self) -> bool:
        before, self.description = self.description, encode({"type": "describe", **self._hub.describe()})
        return self.description != before


def encode(message: Mapping[str, Any]) -> str:
    """Return message as compact JSON; what is not finite becomes null."""
    try:
        return json.dumps(message, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        # A gauge that went to infinity must not take the page away when it is needed most.
        return json.dumps(_finite(message), allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
