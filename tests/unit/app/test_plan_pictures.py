"""A show names pictures relative to itself; one that is not there is told before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from facade.app.inline import InlineHost
from facade.app.plan import make_plan, seal, unseal
from facade.app.wiring import gpu_without_screen
from facade.core.errors import ConfigError
from tests.support.gl import write_piece
from tests.support.pictures import corners

SHOW = """schema = 1
title = "Rain"
[cue.one]
[[cue.one.layer]]
piece = "glass"
[cue.one.layer.values]
clip = "{clip}"
"""


def show(folder: Path, clip: str) -> str:
    shader = "vec4 piece(vec2 uv) { return texture(clip, uv); }\n"
    write_piece(folder / "pieces", "glass", shader, manifest='[parameter.clip]\ntype = "image"\n')
    (folder / "films").mkdir(exist_ok=True)
    corners().save(folder / "films" / "rain.png")
    (folder / "show.toml").write_text(SHOW.format(clip=clip))
    return str(folder / "show.toml")


def test_a_show_s_own_picture_is_on_the_wall(tmp_path: Path) -> None:
    plan = unseal(seal(make_plan(show(tmp_path, "films/rain.png"), None)))
    with gpu_without_screen() as gpu:
        host = InlineHost(plan, gpu, rate_hz=10.0, deliver=False)
        assert host.prepare() == {}
        rgb = host.step(0).reshape(3, 6, 3)
    assert rgb[2, 0].round(2).tolist() == [1.0, 0.0, 0.0]
    assert rgb[0, 0].round(2).tolist() == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("clip", "rule", "fix"),
    [
        ("films/rian.png", "there is no such picture in", 'Did you mean "films/rain.png"?'),
        ("../films/rain.png", "there is no such picture in", "Put it there, or name another."),
        ("rain", "is neither a generated picture, nor a camera, nor a file of a kind", "Name one of these kinds"),
    ],
)
def test_a_picture_that_is_not_there_is_told_with_document_key_rule_and_fix(
    tmp_path: Path, clip: str, rule: str, fix: str
) -> None:
    file = show(tmp_path, clip)
    with pytest.raises(ConfigError) as caught:
        make_plan(file, None)
    problem = caught.value.problems[0]
    assert (problem.file, problem.key, problem.value) == (
        tmp_path / "show.toml",
        "cue.one.layer[0].values.clip",
        f'"{clip}"',
    )
    assert rule in problem.rule
    assert fix in problem.fix


def test_a_picture_file_is_a_whole_show(tmp_path: Path) -> None:
    corners().save(tmp_path / "Rain.png")
    plan = make_plan(str(tmp_path / "Rain.png"), None)
    assert list(plan.manifests) == ["rain"]
