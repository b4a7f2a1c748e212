#!/usr/bin/env python3
"""Renew constraints.txt from pyproject.toml: exact versions and hashes, in the groups that run_facade.py installs.

    .venv/bin/python tools/pin.py               keep today's versions, add what is new, drop what is gone
    .venv/bin/python tools/pin.py --upgrade     take the newest of everything

Needs `uv` on the PATH (pip install uv), which resolves for every Python and machine at once. Hashes are kept for what
facade's people can get: Linux on x86-64 and 64-bit ARM, macOS on both, CPython 3.11 to 3.14, and sources.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "constraints.txt"
GROUPS = {"play": ("", "midi", "video", "audio", "fseq"), "test": ("test",), "dev": ("dev",)}
HEADING = """\
# What facade is tested with, exactly. Written by tools/pin.py; installed by run_facade.py, group by group.
# By hand: pip install --require-hashes --no-deps -r constraints.txt
"""
WHEEL = re.compile(
    r"-(?:py2\.py3|py3|cp3[0-9]+)-(?:none|abi3|cp31[1-4])-"
    r"(?:any|manylinux\S*_(?:x86_64|aarch64)|macosx_\S+_(?:x86_64|arm64|universal2))\.whl$"
)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--upgrade", action="store_true", help="take the newest version of everything")
    upgrade = asked.parse_args().upgrade
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    today = {} if upgrade else pinned(PINS.read_text(encoding="utf-8")) if PINS.exists() else {}
    lock = resolve(project, today)
    packages = {package["name"]: package for package in lock["package"]}
    text, done = HEADING, set[str]()
    for group, extras in GROUPS.items():
        roots = [r for extra in extras for r in requirements(project, extra)]
        wanted = {name: marker for name, marker in closure(roots, packages).items() if name not in done}
        done |= set(wanted)
        text += f"\n# == {group} ==\n" + "".join(entry(packages[name], wanted[name]) for name in sorted(wanted))
    PINS.write_text(text, encoding="utf-8")


def pinned(text: str) -> dict[str, str]:
    """Name to version of each pin in a constraints file."""
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", text, re.MULTILINE))


def resolve(project: dict[str, Any], today: dict[str, str]) -> dict[str, Any]:
    """What uv resolves for every supported Python and machine, as its lock document."""
    everything = [r for extras in GROUPS.values() for extra in extras for r in requirements(project, extra)]
    document = (
        f'[project]\nname = "facade-pins"\nversion = "0"\nrequires-python = "{project["requires-python"]}"\n'
        f"dependencies = {json.dumps(everything)}\n"
        f"[tool.uv]\nconstraint-dependencies = {json.dumps([f'{n}=={v}' for n, v in today.items()])}\n"
        "environments = [\"sys_platform == 'linux' and implementation_name == 'cpython'\", "
        "\"sys_platform == 'darwin' and implementation_name == 'cpython'\"]\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_text(document, encoding="utf-8")
        subprocess.run(["uv", "lock", "--quiet"], cwd=folder, check=True)
        return tomllib.loads((Path(folder) / "uv.lock").read_text(encoding="utf-8"))


def requirements(project: dict[str, Any], extra: str) -> list[str]:
    """The requirements of an extra; of the project itself for an empty name."""
    found: list[str] = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return found


def closure(roots: list[str], packages: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Every package reached from the requirements, with the marker it needs ("" for always)."""
    names = [(re.split(r"[^A-Za-z0-9._-]", root)[0].lower(), root.partition(";")[2].strip()) for root in roots]
    found: dict[str, str] = {}
    while names:
        name, marker = names.pop()
        if name in found and (found[name] == "" or marker == found[name]):
            continue
        found[name] = "" if name in found else marker
        # A marker on the way is dropped where two ways lead here: one package too many is better than one too few.
        names += [(need["name"], marker) for need in packages[name].get("dependencies", [])]
    return found


def entry(package: dict[str, Any], marker: str) -> str:
    """One pin with its hashes. Raises SystemExit if nothing of it could ever be installed."""
    files = [wheel for wheel in package.get("wheels", []) if WHEEL.search(wheel["url"])]
    files += [package["sdist"]] if "sdist" in package else []
    if not files:
        raise SystemExit(f"{package['name']} {package['version']} has nothing for the machines facade runs on")
    condition = f" ; {marker}" if marker else ""
    hashes = "".join(f" \\\n    --hash={file}" for file in sorted({file["hash"] for file in files}))
    return f"{package['name']}=={package['version']}{condition}{hashes}\n"


if __name__ == "__main__":
    main()
