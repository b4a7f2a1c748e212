"""Cube maps: six images beside the shader, or a sky where there are none."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facade.gpu.context import GpuContext
from facade.gpu.textures import CubeTexture, cube_texture
from facade.media.reading import off_thread
from facade.media.still import read_still

MAX_SIDE_PX = 1024
_SKY_PX = 64

# What a texel of a face looks at: the face's own axis, and the axes of its columns and rows (GL 3.3, table 3.18).
_FACES = (
    ((1, 0, 0), (0, 0, -1), (0, -1, 0)),
    ((-1, 0, 0), (0, 0, 1), (0, -1, 0)),
    ((0, 1, 0), (1, 0, 0), (0, 0, 1)),
    ((0, -1, 0), (1, 0, 0), (0, 0, -1)),
    ((0, 0, 1), (1, 0, 0), (0, -1, 0)),
    ((0, 0, -1), (-1, 0, 0), (0, -1, 0)),
)
_ZENITH, _HORIZON, _GROUND = (0.20, 0.38, 0.75), (0.85, 0.88, 0.92), (0.25, 0.22, 0.20)
_SUN = np.array((0.48, 0.60, 0.64))


def load_cube(gpu: GpuContext, faces: Sequence[Path]) -> Generator[None, None, CubeTexture]:
    """Return six images as a cube map, +x -x +y -y +z -z, all of the size of the largest; of none, a sky.

    It comes after small steps: nobody waits while images are decoded. Raises PieceError for a file that is no image, or
    too large.
    """
    pictures = (yield from off_thread(faces[0], partial(_read, faces))) if faces else _sky(_SKY_PX)
    cube = cube_texture(gpu, pictures.shape[1])
    for face, picture in enumerate(pictures):
        cube.write(face, picture.data)
        yield
    return cube


def _read(faces: Sequence[Path]) -> NDArray[np.uint8]:
    """Return uint8 (6, side, side, 4)."""
    # The first row of a face is its top (GL 3.3, table 3.18).
    images = [Image.fromarray(read_still(file, limit_px=MAX_SIDE_PX)[::-1]) for file in faces]
    side = max(max(image.size) for image in images)
    return np.stack([np.asarray(image.resize((side, side))) for image in images])


def _sky(side: int) -> NDArray[np.uint8]:
    """Return six faces of a clear day: blue above, a pale horizon, brown below, and a soft sun."""
    along = (np.arange(side) + 0.5) / side * 2.0 - 1.0
    column, row = np.meshgrid(along, along)
    faces = []
    for axis, right, down in _FACES:
        looking = np.stack([axis[i] + right[i] * column + down[i] * row for i in range(3)], axis=-1)
        looking /= np.linalg.norm(looking, axis=-1, keepdims=True)
        height = looking[..., 1:2]
        up, under = np.clip(height, 0.0, 1.0) ** 0.5, np.clip(-height * 4.0, 0.0, 1.0)
        color = np.array(_HORIZON) * (1.0 - up) + np.array(_ZENITH) * up
        color = color * (1.0 - under) + np.array(_GROUND) * under
        color = color + np.clip(looking @ _SUN, 0.0, 1.0)[..., None] ** 64
        faces.append(np.concatenate([np.clip(color, 0.0, 1.0), np.ones((side, side, 1))], axis=-1))
    return np.round(np.stack(faces) * 255.0).astype(np.uint8)
