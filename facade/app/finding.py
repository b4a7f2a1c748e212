"""One thing that ``check`` looked at. Its JSON is described in docs/check.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

REPORT_SCHEMA = 1
"""Counts up when a key of the report changes its meaning or goes; new keys may come without."""

Verdict = Literal["ok", "note", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. verdict: "ok", "note" (worth knowing) or "fail".

    what: the kind of thing and, where there are several, its name ("cost of ember", "cue dusk", "power in dusk").
    says: for people. data: the same as numbers and names, for machines; its keys belong to the kind of thing.
    """

    target: str
    what: str
    verdict: Verdict
    says: str
    data: Mapping[str, object] = field(default_factory=dict)


def as_report(findings: list[Finding], *, venue: str) -> dict[str, object]:
    """Return the report as plain JSON values."""
    return {
        "facade_report": REPORT_SCHEMA,
        "ok": all(finding.verdict != "fail" for finding in findings),
        "venue": venue,
        "findings": [
            {"target": f.target, "what": f.what, "verdict": f.verdict, "says": f.says, "data": dict(f.data)}
            for f in findings
        ],
    }
