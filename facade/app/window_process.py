"""The window process: a viewer of the light that left. Optional; the show never depends on it."""

from __future__ import annotations

import numpy as np

from facade.app.process import Heartbeat, ProcessLinks, child_main
from facade.core.clock import RealClock
from facade.core.frame import Rgb
from facade.simulator.scene import Scene
from facade.simulator.window import StreetWindow


def run(links: ProcessLinks) -> None:
    """Show the street view until a person closes the window or the parent goes."""
    clock = RealClock()
    heart = Heartbeat(links.parent, clock)

    def newest() -> Rgb | None:
        found = links.lit.latest()
        return None if found is None else found[1].view(np.float32)

    def alive() -> bool:
        if heart.due():
            heart.beat()
        return links.parent_alive()

    title = f"{links.plan.show.title} · {links.plan.pixels.venue.venue.name}"
    StreetWindow(newest, Scene.of(links.plan.pixels), title=title, clock=clock).run(alive)


if __name__ == "__main__":
    child_main(run)
