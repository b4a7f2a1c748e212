"""A show in its own processes, as ``facade play`` runs it, that tells its status to the measurement that started it.

Standard output carries one JSON object for every status; when standard input ends the show fades to black and ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from facade.app.bench.subjects import load_subject, on_loopback
from facade.app.play import Player, PlayOptions, Status
from facade.core.clock import Clock
from facade.core.errors import MachineError
from facade.web.server import bind_page

_START_S = 60.0
_END_S = 8.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Told:
    """One status and when it came. render, delivery, control: health as JSON; pids: by process, the parent's too."""

    at_s: float
    render: dict[str, Any]
    delivery: dict[str, Any]
    control: dict[str, Any]
    pids: dict[str, int]
    restarts: int


class PlayedShow:
    """The playing processes, from the outside. ports: one for each controller. Use it in a with block."""

    def __init__(self, target: str, venue: str, ports: tuple[int, ...], *, clock: Clock, page: bool = True) -> None:
        self._clock = clock
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        asked = json.dumps({"target": target, "venue": venue, "ports": ports, "page": page})
        self._process = subprocess.Popen(
            (sys.executable, "-m", "facade.app.bench.player", asked),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        self.told: list[Told] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            body = json.loads(line)
            pids = {p["name"]: p["pid"] for p in body["processes"] if p["pid"]} | {"delivery": self._process.pid}
            restarts = sum(p["restarts"] for p in body["processes"])
            told = Told(self._clock.now(), body["render"], body["delivery"], body["control"], pids, restarts)
            self.told.append(told)

    def wait_for(self, condition: Callable[[Told], object], what: str) -> Told:
        """Return the first status, the last one told or a later one, that fits. Raises MachineError after a minute."""
        end = self._clock.now() + _START_S
        while self._clock.now() < end:
            if self.told and condition(self.told[-1]):
                return self.told[-1]
            if self._process.poll() is not None:
                raise MachineError(f"The show that was to be measured has ended before {what}. {self._last_words()}")
            self._clock.wait_until(self._clock.now() + _POLL_S)
        raise MachineError(f"{what} took longer than {_START_S:.0f} s. {self._last_words()}")

    def wait_until_live(self) -> Told:
        """Return when rendered light leaves and the control process has spoken."""
        return self.wait_for(
            lambda told: told.render.get("frames", 0) > 0 and told.delivery["look"] == "live" and told.control,
            "the start of the show",
        )

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(1.0)
        self._process.stdout.close()
        self._log.close()


def show_file(folder: Path, piece: str, *, osc_port: int, rate_hz: float = 60.0) -> Path:
    """Write a show of one piece that listens to OSC; returns the file."""
    file = folder / "show.toml"
    file.write_text(
        f'title = "{piece}"\nseed = 1\nrate_hz = {rate_hz}\n\n'
        f'[input.osc]\ntype = "osc"\nport = {osc_port}\nstale_s = 3600.0\n\n'
        f'[cue.measured]\ncrossfade_s = 0.0\n[[cue.measured.layer]]\npiece = "{piece}"\n',
        encoding="utf-8",
    )
    return file


def main(asked: str) -> None:
    """Play until standard input ends."""
    wish = json.loads(asked)
    subject = on_loopback(load_subject(wish["venue"]), wish["ports"])
    page = bind_page("127.0.0.1", 0) if wish["page"] else None
    options = PlayOptions(web={"host": "127.0.0.1", "password": None}, web_socket=page)
    player = Player(subject.plan(wish["target"]), options, say=_say)
    threading.Thread(target=_stop_at_end_of_input, args=(player,), daemon=True).start()
    player.run()
    # The thread may still hold standard input; there is nothing left to tidy.
    sys.stdout.flush()
    os._exit(0)


def _stop_at_end_of_input(player: Player) -> None:
    while os.read(0, 4096):
        pass
    player.stop()


def _say(status: Status) -> None:
    line = json.dumps(asdict(status)) + "\n"
    # A reader that sleeps must not hold up the light.
    if select.select([], [1], [], 0)[1]:
        os.write(1, line.encode())


if __name__ == "__main__":
    main(sys.argv[1])
