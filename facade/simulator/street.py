"""The street view: the facade at night, drawn from nothing but a scene and the light of its pixels.

Passes, the same on the page (web/page/street.js):
    1  lamps   -> light map of the wall plane, half float; then its mip levels
    2  street  -> picture, half float: sky, wall, ground, water, with spill and reflections read from the light map
    3  lamps   -> picture, on top; then its mip levels
    4  bloom   -> a quarter of the picture's size
    5  finish  -> people, glow, tone, sRGB, 8 bits
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import moderngl
import numpy as np
from numpy.typing import NDArray

from facade.core import places
from facade.core.errors import MachineError
from facade.core.frame import Rgb
from facade.gpu.context import GpuContext
from facade.simulator.scene import Rect, Scene

ROW: Final = 1024
"""Texels a row of the textures that carry the pixels' places and colours."""

_PICTURE, _LIGHT_MAP, _MASK = 0, 1, 2
"""What lamp.frag is to draw."""

_PRELUDE = "#version 330 core\n"


class StreetPainter:
    """Draws a scene with a context that somebody else owns; targets follow the size asked for.

    Raises MachineError if the driver refuses the shaders.
    """

    def __init__(self, context: moderngl.Context, scene: Scene, *, shaders: Path | None = None) -> None:
        self._context = context
        self._scene = scene
        folder = (shaders or places.shaders()) / "street"
        self._lamp = self._program(folder, "lamp.vert", "lamp.frag")
        self._street = self._program(folder, "screen.vert", "street.frag")
        self._bloom = self._program(folder, "screen.vert", "bloom.frag")
        self._finish = self._program(folder, "screen.vert", "finish.frag")
        programs = (self._lamp, self._street, self._bloom, self._finish)
        self._meshes = {program: context.vertex_array(program, []) for program in programs}
        self._quads = self._quad_texture()
        rows = -(-scene.n_pixels // ROW)
        self._light = context.texture((ROW, rows), 3, dtype="f4")
        self._light.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._colors = np.zeros((rows * ROW, 3), dtype=np.float32)
        self._map, self._map_target = self._target(scene.map_px)
        self._mask, self._mask_target = self._target(scene.map_px)
        self._make_mask()
        self._size: tuple[int, int] = (0, 0)

    def paint(
        self,
        rgb: Rgb,
        time_s: float,
        *,
        size_px: tuple[int, int],
        target: moderngl.Framebuffer,
        detail: float = 1.0,
        top_down: bool = False,
    ) -> None:
        """Draw rgb (P, 3), linear, at time_s into target, an 8-bit framebuffer of size_px.

        detail: 0..1, resolution of everything but the last pass, for machines that are slow.
        top_down: the top row first, as image files want it, instead of the bottom row.
        """
        context, frame = self._context, self._scene.frame(size_px[0] / size_px[1])
        inner = (max(int(size_px[0] * detail), 16), max(int(size_px[1] * detail), 16))
        self._resize(inner)
        self._colors[: len(rgb)] = rgb
        self._light.write(self._colors)
        self._paint_map(time_s)
        self._paint_picture(frame, inner, time_s)

        context.disable(moderngl.BLEND)
        self._bloom_target.use()
        self._picture.use(0)
        self._draw_screen(self._bloom, frame, inner, time_s, u_picture=0)
        target.use()
        context.viewport = (0, 0, *size_px)
        self._glow.use(1)
        self._draw_screen(self._finish, frame, size_px, time_s, u_picture=0, u_bloom=1, u_top_down=int(top_down))

    def release(self) -> None:
        """Give every GPU object back."""
        self._release_picture()
        for mesh in self._meshes.values():
            mesh.release()
        for thing in (
            self._quads,
            self._light,
            self._map_target,
            self._map,
            self._mask_target,
            self._mask,
        ):
            thing.release()
        for program in (self._lamp, self._street, self._bloom, self._finish):
            program.release()

    def _paint_map(self, time_s: float) -> None:
        self._map_target.use()
        self._map_target.clear()
        self._blend(moderngl.ONE_MINUS_SRC_ALPHA)
        self._draw_lamps(self._scene.map_m, self._scene.map_px, time_s, making=_LIGHT_MAP)
        self._map.build_mipmaps()

    def _paint_picture(self, frame: Rect, size_px: tuple[int, int], time_s: float) -> None:
        self._context.disable(moderngl.BLEND)
        self._picture_target.use()
        self._map.use(0)
        self._mask.use(1)
        self._draw_screen(self._street, frame, size_px, time_s, u_spill=0, u_mask=1)
        self._blend(moderngl.ONE_MINUS_SRC_ALPHA)
        self._draw_lamps(frame, size_px, time_s, making=_PICTURE)
        self._picture.build_mipmaps()

    def _make_mask(self) -> None:
        """Draw, once, what carries the LEDs."""
        self._mask_target.use()
        self._mask_target.clear()
        self._blend(moderngl.ONE)
        self._draw_lamps(self._scene.map_m, self._scene.map_px, 0.0, making=_MASK)

    def _blend(self, under: int) -> None:
        """Blend premultiplied colours over, or with ONE onto, what is there."""
        self._context.enable(moderngl.BLEND)
        self._context.blend_func = (moderngl.ONE, under)

    def _draw_lamps(self, frame: Rect, size_px: tuple[int, int], time_s: float, *, making: int) -> None:
        self._light.use(0)
        self._quads.use(1)
        self._set_frame(self._lamp, frame, size_px, time_s)
        _set(self._lamp, u_light=0, u_quads=1, u_row=ROW, u_encoded=0, u_making=making)
        self._meshes[self._lamp].render(moderngl.TRIANGLES, vertices=6 * self._scene.n_pixels)

    def _draw_screen(
        self, program: moderngl.Program, frame: Rect, size_px: tuple[int, int], time_s: float, **uniforms: int
    ) -> None:
        self._set_frame(program, frame, size_px, time_s)
        _set(program, **uniforms)
        self._meshes[program].render(moderngl.TRIANGLES, vertices=3)

    def _set_frame(self, program: moderngl.Program, frame: Rect, size_px: tuple[int, int], time_s: float) -> None:
        x0, y0, x1, y1 = frame
        px = ((x1 - x0) / size_px[0], (y1 - y0) / size_px[1])
        _set(program, u_frame=frame, u_px=px, u_time=time_s)

    def _program(self, folder: Path, vertex: str, fragment: str) -> moderngl.Program:
        common = _PRELUDE + (folder / "common.glsl").read_text("utf-8")
        sources = [common + (folder / name).read_text("utf-8") for name in (vertex, fragment)]
        try:
            program = self._context.program(vertex_shader=sources[0], fragment_shader=sources[1])
        except moderngl.Error as error:
            raise MachineError(
                f"street view: this driver ({self._context.info['GL_RENDERER']}) does not take "
                f"shaders/street/{fragment}. It needs OpenGL 3.3. {error}"
            ) from error
        _set(program, **self._scene.uniforms())
        return program

    def _quad_texture(self) -> moderngl.Texture:
        """Two texels a pixel: x, y, z, width and height, yaw, 0, 0."""
        rows = -(-self._scene.n_pixels // (ROW // 2))
        texels = np.zeros((rows * ROW // 2, 8), dtype=np.float32)
        texels[: self._scene.n_pixels, :6] = self._scene.quads
        texture = self._context.texture((ROW, rows), 4, texels.tobytes(), dtype="f4")
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return texture

    def _target(self, size_px: tuple[int, int]) -> tuple[moderngl.Texture, moderngl.Framebuffer]:
        texture = self._context.texture(size_px, 4, dtype="f2")
        texture.repeat_x = texture.repeat_y = False
        texture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        texture.build_mipmaps()
        return texture, self._context.framebuffer([texture])

    def _resize(self, size_px: tuple[int, int]) -> None:
        if size_px == self._size:
            return
        self._release_picture()
        self._picture, self._picture_target = self._target(size_px)
        self._glow, self._bloom_target = self._target((max(size_px[0] // 4, 1), max(size_px[1] // 4, 1)))
        self._glow.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._size = size_px

    def _release_picture(self) -> None:
        if self._size != (0, 0):
            for thing in (self._picture_target, self._picture, self._bloom_target, self._glow):
                thing.release()
            self._size = (0, 0)


class StreetView:
    """The street view as pictures in memory, for files and tests."""

    def __init__(
        self,
        gpu: GpuContext,
        scene: Scene,
        *,
        size_px: tuple[int, int] = (960, 540),
        shaders: Path | None = None,
    ) -> None:
        self.size_px = size_px
        self._painter = StreetPainter(gpu.gl, scene, shaders=shaders)
        self._texture = gpu.gl.texture(size_px, 4)
        self._target = gpu.gl.framebuffer([self._texture])

    def render(self, rgb: Rgb, time_s: float) -> NDArray[np.uint8]:
        """Return the view as uint8 (H, W, 3), sRGB, top row first. The same rgb and time give the same bytes."""
        self._painter.paint(rgb, time_s, size_px=self.size_px, target=self._target, top_down=True)
        width, height = self.size_px
        pixels = np.frombuffer(self._target.read(components=4), dtype=np.uint8)
        return np.ascontiguousarray(pixels.reshape(height, width, 4)[:, :, :3])

    def release(self) -> None:
        """Give every GPU object back."""
        self._painter.release()
        self._target.release()
        self._texture.release()


def _set(program: moderngl.Program, **uniforms: float | int | tuple[float, ...]) -> None:
    """Set the uniforms that this program kept; compilers drop unused ones."""
    for name, value in uniforms.items():
        member = program.get(name, None)
        if isinstance(member, moderngl.Uniform):
            member.value = value
