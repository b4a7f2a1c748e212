"""Whether one controller is there: live, suspect, gone. Judged by answers, by the wire's neighbours and by the cable.

UDP says nothing about arrival, so a controller is believed only by what comes back. Art-Net nodes answer questions; of
any other controller on this wire the kernel knows whether it still tells its hardware address. A node that has
never answered a question is not blamed for it: many do not know how.
"""

from __future__ import annotations

import logging

from facade.core.health import Presence

ASK_S = 3.0
"""Between two questions to one node; Art-Net 4, "ArtPoll": every 2.5 to 3 seconds."""

SUSPECT_S = 8.0
"""Without an answer: two questions missed, and the second that a node may take."""

GONE_S = 14.0
"""Without an answer: four questions missed."""

SILENT_LOOKS = 2
"""How often in a row a neighbour must be missing: while it is being looked for, it is missing too."""

QUIET_LOG_S = 10.0

_log = logging.getLogger(__name__)


class Attendance:
    """What has been heard of one controller. name, where: for the log."""

    def __init__(self, name: str, where: str) -> None:
        self._name = name
        self._where = where
        self.presence = Presence.UNKNOWN
        self.problem = ""
        self.replied_at: float | None = None
        self.round_trip_s: float | None = None
        self._ever_there = False
        self._silent_looks = 0
        self._logged_at = float("-inf")
        self._said = ""

    @property
    def was_there(self) -> bool:
        """Whether it has ever been there."""
        return self._ever_there

    def replied(self, now: float, *, round_trip_s: float | None = None) -> None:
        """It has answered."""
        self.replied_at = now
        self.round_trip_s = round_trip_s if round_trip_s is not None else self.round_trip_s

    def look(self, now: float, *, is_neighbour: bool | None, cable_in: str | None) -> None:
        """Judge anew, once every ASK_S.

        is_neighbour: whether the wire knows its hardware address; None if it is on no wire of ours, or not looked for.
        cable_in: name of the interface that leads to it if that has no cable, else None.
        """
        self._silent_looks = self._silent_looks + 1 if is_neighbour is False else 0
        self.presence, self.problem = self._judged(now, is_neighbour, cable_in)
        self._ever_there |= self.presence is Presence.LIVE
        self._say(now)

    def _judged(self, now: float, is_neighbour: bool | None, cable_in: str | None) -> tuple[Presence, str]:
        if cable_in is not None:
            return Presence.GONE, f"no cable in {cable_in}, which leads to it"
        if self._silent_looks >= SILENT_LOOKS:
            return Presence.GONE, "nobody on the wire has its address: check its power, its cable and its address"
        if self._silent_looks:
            return Presence.SUSPECT, ""
        if self.replied_at is None:
            return (Presence.LIVE, "") if is_neighbour else (Presence.UNKNOWN, "")
        silent_s = now - self.replied_at
        if silent_s <= SUSPECT_S:
            return Presence.LIVE, ""
        if silent_s <= GONE_S:
            return Presence.SUSPECT, ""
        if is_neighbour:
            why = "is on the wire, but answers no Art-Net any more: check its protocol setting, or start it anew"
            return Presence.SUSPECT, f"it {why}"
        return Presence.GONE, f"no answer for {int(silent_s)} s: check its power, its cable and its address"

    def _say(self, now: float) -> None:
        """Log once that it went, once that it is back, and neither too often."""
        gone = self.presence is Presence.GONE
        if gone and self._said != "gone" and now - self._logged_at >= QUIET_LOG_S:
            _log.warning("controller %s at %s: %s; others go on", self._name, self._where, self.problem)
            self._said, self._logged_at = "gone", now
        elif self._said == "gone" and self.presence is Presence.LIVE:
            _log.info("controller %s at %s is there again", self._name, self._where)
            self._said = "back"
