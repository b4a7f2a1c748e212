"""check tells of a piece that flashes, at once or only when its triggers are hammered, and of recorded light."""

from __future__ import annotations

import numpy as np
import pytest

from facade.app.check import check

STROBE = "vec4 piece(vec2 uv) { return vec4(vec3(step(0.5, fract(u_time * 6.0))), 1.0); }"
STILL = "vec4 piece(vec2 uv) { return vec4(vec3(0.2 + 0.1 * sin(u_time)), 1.0); }"
STRUCK = "vec4 piece(vec2 uv) { return vec4(vec3(hit < 0.06 ? 1.0 : 0.1), 1.0); }"
HIT = """
[parameter.hit]
type = "trigger"
help = "Lights everything"
"""


def piece(folder, source, *, more=""):
    made = folder / "probe"
    made.mkdir()
    (made / "piece.toml").write_text(f'schema = 1\ntitle = "Probe"\nlicense = "CC0-1.0"\ndomain = "pixel"\n{more}')
    (made / "main.frag").write_text(source)
    return str(made)


def flashes(target):
    (found,) = [f for f in check(target, "imal_minimal") if f.what.startswith("flashes")]
    return found


def test_a_strobe_fails_with_time_place_rule_and_amount(tmp_path):
    found = flashes(piece(tmp_path, STROBE))

    assert found.verdict == "fail"
    assert "flashes a second at windows[0]" in found.says
    assert "ITU-R BT.1702" in found.says
    assert "not a certificate" in found.says


def test_a_calm_piece_passes_and_is_told_that_this_is_no_certificate(tmp_path):
    found = flashes(piece(tmp_path, STILL))

    assert found.verdict == "ok"
    assert "not a certificate" in found.says


def test_a_piece_that_flashes_only_when_its_trigger_is_hammered_fails(tmp_path):
    found = flashes(piece(tmp_path, STRUCK, more=HIT))

    assert found.verdict == "fail"
    assert found.says.splitlines()[1].startswith("5."), "the first half is calm"


@pytest.mark.parametrize(("hz", "verdict"), [(1.0, "ok"), (2.0, "note"), (5.0, "fail")])
def test_recorded_light_is_judged_at_the_rate_of_its_venue(tmp_path, hz, verdict):
    on = (np.arange(200) * 2 * hz / 40.0) % 2 >= 1
    np.save(tmp_path / "light.npy", np.broadcast_to(on[:, None, None], (200, 18, 3)).astype(np.float32))

    assert flashes(str(tmp_path / "light.npy")).verdict == verdict


def test_light_of_another_venue_is_refused_in_words(tmp_path):
    np.save(tmp_path / "light.npy", np.zeros((5, 7, 3), np.float32))

    (found,) = check(str(tmp_path / "light.npy"), "imal_minimal")

    assert found.verdict == "fail"
    assert "--venue" in found.says
