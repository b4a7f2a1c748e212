"""One page's socket: its messages in, state and light out, each at the pace that page keeps.

Light is credit-based: a page says which frame it has drawn, and at most UNSEEN frames travel towards it. A phone on a
bad network then sees fewer, newer frames instead of an ever older film.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from facade.core.errors import InputError
from facade.web.feed import Feed
from facade.web.hub import Hub
from facade.web.messages import Post, Seen, Watch, decode, error_reply

UNSEEN = 2
MAX_POSTS_PER_S = 240
"""Above this a page's changes are refused: eight sliders moved at 30 Hz fit."""


class PageSocket:
    """Serves one accepted connection until either side leaves."""

    def __init__(self, socket: WebSocket, hub: Hub, feed: Feed) -> None:
        self._socket = socket
        self._hub = hub
        self._feed = feed
        self._in_flight: list[int] = []
        self._watching = True
        self._allowance = float(MAX_POSTS_PER_S)
        self._allowance_at = asyncio.get_running_loop().time()

    async def serve(self) -> None:
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
        sent_light, version = -1, -1
        while True:
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
            version = await feed.wait(version)

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
        if text is None:
            return error_reply(InputError("page message: bytes are not read here. Send JSON text."))
        try:
            message = decode(text)
        except InputError as error:
            return error_reply(error)
        if isinstance(message, Seen):
            self._in_flight = [seq for seq in self._in_flight if seq > message.seq]
        elif isinstance(message, Watch):
            self._watching = message.on
            self._in_flight.clear()
        else:
            try:
                self._post(message)
            except InputError as error:
                return error_reply(error, id=message.id)
        return None

    def _post(self, message: Post) -> None:
        now = asyncio.get_running_loop().time()
        earned = (now - self._allowance_at) * MAX_POSTS_PER_S
        self._allowance, self._allowance_at = min(self._allowance + earned, MAX_POSTS_PER_S), now
        if self._allowance < 1:
            raise InputError(
                f"{message.address}: more than {MAX_POSTS_PER_S} changes a second from one page are not taken. "
                "Send a moved control at most 30 times a second."
            )
        self._allowance -= 1
        self._hub.post(message.address, message.args)
