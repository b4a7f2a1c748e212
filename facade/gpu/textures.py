"""Pictures that are not drawn but given: arrays of bytes or floats as textures, filtered, origin bottom left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import moderngl
from numpy.typing import NDArray

from facade.gpu.context import GpuContext
from facade.pieces.program import Filter

Texture = moderngl.Texture
CubeTexture = moderngl.TextureCube

_FILTERS = {
    "linear": (moderngl.LINEAR, moderngl.LINEAR),
    "nearest": (moderngl.NEAREST, moderngl.NEAREST),
    "mipmap": (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR),
}


def byte_texture(gpu: GpuContext, size_px: tuple[int, int], rgba: bytes | None = None) -> Texture:
    """Return a texture of 8 bits a channel. rgba: rows from the bottom; None: to be written before it is read."""
    return _filtered(gpu.gl.texture(size_px, 4, rgba))


_STRIP_BYTES = 4 << 20
"""Written at once: a millisecond or two."""


def write_in_strips(texture: Texture, rows: NDArray[Any]) -> Iterator[None]:
    """Fill a texture from an array (height, width, channels), bottom row first, a few milliseconds' worth a step."""
    height, width = rows.shape[:2]
    at_once = max(1, _STRIP_BYTES * height // max(1, rows.nbytes))
    for bottom in range(0, height, at_once):
        strip = rows[bottom : bottom + at_once]
        texture.write(strip.data, viewport=(0, bottom, width, len(strip)))
        yield


_SRGB8_ALPHA8 = 0x8C43


def picture_texture(gpu: GpuContext, size_px: tuple[int, int], *, linear: bool) -> Texture:
    """Return a texture of 8 bits a channel, to be written before it is read.

    linear: what is written is sRGB, and is decoded before it is filtered, so that shaders read linear light.
    """
    texture = gpu.gl.texture(size_px, 4, internal_format=_SRGB8_ALPHA8) if linear else gpu.gl.texture(size_px, 4)
    return _filtered(texture)


def coverage_texture(gpu: GpuContext, size_px: tuple[int, int], data: bytes) -> Texture:
    """Return a texture of one number 0..1 a texel, 8 bits, seen as grey. data: rows from the bottom, packed."""
    texture = _filtered(gpu.gl.texture(size_px, 1, data, alignment=1))
    texture.swizzle = "RRR1"
    return texture


def grey_texture(gpu: GpuContext, size_px: tuple[int, int]) -> Texture:
    """Return a texture of one 32-bit float a texel, seen as grey; to be written before it is read."""
    texture = _filtered(gpu.gl.texture(size_px, 1, dtype="f4"))
    texture.swizzle = "RRR1"
    return texture


def cube_texture(gpu: GpuContext, side_px: int) -> CubeTexture:
    """Return a cube map of 8 bits a channel. Its faces, +x -x +y -y +z -z, are to be written before they are read."""
    cube = gpu.gl.texture_cube((side_px, side_px), 4)
    cube.filter = (moderngl.LINEAR, moderngl.LINEAR)
    return cube


def set_sampling(texture: Texture, *, repeat: bool, between: Filter) -> None:
    """Make a texture wrap and filter as a shader wants it. With mipmap its smaller copies are made of it now."""
    if texture.repeat_x != repeat:
        texture.repeat_x = texture.repeat_y = repeat
    if between == "mipmap":
        texture.build_mipmaps()
    if texture.filter != _FILTERS[between]:
        texture.filter = _FILTERS[between]


def data_texture(
    gpu: GpuContext, size_px: tuple[int, int], *, channels: int, smooth: bool, zero: bool = True
) -> Texture:
    """Return a texture of 32-bit floats. channels: 1..4. smooth: what lies between texels is their mean.

    zero: all of it; else to be written before it is read.
    """
    zeros = bytes(4 * channels * size_px[0] * size_px[1]) if zero else None
    texture = gpu.gl.texture(size_px, channels, zeros, dtype="f4")
    kind = moderngl.LINEAR if smooth else moderngl.NEAREST
    texture.filter = (kind, kind)
    texture.repeat_x = texture.repeat_y = False
    return texture


def _filtered(texture: Texture) -> Texture:
    texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
    texture.repeat_x = texture.repeat_y = False
    return texture
