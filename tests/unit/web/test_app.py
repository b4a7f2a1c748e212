"""The page's server, asked by a client that plays browser, stranger and stranger site."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from facade.core.clock import RealClock, StepClock
from facade.web import Server, bind_page
from facade.web.feed import Feed
from facade.web.server import MAX_PAGES
from tests.support.pages import FakeHub


class Visitor:
    """A browser's part: requests with a memory for cookies, and sockets."""

    def __init__(self, server: Server) -> None:
        self.base = server.url.rstrip("/")
        self.http = httpx.Client(base_url=self.base)

    def socket(self, **headers: str) -> ClientConnection:
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.http.cookies.jar)
        return connect(self.base.replace("http", "ws") + "/ws", additional_headers=headers | {"cookie": cookies})


@contextmanager
def visiting(hub: FakeHub, password: str | None) -> Iterator[Visitor]:
    server = Server(hub, host="127.0.0.1", bound=bind_page("127.0.0.1", 0), password=password, clock=RealClock())
    server.start()
    visitor = Visitor(server)
    try:
        yield visitor
    finally:
        visitor.http.close()
        server.stop()


@pytest.fixture(scope="module")
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def page(hub: FakeHub) -> Iterator[Visitor]:
    hub.refusal, hub.light = "", None
    hub.posts.clear()
    with visiting(hub, None) as visitor:
        yield visitor


@pytest.fixture
def guarded(hub: FakeHub) -> Iterator[Visitor]:
    with visiting(hub, "moonlight") as visitor:
        yield visitor


def until(socket: ClientConnection, kind: str, limit: int = 50) -> dict[str, Any]:
    """The next JSON message of one type."""
    for _ in range(limit):
        message = socket.recv(timeout=10)
        if isinstance(message, str):
            body: dict[str, Any] = json.loads(message)
            if body["type"] == kind:
                return body
    raise AssertionError(f"no {kind} among {limit} messages")


def light(socket: ClientConnection, limit: int = 50) -> bytes:
    for _ in range(limit):
        message = socket.recv(timeout=10)
        if isinstance(message, bytes):
            return message
    raise AssertionError(f"no light among {limit} messages")


def frames_before(socket: ClientConnection, address: str, value: float) -> list[bytes]:
    """Light that arrives before the state says that a parameter has this value."""
    frames = []
    while True:
        message = socket.recv(timeout=10)
        if isinstance(message, bytes):
            frames.append(message)
        elif json.loads(message).get("values", {}).get(address) == value:
            return frames


def read_to_the_end(socket: ClientConnection) -> None:
    while True:
        socket.recv(timeout=10)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/page/main.js", "text/javascript"),
        ("/page/style.css", "text/css"),
        ("/page/icons.svg", "image/svg+xml"),
        ("/favicon.ico", "image/svg+xml"),
        ("/street/common.glsl", ""),
        ("/api/describe", "application/json"),
        ("/api/state", "application/json"),
        ("/api/quads", "application/octet-stream"),
    ],
)
def test_everything_the_page_needs_comes_from_here_with_strict_headers(page: Visitor, path: str, kind: str):
    reply = page.http.get(path)
    assert reply.status_code == 200
    assert reply.headers.get("content-type", "").startswith(kind)
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in reply.headers


def test_the_page_names_nothing_on_the_internet(page: Visitor):
    files = ["/", "/page/style.css", "/page/login.html", "/page/icons.svg"]
    files += [f"/page/{name}.js" for name in ("main", "link", "stage", "street", "flat", "controls", "panels", "words")]
    for path in files:
        reply = page.http.get(path)
        assert reply.status_code == 200, path
        outside = reply.text.replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in outside, path
        assert "https://" not in outside, path


def test_quads_hold_six_numbers_a_pixel(page: Visitor, hub: FakeHub):
    plain = page.http.get("/api/quads", headers={"accept-encoding": "identity"})
    packed = page.http.get("/api/quads", headers={"accept-encoding": "gzip"})

    assert len(plain.content) == hub.pixels.n_pixels * 24
    assert packed.content == plain.content
    assert (plain.headers.get("content-encoding"), packed.headers["content-encoding"]) == (None, "gzip")
    assert int(packed.headers["content-length"]) < len(plain.content)


def test_every_module_is_fetched_before_one_asks_for_it(page: Visitor):
    """Else a phone waits for one answer after the other."""
    index = page.http.get("/").text
    imported, waiting = set(), ["main"]
    while waiting:
        source = page.http.get(f"/page/{waiting.pop()}.js").text
        new = set(re.findall(r'from "\./(\w+)\.js"', source)) - imported
        imported |= new
        waiting += new

    assert len(imported) >= 7
    assert sorted(re.findall(r'rel="modulepreload" href="/page/(\w+)\.js"', index)) == sorted(imported)


@pytest.mark.parametrize(
    "path", ["/page/../server.py", "/page/%2e%2e/server.py", "/street/../../pyproject.toml", "/nothing"]
)
def test_no_other_file_can_be_read(page: Visitor, path: str):
    assert page.http.get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_http_changes_nothing(page: Visitor, hub: FakeHub, method: str):
    assert page.http.request(method, "/api/state").status_code == 405
    assert hub.posts == []


def test_a_strange_host_is_sent_away_with_the_reason(page: Visitor):
    reply = page.http.get("/", headers={"host": "evil.example"})
    assert reply.status_code == 421
    assert "evil.example" in reply.text


def test_another_sites_page_gets_no_socket(page: Visitor):
    with pytest.raises(InvalidStatus):
        page.socket(origin="http://evil.example")
    with page.socket(origin=page.base) as socket:
        assert until(socket, "describe")["show"] == "First light"


def test_a_connecting_page_receives_description_state_and_light(page: Visitor, hub: FakeHub):
    hub.show((10, 200, 30))
    with page.socket() as socket:
        assert until(socket, "describe")["n_pixels"] == 18
        assert until(socket, "state")["on_air"]["cue"] == "dusk"
        frame = light(socket)
    seq, count = np.frombuffer(frame[:8], dtype="<u4")
    assert (seq, count) == (hub.seq, 18)
    assert frame[8:] == bytes([10, 200, 30]) * 18


def test_a_change_reaches_the_hub_and_comes_back_as_state(page: Visitor, hub: FakeHub):
    with page.socket() as socket:
        until(socket, "state")
        socket.send('{"post": "/piece/ember/warmth", "args": [0.75]}')
        assert until(socket, "state")["values"]["/piece/ember/warmth"] == 0.75
    assert hub.posts == [("/piece/ember/warmth", (0.75,))]


@pytest.mark.parametrize("text", ["nonsense", '{"post": 1}', '{"post": "/master", "args": [{}]}', "[]"])
def test_a_message_of_the_wrong_shape_is_answered_and_the_page_goes_on(page: Visitor, hub: FakeHub, text: str):
    with page.socket() as socket:
        socket.send(text)
        error = until(socket, "error")
        assert all(error[key] for key in ("thing", "rule", "fix", "text"))
        socket.send('{"post": "/master", "args": [1]}')
        socket.send(b"\x00")
        assert "JSON text" in until(socket, "error")["text"]
    assert hub.posts == [("/master", (1,))]


def test_what_the_hub_refuses_is_said_to_the_page_that_asked(page: Visitor, hub: FakeHub):
    hub.refusal = '/show/cue "dawn": is no cue here. Did you mean "dusk"?'
    with page.socket() as socket:
        socket.send('{"post": "/show/cue", "args": ["dawn"], "id": 5}')
        error = until(socket, "error")
    assert error["text"] == hub.refusal
    assert error["id"] == 5


def test_a_flood_from_one_page_is_refused_past_its_allowance(page: Visitor, hub: FakeHub):
    with page.socket() as socket:
        for i in range(600):
            socket.send(json.dumps({"post": "/master", "args": [i / 600]}))
        assert "messages a second" in until(socket, "error", limit=700)["text"]
    assert len(hub.posts) < 600


def test_a_page_that_says_nothing_gets_two_frames_and_no_more_until_it_has_seen_them(page: Visitor, hub: FakeHub):
    hub.show((1, 1, 1))
    with page.socket() as socket:
        first = light(socket)
        hub.show((2, 2, 2))
        second = light(socket)
        hub.show((3, 3, 3))
        # The state is sent less often than light: by then the third frame could have come.
        socket.send('{"post": "/piece/ember/speed", "args": [2.5]}')
        assert frames_before(socket, "/piece/ember/speed", 2.5) == []
        socket.send(json.dumps({"seen": int.from_bytes(second[:4], "little")}))
        assert light(socket)[8:11] == bytes([3, 3, 3])
    assert first[8:11] == bytes([1, 1, 1])


def test_a_hidden_page_receives_no_light(page: Visitor, hub: FakeHub):
    with page.socket() as socket:
        socket.send('{"watch": false}')
        socket.send('{"post": "/piece/ember/sparks", "args": [7]}')
        frames_before(socket, "/piece/ember/sparks", 7)
        hub.show((9, 9, 9))
        socket.send('{"post": "/piece/ember/sparks", "args": [8]}')
        assert frames_before(socket, "/piece/ember/sparks", 8) == []
        socket.send('{"watch": true}')
        hub.show((8, 8, 8))
        assert light(socket)[8] in (8, 9)


def test_nobody_is_asked_for_light_that_no_page_waits_for(page: Visitor, hub: FakeHub):
    with page.socket() as hidden, page.socket() as silent:
        hidden.send('{"watch": false}')
        for brightness in (1, 2):
            hub.show((brightness, 0, 0))
            light(silent)
        # Each change of the state takes a tenth of a second, in which light would be asked for twice.
        asked = []
        for sparks in (3, 4, 5):
            silent.send(json.dumps({"post": "/piece/ember/sparks", "args": [sparks]}))
            frames_before(silent, "/piece/ember/sparks", sparks)
            asked.append(hub.asked)
        assert asked[0] == asked[2]
        hidden.send('{"watch": true}')
        hub.show((9, 0, 0))
        while light(hidden)[8] != 9:
            pass


def test_a_million_pixels_are_sent_less_often_and_a_few_are_not(hub: FakeHub):
    asked = {}
    for n_pixels in (18, 1_000_000):
        hub.light, hub.asked = np.zeros((n_pixels, 3), np.uint8), 0
        feed = Feed(hub, StepClock())
        feed._readers[asyncio.Event()] = lambda: True
        for k in range(100):
            hub.seq += 1
            feed._read_light(k / 25)
        asked[n_pixels] = hub.asked
    assert asked == {18: 100, 1_000_000: 13}


def test_an_unfinite_gauge_reaches_the_page_as_nothing(page: Visitor, hub: FakeHub):
    hub.message = {"level": "info", "text": "x", "age_s": float("inf")}
    try:
        assert page.http.get("/api/state").json()["message"]["age_s"] is None
    finally:
        hub.message = None


def test_one_page_too_many_is_told_so(page: Visitor):
    with ExitStack() as stack:
        for _ in range(MAX_PAGES):
            until(stack.enter_context(page.socket()), "describe")
        extra = stack.enter_context(page.socket())
        assert "the most" in until(extra, "error")["text"]
    with page.socket() as socket:
        until(socket, "describe")


def test_without_a_session_only_the_form_and_its_looks_are_shown(guarded: Visitor):
    assert guarded.http.get("/").headers["location"] == "/login"
    assert guarded.http.get("/api/state").status_code == 401
    assert guarded.http.get("/api/session").status_code == 401
    with pytest.raises(InvalidStatus):
        guarded.socket()
    assert guarded.http.get("/page/style.css").status_code == 200
    assert "<form" in guarded.http.get("/login").text


def test_the_password_opens_the_page_with_a_cookie_scripts_cannot_read(guarded: Visitor):
    reply = guarded.http.post("/login", data={"password": "moonlight"}, headers={"origin": guarded.base})
    cookie = reply.headers["set-cookie"].lower()
    assert reply.headers["location"] == "/"
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert guarded.http.get("/").status_code == 200
    with guarded.socket() as socket:
        until(socket, "describe")
    assert guarded.http.post("/logout").status_code == 303
    assert guarded.http.get("/").status_code == 303


def test_wrong_passwords_are_refused_in_words_and_soon_no_longer_tried(guarded: Visitor):
    first = guarded.http.post("/login", data={"password": "<script>"})
    assert first.status_code == 403
    assert "not the password" in first.text
    assert "<script>" not in first.text
    for _ in range(4):
        guarded.http.post("/login", data={"password": "x"})
    assert guarded.http.post("/login", data={"password": "moonlight"}).status_code == 429


def test_a_login_from_another_site_or_without_end_is_refused(guarded: Visitor):
    elsewhere = guarded.http.post("/login", data={"password": "moonlight"}, headers={"origin": "http://evil.example"})
    assert elsewhere.status_code == 403
    assert "set-cookie" not in elsewhere.headers
    assert guarded.http.post("/login", content=b"password=" + b"x" * 10_000).status_code == 413
    assert guarded.http.post("/login", content=b"\xff\xfe%%%").status_code == 403


def test_a_hub_that_fails_closes_the_page_which_then_asks_again(
    page: Visitor, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
):
    with page.socket() as socket:
        until(socket, "state")
        monkeypatch.setattr(hub, "lit", lambda: 1 / 0)
        with pytest.raises(ConnectionClosed):
            read_to_the_end(socket)
    monkeypatch.undo()
    with page.socket() as socket:
        until(socket, "state")


def test_a_quiet_show_still_says_that_it_lives(page: Visitor):
    with page.socket() as socket:
        until(socket, "state")
        until(socket, "alive")
