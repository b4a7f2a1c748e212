"""What is left of a document once everything with a problem is taken out, so that the rest can be checked too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from facade.config.lines import KeyPath
from facade.config.report import dotted
from facade.config.text import key_path
from facade.core.errors import Problem

_NAMED = 2
"""Keys down to a thing with a name, such as ``power.front``: what is left out whole, or its checks would go astray."""


def sound_part(data: Mapping[str, Any], problems: Iterable[Problem]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return a copy of a document's data without what problems name, and the dotted keys of the tables left out.

    Of a table of names (``[power.front]``) the one with the problem is left out, of any other the key alone; where a
    key is missing, its table.
    """
    part, without = dict(data), set()
    for problem in problems:
        path = key_path(problem.key)
        while path and not _has(data, path):
            path = path[:-1]
        if len(path) > _NAMED or (len(path) == _NAMED and isinstance(data[str(path[0])][path[1]], Mapping)):
            path = path[:_NAMED]
        if path and _take_out(part, path):
            without.add(dotted(path))
    return part, frozenset(without)


def _has(data: Any, path: KeyPath) -> bool:
    for key in path:
        if not isinstance(data, Mapping) or key not in data:
            return False
        data = data[key]
    return True


def _take_out(part: dict[str, Any], path: KeyPath) -> bool:
    """Remove what is at path, one or two keys deep; tables on the way are copied. Return whether it was there."""
    first = str(path[0])
    if first not in part:
        return False
    if len(path) == 1:
        del part[first]
        return True
    part[first] = {key: value for key, value in part[first].items() if key != path[1]}
    return True
