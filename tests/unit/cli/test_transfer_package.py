"""Archives made to harm whoever opens them: each is refused with its place, and nothing of it gets out."""

import io
import os
import shutil
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cli.inputs import Unreadable
from cli.transfer import run
from cli.transfer_findings import Kind
from cli.transfer_package import Hostile, Limits, opened
from tests.unit.transfers.workshop import SCOPE, Workshop, packed

Build = Callable[[Path], object]
GOOD = "T/data/a.txt"


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_STORED) -> Build:
    def build(path: Path) -> None:
        with zipfile.ZipFile(path, "w", compression) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zipfile warns of the names that are the point here
            for name, content in members:
                archive.writestr(name, content)

    return build


def linked(name: str, target: str) -> tuple[zipfile.ZipInfo, bytes]:
    """A symbolic link, as Info-ZIP writes it."""
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info, target.encode()


def tarred(*members: tuple[str, bytes, str]) -> Build:
    """Each member of a type of its own (b"0" is a file), with a link's target."""

    def build(path: Path) -> None:
        with tarfile.open(path, "w") as archive:
            for name, kind, content in members:
                member = tarfile.TarInfo(name)
                member.type = kind
                if kind == tarfile.REGTYPE:
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content.encode()))
                else:
                    member.linkname = content
                    archive.addfile(member)

    return build


def with_flag(flag: int) -> Build:
    """A zip whose directory claims something of its only member: bit 0, encrypted."""

    def build(path: Path) -> None:
        zipped((GOOD, b"x"))(path)
        data = bytearray(path.read_bytes())
        data[data.rfind(b"PK\x01\x02") + 8] |= flag
        path.write_bytes(data)

    return build


FILE = (GOOD, tarfile.REGTYPE, "x")
HOSTILE: Mapping[str, tuple[Kind, str, Build]] = {
    "a zip that climbs": (Kind.UNSAFE, "../evil", zipped((GOOD, b""), ("../evil", b"x"))),
    "a zip that climbs later": (Kind.UNSAFE, "T/../../evil", zipped(("T/../../evil", b"x"))),
    "a zip with an absolute path": (Kind.UNSAFE, "/evil", zipped(("/evil", b"x"))),
    "a zip with a drive": (Kind.UNSAFE, "C:/evil", zipped(("C:/evil", b"x"))),
    "a zip with backslashes": (Kind.UNSAFE, "..\\evil", zipped(("..\\evil", b"x"))),
    "a zip with a link": (Kind.UNSAFE, "T/data", zipped(linked("T/data", "/etc"))),
    "a zip with a hidden file": (Kind.UNSAFE, "T/.profile", zipped(("T/.profile", b""))),
    "a zip with another encoding": (Kind.UNSAFE, "T/照", zipped(("T/照", b""))),
    "a zip with a control character": (Kind.UNSAFE, "T/\x1b[2J", zipped(("T/\x1b[2J", b""))),
    "a zip with a secret": (Kind.UNSAFE, GOOD, with_flag(1)),
    "a zip in a compression that wants memory": (Kind.UNSAFE, GOOD, zipped((GOOD, b"x"), compression=zipfile.ZIP_LZMA)),
    "a zip with a name twice": (Kind.DUPLICATE, GOOD, zipped((GOOD, b"1"), (GOOD, b"2"))),
    "a zip with a name in both cases": (Kind.DUPLICATE, GOOD.upper(), zipped((GOOD, b"1"), (GOOD.upper(), b"2"))),
    "a zip with a file for a folder": (Kind.DUPLICATE, "T/a/b", zipped(("T/a", b"1"), ("T/a/b", b"2"))),
    "a zip with a folder for a file": (Kind.DUPLICATE, "T/a", zipped(("T/a/b", b"1"), ("T/a", b"2"))),
    "a zip bomb": (Kind.BOMB, GOOD, zipped((GOOD, bytes(80_000_000)), compression=zipfile.ZIP_DEFLATED)),
    "a tar that climbs": (Kind.UNSAFE, "../evil", tarred(FILE, ("../evil", tarfile.REGTYPE, "x"))),
    "a tar with an absolute path": (Kind.UNSAFE, "/evil", tarred(("/evil", tarfile.REGTYPE, "x"))),
    "a tar with a symbolic link": (Kind.UNSAFE, "T/data", tarred(("T/data", tarfile.SYMTYPE, "/etc"))),
    "a tar with a hard link": (Kind.UNSAFE, "T/b", tarred(FILE, ("T/b", tarfile.LNKTYPE, "/etc/passwd"))),
    "a tar with a device": (Kind.UNSAFE, "T/null", tarred(("T/null", tarfile.CHRTYPE, ""))),
    "a tar with a pipe": (Kind.UNSAFE, "T/pipe", tarred(("T/pipe", tarfile.FIFOTYPE, ""))),
    "a tar with holes": (Kind.UNSAFE, "T/holes", tarred(("T/holes", tarfile.GNUTYPE_SPARSE, ""))),
    "a tar with another encoding": (Kind.UNSAFE, "T/照", tarred(("T/照", tarfile.REGTYPE, "x"))),
    "a tar with a name twice": (Kind.DUPLICATE, GOOD, tarred(FILE, FILE)),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "place", "build"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_with_its_place(
    kind: Kind, place: str, build: Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    build(tmp_path / "in" / "package")
    with pytest.raises(Hostile) as refused, opened(str(tmp_path / "in" / "package")):
        pass
    assert (refused.value.finding.kind, refused.value.finding.place) == (kind, place)
    assert run(["verify", str(tmp_path / "in" / "package")]) == 1
    told = capsys.readouterr().out
    assert f"[{kind}]" in told
    assert all(char.isprintable() or char == "\n" for char in told)
    assert {path.name for path in tmp_path.rglob("*")} == {"in", "package"}


@pytest.mark.parametrize("build", [zipped((GOOD, b"x")), tarred(FILE), tarred((".", tarfile.DIRTYPE, ""), ("./T", tarfile.DIRTYPE, ""), ("./" + GOOD, tarfile.REGTYPE, "x"))])  # fmt: skip
def test_an_honest_archive_is_opened_and_cleared_away(build: Build, tmp_path: Path) -> None:
    build(tmp_path / "package")
    with opened(str(tmp_path / "package")) as folder:
        assert (folder / "data" / "a.txt").read_bytes() == b"x"
    assert not folder.exists()


@pytest.mark.parametrize(
    "build", [zipped(("T/a", b""), ("T/b", b"")), tarred(("T/a", b"0", ""), ("T/b", b"0", ""))]
)
def test_more_files_than_a_package_has_are_a_bomb(build: Build, tmp_path: Path) -> None:
    build(tmp_path / "package")
    with pytest.raises(Hostile) as refused, opened(str(tmp_path / "package"), Limits(files=1)):
        pass
    assert refused.value.finding.kind is Kind.BOMB
    with opened(str(tmp_path / "package"), Limits(files=8)) as folder:
        assert len([*folder.iterdir()]) == 2


def test_a_zip_with_a_comment_is_measured_as_it_is_read(tmp_path: Path) -> None:
    zipped(*((f"T/{number}", b"") for number in range(9)))(tmp_path / "package")
    with zipfile.ZipFile(tmp_path / "package", "a") as archive:
        archive.comment = b"PK\x05 a comment"
    with pytest.raises(Hostile), opened(str(tmp_path / "package"), Limits(files=8)):
        pass
    with opened(str(tmp_path / "package"), Limits(files=90)) as folder:
        assert len([*folder.iterdir()]) == 9


def test_a_large_zip_s_directory_is_measured_where_it_stands(tmp_path: Path) -> None:
    zipped(*((f"T/{number}", b"") for number in range(70_000)))(tmp_path / "package")  # beyond 65 535: zip64
    with pytest.raises(Hostile) as refused, opened(str(tmp_path / "package"), Limits(files=70_000)):
        pass
    assert "directory" in refused.value.finding.seen


def test_what_comes_out_is_counted_whatever_the_archive_says(tmp_path: Path) -> None:
    zipped((GOOD, bytes(1000)))(tmp_path / "package")
    with pytest.raises(Hostile) as refused, opened(str(tmp_path / "package"), Limits(octets=999)):
        pass
    assert refused.value.finding.kind is Kind.BOMB
    with opened(str(tmp_path / "package"), Limits(octets=1000)):
        pass


def truncated(build: Build, size: int) -> Build:
    def cut(path: Path) -> None:
        build(path)
        path.write_bytes(path.read_bytes()[:size])

    return cut


def endless_header(path: Path) -> None:
    """A tar whose extended header alone has 8 MB."""
    with tarfile.open(
        path, "w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "x" * 8_000_000}
    ) as archive:
        archive.addfile(tarfile.TarInfo("T"))


def backward_header(path: Path) -> None:
    """A tar that says that its member ends before it began."""
    member = tarfile.TarInfo("T/a")
    member.pax_headers = {"size": "-1024"}
    path.write_bytes(member.tobuf(tarfile.PAX_FORMAT) + bytes(1024))


BROKEN: Mapping[str, Build] = {
    "cut off zip": truncated(zipped((GOOD, b"x" * 5000)), 4000),
    "cut off tar": truncated(tarred((GOOD, tarfile.REGTYPE, "x" * 5000)), 3000),
    "noise after a zip's magic": lambda path: path.write_bytes(b"PK\x03\x04" + b"x" * 600),
    "noise with a tar's magic": lambda path: path.write_bytes(b"x" * 257 + b"ustar" + b"x" * 600),
    "a tar with a header without end": endless_header,
    "a tar that leads backwards": backward_header,
    "a compressed tar": lambda path: path.write_bytes(b"\x1f\x8b" + b"x" * 600),
    "nothing": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("build", BROKEN.values(), ids=BROKEN)
def test_a_broken_archive_is_unreadable(build: Build, tmp_path: Path) -> None:
    build(tmp_path / "package")
    with pytest.raises(Unreadable), opened(str(tmp_path / "package")):
        pass
    assert run(["verify", str(tmp_path / "package")]) == 2


# ── folders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    packed(Workshop().files(), tmp_path / "out.zip")
    shutil.unpack_archive(tmp_path / "out.zip", tmp_path / "opened")
    return tmp_path / "opened"


def link_out(folder: Path) -> None:
    (folder / "link").symlink_to("/etc/passwd")


def link_round(folder: Path) -> None:
    (folder / "link").symlink_to(folder, target_is_directory=True)


def pipe(folder: Path) -> None:
    os.mkfifo(folder / "link")


@pytest.mark.parametrize("spoil", [link_out, link_round, pipe])
def test_a_folder_holds_only_folders_and_files(spoil: Callable[[Path], None], folder: Path) -> None:
    assert run(["verify", str(folder)]) == 0
    spoil(folder / SCOPE.id / "data" / "trust")
    with pytest.raises(Hostile) as refused, opened(str(folder)):
        pass
    assert refused.value.finding == (Kind.UNSAFE, f"{SCOPE.id}/data/trust/link", "")
    assert run(["verify", str(folder)]) == 1


def test_a_folder_has_its_limit_too(folder: Path) -> None:
    with pytest.raises(Hostile) as refused, opened(str(folder), Limits(files=3)):
        pass
    assert refused.value.finding.kind is Kind.BOMB
