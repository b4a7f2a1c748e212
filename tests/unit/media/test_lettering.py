"""Texts as pictures: what stands in their places, and where the ink is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from facade.core.errors import PieceError
from facade.media.lettering import MAX_WIDTH_PX, filled, lettered, load_font, plain, told

FONT = load_font(None, 32)


def test_a_text_is_as_wide_as_its_letters_and_ink_is_full_coverage() -> None:
    short, long = lettered("I", FONT, "left"), lettered("IIII", FONT, "left")
    assert short.shape[0] == long.shape[0]
    assert short.shape[1] < long.shape[1]
    assert short.max() > 240
    assert not short[:, :2].any()
    assert not short[:2].any()


def test_the_bottom_row_comes_first() -> None:
    picture = lettered("L", FONT, "left")
    rows = np.nonzero(picture.max(axis=1) > 128)[0]
    assert picture[rows[0]].sum() > 2 * picture[rows[-1]].sum()  # the foot of an L is wide


def test_lines_stand_one_above_the_other_and_are_aligned() -> None:
    left, right = (lettered("IIIIIIII\nI", FONT, align) for align in ("left", "right"))
    lower = slice(0, left.shape[0] // 2)
    middle = left.shape[1] // 2
    assert left[lower, :middle].any()
    assert not left[lower, middle:].any()
    assert right[lower, middle:].any()
    assert not right[lower, :middle].any()


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_nothing_is_a_picture_without_ink(text: str) -> None:
    assert not lettered(text, FONT, "centre").any()


def test_a_very_long_text_stays_within_what_a_texture_holds() -> None:
    assert lettered("W" * 200, load_font(None, 512), "left").shape[1] == MAX_WIDTH_PX


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Às éöő Łódź", "As eoo Lodz"),
        ("Straße", "Strasse"),
        ("10–12 ‘now’", "10-12 'now'"),
        ("東京", "??"),
        ("a\nb", "a\nb"),
    ],
)
def test_letters_the_built_in_font_lacks_are_spelt_out(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_places_in_a_text_are_filled_and_unknown_ones_stay() -> None:
    values = {("city", ""): "Linz", ("here", "%H:%M"): "18:05"}
    text = filled("{city}: {here:%H:%M} {nobody} {0} {city.__class__} {city!r}", lambda n, f: values.get((n, f)))
    assert text == "Linz: 18:05 {nobody} {0} {city.__class__} {city!r}"


def test_a_time_is_told_by_the_usual_directives_and_no_others() -> None:
    now = datetime(2026, 6, 1, 18, 5, 9, tzinfo=ZoneInfo("Europe/Vienna"))
    assert told(now, "") == "18:05"
    assert told(now, "%H.%M.%S %d/%m/%Y %% %A") == "18.05.09 01/06/2026 % Monday"
    assert told(now, "%Z %n %q %") == "%Z %n %q %"


def test_a_file_that_is_no_font_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.ttf").write_bytes(b"no font")
    with pytest.raises(PieceError, match=r"a\.ttf is no font that can be read"):
        load_font(tmp_path / "a.ttf", 32)
