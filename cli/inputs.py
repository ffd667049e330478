"""What a command reads: named files, bounded; and public documents of one platform, when asked to fetch them."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

MOST_BYTES: Final = 1024 * 1024
TIMEOUT_SECONDS: Final = 10
NOT_FOUND: Final = 404


class Unreadable(Exception):
    """A file or document that the command cannot go on without; the message says which and why."""


def read_bytes(path: str) -> bytes:
    """The file, if it is one of at most 1 MB."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from error
    if len(data) > MOST_BYTES:
        raise Unreadable(f"{path}: larger than 1 MB")
    return data


def read_text(path: str) -> str:
    """The file as text; what is not UTF-8 becomes a character that no credential contains."""
    return read_bytes(path).decode("utf-8", "replace")


def credentials(paths: list[str]) -> Iterator[str]:
    """The files named; of a folder its `*.sd-jwt`, in order of name."""
    for path in paths:
        if not Path(path).is_dir():
            yield path
            continue
        found = sorted(str(one) for one in Path(path).glob("*.sd-jwt"))
        if not found:
            raise Unreadable(f"{path}: no *.sd-jwt in this folder")
        yield from found


def read_roots(path: str) -> list[x509.Certificate]:
    """The certificate authorities in a PEM file."""
    try:
        found = [one for one in x509.load_pem_x509_certificates(read_bytes(path)) if _is_authority(one)]
    except ValueError as error:
        raise Unreadable(f"{path}: not certificates in PEM") from error
    if not found:
        raise Unreadable(f"{path}: no certificate authority in it")
    return found


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False


def as_der(crl: bytes) -> bytes:
    """A CRL in DER, whichever way it was written."""
    if not crl.lstrip().startswith(b"-----BEGIN"):
        return crl
    try:
        return x509.load_pem_x509_crl(crl).public_bytes(Encoding.DER)
    except ValueError:
        return crl  # the verdict says what is wrong with it


def moment(text: str) -> datetime:
    """RFC 3339 with its offset from UTC; ValueError otherwise: a time without one means nothing to a stranger."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("no offset from UTC")
    return parsed.astimezone(UTC)


class PublicDocuments:
    """What the platform at `base_url` publishes. Nothing about the credential is sent but which documents are wanted."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise Unreadable(f"{base_url}: not an http(s) URL")
        self._base = base_url.rstrip("/")

    def find(self, path: str) -> bytes | None:
        """The document at this path under the base address, or None when the platform says that there is none."""
        try:
            return self.get(path)
        except Unreadable as error:
            if isinstance(error.__cause__, urllib.error.HTTPError) and error.__cause__.code == NOT_FOUND:
                return None
            raise

    def get(self, address: str) -> bytes:
        """The document at the path of `address`, on this platform whatever host the address names."""
        path = urlsplit(address).path
        try:
            with urllib.request.urlopen(self._base + path, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  # http(s) alone: see __init__
                data = bytes(answer.read(MOST_BYTES + 1))
        except (OSError, ValueError, urllib.error.URLError) as error:
            raise Unreadable(f"{self._base}{path}: {error}") from error
        if len(data) > MOST_BYTES:
            raise Unreadable(f"{self._base}{path}: larger than 1 MB")
        return data
