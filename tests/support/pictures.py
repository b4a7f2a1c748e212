"""Pictures and films made for tests: small, and every frame of a film tells its own number."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

GREY_STEP = 8


def grey(number: int) -> int:
    """The level that frame ``number`` of a film is filled with; as far apart as lossy codecs need, for 24 frames."""
    return 20 + GREY_STEP * number


def number_of(frame: NDArray[np.uint8]) -> int:
    """Return the number of a film's frame from its picture."""
    return round((float(frame[..., :3].mean()) - 20) / GREY_STEP)


def write_film(
    file: Path,
    count: int = 24,
    *,
    rate: int = 24,
    times: Sequence[int] | None = None,
    size: tuple[int, int] = (64, 48),
    codec: str = "libx264",
    gop: int = 6,
) -> Path:
    """Write a film of grey frames. times: presentation times in milliseconds, else one every 1 / rate."""
    with av.open(str(file), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.gop_size = gop
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(count):
            picture = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), grey(number), np.uint8), format="rgb24")
            if times is not None:
                picture.pts, picture.time_base = times[number], Fraction(1, 1000)
            for packet in stream.encode(picture):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return file


def corners(size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Red top left, green top right, blue bottom left, white bottom right."""
    width, height = size
    data = np.zeros((height, width, 3), np.uint8)
    half_w, half_h = width // 2, height // 2
    data[:half_h, :half_w] = (255, 0, 0)
    data[:half_h, half_w:] = (0, 255, 0)
    data[half_h:, :half_w] = (0, 0, 255)
    data[half_h:, half_w:] = (255, 255, 255)
    return Image.fromarray(data)
