"""Is this credential genuine? Every check is made and reported; the worst decides (see `verdict.Result`).

    v = Verifier(roots)                       anchors are the asker's decision, never the file's
    v.verify(text, Evidence(at, …)) ─▶ Verdict

A verifier keeps what it has read of headers, status lists, CRLs and metadata, the latest few of each, so that many files
cost little more than their signatures. It is safe for threads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography import x509

from chalicelib.kernel.encoding import Json, integrity, parse_object, unb64url
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.sd_jwt import parse_sd_jwt
from chalicelib.verification import checks
from chalicelib.verification.checks import Evidence, Subject
from chalicelib.verification.revocation import RevocationList, read_crl
from chalicelib.verification.signed import Header, read_header
from chalicelib.verification.status_list import StatusList, read_status_list
from chalicelib.verification.verdict import Check, Verdict, failed, not_checked, passed

HEADERS_KEPT: Final = 256  # at most 64 KB each: a unit's certificates share one
LISTS_KEPT: Final = 8  # at most 8 MiB each


@dataclass(frozen=True, slots=True)
class Reading:
    """A credential's content, once its form was whole: for whoever goes on from the verdict.

    `disclosed` is empty when a disclosure was not covered by the signature.
    """

    claims: Mapping[str, Json]
    disclosed: Mapping[str, Json]

    @property
    def status_list(self) -> str | None:
        """The URI of the status list that it names."""
        named = checks.reference(self.claims)
        return named[0] if named else None


class Verifier:
    """Verifies against these trust anchors and no others."""

    def __init__(self, roots: Sequence[x509.Certificate]) -> None:
        self._roots = tuple(roots)
        self._header = lru_cache(HEADERS_KEPT)(self._read_header)
        self._status_list = lru_cache(LISTS_KEPT)(self._read_status_list)
        self._revocation_list = lru_cache(LISTS_KEPT)(self._read_crl)
        self._integrity = lru_cache(LISTS_KEPT)(integrity)

    def verify(self, text: str, evidence: Evidence) -> Verdict:
        """The verdict on a credential in compact form."""
        return self.read(text, evidence)[0]

    def read(self, text: str, evidence: Evidence) -> tuple[Verdict, Reading | None]:
        """The verdict, and the content when there was any to read."""
        try:
            subject = self._subject(text)
        except Invalid as refusal:
            return Verdict((failed("form", refusal.code),)), None
        crl = None if evidence.crl is None else self._revocation_list(evidence.crl)
        listed = None if evidence.status_list is None else self._status_list(evidence.status_list)
        covered, whole = checks.disclosures(subject)
        verdict = Verdict(
            (
                checks.form(subject),
                checks.signature(subject),
                covered,
                checks.chain(subject),
                checks.issuer(subject),
                checks.x509_revocation(subject, evidence, crl),
                checks.identifier(subject),
                self._type(subject, evidence),
                checks.validity(subject, evidence.at),
                checks.status(subject, evidence, listed, crl),
            )
        )
        claims = subject.claims
        disclosed = (
            {name: value for name, value in whole.claims.items() if name not in claims} if whole else {}
        )
        return verdict, Reading(claims, disclosed)

    def _subject(self, text: str) -> Subject:
        """Invalid("malformed_credential" | "key_binding_unexpected") when there is nothing to check."""
        try:
            parsed = parse_sd_jwt(text.strip())
            encoded, payload, _ = parsed.jws.split(".")
            header, claims = self._header(encoded), parse_object(unb64url(payload))
        except (ValueError, Invalid) as error:
            if isinstance(error, Invalid) and error.code == "key_binding_unexpected":
                raise
            raise Invalid("malformed_credential") from error
        if header is None:
            raise Invalid("malformed_credential")
        return Subject(parsed, header, claims)

    def _type(self, subject: Subject, evidence: Evidence) -> Check:
        """The type metadata at hand are those that were signed."""
        said, signed = subject.claims.get("vct"), subject.claims.get("vct#integrity")
        vct = said if isinstance(said, str) else None
        if evidence.type_metadata is None:
            return not_checked("type", "type_not_given", vct)
        same = self._integrity(evidence.type_metadata) == signed
        return passed("type", vct) if same else failed("type", "type_altered")

    # -- what is kept

    def _read_header(self, encoded: str) -> Header | None:
        return read_header(encoded, self._roots)

    def _read_status_list(self, token: str) -> StatusList | None:
        return read_status_list(token, self._header)

    def _read_crl(self, der: bytes) -> RevocationList | None:
        return read_crl(der, self._roots)


__all__ = ["Evidence", "Reading", "Verifier"]
