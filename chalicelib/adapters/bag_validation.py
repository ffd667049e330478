"""Whether a folder is a valid bag (RFC 8493), judged by the Library of Congress's `bagit`.

Of what that library would read, the parts that decide how it reads are fixed first: `bagit.txt` word for word (it names a
codec, and Python has codecs that unpack bombs), and the names of the files beside `data`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal, NamedTuple

import bagit

BAGIT: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
ALGORITHMS: Final = ("sha256", "sha512")  # RFC 8493 §2.4: both must be understood
TAG_FILES: Final = frozenset(
    {
        "bagit.txt",
        "bag-info.txt",
        *(f"manifest-{one}.txt" for one in ALGORITHMS),
        *(f"tagmanifest-{one}.txt" for one in ALGORITHMS),
    }
)

TAG_MANIFESTS: Final = frozenset(one for one in TAG_FILES if one.startswith("tagmanifest-"))
_LARGEST_TAG_MANIFEST: Final = 4096

Kind = Literal["altered", "missing", "extra", "invalid"]


class Fault(NamedTuple):
    """What is wrong with a bag: at which path ("" for the bag itself), and what the library says."""

    kind: Kind
    path: str
    said: str


def faults(folder: Path) -> Iterator[Fault]:
    """Every fault; none when the bag is valid. Reads every file; memory grows with their number (1 KB each), not their size."""
    strange = [*_strange(folder)]
    yield from strange
    if strange:
        return  # what the library would make of it is not known
    with _silent():
        try:
            bagit.Bag(str(folder)).validate()
        except bagit.BagValidationError as error:
            yield from map(_fault, error.details) if error.details else [Fault("invalid", "", str(error))]
        except (bagit.BagError, ValueError, OSError) as error:  # ValueError: lines that it takes apart unseen
            yield Fault("invalid", "", str(error))


def _strange(folder: Path) -> Iterator[Fault]:
    there = {one.name for one in folder.iterdir()} - {"data"}
    yield from (Fault("missing", name, "a tag file of every package") for name in sorted(TAG_FILES - there))
    yield from (Fault("extra", name, "no tag file of a package") for name in sorted(there - TAG_FILES))
    if "bagit.txt" in there and not _declares(folder / "bagit.txt"):
        yield Fault("invalid", "bagit.txt", "another declaration than that of BagIt 1.0 in UTF-8")
    for tags in sorted(TAG_MANIFESTS & there):
        # RFC 8493 lets a tag manifest leave files out; then its digest would not be that of the bag.
        if _named(folder / tags) != TAG_FILES - TAG_MANIFESTS:
            yield Fault("invalid", tags, "does not list the other tag files")


def _named(path: Path) -> set[str]:
    with path.open("rb") as file:
        text = file.read(_LARGEST_TAG_MANIFEST).decode("utf-8", "replace")
    return {line.split(maxsplit=1)[-1].strip() for line in text.splitlines() if line.strip()}


def _declares(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(BAGIT) + 1) == BAGIT


_KINDS: Final[tuple[tuple[type, Kind], ...]] = (
    (bagit.FileMissing, "missing"),
    (bagit.UnexpectedFile, "extra"),
    (bagit.ChecksumMismatch, "altered"),
)


def _fault(detail: bagit.ManifestErrorDetail) -> Fault:
    kind: Kind = next((kind for known, kind in _KINDS if isinstance(detail, known)), "invalid")
    return Fault(kind, str(detail.path), "")


@contextmanager
def _silent() -> Iterator[None]:
    """The library logs every file it reads, and shows names as they are."""
    log = logging.getLogger("bagit")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before
