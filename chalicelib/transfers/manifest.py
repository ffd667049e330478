"""`data/manifest.json`: every certificate and every other file of the package, with SHA-256; free of personal data.

A certificate's number and holder stay in the credential: a number may itself be a resident's (an identity card's is).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from chalicelib.certificates.model import State
from chalicelib.kernel.clock import parse_timestamp, timestamp
from chalicelib.kernel.encoding import Json, canonical_json, parse_object, sha256
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.reading import array, count, members, text
from chalicelib.transfers.model import STATES, File, Scope

FORMAT: Final = "zhengzhao-transfer/1"
_HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of the package: path below the bag, SHA-256 in hex, bytes."""

    path: str
    sha256: str
    size: int

    @classmethod
    def of(cls, file: File) -> Self:
        """As it would be listed."""
        return cls(file.path, sha256(file.content).hex(), len(file.content))

    def document(self) -> dict[str, Json]:
        """As JSON values."""
        return {"path": self.path, "sha256": self.sha256, "size": self.size}


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate's line: what it is, its state at the hand-over, its files, and where its history is in the log."""

    identifier: str
    type_code: str
    issue_date: date
    state: State
    files: tuple[Listed, ...]
    log: tuple[int, ...]

    def document(self) -> dict[str, Json]:
        """As JSON values."""
        return {
            "identifier": self.identifier,
            "type_code": self.type_code,
            "issue_date": self.issue_date.isoformat(),
            "state": str(self.state),
            "files": [one.document() for one in self.files],
            "log": [*self.log],
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole: `files` are those that belong to no certificate, the manifest itself left out."""

    scope: Scope
    files: tuple[Listed, ...]
    certificates: tuple[Certificate, ...]

    def listed(self) -> Iterator[Listed]:
        """Every file named."""
        yield from self.files
        for certificate in self.certificates:
            yield from certificate.files

    def canonical(self) -> bytes:
        """The file's bytes (RFC 8785)."""
        return canonical_json(
            {
                "format": FORMAT,
                "transfer": _scope(self.scope),
                "files": [one.document() for one in self.files],
                "certificates": [one.document() for one in self.certificates],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The inverse. ValueError for anything but the canonical bytes of a manifest of this format."""
        try:
            said = parse_object(data)
            found = cls(
                _read_scope(members(said["transfer"])),
                tuple(_read_listed(one) for one in array(said["files"])),
                tuple(_read_certificate(one) for one in array(said["certificates"])),
            )
        except (Invalid, KeyError, TypeError, ValueError) as error:
            raise ValueError("not a manifest") from error
        names, paths = [one.identifier for one in found.certificates], [one.path for one in found.listed()]
        if names != sorted(set(names)) or len(set(paths)) != len(paths):
            raise ValueError("a certificate or file is out of order or twice there")
        if any(one.type_code != found.scope.type_code for one in found.certificates):
            raise ValueError("a certificate of another type")
        if found.canonical() != data:  # unknown members, another order, numbers spelt otherwise
            raise ValueError("not a manifest in its only spelling")
        return found


def _scope(scope: Scope) -> dict[str, Json]:
    return {
        "id": scope.id,
        "type_code": scope.type_code,
        "type_name": scope.type_name,
        "first": scope.first.isoformat(),
        "last": scope.last.isoformat(),
        "at": timestamp(scope.at),
        "source_code": scope.source_code,
        "source_name": scope.source_name,
        "part": scope.part,
        "parts": scope.parts,
    }


def _read_scope(said: dict[str, Json]) -> Scope:
    return Scope(
        id=text(said["id"]),
        type_code=text(said["type_code"]),
        type_name=text(said["type_name"]),
        first=date.fromisoformat(text(said["first"])),
        last=date.fromisoformat(text(said["last"])),
        at=parse_timestamp(text(said["at"])),
        source_code=text(said["source_code"]),
        source_name=text(said["source_name"]),
        part=count(said["part"]),
        parts=count(said["parts"]),
    )


def _read_listed(value: Json) -> Listed:
    said = members(value)
    digest = text(said["sha256"])
    if not _HASH.fullmatch(digest):
        raise ValueError("not a SHA-256 in hex")
    return Listed(text(said["path"]), digest, count(said["size"]))


def _read_certificate(value: Json) -> Certificate:
    said = members(value)
    state = State(text(said["state"]))
    if state not in STATES:
        raise ValueError("not a state in which a certificate is handed over")
    return Certificate(
        text(said["identifier"]),
        text(said["type_code"]),
        date.fromisoformat(text(said["issue_date"])),
        state,
        tuple(_read_listed(one) for one in array(said["files"])),
        tuple(count(one) for one in array(said["log"])),
    )
