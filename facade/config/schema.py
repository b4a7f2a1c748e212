"""JSON Schemas of the documents, for editors that complete and check TOML while it is typed."""

from __future__ import annotations

from typing import Any

from facade.config.controller import ControllerProfile
from facade.config.document import Document
from facade.config.fixture import FixtureProfile
from facade.config.piece import PieceManifest
from facade.config.show import Show
from facade.config.venue import Venue

KINDS: dict[str, type[Document]] = {
    "venue": Venue,
    "piece": PieceManifest,
    "show": Show,
    "fixture": FixtureProfile,
    "controller": ControllerProfile,
}


def schema_for(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a kind of document. Raises KeyError for a kind not in KINDS.

    What a schema cannot say (names that must exist elsewhere, overlapping channels) is checked when documents load.
    """
    model = KINDS[kind]
    schema = model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": f"facade {model.KIND}"}
