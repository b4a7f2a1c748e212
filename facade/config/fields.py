"""Which keys a document may hold: walks the models the way a document's tables nest."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from facade.config.lines import KeyPath


def key_names(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of one table by the names they have in a document."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def keys_at(model: type[BaseModel], data: Any, path: KeyPath) -> list[str]:
    """Return the keys that the table at path in a document of this model may hold; empty if any key may stand there.

    data: the document, to know which kind of table a ``type`` key chose.
    """
    kind: Any = model
    for part in path:
        chosen = _model_for(kind, data)
        if chosen is not None:
            field = key_names(chosen).get(str(part))
            kind = field.annotation if field else None
        else:
            kind = _element(kind)
        data = data[part]
    table = _model_for(kind, data)
    return list(key_names(table)) if table else []


def tables_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield model and every table it can hold, each once."""
    seen: set[type[BaseModel]] = set()
    waiting: list[Any] = [model]
    while waiting:
        kind = waiting.pop(0)
        for table in _models_in(kind):
            if table not in seen:
                seen.add(table)
                yield table
                waiting += [field.annotation for field in table.model_fields.values()]


def _members(kind: Any) -> list[Any]:
    """The alternatives of a union, without Annotated wrappings and None."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, types.UnionType):
        return [m for arg in get_args(kind) if arg is not type(None) for m in _members(arg)]
    return [kind]


def _models_in(kind: Any) -> Iterator[type[BaseModel]]:
    for member in _members(kind):
        if isinstance(member, type) and issubclass(member, BaseModel):
            yield member
        else:
            for argument in get_args(member):
                yield from _models_in(argument)


def _model_for(kind: Any, data: Any) -> type[BaseModel] | None:
    models = [m for m in _members(kind) if isinstance(m, type) and issubclass(m, BaseModel)]
    if len(models) < 2:
        return models[0] if models else None
    tag = data.get("type") if isinstance(data, Mapping) else None
    return next((m for m in models if tag in get_args(m.model_fields["type"].annotation)), None)


def _element(kind: Any) -> Any:
    """The type of the values of a dict or of the items of a tuple."""
    for member in _members(kind):
        arguments = get_args(member)
        if get_origin(member) is dict:
            return arguments[1]
        if get_origin(member) is tuple:
            return arguments[0]
    return None
