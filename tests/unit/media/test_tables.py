"""Numbers from files: CSV as every spreadsheet writes it, JSON, NPY; nothing but rows of finite numbers gets in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facade.core.errors import PieceError
from facade.media.table import read_table


def table(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "1,2\n3,4.5\n"),
        ("a.csv", "low,high\n1,2\n3,4.5\n"),
        ("a.csv", "\ufefflow;high\r\n1;2\r\n\r\n3;4,5\r\n"),
        ("a.csv", "# measured in May\n1\t2\n3\t4,5\n"),
        ("a.json", "[[1, 2], [3, 4.5]]"),
    ],
)
def test_rows_of_numbers_are_read(tmp_path: Path, name: str, text: str) -> None:
    array = read_table(table(tmp_path, name, text))
    assert array.dtype == np.float32
    assert array.tolist() == [[[1.0], [2.0]], [[3.0], [4.5]]]


def test_an_npy_file_may_have_channels_of_its_own(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(12, dtype=np.int16).reshape(2, 3, 2))
    assert read_table(tmp_path / "a.npy", channels=2)[1, 2].tolist() == [10.0, 11.0]


def test_neighbouring_columns_make_a_texel_and_columns_are_chosen_by_name(tmp_path: Path) -> None:
    file = table(tmp_path, "a.csv", "x,y,z\n1,2,3\n4,5,6\n")
    assert read_table(file, columns=("z", "x"), channels=2).tolist() == [[[3.0, 1.0]], [[6.0, 4.0]]]


def test_one_row_of_numbers_is_a_table_of_one_row(tmp_path: Path) -> None:
    assert read_table(table(tmp_path, "a.json", "[1, 2, 3]")).shape == (1, 3, 1)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "1,2\n3\n", "row 2 does not hold 2 numbers"),
        ("a.csv", "a,b\n1,two\n", "row 2 does not hold 2 numbers"),
        ("a.csv", "1,nan\n", "holds something that is not a finite number"),
        ("a.json", '{"a": 1}', "is no table of numbers"),
        ("a.json", "[[1, 2], [3]]", "is no table of numbers"),
        ("a.json", "[" * 100_000, "is no table of numbers"),
        ("a.npy", "no array", "is no table of numbers"),
    ],
)
def test_what_is_no_table_of_numbers_is_told_in_words(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(PieceError, match=says):
        read_table(table(tmp_path, name, text))


def test_code_in_an_npy_file_is_never_run(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([object()]), allow_pickle=True)
    with pytest.raises(PieceError, match="is no table of numbers"):
        read_table(tmp_path / "a.npy")


def test_columns_that_are_not_there_and_channels_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    file = table(tmp_path, "a.csv", "height,width\n1,2\n")
    with pytest.raises(PieceError, match=r'has no column "hieght".*Did you mean "height"'):
        read_table(file, columns=("hieght",))
    with pytest.raises(PieceError, match="has 2 columns, which 3 channels do not divide"):
        read_table(file, channels=3)
    with pytest.raises(PieceError, match="has no named columns"):
        read_table(table(tmp_path, "a.json", "[1]"), columns=("a",))


def test_a_file_that_is_not_there_or_is_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PieceError, match=r"a\.csv is not in the piece's folder"):
        read_table(tmp_path / "a.csv")
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(65_000_000)
    with pytest.raises(PieceError, match="more than 64 MB"):
        read_table(tmp_path / "a.csv")
    with pytest.raises(PieceError, match="8192 are the most"):
        read_table(table(tmp_path, "b.csv", "1\n" * 8193))
