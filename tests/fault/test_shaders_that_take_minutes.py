"""A shader that keeps the driver busy for minutes is given up off air and named, and the show goes on meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from facade.app.check import check
from facade.core.errors import located
from facade.gpu.context import GpuContext
from tests.support.gl import one_gpu, write_piece
from tests.support.rehearsed import RehearsedShow

__all__ = ["one_gpu"]

LINES = 10_000
LIMIT_S = 3.0
"""A minute of llvmpipe's and more would be needed."""

PLAIN = "vec4 piece(vec2 uv) { return vec4(0.0, 0.5, 0.0, 1.0); }\n"
SHOW = 'title = "Long"\nseed = 1\n' + "".join(
    f'[cue.{slug}]\ncrossfade_s = 0.0\n[[cue.{slug}.layer]]\npiece = "{slug}"\n' for slug in ("plain", "long")
)


def long_shader() -> str:
    """One function of LINES lines, each of which needs the one before it."""
    body = (f"    x = fract(sin(x * {1.0 + 0.001 * n:.3f} + uv.y) + 0.5 * cos(x + {n}.0));\n" for n in range(LINES))
    return "vec4 piece(vec2 uv) {\n    float x = uv.x;\n" + "".join(body) + "    return vec4(x);\n}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_piece(tmp_path, "plain", PLAIN)
    write_piece(tmp_path, "long", long_shader(), manifest='fallback = "plain"\n')
    (tmp_path / "show.toml").write_text(SHOW)
    return tmp_path


@pytest.fixture
def show(folder: Path, gpu: GpuContext) -> Iterator[RehearsedShow]:
    with RehearsedShow(folder / "show.toml", "imal_minimal", gpu, limit_s=LIMIT_S) as playing:
        assert playing.rehearse("plain") == {"plain": None}
        yield playing


def test_the_show_goes_on_and_the_process_that_compiles_is_replaced(show: RehearsedShow, folder: Path) -> None:
    lights = [show.frames(60).tolist()]
    before = show.rehearsing_pid
    error = show.rehearse("long", between=lambda: lights.append(show.frames().tolist()))["long"]

    assert error is not None
    assert located(error).startswith(str(folder / "long" / "main.frag"))
    assert f"not compiled and drawn within {LIMIT_S:g} s" in str(error)
    assert "Make its shader simpler" in str(error)
    assert len(lights) > 10
    assert all(light == lights[0] for light in lights)

    show.set("/show/cue", "long")
    assert show.frames(60).tolist() == lights[0], "the fallback"
    assert show.rehearse("plain") == {"plain": None}
    assert show.rehearsing_pid not in (before, None)


def test_check_ends_in_time_and_says_what_a_show_would_say(folder: Path) -> None:
    findings = list(check(str(folder / "long"), "imal_minimal", limit_s=LIMIT_S))
    failed = [finding for finding in findings if finding.verdict == "fail"]
    assert [finding.what for finding in failed] == ["compile long"]
    assert failed == findings[-1:]
    assert "main.frag" in failed[0].says
    assert f"not compiled and drawn within {LIMIT_S:g} s" in failed[0].says
