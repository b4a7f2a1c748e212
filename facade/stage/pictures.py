"""Pictures that pieces read but do not draw: imported files, generated test sources, noise."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from pathlib import Path

import numpy as np

from facade.config.piece import SOURCES, ImageParameter, is_camera
from facade.gpu.context import GpuContext
from facade.gpu.passes import TestSourcePass
from facade.gpu.targets import PassTarget
from facade.gpu.textures import Texture, byte_texture, write_in_strips
from facade.media.reading import off_thread
from facade.media.still import read_still
from facade.pieces.library import Piece
from facade.stage.moment import Moment
from facade.stage.reels import Reels

MAX_SIDE_PX = 4096
"""Of an imported image; larger ones are scaled down."""

_NOISE_PX = 256
_NOISE_SEED = 7


class Pictures:
    """Textures by what they show. Test sources are drawn anew when their time has changed."""

    def __init__(self, gpu: GpuContext, passes: Path, size_px: tuple[int, int], reels: Reels) -> None:
        self._gpu = gpu
        self.reels = reels
        self._pass = TestSourcePass(gpu, passes)
        self._size_px = size_px
        self._sources: dict[tuple[str, bool], tuple[PassTarget, float | None]] = {}
        self._noise: Texture | None = None
        self._keys: Texture | None = None
        self._black: Texture | None = None

    def image(self, piece: Piece, parameter: ImageParameter, name: str, moment: Moment) -> Texture:
        """Return what an image parameter shows by name: a file, a camera, a generated picture.

        What cannot be shown now is the parameter's default, black if that is a file, a generated picture if a camera.
        """
        linear = piece.manifest.color_space == "linear"
        for source in (name, parameter.default):
            if source in SOURCES:
                return self.source(source, moment.time_s, linear=linear)
            path = source if is_camera(source) else str(piece.media.get(source, ""))
            shown = self.reels.texture(path, moment, linear=linear) if path else None
            if shown is not None:
                return shown
        return self.source(SOURCES[0], moment.time_s, linear=linear) if is_camera(parameter.default) else self.black()

    def black(self) -> Texture:
        """Return one opaque black texel."""
        if self._black is None:
            self._black = byte_texture(self._gpu, (1, 1), b"\0\0\0\xff")
        return self._black

    def source(self, name: str, time_s: float, *, linear: bool = False) -> Texture:
        """Return a generated picture of SOURCES; an unknown name is the first of them. linear: in linear light."""
        name = name if name in SOURCES else SOURCES[0]
        key = (name, linear)
        kept = self._sources.get(key)
        target, drawn_s = kept or (PassTarget(self._gpu, self._size_px, dtype="f2" if linear else "f1"), None)
        if drawn_s != time_s:
            self._pass.draw(target, kind=SOURCES.index(name), time_s=time_s, linear=linear)
            self._sources[key] = (target, time_s)
        return target.front

    def noise(self) -> Texture:
        """Return 256 x 256 texels of even noise in four channels, the same on every run; it repeats."""
        if self._noise is None:
            data = np.random.Generator(np.random.PCG64(_NOISE_SEED)).integers(
                0, 256, (_NOISE_PX, _NOISE_PX, 4), dtype=np.uint8
            )
            self._noise = byte_texture(self._gpu, (_NOISE_PX, _NOISE_PX), data.tobytes())
        return self._noise

    def keyboard(self) -> Texture:
        """Return a keyboard nobody touches: 256 x 3 texels of black."""
        if self._keys is None:
            self._keys = byte_texture(self._gpu, (256, 3), bytes(256 * 3 * 4))
        return self._keys

    def release(self) -> None:
        self._pass.release()
        for target, _ in self._sources.values():
            target.release()
        self.reels.release()
        for made in (self._noise, self._keys, self._black):
            if made is not None:
                made.release()


def load_image(gpu: GpuContext, file: Path) -> Generator[None, None, Texture]:
    """Return an image file as a texture, bottom row first, after small steps: nobody waits while it is decoded.

    Raises PieceError if it is none, or far too large.
    """
    frame = yield from off_thread(file, partial(read_still, file, limit_px=MAX_SIDE_PX))
    texture = byte_texture(gpu, (frame.shape[1], frame.shape[0]))
    yield from write_in_strips(texture, frame)
    return texture
