"""Where a window's pictures go: street, canvas and pixels beside each other, controls at the right. Pure numbers.

Rectangles are x, y, width, height in window pixels from the top left.
"""

from __future__ import annotations

from typing import Literal

Box = tuple[int, int, int, int]
View = Literal["street", "canvas", "pixels"]
VIEWS: tuple[View, ...] = ("street", "canvas", "pixels")

PANEL_PX = 300
LEAST_FOR_PANEL_PX = 760
GAP = 4
_STREET_SHARE = 0.6


def boxes(size_px: tuple[int, int], *, only: View | None, panel: bool) -> tuple[dict[View, Box], Box | None]:
    """Return the box of each picture that is shown, and of the panel, None where it is hidden or finds no room."""
    width, height = size_px
    shown = panel and width >= LEAST_FOR_PANEL_PX
    left = width - PANEL_PX - GAP if shown else width
    panel_box = (left + GAP, 0, PANEL_PX, height) if shown else None
    if only is not None:
        return {only: (0, 0, left, height)}, panel_box
    top = int(height * _STREET_SHARE)
    half = (left - GAP) // 2
    below = height - top - GAP
    return {
        "street": (0, 0, left, top),
        "canvas": (0, top + GAP, half, below),
        "pixels": (half + GAP, top + GAP, left - half - GAP, below),
    }, panel_box


def fitted(box: Box, size_px: tuple[int, int]) -> Box:
    """Return the largest box of a picture's shape in the middle of a box."""
    x, y, width, height = box
    scale = min(width / size_px[0], height / size_px[1])
    w, h = max(1, int(size_px[0] * scale)), max(1, int(size_px[1] * scale))
    return x + (width - w) // 2, y + (height - h) // 2, w, h


def holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x < box[0] + box[2] and box[1] <= y < box[1] + box[3]
