"""Pictures of many pieces: thumbnails for a terminal, and a page of all pieces on all venues, needing nothing else."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facade.app.inline import InlineHost
from facade.app.pictures import PixelPicture
from facade.app.plan import make_plan
from facade.app.wiring import gpu_without_screen
from facade.config.piece import PieceManifest
from facade.core.errors import FacadeError
from facade.gpu.context import GpuContext

FRAMES = 40
RATE_HZ = 10.0
"""A picture shows the fourth second: pieces that remember have something to remember by then."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pieces</title><style>
body {{ margin: 0; padding: 32px; background: #0a0c11; color: #ece8df; font: 15px/1.45 system-ui, sans-serif; }}
h1 {{ font-size: 20px; }} h2 {{ font-size: 17px; margin: 0; }} .dim {{ color: #a3a8b5; font-size: 13px; }}
section {{ border-top: 1px solid #262c3a; padding: 24px 0;
  display: grid; grid-template-columns: 260px 1fr; gap: 24px; }}
.on {{ display: flex; flex-wrap: wrap; gap: 16px; }} figure {{ margin: 0; }}
img {{ height: 200px; max-width: 100%; border-radius: 6px; display: block; }}
@media (max-width: 800px) {{ section {{ grid-template-columns: 1fr; }} }}
</style></head><body><h1>{count} pieces on {venues}</h1>
{body}</body></html>
"""


@dataclass(frozen=True, slots=True)
class Portrait:
    """One piece on one venue. picture: uint8 (H, W, 3), or None and why there is none."""

    piece: str
    venue: str
    manifest: PieceManifest | None
    presets: tuple[str, ...]
    picture: NDArray[np.uint8] | None
    problem: str = ""


def portraits(pieces: Sequence[str], venues: Sequence[str], *, width_px: int = 420) -> Iterator[Portrait]:
    """Yield a picture of every piece on every venue, piece after piece. One that fails has its reason instead."""
    with gpu_without_screen() as gpu:
        for piece in pieces:
            for venue in venues:
                yield _portrait(piece, venue, gpu, width_px)


def thumbnail(piece: str, venue: str, gpu: GpuContext, size_px: tuple[int, int]) -> NDArray[np.uint8] | None:
    """Return the canvas of a piece in its fourth second, uint8 (H, W, 3), or None if it cannot be had."""
    try:
        host = InlineHost(make_plan(piece, venue), gpu, rate_hz=RATE_HZ, deliver=False)
        if host.prepare():
            return None
    except FacadeError:
        return None
    for frame in range(FRAMES):
        host.step(frame)
    picture = host.renderer.stage.canvas(size_px=size_px).copy()
    host.renderer.stage.release()
    return picture


def page(found: Sequence[Portrait]) -> str:
    """Return one HTML page, pictures included."""
    body = []
    for piece in dict.fromkeys(each.piece for each in found):
        mine = [each for each in found if each.piece == piece]
        body.append(
            f'<section>{_facts(mine[0])}<div class="on">{"".join(_figure(each) for each in mine)}</div></section>'
        )
    venues = list(dict.fromkeys(each.venue for each in found))
    return _PAGE.format(count=len(body), venues=html.escape(", ".join(venues)), body="\n".join(body))


def _portrait(piece: str, venue: str, gpu: GpuContext, width_px: int) -> Portrait:
    try:
        plan = make_plan(piece, venue)
    except FacadeError as error:
        return Portrait(piece, venue, None, (), None, str(error))
    presets = tuple(plan.presets.get(piece, {}))
    manifest = plan.manifests.get(piece)
    host = InlineHost(plan, gpu, rate_hz=RATE_HZ, deliver=False)
    faults = host.prepare()
    if faults:
        return Portrait(piece, venue, manifest, presets, None, "; ".join(faults.values()))
    for frame in range(FRAMES):
        rgb = host.step(frame)
    picture = PixelPicture(plan.pixels, width_px=width_px).draw(rgb).copy()
    host.renderer.stage.release()
    return Portrait(piece, plan.pixels.venue.venue.name, manifest, presets, picture)


def _facts(portrait: Portrait) -> str:
    manifest = portrait.manifest
    lines = [f"<h2>{html.escape(manifest.title if manifest else portrait.piece)}</h2>"]
    if manifest:
        by = " · ".join(each for each in (portrait.piece, manifest.author, manifest.license) if each)
        lines += [f'<p class="dim">{html.escape(by)}</p>', f"<p>{html.escape(manifest.description)}</p>"]
        said = [
            f"{len(manifest.parameter)} parameters",
            *([f"presets: {', '.join(portrait.presets)}"] * bool(portrait.presets)),
        ]
        lines.append(f'<p class="dim">{html.escape("; ".join(said))}</p>')
    return f"<div>{''.join(lines)}</div>"


def _figure(portrait: Portrait) -> str:
    caption = f'<figcaption class="dim">{html.escape(portrait.venue)}</figcaption>'
    if portrait.picture is None:
        return f"<figure><p>{html.escape(portrait.problem)}</p>{caption}</figure>"
    made = io.BytesIO()
    Image.fromarray(portrait.picture).save(made, "WEBP", quality=86, method=4)
    data = base64.b64encode(made.getvalue()).decode()
    return f'<figure><img alt="" src="data:image/webp;base64,{data}">{caption}</figure>'
