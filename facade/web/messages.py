"""What a page may say, checked strictly. Wrong messages become a sentence for the person, never an exception past here.

A page sends JSON text, one object a message:
    {"post": ADDRESS, "args": [...], "id": N}    a change; id is optional and comes back in an error
    {"seen": N}                                  the page has drawn light frame N
    {"watch": true|false}                        whether to send light frames (a hidden tab says false)
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from facade.control.events import Arg
from facade.core.errors import InputError

MAX_MESSAGE_CHARS = 4096
MAX_ARGS = 16
MAX_TEXT_CHARS = 256
MAX_ID = 2**31 - 1
MAX_NUMBER = 2.0**53
"""Beyond this a browser's numbers are not exact integers any more."""

# The page names parameters one by one: no OSC wildcards, nothing a log or a terminal could trip over.
_ADDRESS = re.compile(r"(?:/[A-Za-z0-9_.-]{1,63}){1,8}")


@dataclass(frozen=True, slots=True)
class Post:
    """A change. id: the page's own number for it, None if it gave none."""

    address: str
    args: tuple[Arg, ...]
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    seq: int


@dataclass(frozen=True, slots=True)
class Watch:
    on: bool


class MessageError(InputError):
    """A page message of the wrong shape. thing, rule and fix are the parts of the sentence."""

    def __init__(self, thing: str, rule: str, fix: str, *, id: int | None = None) -> None:  # noqa: A002  the wire's word
        super().__init__(f"{thing}: {rule}. {fix}")
        self.thing = thing
        self.rule = rule
        self.fix = fix
        self.id = id


def decode(text: str) -> Post | Seen | Watch:
    """Return what the page said. Raises MessageError naming the thing, the rule and the fix."""
    if len(text) > MAX_MESSAGE_CHARS:
        raise _wrong(
            "page message", f"{len(text)} characters; at most {MAX_MESSAGE_CHARS} are read", "Send less at once."
        )
    try:
        message = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _wrong(
            "page message", "not valid JSON", 'Send one object, such as {"post": "/master", "args": [0.5]}.'
        ) from error
    if not isinstance(message, dict):
        raise _wrong(
            "page message", f"is {_kind(message)}, not an object", 'Send {"post": …}, {"seen": …} or {"watch": …}.'
        )
    kinds = [key for key in ("post", "seen", "watch") if key in message]
    if len(kinds) != 1:
        raise _wrong(
            "page message",
            f'holds {" and ".join(kinds) or "none"} of "post", "seen" and "watch"; it must hold exactly one',
            "Reload the page: it may be older than the server.",
        )
    if kinds[0] == "post":
        return _post(message)
    return _seen(message) if kinds[0] == "seen" else _watch(message)


def error_reply(error: InputError, *, id: int | None = None) -> dict[str, Any]:  # noqa: A002  the wire's word
    """Return the JSON that tells a page what was refused."""
    reply: dict[str, Any] = {"type": "error", "text": str(error), "id": id}
    if isinstance(error, MessageError):
        reply |= {"thing": error.thing, "rule": error.rule, "fix": error.fix, "id": error.id if id is None else id}
    return reply


def _post(message: dict[str, Any]) -> Post:
    number = message.get("id")
    if number is not None and not _is_count(number, MAX_ID):
        raise _wrong(
            "id", f"is {_show(number)}; it must be a whole number 0..{MAX_ID}", "Leave it out or send a number."
        )
    _only(message, {"post", "args", "id"}, number)
    address = message["post"]
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise _wrong(
            f"address {_show(address)}",
            "must be parts of letters, digits, _ . and -, each after a slash, at most 8",
            "Use an address from the description, such as /master or /piece/SLUG/NAME.",
            number,
        )
    args = message.get("args", [])
    if not isinstance(args, list) or len(args) > MAX_ARGS:
        raise _wrong(f"args of {address}", f"must be a list of at most {MAX_ARGS} values", "Send [value].", number)
    return Post(address=address, args=tuple(_arg(a, address, number) for a in args), id=number)


def _arg(value: object, address: str, number: int | None) -> Arg:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and abs(value) <= MAX_NUMBER and math.isfinite(value):
        return value
    if isinstance(value, str) and len(value) <= MAX_TEXT_CHARS and value.isprintable():
        return value
    raise _wrong(
        f"value {_show(value)} for {address}",
        f"must be true, false, null, a finite number or a text of at most {MAX_TEXT_CHARS} printable characters",
        "Send a colour or a point as separate numbers.",
        number,
    )


def _seen(message: dict[str, Any]) -> Seen:
    _only(message, {"seen"}, None)
    if not _is_count(message["seen"], 2**32 - 1):
        raise _wrong(
            "seen", f"is {_show(message['seen'])}; it must be a frame number", "Send the number the frame began with."
        )
    return Seen(message["seen"])


def _watch(message: dict[str, Any]) -> Watch:
    _only(message, {"watch"}, None)
    if not isinstance(message["watch"], bool):
        raise _wrong(
            "watch", f"is {_show(message['watch'])}; it must be true or false", "Send true to receive light frames."
        )
    return Watch(message["watch"])


def _only(message: dict[str, Any], known: set[str], number: int | None) -> None:
    unknown = sorted(set(message) - known)
    if unknown:
        rule = f"is not a key of this message; its keys are {', '.join(sorted(known))}"
        raise _wrong(f"key {_show(unknown[0])}", rule, "Leave it out.", number)


def _is_count(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def _kind(value: object) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def _show(value: object) -> str:
    """At most 48 characters of anything, safe to print."""
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 48 else f"{text[:47]}…"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _wrong(thing: str, rule: str, fix: str, number: int | None = None) -> MessageError:
    return MessageError(thing, rule, fix, id=number)
