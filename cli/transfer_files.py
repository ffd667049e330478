"""The files of an opened package: a valid bag, a manifest that can be read, and each against the other, both ways."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from chalicelib.adapters.bag_validation import faults
from chalicelib.transfers import layout
from chalicelib.transfers.listing import listing
from chalicelib.transfers.manifest import Certificate, Listed, Manifest
from chalicelib.transfers.model import Scope
from cli.transfer_findings import Finding, Kind

LARGEST_MANIFEST: Final = 512 * 1024 * 1024
BAG_INFO: Final = "bag-info.txt"
TAG_MANIFEST: Final = "tagmanifest-sha256.txt"
_KINDS: Final = {
    "altered": Kind.ALTERED,
    "missing": Kind.MISSING,
    "extra": Kind.EXTRA,
    "invalid": Kind.BAG_INVALID,
}


def bag(folder: Path) -> Iterator[Finding]:
    """What `bagit` says."""
    for fault in faults(folder):
        yield Finding(_KINDS[fault.kind], fault.path, fault.said)


def digest(folder: Path) -> str:
    """The bag's digest: the SHA-256 of its first tag manifest, or nothing when there is none."""
    path = folder / TAG_MANIFEST
    return _sha256(path) if path.is_file() else ""


def manifest(folder: Path) -> Manifest:
    """The manifest; ValueError when there is none that can be read."""
    path = folder / layout.MANIFEST
    if not path.is_file() or path.stat().st_size > LARGEST_MANIFEST:
        raise ValueError("not there, or too large")
    return Manifest.parse(path.read_bytes())


def described(folder: Path, scope: Scope) -> Iterator[Finding]:
    """bag-info.txt names the same transfer as the manifest, once."""
    path = folder / BAG_INFO
    lines = path.read_bytes().decode("utf-8", "replace").splitlines() if path.is_file() else []
    for label, value in layout.described(scope).items():
        if [line for line in lines if line.startswith(f"{label}:")] != [f"{label}: {value}"]:
            yield Finding(Kind.INFO_DIFFERS, BAG_INFO, label)


def listed_for_people(folder: Path, read: Manifest) -> Iterator[Finding]:
    """manifest.csv is what the manifest makes it; when it is missing, that is told elsewhere."""
    path = folder / layout.LISTING
    shown = Manifest(read.scope, (), read.certificates)
    if path.is_file() and path.read_bytes() != listing(shown):
        yield Finding(Kind.LISTING_DIFFERS, layout.LISTING)


def against_manifest(folder: Path, listed: Iterable[Listed]) -> Iterator[Finding]:
    """Each listed file is there, as it was listed."""
    for one in listed:
        path = folder / one.path
        if not layout.is_path(one.path) or not one.path.startswith("data/") or not path.is_file():
            yield Finding(Kind.MISSING, one.path)
        elif path.stat().st_size != one.size or _sha256(path) != one.sha256:
            yield Finding(Kind.ALTERED, one.path)


def against_files(folder: Path, read: Manifest) -> Iterator[Finding]:
    """Each file of the payload is listed."""
    known = {layout.MANIFEST, *(one.path for one in read.listed())}
    for here, _, names in os.walk(folder / "data"):
        for name in names:
            path = Path(here, name).relative_to(folder).as_posix()
            if path not in known:
                yield Finding(Kind.EXTRA, path)


def complete(certificate: Certificate) -> Iterator[Finding]:
    """A certificate lists what each has: credential, face, type metadata, a submission, its log entries with proofs."""
    at = layout.folder(certificate.identifier)
    paths = {one.path for one in certificate.files}
    needed = {at + name for name in (layout.CREDENTIAL, layout.FACE, layout.TYPE_METADATA)}
    for index in certificate.log:
        needed |= {
            layout.entry_path(certificate.identifier, index),
            layout.proof_path(certificate.identifier, index),
        }
    yield from (Finding(Kind.INCOMPLETE, path) for path in sorted(needed - paths))
    if not any(path.startswith(f"{at}submissions/") for path in paths):
        yield Finding(Kind.INCOMPLETE, f"{at}submissions/")
    if not certificate.log:
        yield Finding(Kind.INCOMPLETE, f"{at}log/")
    for path in sorted(paths - needed):
        if not path.startswith(at) or path.startswith(f"{at}log/"):
            yield Finding(Kind.INCOMPLETE, path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
