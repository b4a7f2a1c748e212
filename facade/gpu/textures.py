"""Pictures that are not drawn but given: arrays of bytes or floats as textures, filtered, origin bottom left."""

from __future__ import annotations

import moderngl

from facade.gpu.context import GpuContext

Texture = moderngl.Texture


def byte_texture(gpu: GpuContext, size_px: tuple[int, int], rgba: bytes) -> Texture:
    """Return a texture of 8 bits a channel. rgba: rows from the bottom."""
    return _filtered(gpu.gl.texture(size_px, 4, rgba))


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


def data_texture(gpu: GpuContext, size_px: tuple[int, int], *, channels: int, smooth: bool) -> Texture:
    """Return a texture of 32-bit floats, all zero. channels: 1..4. smooth: what lies between texels is their mean."""
    texture = gpu.gl.texture(size_px, channels, bytes(4 * channels * size_px[0] * size_px[1]), dtype="f4")
    kind = moderngl.LINEAR if smooth else moderngl.NEAREST
    texture.filter = (kind, kind)
    texture.repeat_x = texture.repeat_y = False
    return texture


def _filtered(texture: Texture) -> Texture:
    texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
    texture.repeat_x = texture.repeat_y = False
    return texture
