"""``facade schema``: JSON Schemas, so that an editor completes and checks documents as they are typed."""

from __future__ import annotations

import json

import click

from facade.config.schema import KINDS, schema_for


@click.command("schema")
@click.argument("kind", type=click.Choice(sorted(KINDS)))
def command(kind: str) -> None:
    """Print the JSON Schema of a document.

    \b
    In an editor that reads TOML schemas, put this line on top of the file:
      #:schema ./venue.schema.json           made by: facade schema venue > venue.schema.json
    """
    click.echo(json.dumps(schema_for(kind), indent=2))
