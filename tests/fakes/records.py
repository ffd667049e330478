"""Ready-made values for tests: one food business licence of a synthetic city."""

from dataclasses import replace
from datetime import UTC, date, datetime

from chalicelib.catalog.model import Attribute, CatalogEntry, Kind, Sharing, ValidityRule
from chalicelib.certificates.model import ArchivedObject, CertificateRecord, Holder, State, Submission
from chalicelib.kernel.identifiers import CertificateIdentifier
from chalicelib.units.model import Unit, UnitKind
from tests.fakes.ambient import NOON

ISSUER = "11440300MB2F01027X"
OTHER_UNIT = "11440300MB2F020389"
TYPE = ISSUER + "001"
BASE = "https://zz.example.cn"

UNIT = Unit(ISSUER, "深圳市市场监督管理局(样例)", frozenset({UnitKind.ISSUING, UnitKind.USING}), "440300")

ENTRY = CatalogEntry(
    type_code=TYPE,
    version=1,
    name_zh="食品经营许可证",
    name_en="Food business licence",
    kind=Kind.LICENCE,
    defining_authority=ISSUER,
    issuing_units=frozenset({ISSUER}),
    standard="样例规范 SZ-DZZZ-001",
    scope_of_application="市场准入",
    face_template="{certificate_name}",
    attributes=(
        Attribute("business_address", "经营场所", "Business address"),
        Attribute("items", "经营项目", "Items"),
    ),
    schema={
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "business_address": {"type": "string", "minLength": 1, "maxLength": 200},
            "items": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        },
        "required": ["business_address", "items"],
    },
    validity=ValidityRule(1, 1827, open_ended=False),
    holder_code_types=frozenset({"001", "111"}),
    retention_years=30,
    sharing=Sharing.UNCONDITIONAL,
    published_at=datetime(2026, 1, 1, tzinfo=UTC),
)

SUBMISSION = Submission(
    type_code=TYPE,
    certificate_number="JY14403050000001",
    holder=Holder("深圳市𠮷祥里餐饮有限公司(样例)", "91440300MA5F0801XU", "001"),
    issue_date=date(2026, 6, 1),
    valid_from=date(2026, 6, 1),
    valid_until=date(2031, 5, 31),
    attributes={"business_address": "南山区粤海街道·1号", "items": ["热食类食品制售"]},
    collector="market.collector",
)

IDENTIFIER = str(CertificateIdentifier(TYPE, ISSUER, "0A1B2C3D4E5F6G7H8I9J", 1))


def record(state: State = State.COLLECTED, **changes: object) -> CertificateRecord:
    """A certificate of the unit in that state."""
    plain = CertificateRecord(
        id=IDENTIFIER,
        unit=ISSUER,
        type_code=TYPE,
        catalog_version=1,
        state=state,
        revision=1,
        holder_index="h",
        number_index="n",
        submission=SUBMISSION,
        collected_by=SUBMISSION.collector,
        collected_at=NOON,
        valid_from=SUBMISSION.valid_from,
        valid_until=SUBMISSION.valid_until,
        retain_until=datetime(2061, 6, 1, tzinfo=UTC),
        submissions=(ArchivedObject("k", "v", "00"),),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field by its name
