"""Where the driver keeps what it has compiled: in facade's own folder, unless a person has said otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facade.core import places
from facade.gpu.driver_cache import keep_compiled, kept_bytes

MESA = "MESA_SHADER_CACHE_DIR"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable that is set here is forgotten afterwards."""
    for name in (MESA, "MESA_GLSL_CACHE_DIR", "MESA_SHADER_CACHE_MAX_SIZE", "MESA_GLSL_CACHE_MAX_SIZE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for name in ("__GL_SHADER_DISK_CACHE_PATH", "__GL_SHADER_DISK_CACHE_SIZE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_the_drivers_are_told_the_folder_and_its_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_compiled(tmp_path / "shaders")
    assert (tmp_path / "shaders").is_dir()
    assert os.environ[MESA] == str(tmp_path / "shaders")
    assert os.environ["MESA_SHADER_CACHE_MAX_SIZE"] == "512M"


def test_what_a_person_has_set_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MESA, "/elsewhere")
    keep_compiled(tmp_path / "shaders")
    assert os.environ[MESA] == "/elsewhere"


def test_a_folder_that_cannot_be_made_is_no_reason_not_to_play(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep_compiled(tmp_path / "file" / "shaders")
    assert MESA not in os.environ


def test_its_size_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one").write_bytes(bytes(1000))
    (tmp_path / "two").write_bytes(bytes(24))
    assert kept_bytes(tmp_path) == (2, 1024)
    assert kept_bytes(tmp_path / "absent") == (0, 0)


def test_the_place_follows_the_users_own_or_facades_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACADE_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    inside = places.shader_cache()
    assert inside is not None
    assert inside.is_relative_to(tmp_path)
    monkeypatch.setenv("FACADE_CACHE", str(tmp_path / "fast"))
    assert places.shader_cache() == tmp_path / "fast"
