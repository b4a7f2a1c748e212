"""What the sweep of a collection says of each file: drawn, flat, refused, and where not a number."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from facade.gpu.context import GpuContext
from tools.sweep import Row, Sweep, report


def swept(gpu: GpuContext, folder: Path, text: str) -> Row:
    file = folder / "a.frag"
    file.write_text(text, encoding="utf-8")
    return Sweep(gpu, (32, 18), 2, glslang=False, pictures=folder / "pictures").one(file, "deep/a.frag")


def test_texels_that_are_no_number_are_counted(
    gpu: GpuContext, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = swept(
        gpu,
        tmp_path,
        "uniform float u_time;\nvoid main() { float x = gl_FragCoord.x; "
        "gl_FragColor = vec4(x < 16.0 ? x / 16.0 : sqrt(-1.0 - u_time)); }",
    )
    assert (row.result, row.nan) == ("pass", 16 * 18)
    report([row])
    assert "deep/a.frag: 288 texels are not a number" in capsys.readouterr().out


def test_a_healthy_shader_is_drawn_and_its_picture_kept(gpu: GpuContext, tmp_path: Path) -> None:
    row = swept(gpu, tmp_path, "void main() { gl_FragColor = vec4(gl_FragCoord.xy / 32.0, 0.0, 1.0); }")
    assert (row.result, row.nan) == ("pass", 0)
    with Image.open(tmp_path / "pictures" / "deep__a.frag.png") as picture:
        assert picture.size == (32, 18)


def test_one_colour_is_flat_and_what_does_not_compile_refused(gpu: GpuContext, tmp_path: Path) -> None:
    assert swept(gpu, tmp_path, "void main() { gl_FragColor = vec4(0.5); }").result == "flat"
    assert "a.frag:1" in swept(gpu, tmp_path, "void main() { nothing(); }").reason
