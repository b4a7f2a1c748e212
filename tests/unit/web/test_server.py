"""The server on a real port: says when it cannot, stops whole, and comes back on the same socket."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from facade.core.clock import RealClock
from facade.core.errors import InputError
from facade.web import Server, bind_page
from tests.support.pages import FakeHub


@pytest.fixture(scope="module")
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def server(hub: FakeHub) -> Iterator[Server]:
    page = Server(hub, host="127.0.0.1", bound=bind_page("127.0.0.1", 0), password=None, clock=RealClock())
    page.start()
    yield page
    page.stop()


def read_to_the_end(page: ClientConnection) -> None:
    while True:
        page.recv(timeout=5)


def test_it_serves_at_its_url_and_is_gone_after_stop(server: Server):
    assert httpx.get(server.url).status_code == 200
    server.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)
    assert not [t for t in threading.enumerate() if t.name == "page"]


def test_stop_closes_pages_that_are_open(server: Server):
    with connect(server.url.replace("http", "ws") + "ws") as page:
        assert '"describe"' in str(page.recv(timeout=5))
        server.stop()
        with pytest.raises(ConnectionClosed):
            read_to_the_end(page)


def test_a_port_in_use_is_named_with_the_fix():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=rf"port {port}: Address already in use.*Or choose another port"):
            bind_page("127.0.0.1", port)


@pytest.mark.parametrize(("host", "port"), [("203.0.113.7", 8000), ("127.0.0.1", 70_000)])
def test_an_address_that_is_not_ours_is_named(host: str, port: int):
    with pytest.raises(InputError, match=rf"page on {host} port {port}"):
        bind_page(host, port)


@pytest.mark.parametrize("password", [None, ""])
def test_an_open_page_without_a_password_is_refused(hub: FakeHub, password: str | None):
    with bind_page("127.0.0.1", 0) as bound, pytest.raises(InputError, match="needs a password"):
        Server(hub, host="0.0.0.0", bound=bound, password=password, clock=RealClock())


def test_an_open_page_asks_for_its_password_under_any_address(hub: FakeHub):
    page = Server(hub, host="0.0.0.0", bound=bind_page("127.0.0.1", 0), password="moonlight", clock=RealClock())
    page.start()
    try:
        reply = httpx.get(page.url, headers={"host": "192.168.1.20:8000"})
        assert reply.headers["location"] == "/login"
        assert httpx.get(page.url, headers={"host": "evil.example"}).status_code == 421
    finally:
        page.stop()


def test_a_successor_serves_on_the_descriptor_that_a_parent_kept(hub: FakeHub):
    with bind_page("127.0.0.1", 0) as kept:
        for _ in range(2):
            page = Server(hub, host="127.0.0.1", bound=os.dup(kept.fileno()), password=None, clock=RealClock())
            page.start()
            assert httpx.get(page.url).status_code == 200
            page.stop()


def test_a_message_beyond_all_size_ends_that_page_only(server: Server):
    address = server.url.replace("http", "ws") + "ws"
    with connect(address) as greedy, connect(address) as other:
        greedy.send("x" * 100_000)
        with pytest.raises(ConnectionClosed):
            read_to_the_end(greedy)
        assert '"describe"' in str(other.recv(timeout=5))
