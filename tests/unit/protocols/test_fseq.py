"""FSEQ headers against the published layout, and files that are torn, foreign or hostile."""

from __future__ import annotations

import dataclasses

import pytest

from facade.core.errors import InputError, OutputError
from facade.protocols.fseq import PLAIN, ZLIB, FseqHeader, decode_header, encode_header, header_length, step_ms

HEADER = FseqHeader(
    data_at=header_length(2, 1),
    channels=50,
    frames=7,
    step_ms=25,
    compression=ZLIB,
    blocks=((0, 100), (4, 80)),
    ranges=((5000, 50),),
    unique=0x1122334455667788,
)


def test_every_field_lies_where_the_format_says():
    data = encode_header(HEADER)

    assert data[:4] == b"PSEQ"
    assert int.from_bytes(data[4:6], "little") == len(data) == 56
    assert (data[6], data[7]) == (0, 2)
    assert int.from_bytes(data[8:10], "little") == 32 + 2 * 8 + 6
    assert int.from_bytes(data[10:14], "little") == 50
    assert int.from_bytes(data[14:18], "little") == 7
    assert (data[18], data[19], data[20], data[21], data[22], data[23]) == (25, 0, 2, 2, 1, 0)
    assert int.from_bytes(data[24:32], "little") == 0x1122334455667788
    assert data[32:48] == bytes.fromhex("00000000 64000000 04000000 50000000")
    assert data[48:54] == bytes.fromhex("881300 320000")


def test_what_is_written_is_read():
    assert decode_header(encode_header(HEADER)) == HEADER


def test_producer_is_a_variable_header():
    data = encode_header(dataclasses.replace(HEADER, ranges=()), producer="facade")

    assert data[48:59] == bytes.fromhex("0b00") + b"spfacade\0"
    assert len(data) % 4 == 0


def test_many_blocks_use_the_upper_half_of_the_compression_byte():
    blocks = tuple((i, 9) for i in range(300))
    header = FseqHeader(header_length(300), 5, 300, 50, ZLIB, blocks)

    data = encode_header(header)

    assert (data[20], data[21]) == (0x12, 44)
    assert decode_header(data).blocks == blocks


@pytest.mark.parametrize(("rate_hz", "ms"), [(40.0, 25), (20.0, 50), (25.0, 40), (1000.0, 1)])
def test_rates_of_whole_milliseconds(rate_hz, ms):
    assert step_ms(rate_hz) == ms


@pytest.mark.parametrize("rate_hz", [60.0, 44.0, 3.0])
def test_other_rates_are_refused(rate_hz):
    with pytest.raises(OutputError, match="whole milliseconds"):
        step_ms(rate_hz)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, b"X"),
        (7, b"\1"),
        (10, bytes(4)),
        (10, b"\xff\xff\xff\xff"),
        (14, bytes(4)),
        (18, b"\0"),
        (4, b"\xff\xff"),
        (51, b"\1"),
    ],
)
def test_header_that_cannot_be_right_is_refused(at, value):
    data = bytearray(encode_header(HEADER))
    data[at : at + len(value)] = value

    with pytest.raises(InputError):
        decode_header(bytes(data))


def test_short_file_is_refused():
    with pytest.raises(InputError):
        decode_header(encode_header(dataclasses.replace(HEADER, compression=PLAIN))[:31])
