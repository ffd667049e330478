"""What may change about certificates, each with its condition."""

from dataclasses import dataclass
from datetime import date

from chalicelib.audit.journal import Change
from chalicelib.certificates.model import CertificateRecord


@dataclass(frozen=True, slots=True)
class CreateCertificate(Change):
    """A new record; refused when its identifier exists (invariant 2)."""

    record: CertificateRecord


@dataclass(frozen=True, slots=True)
class AdvanceCertificate(Change):
    """Replace `before` by `after`; refused unless the stored revision and state are still those of `before`."""

    before: CertificateRecord
    after: CertificateRecord


@dataclass(frozen=True, slots=True)
class ReserveNumber(Change):
    """Bind a certificate number (as its blind index) to a serial; refused when another one has it (invariant 2)."""

    number_index: str
    certificate: str


@dataclass(frozen=True, slots=True)
class ListIssued(Change):
    """An issued certificate under its type and date of issue; refused when it is listed there already."""

    type_code: str
    issue_date: date
    certificate: str


@dataclass(frozen=True, slots=True)
class ReleaseNumber(Change):
    """Free the number of a rejected collection; refused when another certificate holds it."""

    number_index: str
    certificate: str
