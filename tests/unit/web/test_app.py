"""The page's server, asked by a client that plays browser, stranger and stranger site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from facade.core.clock import RealClock
from facade.web import create_app
from facade.web.server import MAX_PAGES
from tests.support.pages import FakeHub

BASE = "http://localhost:8000"


@pytest.fixture(scope="module")
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def page(hub: FakeHub) -> Iterator[TestClient]:
    hub.refusal, hub.light = "", None
    hub.posts.clear()
    app = create_app(hub, password=None, allowed_hosts=["localhost"], clock=RealClock())
    with TestClient(app, base_url=BASE) as client:
        yield client


@pytest.fixture
def guarded(hub: FakeHub) -> Iterator[TestClient]:
    app = create_app(hub, password="moonlight", allowed_hosts=["localhost"], clock=RealClock())
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        yield client


def until(socket: Any, kind: str, limit: int = 50) -> dict[str, Any]:
    """The next JSON message of one type."""
    for _ in range(limit):
        message = socket.receive()
        if message.get("text"):
            body: dict[str, Any] = json.loads(message["text"])
            if body["type"] == kind:
                return body
    raise AssertionError(f"no {kind} among {limit} messages")


def light(socket: Any, limit: int = 50) -> bytes:
    for _ in range(limit):
        message = socket.receive()
        if message.get("bytes"):
            return bytes(message["bytes"])
    raise AssertionError(f"no light among {limit} messages")


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
def test_everything_the_page_needs_comes_from_here_with_strict_headers(page: TestClient, path: str, kind: str):
    reply = page.get(path)
    assert reply.status_code == 200
    assert reply.headers.get("content-type", "").startswith(kind)
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in reply.headers


def test_the_page_names_nothing_on_the_internet(page: TestClient):
    files = ["/", "/page/style.css", "/page/login.html", "/page/icons.svg"]
    files += [f"/page/{name}.js" for name in ("main", "link", "stage", "street", "flat", "controls", "panels", "words")]
    for path in files:
        reply = page.get(path)
        assert reply.status_code == 200, path
        outside = reply.text.replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in outside, path
        assert "https://" not in outside, path


def test_quads_hold_six_numbers_a_pixel(page: TestClient, hub: FakeHub):
    assert len(page.get("/api/quads").content) == hub.pixels.n_pixels * 24


@pytest.mark.parametrize(
    "path", ["/page/../server.py", "/page/%2e%2e/server.py", "/street/../../pyproject.toml", "/nothing"]
)
def test_no_other_file_can_be_read(page: TestClient, path: str):
    assert page.get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_http_changes_nothing(page: TestClient, hub: FakeHub, method: str):
    assert page.request(method, "/api/state").status_code == 405
    assert hub.posts == []


def test_a_strange_host_is_sent_away_with_the_reason(page: TestClient):
    reply = page.get("/", headers={"host": "evil.example"})
    assert reply.status_code == 421
    assert "evil.example" in reply.text


def test_another_sites_page_gets_no_socket(page: TestClient):
    with pytest.raises(WebSocketDisconnect), page.websocket_connect("/ws", headers={"origin": "http://evil.example"}):
        pass
    with page.websocket_connect("/ws", headers={"origin": BASE}) as socket:
        assert until(socket, "describe")["show"] == "First light"


def test_a_connecting_page_receives_description_state_and_light(page: TestClient, hub: FakeHub):
    hub.show((10, 200, 30))
    with page.websocket_connect("/ws") as socket:
        assert until(socket, "describe")["n_pixels"] == 18
        assert until(socket, "state")["on_air"]["cue"] == "dusk"
        frame = light(socket)
    seq, count = np.frombuffer(frame[:8], dtype="<u4")
    assert (seq, count) == (hub.seq, 18)
    assert frame[8:] == bytes([10, 200, 30]) * 18


def test_a_change_reaches_the_hub_and_comes_back_as_state(page: TestClient, hub: FakeHub):
    with page.websocket_connect("/ws") as socket:
        until(socket, "state")
        socket.send_text('{"post": "/piece/ember/warmth", "args": [0.75]}')
        assert until(socket, "state")["values"]["/piece/ember/warmth"] == 0.75
    assert hub.posts == [("/piece/ember/warmth", (0.75,))]


@pytest.mark.parametrize("text", ["nonsense", '{"post": 1}', '{"post": "/master", "args": [{}]}', "[]"])
def test_a_message_of_the_wrong_shape_is_answered_and_the_page_goes_on(page: TestClient, hub: FakeHub, text: str):
    with page.websocket_connect("/ws") as socket:
        socket.send_text(text)
        error = until(socket, "error")
        assert all(error[key] for key in ("thing", "rule", "fix", "text"))
        socket.send_text('{"post": "/master", "args": [1]}')
        socket.send_bytes(b"\x00")
        assert "JSON text" in until(socket, "error")["text"]
    assert hub.posts == [("/master", (1,))]


def test_what_the_hub_refuses_is_said_to_the_page_that_asked(page: TestClient, hub: FakeHub):
    hub.refusal = '/show/cue "dawn": is no cue here. Did you mean "dusk"?'
    with page.websocket_connect("/ws") as socket:
        socket.send_text('{"post": "/show/cue", "args": ["dawn"], "id": 5}')
        error = until(socket, "error")
    assert error["text"] == hub.refusal
    assert error["id"] == 5


def test_a_flood_from_one_page_is_refused_past_its_allowance(page: TestClient, hub: FakeHub):
    with page.websocket_connect("/ws") as socket:
        for i in range(600):
            socket.send_text(json.dumps({"post": "/master", "args": [i / 600]}))
        assert "changes a second" in until(socket, "error", limit=700)["text"]
    assert len(hub.posts) < 600


def test_a_page_that_says_nothing_gets_two_frames_and_no_more_until_it_has_seen_them(page: TestClient, hub: FakeHub):
    hub.show((1, 1, 1))
    with page.websocket_connect("/ws") as socket:
        first = light(socket)
        hub.show((2, 2, 2))
        second = light(socket)
        hub.show((3, 3, 3))
        # A change of state is answered well after the third frame could have come.
        socket.send_text('{"post": "/piece/ember/speed", "args": [2.5]}')
        seen = []
        while True:
            message = socket.receive()
            if message.get("bytes"):
                seen.append(message["bytes"])
            elif json.loads(message["text"]).get("values", {}).get("/piece/ember/speed") == 2.5:
                break
        assert seen == []
        socket.send_text(json.dumps({"seen": int.from_bytes(second[:4], "little")}))
        assert light(socket)[8:11] == bytes([3, 3, 3])
    assert first[8:11] == bytes([1, 1, 1])


def test_a_hidden_page_receives_no_light(page: TestClient, hub: FakeHub):
    with page.websocket_connect("/ws") as socket:
        socket.send_text('{"watch": false}')
        socket.send_text('{"post": "/piece/ember/sparks", "args": [7]}')
        while until(socket, "state")["values"]["/piece/ember/sparks"] != 7:
            pass
        hub.show((9, 9, 9))
        socket.send_text('{"post": "/piece/ember/sparks", "args": [8]}')
        while True:
            message = socket.receive()
            assert not message.get("bytes")
            if json.loads(message["text"]).get("values", {}).get("/piece/ember/sparks") == 8:
                break
        socket.send_text('{"watch": true}')
        hub.show((8, 8, 8))
        assert light(socket)[8] in (8, 9)


def test_an_unfinite_gauge_reaches_the_page_as_nothing(page: TestClient, hub: FakeHub):
    hub.message = {"level": "info", "text": "x", "age_s": float("inf")}
    try:
        assert page.get("/api/state").json()["message"]["age_s"] is None
    finally:
        hub.message = None


def test_one_page_too_many_is_told_so(page: TestClient):
    from contextlib import ExitStack

    with ExitStack() as stack:
        for _ in range(MAX_PAGES):
            until(stack.enter_context(page.websocket_connect("/ws")), "describe")
        extra = stack.enter_context(page.websocket_connect("/ws"))
        assert "the most" in until(extra, "error")["text"]
    with page.websocket_connect("/ws") as socket:
        until(socket, "describe")


def test_without_a_session_only_the_form_and_its_looks_are_shown(guarded: TestClient):
    assert guarded.get("/").headers["location"] == "/login"
    assert guarded.get("/api/state").status_code == 401
    assert guarded.get("/api/session").status_code == 401
    with pytest.raises(WebSocketDisconnect), guarded.websocket_connect("/ws"):
        pass
    assert guarded.get("/page/style.css").status_code == 200
    assert "<form" in guarded.get("/login").text


def test_the_password_opens_the_page_with_a_cookie_scripts_cannot_read(guarded: TestClient):
    reply = guarded.post("/login", data={"password": "moonlight"}, headers={"origin": BASE})
    cookie = reply.headers["set-cookie"].lower()
    assert reply.headers["location"] == "/"
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert guarded.get("/").status_code == 200
    with guarded.websocket_connect("/ws") as socket:
        until(socket, "describe")
    assert guarded.post("/logout").status_code == 303
    assert guarded.get("/").status_code == 303


def test_wrong_passwords_are_refused_in_words_and_soon_no_longer_tried(guarded: TestClient):
    first = guarded.post("/login", data={"password": "<script>"})
    assert first.status_code == 403
    assert "not the password" in first.text
    assert "<script>" not in first.text
    for _ in range(4):
        guarded.post("/login", data={"password": "x"})
    assert guarded.post("/login", data={"password": "moonlight"}).status_code == 429


def test_a_login_from_another_site_or_without_end_is_refused(guarded: TestClient):
    elsewhere = guarded.post("/login", data={"password": "moonlight"}, headers={"origin": "http://evil.example"})
    assert elsewhere.status_code == 403
    assert "set-cookie" not in elsewhere.headers
    assert guarded.post("/login", content=b"password=" + b"x" * 10_000).status_code == 413
    assert guarded.post("/login", content=b"\xff\xfe%%%").status_code == 403


def test_a_hub_that_fails_closes_the_page_which_then_asks_again(
    page: TestClient, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(ZeroDivisionError), page.websocket_connect("/ws") as socket:
        until(socket, "state")
        monkeypatch.setattr(hub, "lit", lambda: 1 / 0)
        while True:
            socket.receive_text()
    monkeypatch.undo()
    with page.websocket_connect("/ws") as socket:
        until(socket, "state")
