from __future__ import annotations

import pytest

from facade.config.loader import load_show
from facade.core.errors import ConfigError

SHOW = """\
title = "Night"
start = "evening"
[input.osc]
type = "osc"
[[binding]]
from = "osc/fader/1"
to = "/piece/ember/heat"
[cue.glow]
layer = [{ piece = "ember" }]
[playlist.evening]
cues = ["glow", "glow"]
"""


@pytest.fixture
def problems(tmp_path):
    def problems(text):
        path = tmp_path / "show.toml"
        path.write_text(text)
        with pytest.raises(ConfigError) as caught:
            load_show(path)
        return caught.value.problems

    return problems


def test_a_show_whose_names_fit_is_loaded(tmp_path):
    path = tmp_path / "show.toml"
    path.write_text(SHOW)

    assert load_show(path).playlist["evening"].cues == ("glow", "glow")


def test_names_that_mean_nothing_are_all_reported_with_lines_and_suggestions(problems):
    text = SHOW.replace('"evening"', '"evenning"').replace('"glow"]', '"glw"]').replace("osc/", "ocs/")

    found = problems(text)

    assert [(p.key, p.line) for p in found] == [
        ("start", 2),
        ("binding[0].from", 6),
        ("playlist.evening.cues[1]", 11),
    ]
    assert all("Did you mean" in p.fix for p in found)


def test_unknown_keys_inside_an_inline_table_have_their_line(problems):
    found = problems(SHOW.replace('"ember" }', '"ember", opacty = 1 }'))

    assert [(p.key, p.line) for p in found] == [("cue.glow.layer[0].opacty", 9)]


def test_the_same_binding_twice_is_refused(problems):
    again = '[[binding]]\nfrom = "osc/fader/1"\nto = "/piece/ember/heat"\ninvert = true\n'

    (problem,) = problems(SHOW + again)

    assert (problem.key, problem.line) == ("binding[1]", 12)
    assert problem.rule == "says the same as binding[0]: osc/fader/1 to /piece/ember/heat"


def test_one_input_may_move_two_parameters(tmp_path):
    path = tmp_path / "show.toml"
    path.write_text(SHOW + '[[binding]]\nfrom = "osc/fader/1"\nto = "/master"\n')

    assert len(load_show(path).binding) == 2


@pytest.mark.parametrize(
    ("binding", "key", "rule"),
    [
        ('from = "osc"\nto = "/master"', "binding[1].from", "names no address"),
        ('from = "osc/"\nto = "/master"', "binding[1].from", "names no address"),
        ('from = "osc/a"\nto = "/mastr"', "binding[1].to", "must be /piece/SLUG/NAME or one of"),
        ('from = "osc/a"\nto = "/piece/ember"', "binding[1].to", "must be /piece/SLUG/NAME or one of"),
        ('from = "osc/a"\nto = "/piece/em ber/x"', "binding[1].to", "must be /piece/SLUG/NAME or one of"),
        ('from = "osc/a"\nto = "/master"\nin_range = [1, 1]', "binding[1].in_range", "spans nothing"),
    ],
)
def test_a_binding_that_cannot_work_is_refused(problems, binding, key, rule):
    (problem,) = problems(SHOW + f"[[binding]]\n{binding}\n")

    assert problem.key == key
    assert problem.rule.startswith(rule)


@pytest.mark.parametrize("command", ["/master", "/blackout", "/show/go", "/show/back", "/show/cue", "/show/hold"])
def test_commands_may_be_bound(tmp_path, command):
    path = tmp_path / "show.toml"
    path.write_text(SHOW + f'[[binding]]\nfrom = "osc/a"\nto = "{command}"\n')

    assert load_show(path).binding[1].to == command


def test_two_inputs_on_one_port_are_refused(problems):
    (problem,) = problems(SHOW + '[input.more]\ntype = "osc"\nport = 9000\n')

    assert (problem.key, problem.rule) == ("input.more.port", "input.osc already uses this port")


@pytest.mark.parametrize("peer", ["10.0.0.5", "10.0.0.5:", ":9000", "10.0.0.5:0", "10.0.0.5:70000", "h:9x", "h:²"])
def test_feedback_without_host_and_port_is_refused(problems, peer):
    (problem,) = problems(SHOW.replace('type = "osc"', f'type = "osc"\nfeedback = ["h:1", "{peer}"]'))

    assert (problem.key, problem.rule) == ("input.osc.feedback[1]", 'must be "host:port"')
