"""TUIO 1.1 (tuio.org): cursors, objects and blobs on a plane, as OSC messages. Places are 0..1 from the top left.

A sender says its name (source), who is there (alive), where (set, one each), and closes with the number of the frame
(fseq). A number of -1 repeats what stands. 2.5D and 3D profiles are passed over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from facade.core.errors import InputError
from facade.protocols import osc

Profile = Literal["2Dcur", "2Dobj", "2Dblb"]
PROFILES: tuple[Profile, ...] = get_args(Profile)

PORT = 3333
REPEATED = -1
MAX_ALIVE = osc.MAX_ARGS - 1
"""Sessions of one message; a table has twenty fingers."""

MAX_NAME = 64
_SET_FORMS: dict[Profile, tuple[int, int, int | None]] = {
    "2Dcur": (5, 1, None),
    "2Dobj": (9, 2, 4),
    "2Dblb": (11, 1, 3),
}
"""Numbers after the session, index of x after "set", index of the angle: s x y X Y m; s i x y a …; s x y a w h f …."""


@dataclass(frozen=True, slots=True)
class TuioSource:
    """name: "app@host", as sent."""

    profile: Profile
    name: str


@dataclass(frozen=True, slots=True)
class TuioAlive:
    """sessions: who is there."""

    profile: Profile
    sessions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TuioSet:
    """x, y: 0..1 from the top left, as sent. symbol: number of the marker, -1 without one. angle: radians."""

    profile: Profile
    session: int
    x: float
    y: float
    symbol: int = -1
    angle: float = 0.0


@dataclass(frozen=True, slots=True)
class TuioFrame:
    """The end of a frame. number: counts up, REPEATED for one that repeats what stands."""

    profile: Profile
    number: int


TuioMessage = TuioSource | TuioAlive | TuioSet | TuioFrame


def decode(message: osc.OscMessage) -> TuioMessage | None:
    """Read one OSC message; None for profiles and commands that are not read here. Raises InputError."""
    profile = message.address.removeprefix("/tuio/")
    if profile not in PROFILES or not message.address.startswith("/tuio/"):
        if message.address.startswith("/tuio/"):
            return None
        raise InputError(f"{message.address[:80]}: is no TUIO message; those begin with /tuio/.")
    if not message.args or not isinstance(message.args[0], str):
        raise _wrong(message, "begins with source, alive, set or fseq")
    command, rest = message.args[0], message.args[1:]
    match command:
        case "source":
            if len(rest) != 1 or not isinstance(rest[0], str):
                raise _wrong(message, "source takes one name")
            return TuioSource(profile, rest[0][:MAX_NAME])
        case "alive":
            if len(rest) > MAX_ALIVE:
                raise _wrong(message, f"alive takes at most {MAX_ALIVE} sessions")
            return TuioAlive(profile, tuple(_whole(message, a) for a in rest))
        case "fseq":
            if len(rest) != 1:
                raise _wrong(message, "fseq takes one number")
            return TuioFrame(profile, _whole(message, rest[0]))
        case "set":
            return _set(message, profile, rest)
    return None


def encode(message: TuioMessage) -> bytes:
    """Return the OSC message; speeds and sizes are zero. What decode reads from it is equal to message."""
    address = f"/tuio/{message.profile}"
    match message:
        case TuioSource(name=name):
            return osc.encode(address, ("source", name))
        case TuioAlive(sessions=sessions):
            return osc.encode(address, ("alive", *sessions))
        case TuioFrame(number=number):
            return osc.encode(address, ("fseq", number))
    numbers, x_at, angle_at = _SET_FORMS[message.profile]
    args: list[int | float] = [message.session, *(0.0 for _ in range(numbers))]
    args[x_at], args[x_at + 1] = message.x, message.y
    if message.profile == "2Dobj":
        args[1] = message.symbol
    if angle_at is not None:
        args[angle_at] = message.angle
    return osc.encode(address, ("set", *args))


def _set(message: osc.OscMessage, profile: Profile, rest: tuple[osc.OscArg, ...]) -> TuioSet:
    numbers, x_at, angle_at = _SET_FORMS[profile]
    if len(rest) != numbers + 1:
        raise _wrong(message, f"set takes {numbers + 1} numbers after it, not {len(rest)}")
    return TuioSet(
        profile,
        _whole(message, rest[0]),
        _number(message, rest[x_at]),
        _number(message, rest[x_at + 1]),
        symbol=_whole(message, rest[1]) if profile == "2Dobj" else -1,
        angle=0.0 if angle_at is None else _number(message, rest[angle_at]),
    )


def _whole(message: osc.OscMessage, arg: osc.OscArg) -> int:
    if isinstance(arg, bool) or not isinstance(arg, int) or not -(2**31) <= arg < 2**31:
        raise _wrong(message, f"{str(arg)[:20]} is no whole number of 32 bits")
    return arg


def _number(message: osc.OscMessage, arg: osc.OscArg) -> float:
    if isinstance(arg, bool) or not isinstance(arg, int | float) or not math.isfinite(arg):
        raise _wrong(message, f"{str(arg)[:20]} is no number")
    return float(arg)


def _wrong(message: osc.OscMessage, rule: str) -> InputError:
    return InputError(f"{message.address}: {rule}. Compare the sender with TUIO 1.1.")
