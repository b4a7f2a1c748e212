"""Shows from files: what was baked is what leaves, through the same limits; what cannot be right is refused."""

from __future__ import annotations

import sys
import zlib

import numpy as np
import pytest
import zstandard

from facade.app.baked import FseqReader, open_baked, play_baked
from facade.app.fseq_writer import FseqWriter
from facade.core.clock import StepClock
from facade.core.errors import InputError, MappingError
from facade.outputs.virtual import VirtualNetwork
from facade.protocols import fseq
from facade.simulator.device import SimulatedDevice
from tests.support.venues import RGB_LINEAR, patch_of, pixel_map

N = 40


@pytest.fixture
def pixels():
    return pixel_map([RGB_LINEAR], [N], rate_hz=40.0)


def baked(path, *, n_frames=10, channels=3 * N, rate_hz=40.0, levels=(0, 256)):
    frames = np.random.default_rng(1).integers(*levels, (n_frames, channels), dtype=np.uint8)
    writer = FseqWriter(path, n_frames=n_frames, channels=channels, rate_hz=rate_hz)
    for frame in frames:
        writer.add(frame)
    writer.close()
    return frames


def test_what_is_baked_is_read_frame_by_frame_in_any_order(tmp_path, monkeypatch):
    monkeypatch.setattr("facade.app.fseq_writer._BLOCK_BYTES", 400)
    frames = baked(tmp_path / "a.fseq")
    reader = FseqReader(tmp_path / "a.fseq")

    assert len(reader.header.blocks) == 4
    assert [reader.frame(i) for i in (9, 0, 5, 4, 3)] == [frames[i].tobytes() for i in (9, 0, 5, 4, 3)]
    reader.close()


def test_the_same_frames_make_the_same_file(tmp_path):
    baked(tmp_path / "a.fseq")
    baked(tmp_path / "b.fseq")

    assert (tmp_path / "a.fseq").read_bytes() == (tmp_path / "b.fseq").read_bytes()
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".part"] == []


def test_long_shows_have_no_more_blocks_than_fit(tmp_path):
    baked(tmp_path / "a.fseq", n_frames=1000, channels=3)

    reader = FseqReader(tmp_path / "a.fseq")
    assert len(reader.header.blocks) <= fseq.MOST_BLOCKS
    assert reader.header.frames == 1000
    reader.close()


def test_plain_and_sparse_files_of_other_programs_are_read(tmp_path):
    header = fseq.FseqHeader(fseq.header_length(0, 2), 5, 2, 50, ranges=((1, 2), (6, 3)))
    (tmp_path / "x.fseq").write_bytes(fseq.encode_header(header) + bytes(range(1, 11)))
    reader = FseqReader(tmp_path / "x.fseq")

    assert reader.channels == 9
    assert reader.frame(1) == bytes([0, 6, 7, 0, 0, 0, 8, 9, 10])
    reader.close()


def test_file_plays_on_the_building_and_starts_over(tmp_path, pixels):
    # Light that moves by less than a tenth: noise would be held back by the flash guard, baked or not.
    frames = baked(tmp_path / "a.fseq", n_frames=4, levels=(100, 110))
    patch, network, clock = patch_of(pixels), VirtualNetwork(), StepClock()
    device, seen = SimulatedDevice(pixels, patch), []

    def receive(packet, host, port):
        device.receive(packet, host, port)
        seen.append(device.levels[: pixels.n_levels].copy())

    network.listen(receive)
    show = open_baked(tmp_path / "a.fseq", pixels)
    play_baked(show, pixels, patch, clock, until=lambda: len(seen) >= 60, real=False, network=network)

    # The first frames rise from the safe look; then each is what was baked.
    assert [s.tolist() for s in seen[40:60]] == [frames[i % 4].tolist() for i in range(40, 60)]
    assert not seen[-1].any()


def test_array_of_light_plays_too(tmp_path, pixels):
    light = np.random.default_rng(3).random((5, N, 3), dtype=np.float32)
    np.save(tmp_path / "a.npy", light)
    show, rgb = open_baked(tmp_path / "a.npy", pixels), np.zeros((N, 3), np.float32)

    show.frame_into(3, rgb)

    assert np.array_equal(rgb, light[3])
    assert show.n_frames == 5
    show.close()


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("a.fseq", lambda path: baked(path, channels=7)),
        ("a.npy", lambda path: np.save(path, np.zeros((2, N + 1, 3), np.float32))),
        ("a.npy", lambda path: np.save(path, np.zeros((2, N, 3), np.uint8))),
    ],
)
def test_file_for_another_venue_is_refused(tmp_path, pixels, name, make):
    make(tmp_path / name)

    with pytest.raises(MappingError):
        open_baked(tmp_path / name, pixels)


def cut(data):
    return data[:-5]


def bent(data):
    return data[:-20] + bytes(b ^ 0x55 for b in data[-20:])


def zstd(data):
    return data[:20] + bytes([fseq.ZSTD]) + data[21:]


def out_of_order(data):
    return data[:32] + (5).to_bytes(4, "little") + data[36:]


def bomb(data):
    """A block that would unpack to a gigabyte: no more than its frames are taken."""
    packed = zlib.compress(bytes(50 << 20))
    header = fseq.FseqHeader(fseq.header_length(1), 3 * N, 10, 25, fseq.ZLIB, ((0, len(packed)),))
    return fseq.encode_header(header) + packed


@pytest.mark.parametrize("harm", [cut, bent, zstd, out_of_order])
def test_harmed_file_is_refused_with_its_name(tmp_path, harm):
    path = tmp_path / "a.fseq"
    baked(path)
    path.write_bytes(harm(path.read_bytes()))

    with pytest.raises(InputError, match=r"a\.fseq"):
        FseqReader(path).frame(9)


def test_block_unpacks_to_no_more_than_its_frames(tmp_path):
    path = tmp_path / "a.fseq"
    path.write_bytes(bomb(b""))
    reader = FseqReader(path)

    assert reader.frame(0) == bytes(3 * N)
    assert len(reader._frames) == 10 * 3 * N
    reader.close()


@pytest.mark.parametrize("text", [b"", b"hello", b"\x93NUMPY\x01\x00"])
def test_file_that_is_no_array_is_refused(tmp_path, pixels, text):
    (tmp_path / "a.npy").write_bytes(text)

    with pytest.raises(InputError):
        open_baked(tmp_path / "a.npy", pixels)


def zstd_file(path, frames, *, whole=True):
    """A file as FPP and xLights write it by default: two blocks of zstd, the frames of each packed together."""
    halves = [frames[:6], frames[6:]]
    packer = zstandard.ZstdCompressor(write_content_size=whole)
    packed = [packer.compress(half.tobytes()) for half in halves]
    blocks = ((0, len(packed[0])), (6, len(packed[1])))
    header = fseq.FseqHeader(fseq.header_length(2), frames.shape[1], len(frames), 25, fseq.ZSTD, blocks)
    path.write_bytes(fseq.encode_header(header) + b"".join(packed))


@pytest.mark.parametrize("whole", [True, False])
def test_files_packed_with_zstd_are_read(tmp_path, whole):
    frames = np.random.default_rng(2).integers(0, 256, (10, 3 * N), dtype=np.uint8)
    zstd_file(tmp_path / "z.fseq", frames, whole=whole)
    reader = FseqReader(tmp_path / "z.fseq")

    assert [reader.frame(i) for i in (9, 0, 6, 5)] == [frames[i].tobytes() for i in (9, 0, 6, 5)]
    reader.close()


def test_damaged_zstd_names_the_frames(tmp_path):
    frames = np.random.default_rng(2).integers(0, 256, (10, 3 * N), dtype=np.uint8)
    zstd_file(tmp_path / "z.fseq", frames)
    data = bytearray((tmp_path / "z.fseq").read_bytes())
    data[fseq.header_length(2)] ^= 0xFF
    (tmp_path / "z.fseq").write_bytes(data)
    reader = FseqReader(tmp_path / "z.fseq")

    with pytest.raises(InputError, match=r"frames 0\.\.5 are damaged"):
        reader.frame(0)
    assert reader.frame(9) == frames[9].tobytes()
    reader.close()


def test_without_the_package_a_zstd_file_says_what_to_install(tmp_path, monkeypatch):
    zstd_file(tmp_path / "z.fseq", np.zeros((10, 3 * N), np.uint8))
    monkeypatch.setitem(sys.modules, "zstandard", None)

    with pytest.raises(InputError, match=r"media-facade\[fseq\]"):
        FseqReader(tmp_path / "z.fseq")


def test_a_zstd_block_that_unpacks_to_gigabytes_is_read_as_far_as_its_frames_go(tmp_path):
    packed = zstandard.ZstdCompressor().compress(bytes(50 << 20))
    header = fseq.FseqHeader(fseq.header_length(1), 3 * N, 10, 25, fseq.ZSTD, ((0, len(packed)),))
    (tmp_path / "z.fseq").write_bytes(fseq.encode_header(header) + packed)
    reader = FseqReader(tmp_path / "z.fseq")

    assert reader.frame(9) == bytes(3 * N)
    reader.close()
