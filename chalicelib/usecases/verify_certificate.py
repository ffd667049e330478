"""核验 online (art. 15): the file's own proof, and the platform's record of this moment. At most one DynamoDB read.

The record decides about status, so the answer never lags it (invariant 8). Nothing is disclosed that the caller did not
bring: no claim, no name, only verdict and checks.
"""

import hmac
from dataclasses import dataclass

from chalicelib.certificates.life_cycle import ISSUED, state_at
from chalicelib.certificates.model import CertificateRecord, State
from chalicelib.kernel.clock import start_of
from chalicelib.kernel.encoding import Json, sha256
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.identifiers import CertificateIdentifier
from chalicelib.usecases.platform import Platform
from chalicelib.verification.verdict import Check, Verdict, failed, passed
from chalicelib.verification.verifier import Evidence, Verifier

_FAILED_BY: dict[State, str] = {
    State.REVOKED: "status_revoked",
    State.SUPERSEDED: "status_superseded",
    State.SUSPENDED: "status_suspended",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about: a credential, or an identifier with the number that the asker already holds."""

    credential: str | None
    identifier: str | None
    number: str | None


def verify_certificate(
    platform: Platform, verifier: Verifier, crl: bytes | None, question: Question
) -> Verdict:
    """The verdict with every check."""
    if question.credential is not None:
        return _by_credential(platform, verifier, crl, question.credential)
    return Verdict(tuple(_by_number(platform, question)))


def _by_credential(platform: Platform, verifier: Verifier, crl: bytes | None, credential: str) -> Verdict:
    evidence = Evidence(platform.clock.now(), crl=crl, type_metadata=None)
    verdict, reading = verifier.read(credential, evidence)
    if reading is None:
        return verdict
    checks = [check for check in verdict.checks if check.name not in ("status", "type")]
    record = _record(platform, str(reading.claims.get("certificate_identifier")))
    if record is None or record.credential is None:
        return Verdict((*checks, failed("record", "record_unknown")))
    same = _same_file(credential, record)
    return Verdict(
        (*checks, passed("record") if same else failed("record", "record_other"), _status(platform, record))
    )


def _same_file(credential: str, record: CertificateRecord) -> bool:
    """Whether the JWS is the one issued: the record keeps its hash, and a presentation leaves the JWS whole."""
    jws = credential.strip().partition("~")[0]
    return record.jws_sha256 is not None and hmac.compare_digest(
        sha256(jws.encode("ascii")).hex(), record.jws_sha256
    )


def _record(platform: Platform, identifier: str) -> CertificateRecord | None:
    try:
        CertificateIdentifier.parse(identifier)
    except Invalid:
        return None
    return platform.certificates.certificate(identifier)


def _by_number(platform: Platform, question: Question) -> list[Check]:
    """An unknown identifier and a wrong number are the same answer: nobody learns which numbers there are."""
    record = _record(platform, question.identifier or "")
    held = record.submission.certificate_number if record is not None else ""
    same = hmac.compare_digest(held.encode(), (question.number or "").encode())
    if record is None or not same or record.state not in ISSUED:
        return [failed("record", "number_mismatch")]
    return [passed("record"), _validity(platform, record), _status(platform, record)]


def _validity(platform: Platform, record: CertificateRecord) -> Check:
    now = platform.clock.now()
    if state_at(record, now) is State.EXPIRED:
        return failed("validity", "validity_over")
    return (
        failed("validity", "validity_not_begun") if now < start_of(record.valid_from) else passed("validity")
    )


def _status(platform: Platform, record: CertificateRecord) -> Check:
    state = state_at(record, platform.clock.now())
    if state in _FAILED_BY:
        evidence: Json = {"successor": record.successor} if state is State.SUPERSEDED else None
        return failed("status", _FAILED_BY[state], evidence)
    if record.state not in ISSUED:
        return failed("record", "record_not_issued")
    return passed("status", str(state))
