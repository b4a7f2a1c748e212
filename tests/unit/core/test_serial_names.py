"""Serial ports are found by a part of the name that survives replugging."""

from __future__ import annotations

from pathlib import Path

from facade.core.serial_names import find_port


def test_a_port_is_found_by_a_part_of_its_lasting_name(tmp_path: Path) -> None:
    entry = tmp_path / "usb-Arduino_Uno_7543-if00"
    entry.touch()
    assert find_port("arduino", tmp_path) == str(entry)
    assert find_port("teensy", tmp_path) == "teensy"
    assert find_port("/dev/ttyACM0", tmp_path) == "/dev/ttyACM0"
    assert find_port("socket://host:1", tmp_path) == "socket://host:1"
    assert find_port("arduino", tmp_path / "none") == "arduino"
