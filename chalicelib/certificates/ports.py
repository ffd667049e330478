"""What certificates need from the world."""

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from chalicelib.audit.retention import Retention
from chalicelib.certificates.model import ArchivedObject, CertificateRecord


class CertificateStore(Protocol):
    """Records; every read is consistent. Writing goes through the journal."""

    def certificate(self, identifier: str) -> CertificateRecord | None:
        """One record."""
        ...

    def issued(self, type_code: str, first: date, last: date) -> Iterator[tuple[date, str]]:
        """(date of issue, identifier) of each certificate of the type ever issued with a date in [first, last].

        In order of identifier. What is issued meanwhile may be there or not.
        """
        ...


class Archive(Protocol):
    """The locked bucket: what is archived first wins, and nothing is ever overwritten (invariant 4)."""

    def put(self, key: str, body: bytes, content_type: str, retention: Retention) -> ArchivedObject:
        """Durable and locked as `retention` says when it returns.

        When the key exists, whatever its content, nothing is written and the object that is there is returned: the
        caller compares hashes, or adopts it by reading it.
        """
        ...

    def get(self, archived: ArchivedObject) -> bytes:
        """The very version archived; DomainError("archive_damaged") when its SHA-256 differs."""
        ...

    def read(self, key: str, sha256: str) -> bytes:
        """What is archived under a key that the log names by its hash (hex).

        DomainError("archive_damaged") when it is not there, or its SHA-256 differs.
        """
        ...


class BlindIndex(Protocol):
    """Keyed hashes of personal data, so that it can be looked up without being a key in the clear (decision 11)."""

    def of(self, purpose: str, *parts: str) -> str:
        """HMAC-SHA-256 in hex over the purpose and parts, unambiguously framed."""
        ...
