"""Checking many at once: each target in a process of its own, so that one that crashes or hangs is told by its name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from facade.app.finding import Finding

TIMEOUT_S = 600.0


def check_apart(
    targets: Sequence[str],
    venue: str,
    *,
    jobs: int,
    quick: bool = False,
    sound: str = "",
    timeout_s: float = TIMEOUT_S,
) -> Iterator[tuple[str, list[Finding]]]:
    """Yield every target with its findings, in the order given. jobs: processes at a time, 0 for one a core."""
    options = ["--venue", venue, *(["--quick"] if quick else []), *(["--sound", sound] if sound else [])]
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1, thread_name_prefix="check") as pool:
        pending = [pool.submit(_check_one, target, options, timeout_s) for target in targets]
        for target, result in zip(targets, pending, strict=True):
            yield target, result.result()


def _check_one(target: str, options: Sequence[str], timeout_s: float) -> list[Finding]:
    command = [sys.executable, "-m", "facade", "check", "--json", *options]
    try:
        done = subprocess.run([*command, "--", target], capture_output=True, text=True, timeout=timeout_s, check=False)
    except subprocess.TimeoutExpired:
        return [Finding(target, "run", "fail", f"was not done after {timeout_s:g} s; it may hang", {"hung": True})]
    try:
        return [Finding(**finding) for finding in json.loads(done.stdout)["findings"]]
    except (ValueError, KeyError, TypeError):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
        says = f"the process that checked it ended with {how}: {last[:200]}"
        return [Finding(target, "run", "fail", says, {"status": done.returncode})]
