"""behaviour.py by itself: what it is told, what it may return, whose Python runs, and what is said when it fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facade.config.piece import Value
from facade.core.errors import PieceError
from facade.pieces.behaviour import Behaviour, LayerTick, Life, read_behaviour
from facade.pieces.library import PieceLibrary
from facade.pieces.trust import distrust, is_trusted, trust, trusted_folders
from tests.support.gl import write_piece

MANIFEST = """
[parameter.speed]
type = "float"
default = 0.5

[uniform.level]
type = "float"

[uniform.count]
type = "int"

[uniform.on]
type = "bool"

[uniform.ball]
type = "vec2"

[uniform.field]
type = "texture"
size = [3, 2]
channels = 1

[uniform.crowd]
type = "texture"
size = [4, 1]
channels = 4
"""
CONTROLS: dict[str, Value] = {"speed": 0.5}
SHADER = "vec4 piece(vec2 uv) { return vec4(level); }\n"


@pytest.fixture(autouse=True)
def trust_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "list" / "trusted.txt"
    monkeypatch.setenv("FACADE_TRUSTED", str(file))
    return file


def behaviour(folder: Path, source: str, *, manifest: str = MANIFEST) -> Behaviour:
    piece = write_piece(folder, "p", SHADER, manifest=manifest, files={"behaviour.py": source})
    trust(piece)
    found = read_behaviour(PieceLibrary([folder]).get("p"))
    assert found is not None
    return found


def moment(life: Life, frame: int = 0) -> LayerTick:
    pixels = np.zeros((5, 2), dtype=np.float32)
    pixels.setflags(write=False)
    return LayerTick(frame, frame / 60, 1 / 60, life.rng, (4.0, 2.0), pixels)


def lived(
    folder: Path, source: str, *, frames: int = 1, seed: int = 7, controls: dict[str, Value] | None = None
) -> Life:
    life = Life(behaviour(folder, source), seed=seed)
    for frame in range(frames):
        life.update(moment(life, frame), controls or {"speed": 0.5})
    return life


def returning(what: str) -> str:
    return f"import numpy as np\n\n\ndef update(tick, controls):\n    return {what}\n"


def fault(folder: Path, source: str, *, frames: int = 1) -> PieceError:
    with pytest.raises(PieceError) as caught:
        lived(folder, source, frames=frames)
    return caught.value


def test_it_is_told_the_moment_its_controls_and_the_place(tmp_path: Path) -> None:
    source = returning(
        "{'level': controls['speed'] + tick.frame, 'ball': tick.size_m, 'count': len(tick.pixels), 'on': True}"
    )
    life = lived(tmp_path, source, frames=3)
    assert life.numbers == {"level": 2.5, "ball": (4.0, 2.0), "count": 5, "on": True}


def test_pictures_arrive_as_they_were_returned_and_stay_until_the_next(tmp_path: Path) -> None:
    source = """
import numpy as np

def update(tick, controls):
    if tick.frame == 0:
        return {"field": np.arange(6).reshape(2, 3), "crowd": np.full((1, 4, 4), 0.5)}
    return {"crowd": [[[1, 2, 3, 4]] * 4]}
"""
    life = lived(tmp_path, source, frames=2)
    np.testing.assert_array_equal(life.pictures["field"][:, :, 0], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(life.pictures["crowd"][0, 2], [1, 2, 3, 4])
    assert life.pictures["crowd"].dtype == np.float32


def test_globals_belong_to_one_layer(tmp_path: Path) -> None:
    source = "n = 0\n\n\ndef update(tick, controls):\n    global n\n    n += 1\n    return {'count': n}\n"
    first = Life(behaviour(tmp_path, source), seed=1)
    second = Life(first.behaviour, seed=1)
    for frame in range(3):
        first.update(moment(first, frame), {})
    second.update(moment(second), {})
    assert (first.numbers["count"], second.numbers["count"]) == (3, 1)


def test_the_same_seed_gives_the_same_chance_and_another_does_not(tmp_path: Path) -> None:
    source = returning("{'level': tick.rng.random()}")
    levels = [lived(tmp_path, source, frames=5, seed=seed).numbers["level"] for seed in (3, 3, 4)]
    assert levels[0] == levels[1] != levels[2]


def test_dataclasses_with_postponed_annotations_can_be_made(tmp_path: Path) -> None:
    source = """
from __future__ import annotations
from dataclasses import dataclass

@dataclass
class Ball:
    x: float = 0.25

ball = Ball()

def update(tick, controls):
    return {"level": ball.x}
"""
    assert lived(tmp_path, source).numbers == {"level": 0.25}


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("None", "update returned nothing and must return a dict"),
        ("{'bal': (0, 0)}", 'Did you mean "ball"?'),
        ("{3: 1}", "does not declare"),
        ("{'level': (1, 2)}", 'uniform "level" must be one number (float), not 2 things'),
        ("{'level': 'high'}", "must be one number (float), not a str"),
        ("{'level': float('nan')}", "is nan, not a finite number"),
        ("{'level': 1e300}", "not a finite number"),
        ("{'count': 1.5}", "must be a whole number"),
        ("{'count': 2**40}", "must be a whole number"),
        ("{'ball': 0.5}", "must be 2 numbers (vec2), not a float"),
        ("{'ball': (1, 2, 3)}", "must be 2 numbers (vec2), not 3 things"),
        ("{'ball': ((1, 2), (3,))}", "must be 2 numbers (vec2)"),
        ("{'ball': (0.0, float('inf'))}", "not a finite number"),
        ("{'field': np.zeros((3, 2))}", "has the shape (3, 2, 1); piece.toml asks for (2, 3, 1)"),
        ("{'field': np.full((2, 3), np.nan)}", "not a finite number"),
        ("{'field': np.full((2, 3), 1e300)}", "not a finite number"),
        ("{'crowd': 'x'}", "must be an array of numbers, not a str"),
        ("{'crowd': [[1], [1, 2]]}", "must be an array of numbers"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_line_of_update(tmp_path: Path, returned: str, said: str) -> None:
    error = fault(tmp_path, returning(returned))
    assert said in str(error)
    assert (error.file, error.line) == (tmp_path / "p" / "behaviour.py", 4)


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("def update(tick, controls):\n    return {'level': 1 / tick.frame}\n", 2, "ZeroDivisionError"),
        (
            "def help(x):\n    raise ValueError('no')\n\n\ndef update(tick, controls):\n    help(1)\n",
            2,
            "ValueError: no",
        ),
        ("import numpy as np\n\n\ndef update(tick, controls):\n    np.zeros(-1)\n", 5, "ValueError"),
        ("def update(tick, controls):\n    controls['speed'] = 1\n", 2, "TypeError"),
        ("def update(tick, controls):\n    tick.pixels[0] = 1\n", 2, "read-only"),
        ("def update(tick, controls):\n    exit(3)\n", 2, "SystemExit"),
        ("def update(tick, controls):\n    return update(tick, controls)\n", 2, "RecursionError"),
        ("def update():\n    return {}\n", None, "TypeError"),
        ("level = 1 / 0\n", 1, "ZeroDivisionError"),
        ("import no_such_module\n", 1, "no_such_module"),
        ("def later(tick, controls):\n    return {}\n", None, "must define update(tick, controls)"),
    ],
)
def test_an_exception_is_contained_with_the_artists_line(
    tmp_path: Path, source: str, line: int | None, said: str
) -> None:
    error = fault(tmp_path, source)
    assert said in str(error)
    assert (error.file, error.line) == (tmp_path / "p" / "behaviour.py", line)


def test_python_that_does_not_compile_is_said_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(PieceError, match="no Python") as caught:
        behaviour(tmp_path, "def update(tick, controls):\n    return {\n")
    assert caught.value.line == 2


def test_declarations_without_a_file_and_a_file_without_declarations_are_refused(tmp_path: Path) -> None:
    write_piece(tmp_path, "a", SHADER, manifest=MANIFEST)
    write_piece(tmp_path, "b", SHADER, files={"behaviour.py": returning("{}")})
    for slug, said in (("a", "there is no behaviour.py"), ("b", "tells the shader nothing")):
        with pytest.raises(PieceError, match=said):
            read_behaviour(PieceLibrary([tmp_path]).get(slug))


def test_python_of_a_folder_nobody_trusts_is_not_even_compiled(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    write_piece(
        tmp_path, "p", SHADER, manifest=MANIFEST, files={"behaviour.py": f"open({str(touched)!r}, 'w')\nnonsense(\n"}
    )
    with pytest.raises(PieceError, match="facade piece trust"):
        read_behaviour(PieceLibrary([tmp_path]).get("p"))
    assert not touched.exists()


def test_trust_is_given_to_a_place_and_can_be_taken_back(tmp_path: Path, trust_list: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "trusted.txt").write_text(str(folder))
    assert not is_trusted(folder)
    trust(folder)
    trust(folder)
    assert trusted_folders() == (folder.resolve(),)
    assert is_trusted(folder)
    assert not is_trusted(folder / "inside")
    assert not is_trusted(tmp_path)
    distrust(folder)
    assert not is_trusted(folder)
    trust_list.write_bytes(b"\xff\xfe")
    assert trusted_folders() == ()


def test_two_readings_of_the_same_file_are_equal_and_of_an_edited_one_not(tmp_path: Path) -> None:
    first = behaviour(tmp_path, returning("{'level': 1.0}"))
    again = behaviour(tmp_path, returning("{'level': 1.0}"))
    edited = behaviour(tmp_path, returning("{'level': 2.0}"))
    assert first == again != edited
