"""Takes a folder of shaders through the real pipeline and prints a table: passed, repaired, refused and why, flat, NaN.

    .venv/bin/python tools/sweep.py FOLDER [--frames N] [--size WxH] [--glslang] [--json FILE] [--pictures FOLDER]

Every name is printed before it is drawn, so a crash of the driver can be blamed. Transitions stand in their middle,
filters see test sources. A flat picture is drawn once more with every event fired and every slider moved. NaN: how
many texels of the picture were not a number in the worst frame; their channels are 0, as on a screen.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from facade.config.piece import FloatParameter, PieceManifest, TriggerParameter, Value  # noqa: E402 - as above
from facade.core.clock import RealClock  # noqa: E402
from facade.core.errors import FacadeError, PieceError  # noqa: E402
from facade.gpu.context import GpuContext  # noqa: E402
from facade.gpu.source import fragment_source, vertex_source  # noqa: E402
from facade.pieces import dialects  # noqa: E402
from facade.pieces.library import Piece, PieceLibrary  # noqa: E402
from facade.pieces.program import PieceProgram  # noqa: E402
from facade.pieces.walking import pieces_in  # noqa: E402

_FLAT = 1.0 / 255.0
_RATE_HZ = 30.0


@dataclass(slots=True)
class Row:
    """What became of one file. result: pass, flat (only one colour) or refused. nan: texels that are no number."""

    file: str
    dialect: str = ""
    domain: str = ""
    result: str = "refused"
    driven: bool = False
    nan: int = 0
    repairs: tuple[str, ...] = ()
    reason: str = ""
    glslang: str = ""
    ms: float = 0.0


class Sweep:
    """Draws pieces one after another on a canvas of its own."""

    def __init__(
        self, gpu: GpuContext, size: tuple[int, int], frames: int, *, glslang: bool, pictures: Path | None = None
    ) -> None:
        from tests.support.gl import pixel_grid

        self.gpu = gpu
        self.size = size
        self.frames = frames
        self.glslang = glslang
        self.pictures = pictures
        self.pixels = pixel_grid(64, 36, pitch_m=(0.25, 0.25), canvas_px=size)
        self.clock = RealClock()

    def one(self, path: Path, name: str) -> Row:
        row = Row(name)
        started = self.clock.now()
        try:
            library = PieceLibrary([])
            piece = library.get(path)
            row.dialect = piece.dialect
            program = dialects.piece_program(piece, include_paths=library.include_paths)
            row.domain, row.repairs = program.domain, program.repairs
            if self.glslang:
                row.glslang = strict(program)
            picture, row.nan = self.draw(library, piece, {})
            if flat(picture):
                picture, nan = self.draw(library, piece, driving(piece.manifest))
                row.driven, row.nan = True, max(row.nan, nan)
            row.result = "flat" if flat(picture) else "pass"
            self.keep(picture, name)
        except FacadeError as error:
            file = getattr(error, "file", None)
            if "not a piece" in str(error) or "is no Shadertoy export (KeyError" in str(error):
                row.result = "no piece"
                return row
            line = error.line if isinstance(error, PieceError) else None
            where = f"{file.name}:{line}: " if file is not None and line is not None else ""
            row.reason = where + " ".join(str(error).split())
        row.ms = (self.clock.now() - started) * 1e3
        return row

    def keep(self, picture: NDArray[np.uint8], name: str) -> None:
        """Write a picture into the folder for them, if there is one, under the name of its shader."""
        if self.pictures is not None:
            self.pictures.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(self.pictures / (name.replace("/", "__") + ".png"))

    def draw(self, library: PieceLibrary, piece: Piece, drive: dict[str, Value]) -> tuple[NDArray[np.uint8], int]:
        """Return a picture, (H, W, 3) uint8 sRGB, and the texels that were no number in the worst frame.

        The picture is the last frame's. drive: values that change over the frames; then it is the first that is not
        flat.
        """
        from facade.core.frame import Tick
        from facade.stage.stage import Stage
        from tests.support.gl import look, snapshot

        stage = Stage(self.gpu, self.pixels, library, budget_ms=None, canvas_px=self.size)
        try:
            error = stage.prepare([piece.slug])[piece.slug]
            if error is not None:
                raise error
            picture, nan = None, 0
            for frame in range(self.frames * (3 if drive else 1)):
                tick = Tick(frame=frame, time_s=frame / _RATE_HZ, delta_s=1.0 / _RATE_HZ)
                values = moved(drive, piece.manifest, frame)
                stage.frame(tick, look(piece.slug), snapshot({("cue", 0): values}))
                nan = max(nan, stage.not_a_number())
                if drive:
                    shown = stage.canvas()
                    picture = shown if picture is None or flat(picture) else picture
            return stage.canvas() if picture is None else picture, nan
        finally:
            stage.release()


def driving(manifest: PieceManifest) -> dict[str, Value]:
    """Return a value for every parameter worth moving; ``moved`` makes each frame's of it."""
    return dict.fromkeys(manifest.parameter, 0.0) or {"": 0.0}


def moved(drive: dict[str, Value], manifest: PieceManifest, frame: int) -> dict[str, Value]:
    """Return the values of one frame: events fire every fourth, floats sweep their range, points circle."""
    values: dict[str, Value] = {}
    for index, (name, parameter) in enumerate(manifest.parameter.items()):
        if name not in drive:
            continue
        share = (0.37 * (frame + 1) + 0.21 * index) % 1.0
        if isinstance(parameter, TriggerParameter):
            values[name] = frame % 4 == 0
        elif isinstance(parameter, FloatParameter):
            values[name] = parameter.min + share * (parameter.max - parameter.min)
        elif parameter.type == "bool":
            values[name] = share > 0.5
        elif parameter.type == "point":
            values[name] = (share, 1.0 - share)
        elif parameter.type == "image":
            values[name] = "bars"
    return values


def flat(picture: NDArray[np.uint8]) -> bool:
    """Whether a picture is one colour."""
    spread = picture.reshape(-1, 3).max(axis=0).astype(int) - picture.reshape(-1, 3).min(axis=0)
    return bool(spread.max() <= _FLAT * 255)


def strict(program: PieceProgram) -> str:
    """Return what glslangValidator minds at 330 and 450, "" for nothing."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for version in ("330", "450"):
            for index in range(len(program.sources)):
                domain = program.domain
                vertex = vertex_source(program, domain=domain, index=index)
                texts = {"frag": fragment_source(program, domain=domain, index=index), "vert": vertex}
                for stage, text in texts.items():
                    if text is None:
                        continue
                    file = Path(folder) / f"shader.{stage}"
                    file.write_text(text.replace("#version 330", f"#version {version}"), encoding="utf-8")
                    done = subprocess.run(
                        ["glslangValidator", str(file)], capture_output=True, text=True, timeout=60, check=False
                    )
                    if done.returncode:
                        errors = [line for line in done.stdout.splitlines() if "ERROR" in line]
                        found.append(f"{version} {stage}: {errors[0] if errors else done.stdout[:100]}")
    return " | ".join(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--glslang", action="store_true", help="ask glslangValidator too, at 330 and 450")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pictures", type=Path, help="a folder for the picture of each")
    given = parser.parse_args()
    width, height = (int(v) for v in given.size.split("x"))
    rows = []
    with GpuContext.standalone() as gpu:
        sweep = Sweep(gpu, (width, height), given.frames, glslang=given.glslang, pictures=given.pictures)
        for path in [given.folder] if given.folder.is_file() else pieces_in(given.folder):
            name = str(path.relative_to(given.folder)) if path != given.folder else path.name
            print(name, end=" ", flush=True)
            row = sweep.one(path, name)
            nan = f" NaN {row.nan}" if row.nan else ""
            print(f"{row.result}{' (driven)' if row.driven else ''}{nan} {row.domain} {row.ms:.0f} ms", flush=True)
            rows.append(row)
    report(rows)
    if given.json is not None:
        given.json.write_text(json.dumps([asdict(r) for r in rows], indent=1), encoding="utf-8")
    return 0 if all(r.result != "refused" for r in rows) else 1


def report(rows: list[Row]) -> None:
    """Print the table and every file that did not pass."""
    results = Counter(r.result for r in rows)
    print(f"\n{len(rows)} files: " + ", ".join(f"{n} {what}" for what, n in sorted(results.items())))
    print(f"driven before they drew: {sum(r.driven and r.result == 'pass' for r in rows)}")
    print(f"not a number somewhere: {sum(r.nan > 0 for r in rows)}")
    print("dialects: " + ", ".join(f"{n} {what or 'unread'}" for what, n in Counter(r.dialect for r in rows).items()))
    print("domains: " + ", ".join(f"{n} {what or 'none'}" for what, n in Counter(r.domain for r in rows).items()))
    for what, n in Counter(repair for r in rows for repair in r.repairs).most_common():
        print(f"  {n:5d} {what}")
    minded = [r for r in rows if r.glslang]
    print(f"minded by glslang: {len(minded)}")
    for row in rows:
        if row.result not in ("pass", "no piece") or row.glslang or row.nan:
            nan = f"{row.nan:,} texels are not a number" if row.nan else ""
            said = "; ".join(filter(None, (row.reason, nan, row.glslang)))
            print(f"{row.result:8s} {row.file}: {said or 'one colour'}")


if __name__ == "__main__":
    raise SystemExit(main())
