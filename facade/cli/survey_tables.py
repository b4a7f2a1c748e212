"""What is on the network beside a venue's patch, as tables or JSON; shared by ``devices`` and ``venue test``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from facade.app.plan import venue_with_hosts
from facade.app.venues import open_venue_here
from facade.cli.tables import show_table
from facade.core import places
from facade.core.clock import RealClock
from facade.outputs.discovery import Found
from facade.outputs.identity import claim_identity
from facade.outputs.interfaces import interfaces
from facade.outputs.survey import Remark, survey


def survey_of(venue: str | None, hosts: Mapping[str, str]) -> tuple[Found, tuple[Remark, ...]]:
    """Ask the controllers of a venue (name or path, or None), and every network of this machine.

    Raises ConfigError, OutputError.
    """
    patch = None
    if venue is not None:
        _, patch = open_venue_here(venue, changed=partial(venue_with_hosts, hosts=hosts))
    cards = interfaces()
    identity = claim_identity(places.state())
    identity.close()
    return survey(
        patch,
        RealClock(),
        broadcasts=[card.broadcast for card in cards if card.broadcast and card.up],
        own={card.address for card in cards if card.address},
        own_cid=str(identity.cid),
    )


def survey_json(found: Found, remarks: tuple[Remark, ...]) -> dict[str, Any]:
    """Return a survey for machines."""
    return {
        "artnet": [asdict(node) for node in found.nodes],
        "sacn": [asdict(source) for source in found.sources],
        "devices": [asdict(device) for device in found.devices],
        "remarks": [asdict(remark) | {"fine": remark.is_fine} for remark in remarks],
    }


def show_survey(title: str, remarks: tuple[Remark, ...]) -> None:
    """Print a survey for people: what wants a person first."""
    ordered = sorted(remarks, key=lambda remark: remark.is_fine)
    columns = ("name", "state", "protocol", "address", "what was found", "firmware")
    show_table(title, columns, [(r.name, r.state, r.protocol, r.where, r.found, r.firmware) for r in ordered])
    fixes = [(r.name, r.fix) for r in ordered if r.fix]
    if fixes:
        show_table("What to do", ("name", "fix"), fixes)
