from __future__ import annotations

import json

import pytest

from facade.config.fields import key_names, tables_of
from facade.config.schema import KINDS, schema_for


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_every_schema_is_described(kind):
    schema = json.loads(json.dumps(schema_for(kind)))

    tables = [schema, *schema.get("$defs", {}).values()]
    undescribed = [(t.get("title"), k) for t in tables for k, p in t["properties"].items() if not p.get("description")]

    assert undescribed == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_names_keys_as_they_stand_in_the_file_and_refuses_others(kind):
    schema = schema_for(kind)

    assert set(schema["properties"]) == set(key_names(KINDS[kind]))
    assert "schema" in schema["properties"]
    assert schema["additionalProperties"] is False
    assert len(schema.get("$defs", {})) == len(list(tables_of(KINDS[kind]))) - 1


def test_a_schema_carries_ranges_and_choices():
    segment = schema_for("venue")["$defs"]["Segment"]["properties"]
    controller = schema_for("controller")["properties"]

    assert (segment["channel"]["minimum"], segment["channel"]["maximum"]) == (1, 65535)
    assert "from" in segment
    assert controller["protocol"]["enum"][:3] == ["artnet", "sacn", "ddp"]
