"""Each piece of a show is fit for the part it is given, or the show is refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facade.app.plan import make_plan
from facade.core.errors import ConfigError


def isf(folder: Path, slug: str, *inputs: dict[str, object]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{slug}.fs").write_text(
        f"/*{json.dumps({'INPUTS': inputs})}*/\nvoid main() {{ gl_FragColor = vec4(1.0); }}"
    )


IMAGE = {"NAME": "inputImage", "TYPE": "image"}
AMOUNT = {"NAME": "amount", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
WAY = [{"NAME": n, "TYPE": "image"} for n in ("startImage", "endImage")] + [{"NAME": "progress", "TYPE": "float"}]


@pytest.fixture(name="show")
def a_show(tmp_path: Path) -> Path:
    folder = tmp_path / "evening"
    isf(folder, "veil", IMAGE, AMOUNT)
    isf(folder, "slide", *WAY, AMOUNT)
    return folder / "show.toml"


def planned(show: Path, *layer: str, cue: str = ""):
    show.write_text('title = "x"\n[cue.a]\n' + cue + '\n[[cue.a.layer]]\npiece = "ember"\n' + "\n".join(layer))
    return make_plan(str(show), None)


def problems(show: Path, *layer: str, cue: str = "") -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        planned(show, *layer, cue=cue)
    return {p.key: f"{p.rule}. {p.fix}" for p in caught.value.problems}


def test_a_filters_own_parameters_are_moved_and_its_picture_is_not(show: Path):
    plan = planned(show, 'filter = [{ piece = "veil", values = { amount = 0.5 } }]')
    assert set(plan.manifests["veil"].parameter) == {"amount"}
    assert "ember" in plan.manifests


def test_a_filter_that_nobody_has_is_refused_with_the_nearest(show: Path):
    said = problems(show, 'filter = [{ piece = "viel" }]')
    assert 'Did you mean "veil"' in said["cue.a.layer[0].filter[0].piece"]


def test_a_generator_is_no_filter_and_the_filters_there_are_are_named(show: Path):
    said = problems(show, 'filter = [{ piece = "tide" }]')["cue.a.layer[0].filter[0].piece"]
    assert "tide is a generator, not a filter" in said
    assert "veil" in said
    assert "slide" not in said


def test_a_filter_is_no_layer_by_itself(show: Path):
    said = problems(show, '[[cue.a.layer]]\npiece = "veil"')["cue.a.layer[1].piece"]
    assert "makes no picture of its own" in said
    assert "[[cue.NAME.layer.filter]]" in said


def test_a_filter_may_be_a_layer_when_its_picture_is_named(show: Path):
    plan = planned(show, '[[cue.a.layer]]\npiece = "veil"\nvalues = { inputImage = "bars" }')
    assert set(plan.manifests["veil"].parameter) == {"inputImage", "amount"}


def test_a_filter_alone_can_be_tried_on_test_pictures(show: Path):
    plan = make_plan(str(show.parent / "veil.fs"), None)
    assert set(plan.manifests["veil"].parameter) == {"inputImage", "amount"}


def test_values_and_presets_of_a_filter_are_checked_all_at_once(show: Path):
    said = problems(
        show,
        'filter = [{ piece = "veil", preset = "soft", values = { amount = 3.0, amuont = 1.0, inputImage = "bars" } }]',
    )
    where = "cue.a.layer[0].filter[0]"
    assert "no such preset" in said[f"{where}.preset"]
    assert "0.0..2.0" in said[f"{where}.values.amount"]
    assert 'Did you mean "amount"' in said[f"{where}.values.amuont"]
    assert "feeds" in said[f"{where}.values.inputImage"]


def test_five_filters_are_too_many(show: Path):
    said = problems(show, "filter = [" + '{ piece = "veil" },' * 5 + "]")
    assert "4" in said["cue.a.layer[0].filter"]


def test_a_transition_may_be_a_name_or_a_table(show: Path):
    plan = planned(show, cue='transition = "slide"')
    assert plan.show.cue["a"].transition.piece == "slide"
    assert set(plan.manifests["slide"].parameter) == {"amount"}
    plan = planned(show, cue='transition = { piece = "slide", values = { amount = 1.5 } }')
    assert plan.show.cue["a"].transition.values == {"amount": 1.5}


def test_what_is_no_transition_is_refused_with_those_there_are(show: Path):
    for slug, kind in {"veil": "filter", "ember": "generator"}.items():
        said = problems(show, cue=f'transition = "{slug}"')["cue.a.transition.piece"]
        assert f"{slug} is a {kind}, not a transition" in said
        assert "slide" in said
    said = problems(show, cue='transition = "sldie"')["cue.a.transition.piece"]
    assert 'Did you mean "slide"' in said


def test_a_transitions_progress_is_not_for_people(show: Path):
    said = problems(show, cue='transition = { piece = "slide", values = { progress = 0.5, amount = 9.0 } }')
    assert "feeds" in said["cue.a.transition.values.progress"]
    assert "0.0..2.0" in said["cue.a.transition.values.amount"]


def test_filters_of_a_whole_cue_are_checked_like_those_of_a_layer(show: Path):
    assert planned(show, cue='filter = [{ piece = "veil" }]').show.cue["a"].filter[0].piece == "veil"
    assert (
        "is a transition, not a filter" in problems(show, cue='filter = [{ piece = "slide" }]')["cue.a.filter[0].piece"]
    )
