"""Draws the passes of a piece: values, automatic uniforms and pictures into place, then one draw after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from facade.config.piece import AudioParameter, ImageParameter, PointsParameter, TextParameter, Value
from facade.gpu.context import GpuContext
from facade.gpu.passes import FIRST_SAMPLER_UNIT, ScalePass
from facade.gpu.program import GlProgram, UniformValue
from facade.gpu.targets import WHOLE, Share
from facade.gpu.textures import CubeTexture, Texture, set_sampling
from facade.pieces.library import Piece
from facade.pieces.mouse import MOUSE
from facade.pieces.pictures import picture_files
from facade.pieces.program import GlslType, Pass, Sampler, Uniform
from facade.stage.board import Board
from facade.stage.civil import clock_numbers, in_city
from facade.stage.crowd import Crowd
from facade.stage.lettering import Lettering
from facade.stage.moment import Moment
from facade.stage.pictures import Pictures
from facade.stage.ready import ReadyPiece
from facade.stage.sounds import Sounds
from facade.stage.values import Values, default_value, default_values, uniform_value


class PassDrawer:
    """Draws pieces that are made of passes, and binds what any piece reads."""

    def __init__(self, gpu: GpuContext, pictures: Pictures, scale: ScalePass, canvas_px: tuple[int, int]) -> None:
        self._gpu = gpu
        self._pictures = pictures
        self.sounds = Sounds(gpu)
        self.crowd = Crowd(gpu)
        self.scale = scale
        self.lettering = Lettering(gpu)
        self.canvas_px = canvas_px

    def board(self, size_px: tuple[int, int] | None = None) -> Board:
        """Return an empty board; of the stage's canvas size if no other is given."""
        return Board(self._gpu, self.scale, size_px or self.canvas_px)

    @property
    def picture_px(self) -> int:
        """The longest side a picture or film is kept at."""
        return self._pictures.reels.limit_px

    def open_pictures(self, piece: Piece, values: Values) -> Iterator[None]:
        """Open the files that these values show, in small steps. Raises FacadeError for one that cannot be shown."""
        files = [piece.media[name] for name in picture_files(values, piece.manifest, piece.media)]
        yield from self._pictures.reels.open(files, linear=piece.manifest.color_space == "linear")

    def defaults(self, ready: ReadyPiece) -> dict[str, Value]:
        """Return the values a piece has when nobody sets any."""
        return default_values(ready.piece.manifest)

    def draw(
        self,
        ready: ReadyPiece,
        board: Board,
        values: Values,
        moment: Moment,
        *,
        fed: Mapping[str, Texture] = MappingProxyType({}),
        only: Share = WHOLE,
    ) -> None:
        """Draw one frame into a board: every pass in order, each readable as soon as it is done.

        fed: pictures by the parameter that shows them, for filters and transitions. only: draw so much of each target.
        """
        program = ready.program
        board.fit(program, self.numbers(ready, values))
        for index, each in enumerate(program.passes):
            target = board.target(each.target)
            shader = ready.shader("canvas", each.source, dtype=target.dtype, fed=bool(fed))
            self.bind(ready, shader, each, values, moment, board, fed=fed)
            self.set_values(ready, shader, values)
            self.set_moment(ready, shader, values, moment, size_px=target.size_px, index=index)
            target.begin(clear=program.discards, only=only)
            shader.draw()
            target.end()

    def bind(
        self,
        ready: ReadyPiece,
        shader: GlProgram,
        each: Pass,
        values: Values,
        moment: Moment,
        board: Board | None,
        *,
        fed: Mapping[str, Texture] = MappingProxyType({}),
    ) -> None:
        """Bind the pictures a pass reads, and set its clocks.

        Test sources may be drawn here, so bind the target afterwards.
        """
        used = [s for s in each.samplers if s.name in shader]
        textures = [
            fed[s.ref] if s.kind == "input" and s.ref in fed else self._texture(ready, s, values, moment, board)
            for s in used
        ]
        for unit, (sampler, texture) in enumerate(zip(used, textures, strict=True), start=FIRST_SAMPLER_UNIT):
            if not isinstance(texture, CubeTexture):
                set_sampling(texture, repeat=sampler.repeat, between=sampler.filter)
            texture.use(unit)
            shader.set(sampler.name, unit)
        for name, clock in ready.piece.manifest.clock.items():
            if name in shader:
                shader.set(name, clock_numbers(in_city(clock, moment.civil, values)))

    def set_values(self, ready: ReadyPiece, shader: GlProgram, values: Values) -> None:
        """Set the parameters' uniforms."""
        for uniform in ready.program.uniforms:
            if uniform.name in shader and uniform.type != "sampler2D":
                shader.set(uniform.name, self._value(ready, uniform, values))

    def set_moment(
        self,
        ready: ReadyPiece,
        shader: GlProgram,
        values: Values,
        moment: Moment,
        *,
        size_px: tuple[int, int],
        index: int,
    ) -> None:
        """Set the automatic uniforms of a piece's dialect."""
        if ready.program.dialect == "native":
            shader.set("u_resolution", tuple(float(v) for v in size_px))
            shader.set("u_time", moment.time_s)
            shader.set("u_delta", moment.delta_s)
            shader.set("u_frame", moment.frame)
            shader.set("u_seed", moment.seed)
        given = values.get(MOUSE)
        mouse = (given[0], given[1]) if isinstance(given, tuple) else (0.0, 0.0)
        for each in ready.program.automatic:
            if each.name in shader:
                numbers = moment.numbers(each.quantity, size_px=size_px, index=index, mouse=mouse)[: each.size]
                if each.size == 1:
                    shader.set(each.name, int(numbers[0]) if each.whole else numbers[0])
                else:
                    shader.set(each.name, numbers + (0.0,) * (each.size - len(numbers)))

    def numbers(self, ready: ReadyPiece, values: Values) -> dict[str, float]:
        """Return the inputs that are single numbers, for size expressions."""
        found = {}
        for uniform in ready.program.uniforms:
            if uniform.type == "sampler2D":
                continue
            number = self._value(ready, uniform, values)
            if not isinstance(number, tuple):
                found[uniform.source] = float(number)
        return found

    def _value(self, ready: ReadyPiece, uniform: Uniform, values: Values) -> UniformValue:
        """Return what a uniform takes now."""

        def told(name: str, kind: GlslType) -> UniformValue:
            parameter = ready.piece.manifest.parameter[name]
            value = values.get(name)
            return uniform_value(parameter, default_value(parameter) if value is None else value, kind)

        # A screen's shader has its colours as they are written: vec4 says so, and a vec3 takes three of it.
        shape = "vec4" if ready.program.screen and uniform.type == "vec3" else uniform.type
        value = told(uniform.source, shape)
        if shape != uniform.type and isinstance(value, tuple):
            value = value[:3]
        if uniform.rest and isinstance(value, tuple):
            last = told(uniform.rest, "float")
            return (*value[: int(uniform.type[-1]) - 1], 0.0 if isinstance(last, tuple) else float(last))
        return value

    def _texture(
        self, ready: ReadyPiece, sampler: Sampler, values: Values, moment: Moment, board: Board | None
    ) -> Texture | CubeTexture:
        match sampler.kind:
            case "target":
                assert board is not None
                return board.target(sampler.ref).front
            case "file":
                return ready.images[int(sampler.ref)]
            case "cube":
                return ready.cubes[int(sampler.ref)]
            case "data":
                return ready.data[sampler.ref]
            case "noise":
                return self._pictures.noise()
            case "keyboard":
                return self._pictures.keyboard()
        parameter = ready.piece.manifest.parameter[sampler.ref]
        if isinstance(parameter, TextParameter):
            text = str(values.get(sampler.ref, parameter.default))
            return self.lettering.texture(ready.piece, parameter, values, moment, text)
        name = str(values.get(sampler.ref) or default_value(parameter))
        if isinstance(parameter, AudioParameter):
            return self.sounds.texture(parameter, name, moment.time_s)
        if isinstance(parameter, PointsParameter):
            return self.crowd.texture(sampler.ref, parameter, values.get(sampler.ref, parameter.default), moment.time_s)
        assert isinstance(parameter, ImageParameter)
        return self._pictures.image(ready.piece, parameter, name, moment)

    def release(self) -> None:
        self._pictures.release()
        self.lettering.release()
        self.sounds.release()
        self.crowd.release()
        self.scale.release()
