"""Writes a bag (RFC 8493) as one tar or zip: the same files and the same info give the same bytes, wherever and whenever.

    files ─▶ temporary folder, hashed on the way ─▶ manifests, tag files ─▶ judged by `bagit` ─▶ archive ─▶ renamed into place

`bagit` judges but does not write: `make_bag` changes the directory of the whole process, declares version 0.97, lists
tag files as the disk happens to order them, and holds all lines in memory.
"""

import hashlib
import os
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Final

from chalicelib.adapters.bag_validation import ALGORITHMS, BAGIT, faults
from chalicelib.kernel.clock import start_of
from chalicelib.transfers.layout import is_path

AGENT: Final = "zhengzhao"
_CHUNK: Final = 1024 * 1024
_FILE_MODE: Final = 0o100644
_UNIX: Final = 3
_UNITS: Final = ("B", "KB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Written:
    """A package: the archive's SHA-256 and bytes, and the bag's own digest, the SHA-256 of `tagmanifest-sha256.txt`.

    The latter covers every byte of the bag whether it lies in a folder, a tar or a zip: it is what the log should name.
    """

    path: str
    sha256: str
    size: int
    digest: str
    files: int
    octets: int


def write(files: Iterable[tuple[str, bytes]], info: Mapping[str, str], out: str) -> Written:
    """The bag at `out`, which ends in `.tar` or `.zip`; `info` has Bagging-Date and External-Identifier, its folder's name.

    ValueError for a path that leaves `data/`, comes twice or is not a package's, for a label or value with a line end,
    or when `bagit` does not accept the result. `out` appears whole or not at all.
    """
    pack = {".tar": _tar, ".zip": _zip}.get(Path(out).suffix)
    if pack is None:
        raise ValueError("a package is a .tar or a .zip")
    name, day = info["External-Identifier"], date.fromisoformat(info["Bagging-Date"])
    if not is_path(name) or "/" in name:
        raise ValueError("not the name of a bag")
    with tempfile.TemporaryDirectory(prefix="bag-") as folder:
        octets, count = _payload(Path(folder), files)
        digest = _tag_files(Path(folder), info, octets, count)
        refused = next(faults(Path(folder)), None)
        if refused is not None:
            raise ValueError(f"not a valid bag: {refused.kind} {refused.path} {refused.said}")
        partial = Path(f"{out}.partial")
        try:
            pack(Path(folder), name, day, partial)
            sha256, size = _digest(partial, "sha256"), partial.stat().st_size
            partial.replace(out)  # a crash before leaves a file that nobody takes for a package
        finally:
            partial.unlink(missing_ok=True)
    return Written(out, sha256, size, digest, count, octets)


def _payload(folder: Path, files: Iterable[tuple[str, bytes]]) -> tuple[int, int]:
    """Bytes and number of files, written and listed in both manifests."""
    octets = count = 0
    (folder / "data").mkdir()  # RFC 8493 §2.1.2: there even when empty
    listings = [(folder / f"manifest-{one}.txt").open("wb") for one in ALGORITHMS]
    try:
        for path, content in files:
            _place(folder, path, content)
            for algorithm, listing in zip(ALGORITHMS, listings, strict=True):
                listing.write(f"{hashlib.new(algorithm, content).hexdigest()}  {path}\n".encode())
            octets, count = octets + len(content), count + 1
    finally:
        for listing in listings:
            listing.close()
    return octets, count


def _place(folder: Path, path: str, content: bytes) -> None:
    if not path.startswith("data/") or not is_path(path):
        raise ValueError(f"not a path of a package: {path!r}")
    try:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with (folder / path).open("xb") as file:
            file.write(content)
    except (FileExistsError, NotADirectoryError) as error:
        raise ValueError(f"twice in the package: {path!r}") from error


def _tag_files(folder: Path, info: Mapping[str, str], octets: int, count: int) -> str:
    """The declaration, bag-info and tag manifests; the digest of the first of these."""
    (folder / "bagit.txt").write_bytes(BAGIT)
    whole = {
        **info,
        "Bag-Software-Agent": AGENT,
        "Bag-Size": _size(octets),
        "Payload-Oxum": f"{octets}.{count}",
    }
    lines = [f"{label}: {value}" for label, value in whole.items()]
    if any(not line.isprintable() for line in lines):
        raise ValueError("bag-info.txt has one printable line a label")
    (folder / "bag-info.txt").write_bytes("".join(f"{line}\n" for line in lines).encode())
    tags = sorted(one.name for one in folder.iterdir() if one.is_file())
    for algorithm in ALGORITHMS:
        text = "".join(f"{_digest(folder / name, algorithm)}  {name}\n" for name in tags)
        (folder / f"tagmanifest-{algorithm}.txt").write_bytes(text.encode())
    return _digest(folder / "tagmanifest-sha256.txt", "sha256")


def _size(octets: int) -> str:
    """As people say it: RFC 8493 §2.2.2's Bag-Size."""
    amount, unit = float(octets), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:  # noqa: PLR2004  # the step from one unit to the next
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}"


def _digest(path: Path, algorithm: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _sorted(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file with its path below the folder: tag files first, then the payload, folder by folder in order of name."""
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(here, name)
            yield path.relative_to(folder).as_posix(), path


def _tar(folder: Path, name: str, day: date, out: Path) -> None:
    moment = int(start_of(day).timestamp())
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as archive:
        for path, source in _sorted(folder):
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size, member.mtime, member.mode = source.stat().st_size, moment, _FILE_MODE & 0o777
            with source.open("rb") as file:
                archive.addfile(member, file)


def _zip(folder: Path, name: str, day: date, out: Path) -> None:
    """Stored, not deflated: what a compressor makes differs from one zlib to the next."""
    moment = datetime.combine(day, time.min)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path, source in _sorted(folder):
            member = zipfile.ZipInfo(f"{name}/{path}", moment.timetuple()[:6])
            member.create_system, member.external_attr = _UNIX, _FILE_MODE << 16
            member.file_size = source.stat().st_size
            with source.open("rb") as file, archive.open(member, "w") as place:
                _copy(file, place)


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while chunk := source.read(_CHUNK):
        target.write(chunk)
