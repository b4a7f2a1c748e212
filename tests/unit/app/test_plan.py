"""A show is loaded and checked whole before anything starts."""

from __future__ import annotations

import os

import pytest

from facade.app.plan import find_show, make_plan, seal, unseal
from facade.core.errors import ConfigError, PieceError
from tests.support.playable import venue_at
from tests.support.sound import tone, write_wav


def write_show(folder, body: str):
    folder.mkdir(exist_ok=True)
    file = folder / "show.toml"
    file.write_text('title = "x"\n' + body)
    return file


def rules(error: ConfigError) -> str:
    return "\n".join(f"{p.key}: {p.rule} {p.fix}" for p in error.problems)


def test_nothing_named_is_the_demo_show_on_the_default_venue():
    plan = make_plan(None, None)
    assert plan.show.title == "First light"
    assert plan.pixels.n_pixels == 18


def test_a_piece_alone_becomes_a_show_of_one_cue_with_its_fallback():
    plan = make_plan("tide", "imal_minimal")
    assert list(plan.show.cue) == ["piece"]
    assert set(plan.manifests) == {"tide", "ember"}


def test_a_name_that_is_nothing_gets_the_nearest():
    with pytest.raises(PieceError, match='Did you mean "ember"'):
        find_show("embre")


def test_every_problem_of_the_layers_is_named_at_once(tmp_path):
    file = write_show(
        tmp_path / "evening",
        """
[cue.a]
[[cue.a.layer]]
piece = "embr"
[[cue.a.layer]]
piece = "ember"
preset = "hearht"
values = { warmht = 0.5, warmth = "hot" }
""",
    )
    with pytest.raises(ConfigError) as caught:
        make_plan(str(file), None)
    said = rules(caught.value)
    assert 'Did you mean "ember"' in said
    assert 'Did you mean "hearth"' in said
    assert "warmht" in said
    assert "cue.a.layer[1].values.warmth" in said


def test_a_binding_that_leads_nowhere_is_refused_with_the_nearest_address(tmp_path):
    file = write_show(
        tmp_path / "evening",
        """
[input.osc]
type = "osc"
[[binding]]
from = "osc/fader/1"
to = "/piece/ember/warmht"
[cue.a]
[[cue.a.layer]]
piece = "ember"
""",
    )
    with pytest.raises(ConfigError, match="/piece/ember/warmth"):
        make_plan(str(file), None)


def test_hosts_and_ports_on_the_command_line_replace_those_of_the_documents():
    plan = make_plan(None, None, hosts={"node": "127.0.0.9"}, ports={"knobs": "faderfox", "osc": "9123"})
    assert plan.patch.controllers[0].controller.host == "127.0.0.9"
    assert plan.show.input["knobs"].port == "faderfox"
    assert plan.show.input["osc"].port == 9123


def test_hosts_and_ports_of_things_that_are_not_there_are_refused():
    with pytest.raises(ConfigError, match='no controller "nod"'):
        make_plan(None, None, hosts={"nod": "127.0.0.9"})
    with pytest.raises(ConfigError, match='no input "knob"'):
        make_plan(None, None, ports={"knob": "x"})
    with pytest.raises(ConfigError, match=r"number 1\.\.65535"):
        make_plan(None, None, ports={"osc": "ninety"})


SENSOR = """
[input.roof]
type = "serial"
port = "/dev/ttyUSB9"
"""


def test_a_venues_own_sensors_are_listened_to_whatever_show_plays(tmp_path):
    venue = venue_at(tmp_path, 6454)
    venue.write_text(venue.read_text() + SENSOR)
    plan = make_plan(None, str(venue))
    assert next(iter(plan.show.input)) == "roof"
    assert {"osc", "knobs", "sensor"} <= set(plan.show.input)
    show = write_show(tmp_path / "evening", SENSOR + '[cue.a]\n[[cue.a.layer]]\npiece = "ember"\n')
    with pytest.raises(ConfigError, match="the venue has an input of this name"):
        make_plan(str(show), str(venue))


def test_a_sound_given_for_the_evening_is_an_input_of_the_show(tmp_path):
    path = write_wav(tmp_path / "song.wav", tone(440.0, seconds=0.1))
    assert make_plan("ember", None, sound=str(path)).show.input["sound"].file == str(path)
    assert make_plan("ember", None, sound="scarlett").show.input["sound"].device == "scarlett"
    assert make_plan("ember", None, sound="default").show.input["sound"].device == ""
    with pytest.raises(ConfigError, match=r"--sound: .*song\.flac: cannot be read"):
        make_plan("ember", None, sound="song.flac")


def test_a_sealed_plan_is_the_same_in_every_process_that_reads_it():
    plan = make_plan(None, None)
    fd = seal(plan)
    try:
        for _ in range(2):
            again = unseal(fd)
            assert again.show == plan.show
            assert again.pixels.position_m.tobytes() == plan.pixels.position_m.tobytes()
    finally:
        os.close(fd)
