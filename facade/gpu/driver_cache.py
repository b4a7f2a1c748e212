"""Where the graphics driver keeps the shaders it has compiled, so that it compiles each of them once.

A driver reads its settings from the environment when a context is made. What a person has set there stays.
"""

from __future__ import annotations

import os
from pathlib import Path

MAX_MIB = 512
"""The driver throws away what was not used for longest. A shader takes 10 to 60 KiB on llvmpipe."""


def keep_compiled(folder: Path) -> None:
    """Tell the drivers that can (Mesa, NVIDIA) to keep compiled shaders in folder, at most MAX_MIB of them.

    A folder that cannot be made leaves the driver its own choice: nothing but time is lost.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    for name, value in (
        ("MESA_SHADER_CACHE_DIR", str(folder)),
        ("MESA_GLSL_CACHE_DIR", str(folder)),  # its name before Mesa 22.1
        ("MESA_SHADER_CACHE_MAX_SIZE", f"{MAX_MIB}M"),
        ("MESA_GLSL_CACHE_MAX_SIZE", f"{MAX_MIB}M"),
        ("__GL_SHADER_DISK_CACHE_PATH", str(folder)),
        ("__GL_SHADER_DISK_CACHE_SIZE", str(MAX_MIB << 20)),
    ):
        os.environ.setdefault(name, value)


def kept_bytes(folder: Path) -> tuple[int, int]:
    """Return how many files a cache has and the bytes they take."""
    sizes = []
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                sizes.append((Path(root) / name).stat().st_size)
            except OSError:
                continue  # thrown away by a driver this moment
    return len(sizes), sum(sizes)
