"""Text as a picture: coverage 0..255, as large as the text, the bottom row first."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from facade.core.errors import PieceError

MAX_WIDTH_PX = 4096
_MARGIN_PX = 2
_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)(?::([^{}]{1,40}))?\}")
_DIRECTIVE = re.compile(r"%([HMSIpdmYyjAaBb%])")

_OWN = frozenset((*string.ascii_letters, *string.digits, *string.punctuation, " ", "\n"))
_SPELT = dict(
    zip("ßłŁøØđĐðÐþÞæÆœŒ–—‘’“”", ("ss", *"lLoOdDdD", "th", "Th", "ae", "Ae", "oe", "Oe", *"--''\"\""), strict=True)
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def load_font(file: Path | None, size_px: int) -> Font:
    """Return a font; file None is the one that comes with Pillow. Raises PieceError for a file that is none."""
    if file is None:
        return ImageFont.load_default(size_px)
    try:
        return ImageFont.truetype(str(file), size_px)
    except (OSError, ValueError) as error:
        raise PieceError(
            f"{file.name} is no font that can be read ({error}). Use a TTF or OTF file.", file=file
        ) from error


def filled(text: str, shown: Callable[[str, str], str | None]) -> str:
    """Put values into a text: ``{NAME}`` and ``{NAME:FORMAT}``. shown: name, format -> text, None to leave it as it is.

    Nothing of Python's own formatting is reached, because the text may come from outside.
    """

    def one(match: re.Match[str]) -> str:
        value = shown(match[1], match[2] or "")
        return match[0] if value is None else value

    return _PLACE.sub(one, text)


def told(now: datetime, form: str) -> str:
    """Return a time by a format of the usual directives, %H:%M if there is none."""
    return _DIRECTIVE.sub(lambda m: now.strftime(m[0]), form or "%H:%M")


def plain(text: str) -> str:
    """Return a text in the letters the font of Pillow has: without accents, and others as people spell them out."""
    spelt = "".join(_SPELT.get(c, c) for c in text)
    bare = "".join(c for c in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(c))
    return "".join(c if c in _OWN else "?" for c in bare)


def lettered(text: str, font: Font, align: str) -> NDArray[np.uint8]:
    """Draw a text. Returns uint8 (H, W); a text wider than MAX_WIDTH_PX is made narrower."""
    lines = text.split("\n")
    ascent, descent = font.getmetrics() if isinstance(font, ImageFont.FreeTypeFont) else (11, 3)
    height = ascent + descent
    widths = [max(0, round(font.getlength(line))) for line in lines]
    size = (max(1, *widths) + 2 * _MARGIN_PX, height * len(lines) + 2 * _MARGIN_PX)
    image = Image.new("L", (min(size[0], 8 * MAX_WIDTH_PX), size[1]))
    draw = ImageDraw.Draw(image)
    for row, (line, width) in enumerate(zip(lines, widths, strict=True)):
        free = size[0] - 2 * _MARGIN_PX - width
        left = {"left": 0, "centre": free // 2, "right": free}[align]
        draw.text((_MARGIN_PX + left, _MARGIN_PX + row * height), line, fill=255, font=font)
    if image.width > MAX_WIDTH_PX:
        image = image.resize((MAX_WIDTH_PX, image.height), Image.Resampling.BOX)
    return np.ascontiguousarray(np.asarray(image)[::-1])
