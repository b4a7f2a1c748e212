"""Where the show is, from the machine that sends to the one that waits, as bytes. No sockets here.

Beside the heartbeats and to the same port, numbers high byte first, MOST_BYTES at most so that no network cuts it:

     0   8  "FACADESP"
     8   1  version, 1
     9   1  role of who speaks: 0 main, 1 standby
    10   2  n, length of the body
    12   8  run, as in its heartbeats
    20   4  sequence, counted together with its heartbeats
    24   n  body: a JSON object
  24+n  16  BLAKE2s of everything before, keyed as heartbeats are

    show    digest of what decides the order of cues: cues, playlists, seed
    cue     name of the newest cue on air        age     seconds since it came on
    index   its place in the playlist            hold, pause    whether show time and order stand still
    values  address -> value of parameters moved from outside; as many as fit, the others in later messages

Keys that are not known are passed over and those that lack take their defaults, so a body may grow. Only a machine
whose heartbeats say that it reads these is sent any: one from before takes them for noise.
"""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from facade.core.errors import InputError
from facade.protocols.heartbeat import Role, digest

Value = bool | int | float | str | tuple[float, ...]

MAGIC = b"FACADESP"
VERSION = 1
MOST_BYTES = 1200
MOST_INDEX = 100_000
"""Ten weeks of a cue a minute. A random order is drawn up to the place that is asked for."""

LONGEST_AGE_S = 1e9
_HEAD = 24
_DIGEST = 16
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ShowPosition:
    """Where a show is. age_s: of its newest cue. index: that cue's place in the playlist. values: see above."""

    show: str
    cue: str
    index: int = 0
    age_s: float = 0.0
    holding: bool = False
    paused: bool = False
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PositionMessage:
    """A position, and which of whose messages it came in."""

    role: Role
    run: int
    sequence: int
    position: ShowPosition


def encode(message: PositionMessage, key: bytes) -> bytes:
    """Return the bytes of a message. Raises InputError if it is longer than MOST_BYTES."""
    body = _body(message.position)
    if len(body) > MOST_BYTES - _HEAD - _DIGEST:
        raise InputError(f"a show position of {len(body)} bytes: {MOST_BYTES} are allowed. Send fewer values.")
    head = b"".join(
        (
            MAGIC,
            bytes((VERSION, message.role)),
            len(body).to_bytes(2, "big"),
            message.run.to_bytes(8, "big"),
            (message.sequence & 0xFFFFFFFF).to_bytes(4, "big"),
        )
    )
    return head + body + digest(head + body, key)


def decode(packet: bytes, key: bytes) -> PositionMessage:
    """Read a message. Raises InputError with the broken rule if it is none, or not signed with key."""
    data = bytes(packet)
    if not data.startswith(MAGIC) or not _HEAD + _DIGEST <= len(data) <= MOST_BYTES:
        raise InputError(f"{len(data)} bytes starting {data[:8]!r}: a show position starts with {MAGIC!r}.")
    signed, signature = data[:-_DIGEST], data[-_DIGEST:]
    if not hmac.compare_digest(signature, digest(signed, key)):
        raise InputError("show position with another signature: another venue, or another key.")
    if data[8] != VERSION:
        raise InputError(f"show position of version {data[8]}: this is {VERSION}.")
    if int.from_bytes(data[10:12], "big") != len(signed) - _HEAD:
        raise InputError("show position whose body has another length than it says.")
    try:
        role, body = Role(data[9]), json.loads(signed[_HEAD:], parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(f"show position that cannot be read: {error}.") from error
    if not isinstance(body, dict):
        raise InputError("show position whose body is no object.")
    run, sequence = int.from_bytes(data[12:20], "big"), int.from_bytes(data[20:24], "big")
    return PositionMessage(role, run, sequence, _position(body))


def room_for(position: ShowPosition) -> int:
    """Return how many bytes of values fit into a message of this position; see ``size_of``. Negative if it has none."""
    return MOST_BYTES - _HEAD - _DIGEST - len(_body(position))


def size_of(address: str, value: Value) -> int:
    """Return what a value takes in a message, its comma included."""
    return len(_json({address: value})) - 1


def _body(position: ShowPosition) -> bytes:
    return _json(
        {
            "show": position.show,
            "cue": position.cue,
            "index": position.index,
            "age": round(position.age_s, 3),
            "hold": position.holding,
            "pause": position.paused,
            "values": dict(position.values),
        }
    )


def _json(body: object) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")


def _position(body: dict[str, Any]) -> ShowPosition:
    cue, show, age_s, index = body.get("cue"), body.get("show", ""), body.get("age", 0.0), body.get("index", 0)
    values = body.get("values", {})
    if not isinstance(cue, str) or not 0 < len(cue) <= _LONGEST_NAME or not isinstance(show, str):
        raise InputError(f"show position with cue {cue!r} and show {show!r}: both are names.")
    if not _is_number(age_s) or not 0.0 <= age_s <= LONGEST_AGE_S:
        raise InputError(f"show position with an age of {age_s!r}: seconds, from 0.")
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= MOST_INDEX:
        raise InputError(f"show position with index {index!r}: a whole number, 0..{MOST_INDEX}.")
    if not isinstance(values, dict):
        raise InputError("show position whose values are no object.")
    return ShowPosition(
        show=show,
        cue=cue,
        index=index,
        age_s=float(age_s),
        holding=body.get("hold") is True,
        paused=body.get("pause") is True,
        values={address: _value(address, raw) for address, raw in values.items()},
    )


def _value(address: str, raw: object) -> Value:
    if isinstance(raw, list) and all(_is_number(each) for each in raw):
        return tuple(raw)
    if isinstance(raw, bool | str) or _is_number(raw):
        return raw  # type: ignore[return-value]
    raise InputError(f"show position with {address} = {raw!r}: a value is a number, a word, or numbers.")


def _is_number(raw: object) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool) and math.isfinite(raw)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
