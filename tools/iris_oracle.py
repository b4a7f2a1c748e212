#!/usr/bin/env python3
"""Compare facade's flash analysis with EA IRIS, one way: what IRIS fails, we must fail. What it passes proves nothing.

    .venv/bin/python tools/iris_oracle.py --fetch
    .venv/bin/python tools/iris_oracle.py somewhere/test/Iris.Tests/data

--fetch clones the repository into a folder that is removed at the end; otherwise name the folder of a copy.

Reads TestVideos/*.mp4 and ExpectedVideoLogFiles/*.csv there. Nothing of IRIS is kept or copied. IRIS measures the mean
of the whole frame; here every block of the picture is a lamp, whose white has 200 cd/m2, without an area test. IRIS
also fails 4 to 6 changes a second for 4 s out of 5 ("extended"): neither WCAG nor BT.1702 forbids that, and facade
warns of it as a long sequence; what IRIS fails so, we must warn of. Then light that IRIS's mean of the frame cannot see
is made here and must fail: halves in counterphase, a small area near by. Needs the extra `video`.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from facade.config.loader import load_hardware  # noqa: E402 - the checkout must be on the path first
from facade.config.venue import Venue  # noqa: E402
from facade.core import places  # noqa: E402
from facade.core.color import srgb_to_linear  # noqa: E402
from facade.light.flash_report import PROFILES, FlashFinding, FlashReport, analyse  # noqa: E402
from facade.mapping.compile import compile_venue  # noqa: E402
from facade.mapping.model import PixelMap  # noqa: E402

COLUMNS, ROWS = 32, 18
SOURCE = "https://github.com/electronicarts/IRIS"
_VERDICTS = ("pass", "warning", "extended fail", "fail")


def main() -> int:
    """Print one line a video; the exit status is 1 if IRIS fails one that we pass."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    if sys.argv[1] != "--fetch":
        return compare(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory() as kept:
        clone = ["git", "clone", "--quiet", "--depth", "1", SOURCE, kept]
        if subprocess.run(clone, check=False).returncode:
            print(f"{SOURCE} cannot be cloned; name the folder of a copy instead")
            return 2
        return compare(Path(kept) / "test" / "Iris.Tests" / "data")


def compare(folder: Path) -> int:
    missed = 0
    videos = sorted((folder / "TestVideos").glob("*.mp4"))
    if not videos:
        print(f"{folder}: no TestVideos/*.mp4 here")
        return 2
    print(f"{'video':22} {'IRIS':14} {'facade':8} agree")
    for video in videos:
        theirs = verdict(folder / "ExpectedVideoLogFiles" / f"{video.stem}_RELATIVE.csv")
        report = judged(video)
        ours = "fail" if not report.passes else "warning" if report.warnings else "pass"
        agree = "yes" if strict_enough(theirs, ours) else "NO"
        missed += agree == "NO"
        print(f"{video.stem:22} {theirs:14} {ours:8} {agree}   {reasons(report)}")
    print(f"{len(videos) - missed} of {len(videos)} agree, one way")
    for name, frames in unseen().items():
        report = analyse(frames, screen(), rate_hz=25.0)
        missed += report.passes
        print(f"{name:22} {'(not seen)':14} {'pass' if report.passes else 'fail':8} {reasons(report)}")
    return 1 if missed else 0


def strict_enough(theirs: str, ours: str) -> bool:
    return ours == "fail" if theirs == "fail" else theirs != "extended fail" or ours != "pass"


def unseen() -> dict[str, NDArray[np.float32]]:
    """Light that flashes and leaves the mean of the whole frame, which is all IRIS looks at, nearly as it is."""
    n = np.arange(75)[:, None, None]
    columns = (np.arange(ROWS * COLUMNS) % COLUMNS)[None, :, None]
    shape = (75, ROWS * COLUMNS, 3)
    halves = (n % 4 < 2) == (columns < COLUMNS // 2)
    in_turn = (n % 8 < 4) == (columns < COLUMNS // 2)
    small = (n % 4 < 2) & (columns < COLUMNS // 8)
    cases = {"halves at 6.25 Hz": halves, "halves at 3.1 Hz": in_turn, "an eighth at 6.25 Hz": small}
    return {name: np.broadcast_to(lit, shape).astype(np.float32) for name, lit in cases.items()}


def verdict(log: Path) -> str:
    """The worst result that IRIS notes for any frame; its oldest log has one column for it, where 2 is a fail."""
    with log.open(newline="") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    names = ("FlashLuminanceFailedFrame", "FlashRedFailedFrame")
    if "FlashFailedFrames" in rows[0]:
        return ("pass", "warning", "fail")[max(int(row["FlashFailedFrames"]) for row in rows)]
    return _VERDICTS[max(int(float(row[name])) for row in rows for name in names)]


def judged(video: Path) -> FlashReport:
    """What facade says of a video, each of its COLUMNS x ROWS blocks being one lamp."""
    import av

    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        return analyse(blocks(container.decode(stream)), screen(), rate_hz=float(stream.average_rate or 25))


def blocks(frames: Iterator[object]) -> Iterator[NDArray[np.float32]]:
    """Yield the linear light of every block, (P, 3), bottom row first."""
    for frame in frames:
        light = srgb_to_linear(frame.to_ndarray(format="rgb24") / np.float32(255))  # type: ignore[attr-defined]
        height, width = light.shape[0] // ROWS * ROWS, light.shape[1] // COLUMNS * COLUMNS
        cut = light[:height, :width].reshape(ROWS, height // ROWS, COLUMNS, width // COLUMNS, 3)
        yield cut.mean(axis=(1, 3))[::-1].reshape(-1, 3).astype(np.float32)


def screen() -> PixelMap:
    """A venue of as many lamps as there are blocks."""
    grid = {"profile": "rgb_node", "surface": "front", "shape": "grid", "columns": COLUMNS, "rows": ROWS}
    segment = {"controller": "node", "universe": 0}
    venue = {
        "venue": {"id": "screen", "name": "Screen"},
        "surface": {"front": {"size_m": [COLUMNS * 0.1, ROWS * 0.1]}},
        "controller": {"node": {"profile": "artnet_pixel", "host": "127.0.0.1"}},
        "fixture": {"blocks": {**grid, "pitch_m": [0.1, 0.1], "at_m": [0.05, 0.05], "segment": [segment]}},
        "flash": {"white_cd_m2": 200.0},
    }
    return compile_venue(Venue.model_validate(venue), load_hardware(places.hardware()))[0]


def reasons(report: FlashReport) -> str:
    worst: dict[tuple[str, str], float] = {}
    for f in (*report.findings, *report.warnings):
        if isinstance(f, FlashFinding):
            worst[f.rule, f.kind] = max(f.flashes_per_s, worst.get((f.rule, f.kind), 0.0))
    return "; ".join(f"{PROFILES[rule]} ({kind}), {rate:.1f} a second" for (rule, kind), rate in worst.items())


if __name__ == "__main__":
    sys.exit(main())
