"""Opening a package that somebody else packed: a folder, a zip or a tar, taken for hostile until every name was seen.

Only plain files under names that the format uses come out; the first other thing ends it. What comes out is counted as it
comes, whatever the archive says of itself. Unreadable is what is no archive, or a broken one.
"""

import os
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from chalicelib.transfers.layout import is_path
from cli.inputs import Unreadable
from cli.transfer_findings import Finding, Kind

_CHUNK: Final = 1024 * 1024
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_MAGIC: Final = slice(257, 262)
_HEADERS_BETWEEN: Final = 4 * _CHUNK  # what a tar may say between two files before it is an attack
_ENTRY: Final = 46  # bytes of a zip's directory that an entry takes at least
_END: Final = 22  # bytes of the record that ends a zip
_LOCATOR64: Final = 20  # bytes of what stands before it in a large one
_END64: Final = 56 + _LOCATOR64  # and of the larger record before that


class Hostile(Exception):
    """The package is not opened any further; `finding` says what it held."""

    def __init__(self, kind: Kind, place: str, seen: str = "") -> None:
        super().__init__(place)
        self.finding = Finding(kind, place, seen)


@dataclass(frozen=True, slots=True)
class Limits:
    """No package is larger. `ratio` is unpacked bytes to packed ones, beyond the first `slack` bytes."""

    files: int = 2_000_000
    octets: int = 256 * 1024**3
    ratio: int = 100
    slack: int = 64 * 1024**2


@contextmanager
def opened(path: str, limits: Limits | None = None) -> Iterator[Path]:
    """The folder of the bag. Raises Hostile or Unreadable; what was unpacked is gone when the context ends."""
    try:
        if Path(path).is_dir():
            yield _bag(_inspected(Path(path), limits or Limits()))
            return
        with tempfile.TemporaryDirectory(prefix="transfer-") as place:
            _unpack(Path(path), Path(place), limits or Limits())
            yield _bag(Path(place))
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from error


def _bag(folder: Path) -> Path:
    """The bag itself: an archive holds it in one folder of its name (RFC 8493 §4), and so may a folder."""
    inside = [*folder.iterdir()]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() and inside[0].name != "data" else folder


def _inspected(folder: Path, limits: Limits) -> Path:
    """The folder, when there is nothing in it but folders and plain files; links are not followed."""
    count = 0
    for here, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path, count = Path(here, name), count + 1
            shown, mode = path.relative_to(folder).as_posix(), path.lstat().st_mode
            if not is_path(shown) or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise Hostile(Kind.UNSAFE, shown)
            if count > limits.files:
                raise Hostile(Kind.BOMB, shown, f"more than {limits.files} files")
    return folder


@dataclass(slots=True)
class _Place:
    """Where files come out, and how many have."""

    folder: Path
    packed: int
    limits: Limits
    octets: int = 0
    names: set[str] = field(default_factory=set)

    def admit(self, name: str, *, plain: bool) -> None:
        """Refuse what no package has: another name, another kind of file, the same name in whatever case."""
        if not plain or not is_path(name):
            raise Hostile(Kind.UNSAFE, name)
        if name.casefold() in self.names:
            raise Hostile(Kind.DUPLICATE, name)
        self.names.add(name.casefold())
        if len(self.names) > self.limits.files:
            raise Hostile(Kind.BOMB, name, f"more than {self.limits.files} files")

    def take(self, name: str, source: IO[bytes]) -> None:
        """Write one file out, counting."""
        target = self.folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                while chunk := source.read(_CHUNK):
                    self._count(name, len(chunk))
                    file.write(chunk)
        except (FileExistsError, NotADirectoryError) as error:  # a file where another one's folder is
            raise Hostile(Kind.DUPLICATE, name) from error

    def _count(self, name: str, more: int) -> None:
        self.octets += more
        limits = self.limits
        if self.octets > min(limits.octets, limits.slack + limits.ratio * self.packed):
            raise Hostile(Kind.BOMB, name, f"{self.octets} bytes out of {self.packed}")


def _unpack(path: Path, folder: Path, limits: Limits) -> None:
    """By what the file begins with: a file that is both must not be one thing here and another elsewhere."""
    with path.open("rb") as file:
        head = file.read(512)
        file.seek(0)
        place = _Place(folder, path.stat().st_size, limits)
        try:
            if head.startswith(_ZIP):
                _unzip(file, place)
            elif head[_TAR_MAGIC] == b"ustar":
                _untar(file, place)
            else:
                raise Unreadable(f"{path}: neither a folder nor a zip nor a tar")
        except (
            zipfile.BadZipFile,
            tarfile.TarError,
            zlib.error,
            EOFError,
            ValueError,
            NotImplementedError,
        ) as error:
            raise Unreadable(f"{path}: a broken archive: {error}") from error


def _unzip(file: IO[bytes], place: _Place) -> None:
    _bounded_directory(file, place)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        for member in members:
            place.admit(member.orig_filename.removesuffix("/"), plain=_is_plain(member))
        for member in members:
            if not member.is_dir():
                with archive.open(member) as source:
                    place.take(member.filename, source)


def _bounded_directory(file: IO[bytes], place: _Place) -> None:
    """`zipfile` reads the directory whole: one with more entries than there may be files is not read at all."""
    file.seek(max(0, place.packed - _END - 0xFFFF))
    tail = file.read()
    file.seek(0)
    at = len(tail) - _END
    if not (
        tail[at:].startswith(b"PK\x05\x06") and tail.endswith(b"\0\0")
    ):  # a comment follows, as zipfile sees it
        at = tail.rfind(b"PK\x05\x06")
    size = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if at >= _END64 and tail[at - _LOCATOR64 :].startswith(b"PK\x06\x07"):
        size = max(size % 0xFFFFFFFF, int.from_bytes(tail[at - _END64 + 40 : at - _END64 + 48], "little"))
    if size > place.limits.files * _ENTRY:
        raise Hostile(Kind.BOMB, "", f"a directory of {size} bytes")


def _is_plain(member: zipfile.ZipInfo) -> bool:
    """A file or folder, not encrypted, in a compression that cannot ask for gigabytes of memory."""
    mode = stat.S_IFMT(member.external_attr >> 16)
    kinds = (0, stat.S_IFDIR) if member.is_dir() else (0, stat.S_IFREG)
    methods = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return mode in kinds and not member.flag_bits & 1 and member.compress_type in methods


class _Metered:
    """A file that may be read only so far until it is told to go on: headers of a tar are read into memory whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.left = _HEADERS_BETWEEN

    def read(self, size: int) -> bytes:
        """At most `size` bytes; tarfile.ReadError when the allowance is used up."""
        data = self._file.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise tarfile.ReadError("headers without end")
        return data


def _untar(file: IO[bytes], place: _Place) -> None:
    """As a stream, never back: so no header leads in a circle."""
    source = _Metered(file)
    with tarfile.open(fileobj=source, mode="r|", bufsize=_CHUNK) as archive:  # type: ignore[call-overload]  # all it asks is `read`
        for member in archive:
            name = member.name.removeprefix("./")
            if name == "." and member.isdir():
                continue
            plain = (member.isreg() and not member.issparse()) or member.isdir()
            place.admit(name, plain=plain)
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None:
                source.left += member.size
                place.take(name, content)
            source.left = _HEADERS_BETWEEN
            archive.members = []  # it remembers each member otherwise
