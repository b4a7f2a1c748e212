"""The Open Lighting daemon as the venue's nodes: a fader moves in the show, and its DMX values follow."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support import olad
from tests.support.liblo import oscsend
from tests.support.running import RunningShow, free_port, level_byte, show_at, two_nodes_at

pytestmark = pytest.mark.timeout(120)


@dataclass(frozen=True)
class Stage:
    show: RunningShow
    osc_port: int
    daemon: olad.Olad

    def red(self, universe: int) -> list[int]:
        """The first channel of each of the six pixels of a universe, as the daemon has them."""
        return list(self.daemon.dmx(universe)[0:18:3])

    def wait_for(self, light: float) -> dict[int, list[int]]:
        """Return the reds of both universes as soon as the daemon shows this light on every pixel."""
        end, wanted = time.monotonic() + 20.0, level_byte(light)
        while True:
            found = {universe: self.red(universe) for universe in (1, 2)}
            if all(abs(b - wanted) <= 1 for reds in found.values() for b in reds) and all(map(len, found.values())):
                return found
            assert time.monotonic() < end, f"the daemon shows {found}, not {wanted}; {self.show.said()}"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("olad_show")
    port = free_port()
    document = show_at(folder / "show", port, piece="signal")
    venue = two_nodes_at(folder, 6454, 5568)
    with olad.network() as net, olad.running(net) as daemon:
        daemon.listen("ArtNet", 1)
        daemon.listen("E1.31", 2)
        hosts = ("--host", f"east={net.there}", "--host", f"west={net.there}")
        with RunningShow(document, "--venue", venue, *hosts, "--no-page") as show:
            yield Stage(show, port, daemon)


def test_a_fader_moved_in_the_show_moves_the_daemons_dmx_values_on_both_protocols(stage: Stage) -> None:
    found = stage.wait_for(0.5)
    assert [len(reds) for reds in found.values()] == [6, 6]
    for light in (0.9, 0.05):
        end = time.monotonic() + 20.0
        # The fader is moved again until it is heard: the control process may still be starting.
        while abs(stage.red(1)[0] - level_byte(light)) > 1 and time.monotonic() < end:
            oscsend(stage.osc_port, "/piece/signal/level", "f", light)
            time.sleep(0.1)
        stage.wait_for(light)


def test_ctrl_c_leaves_the_daemon_dark(stage: Stage) -> None:
    end = time.monotonic() + 20.0
    while not any(stage.daemon.dmx(1)) and time.monotonic() < end:
        time.sleep(0.05)
    assert any(stage.daemon.dmx(1))
    assert stage.show.stop() == 0
    while any(stage.daemon.dmx(1)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(stage.daemon.dmx(1))
