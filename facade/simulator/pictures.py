"""Pictures in boxes of one framebuffer: arrays and textures side by side."""

from __future__ import annotations

from pathlib import Path

import moderngl
import numpy as np
from numpy.typing import NDArray

from facade.core import places
from facade.simulator.layout import Box

_PRELUDE = "#version 330 core\n"


class PictureBoard:
    """Draws pictures into a framebuffer that somebody else owns. Each name keeps one texture, remade when it grows."""

    def __init__(self, context: moderngl.Context, *, shaders: Path | None = None) -> None:
        folder = (shaders or places.shaders()) / "street"
        sources = [_PRELUDE + (folder / f"view.{kind}").read_text("utf-8") for kind in ("vert", "frag")]
        self._context = context
        self._program = context.program(vertex_shader=sources[0], fragment_shader=sources[1])
        self._mesh = context.vertex_array(self._program, [])
        self._textures: dict[str, moderngl.Texture] = {}

    def put(self, name: str, picture: NDArray[np.uint8], *, smooth: bool = True) -> None:
        """Take a picture, uint8 (H, W, 3), top row first."""
        height, width, _ = picture.shape
        texture = self._textures.get(name)
        if texture is None or texture.size != (width, height):
            if texture is not None:
                texture.release()
            texture = self._context.texture((width, height), 3, alignment=1)
            kind = moderngl.LINEAR if smooth else moderngl.NEAREST
            texture.filter = (kind, kind)
            self._textures[name] = texture
        texture.write(np.ascontiguousarray(picture), alignment=1)

    def size(self, name: str) -> tuple[int, int] | None:
        """Return width and height of a picture, None before there is one."""
        texture = self._textures.get(name)
        return None if texture is None else (int(texture.size[0]), int(texture.size[1]))

    def draw(self, name: str, box: Box, size_px: tuple[int, int]) -> None:
        """Draw a picture that was put into a box of a target of size_px, which is bound."""
        texture = self._textures.get(name)
        if texture is not None:
            self.draw_texture(texture, box, size_px, top_down=True)

    def draw_texture(self, texture: moderngl.Texture, box: Box, size_px: tuple[int, int], *, top_down: bool) -> None:
        x, y, width, height = box
        across, up = 2.0 / size_px[0], 2.0 / size_px[1]
        self._program["u_box"] = (x * across - 1.0, 1.0 - (y + height) * up, width * across, height * up)
        self._program["u_top_down"] = top_down
        texture.use(0)
        self._context.disable(moderngl.BLEND)
        self._mesh.render(moderngl.TRIANGLE_STRIP, vertices=4)

    def release(self) -> None:
        """Give every GPU object back."""
        self._mesh.release()
        self._program.release()
        for texture in self._textures.values():
            texture.release()
        self._textures.clear()
