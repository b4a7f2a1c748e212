"""A show in real processes that can be spoken to and listened to, with pieces that a test writes for it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.running import (
    Packet,
    Receiver,
    RunningShow,
    free_port,
    is_lit,
    page_state,
    send_osc,
    show_at,
    venue_at,
    wait_for_control,
)

LONGEST_GAP_S = 0.250
"""Between two packets, whatever a piece does."""


@dataclass(frozen=True)
class OnAir:
    """folder: of the show and its pieces. page: port of the page."""

    show: RunningShow
    osc_port: int
    node: Receiver
    page: int
    folder: Path

    def cue(self, name: str, shown: Callable[[Packet], bool], *, within_s: float = 30.0) -> None:
        """Start a cue and wait until its light is there."""
        send_osc(self.osc_port, "/show/cue", name)
        self.node.wait_for(shown, within_s, f"cue {name}")

    def faults(self) -> dict[str, str]:
        """Slug -> why it is not shown, as the page says it."""
        found: dict[str, str] = page_state(self.page)["render"]["faults"]
        return found

    def wait_said(self, *words: str, within_s: float = 20.0) -> str:
        """Return the line on standard error that holds all the words."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            for line in self.show.said().splitlines():
                if all(word in line for word in words):
                    return line
            time.sleep(0.02)
        raise AssertionError(f"no line with {words} in:\n{self.show.said()}")


@contextlib.contextmanager
def on_air(
    folder: Path, *, cues: str, write: Callable[[Path], None], env: dict[str, str] | None = None
) -> Iterator[OnAir]:
    """Play a show of one cue, "glow", and more. write: puts their pieces beside the show, whose folder it is given."""
    node, port = Receiver(), free_port()
    document = show_at(folder / "show", port, piece="signal", more=cues)
    write(folder / "show")
    with RunningShow(document, "--venue", venue_at(folder, node.port), env=env) as show:
        page = show.page_port()
        node.wait_for(is_lit, 60.0, "the first light")
        wait_for_control(node, port)
        yield OnAir(show, port, node, page, folder / "show")
    node.close()


def is_ember(packet: Packet) -> bool:
    """The fallback glows red; what would be shown instead of it is blue or grey."""
    reds, blues = packet.data[0:54:3], packet.data[2:54:3]
    return sum(reds) > 6 * sum(blues) > 0 or (sum(reds) > 200 and sum(blues) == 0)


def is_blue(packet: Packet) -> bool:
    return packet.data[0] == 0 and packet.data[1] < 20 and packet.data[2] > 100
