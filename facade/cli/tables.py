"""Tables for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print one table; an empty one says so."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        # Whatever is narrow, a name to copy stays in one piece.
        table.add_column(column, header_style="dim", overflow="fold", no_wrap=column == columns[0])
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console = Console()
    console.print(table if table.row_count else f"[bold]{title}[/]\nnone")
    console.print()


def show_json(value: Any) -> None:
    """Print JSON for machines."""
    click.echo(json.dumps(value, indent=2, default=str))


def half_blocks(picture: Any) -> Text:
    """Return uint8 (H, W, 3), H even, as coloured text of half as many lines: each character is two dots."""
    text = Text()
    for upper, lower in zip(picture[::2].tolist(), picture[1::2].tolist(), strict=True):
        for a, b in zip(upper, lower, strict=True):
            text.append("\u2580", style=f"rgb({a[0]},{a[1]},{a[2]}) on rgb({b[0]},{b[1]},{b[2]})")
        text.append("\n")
    return text


def _cell(value: object) -> str | Text:
    if isinstance(value, Text):
        return value
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value).replace("[", r"\[")
