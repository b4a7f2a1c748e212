"""A package comes back as the piece it was, and whatever is wrong with one, nothing of it stays."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facade.config.package import PackageManifest
from facade.core.errors import PieceError
from facade.pieces import package, unpacking
from facade.pieces.library import PieceLibrary
from facade.pieces.package import collision, files_of, fingerprint, name_fault, pack
from facade.pieces.unpacking import RECEIPT, Installed, install
from tests.support.gl import write_piece

SHADER = b"vec4 piece(vec2 uv) { return vec4(1.0); }\n"
PIECE = {"piece.toml": b'schema = 1\ntitle = "Glow"\nauthor = "A. Maker"\nlicense = "CC0-1.0"\n', "main.frag": SHADER}


def glow(folder: Path, files: Mapping[str, str] | None = None):
    write_piece(folder, "glow", SHADER.decode(), manifest='license = "CC0-1.0"\n', files=files)
    return PieceLibrary([folder]).get("glow")


def crafted(
    path: Path,
    files: Mapping[str, bytes] = PIECE,
    *,
    extra: Mapping[str, bytes] | None = None,
    say: Callable[[dict], None] = lambda manifest: None,
    mode: Mapping[str, int] | None = None,
    compression: int = zipfile.ZIP_STORED,
) -> Path:
    """Write a package of glow by hand. extra: entries the manifest does not list. say: changes what it claims."""
    manifest = {
        "schema": 1,
        "slug": "glow",
        "title": "Glow",
        "files": {n: fingerprint(d).model_dump() for n, d in files.items()},
    }
    say(manifest)
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("package.json", json.dumps(manifest))
        for name, data in [*((f"glow/{n}", d) for n, d in files.items()), *(extra or {}).items()]:
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            info.create_system = 3
            info.external_attr = (mode or {}).get(name, stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data)
    return path


def refused(path: Path, into: Path, why: str, **options: bool) -> None:
    before = sorted(p for p in into.parent.rglob("*") if p != path)
    with pytest.raises(PieceError, match=why) as caught:
        install(path, into, **options)
    assert path.name in str(caught.value)
    assert "Nothing was installed" in str(caught.value)
    assert sorted(p for p in into.parent.rglob("*") if p != path) == before


# ---- there and back ----


def test_what_was_packed_is_what_is_installed(tmp_path: Path) -> None:
    piece = glow(tmp_path / "a", {"assets/deep/table.csv": "1,2\n", "presets/low.toml": ""})
    pack(piece, tmp_path / "glow.piece.zip", preview=b"\x89PNG")
    done = install(tmp_path / "glow.piece.zip", tmp_path / "new" / "folder")
    assert files_of(done.folder) == files_of(piece.folder)
    assert (done.folder / RECEIPT / "preview.png").read_bytes() == b"\x89PNG"
    assert PieceLibrary([tmp_path / "new" / "folder"]).names() == ("glow",)


def test_the_same_piece_makes_the_same_bytes_wherever_it_lies(tmp_path: Path) -> None:
    for name in ("a", "b"):
        pack(glow(tmp_path / name, {"z.csv": "1", "assets/a.csv": "2"}), tmp_path / f"{name}.piece.zip")
    (tmp_path / "b" / "glow" / "main.frag").touch()
    assert (tmp_path / "a.piece.zip").read_bytes() == (tmp_path / "b.piece.zip").read_bytes()


def test_packing_an_installed_piece_makes_the_package_it_came_from(tmp_path: Path) -> None:
    pack(glow(tmp_path / "a"), tmp_path / "one.piece.zip")
    install(tmp_path / "one.piece.zip", tmp_path / "in")
    pack(PieceLibrary([tmp_path / "in"]).get("glow"), tmp_path / "two.piece.zip")
    assert (tmp_path / "one.piece.zip").read_bytes() == (tmp_path / "two.piece.zip").read_bytes()


def test_hidden_and_temporary_files_are_not_packed(tmp_path: Path) -> None:
    piece = glow(tmp_path, {".git/config": "", "main.frag~": "", "__pycache__/x.pyc": "", "Thumbs.db": ""})
    assert set(files_of(piece.folder)) == {"piece.toml", "main.frag"}


def test_a_link_in_a_piece_is_not_packed_but_said(tmp_path: Path) -> None:
    piece = glow(tmp_path)
    (piece.folder / "secret.txt").symlink_to("/etc/hostname")
    with pytest.raises(PieceError, match="is a link or a device"):
        pack(piece, tmp_path / "x.piece.zip")
    assert not (tmp_path / "x.piece.zip").exists()


def test_an_existing_piece_is_left_alone_unless_told_and_then_kept(tmp_path: Path) -> None:
    file = crafted(tmp_path / "p.zip")
    (tmp_path / "in" / "glow").mkdir(parents=True)
    (tmp_path / "in" / "glow" / "mine").write_text("work")
    refused(file, tmp_path / "in", "--replace")
    done: Installed = install(file, tmp_path / "in", replace=True)
    assert done.replaced is not None
    assert (done.replaced / "mine").read_text() == "work"
    second = install(file, tmp_path / "in", replace=True)
    assert second.replaced is not None
    assert second.replaced != done.replaced
    assert PieceLibrary([tmp_path / "in"]).names() == ("glow",)


def test_a_name_that_is_taken_elsewhere_is_refused(tmp_path: Path) -> None:
    file = crafted(tmp_path / "p.zip")
    with pytest.raises(PieceError, match="would hide this one"):
        install(file, tmp_path / "in", taken=("glow",))
    assert not (tmp_path / "in").exists()


# ---- refusals ----


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/cron.d/x", "not a path inside"),
        ("../x", "climbs out"),
        ("glow/../../x", "climbs out"),
        ("glow/./x", "climbs out"),
        ("glow//x", "climbs out"),
        ("C:/x", "not a path inside"),
        ("glow\\..\\x", "not a path inside"),
        ("glow/x:stream", "not a path inside"),
        ("glow/\u202egnp.exe", "not every system"),
        ("glow/con.txt", "no file name"),
        ("glow/LPT1", "no file name"),
        ("glow/x.", "no file name"),
        ("glow/.bashrc", "hidden"),
        ("glow/" + "a" * 300, "longer"),
        ("glow/" + "a/" * 20 + "x", "deeper"),
        ("glow/x.so", "cannot be read"),
        ("glow/x.txt", "not listed"),
        ("other.txt", "not listed"),
    ],
)
def test_a_path_that_is_not_plainly_inside_is_refused(tmp_path: Path, name: str, why: str) -> None:
    refused(crafted(tmp_path / "p.zip", extra={name: b"x"}), tmp_path / "in", why)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFDIR])
def test_links_and_devices_are_refused_even_when_listed(tmp_path: Path, kind: int) -> None:
    files = {**PIECE, "odd": b"/etc/passwd"}
    file = crafted(tmp_path / "p.zip", files, mode={"glow/odd": kind | 0o644})
    refused(file, tmp_path / "in", "link or a device")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("other", ["glow/main.frag", "glow/MAIN.frag", "GLOW/x", "glow/main.frag/x", "Package.json"])
def test_two_names_for_one_place_are_refused(tmp_path: Path, other: str) -> None:
    refused(crafted(tmp_path / "p.zip", extra={other: b"x"}), tmp_path / "in", "one name on many systems")


def test_two_spellings_of_one_letter_are_one_name() -> None:
    assert collision(["caf\u00e9.txt", "cafe\u0301.txt"]) is not None
    assert collision(["stra\u00dfe", "STRASSE"]) is not None
    assert collision(["a/x", "a/y", "b"]) is None


def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = {**PIECE, "zeros.csv": bytes(8 * 1024 * 1024)}
    file = crafted(tmp_path / "p.zip", bomb, compression=zipfile.ZIP_DEFLATED)
    refused(file, tmp_path / "in", "grows from")
    many = crafted(tmp_path / "p.zip", {**PIECE, **{f"f{i}.csv": b"" for i in range(30)}})
    monkeypatch.setattr(unpacking, "MAX_FILES", 20)
    refused(many, tmp_path / "in", "unpacks to 33 files")
    monkeypatch.setattr(unpacking, "MAX_FILES", 10)
    refused(many, tmp_path / "in", "too large")
    monkeypatch.setattr(unpacking, "MAX_FILES", package.MAX_FILES)
    monkeypatch.setattr(unpacking, "MAX_TOTAL_BYTES", 200)
    refused(many, tmp_path / "in", "too large|unpacks to")
    monkeypatch.setattr(unpacking, "MAX_TOTAL_BYTES", package.MAX_TOTAL_BYTES)
    monkeypatch.setattr(unpacking, "MAX_FILE_BYTES", 20)
    refused(many, tmp_path / "in", "unpacks to 41 bytes|unpacks to")


def test_a_file_that_claims_to_be_smaller_than_it_is_is_refused(tmp_path: Path) -> None:
    def smaller(manifest: dict) -> None:
        manifest["files"]["main.frag"]["size"] -= 1

    refused(crafted(tmp_path / "p.zip", say=smaller), tmp_path / "in", "changed or damaged")


def test_wrong_hashes_missing_files_and_newer_schemas_are_refused(tmp_path: Path) -> None:
    def other_hash(manifest: dict) -> None:
        manifest["files"]["main.frag"]["sha256"] = "0" * 64

    def one_more(manifest: dict) -> None:
        manifest["files"]["gone.frag"] = fingerprint(b"").model_dump()

    for say, why in (
        (other_hash, "changed or damaged"),
        (one_more, "is missing"),
        (lambda m: m.update(schema=2, wonder=True), "newer facade"),
        (lambda m: m.update(slug="../x"), "slug"),
        (lambda m: m.update(files={}), "files"),
        (lambda m: m.update(surprise=1), "surprise"),
    ):
        refused(crafted(tmp_path / "p.zip", say=say), tmp_path / "in", why)


def test_python_needs_trust(tmp_path: Path) -> None:
    file = crafted(tmp_path / "p.zip", {**PIECE, "behaviour.py": b"x = 1\n"})
    refused(file, tmp_path / "in", "--trust")
    assert (install(file, tmp_path / "in", trust=True).folder / "behaviour.py").is_file()


def test_compiled_code_is_refused_with_any_trust(tmp_path: Path) -> None:
    refused(crafted(tmp_path / "p.zip", {**PIECE, "x.pyc": b""}), tmp_path / "in", "cannot be read", trust=True)


def test_a_piece_that_would_not_load_is_refused(tmp_path: Path) -> None:
    broken = {**PIECE, "piece.toml": b'title = "x"\ncolour = 1\n'}
    refused(crafted(tmp_path / "p.zip", broken), tmp_path / "in", "does not hold")


@pytest.mark.parametrize("junk", [b"", b"PK", b"hello" * 100, b"PK\x05\x06" + bytes(18), b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_is_refused(tmp_path: Path, junk: bytes) -> None:
    file = tmp_path / "p.zip"
    file.write_bytes(junk)
    refused(file, tmp_path / "in", "zip file|too large|has no package.json")


# ---- laws ----


@given(st.text(max_size=30))
def test_a_name_without_fault_stays_inside_on_every_system(name: str) -> None:
    if not name_fault(name):
        base = Path("/pieces/glow")
        assert (base / name).resolve().is_relative_to(base)
        assert not set(name) & set('\\:\0<>"|?*')


def test_a_directory_that_points_before_the_beginning_is_refused(tmp_path: Path) -> None:
    file = crafted(tmp_path / "p.zip")
    raw = bytearray(file.read_bytes())
    at = raw.rfind(b"PK\5\6") + 16
    raw[at : at + 4] = (int.from_bytes(raw[at : at + 4], "little") + 7).to_bytes(4, "little")
    file.write_bytes(raw)

    with pytest.raises(PieceError, match="not a sound zip file"):
        install(file, tmp_path / "in")
    assert not (tmp_path / "in").exists()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_package_installs_whole_or_not_at_all(tmp_path: Path, data: st.DataObject) -> None:
    """Any byte may be changed, or the file cut short: what appears is the piece as it was packed, or nothing."""
    file = crafted(tmp_path / "p.zip", compression=zipfile.ZIP_DEFLATED)
    raw = bytearray(file.read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    if data.draw(st.booleans()):
        raw[at] ^= data.draw(st.integers(1, 255))
    else:
        del raw[at:]
    file.write_bytes(raw)
    into = tmp_path / "in"
    try:
        done = install(file, into, replace=True)
    except PieceError:
        assert not into.exists()
    else:
        found = files_of(done.folder)
        assert found == PIECE
        for path in sorted(into.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        into.rmdir()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.sampled_from("aA./\\:é\0 ~x"), min_size=1, max_size=12))
def test_no_listed_name_writes_outside(tmp_path: Path, name: str) -> None:
    files = {**PIECE, name: b"x"}
    try:
        file = crafted(tmp_path / "p.zip", files)
        done = install(file, tmp_path / "in", replace=True)
    except (PieceError, ValueError, UnicodeError):
        pass
    else:
        assert set(files_of(done.folder)) <= set(files)
    outside = {p.name for p in tmp_path.iterdir()} - {"p.zip", "in"}
    assert outside == set()


def test_the_manifest_says_who_and_under_which_terms(tmp_path: Path) -> None:
    made: PackageManifest = pack(glow(tmp_path / "a"), tmp_path / "glow.piece.zip")
    assert (made.slug, made.title, made.license) == ("glow", "glow", "CC0-1.0")
