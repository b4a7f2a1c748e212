"""The controls beside a window's pictures: drawn into an image, and what a hand on them means. Pure; no window here.

Positions are picture pixels from the top left. A post is an address and its arguments, as the page sends them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Post = tuple[str, tuple[Any, ...]]
Info = Mapping[str, Any]
"""One control: name, address, type, label and what its type needs; see web.hub.ParameterInfo."""

GROUND, PANEL, RAISED, LINE = (10, 12, 17), (17, 20, 27), (25, 29, 39), (58, 65, 82)
TEXT, DIM, AMBER, INK, BAD = (236, 232, 223), (163, 168, 181), (255, 179, 92), (23, 17, 10), (255, 125, 116)
MARGIN = 14
_TEXT_PX = 13
_ROW = {"color": 92, "point": 118}
_PLAIN_ROW = 48
_HEAD = 74
_TRACK = 22
_WHEEL_PX = 48


@dataclass(frozen=True, slots=True)
class _Handle:
    """Something that can be taken. part: index of a colour's channel."""

    info: Info
    x: int
    y: int
    width: int
    height: int
    part: int = 0

    def holds(self, x: float, y: float) -> bool:
        return self.x - 6 <= x <= self.x + self.width + 6 and self.y - 6 <= y <= self.y + self.height + 6

    def share(self, x: float, y: float) -> tuple[float, float]:
        """Return where a hand is, 0..1 across and up."""
        across = (x - self.x) / max(1, self.width)
        up = 1.0 - (y - self.y) / max(1, self.height)
        return min(max(across, 0.0), 1.0), min(max(up, 0.0), 1.0)


class Panel:
    """Sliders of what is on, drawn anew only when something has changed."""

    def __init__(self) -> None:
        self._infos: tuple[Info, ...] = ()
        self._values: dict[str, Any] = {}
        self._handles: list[_Handle] = []
        self._held: _Handle | None = None
        self._scroll = 0
        self._content_px = 0
        self._size = (0, 0)
        self._drawn: Any = None
        self._font = ImageFont.load_default(size=_TEXT_PX)
        self._title_font = ImageFont.load_default(size=_TEXT_PX + 4)

    def show(self, infos: Sequence[Info], values: Mapping[str, Any]) -> None:
        """Take what is to be seen; a control that is being held keeps the hand's value."""
        self._infos = tuple(infos)
        held = None if self._held is None else self._held.info["address"]
        self._values = {a: self._values.get(a, v) if a == held else v for a, v in values.items()}

    def draw(
        self, size_px: tuple[int, int], *, title: str, lines: Sequence[str], keys: str
    ) -> NDArray[np.uint8] | None:
        """Return the panel as uint8 (H, W, 3), None if it is as it was. lines: under the title. keys: at the bottom."""
        shown = (size_px, title, tuple(lines), keys, self._scroll, self._infos, dict(self._values))
        if shown == self._drawn:
            return None
        self._drawn = shown
        self._size = size_px
        width, height = size_px
        image = Image.new("RGB", size_px, PANEL)
        pen = ImageDraw.Draw(image)
        self._handles = []
        y = _HEAD + 16 * len(lines) - self._scroll
        for info in self._infos:
            self._row(pen, info, y, width)
            y += _ROW.get(info["type"], _PLAIN_ROW)
        self._content_px = y + self._scroll
        self._head(pen, title, lines, width)
        self._foot(pen, keys, width, height)
        return np.asarray(image)

    def press(self, x: float, y: float) -> list[Post]:
        """A button went down here."""
        self._held = next((h for h in reversed(self._handles) if h.holds(x, y)), None)
        if self._held is None:
            return []
        info = self._held.info
        match info["type"]:
            case "trigger":
                return [(info["address"], ())]
            case "bool":
                return [self._set(info, not self._values.get(info["address"]))]
            case "choice":
                return self._next_choice(info, back=self._held.share(x, y)[0] < 0.5)
        return self.drag(x, y)

    def drag(self, x: float, y: float) -> list[Post]:
        """The button is held and the hand moves."""
        if self._held is None:
            return []
        info, (across, up) = self._held.info, self._held.share(x, y)
        match info["type"]:
            case "float":
                return [self._set(info, info["min"] + across * (info["max"] - info["min"]))]
            case "int":
                return [self._set(info, round(info["min"] + across * (info["max"] - info["min"])))]
            case "color":
                color = list(self._values.get(info["address"]) or (0.0, 0.0, 0.0))
                color[self._held.part] = across
                return [self._set(info, color)]
            case "point":
                return [self._set(info, [across, up])]
        return []

    def release(self) -> None:
        self._held = None

    def scroll(self, steps: float) -> None:
        """Move the controls up by so many turns of a wheel; never past their ends."""
        most = max(0, self._content_px + 30 - self._size[1])
        self._scroll = int(min(max(self._scroll + steps * _WHEEL_PX, 0), most))

    def _set(self, info: Info, value: Any) -> Post:
        self._values[info["address"]] = value
        return info["address"], tuple(value) if isinstance(value, list) else (value,)

    def _next_choice(self, info: Info, *, back: bool) -> list[Post]:
        choices = list(info.get("choices", ()))
        now = self._values.get(info["address"])
        if not choices:
            return []
        index = choices.index(now) if now in choices else 0
        return [self._set(info, choices[(index + (-1 if back else 1)) % len(choices)])]

    def _head(self, pen: ImageDraw.ImageDraw, title: str, lines: Sequence[str], width: int) -> None:
        bottom = _HEAD - 14 + 16 * len(lines)
        pen.rectangle((0, 0, width, bottom), fill=PANEL)
        pen.text((MARGIN, 14), title, fill=TEXT, font=self._title_font)
        for n, line in enumerate(lines):
            pen.text((MARGIN, 44 + 16 * n), line, fill=DIM, font=self._font)
        pen.line((MARGIN, bottom, width - MARGIN, bottom), fill=LINE)

    def _foot(self, pen: ImageDraw.ImageDraw, keys: str, width: int, height: int) -> None:
        lines = keys.split("\n")
        top = height - 12 - 16 * len(lines)
        pen.rectangle((0, top, width, height), fill=PANEL)
        pen.line((MARGIN, top, width - MARGIN, top), fill=LINE)
        for n, line in enumerate(lines):
            pen.text((MARGIN, top + 6 + 16 * n), line, fill=DIM, font=self._font)

    def _row(self, pen: ImageDraw.ImageDraw, info: Info, y: int, width: int) -> None:
        if not -_ROW.get(info["type"], _PLAIN_ROW) < y < self._size[1]:
            return
        value, left, right = self._values.get(info["address"]), MARGIN, width - MARGIN
        pen.text((left, y), str(info["label"]), fill=TEXT, font=self._font)
        said = _said(info, value)
        pen.text((right - pen.textlength(said, font=self._font), y), said, fill=DIM, font=self._font)
        handle = _Handle(info, left, y + 20, right - left, 14)
        match info["type"]:
            case "float" | "int":
                low, high = float(info["min"]), float(info["max"])
                share = (float(value) - low) / (high - low) if value is not None and high > low else 0.0
                self._track(pen, handle, share, AMBER)
            case "color":
                color = tuple(int(255 * float(c)) for c in (value or (0.0, 0.0, 0.0)))[:3]
                pen.rectangle((right - 40, y, right, y + 13), fill=color, outline=LINE)
                for part, tone in enumerate(((230, 90, 80), (110, 200, 120), (110, 150, 255))):
                    line = _Handle(info, left, y + 20 + part * _TRACK, right - left, 14, part)
                    self._track(pen, line, color[part] / 255, tone)
                    self._handles.append(line)
                return
            case "point":
                handle = _Handle(info, left, y + 20, min(right - left, 150), 84)
                self._pad(pen, handle, value)
            case "trigger" | "bool" | "choice":
                self._button(pen, handle, info, value)
            case _:
                return
        self._handles.append(handle)

    def _track(self, pen: ImageDraw.ImageDraw, handle: _Handle, share: float, tone: tuple[int, int, int]) -> None:
        x, y, width = handle.x, handle.y + 5, handle.width
        at = x + int(min(max(share, 0.0), 1.0) * width)
        pen.rounded_rectangle((x, y, x + width, y + 4), 2, fill=LINE)
        pen.rounded_rectangle((x, y, max(at, x + 1), y + 4), 2, fill=tone)
        pen.ellipse((at - 6, y - 4, at + 6, y + 8), fill=(255, 246, 234), outline=GROUND)

    def _pad(self, pen: ImageDraw.ImageDraw, handle: _Handle, value: Any) -> None:
        x, y, w, h = handle.x, handle.y, handle.width, handle.height
        pen.rectangle((x, y, x + w, y + h), fill=GROUND, outline=LINE)
        across, up = (float(v) for v in (value or (0.5, 0.5)))
        at = (x + across * w, y + (1.0 - up) * h)
        pen.ellipse((at[0] - 5, at[1] - 5, at[0] + 5, at[1] + 5), fill=AMBER)

    def _button(self, pen: ImageDraw.ImageDraw, handle: _Handle, info: Info, value: Any) -> None:
        box = (handle.x, handle.y - 2, handle.x + handle.width, handle.y + 18)
        is_on = info["type"] == "bool" and bool(value)
        pen.rounded_rectangle(box, 5, fill=AMBER if is_on else RAISED, outline=LINE)
        text = {"trigger": "fire", "bool": "on" if is_on else "off"}.get(info["type"], f"<   {value}   >")
        pen.text(
            ((box[0] + box[2] - pen.textlength(text, font=self._font)) / 2, box[1] + 3),
            text,
            fill=INK if is_on else TEXT,
            font=self._font,
        )


class Notice:
    """A message over the pictures, in full and in lines that fit."""

    def __init__(self) -> None:
        self._font = ImageFont.load_default(size=_TEXT_PX + 1)

    def draw(self, text: str, width_px: int, *, is_error: bool) -> NDArray[np.uint8]:
        """Return uint8 (H, W, 3), as high as the text needs, at most twelve lines."""
        measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
        lines = _wrapped(text, lambda line: measure.textlength(line, font=self._font) <= width_px - 2 * MARGIN)[:12]
        image = Image.new("RGB", (width_px, 20 + 18 * len(lines)), (74, 21, 18) if is_error else RAISED)
        pen = ImageDraw.Draw(image)
        for n, line in enumerate(lines):
            pen.text((MARGIN, 10 + 18 * n), line, fill=(255, 233, 230) if is_error else TEXT, font=self._font)
        return np.asarray(image)


def label(text: str) -> NDArray[np.uint8]:
    """Return a word on a dark ground, for the corner of a picture: uint8 (H, W, 3)."""
    font = ImageFont.load_default(size=_TEXT_PX)
    width = int(ImageDraw.Draw(Image.new("RGB", (1, 1))).textlength(text, font=font)) + 14
    image = Image.new("RGB", (width, 22), GROUND)
    ImageDraw.Draw(image).text((7, 4), text, fill=DIM, font=font)
    return np.asarray(image)


def _wrapped(text: str, fits: Any) -> list[str]:
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if fits(longer) or not line:
                line = longer
            else:
                lines.append(line)
                line = word
        lines.append(line)
    return lines


def _said(info: Info, value: Any) -> str:
    if info["type"] == "float" and value is not None:
        unit = f" {info['unit']}" if info.get("unit") else ""
        return f"{float(value):.3g}{unit}"
    if info["type"] in ("int", "text") and value is not None:
        return str(value)[:24]
    return ""
