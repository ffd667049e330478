"""A bag as one file: the same everywhere, accepted by the Library of Congress's own command, refused after one byte."""

import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import bagit
import pytest

from chalicelib.adapters.bag_validation import faults
from chalicelib.adapters.bag_writer import write
from chalicelib.kernel.encoding import sha256
from chalicelib.transfers import layout
from tests.unit.transfers.workshop import SCOPE, Files, Workshop, info, packed

FILES: Files = {"data/a.txt": b"one", "data/b/c.txt": b"two"}


def unpacked(archive: Path, folder: Path) -> Path:
    """The bag's folder, by other people's code."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)  # noqa: S202  # our own package
    else:
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
    return folder / SCOPE.id


def command(folder: Path) -> int:
    """`bagit.py --validate`, as an archivist runs it."""
    program = [sys.executable, bagit.__file__, "--quiet", "--validate", str(folder)]
    return subprocess.run(program, capture_output=True, check=False).returncode


@pytest.mark.parametrize("suffix", [".tar", ".zip"])
def test_the_library_s_own_command_accepts_it_until_a_byte_is_changed(tmp_path: Path, suffix: str) -> None:
    archive = tmp_path / f"out{suffix}"
    packed(Workshop().files(), archive)
    bag = unpacked(archive, tmp_path / "opened")
    assert command(bag) == 0
    face = next(bag.rglob("face.txt"))
    face.write_bytes(face.read_bytes().replace("证".encode(), "証".encode(), 1))
    assert command(bag) == 1


@pytest.mark.parametrize("suffix", [".tar", ".zip"])
def test_the_same_files_give_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    first, again = (packed(FILES, tmp_path / f"{name}{suffix}") for name in ("first", "again"))
    assert (first.sha256, first.digest) == (again.sha256, again.digest)
    assert (tmp_path / f"first{suffix}").read_bytes() == (tmp_path / f"again{suffix}").read_bytes()
    other = packed({**FILES, "data/a.txt": b"One"}, tmp_path / f"other{suffix}")
    assert other.sha256 != first.sha256
    assert other.digest != first.digest


def test_what_is_told_of_it_is_so(tmp_path: Path) -> None:
    told = packed(FILES, tmp_path / "out.tar")
    data = (tmp_path / "out.tar").read_bytes()
    assert (told.sha256, told.size, told.files, told.octets) == (sha256(data).hex(), len(data), 2, 6)
    bag = unpacked(tmp_path / "out.tar", tmp_path / "opened")
    assert told.digest == sha256((bag / "tagmanifest-sha256.txt").read_bytes()).hex()
    read = bagit.Bag(str(bag))
    assert read.version_info == (1, 0)
    assert read.info["Payload-Oxum"] == "6.2"
    assert read.info["Bag-Size"] == "6.0 B"
    assert read.info["External-Description"].startswith("政务电子证照移交")


def test_tar_and_zip_hold_the_same_bag(tmp_path: Path) -> None:
    tar, zipped = (packed(FILES, tmp_path / name) for name in ("out.tar", "out.zip"))
    assert tar.digest == zipped.digest
    assert tar.sha256 != zipped.sha256


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("data/../x", b"")], "not a path"),
        ([("bagit.txt", b"")], "not a path"),
        ([("data/x", b""), ("data/x", b"")], "twice"),
        ([("data/x", b""), ("data/x/y", b"")], "twice"),
    ],
)
def test_a_path_stays_inside_and_comes_once(
    tmp_path: Path, files: list[tuple[str, bytes]], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        write(files, info(), str(tmp_path / "out.tar"))
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("out.gz", {}),
        ("out.tar", {"External-Identifier": "../x"}),
        ("out.tar", {"Contact-Name": "a\nPayload-Oxum: 0.0"}),
    ],
)
def test_names_and_labels_are_held_to_their_form(tmp_path: Path, name: str, changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"package|name|line"):
        write(FILES.items(), info() | changes, str(tmp_path / name))
    assert [*tmp_path.iterdir()] == []


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[tuple[str, bytes]]:
        yield "data/a", b""
        raise OSError("the archive did not answer")

    with pytest.raises(OSError, match="did not answer"):
        write(failing(), info(), str(tmp_path / "out.tar"))
    assert [*tmp_path.iterdir()] == []


def test_memory_does_not_grow_with_the_content(tmp_path: Path) -> None:
    def large() -> Iterator[tuple[str, bytes]]:
        yield from ((f"data/{number}", bytes(2_000_000)) for number in range(20))

    tracemalloc.start()
    write(large(), info(), str(tmp_path / "out.tar"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000  # of 40 MB


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    packed(FILES, tmp_path / "out.tar")
    return unpacked(tmp_path / "out.tar", tmp_path / "opened")


def test_a_valid_bag_has_no_fault(bag: Path) -> None:
    assert [*faults(bag)] == []


def test_a_declared_codec_is_not_obeyed(bag: Path) -> None:
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: zlib\n")
    assert [(one.kind, one.path) for one in faults(bag)] == [("invalid", "bagit.txt")]


def test_a_manifest_of_a_strange_algorithm_is_not_read(bag: Path) -> None:
    (bag / "manifest-shake_128.txt").write_text("00  data/a.txt\n")
    assert [(one.kind, one.path) for one in faults(bag)] == [("extra", "manifest-shake_128.txt")]


def test_a_tag_manifest_that_leaves_bag_info_out_is_told(bag: Path) -> None:
    path = bag / "tagmanifest-sha256.txt"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "bag-info" not in line))
    assert [(one.kind, one.path) for one in faults(bag)] == [("invalid", "tagmanifest-sha256.txt")]


def test_each_fault_of_a_file_is_told_at_its_place(bag: Path) -> None:
    (bag / "data/a.txt").write_bytes(b"One")
    assert [(one.kind, one.path) for one in faults(bag)] == [
        ("altered", "data/a.txt")
    ] * 2  # by each algorithm
    (bag / "data/a.txt").rename(bag / "data/d.txt")
    assert {(one.kind, one.path) for one in faults(bag)} == {
        ("missing", "data/a.txt"),
        ("extra", "data/d.txt"),
    }
    (bag / "data/d.txt").unlink()
    assert [one.kind for one in faults(bag)] == ["invalid"]  # the Oxum, before anything is hashed


def test_lines_that_the_library_takes_apart_unseen_are_a_fault(bag: Path) -> None:
    (bag / "bag-info.txt").write_text("Payload-Oxum: 6\n")
    assert [one.kind for one in faults(bag)] == ["invalid"]
    assert layout.is_path("bag-info.txt")
