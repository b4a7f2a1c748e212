"""The shipped pieces look as they did when somebody last looked at them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facade.gpu.context import GpuContext
from tests.support.golden import FOLDER, Scene, compare, path_of, render, scenes

RENDERER = (FOLDER / "renderer.txt").read_text(encoding="utf-8").strip()


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return Path(os.environ.get("FACADE_GOLDEN_REPORT", tmp_path / "golden"))


@pytest.mark.parametrize("scene", scenes(), ids=lambda s: s.name)
def test_a_piece_looks_like_its_reference(gpu: GpuContext, scene: Scene, report: Path) -> None:
    picture = render(gpu, scene)
    assert picture.max() > 40, "the piece is dark"
    assert np.ptp(picture.astype(int), axis=(0, 1)).max() > 20, "the piece is flat"
    if not gpu.is_software:
        pytest.skip(f"pictures are judged on the software rasteriser only, not on {gpu.renderer}")
    compare(picture, scene, report=report)


def test_no_reference_is_left_over() -> None:
    assert {p.name for p in FOLDER.glob("*.png")} == {path_of(scene).name for scene in scenes()}


def test_the_references_say_which_renderer_drew_them() -> None:
    assert "llvmpipe" in RENDERER


def test_a_picture_that_differs_fails_and_leaves_three_pictures(report: Path) -> None:
    scene = scenes()[0]
    with Image.open(path_of(scene)) as image:
        changed = np.array(image.convert("RGB"))
    changed[:4] = 255 - changed[:4]
    with pytest.raises(AssertionError, match="of the pixels differ"):
        compare(changed, scene, report=report)
    assert {p.name for p in report.glob("*.png")} >= {
        f"{scene.name}-{k}.png" for k in ("expected", "actual", "difference")
    }


def test_a_difference_of_two_steps_is_no_difference(report: Path) -> None:
    scene = scenes()[0]
    with Image.open(path_of(scene)) as image:
        nearly = np.array(image.convert("RGB"))
    compare(np.clip(nearly.astype(int) + 2, 0, 255).astype(np.uint8), scene, report=report)
