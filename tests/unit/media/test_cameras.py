"""Cameras come and go without anybody else noticing. A test source of libav stands in for one, by the same door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from facade.core.clock import RealClock, StepClock
from facade.core.health import State
from facade.media import camera as camera_module
from facade.media.camera import Camera, Device, _linux, cameras, choose
from tests.support.waiting import soon

BARS = Device("Test bars", "lavfi", "smptebars=size=64x48:rate=30")
ENDS = Device("Pulled out", "lavfi", "color=red:size=64x48:rate=30:duration=0.1")


@pytest.fixture(name="look_through")
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Camera]]:
    monkeypatch.setattr(camera_module, "FIRST_PAUSE_S", 0.02)
    made: list[Camera] = []

    def look_through(source: str, find: Callable[[], tuple[Device, ...]], clock: object = None) -> Camera:
        made.append(Camera(source, clock or RealClock(), limit_px=32, find=find))
        return made[-1]

    yield look_through
    for each in made:
        each.close()
        each.join()


def test_a_camera_is_live_and_gives_its_newest_frame(look_through: Callable[..., Camera]) -> None:
    camera = look_through("camera", lambda: (BARS,))
    assert soon(lambda: camera.health().state is State.LIVE)
    stamp, frame = camera.at(0.0)
    assert frame.shape == (24, 32, 4)
    assert frame[-3, 1, :3].min() > 100  # the first bar is light grey, and rows begin at the bottom
    assert soon(lambda: camera.at(0.0)[0] > stamp)
    health = camera.health()
    assert (health.kind, health.where) == ("camera", BARS.url)
    assert health.received > 1


def test_without_a_camera_there_is_no_frame_and_a_reason(look_through: Callable[..., Camera]) -> None:
    camera = look_through("camera:stage", lambda: ())
    assert soon(lambda: camera.problem != "")
    assert camera.at(0.0) is None
    assert camera.health().state is State.ABSENT
    assert 'there is no "camera:stage"' in camera.problem


def test_a_camera_that_is_plugged_in_later_goes_live(look_through: Callable[..., Camera]) -> None:
    plugged: list[Device] = []
    camera = look_through("camera", lambda: tuple(plugged))
    assert soon(lambda: camera.health().state is State.ABSENT)
    plugged.append(BARS)
    assert soon(lambda: camera.at(0.0) is not None)


def test_a_camera_that_goes_is_found_again(look_through: Callable[..., Camera]) -> None:
    camera = look_through("camera", lambda: (ENDS,))
    assert soon(lambda: camera.health().received > 6)  # it lasts for three frames each time


def test_a_camera_that_cannot_be_opened_says_why(look_through: Callable[..., Camera], tmp_path: Path) -> None:
    camera = look_through("camera", lambda: (Device("Broken", "v4l2", str(tmp_path / "video0")),))
    assert soon(lambda: camera.health().state is State.FAILED)
    assert camera.problem.startswith("Broken cannot be read (")
    assert camera.at(0.0) is None


def test_the_last_frame_of_a_silent_camera_is_not_shown_for_ever(look_through: Callable[..., Camera]) -> None:
    clock = StepClock()
    found = [ENDS]
    camera = look_through("camera", lambda: tuple(found), clock)
    assert soon(lambda: camera.health().received >= 3)
    found.clear()
    assert soon(lambda: camera.health().state is State.ABSENT)
    assert camera.at(0.0) is not None
    clock.wait_until(2.5)
    assert camera.at(0.0) is None


def test_a_camera_is_chosen_by_a_part_of_its_name_or_by_its_path() -> None:
    devices = (Device("Integrated Camera", "v4l2", "/dev/video0"), Device("Stage Cam", "v4l2", "/dev/video2"))
    chosen = [choose(devices, f"camera{name}") for name in ("", ":stage", ":/dev/video2", ":roof")]
    assert [None if d is None else d.url for d in chosen] == ["/dev/video0", "/dev/video2", "/dev/video2", None]


def test_linux_lists_each_camera_once_in_its_own_order(tmp_path: Path) -> None:
    for node, index, name in (("video10", "0", "Roof"), ("video0", "0", "Door"), ("video1", "1", "Door")):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(f"{index}\n")
        (tmp_path / node / "name").write_text(f"{name}\n")
    assert [(d.name, d.url) for d in _linux(tmp_path)] == [("Door", "/dev/video0"), ("Roof", "/dev/video10")]


def test_a_machine_without_cameras_lists_none_or_those_it_has() -> None:
    assert all(device.url for device in cameras())
