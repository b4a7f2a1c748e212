"""What the shows of two machines tell each other: from the renderer's reports here to places for the renderer there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from facade.app.process import Place
from facade.app.split import Split
from facade.config.show import Show
from facade.delivery.pair import Pair
from facade.delivery.relay import Heard, ShowRelay
from facade.protocols.show_position import ShowPosition


class Partner:
    """The other machine, for this one's show. epoch: monotonic time of show time 0."""

    def __init__(self, show: Show, split: Split, *, epoch: float) -> None:
        self.relay = ShowRelay(digest_of(show))
        self._split = split
        self._epoch = epoch
        self._report: Mapping[str, Any] | None = None
        self._follows = False

    def step(self, pair: Pair) -> None:
        """Between two frames: note where the show here is; while the other machine sends, let this show be there."""
        report = self._split.reports.get("render")
        if report is not None and report is not self._report:
            self._report = report
            self.relay.stands(position_of(report), self._epoch + report["time_s"])
        heard = self.relay.heard()
        if heard is not None and not pair.sending:
            self._follows = True
            self._split.links["render"].send("follow", asdict(self._place(heard)))
            if heard.position.values:
                self._split.links["control"].send("values", dict(heard.position.values))
        elif self._follows and pair.sending:
            self._follows = False
            self._split.links["render"].send("follow", None)

    def _place(self, heard: Heard) -> Place:
        there = heard.position
        at_s = heard.at - self._epoch
        return Place(there.cue, there.index, there.age_s, at_s, holding=there.holding, paused=there.paused)


def position_of(report: Mapping[str, Any]) -> ShowPosition:
    """Where the renderer's report says that the show is."""
    return ShowPosition(
        show="",
        cue=str(report["cue"]),
        index=int(report["position"]),
        age_s=float(report["age_s"]),
        holding=bool(report["holding"]),
        paused=bool(report["paused"]),
    )


def digest_of(show: Show) -> str:
    """Return what two machines' shows have in common if they play the same cues in the same order."""
    text = show.model_dump_json(include={"seed", "start", "cue", "playlist"})
    return hashlib.blake2s(text.encode(), digest_size=6).hexdigest()
