"""What the project's own files promise: pins, licence, decisions, change log, words in the README that really work."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from facade.cli.main import facade

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "hardware/service/README.md")]


def pins(group: str) -> dict[str, tuple[int, ...]]:
    text = PINS.split(f"# == {group} ==\n")[1].split("# == ")[0]
    return {
        name: tuple(int(part) for part in re.findall(r"\d+", version))
        for name, version in re.findall(r"^(\S+)==([\d.]+)", text, re.MULTILINE)
    }


def required(extra: str) -> list[tuple[str, tuple[int, ...]]]:
    lines = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    found = [re.match(r"([a-z0-9-]+)>=([\d.]+)", line) for line in lines]
    assert all(found), lines
    return [(m[1], tuple(int(part) for part in m[2].split("."))) for m in found if m]


@pytest.mark.parametrize(
    ("extra", "group"), [("", "play"), ("midi", "play"), ("video", "play"), ("test", "test"), ("dev", "dev")]
)
def test_what_the_package_asks_for_is_pinned_and_new_enough(extra, group):
    pinned = pins(group)
    for name, oldest in required(extra):
        assert name in pinned, f"{name} is not pinned: run tools/pin.py"
        assert pinned[name] >= oldest, f"{name} is pinned below what pyproject.toml asks for: run tools/pin.py"


def test_every_pin_has_hashes():
    entries = re.split(r"^(?=[a-z0-9][\w.-]*==)", PINS, flags=re.MULTILINE)[1:]

    assert len(entries) > 30
    assert [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_pins_hold_no_addresses():
    assert "://" not in PINS
    assert not re.search(r"^\s*--(?!hash=)", PINS, re.MULTILINE)


def test_the_installed_versions_are_the_pinned_ones_when_run_facade_installed_them():
    from importlib.metadata import PackageNotFoundError, version

    if not (ROOT / ".venv" / "setup-test.stamp").exists():
        pytest.skip("this environment was not made by run_facade.py")
    different = {}
    for name, pinned in {**pins("play"), **pins("test")}.items():
        try:
            found = tuple(int(part) for part in re.findall(r"\d+", version(name)))
        except PackageNotFoundError:
            continue  # a marker left it out
        if found != pinned:
            different[name] = (found, pinned)
    assert different == {}


def test_the_licence_is_apache_2_and_the_package_says_so():
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert PROJECT["license"] == "Apache-2.0"


def test_decisions_are_numbered_without_gaps_and_listed():
    listed = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")

    assert [path.name[:4] for path in DECISIONS] == [f"{n:04}" for n in range(1, len(DECISIONS) + 1)]
    assert [path.name for path in DECISIONS if path.name not in listed] == []


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_says_what_it_must_on_one_page(path):
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "What would change our mind",
    ]
    assert text.startswith(f"# {path.name[:4]} ")
    assert len(text.split()) < 450


def test_the_changelog_keeps_its_headings():
    headings = re.findall(r"^### (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert headings
    assert set(headings) <= {"Added", "Changed", "Fixed", "Removed"}
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def commands_in(text: str) -> list[list[str]]:
    """Every ``facade …`` in the code blocks of a page, without comments."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    lines = [re.sub(r"\s+#.*$", "", line).strip() for line in blocks.splitlines()]
    found = [re.match(r"(?:\S*/)?facade\s+(.*)$", line) for line in lines]
    return [m[1].split() for m in found if m]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_on_a_page_exist(page):
    for words in commands_in(page.read_text(encoding="utf-8")):
        command: click.Command = facade
        context = click.Context(facade)
        while isinstance(command, click.Group) and words:
            found = command.get_command(context, words[0])
            assert found is not None, f"{page.name}: facade has no command {words[0]!r}"
            command, words = found, words[1:]
        known = {option for parameter in command.params for option in parameter.opts}
        asked = {word.split("=")[0] for word in words if word.startswith("-")}
        if command.name != "test":  # hands everything on to pytest
            assert asked <= known | {"--help"}, f"{page.name}: {command.name} does not know {asked - known}"


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_package_index_or_somebodys_own_folder():
    # Spelled in halves, so that this file is not found by itself.
    suspect = re.compile("pypi" + r"\.org|files\.python" + r"hosted|/opt/" + r"pypi|/(?:home|Users)/(?!visitor)[a-z]+/")
    found = [path for path in tracked() if suspect.search(path.read_bytes().decode("utf-8", errors="replace"))]

    assert [str(path.relative_to(ROOT)) for path in found] == []


@pytest.mark.parametrize("name", [".ci/run", "tools/check"])
def test_scripts_can_be_run_and_parse(name):
    script = ROOT / name

    assert script.stat().st_mode & 0o111
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0


def test_continuous_integration_runs_the_command_of_the_readme():
    command = "python3 run_facade.py test"

    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
