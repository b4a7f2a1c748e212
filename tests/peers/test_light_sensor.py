"""The venue's light sensor on a serial cable moves the brightness cap of a show in real processes, and only that."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import ROOT, Receiver, RunningShow, free_port, page_state, show_at, venue_at, wait_until
from tests.support.socat import SerialCable

pytestmark = pytest.mark.timeout(120)

DARK_CD_M2, BRIGHT_CD_M2 = 20.0, 40.0
SENSOR = """
[input.roof]
type = "serial"
port = "{device}"
stale_s = 0.8

[light_sensor]
from = "roof/lux"
dark_lux = 10.0
dark_cd_m2 = 20.0
bright_lux = 1000.0
bright_cd_m2 = 40.0
stale_s = 1.0
"""


@dataclass
class Roof:
    """A show under a light sensor."""

    cable: SerialCable
    page: int

    def says(self, lux: float, until: Callable[[dict[str, Any]], bool], what: str) -> list[float]:
        """Say lux again and again until delivery is as wanted. Returns the caps on the way, cd/m2."""
        caps: list[float] = []

        def is_so() -> bool:
            self.cable.say(f"lux={lux}\n".encode())
            return self.looks(until, caps)

        wait_until(is_so, what=what)
        return caps

    def looks(self, until: Callable[[dict[str, Any]], bool], caps: list[float]) -> bool:
        delivery = page_state(self.page)["delivery"]
        if delivery is None:
            return False
        caps.append(delivery["cap_cd_m2"])
        time.sleep(0.05)
        return until(delivery)


def measured_copy(folder: Path) -> Path:
    """Copy facade with a fixture profile that says how bright it is, which no shipped one can."""
    for name in ("facade", "hardware"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pieces", "shaders"):
        (folder / name).symlink_to(ROOT / name)
    with (folder / "hardware" / "fixtures" / "rgb_spot_dmx.toml").open("a") as file:
        file.write("candela = [200.0, 400.0, 100.0, 0.0]\n")
    return folder


@pytest.fixture
def roof(tmp_path: Path) -> Iterator[Roof]:
    node = Receiver()
    with SerialCable(tmp_path) as cable:
        venue = venue_at(tmp_path, node.port)
        with venue.open("a") as file:
            file.write(SENSOR.format(device=cable.device))
        show = show_at(tmp_path / "show", free_port(), piece="signal")
        copy = measured_copy(tmp_path / "copy")
        options = ("--venue", venue, "--port", str(free_port()))
        with RunningShow(show, *options, cwd=copy, env={"PYTHONPATH": str(copy)}) as running:
            yield Roof(cable, running.page_port())
    node.close()


def test_the_cap_follows_the_sensor_in_a_ramp_and_falls_back_when_it_is_pulled_out(roof: Roof) -> None:
    caps: list[float] = []
    wait_until(lambda: roof.looks(lambda d: "silent" in d["cap"], caps), what="the dark cap")
    assert caps[-1] == pytest.approx(DARK_CD_M2, rel=1e-3)

    rise = roof.says(5000.0, lambda d: d["cap_cd_m2"] > 0.999 * BRIGHT_CD_M2, "the bright cap")
    assert rise == sorted(rise)
    assert len(set(rise)) >= 4, "a ramp, no jump"

    between = roof.says(100.0, lambda d: abs(d["cap_cd_m2"] - 800.0**0.5) < 0.1, "the cap halfway, in logarithms")
    assert between == sorted(between, reverse=True)

    roof.cable.unplug()
    caps.clear()
    wait_until(lambda: roof.looks(lambda d: d["cap_cd_m2"] < 1.001 * DARK_CD_M2, caps), what="the dark cap")
    assert "silent" in page_state(roof.page)["delivery"]["cap"]

    roof.cable.plug()
    roof.says(5000.0, lambda d: d["cap_cd_m2"] > 0.999 * BRIGHT_CD_M2, "the bright cap again")
