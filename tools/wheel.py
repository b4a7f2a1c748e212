#!/usr/bin/env python3
"""Prove the wheel: build it, install it in a fresh environment elsewhere, and let it render and play there.

    .venv/bin/python tools/wheel.py              prove it, keep nothing
    .venv/bin/python tools/wheel.py -o FOLDER    also leave the wheel in FOLDER

Set up first: python3 run_facade.py --setup-only dev
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from facade.setup.environment import section  # noqa: E402 - it lies beside this folder, not in it

CARRIED = {
    "shaders": "facade/_assets/shaders",
    "pieces": "facade/_assets/pieces",
    "hardware": "facade/_assets/hardware",
}
TRIALS = (
    ["--version"],
    ["piece", "list"],
    ["venue", "list"],
    ["render", "ember", "--venue", "imal_minimal", "--frames", "3", "-o", "three frames.npy"],
    ["play", "--simulate", "--duration", "2"],
)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("-o", "--out", type=Path, help="leave the wheel in this folder")
    out = asked.parse_args().out
    with tempfile.TemporaryDirectory(prefix="facade wheel ") as made:
        folder = Path(made)
        wheel = build(folder / "dist")
        missing = lacking(wheel)
        if missing:
            print("the wheel lacks:\n  " + "\n  ".join(missing))
            return 1
        facade = install(wheel, folder / "venv")
        for words in TRIALS:
            print(f"\n== facade {' '.join(words)}", flush=True)
            subprocess.run([facade, *words], cwd=folder, stdin=subprocess.DEVNULL, check=True, timeout=120)
        if out:
            out.mkdir(parents=True, exist_ok=True)
            shutil.copy2(wheel, out)
    print(f"\n{wheel.name}: installs and plays elsewhere")
    return 0


def build(dist: Path) -> Path:
    """The wheel, made with the pinned tools of this environment."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-w", str(dist), str(ROOT)], check=True, timeout=300)
    return next(dist.glob("*.whl"))


def lacking(wheel: Path) -> list[str]:
    """Files that git tracks and a running facade needs, but that did not get into the wheel."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "facade", *CARRIED], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    needed = {name if name.startswith("facade/") else "facade/_assets/" + name for name in tracked if name}
    return sorted(needed - inside)


def install(wheel: Path, venv: Path) -> str:
    """Install the wheel with the pinned packages it plays with; return the path of its command."""
    pins = venv.parent / "pins.txt"
    pins.write_text("\n".join(section(ROOT / "constraints.txt", "play")) + "\n", encoding="utf-8")
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=120)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", str(pins)], check=True, timeout=600)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True, timeout=120)
    # What the wheel says it needs must be what was pinned for it.
    subprocess.run([str(venv / "bin" / "python"), "-m", "pip", "check"], check=True, timeout=60)
    return str(venv / "bin" / "facade")


if __name__ == "__main__":
    sys.exit(main())
