"""One piece on the GPU: its compiled shaders, and the images, cube maps and tables it brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from facade.config.piece_parts import SuppliedTexture
from facade.core.errors import FacadeError
from facade.gpu.context import GpuContext
from facade.gpu.program import GlProgram, compile_piece
from facade.gpu.source import fragment_source, vertex_source
from facade.gpu.targets import LAYER_DTYPE
from facade.gpu.textures import CubeTexture, Texture, data_texture, write_in_strips
from facade.media.reading import off_thread
from facade.media.table import read_table
from facade.pieces.library import Piece
from facade.pieces.program import Domain, PieceProgram
from facade.stage.board import dtype_of
from facade.stage.cubes import load_cube
from facade.stage.pictures import load_image
from facade.stage.site import Site
from facade.stage.uses import Way
from facade.stage.weight import Weight


class ReadyPiece:
    """One piece with its compiled shaders; the one for pictures is compiled when first asked for."""

    def __init__(self, gpu: GpuContext, site: Site, piece: Piece, program: PieceProgram) -> None:
        """Take a piece; ``compile`` makes it ready."""
        self.piece = piece
        self.program = program
        self._gpu = gpu
        self._site = site
        self._compiled: dict[tuple[Domain, int, str, bool], GlProgram] = {}
        self.images: list[Texture] = []
        self.cubes: list[CubeTexture] = []
        self.data: dict[str, Texture] = {}

    def compile(self, ways: Iterable[Way], weight: Weight) -> Iterator[None]:
        """Compile for every way it is drawn and load its images, in small steps. Raises PieceError.

        weight: what its textures come to but for tables, whose size is known when they are read.
        """
        program = self.program
        try:
            for way in ways:
                for _ in self.shaders(way.domain, fed=way.fed):
                    yield
            for file in program.files_read:
                self.images.append((yield from load_image(self._gpu, file)))
            for faces in program.cubes:
                self.cubes.append((yield from load_cube(self._gpu, faces)))
            for name, table in program.manifest.data.items():
                file = self.piece.folder / table.file
                read = partial(read_table, file, columns=table.columns, channels=table.channels)
                numbers = yield from off_thread(file, read)
                weight.add({"data": numbers.nbytes})
                smooth = table.filter == "linear"
                size = (numbers.shape[1], numbers.shape[0])
                self.data[name] = data_texture(self._gpu, size, channels=table.channels, smooth=smooth, zero=False)
                yield from write_in_strips(self.data[name], numbers)
            for name, each in program.manifest.uniform.items():
                if isinstance(each, SuppliedTexture):
                    smooth = each.filter == "linear"
                    self.data[name] = data_texture(self._gpu, each.size, channels=each.channels, smooth=smooth)
        except FacadeError:
            self.release()
            raise

    def shaders(self, domain: Domain, *, fed: bool = False) -> Iterator[GlProgram]:
        """Every shader that drawing in such a way takes, compiled as it comes. Raises PieceError."""
        program = self.program
        for index, dtype in dict.fromkeys((each.source, dtype_of(program, each)) for each in program.passes):
            yield self.shader(domain, index, dtype=dtype, fed=fed)

    def shader(self, domain: Domain, index: int = 0, *, dtype: str = LAYER_DTYPE, fed: bool = False) -> GlProgram:
        """Return one source's shader for a domain and the format it draws. Raises PieceError if it does not compile.

        fed: it reads pictures of the mixer's, which are of another kind than those its values name. One program for
        each: llvmpipe compiles for each, and finds only the first of a program in its cache again.
        """
        key = (domain, index, dtype, fed)
        if key not in self._compiled:
            text = fragment_source(self.program, domain=domain, index=index)
            vertex = vertex_source(self.program, domain=domain, index=index)
            shader = compile_piece(self._gpu, text, slug=self.piece.slug, lines=self.program.lines, vertex=vertex)
            self._site.introduce(shader)
            self._compiled[key] = shader
        return self._compiled[key]

    def release(self) -> None:
        for shader in self._compiled.values():
            shader.release()
        self._compiled.clear()
        for texture in (*self.images, *self.data.values()):
            texture.release()
        for cube in self.cubes:
            cube.release()
        self.images.clear()
        self.cubes.clear()
        self.data.clear()
