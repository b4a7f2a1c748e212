"""Size expressions of passes: what they mean, and that nothing else gets through."""

from __future__ import annotations

import pytest

from facade.pieces.size import parse_size

VALUES = {"WIDTH": 320.0, "HEIGHT": 180.0, "a": 2.0, "ab": 5.0}


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("16", 16.0),
        ("$WIDTH", 320.0),
        ("$WIDTH/2", 160.0),
        ("$HEIGHT * 0.5 + 1", 91.0),
        ("floor($WIDTH / 7.0)", 45.0),
        ("max($WIDTH, $HEIGHT) - min($WIDTH, $HEIGHT)", 140.0),
        ("$ab * $a", 10.0),
        ("2 ^ 3 ^ 2", 512.0),
        ("-(-4) % 3", 1.0),
        ("clamp($WIDTH, 1, 64)", 64.0),
        ("$missing + 3", 3.0),
        ("1 / 0", 1.0),
        ("0 - 5", 1.0),
        ("9 ^ 9 ^ 9", 1.0),
    ],
)
def test_a_size_means_what_it_says(text: str, size: float) -> None:
    assert parse_size(text)(VALUES) == size


def test_a_size_names_its_inputs() -> None:
    assert parse_size("$WIDTH * $ab").names == {"WIDTH", "ab"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "$",
        "1 +",
        "(1",
        "floor(1, 2)",
        "floor 1",
        "1 2",
        "__import__('os')",
        "a.b",
        "(" * 100 + "1" + ")" * 100,
        "-" * 100 + "1",
        "1" + "+1" * 400,
    ],
)
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_size(text)
