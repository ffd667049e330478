"""What the files of a package say, held against trust anchors: credentials, log proofs, and the package's own trust files.

Anchors not named are taken from the package, and the report says so: then a package is only shown to agree with itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509

from chalicelib.audit.merkle import ProofRejected
from chalicelib.audit.note import VerifierKey
from chalicelib.audit.proof import Proof, signed_by_log
from chalicelib.certificates.model import State
from chalicelib.kernel.encoding import Json, parse_object, sha256
from chalicelib.kernel.errors import Invalid
from chalicelib.transfers import layout
from chalicelib.transfers.manifest import Certificate
from chalicelib.transfers.model import Scope
from chalicelib.verification.chain import UNREADABLE
from chalicelib.verification.checks import LEEWAY
from chalicelib.verification.revocation import read_crl
from chalicelib.verification.verdict import Check, Outcome
from chalicelib.verification.verifier import Evidence, Reading, Verifier
from cli.inputs import Unreadable, read_bytes, read_roots
from cli.transfer_findings import Finding, Kind

T = TypeVar("T")
ENDED: Final = frozenset({State.EXPIRED, State.REVOKED, State.SUPERSEDED})


@dataclass(frozen=True, slots=True)
class Anchors:
    """What the asker trusts; None for what was not named."""

    roots: Sequence[x509.Certificate] | None = None
    keys: Sequence[VerifierKey] | None = None


class Evidences:
    """Judges certificates of one opened package. `revocation_open` tells that some CRL check could not be made."""

    def __init__(self, folder: Path, scope: Scope, anchors: Anchors) -> None:
        self._folder, self._scope, self._anchors = folder, scope, anchors
        self._own_roots = _or_none(read_roots, folder / layout.ROOTS)
        self._own_keys = _or_none(read_keys, folder / layout.LOG_KEY)
        self._roots = anchors.roots if anchors.roots is not None else self._own_roots or []
        self._keys = anchors.keys if anchors.keys is not None else self._own_keys or []
        self._crl = _or_none(read_bytes, folder / layout.CRL)
        self._checkpoint = _or_none(read_bytes, folder / layout.CHECKPOINT)
        self._verifier = Verifier(self._roots)
        self.revocation_open = False

    # -- the package's own trust files

    def trust(self) -> Iterator[Finding]:
        """Each can be read, and none brings what the asker does not trust."""
        yield from self._roots_named()
        yield from self._units_certified()
        if self._crl is None or read_crl(self._crl, self._roots) is None:
            yield Finding(Kind.TRUST_UNREADABLE, layout.CRL)
        if self._own_keys is None:
            yield Finding(Kind.TRUST_UNREADABLE, layout.LOG_KEY)
        elif self._anchors.keys is not None and not set(self._own_keys) <= set(self._anchors.keys):
            yield Finding(Kind.TRUST_DIFFERS, layout.LOG_KEY)
        if not signed_by_log(self._checkpoint or b"", self._keys):
            yield Finding(Kind.CHECKPOINT_UNSIGNED, layout.CHECKPOINT)

    def _roots_named(self) -> Iterator[Finding]:
        if self._own_roots is None:
            yield Finding(Kind.TRUST_UNREADABLE, layout.ROOTS)
        elif any(one not in self._roots for one in self._own_roots):
            yield Finding(Kind.TRUST_DIFFERS, layout.ROOTS)

    def _units_certified(self) -> Iterator[Finding]:
        """Each was issued by a root: what a reader finds there in twenty years is no stranger's."""
        path = layout.UNIT_CERTIFICATES
        try:
            found = x509.load_pem_x509_certificates(read_bytes(str(self._folder / path)))
        except (Unreadable, ValueError):
            yield Finding(Kind.TRUST_UNREADABLE, path)
            return
        for one in found:
            if not any(_issued(root, one) for root in self._roots):
                yield Finding(Kind.TRUST_DIFFERS, path, f"serial {one.serial_number:x}")

    # -- a certificate

    def certificate(self, listed: Certificate) -> Iterator[Finding]:
        """Its credential as of the hand-over, and each entry of its history."""
        place = layout.folder(listed.identifier) + layout.CREDENTIAL
        credential = _or_none(read_bytes, self._folder / place)
        if credential is not None:
            yield from self._credential(listed, place, credential)
        for index in listed.log:
            yield from self._entry(listed.identifier, index, credential)

    def _credential(self, listed: Certificate, place: str, credential: bytes) -> Iterator[Finding]:
        metadata = _or_none(
            read_bytes, self._folder / layout.folder(listed.identifier) / layout.TYPE_METADATA
        )
        evidence = Evidence(self._scope.at, None, self._crl, metadata)
        verdict, reading = self._verifier.read(credential.decode("utf-8", "replace"), evidence)
        checks = {check.name: check for check in verdict.checks}
        codes = [one.code for one in verdict.checks if _counts(one, listed.state)]
        if codes:
            yield Finding(Kind.CREDENTIAL_REJECTED, place, " ".join(codes))
        revocation = checks.get("x509_revocation")
        self.revocation_open |= revocation is not None and revocation.outcome is Outcome.NOT_CHECKED
        if reading is None:
            return
        yield from self._said(listed, place, reading, checks["disclosures"])
        wrong = _contradiction(listed.state, checks["validity"], reading, self._scope)
        if wrong:
            yield Finding(Kind.STATE_WRONG, place, wrong)

    def _said(self, listed: Certificate, place: str, reading: Reading, covered: Check) -> Iterator[Finding]:
        """The credential is whole, is the certificate that the manifest names, and belongs into this transfer."""
        said = {**reading.disclosed, **reading.claims}
        issued = layout.issue_date(said)
        withheld = covered.evidence.get("withheld") if isinstance(covered.evidence, dict) else 0
        wrong = {
            "identifier": said.get("certificate_identifier") != listed.identifier,
            "type_code": said.get("type_code") != listed.type_code,
            "issue_date": issued != listed.issue_date,
            "period": not self._scope.first <= listed.issue_date <= self._scope.last,
            "withheld": bool(withheld),
        }
        if any(wrong.values()):
            yield Finding(
                Kind.CREDENTIAL_DIFFERS, place, " ".join(name for name, is_wrong in wrong.items() if is_wrong)
            )

    def _entry(self, identifier: str, index: int, credential: bytes | None) -> Iterator[Finding]:
        place, proven = layout.entry_path(identifier, index), layout.proof_path(identifier, index)
        entry, data = (_or_none(read_bytes, self._folder / path) for path in (place, proven))
        if entry is None or data is None:
            return  # told already as missing
        try:
            proof = Proof.parse(data)
        except ValueError as error:
            yield Finding(Kind.PROOF_UNREADABLE, proven, str(error))
            return
        if proof.checkpoint.encode() != self._checkpoint:
            yield Finding(Kind.CHECKPOINT_DIFFERS, proven)
        try:
            if proof.index != index:
                raise ProofRejected("it is another entry's")
            proof.verify(entry)
        except ProofRejected as error:
            yield Finding(Kind.PROOF_REJECTED, proven, str(error))
        yield from _about(entry, identifier, place, credential)


def read_keys(path: str) -> list[VerifierKey]:
    """The verifier keys of a `log.vkey`, one a line. Unreadable when there is none, or a line is none."""
    try:
        lines = read_bytes(path).decode("utf-8").splitlines()
        keys = [VerifierKey.parse(line) for line in lines if line.strip()]
    except ValueError as error:
        raise Unreadable(f"{path}: not verifier keys") from error
    if not keys:
        raise Unreadable(f"{path}: no verifier key in it")
    return keys


def _or_none(read: Callable[[str], T], path: Path) -> T | None:
    """What is there; None when it cannot be read."""
    try:
        return read(str(path))
    except Unreadable:
        return None


def _issued(root: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except UNREADABLE:
        return False
    return True


def _counts(check: Check, state: State) -> bool:
    """Whether a check's failure is a fault of the credential: dates are judged with the state, and a revoked certificate
    may well have been signed with a key that was revoked for compromise.
    """
    excused = check.name == "validity" or (check.code == "x509_revoked" and state is State.REVOKED)
    return check.outcome is Outcome.FAILED and not excused


def _contradiction(state: State, validity: Check, reading: Reading, scope: Scope) -> str:
    """How state and dates contradict each other at the hand-over; nothing when they do not."""
    issued, over = reading.claims.get("iat"), validity.code == "validity_over"
    if isinstance(issued, int) and issued > scope.at.timestamp() + LEEWAY:
        return "issued after the hand-over"
    if over and state not in ENDED:
        return f"{state}, but validity is over"
    return "expired, but validity is not over" if state is State.EXPIRED and not over else ""


def _about(entry: bytes, identifier: str, place: str, credential: bytes | None) -> Iterator[Finding]:
    """The entry is about this certificate; and where it says which credential was issued, it is this one."""
    try:
        said = parse_object(entry)
    except Invalid:
        said = {}
    if said.get("object") != identifier:
        yield Finding(Kind.ENTRY_OF_ANOTHER, place)
    details: Json = said.get("details")
    named = details.get("credential_sha256") if isinstance(details, dict) else None
    if named is not None and credential is not None and named != sha256(credential).hex():
        yield Finding(Kind.CREDENTIAL_NOT_LOGGED, place)
