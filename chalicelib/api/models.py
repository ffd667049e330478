"""The bodies of requests and answers: the edge, where data is parsed once."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from chalicelib.kernel.text import clean


def _clean(text: str, info: ValidationInfo) -> str:
    """A refusal of our own, with its own code: it passes through pydantic as it is."""
    return clean(text, info.field_name, limit=20_000)


def _clean_lines(text: str, info: ValidationInfo) -> str:
    """As `_clean`, for text of several lines."""
    return clean(text, info.field_name, limit=20_000, lines=True)


Clean = AfterValidator(_clean)
CleanLines = AfterValidator(_clean_lines)
Text = Annotated[str, Field(min_length=1, max_length=500), Clean]
Compact = Annotated[str, Field(min_length=20, max_length=65_536, pattern=r"^[A-Za-z0-9_.~-]+$")]
Code18 = Annotated[str, Field(pattern=r"^[0-9A-Z]{18}$")]
Code21 = Annotated[str, Field(pattern=r"^[0-9A-Z]{18}[0-9]{3}$")]


class Body(BaseModel):
    """Requests: unknown members are refused, types are not coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class Result(BaseModel):
    """Answers."""

    model_config = ConfigDict(defer_build=True)


class ProblemDocument(Result):
    """RFC 9457. `code` is stable; `title` and `title_zh` are for people."""

    type: str
    title: str
    title_zh: str
    status: int
    code: str
    instance: str
    field: str | None = None
    facts: list[str] | None = None


class SubmissionBody(Body):
    """A submission as a compact JWS signed by the unit's system (typ `zhengzhao-submission+jwt`)."""

    submission: Compact


class ReviewBody(Body):
    """The reviewer's decision; returning and rejecting need a comment."""

    decision: Literal["approve", "return", "reject"]
    comment: Text | None = None


class IssueBody(Body):
    """Nothing to say: what is signed was approved at review."""


class ReasonBody(Body):
    """Why; it goes into the log, so no personal data."""

    reason: Text


class ActResult(Result):
    """The certificate after the act."""

    id: str
    state: str
    revision: int


class HolderView(Result):
    """The holder as submitted."""

    name: str
    code: str
    code_type: str


class CertificateView(Result):
    """A certificate for its issuing unit. `credential` is there once it was issued."""

    id: str
    state: str
    revision: int
    type_code: str
    catalog_version: int
    certificate_number: str
    holder: HolderView
    issue_date: date | None
    valid_from: date
    valid_until: date | None
    attributes: dict[str, Any]
    collected_by: str
    collected_at: datetime
    reviewed_by: str | None
    comment: str | None
    issued_at: datetime | None
    supersedes: str | None
    successor: str | None
    credential: str | None


class HistoryView(Result):
    """Every log entry about the certificate, oldest first."""

    entries: list[dict[str, Any]]


class AuditEntry(Result):
    """An entry of the log as it was sealed; `index` is null while it is not."""

    index: int | None
    entry: dict[str, Any]


class AuditPage(Result):
    """Entries in the log's order. `next` goes into `after`: a page may be empty and have one."""

    entries: list[AuditEntry]
    next: str | None


class EntryProof(Result):
    """An entry and what proves it: `commitment = SHA-256(salt ‖ canonical entry)`, and from its leaf to the checkpoint's root."""

    entry: dict[str, Any]
    index: int
    size: int
    leaf_hash: str
    salt: str
    hashes: list[str]
    checkpoint: str


class LabelBody(Body):
    """An attribute's claim name with its labels."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    zh: Text
    en: Text


class ValidityBody(Body):
    """How long certificates of the type may be valid, in days."""

    min_days: Annotated[int, Field(ge=1, le=40_000)] = 1
    max_days: Annotated[int, Field(ge=1, le=40_000)] | None = None
    open_ended: bool = False


class CatalogBody(Body):
    """A catalog entry to be published as the next version of its type."""

    type_code: Code21
    name_zh: Text
    name_en: Text
    kind: Literal["licence", "proof", "approval", "appraisal", "result"]
    defining_authority: Code18
    issuing_units: Annotated[list[Code18], Field(min_length=1, max_length=500)]
    standard: Text
    scope_of_application: Text
    face_template: Annotated[str, Field(max_length=20_000), CleanLines]
    attributes: Annotated[list[LabelBody], Field(min_length=1, max_length=100)]
    schema_: Annotated[dict[str, Any], Field(alias="schema")]
    validity: ValidityBody
    holder_code_types: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9]{3}$")]], Field(min_length=1, max_length=20)
    ]
    retention_years: Annotated[int, Field(ge=1, le=100)]
    sharing: Literal["unconditional", "conditional"] = "unconditional"
    state_secret: bool = False


class CatalogResult(Result):
    """The version published."""

    type_code: str
    version: int
    vct: str


class CatalogView(Result):
    """A published entry."""

    type_code: str
    version: int
    name_zh: str
    name_en: str
    kind: str
    defining_authority: str
    issuing_units: list[str]
    standard: str
    scope_of_application: str
    attributes: list[dict[str, str]]
    schema_: Annotated[dict[str, Any], Field(alias="schema")]
    validity: dict[str, Any]
    holder_code_types: list[str]
    retention_years: int
    sharing: str
    vct: str
    published_at: datetime
    retired: bool


class CatalogPage(Result):
    """The newest versions; `next` goes into `after` for the following page."""

    items: list[CatalogView]
    next: str | None


class VerificationBody(Body):
    """A credential, or an identifier with the certificate number that the caller already holds."""

    credential: Compact | None = None
    certificate_identifier: Annotated[str, Field(max_length=120)] | None = None
    certificate_number: Text | None = None


class CheckView(Result):
    """One check: what was looked at, and what it showed."""

    name: str
    outcome: Literal["passed", "failed", "not_checked"]
    code: str
    zh: str
    en: str
    evidence: dict[str, Any] | str | None = None


class VerificationView(Result):
    """The verdict with every check behind it."""

    verdict: str
    zh: str
    en: str
    reasons: list[str]
    checks: list[CheckView]


class TokenView(Result):
    """RFC 6749 §5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    issued_token_type: str | None = None


class Health(Result):
    """The function answers."""

    status: Literal["ok"]
    stage: str


class KeySet(Result):
    """A JWK set (RFC 7517)."""

    keys: list[dict[str, Any]]


class IssuerView(Result):
    """A unit as issuer."""

    issuer: str
    name: str
    jwks: KeySet
