"""The door in front of every request: Host, Origin, method, session, and the headers that keep a browser honest."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from facade.web.auth import COOKIE, HostRules, Sessions

_CHANGES = {("POST", "/login"), ("POST", "/logout")}
_PROTECTED = ("/api/", "/ws")


class Guard:
    """ASGI middleware. Refuses what may not pass with a sentence that says why; static files need no session."""

    def __init__(self, app: ASGIApp, *, hosts: HostRules, sessions: Sessions) -> None:
        self._app = app
        self._hosts = hosts
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, _with_headers(send, host))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
        else:
            await refusal(scope, receive, _with_headers(send, host))

    def _refusal(self, scope: Scope) -> Response | None:
        connection = HTTPConnection(scope)
        headers, path = connection.headers, scope["path"]
        host = headers.get("host", "")
        if not self._hosts.host_is_welcome(host):
            return PlainTextResponse(
                f'Host "{host[:80]}" is not one of this page\'s names. Open it by the URL that facade printed, '
                "or add the name to the allowed hosts.",
                status_code=421,
            )
        is_socket = scope["type"] == "websocket"
        changes = is_socket or scope["method"] not in ("GET", "HEAD")
        if changes and not self._hosts.origin_is_welcome(headers.get("origin"), host=host):
            return PlainTextResponse("This request came from another site's page.", status_code=403)
        if changes and not is_socket and (scope["method"], path) not in _CHANGES:
            return PlainTextResponse("Only reading is possible here; changes go over /ws.", status_code=405)
        if self._sessions.is_open(connection.cookies.get(COOKIE)):
            return None
        if path.startswith(_PROTECTED):
            return PlainTextResponse("Log in first, at /login.", status_code=401)
        return RedirectResponse("/login", status_code=303) if path == "/" else None


def _with_headers(send: Send, host: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # connect-src names the socket as well: older Safari does not count ws: as 'self'.
            headers["content-security-policy"] = (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; manifest-src 'self'; "
                f"connect-src 'self' ws://{host} wss://{host}; "
                "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
            )
            headers["x-content-type-options"] = "nosniff"
            # Not "no-referrer": browsers then send "Origin: null" with our own login form.
            headers["referrer-policy"] = "same-origin"
            headers["cross-origin-resource-policy"] = "same-origin"
            headers["cross-origin-opener-policy"] = "same-origin"
            headers.setdefault("cache-control", "no-cache")
        await send(message)

    return send_with_headers
