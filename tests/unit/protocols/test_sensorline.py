"""Lines of text from sensors."""

from __future__ import annotations

import pytest

from facade.core.errors import InputError
from facade.protocols.sensorline import MAX_LINE, LineSplitter, decode


def as_dict(line: bytes) -> dict[str, tuple[object, ...]]:
    return {m.address: m.args for m in decode(line)}


@pytest.mark.parametrize(
    ("line", "messages"),
    [
        (b"12,0.5,3", {"/0": (12,), "/1": (0.5,), "/2": (3,)}),
        (b"512", {"/0": (512,)}),
        (b"1; -2.5;+3", {"/0": (1,), "/1": (-2.5,), "/2": (3,)}),
        (b"1 2\t3\r", {"/0": (1,), "/1": (2,), "/2": (3,)}),
        (b"1e3,.5", {"/0": (1000.0,), "/1": (0.5,)}),
        (b"distance=12.5 light=300", {"/distance": (12.5,), "/light": (300,)}),
        (b"distance=12.5,light=300;on=true", {"/distance": (12.5,), "/light": (300,), "/on": (True,)}),
        (b"temp:23.4, hum: 40", {"/temp": (23.4,), "/hum": (40,)}),
        (b'{"distance":12.5}', {"/distance": (12.5,)}),
        (b'{"pir":{"door":true,"gate":false}}', {"/pir/door": (True,), "/pir/gate": (False,)}),
        (b'{"xy":[0.1,0.2],"who":"north"}', {"/xy": (0.1, 0.2), "/who": ("north",)}),
        (b"[1, 2]", {"/0": (1,), "/1": (2,)}),
        (b"", {}),
        (b" \r", {}),
    ],
)
def test_a_line_is_read_by_its_look(line: bytes, messages: dict[str, tuple[object, ...]]) -> None:
    read = as_dict(line)
    assert read == messages
    assert [type(v) for args in read.values() for v in args] == [type(v) for args in messages.values() for v in args]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"1,nan,2", "finite"),
        (b"inf", "finite"),
        (b"1e999", "finite"),
        (b"1,,2", "finite"),
        (b"hello", "finite"),
        (b"distance=", "NAME=NUMBER"),
        (b"distance=far", "finite"),
        (b"dis/tance=1", "no name"),
        ("größe=1".encode(), "no name"),
        (b'{"a":NaN}', "not JSON"),
        (b'{"a":1e999}', "finite"),
        (b'{"a":null}', "numbers, true"),
        (b'{"a":{"b":{"c":1}}}', "numbers, true"),
        (b'{"a/b":1}', "no name"),
        (b'{"a":' + b"9" * 40 + b"}", "numbers, true"),
        (b'{"a":', "not JSON"),
        (b"[" * 1000, "not JSON"),
        (b"\xff\xfe\x80", "baud"),
        (b"1," * 100 + b"1", "at most 64"),
        (b"1" * (MAX_LINE + 1), "at most 1024"),
        (b'{"a":"' + b"x" * 65 + b'"}', "short texts"),
        (b'{"a":[' + b"1," * 16 + b"1]}", "at most 16"),
    ],
)
def test_a_damaged_line_is_refused_whole(line: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        decode(line)


def test_a_declared_format_is_not_guessed() -> None:
    with pytest.raises(InputError, match="finite"):
        decode(b"distance=1", "csv")
    with pytest.raises(InputError, match="JSON"):
        decode(b"1,2", "json")


def test_lines_are_cut_wherever_the_bytes_are() -> None:
    splitter = LineSplitter()
    cut = [line for data in (b"1,", b"2\r\n3", b"\n\n4\n5") for line in splitter.feed(data)]
    assert cut == [b"1,2", b"3", b"", b"4"]
    assert splitter.feed(b"\n") == [b"5"]


def test_babble_without_newline_is_dropped_counted_once_and_then_forgotten() -> None:
    splitter = LineSplitter()
    for _ in range(100):
        assert splitter.feed(b"x" * 500) == []
    assert splitter.dropped == 1
    assert splitter.feed(b"tail\n7\n") == [b"7"]


def test_an_overlong_line_that_comes_at_once_is_dropped_and_the_next_is_read() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"x" * 2000 + b"\n7\n") == [b"7"]
    assert splitter.dropped == 1
