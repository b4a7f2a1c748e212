"""What a piece says about itself: its licence, and of an installed one that it is and looks as it was packed."""

from __future__ import annotations

from collections.abc import Iterator

from facade.app.finding import Finding
from facade.app.packing import portrait
from facade.app.plan import Plan, make_plan
from facade.config.package import PackageManifest, parse_package
from facade.core.errors import FacadeError
from facade.gpu.context import GpuContext
from facade.pieces.library import Piece
from facade.pieces.package import MANIFEST_NAME, files_of, fingerprint
from facade.pieces.unpacking import RECEIPT


def papers(target: str, plan: Plan, gpu: GpuContext) -> Iterator[Finding]:
    """Yield what is known of the pieces that are shown."""
    library = plan.library()
    for slug in dict.fromkeys(part.piece for cue in plan.show.cue.values() for _, part in cue.parts()):
        piece = library.get(slug)
        yield _licence(target, piece)
        receipt = piece.folder / RECEIPT / MANIFEST_NAME
        if receipt.is_file():
            yield from _as_packed(target, piece, parse_package(receipt.read_bytes()), gpu)


def _licence(target: str, piece: Piece) -> Finding:
    manifest, what = piece.manifest, f"licence of {piece.slug}"
    data = {"license": manifest.license, "author": manifest.author}
    if manifest.license:
        by = f", by {manifest.author}" if manifest.author else ""
        return Finding(target, what, "ok", f"{manifest.license}{by}", data)
    return Finding(target, what, "note", "says nothing: nobody knows whether they may show it", data)


def _as_packed(target: str, piece: Piece, package: PackageManifest, gpu: GpuContext) -> Iterator[Finding]:
    found = {name: fingerprint(data) for name, data in files_of(piece.folder).items()}
    changed = sorted(n for n in found.keys() | package.files.keys() if found.get(n) != package.files.get(n))
    what = f"package of {piece.slug}"
    if changed:
        says = f"changed since it was installed: {', '.join(changed[:5])}"
        yield Finding(target, what, "note", says, {"changed": changed})
        return
    yield Finding(target, what, "ok", "every file is as it was packed", {"changed": []})
    golden = package.golden
    if golden is None or golden.renderer != gpu.renderer:
        return
    try:
        _, here = portrait(make_plan(str(piece.folder), golden.venue), gpu, width_px=16)
    except FacadeError as error:
        yield Finding(target, f"golden of {piece.slug}", "fail", str(error))
        return
    if (here.frames, here.rate_hz) == (golden.frames, golden.rate_hz):
        same = here.sha256 == golden.sha256
        says = "looks as where it was packed, bit for bit" if same else "does not look as where it was packed"
        yield Finding(target, f"golden of {piece.slug}", "ok" if same else "note", says, {"same": same})
