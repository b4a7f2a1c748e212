"""Packing a piece: it is run first, so that the package carries its picture and what its light was, bit for bit."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
from PIL import Image

from facade.app.inline import InlineHost
from facade.app.plan import Plan, make_plan
from facade.app.wiring import gpu_without_screen
from facade.config.package import GoldenFrames, PackageManifest
from facade.core.color import linear_to_srgb8
from facade.core.errors import PieceError
from facade.gpu.context import GpuContext
from facade.pieces.package import pack

GOLDEN_RATE_HZ = 10.0
GOLDEN_FRAMES = (0, 10, 40)
PREVIEW_WIDTH_PX = 480


def pack_piece(target: str, out: Path, venue: str) -> PackageManifest:
    """Run a piece on a venue and write it into one file. Raises PieceError if it does not run, or is a show."""
    plan = make_plan(target, venue)
    if list(plan.show.cue) != ["piece"]:
        raise PieceError(f'"{target}" is a show; a package holds one piece. Name a piece.')
    piece = plan.library().get(plan.show.cue["piece"].layer[0].piece)
    with gpu_without_screen() as gpu:
        preview, golden = portrait(plan, gpu)
    return pack(piece, out, preview=preview, golden=golden)


def portrait(plan: Plan, gpu: GpuContext, *, width_px: int = PREVIEW_WIDTH_PX) -> tuple[bytes, GoldenFrames]:
    """Return a PNG of the canvas at the last of the golden frames, and what the light of all of them was.

    Raises PieceError if the piece does not compile.
    """
    height_px = max(16, round(width_px * plan.pixels.size_venue_m[1] / plan.pixels.size_venue_m[0]))
    host = InlineHost(plan, gpu, rate_hz=GOLDEN_RATE_HZ, deliver=False)
    for slug, fault in host.prepare().items():
        raise PieceError(f"{slug}: {fault}")
    digest = hashlib.sha256()
    for frame in range(GOLDEN_FRAMES[-1] + 1):
        rgb = host.step(frame)
        if frame in GOLDEN_FRAMES:
            digest.update(linear_to_srgb8(np.nan_to_num(rgb)).tobytes())
    picture = host.renderer.stage.canvas(size_px=(width_px, min(height_px, 4 * width_px)))
    host.renderer.stage.release()
    return png(picture), GoldenFrames(
        venue=plan.pixels.venue.venue.id,
        renderer=gpu.renderer,
        rate_hz=GOLDEN_RATE_HZ,
        frames=GOLDEN_FRAMES,
        sha256=digest.hexdigest(),
    )


def png(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """Encode uint8 (H, W, 3)."""
    made = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(made, "PNG", optimize=True)
    return made.getvalue()
