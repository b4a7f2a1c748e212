"""Who has a port is named, so that a person knows what to end."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from facade.core.clock import StepClock
from facade.core.errors import OutputError
from facade.core.holders import Holder, holder_of, holder_words
from facade.outputs.discovery import discover_artnet
from facade.outputs.ears import ArtNetEar

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")

HOLD = """
import socket, sys
kind = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}[sys.argv[1]]
end = socket.socket(socket.AF_INET, kind)
end.bind(("127.0.0.1", 0))
if kind == socket.SOCK_STREAM:
    end.listen()
print(end.getsockname()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def hold():
    """Start a program that has a port; returns it and the port."""
    started = []

    def start(kind):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process, int(process.stdout.readline())

    yield start
    for process in started:
        if not process.stdin.closed:
            process.communicate(timeout=10)


@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_the_process_is_named_with_its_command(hold, kind):
    process, port = hold(kind)

    holder = holder_of(port, kind=kind)

    assert holder.pid == process.pid
    assert "import socket, sys kind" in holder.command
    assert f"kill {process.pid} ends it" in holder.words


CHILD = """
import subprocess, sys
with subprocess.Popen([sys.executable, "-c", sys.argv[1], "udp", "facade.app.control_process"], text=True,
                      stdin=sys.stdin, stdout=subprocess.PIPE) as child:
    print(child.stdout.readline(), flush=True)
    child.wait()
"""


def test_of_a_show_the_process_is_named_that_a_person_started():
    show = subprocess.Popen(
        [sys.executable, "-c", CHILD, HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    port = int(show.stdout.readline())

    assert holder_of(port).pid == show.pid
    show.communicate(timeout=10)


def test_a_free_port_is_nobodys_and_ones_own_is_not_to_be_ended():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.bind(("127.0.0.1", 0))
        port = end.getsockname()[1]
        assert holder_words(port) == "This very program has it already."
    assert holder_of(port) is None
    assert holder_words(port, otherwise="Close it.") == "Close it."


def test_what_wants_the_port_says_who_has_it_and_takes_it_when_it_is_free(hold):
    process, port = hold("udp")
    ear = ArtNetEar(port)
    ear.open()
    assert f"Process {process.pid} has it" in ear.problem
    with pytest.raises(OutputError, match=f"kill {process.pid} ends it"):
        discover_artnet((), clock=StepClock(), port=port)

    ear.retry()
    assert ear.problem
    process.communicate(timeout=10)
    ear.retry()

    assert ear.problem == ""
    assert holder_words(port) == "This very program has it already."
    ear.close()


def test_a_program_whose_files_are_not_shown_is_told_by_its_user():
    words = Holder(0, "", "root").words

    assert words == "A program of user root has it; sudo ss -tulpn shows which."
