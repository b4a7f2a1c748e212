"""The page's web server: routes, and the thread it runs in.

GET  /                 the page            GET  /login, POST /login, POST /logout
GET  /page/…           its static files    GET  /street/…   the street view's shaders
GET  /api/describe, /api/state, /api/quads /api/session      reading only
     /ws               state and light out, changes in
"""

from __future__ import annotations

import errno
import gzip
import html
import json
import socket
import threading
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

import anyio.to_thread
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from facade.core import places
from facade.core.clock import Clock
from facade.core.errors import InputError
from facade.core.holders import holder_words
from facade.web.auth import ANY_ADDRESS, COOKIE, SESSION_S, HostRules, Sessions, TryLimit
from facade.web.feed import Feed, encode
from facade.web.guard import Guard
from facade.web.hub import Hub
from facade.web.socket import PageSocket

MAX_PAGES = 16
MAX_FORM_BYTES = 4096
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")


def create_app(hub: Hub, *, password: str | None, allowed_hosts: Iterable[str], clock: Clock) -> Starlette:
    """Return the page's ASGI application.

    password: None lets everybody in, for a server that only this machine can reach.
    allowed_hosts: names and addresses a browser may use for this server; auth.ANY_ADDRESS admits every literal address.
    """
    sessions = Sessions(password, clock)
    door = _Login(sessions, TryLimit(clock))
    api = _Api(hub, clock)
    routes = [
        Route("/", _index, methods=["GET"]),
        Route("/login", door.form, methods=["GET"]),
        Route("/login", door.enter, methods=["POST"]),
        Route("/logout", door.leave, methods=["POST"]),
        Route("/favicon.ico", _icon, methods=["GET"]),
        Route("/api/session", api.session, methods=["GET"]),
        Route("/api/describe", api.describe, methods=["GET"]),
        Route("/api/state", api.state, methods=["GET"]),
        Route("/api/quads", api.quads, methods=["GET"]),
        WebSocketRoute("/ws", api.socket),
        Mount("/page", StaticFiles(directory=places.page())),
        Mount("/street", StaticFiles(directory=places.shaders() / "street")),
    ]
    guard = Middleware(Guard, hosts=HostRules(allowed_hosts), sessions=sessions)
    return Starlette(routes=routes, middleware=[guard])


def bind_page(host: str, port: int) -> socket.socket:
    """Return a listening socket for the page. port 0: any free one.

    Raises InputError if the address is not this machine's or the port is in use.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(64)
    except (OSError, OverflowError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or str(error)
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            why = holder_words(port, kind="tcp", otherwise="Another program, perhaps another facade, has it.")
        else:
            why = "The address is not this machine's, or the port is reserved."
        raise InputError(f"page on {host} port {port}: {reason}. {why} Or choose another port.") from error
    return bound


class Server:
    """The page on a port, in a thread of its own.

    host: the address that bound listens on. A host other than loopback needs a password; InputError otherwise.
    bound: from bind_page, or the file descriptor of such a socket, which another process may hold open across a
    restart of this one. names: further names under which browsers may open the page, such as "facade.local".
    """

    def __init__(
        self,
        hub: Hub,
        *,
        host: str,
        bound: socket.socket | int,
        password: str | None,
        clock: Clock,
        names: Iterable[str] = (),
    ) -> None:
        self._is_local = host in LOOPBACK_HOSTS
        if not self._is_local and not password:
            raise InputError(
                f"page on {host}: anyone on that network could change the light; an open page needs a password. "
                "Set one, or bind to 127.0.0.1."
            )
        self._host = host
        self._bound = socket.socket(fileno=bound) if isinstance(bound, int) else bound
        self._port = self._bound.getsockname()[1]
        allowed = [*LOOPBACK_HOSTS, host, *names]
        if not self._is_local:
            allowed += [ANY_ADDRESS, socket.gethostname(), f"{socket.gethostname()}.local"]
        self._app = create_app(hub, password=password, allowed_hosts=allowed, clock=clock)
        self._server: _Announcing | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where to open the page from this machine."""
        name = "127.0.0.1" if self._host in ("", "0.0.0.0", "::") else self._host
        return f"http://{f'[{name}]' if ':' in name else name}:{self._port}/"

    def start(self) -> None:
        """Serve. Raises InputError if the server does not come up."""
        config = uvicorn.Config(
            self._app,
            ws="websockets-sansio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            # Light is incompressible enough and 25 times a second: compressing it costs more than sending it.
            ws_per_message_deflate=False,
            ws_max_size=16 * 1024,
            ws_ping_interval=5.0,
            ws_ping_timeout=5.0,
            limit_concurrency=64,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=1,
        )
        self._server = _Announcing(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._bound],), name="page", daemon=True)
        self._thread.start()
        if not self._server.up.wait(10.0):
            raise InputError(f"page on port {self._port}: the server did not come up within 10 s. Look at the log.")

    def stop(self) -> None:
        """Close every page and the port. May be called twice."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(5.0)
            self._server = self._thread = None


class _Announcing(uvicorn.Server):
    """A uvicorn server that says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


class _Api:
    """Reading, and the socket."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self._hub = hub
        self._clock = clock
        self._feed = Feed(hub, clock)
        self._pages = 0
        self._packed: tuple[bytes, bytes] | None = None

    async def session(self, _: Request) -> Response:
        return _json({"open": True})

    async def describe(self, _: Request) -> Response:
        return _json(dict(self._hub.describe()))

    async def state(self, _: Request) -> Response:
        return _json(dict(self._hub.state()))

    async def quads(self, request: Request) -> Response:
        quads, headers = self._hub.quads(), {}
        if "gzip" in request.headers.get("accept-encoding", ""):
            if self._packed is None or self._packed[0] is not quads:
                # Pixels repeat each other's numbers: an eighth of the bytes, for which a phone's first picture waits.
                self._packed = (quads, await anyio.to_thread.run_sync(gzip.compress, quads, 1))
            quads, headers = self._packed[1], {"content-encoding": "gzip"}
        return Response(quads, media_type="application/octet-stream", headers=headers)

    async def socket(self, connection: WebSocket) -> None:
        await connection.accept()
        if self._pages >= MAX_PAGES:
            text = f"{MAX_PAGES} pages are open already; that is the most. Close one of them."
            await connection.send_text(json.dumps({"type": "error", "text": text, "id": None}))
            await connection.close(1013)
            return
        self._pages += 1
        try:
            await PageSocket(connection, self._hub, self._feed, self._clock).serve()
        finally:
            self._pages -= 1


class _Login:
    """The password form."""

    def __init__(self, sessions: Sessions, limit: TryLimit) -> None:
        self._sessions = sessions
        self._limit = limit

    async def form(self, _: Request) -> Response:
        return RedirectResponse("/", status_code=303) if not self._sessions.needed else _form("")

    async def enter(self, request: Request) -> Response:
        who = request.client.host if request.client else ""
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_FORM_BYTES:
                return _form("That form is too long.", status=413)
        if not self._limit.may_try(who):
            return _form("Too many tries. Wait a minute.", status=429)
        password = parse_qs(body.decode("utf-8", "replace")).get("password", [""])[0]
        if not await anyio.to_thread.run_sync(self._sessions.check, password):
            return _form("That is not the password.", status=403)
        self._limit.forgive(who)
        reply = RedirectResponse("/", status_code=303)
        reply.set_cookie(
            COOKIE,
            self._sessions.cookie(),
            max_age=SESSION_S,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return reply

    async def leave(self, _: Request) -> Response:
        reply = RedirectResponse("/login", status_code=303)
        reply.delete_cookie(COOKIE)
        return reply


async def _index(_: Request) -> Response:
    return FileResponse(places.page() / "index.html")


async def _icon(_: Request) -> Response:
    return FileResponse(places.page() / "icon.svg", media_type="image/svg+xml")


def _form(problem: str, *, status: int = 200) -> Response:
    text = (places.page() / "login.html").read_text("utf-8")
    return HTMLResponse(text.replace("<!--problem-->", html.escape(problem)), status_code=status)


def _json(body: Mapping[str, Any]) -> Response:
    return Response(encode(body), media_type="application/json")
