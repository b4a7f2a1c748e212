"""A little project with the real run_facade.py and facade/setup: real venvs, real pip, packages of its own making."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

FACADE = """
import json, os, sys
try:
    import pebble
    colour = pebble.COLOUR
except (ImportError, AttributeError):
    colour = "broken"
print(json.dumps({"words": sys.argv[1:], "cwd": os.getcwd(), "file": __file__, "pebble": colour}))
sys.exit(7 if "seven" in sys.argv else 0)
"""


class Project:
    """folder: where run_facade.py lies. wheels: what pip can reach; it has no network."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.folder, self.wheels = folder, wheels
        self.venv = folder / ".venv"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(("PIP_", "PYTHON"))}
        alone = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return {**kept, **alone, "PIP_NO_CACHE_DIR": "1"}

    def command(self, *words: str) -> list[str]:
        # Without system packages: a test must not change the machine it runs on.
        return [sys.executable, str(self.folder / "run_facade.py"), "--without-system", *words]

    def start(self, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), env=self.environment(), cwd=cwd, capture_output=True, text=True, timeout=100
        )

    def begin(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*words), env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def publish(self, name: str, version: str, colour: str) -> str:
        """Make a wheel and return its pin."""
        wheel = self.wheels / f"{name}-{version}-py3-none-any.whl"
        info = f"{name}-{version}.dist-info"
        files = {
            f"{name}.py": f"COLOUR = {colour!r}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
        }
        with zipfile.ZipFile(wheel, "w") as archive:
            for file, text in files.items():
                archive.writestr(zipfile.ZipInfo(file), text)  # without today's date, so that the hash stays the same
        return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"

    def pin(self, *, play: str, test: str) -> None:
        text = f"# words for people\n\n# == play ==\n{play}\n# == test ==\n{test}\n# == dev ==\n{test}"
        (self.folder / "constraints.txt").write_text(text)

    def module(self, name: str) -> Path:
        return next(self.venv.glob("lib/python3.*/site-packages")) / f"{name}.py"


@pytest.fixture
def bare_project(tmp_path: Path) -> Project:
    """The project as cloned, in a path with spaces: nothing set up."""
    folder, wheels = tmp_path / "a path with spaces" / "façade", tmp_path / "wheels"
    wheels.mkdir()
    shutil.copytree(ROOT / "facade/setup", folder / "facade/setup", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "run_facade.py", folder)
    (folder / "pyproject.toml").write_text("[project]\n")
    (folder / "facade").mkdir(exist_ok=True)
    (folder / "facade" / "__init__.py").write_text('__version__ = "3.2.1"\n')
    (folder / "facade" / "__main__.py").write_text(FACADE)
    (folder / "facade" / "delivery").mkdir()
    (folder / "facade" / "delivery" / "build.py").touch()
    project = Project(folder, wheels)
    project.pin(play=project.publish("pebble", "1.0", "grey"), test=project.publish("gravel", "1.0", "brown"))
    return project


@pytest.fixture(scope="session")
def shared_venv(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Made once by the first test that needs a project that stands; the others get a copy."""
    return {"folder": tmp_path_factory.mktemp("stands") / "venv"}


@pytest.fixture
def project(bare_project: Project, shared_venv: dict[str, Path]) -> Project:
    """The project after its first start."""
    made = shared_venv["folder"]
    if not made.exists():
        first = bare_project.start("--setup-only")
        assert first.returncode == 0, first.stderr
        shutil.copytree(bare_project.venv, made, symlinks=True)
    else:
        shutil.copytree(made, bare_project.venv, symlinks=True)
    return bare_project
