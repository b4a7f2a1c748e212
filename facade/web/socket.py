"""One page's socket: its messages in, state and light out, each at the pace that page keeps.

Light is credit-based: a page says which frame it has drawn, and at most UNSEEN frames travel towards it. A phone on a
bad network then sees fewer, newer frames instead of an ever older film.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from facade.core.clock import Clock
from facade.core.errors import InputError
from facade.web.feed import Feed
from facade.web.hub import Hub
from facade.web.messages import Seen, Watch, decode, error_reply

UNSEEN = 2
ALIVE_S = 2.0
"""A page that would hear nothing for this long is told that we live; it gives a silent connection up after 5 s."""

MAX_PER_S = 300
"""Above this a page's messages are dropped: eight sliders moved at 30 Hz and 25 frames seen fit."""


class PageSocket:
    """Serves one accepted connection until either side leaves."""

    def __init__(self, socket: WebSocket, hub: Hub, feed: Feed, clock: Clock) -> None:
        self._clock = clock
        self._socket = socket
        self._hub = hub
        self._feed = feed
        self._wake = asyncio.Event()
        self._in_flight: list[int] = []
        self._watching = True
        self._allowance = float(MAX_PER_S)
        self._allowance_at = clock.now()
        self._complained_at = -1.0e9

    async def serve(self) -> None:
        with self._feed.reading(self._wake, wants_light=self._has_credit):
            await self._serve()

    async def _serve(self) -> None:
        sending = asyncio.create_task(self._send_forever())
        receiving = asyncio.create_task(self._receive_forever())
        done, pending = await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for task in done:
            if not isinstance(task.exception(), (WebSocketDisconnect, type(None))):
                task.result()

    async def _send_forever(self) -> None:
        sent_description = sent_state = ""
        sent_light = -1
        while True:
            self._wake.clear()
            self._feed.check()
            feed = self._feed
            if feed.description != sent_description:
                sent_description = feed.description
                await self._socket.send_text(sent_description)
            if feed.state != sent_state:
                sent_state = feed.state
                await self._socket.send_text(sent_state)
            if feed.light is not None and feed.light_seq != sent_light and self._has_credit():
                sent_light = feed.light_seq
                self._in_flight.append(sent_light & 0xFFFFFFFF)
                await self._socket.send_bytes(feed.light)
            try:
                await asyncio.wait_for(self._wake.wait(), ALIVE_S)
            except TimeoutError:
                await self._socket.send_text('{"type":"alive"}')

    def _has_credit(self) -> bool:
        return self._watching and len(self._in_flight) < UNSEEN

    async def _receive_forever(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1000))
            reply = self._handle(message.get("text"))
            if reply is not None:
                await self._socket.send_text(json.dumps(reply))

    def _handle(self, text: str | None) -> dict[str, Any] | None:
        """Return what to answer, None for nothing."""
        if not self._may_speak():
            return self._complain()
        try:
            if text is None:
                raise InputError("page message: bytes are not read here. Send JSON text.")
            message = decode(text)
        except InputError as error:
            return error_reply(error)
        if isinstance(message, Seen):
            self._in_flight = [seq for seq in self._in_flight if seq > message.seq]
            self._wake.set()
        elif isinstance(message, Watch):
            self._watching = message.on
            self._in_flight.clear()
            self._wake.set()
        else:
            try:
                self._hub.post(message.address, message.args)
            except InputError as error:
                return error_reply(error, id=message.id)
        return None

    def _may_speak(self) -> bool:
        """Whether another message is taken: a bucket that fills MAX_PER_S times a second."""
        now = self._clock.now()
        earned = (now - self._allowance_at) * MAX_PER_S
        self._allowance, self._allowance_at = min(self._allowance + earned, float(MAX_PER_S)), now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _complain(self) -> dict[str, Any] | None:
        """Answer a flood once a second: an answer to each message would be a second flood."""
        now = self._clock.now()
        if now < self._complained_at + 1.0:
            return None
        self._complained_at = now
        return error_reply(
            InputError(
                f"this page: more than {MAX_PER_S} messages a second are not taken; some were dropped. "
                "Send a moved control at most 30 times a second."
            )
        )
