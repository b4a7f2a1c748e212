"""One number for an installation, never two senders with one number."""

from __future__ import annotations

import json

from facade.outputs.identity import FILE, claim_identity


def claimed(folder, machine="here"):
    identity = claim_identity(folder, machine=machine)
    identity.close()
    return identity


def test_number_is_the_same_on_every_start(tmp_path):
    first, second = claimed(tmp_path / "facade"), claimed(tmp_path / "facade")

    assert first.kept
    assert first.cid == second.cid


def test_a_copied_disk_gets_a_number_of_its_own(tmp_path):
    assert claimed(tmp_path, "here").cid != claimed(tmp_path, "the copy").cid


def test_a_second_process_beside_the_first_takes_another_number(tmp_path):
    first = claim_identity(tmp_path, machine="here")
    second = claim_identity(tmp_path, machine="here")
    first.close()

    assert (first.kept, second.kept) == (True, False)
    assert first.cid != second.cid
    assert "sends already" in second.why


def test_a_damaged_file_is_written_anew(tmp_path):
    (tmp_path / FILE).write_text('{"cid": "torn')

    found = claimed(tmp_path)

    assert json.loads((tmp_path / FILE).read_text())["cid"] == str(found.cid)
    assert claimed(tmp_path).cid == found.cid


def test_without_a_place_to_keep_it_the_show_has_a_number_for_the_evening(tmp_path):
    (tmp_path / "file").write_text("")

    assert not claimed(None).kept
    assert "file" in claimed(tmp_path / "file" / "facade").why
