"""A catalog entry (art. 3, art. 9): everything that a certificate type is, at one version."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.kernel.encoding import Json


class Kind(StrEnum):
    """The five kinds of article 3."""

    LICENCE = "licence"  # 证照执照
    PROOF = "proof"  # 证明文件
    APPROVAL = "approval"  # 批文批复
    APPRAISAL = "appraisal"  # 鉴定报告
    RESULT = "result"  # 办事结果


class Sharing(StrEnum):
    """Article 13: without condition, or only as decided."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One business field of the face: its claim name and its labels."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ValidityRule:
    """How long a certificate of the type may be valid, in days; `open_ended` admits one without an end."""

    min_days: int
    max_days: int | None
    open_ended: bool

    def admits(self, start: date, end: date | None) -> bool:
        """Whether the span [start, end], both days included, is allowed."""
        if end is None:
            return self.open_ended
        days = (end - start + timedelta(days=1)).days
        return self.min_days <= days and (self.max_days is None or days <= self.max_days)


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One version of a type. `schema` is JSON Schema 2020-12 for the attributes; `standard` the standard it cites."""

    type_code: str
    version: int
    name_zh: str
    name_en: str
    kind: Kind
    defining_authority: str
    issuing_units: frozenset[str]
    standard: str
    scope_of_application: str
    face_template: str
    attributes: tuple[Attribute, ...]
    schema: dict[str, Json]
    validity: ValidityRule
    holder_code_types: frozenset[str]
    retention_years: int
    sharing: Sharing
    published_at: datetime
    retired: bool = False
