"""How much texture memory is in use, asked of the driver: nothing that was made can be forgotten in the sum."""

from __future__ import annotations

import ctypes
from typing import Any

from facade.gpu.context import GpuContext

_TEXTURE_2D = 0x0DE1
_WIDTH, _HEIGHT = 0x1000, 0x1001
_BITS = (0x805C, 0x805D, 0x805E, 0x805F)
"""GL_TEXTURE_RED_SIZE and the other three."""

_NAMES = 8192
"""Drivers number textures from 1; more than so many are never alive at once here."""


def texture_bytes(gpu: GpuContext) -> int:
    """Return the bytes of all two-dimensional textures that are alive, as their formats say. Changes unit 0's binding.

    What a driver adds for alignment and for itself is not in it.
    """
    is_texture = _function(gpu, "glIsTexture", ctypes.c_ubyte, ctypes.c_uint)
    bind = _function(gpu, "glBindTexture", None, ctypes.c_uint, ctypes.c_uint)
    level = _function(
        gpu, "glGetTexLevelParameteriv", None, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(ctypes.c_int)
    )
    error = _function(gpu, "glGetError", ctypes.c_uint)
    total = 0
    value = ctypes.c_int()

    def ask(what: int) -> int:
        level(_TEXTURE_2D, 0, what, ctypes.byref(value))
        return value.value

    for name in range(1, _NAMES):
        if is_texture(name):
            bind(_TEXTURE_2D, name)
            if error() == 0:
                total += ask(_WIDTH) * ask(_HEIGHT) * sum(ask(bits) for bits in _BITS) // 8
    bind(_TEXTURE_2D, 0)
    return total


def _function(gpu: GpuContext, name: str, result: Any, *arguments: Any) -> Any:
    return ctypes.CFUNCTYPE(result, *arguments)(gpu.gl.mglo._context.load_opengl_function(name))
