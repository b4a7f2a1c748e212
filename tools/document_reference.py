"""Writes the tables of keys in docs/documents.md from the models in facade/config.

The prose of that page is written by hand. Between ``<!-- keys: KIND -->`` and ``<!-- end -->`` stands what this makes.

    .venv/bin/python tools/document_reference.py            rewrites the page
    .venv/bin/python tools/document_reference.py --check    exits with 1 if the page is not as it should be
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from facade.config.schema import schema_for  # noqa: E402 - the checkout must be on the path first

PAGE = ROOT / "docs" / "documents.md"
_BLOCK = re.compile(r"(<!-- keys: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

Schema = Mapping[str, Any]


def rewritten(page: str) -> str:
    """Return the page with all its tables of keys made anew."""
    return _BLOCK.sub(lambda match: match[1] + tables(match[2]) + match[3], page)


def tables(kind: str) -> str:
    """Return the tables of keys of one kind of document as Markdown."""
    schema = schema_for(kind)
    parts = []
    for path, note, table in _walk(schema, schema.get("$defs", {}), path=""):
        heading = f"### `{path}`{note}" if path else "### At the top"
        rows = [_row(key, field, table.get("required", ())) for key, field in table["properties"].items()]
        parts.append(
            "\n".join([heading, "", "| key | value | if absent | meaning |", "| --- | --- | --- | --- |", *rows])
        )
    return "\n" + "\n\n".join(parts) + "\n\n"


def _walk(
    table: Schema, named: Mapping[str, Schema], *, path: str, note: str = ""
) -> Iterator[tuple[str, str, Schema]]:
    """Yield (heading, note, table) for a table and every table inside it, in the order of the file."""
    yield path, note, table
    inside = path.strip("[]")
    for key, field in table["properties"].items():
        where = f"{inside}.{key}" if inside else key
        # A table that may be absent is a choice between itself and nothing.
        one = next((part for part in field.get("anyOf", ()) if "$ref" in part), field)
        if "$ref" in one:
            yield from _walk(_named(one, named), named, path=f"[{where}]")
        elif field.get("type") == "array" and "$ref" in field.get("items", {}):
            yield from _walk(_named(field["items"], named), named, path=f"[[{where}]]")
        elif field.get("type") == "object":
            each = field.get("additionalProperties", {})
            for variant in each.get("oneOf", [each]):
                if "$ref" in variant:
                    found = _named(variant, named)
                    tag = found["properties"].get("type", {}).get("const")
                    yield from _walk(
                        found, named, path=f"[{where}.NAME]", note=f' with `type = "{tag}"`' if tag else ""
                    )


def _named(reference: Schema, named: Mapping[str, Schema]) -> Schema:
    return named[reference["$ref"].rpartition("/")[2]]


def _row(key: str, field: Schema, required: Collection[str]) -> str:
    absent = "must be given" if key in required else _absent(field)
    return f"| `{key}` | {_value(field)} | {absent} | {field['description']} |"


def _absent(field: Schema) -> str:
    default = field.get("default")
    if default is None or default in ("", [], {}) or "$ref" in field or isinstance(default, dict):
        return ""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`" if not isinstance(default, str) else f'`"{default}"`'


def _value(field: Schema) -> str:
    """Say in a few words what may stand there."""
    choices = [part for part in field.get("anyOf", ()) if part.get("type") != "null"]
    if choices:
        return " or ".join(dict.fromkeys(_value(part) for part in choices))
    if "enum" in field or "const" in field:
        return ", ".join(f'`"{name}"`' for name in field.get("enum", [field.get("const")]))
    kind = field.get("type")
    if kind == "array":
        return _list(field)
    if kind in ("number", "integer"):
        return ("whole number" if kind == "integer" else "number") + _range(field)
    return {"string": "text", "boolean": "true or false", "object": "tables by name"}.get(str(kind), "table")


def _list(field: Schema) -> str:
    if "prefixItems" in field:
        items = field["prefixItems"]
        return f"list of {len(items)}: {_value(items[0])}"
    if "$ref" in field["items"]:
        return "list of tables"
    return f"list of {_value(field['items'])}"


def _range(field: Schema) -> str:
    low, high = field.get("minimum"), field.get("maximum")
    above, below = field.get("exclusiveMinimum"), field.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" {_plain(low)}..{_plain(high)}"
    words = []
    if low is not None:
        words.append(f"from {_plain(low)}")
    elif above is not None:
        words.append(f"more than {_plain(above)}")
    if high is not None:
        words.append(f"to {_plain(high)}")
    elif below is not None:
        words.append(f"less than {_plain(below)}")
    return f" {', '.join(words)}" if words else ""


def _plain(limit: float) -> str:
    return f"{int(limit):,}" if limit == int(limit) else f"{limit:g}"


def main() -> int:
    """Rewrite or check the page; returns the exit status."""
    page = PAGE.read_text(encoding="utf-8")
    wanted = rewritten(page)
    if page == wanted:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{PAGE} does not say what the models say; run {Path(__file__).name}")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
