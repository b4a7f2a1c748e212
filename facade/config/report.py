"""What is wrong with a document, in plain words: pydantic's findings as Problems, and Problems as text for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from facade.config.fields import keys_at
from facade.config.lines import KeyPath, line_of
from facade.core.errors import Problem, did_you_mean

_SHOWN_CHARACTERS = 60

_RULES: dict[str, tuple[str, str]] = {
    "greater_than": ("must be more than {gt}", "Give a larger number."),
    "greater_than_equal": ("must be at least {ge}", "Give a larger number."),
    "less_than": ("must be less than {lt}", "Give a smaller number."),
    "less_than_equal": ("must be at most {le}", "Give a smaller number."),
    "finite_number": ("must be an ordinary number, not nan or inf", "Give a number."),
    "float_type": ("must be a number", "Write it without quotes, such as 0.5."),
    "int_type": ("must be a whole number", "Write it without quotes and without a decimal point."),
    "int_from_float": ("must be a whole number", "Write it without a decimal point."),
    "bool_type": ("must be true or false", "Write true or false without quotes."),
    "string_type": ("must be text", 'Put it in quotes, such as "front".'),
    "dict_type": ("must be a table", "Write it as a [table] with keys of its own."),
    "model_type": ("must be a table", "Write it as a [table] with keys of its own."),
    "model_attributes_type": ("must be a table", "Write it as a [table] with keys of its own."),
    "tuple_type": ("must be a list", "Put the values in square brackets, such as [1.0, 2.0]."),
    "too_short": ("needs at least {min_length} of them, here are {actual_length}", "Add what is missing."),
    "too_long": ("takes at most {max_length} of them, here are {actual_length}", "Take some away."),
    "string_too_short": ("needs at least {min_length} characters", "Write something here."),
    "string_too_long": ("takes at most {max_length} characters", "Shorten it."),
    "string_pattern_mismatch": ("must match {pattern}", "Correct the text."),
}


def problems_of(
    error: ValidationError, *, file: Path | None, lines: Mapping[KeyPath, int], data: Any, model: type[BaseModel]
) -> list[Problem]:
    """Turn every finding of a validation into a Problem, in file order, one a key.

    lines: from config.lines. data: what was validated.
    """
    found: dict[KeyPath, Problem] = {}
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]:
            continue  # items that are wrong themselves were not counted; each has its own finding
        path = _path_in(data, detail["loc"], missing=detail["type"] == "missing")
        if detail["type"].startswith("union_tag"):
            path = (*path, "type")
        problem = _problem(detail, path, data=data, model=model)
        if path in found and found[path].rule != problem.rule:
            # Several findings on one key come from a choice of types: none of them fitted.
            problem = replace(problem, rule="must be a number, text, true or false, or a list of numbers", fix="")
        found[path] = replace(problem, file=file, line=line_of(dict(lines), path))
    # Where no alternative of a choice fitted, what one of them said about the parts inside is noise.
    outermost = [p for path, p in found.items() if not any(path[:n] in found for n in range(1, len(path)))]
    return sorted(outermost, key=lambda p: p.line or 0)


def dotted(path: KeyPath) -> str:
    """Write a key path as people read it: ``fixture.windows.segment[0].channel``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def shown(value: Any) -> str:
    """Write a value as it would stand in TOML, cut to a line."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, Mapping):
        text = "{" + ", ".join(value) + "}"
    elif isinstance(value, tuple | list):
        text = "[" + ", ".join(shown(v) for v in value[:8]) + (", …]" if len(value) > 8 else "]")
    else:
        text = str(value)
    text = text.replace("\n", "\\n")
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def render_problems(problems: Iterable[Problem]) -> str:
    """Return problems as text for people: one block a document, one paragraph a problem.

    Each paragraph says the thing and its line, the value found, the rule, and the fix.
    """
    blocks: dict[Path | None, list[str]] = {}
    for problem in problems:
        where = f"line {problem.line}  " if problem.line is not None else ""
        value = f" = {problem.value}" if problem.value else ""
        paragraph = f"  {where}{problem.key}{value}\n      {_sentence(problem.rule)}"
        if problem.fix:
            paragraph += f"\n      {problem.fix.strip()}"
        blocks.setdefault(problem.file, []).append(paragraph)
    parts = []
    for file, paragraphs in blocks.items():
        count = "1 problem" if len(paragraphs) == 1 else f"{len(paragraphs)} problems"
        parts.append("\n".join([f"{file}: {count}" if file else count, *paragraphs]))
    return "\n\n".join(parts)


def _sentence(rule: str) -> str:
    return rule[:1].upper() + rule[1:].rstrip(".") + "."


def _path_in(data: Any, loc: tuple[int | str, ...], *, missing: bool) -> KeyPath:
    """Drop from pydantic's location what is no key of the document: names of types and of union members."""
    path: list[str | int] = []
    here = data
    for n, part in enumerate(loc):
        if isinstance(here, Mapping):
            if part in here:
                path.append(part)
                here = here[part]
            elif missing and n == len(loc) - 1:
                path.append(part)
        elif isinstance(here, tuple) and isinstance(part, int) and part < len(here):
            path.append(part)
            here = here[part]
        elif missing and isinstance(here, tuple):
            path.append(part)
    return tuple(path)


def _problem(detail: Any, path: KeyPath, *, data: Any, model: type[BaseModel]) -> Problem:
    kind, context = detail["type"], detail.get("ctx", {})
    key, value = dotted(path) or "document", shown(detail["input"])
    if kind == "missing":
        return Problem(None, key, rule="is missing", fix="Add this key.")
    if kind == "extra_forbidden":
        known = keys_at(model, data, path[:-1])
        fix = f"Remove it or correct its name.{did_you_mean(str(path[-1]), known)}"
        return Problem(None, key, rule="is not a key facade knows here", fix=fix, value=value)
    if kind in ("literal_error", "enum"):
        names = re.findall(r"'([^']*)'", context["expected"])
        rule = f"must be one of {', '.join(shown(name) for name in names)}"
        near = did_you_mean(str(detail["input"]), names)
        fix = "Choose one of these." + (near if "Did you mean" in near else "")
        return Problem(None, key, rule, fix, value)
    if kind == "union_tag_not_found":
        return Problem(None, key, rule="is missing", fix='Add type = "…" to this table.')
    if kind == "union_tag_invalid":
        names = [name.strip(" '") for name in context["expected_tags"].split(",")]
        tag, rule = context["tag"], f"must be one of {', '.join(shown(name) for name in names)}"
        near = did_you_mean(tag, names)
        fix = "Choose one of these." + (near if "Did you mean" in near else "")
        return Problem(None, key, rule, fix, shown(tag))
    if kind == "value_error":
        # A validator of ours: its message already is the rule. On a whole table the value would repeat the file.
        rule = str(context["error"])
        return Problem(None, key, rule, fix="", value="" if isinstance(detail["input"], Mapping) else value)
    if kind in _RULES:
        rule, fix = _RULES[kind]
        plain = {name: f"{limit:g}" if isinstance(limit, float) else limit for name, limit in context.items()}
        return Problem(None, key, rule.format(**plain), fix, value)
    return Problem(None, key, rule=str(detail["msg"]).lower(), fix="", value=value)
