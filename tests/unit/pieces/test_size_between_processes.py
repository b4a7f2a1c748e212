"""A pass's size survives the way to another process, as a piece that has been rehearsed needs it."""

from __future__ import annotations

import pickle

from facade.pieces.size import parse_size


def test_a_size_travels_and_gives_the_same_numbers() -> None:
    size = parse_size("floor($WIDTH / 2) + 1")
    there = pickle.loads(pickle.dumps(size))
    assert there == size
    assert there({"WIDTH": 9.0}) == size({"WIDTH": 9.0}) == 5.0
