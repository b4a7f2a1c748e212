"""An evening's inputs in a file, and back: one JSON object a line, so that a power cut costs one line.

    {"facade_recording": 1, "show": "first_light", "venue": "imal_minimal", "seed": 1, "rate_hz": 60.0, ...}
    {"frame": 812, "t": 13.5214, "in": "osc", "a": "/fader/1", "v": [0.25]}           "trig": true if one
    {"frame": 820, "t": 13.6601, "stale": "sensor"}        the input's stale policy was applied
    {"frame": 820, "set": [["/piece/ember/warmth", 0.55]]} what this frame's events changed, in order
    {"frame": 830, "skip": 2}                              frames 830 and 831 were not rendered
    {"frame": 900, "crc": 3735928559}                      CRC-32 of the light of this frame
    {"resumed": true}                                      the writer was replaced; the line before may be torn

frame is the one whose rendering saw the change first; t is show time of arrival, in seconds. Lines are in the order of
their frames. Values JSON cannot say are {"b": base64} and {"f": "inf"}.

A recording of a playing show has "played": true in its header and notes what was changed beside what came in. A replay
applies the changes at their frames: a toggle depends on what the desk knew at that instant, the light must not. Where
no show was playing only what came in is known, and a replay lets the desk decide.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

from facade.config.piece import Value
from facade.control.events import Arg, InputEvent
from facade.core.errors import InputError

VERSION = 1

_RESUMED = {"resumed": True}


@dataclass(frozen=True, slots=True)
class RecordingHeader:
    """show: what ``replay`` loads again. started: civil time, ISO 8601. facade: the version that wrote it.

    played: whether a show was playing, so that the changes are noted too. civil: the time at show time 0, in seconds
    since 1970, for pieces that tell it; None where none was playing.
    """

    show: str
    venue: str
    seed: int
    rate_hz: float
    started: str = ""
    facade: str = ""
    played: bool = False
    civil: float | None = None


@dataclass(frozen=True, slots=True)
class Stale:
    """The stale policy of an input was applied. at_s: show time."""

    at_s: float
    input: str


@dataclass(frozen=True, slots=True)
class RecordedFrame:
    """What happened at one frame. skipped: frames from this one on that were not rendered. crc: None if not noted.

    changes: address and value of everything that was set before this frame was rendered, in order.
    """

    frame: int
    events: tuple[InputEvent | Stale, ...] = ()
    changes: tuple[Change, ...] = ()
    skipped: int = 0
    crc: int | None = None


Change = tuple[str, Value | None]


class Sink(Protocol):
    """A buffered text file, open for writing."""

    def write(self, text: str, /) -> object: ...
    def flush(self) -> object: ...
    def close(self) -> object: ...


class RecordWriter:
    """Writes a recording. The caller flushes about once a second and closes.

    A full disk raises InputError once; from then on ``failed`` is true, everything is ignored, and the show goes on.
    """

    def __init__(self, file: Sink, header: RecordingHeader | None, *, epoch_s: float = 0.0) -> None:
        """header: None goes on at the end of a recording whose writer was killed.

        epoch_s: time at which show time is 0, on the clock of the events' at_s. Raises InputError if the disk is full.
        """
        self._file = file
        self._epoch_s = epoch_s
        self.failed = False
        if header is None:
            # Its last line may be torn: end it, and say that what stands before this line may be.
            self._guard(lambda: self._file.write("\n"))
            self._line(_RESUMED)
        else:
            self._line({"facade_recording": VERSION, **asdict(header)})

    def event(self, event: InputEvent, frame: int) -> None:
        """Note an event and the frame it was first seen in. Raises InputError if the disk is full."""
        line: dict[str, Any] = {"frame": frame, "t": event.at_s - self._epoch_s, "in": event.input, "a": event.address}
        line["v"] = [_to_json(a) for a in event.args]
        if event.trigger:
            line["trig"] = True
        self._line(line)

    def stale(self, input_name: str, frame: int, *, at_s: float) -> None:
        """Note that an input's stale policy was applied."""
        self._line({"frame": frame, "t": at_s - self._epoch_s, "stale": input_name})

    def changes(self, frame: int, changes: Sequence[Change]) -> None:
        """Note what was set before a frame was rendered, in order."""
        self._line({"frame": frame, "set": [[address, value] for address, value in changes]})

    def skipped(self, frame: int, count: int) -> None:
        """Note that count frames from this one on were not rendered."""
        self._line({"frame": frame, "skip": count})

    def checkpoint(self, frame: int, crc: int) -> None:
        """Note the CRC-32 of a frame's light, 0..2**32-1."""
        self._line({"frame": frame, "crc": crc})

    def flush(self) -> None:
        """Hand everything to the operating system. Raises InputError if the disk is full."""
        if not self.failed:
            self._guard(self._file.flush)

    def close(self) -> None:
        """Flush and close. Raises InputError if the disk is full and nobody was told yet."""
        was_told = self.failed
        try:
            self._file.close()
        except OSError as error:
            self.failed = True
            if not was_told:
                raise _disk(error) from error

    def _line(self, line: dict[str, Any]) -> None:
        if not self.failed:
            text = json.dumps(line, separators=(",", ":"), allow_nan=False)
            self._guard(lambda: self._file.write(text + "\n"))

    def _guard(self, act: Any) -> None:
        try:
            act()
        except OSError as error:
            self.failed = True
            raise _disk(error) from error


class Recording:
    """A recording on disk. ``torn`` is the number of the last line cut short that ``frames`` came to, else None."""

    def __init__(self, path: Path, header: RecordingHeader) -> None:
        self.path = path
        self.header = header
        self.torn: int | None = None

    def frames(self) -> Iterator[RecordedFrame]:
        """Yield what happened, frame by frame, in order; frames at which nothing happened are left out.

        Raises InputError naming the line that is wrong.
        """
        waiting: RecordedFrame | None = None
        for number, line in self._lines():
            frame = _frame_of(line, self.path, number)
            if waiting is not None and frame < waiting.frame:
                raise _wrong(self.path, number, f"frame {frame} after frame {waiting.frame}; frames never go back")
            if waiting is None or frame > waiting.frame:
                if waiting is not None:
                    yield waiting
                waiting = RecordedFrame(frame)
            waiting = _with(waiting, line, self.path, number)
        if waiting is not None:
            yield waiting

    def _lines(self) -> Iterator[tuple[int, dict[str, Any]]]:
        broken: int | None = None
        is_cut = False
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, start=1):
                if number == 1 or not raw.strip():
                    continue
                line = _parsed(raw)
                if broken is not None and line != _RESUMED:
                    raise _wrong(self.path, broken, "is no JSON object")
                broken = None
                if line is None:
                    # Torn, if a marker follows or the file ends in the middle of it.
                    self.torn = broken = number
                    is_cut = not raw.endswith(b"\n")
                elif line != _RESUMED:
                    yield number, line
        if broken is not None and not is_cut:
            raise _wrong(self.path, broken, "is no JSON object")


def read_recording(path: Path) -> Recording:
    """Open a recording and check its header. Raises InputError if it is none, or of an unknown version."""
    try:
        with path.open("rb") as file:
            first = file.readline(65_536)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from error
    try:
        header = json.loads(first)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or "facade_recording" not in header:
        raise _wrong(path, 1, "is no header of a facade recording")
    version = header.pop("facade_recording")
    if version != VERSION:
        raise _wrong(path, 1, f"recording version {version!r}; this facade reads version {VERSION}")
    kinds: dict[str, type | tuple[type, ...]] = {"seed": int, "rate_hz": (int, float)}
    known = {f.name for f in fields(RecordingHeader)}
    bad = [k for k in ("show", "venue", "seed", "rate_hz") if not isinstance(header.get(k), kinds.get(k, str))]
    if bad:
        raise _wrong(path, 1, f"the header lacks a usable {', '.join(bad)}")
    return Recording(path, RecordingHeader(**{k: v for k, v in header.items() if k in known}))


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


def _frame_of(line: dict[str, Any], path: Path, number: int) -> int:
    frame = line.get("frame")
    if not isinstance(frame, int) or isinstance(frame, bool) or frame < 0:
        raise _wrong(path, number, "has no frame number")
    return frame


def _with(at: RecordedFrame, line: dict[str, Any], path: Path, number: int) -> RecordedFrame:
    match line:
        case {"crc": int(crc)}:
            return replace(at, crc=crc)
        case {"skip": int(skip)} if skip > 0:
            return replace(at, skipped=at.skipped + skip)
        case {"set": list(changes)} if all(_is_change(c) for c in changes):
            return replace(
                at, changes=(*at.changes, *((a, tuple(v) if isinstance(v, list) else v) for a, v in changes))
            )
        case {"t": int() | float() as t, "stale": str(name)}:
            return replace(at, events=(*at.events, Stale(float(t), name)))
        case {"t": int() | float() as t, "in": str(name), "a": str(address), "v": list(values)}:
            args = tuple(_from_json(v, path, number) for v in values)
            event = InputEvent(float(t), name, address, args, trigger=line.get("trig") is True)
            return replace(at, events=(*at.events, event))
    raise _wrong(path, number, "is none of event, stale, set, skip and crc")


def _is_change(change: object) -> bool:
    match change:
        case [str(), None | bool() | int() | float() | str()]:
            return True
        case [str(), list(numbers)]:
            return all(isinstance(n, int | float) for n in numbers)
    return False


def _to_json(arg: Arg) -> object:
    if isinstance(arg, bytes):
        return {"b": base64.b64encode(arg).decode("ascii")}
    if isinstance(arg, float) and not math.isfinite(arg):
        return {"f": repr(arg)}
    return arg


def _from_json(value: object, path: Path, number: int) -> Arg:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case {"f": "inf" | "-inf" | "nan" as text}:
            return float(text)
        case {"b": str(text)}:
            try:
                return base64.b64decode(text, validate=True)
            except binascii.Error:
                pass
    raise _wrong(path, number, f"holds a value that is no argument: {str(value)[:40]}")


def _disk(error: OSError) -> InputError:
    return InputError(f"the recording stops here: {error.strerror or error}. Free some space and start a new one.")


def _wrong(path: Path, number: int, rule: str) -> InputError:
    return InputError(f"{path}:{number}: {rule}.")
