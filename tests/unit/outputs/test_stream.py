"""TCP and serial wires: whole messages or none, nothing waits, and what went away is found again."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import termios
import tty

import pytest

from facade.core.clock import StepClock
from facade.core.health import State
from facade.outputs.sender import NetworkSender
from facade.outputs.stream import STUCK_TRIES, SerialWire, TcpWire

HERE = ("127.0.0.1", 0)


def datagrams(*payloads):
    return [(memoryview(p), HERE) for p in payloads]


class Server:
    """A TCP server that reads when asked to."""

    def __init__(self, port=0):
        self._listening = socket.create_server(("127.0.0.1", port))
        self._listening.settimeout(5)
        self.address = self._listening.getsockname()
        self.link = None

    def accept(self):
        self.link, _ = self._listening.accept()
        self.link.settimeout(5)

    def read(self, n):
        data = b""
        while len(data) < n:
            part = self.link.recv(n - len(data))
            assert part, "the connection ended"
            data += part
        return data

    def close(self):
        if self.link is not None:
            self.link.close()
        self._listening.close()


class Terminal:
    """A serial port's other end: a pseudo-terminal that reads when asked to."""

    def __init__(self):
        self._end, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._end, False)
        self.device = os.ttyname(self._slave)

    def read(self):
        data = b""
        while True:
            try:
                part = os.read(self._end, 65536)
            except BlockingIOError:
                return data
            data += part

    def speed(self):
        return termios.tcgetattr(self._slave)[5]

    def close(self):
        os.close(self._slave)
        os.close(self._end)


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def terminal():
    made = Terminal()
    yield made
    made.close()


def connected(server):
    wire = TcpWire(server.address)
    while wire.open():
        pass
    server.accept()
    return wire


def frames(sender, clock, n, payload=b"message"):
    left = 0
    for _ in range(n):
        sender.begin()
        left += sender.put(datagrams(payload))
        sender.end()
        clock.advance(0.025)
    return left


def test_messages_arrive_one_behind_the_other(server):
    wire = connected(server)

    assert wire.send(datagrams(b"one", b"two")) == (2, 6, 0)

    assert server.read(6) == b"onetwo"
    wire.close()


def test_reader_that_falls_behind_loses_whole_messages_only(server):
    wire = connected(server)
    size = 60_000
    sent = []
    for k in range(150):
        n, _, error = wire.send(datagrams(bytes([k % 251]) * size))
        assert error == 0
        if n:
            sent.append(k % 251)
    assert len(sent) < 150, "the reader was never behind"

    got = b""
    server.link.settimeout(0.02)
    while len(got) < len(sent) * size:
        # At most one message is kept; it follows as the window opens.
        wire.pending()
        with contextlib.suppress(TimeoutError):
            got += server.link.recv(size)

    assert [got[i * size] for i in range(len(sent))] == sent
    assert all(len(set(got[i * size : (i + 1) * size])) == 1 for i in range(len(sent)))
    wire.close()


def test_reader_that_never_reads_is_left_and_called_again(server):
    wire = connected(server)
    while wire.send(datagrams(bytes(60_000)))[0]:
        pass

    errors = [wire.pending() for _ in range(STUCK_TRIES + 2)]

    assert errors[0] == 0
    assert errno.ETIMEDOUT in errors
    wire.close()


def test_server_that_appears_later_is_found():
    probe = Server()
    address = probe.address
    probe.close()
    clock = StepClock()
    sender = NetworkSender("strip", TcpWire(address), kind="opc", universes=1, clock=clock)
    assert frames(sender, clock, 100) == 0
    assert sender.health().problem == f"nobody listens on 127.0.0.1:{address[1]}"

    server = Server(address[1])
    frames(sender, clock, 140)
    server.accept()

    assert sender.health().state is State.LIVE
    assert server.read(7) == b"message"
    sender.close()
    server.close()


def test_server_that_ends_the_connection_is_called_again(server):
    wire = connected(server)
    clock = StepClock()
    sender = NetworkSender("strip", wire, kind="opc", universes=1, clock=clock)
    frames(sender, clock, 3)
    server.link.close()

    frames(sender, clock, 200)
    server.accept()
    frames(sender, clock, 3, b"again!!")

    assert sender.health().state is State.LIVE
    sender.close()


def test_serial_frames_arrive_at_the_speed_that_was_asked_for(terminal):
    wire = SerialWire(terminal.device, baud=115_200)
    assert wire.open() == 0

    assert wire.send(datagrams(b"Ada\x00\x00\x55rgb")) == (1, 9, 0)

    assert terminal.read() == b"Ada\x00\x00\x55rgb"
    assert terminal.speed() == termios.B115200
    wire.close()


def test_serial_port_that_falls_behind_gets_whole_frames_only(terminal):
    wire = SerialWire(terminal.device, baud=115_200)
    wire.open()
    got, sent = b"", []
    for k in range(60):
        n, _, error = wire.send(datagrams(bytes([k]) * 5000))
        assert error == 0
        sent += [k] * n
        if k % 20 == 19:
            got += terminal.read()
    for _ in range(20):
        wire.pending()
        got += terminal.read()

    assert 5 < len(sent) < 60, "the port was never behind"
    assert got == b"".join(bytes([k]) * 5000 for k in sent)
    wire.close()


def test_serial_port_that_is_not_there_is_a_state_and_found_when_it_comes(tmp_path, terminal):
    clock = StepClock()
    link = tmp_path / "ttyUSB9"
    sender = NetworkSender("strip", SerialWire(str(link), baud=115_200), kind="adalight", universes=1, clock=clock)
    frames(sender, clock, 100)
    before = sender.health()

    link.symlink_to(terminal.device)
    frames(sender, clock, 70)

    assert (before.state, before.packets) == (State.FAILED, 0)
    assert "no such port" in before.problem
    assert sender.health().state is State.LIVE
    assert terminal.read().startswith(b"message")
    sender.close()


def test_serial_port_that_is_pulled_out_is_an_error_number(terminal):
    wire = SerialWire(terminal.device, baud=115_200)
    wire.open()
    terminal.close()
    try:
        assert wire.send(datagrams(b"x"))[2] == errno.EIO
    finally:
        wire.close()
        terminal._end, terminal._slave = os.openpty()


def test_last_message_leaves_before_the_port_is_closed(terminal):
    wire = SerialWire(terminal.device, baud=115_200)
    wire.open()
    while wire.send(datagrams(b"light" * 1000))[0]:
        pass
    got = terminal.read()
    wire.send(datagrams(b"black"))

    wire.close()

    assert (got + terminal.read()).endswith(b"black")
