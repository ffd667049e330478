"""The certificate as the system holds it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.audit.retention import Retention
from chalicelib.kernel.encoding import Json
from chalicelib.status.model import Slot


class State(StrEnum):
    """Where a certificate stands. EXPIRED is never stored: it is what time makes of a valid or suspended one."""

    COLLECTED = "collected"
    RETURNED = "returned"
    REJECTED = "rejected"
    REVIEWED = "reviewed"
    VALID = "valid"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Holder:
    """持证主体. Personal data: never a key, never in a log, an error or a URL."""

    name: str
    code: str
    code_type: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What the unit's system signed: "who provides, answers for it" (art. 11). Dates are business dates."""

    type_code: str
    certificate_number: str
    holder: Holder
    issue_date: date | None
    valid_from: date
    valid_until: date | None
    attributes: dict[str, Json]
    collector: str
    certificate_name: str | None = None


@dataclass(frozen=True, slots=True)
class ArchivedObject:
    """Bytes under Object Lock: where, which version, and their SHA-256 in hex."""

    key: str
    version_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Precertificate:
    """The exact bytes a reviewer approved, and nothing but these may be signed.

    `token` is one-use: issuing consumes it in the transaction that makes the certificate valid. `key` is the KMS key
    of the X.509 certificate in its header, `issue_date` what its disclosure of that name says.
    """

    token: str
    signing_input: str
    disclosures: tuple[str, ...]
    key: str
    x509_serial: str
    prepared_at: datetime
    usable_until: datetime
    issue_date: date


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """One certificate (one version of it). `revision` rises with each write and is every write's condition.

    `jws_sha256` is that of the credential's signed part, which every presentation of it carries whole.
    `valid_until` repeats the submission's, in the clear, because expiry must be known without unsealing.
    """

    id: str
    unit: str
    type_code: str
    catalog_version: int
    state: State
    revision: int
    holder_index: str
    number_index: str
    submission: Submission
    collected_by: str
    collected_at: datetime
    valid_from: date
    valid_until: date | None
    retain_until: datetime
    submissions: tuple[ArchivedObject, ...]
    reviewed_by: str | None = None
    review: ArchivedObject | None = None
    comment: str | None = None
    precertificate: Precertificate | None = None
    slot: Slot | None = None
    credential: ArchivedObject | None = None
    jws_sha256: str | None = None
    issued_at: datetime | None = None
    supersedes: str | None = None
    successor: str | None = None
    last_version: int = 1

    @property
    def retention(self) -> Retention:
        """How long everything about it is kept; open-ended while nobody knows when its validity ends."""
        return Retention(self.retain_until, hold=self.valid_until is None)
