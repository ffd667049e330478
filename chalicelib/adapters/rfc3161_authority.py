"""`TimestampAuthority` by RFC 3161 over HTTP (§3.4), and the check of its tokens, which needs no network.

What is kept is the whole TimeStampResp with the authority's certificates in it: `openssl ts -verify` reads it too, in
twenty years as today, because a chain is judged at the time that the token states.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from chalicelib.adapters.anchor_http import TIMEOUT, checked_url, post
from chalicelib.audit.anchors import AnchorUnavailable, AnchorUntrue
from chalicelib.kernel.encoding import sha256

SHA256_ALGORITHM: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_MARK: Final = "-----BEGIN "
_HEADERS: Final = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
# What the libraries below throw at a token that is not one. Not all of it is a ValueError.
_BROKEN: Final = (
    ValueError,
    VerificationError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


def verify_timestamp(
    token: bytes, digest: bytes, roots: Sequence[x509.Certificate], nonce: int | None = None
) -> datetime:
    """When the authority saw this SHA-256 digest, UTC. ValueError, with the reason, when the token does not prove it.

    The signer's chain must lead to one of `roots` at that time and be for time-stamping (RFC 3161 §2.3); certificates
    among `roots` that are not self-issued may stand between. No network, no clock.
    """
    if len(digest) != SHA256.digest_size:
        raise ValueError("not a SHA-256 digest")
    try:
        response = decode_timestamp_response(token)
        _check(response, digest, roots, nonce)
        return response.tst_info.gen_time.astimezone(UTC)
    except _BROKEN as error:
        raise ValueError(f"the timestamp does not verify: {error}") from error


def _check(
    response: TimeStampResponse, digest: bytes, roots: Sequence[x509.Certificate], nonce: int | None
) -> None:
    # The library compares 32 bytes with 32 bytes; which hash they are of, it does not ask.
    if response.tst_info.message_imprint.hash_algorithm != SHA256_ALGORITHM:
        raise ValueError("it is over another kind of digest")
    between = [one for one in roots if not _self_issued(one)]
    wrong: Exception = ValueError("no root certificate to trust")
    # One root at a time: of two by one name, as a renewed root and the old one, OpenSSL looks at whichever comes first.
    for root in filter(_self_issued, roots):
        verifier = VerifierBuilder(roots=[root], intermediates=between, nonce=nonce).build()
        try:
            verifier.verify(response, digest)
        except _BROKEN as error:
            wrong = error
        else:
            return
    raise wrong


def _self_issued(certificate: x509.Certificate) -> bool:
    return certificate.issuer == certificate.subject


def read_roots(text: str) -> tuple[x509.Certificate, ...]:
    """Certificates from PEM, or from the file of that path. ValueError when no root is there, OSError for the file."""
    pem = text if _MARK in text else Path(text).read_text(encoding="ascii")
    found = tuple(x509.load_pem_x509_certificates(pem.encode()))
    if not any(map(_self_issued, found)):
        raise ValueError("no root certificate to trust")
    return found


def parse_authority(url: str, roots: str) -> "Rfc3161Authority | None":
    """The configured authority; None when there is no address. ValueError for an address without roots to trust."""
    if not url.strip():
        return None
    if not roots.strip():
        raise ValueError("a time-stamping authority without root certificates proves nothing")
    # Plain HTTP may do: what goes there is a digest of a public file, what comes back is signed and bears our nonce.
    return Rfc3161Authority(checked_url(url.strip(), plain=True), read_roots(roots.strip()))


class Rfc3161Authority:
    """`TimestampAuthority`. An answer that does not verify against `roots` is never handed on."""

    def __init__(self, url: str, roots: Sequence[x509.Certificate], timeout: float = TIMEOUT) -> None:
        self._url, self._roots, self._timeout = url, tuple(roots), timeout

    def timestamp(self, digest: bytes) -> bytes:
        """See `TimestampAuthority.timestamp`."""
        body, nonce = _request(digest)
        answer = post(self._url, self._url, body, _HEADERS, self._timeout)
        if answer.status != HTTPStatus.OK:
            raise AnchorUnavailable(self._url, f"status {answer.status}")
        try:
            verify_timestamp(answer.body, digest, self._roots, nonce)
        except ValueError as error:
            raise AnchorUntrue(self._url, str(error)) from error
        return answer.body


def _request(digest: bytes) -> tuple[bytes, int | None]:
    """A DER TimeStampReq over this very digest, and its nonce. The certificates are asked for."""
    if len(digest) != SHA256.digest_size:
        raise ValueError("not a SHA-256 digest")
    # The library hashes what it is given; its hash makes way for the digest, which is as long.
    request = TimestampRequestBuilder().data(digest).hash_algorithm(HashAlgorithm.SHA256).build()
    return request.as_bytes().replace(sha256(digest), digest, 1), request.nonce
