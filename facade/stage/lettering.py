"""Texts on screen as textures, drawn when they change; and what stands in them."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from facade.config.piece import ChoiceParameter, FloatParameter, IntParameter, TextParameter, Value
from facade.gpu.context import GpuContext
from facade.gpu.textures import Texture, coverage_texture
from facade.media.lettering import Font, filled, lettered, load_font, plain, told
from facade.pieces.library import Piece
from facade.stage.civil import in_city
from facade.stage.moment import Moment
from facade.stage.values import Values

KEPT = 48
"""Drawn texts in memory; a clock that shows seconds needs a new one every second, and layers may share one."""

_FontKey = tuple[Path | None, int]


class Lettering:
    """Textures by what stands on them."""

    def __init__(self, gpu: GpuContext) -> None:
        self._gpu = gpu
        self._fonts: dict[_FontKey, Font] = {}
        self._drawn: OrderedDict[tuple[_FontKey, str, str], Texture] = OrderedDict()

    def load(self, piece: Piece) -> None:
        """Read the fonts of a piece anew. Raises PieceError for a file that is none."""
        for parameter in piece.manifest.parameter.values():
            if isinstance(parameter, TextParameter):
                key = _font_key(piece, parameter)
                self._fonts[key] = load_font(*key)
                for drawn in [each for each in self._drawn if each[0] == key]:
                    self._drawn.pop(drawn).release()

    def texture(self, piece: Piece, parameter: TextParameter, values: Values, moment: Moment, text: str) -> Texture:
        """Return a text as it reads now, with other values and times in their places."""
        font = _font_key(piece, parameter)
        words = said(piece, values, moment, text)
        key = (font, parameter.align, words if parameter.font else plain(words))
        texture = self._drawn.get(key)
        if texture is None:
            picture = lettered(key[2], self._fonts[font], parameter.align)
            texture = coverage_texture(self._gpu, (picture.shape[1], picture.shape[0]), picture.tobytes())
            self._drawn[key] = texture
            if len(self._drawn) > KEPT:
                self._drawn.popitem(last=False)[1].release()
        self._drawn.move_to_end(key)
        return texture

    def release(self) -> None:
        for texture in self._drawn.values():
            texture.release()
        self._drawn.clear()


def said(piece: Piece, values: Values, moment: Moment, text: str) -> str:
    """Return a text with what its places stand for: values of other parameters, and the times of clocks."""
    manifest = piece.manifest

    def shown(name: str, form: str) -> str | None:
        clock = manifest.clock.get(name)
        if clock is not None:
            return told(in_city(clock, moment.civil, values), form)
        return _value(manifest.parameter.get(name), values.get(name))

    return filled(text, shown)


def _value(parameter: object, value: Value | None) -> str | None:
    """Return a value as people write it; None for kinds that have no words."""
    if isinstance(parameter, ChoiceParameter | TextParameter):
        return str(value)
    if isinstance(parameter, FloatParameter) and isinstance(value, int | float):
        return f"{value:.3g}"
    return str(value) if isinstance(parameter, IntParameter) else None


def _font_key(piece: Piece, parameter: TextParameter) -> _FontKey:
    return (piece.folder / parameter.font if parameter.font else None), parameter.size_px
