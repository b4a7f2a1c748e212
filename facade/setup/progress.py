"""Running the long steps: one live line on a terminal, one line a step elsewhere, every word in the log."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from facade.setup.stamps import SetupError


def say(text: str) -> None:
    """To standard error: standard output belongs to the command that is started afterwards."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def apt_words(line: str) -> str | None:
    """What to show of a line of apt's: the package at hand."""
    words = line.split()
    if line.startswith("Unpacking "):
        return f"unpacking {words[1]}"
    if line.startswith("Setting up "):
        return f"setting up {words[2]}"
    if line.startswith("Need to get "):
        return f"fetching {words[3]} {words[4].split('/')[0]}"
    return "reading package lists" if line.startswith("Reading package lists") else None


class PipWords:
    """What to show of a line of pip's: the package at hand and how many have passed."""

    def __init__(self, n_packages: int) -> None:
        self._n_packages, self._n_seen = n_packages, 0

    def __call__(self, line: str) -> str | None:
        # "Processing" is said instead of "Collecting" for a file of a local package folder.
        for opening in ("Collecting ", "Processing ", "Ignoring ", "Requirement already satisfied: "):
            if line.startswith(opening):
                self._n_seen += 1
                name = line.removeprefix(opening).split("==")[0].split(":")[0]
                if opening == "Processing ":
                    name = name.rpartition("/")[2].split("-")[0]
                return f"{name} ({self._n_seen} of {self._n_packages})"
        if line.startswith("Installing collected packages"):
            return "unpacking them"
        if "Retrying" in line:
            return "the package index does not answer; trying again"
        if line.lstrip().startswith("Building wheel for "):
            return f"building {line.split()[3]}; this can take minutes"
        return None


class Steps:
    """Runs commands under a named step.

    lock: a descriptor that becomes the standard input of every command, so that its lock lives as long as they do.
    """

    def __init__(self, log: Path, *, lock: int) -> None:
        self._log, self._lock, self._live = log, lock, sys.stderr.isatty()
        self._title, self._detail, self._began_s = "", "", 0.0
        log.write_bytes(b"")

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._title, self._detail, self._began_s = title, "", time.monotonic()
        if not self._live:
            say(f"  {title} …")
        try:
            yield
        finally:
            if self._live:
                sys.stderr.write("\r\x1b[K")
        say(f"  {title}: done in {time.monotonic() - self._began_s:.0f} s")

    def run(
        self,
        command: Sequence[str],
        *,
        tell: Callable[[str], str | None] = lambda line: None,
        extra_env: dict[str, str] | None = None,
        finish: bool = False,
        may_fail: bool = False,
    ) -> None:
        """Run a command, showing what `tell` makes of its lines. Raises SetupError with its last words and the fix.

        finish: let it finish when this process is killed; a system's package manager must never be cut off half way.
        """
        said: list[str] = []
        # The command writes to the log itself: a pipe to a killed reader would take it down half way.
        with self._log.open("ab") as written, self._log.open("rb") as read:
            written.write(f"$ {' '.join(command)}\n".encode())
            written.flush()
            read.seek(0, os.SEEK_END)
            child = subprocess.Popen(
                command,
                stdin=self._lock,
                stdout=written,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(extra_env or {})},
                preexec_fn=None if finish else _die_with_parent(),
            )
            try:
                rest = b""
                while True:
                    over = child.poll() is not None
                    *lines, rest = (rest + read.read()).split(b"\n")
                    said += [line.decode(errors="replace").rstrip("\r") for line in lines]
                    for line in said[len(said) - len(lines) :]:
                        self._detail = tell(line) or self._detail
                    if over:
                        break
                    self._show()
                    time.sleep(0.1)
            except BaseException:  # Ctrl-C reached the child too: leave only when it has left
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=None if finish else 10)
                child.kill()
                raise
        if child.returncode != 0 and not may_fail:
            telling = [
                line for line in [*said, rest.decode(errors="replace")] if line.strip() and "Retrying" not in line
            ]
            last = "\n".join(f"    {line}" for line in telling[-8:])
            raise SetupError(f"{self._title} failed:\n\n{last}\n\n{fix_for(said)}\nThe whole log: {self._log}")

    def _show(self) -> None:
        if self._live:
            parts = [self._title, self._detail, f"{time.monotonic() - self._began_s:.0f} s"]
            text = "  " + " · ".join(part for part in parts if part)
            sys.stderr.write("\r\x1b[K" + text[: shutil.get_terminal_size().columns - 1])
            sys.stderr.flush()


def _die_with_parent() -> Callable[[], None] | None:
    """Something to run in a child before it starts, so that Linux kills it when this process is killed."""
    if sys.platform != "linux":
        return None
    import ctypes
    import signal

    prctl, pr_set_pdeathsig = ctypes.CDLL(None).prctl, 1

    def ask_to_die() -> None:
        prctl(pr_set_pdeathsig, int(signal.SIGKILL))

    return ask_to_die


def fix_for(said: Sequence[str]) -> str:
    """The likely cause of a failure, and what to do about it."""
    text = "\n".join(said)
    causes = {
        ("No space left",): "The disk is full: make some room and start again.",
        ("DO NOT MATCH THE HASHES",): "A package is not the one that facade was tested with: it was not installed. "
        "Ask whoever runs your package index.",
        ("name resolution", "Failed to establish", "timed out", "unreachable", "Could not resolve"): (
            "There is no network, or the package index does not answer: connect and start again."
        ),
        ("No matching distribution",): "The package index has nothing for this Python and machine: check the network "
        "and pip's settings, or use Python 3.11 to 3.14.",
        (
            "Failed building wheel",
            "error: command",
        ): "A package has no ready-made form for this Python and machine, and "
        "building it failed. Python 3.11 to 3.14 on x86-64 need no building; on a Mac, `xcode-select --install` first.",
        ("Read-only file system", "Permission denied"): "A folder cannot be written: check who owns it.",
    }
    return next((fix for signs, fix in causes.items() if any(sign in text for sign in signs)), "Start again to retry.")
