"""One GL context, made without a screen or adopted from a window. GL 3.3 core is all that is asked of it."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import moderngl

from facade.core.errors import MachineError
from facade.gpu.driver_cache import keep_compiled
from facade.gpu.driver_settings import start_at_zero
from facade.gpu.spares import Spares

_GL_SYNC_GPU_COMMANDS_COMPLETE = 0x9117
_GL_SYNC_FLUSH_COMMANDS_BIT = 0x0001
_GL_TIMEOUT_EXPIRED = 0x911B
_WAIT_STEP_NS = 100_000_000

VERTEX = """#version 330 core
void main() {
    // One triangle that covers the target: corners (-1, -1), (3, -1), (-1, 3).
    gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0);
}
"""


class GpuContext:
    """A current GL context. Belongs to the thread that made it; ``release`` it there.

    spares: pictures for pieces, shared by all that draw in it. renderer: the driver's own name.
    is_software: drawn by the processor (llvmpipe); goldens are judged on nothing else.
    """

    def __init__(self, gl: moderngl.Context) -> None:
        self.gl = gl
        self.renderer: str = str(gl.info["GL_RENDERER"])
        self.is_software = any(name in self.renderer.lower() for name in ("llvmpipe", "softpipe", "swrast"))
        self.max_size_px = int(gl.info["GL_MAX_TEXTURE_SIZE"])
        self.spares = Spares(gl)
        self._wait = _fence_wait(gl)

    @classmethod
    def standalone(cls, *, cache: Path | None = None) -> GpuContext:
        """Make a context without a window: EGL on Linux, the system's own kind elsewhere.

        cache: folder where the driver keeps what it has compiled; its own choice if None.
        Raises MachineError, with the command that mends it, where there is no GL.
        """
        if cache is not None:
            keep_compiled(cache)
        start_at_zero()
        settings: dict[str, Any] = {"backend": "egl"} if sys.platform.startswith("linux") else {}
        try:
            return cls(moderngl.create_context(require=330, standalone=True, **settings))
        except Exception as error:  # the loader raises bare Exception, ImportError and ValueError alike
            raise MachineError(
                f"OpenGL 3.3 without a screen is not available here ({error}). "
                "On Debian or Ubuntu: apt-get install libegl1 libgl1 libgl1-mesa-dri. Then try again."
            ) from error

    @classmethod
    def adopt(cls) -> GpuContext:
        """Take over the context that is current in this thread, such as a pyglet window's."""
        try:
            return cls(moderngl.create_context(require=330))
        except Exception as error:  # as above
            raise MachineError(
                f"the window's OpenGL context cannot be used: {error}. It must be 3.3 or newer."
            ) from error

    def begin(self) -> None:
        """Put the state that every draw of ours relies on in place, whatever drew before us in this context."""
        # Source times one, target times nothing: the same light. But llvmpipe compiles a shader that overwrites its
        # target twice, once for whole tiles and once for their edges, and one that blends once, in half the time.
        self.gl.enable_only(moderngl.BLEND if self.is_software else moderngl.NOTHING)
        self.gl.blend_func = moderngl.ONE, moderngl.ZERO
        self.gl.wireframe = False

    def wait(self) -> None:
        """Return when everything drawn so far is done. Other Python threads run meanwhile."""
        self._wait()

    def release(self) -> None:
        self.spares.drain()
        self.gl.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self.release()


def _fence_wait(gl: moderngl.Context) -> Callable[[], None]:
    """Return a function that waits on a fence through ctypes, which lets go of the interpreter lock; moderngl does not.

    Where the functions cannot be loaded it falls back on glFinish, which holds the lock.
    """
    loader = getattr(gl.mglo, "_context", None)
    load = getattr(loader, "load_opengl_function", None) or getattr(loader, "load", None)
    addresses = [load(name) if load else 0 for name in ("glFenceSync", "glClientWaitSync", "glDeleteSync")]
    if not all(addresses):
        return gl.finish
    fence_sync = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint)(addresses[0])
    client_wait = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint64)(addresses[1])
    delete_sync = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(addresses[2])

    def wait() -> None:
        fence = fence_sync(_GL_SYNC_GPU_COMMANDS_COMPLETE, 0)
        while client_wait(fence, _GL_SYNC_FLUSH_COMMANDS_BIT, _WAIT_STEP_NS) == _GL_TIMEOUT_EXPIRED:
            pass
        delete_sync(fence)

    return wait
