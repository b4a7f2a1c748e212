"""Which files below a folder are pieces, and which are what pieces are made of."""

from __future__ import annotations

from pathlib import Path

from facade.pieces.walking import pieces_in

TOY = "void mainImage(out vec4 c, in vec2 p) { c = vec4(1.0); }\n"
PLAIN = "void main() { gl_FragColor = vec4(1.0); }\n"


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_pieces_of_every_kind_are_found_and_nothing_else(tmp_path: Path) -> None:
    for name, text in {
        "a.fs": f"/*{{}}*/\n{PLAIN}",
        "a.vs": "void main() { isf_vertShaderInit(); }\n",
        "broken.fs": "/*{ no JSON }*/\n",
        "deep/er/b.frag": PLAIN,
        "deep/c.glsl": TOY,
        "deep/include.glsl": "float f() { return 1.0; }\n",
        "deep/place.vert.glsl": "in vec4 v;\nvoid main() { gl_Position = v; }\n",
        "export.json": '[{"renderpass": []}]',
        "package.json": "{}",
        "tabs/Image.glsl": TOY,
        "tabs/BufferA.glsl": TOY,
        "native/piece.toml": "schema = 1\n",
        "native/main.frag": PLAIN,
        ".hidden/d.frag": PLAIN,
        "notes.txt": PLAIN,
    }.items():
        write(tmp_path / name, text)
    found = [path.relative_to(tmp_path).as_posix() for path in pieces_in(tmp_path)]
    assert found == ["a.fs", "broken.fs", "deep/c.glsl", "deep/er/b.frag", "export.json", "native", "tabs"]


def test_a_folder_that_is_a_piece_is_the_only_one(tmp_path: Path) -> None:
    write(tmp_path / "image.glsl", TOY)
    assert list(pieces_in(tmp_path)) == [tmp_path]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "a" / "a.frag", PLAIN)
    (tmp_path / "a" / "round").symlink_to(tmp_path, target_is_directory=True)
    assert list(pieces_in(tmp_path)) == [tmp_path / "a" / "a.frag"]
