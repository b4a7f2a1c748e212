"""The acceptance gate finds what would go wrong in the street, names it, and says it to machines in a settled form."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from facade.app import check_papers
from facade.app.check import check, power_finding, targets_in
from facade.app.check_fuzz import anywhere, over_range
from facade.app.check_many import check_apart
from facade.app.finding import Finding, as_report
from facade.app.packing import pack_piece
from facade.app.plan import make_plan
from facade.cli.main import main
from facade.config.piece import PieceManifest
from facade.gpu.context import GpuContext
from facade.gpu.memory import texture_bytes
from facade.pieces.presets import value_problems
from facade.pieces.unpacking import install
from tests.support.gl import write_piece

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "check.md").read_text(encoding="utf-8")
CALM = "vec4 piece(vec2 uv) { return vec4(uv, 0.5 + 0.4 * sin(u_time), 1.0); }\n"
LICENSED = 'license = "CC0-1.0"\n'


def found(folder: Path, **options: bool) -> dict[str, Finding]:
    return {finding.what: finding for finding in check(str(folder), "imal_minimal", **options)}


def test_a_fine_piece_passes_and_every_kind_of_finding_is_on_the_page(tmp_path: Path) -> None:
    manifest = LICENSED + '[parameter.gain]\ntype = "float"\ndefault = 0.4\n'
    piece = write_piece(tmp_path, "calm", CALM.replace("0.4", "gain"), manifest=manifest)
    findings = found(piece)
    assert {f.verdict for f in findings.values()} == {"ok"}, findings
    documented = dict(re.findall(r"^\| `([^`]+)` \|.*\|(.*)\|$", PAGE, re.MULTILINE))
    for what, finding in findings.items():
        kind = re.sub(r"(?<= of | in )calm$", "PIECE", re.sub(r"(cue|in) piece$", r"\1 CUE", what))
        kind = kind.replace("domain of ember", "domain of PIECE")
        assert kind in documented, what
        assert set(finding.data) <= set(re.findall(r"`(\w+)`", documented[kind])), what


def test_a_value_that_breaks_the_piece_is_named(tmp_path: Path) -> None:
    shader = "vec4 piece(vec2 uv) { return vec4(vec3(uv.x / (1.0 - edge) * 0.1 + sqrt(0.5 - edge)), 1.0); }\n"
    piece = write_piece(tmp_path, "brittle", shader, manifest=LICENSED + '[parameter.edge]\ntype = "float"\n')
    finding = found(piece)["parameters of brittle"]
    assert finding.verdict == "fail"
    assert "edge=1" in finding.says
    assert finding.data["not_a_number"] > 0


def test_a_trigger_that_breaks_it_at_one_age_is_found(tmp_path: Path) -> None:
    shader = "vec4 piece(vec2 uv) { return vec4(vec3(0.5 * hit / hit), 1.0); }\n"
    piece = write_piece(tmp_path, "bang", shader, manifest=LICENSED + '[parameter.hit]\ntype = "trigger"\n')
    findings = found(piece)
    assert "hit=0" in findings["parameters of bang"].says
    assert findings["inputs"].verdict == "fail"


def test_a_parameter_that_does_nothing_is_noted(tmp_path: Path) -> None:
    manifest = LICENSED + '[parameter.idle]\ntype = "color"\n[parameter.gain]\ntype = "float"\n'
    piece = write_piece(tmp_path, "half", CALM.replace("0.4", "gain"), manifest=manifest)
    finding = found(piece)["parameters of half"]
    assert (finding.verdict, finding.data["without_effect"]) == ("note", ["idle"])


def test_what_is_tried_is_the_same_on_every_run(tmp_path: Path) -> None:
    shader = "vec4 piece(vec2 uv) { return vec4(vec3(gain > 0.9 ? 0.0 / 0.0 : 0.5), 1.0); }\n"
    piece = write_piece(tmp_path, "same", shader, manifest='[parameter.gain]\ntype = "float"\n')
    runs = [found(piece)["parameters of same"] for _ in range(2)]
    # Only what depends on how busy the machine is may differ: milliseconds, and the note about them.
    tried = [{key: run.data[key] for key in ("draws", "not_a_number", "without_effect")} for run in runs]
    assert tried[0] == tried[1]
    assert tried[0]["not_a_number"]


def test_whatever_is_tried_is_a_value_of_the_parameter() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    for slug in ("ember", "tide", "aurora", "mosaic", "wake"):
        manifest: PieceManifest = make_plan(slug, None).manifests[slug]
        for name, parameter in manifest.parameter.items():
            if parameter.type != "trigger":
                for value in (*over_range(parameter), *(anywhere(parameter, rng) for _ in range(20))):
                    assert value_problems(manifest, {name: value}, file=None) == []


def test_costs_are_told_for_both_domains_or_why_not(tmp_path: Path) -> None:
    alone = found(write_piece(tmp_path, "calm", CALM))["cost of calm"]
    assert alone.data["pixel_ms"] > 0
    assert alone.data["canvas_ms"] > 0
    past = "vec4 piece(vec2 uv) { return 0.9 * texture(u_previous, uv) + vec4(vec3(0.05), 1.0); }\n"
    canvas = found(write_piece(tmp_path, "past", past))["cost of past"]
    assert canvas.data["pixel_ms"] is None
    assert "u_previous" in canvas.says


def test_memory_counts_every_texture_by_its_format() -> None:
    with GpuContext.standalone() as gpu:
        before = texture_bytes(gpu)
        texture = gpu.gl.texture((64, 32), 4, dtype="f2")
        assert texture_bytes(gpu) - before == 64 * 32 * 8
        other = gpu.gl.texture((10, 10), 1)
        assert texture_bytes(gpu) - before == 64 * 32 * 8 + 100
        texture.release()
        other.release()
        assert texture_bytes(gpu) == before


def test_a_missing_licence_is_noted(tmp_path: Path) -> None:
    assert found(write_piece(tmp_path, "calm", CALM), quick=True)["licence of calm"].verdict == "note"


def test_quick_leaves_out_the_fuzz_and_the_costs(tmp_path: Path) -> None:
    assert not any(
        w.startswith(("cost", "memory", "param", "inputs")) for w in found(write_piece(tmp_path, "c", CALM), quick=True)
    )


def test_an_installed_piece_is_compared_with_what_was_packed(tmp_path: Path) -> None:
    work = write_piece(tmp_path / "work", "glow", CALM, manifest=LICENSED)
    pack_piece(str(work), tmp_path / "glow.piece.zip", "imal_minimal")
    done = install(tmp_path / "glow.piece.zip", tmp_path / "in")
    findings = found(done.folder, quick=True)
    assert (findings["package of glow"].verdict, findings["golden of glow"].data) == ("ok", {"same": True})
    (done.folder / "main.frag").write_text(CALM.replace("0.4", "0.3"))
    changed = found(done.folder, quick=True)["package of glow"]
    assert (changed.verdict, changed.data) == ("note", {"changed": ["main.frag"]})
    assert check_papers.RECEIPT == ".package"


def test_a_supply_that_holds_back_is_told() -> None:
    assert power_finding("x", "dusk", 1.0).verdict == "ok"
    assert "62%" in power_finding("x", "dusk", 0.62).says


# ---- many ----


def test_a_folder_is_walked_but_not_what_is_hidden(tmp_path: Path) -> None:
    for place in ("a", "deep/er", ".replaced"):
        write_piece(tmp_path / place, "calm", CALM)
    assert [Path(t).relative_to(tmp_path).as_posix() for t in targets_in(tmp_path)] == ["a/calm", "deep/er/calm"]


def test_each_target_in_a_process_of_its_own_finds_the_same(tmp_path: Path) -> None:
    good = str(write_piece(tmp_path, "good", CALM, manifest=LICENSED))
    bad = str(write_piece(tmp_path, "bad", "vec4 piece(vec2 uv) { return nothing; }\n"))
    apart = list(check_apart([good, bad], "imal_minimal", jobs=2, quick=True))
    assert [target for target, _ in apart] == [good, bad]
    for target, findings in apart:
        here = [(f.what, f.verdict) for f in check(target, "imal_minimal", quick=True)]
        assert [(f.what, f.verdict) for f in findings] == here


def test_a_check_that_crashes_or_hangs_is_a_finding_with_a_name(tmp_path: Path, monkeypatch) -> None:
    fake = tmp_path / "python"
    for script, said, data in (
        ("kill -SEGV $$", "signal 11", {"status": -11}),
        ("echo oh no >&2; exit 3", "oh no", {"status": 3}),
        ("exec sleep 30", "may hang", {"hung": True}),
    ):
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(fake))
        ((target, (finding,)),) = check_apart(["piece"], "v", jobs=1, timeout_s=0.5)
        assert (target, finding.target, finding.verdict, finding.data) == ("piece", "piece", "fail", data)
        assert said in finding.says


@pytest.mark.parametrize("jobs", [(), ("-j", "2"), ("-j",)])
def test_the_report_for_machines_has_its_settled_form(tmp_path: Path, capsys, jobs: tuple[str, ...]) -> None:
    bad = write_piece(tmp_path, "bad", "vec4 piece(vec2 uv) { return nothing; }\n")
    assert main(["check", str(bad), "--quick", "--json", *jobs]) == 1
    report = json.loads(capsys.readouterr().out)
    assert set(report) == {"facade_report", "ok", "venue", "findings"}
    assert (report["facade_report"], report["ok"], report["venue"]) == (1, False, "imal_minimal")
    assert all(set(f) == {"target", "what", "verdict", "says", "data"} for f in report["findings"])
    assert all(f"| `{key}` |" in PAGE for key in (*report, *report["findings"][0]))
    assert as_report([], venue="v")["ok"] is True
