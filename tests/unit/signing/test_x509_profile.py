"""What the profile promises, read from the certificates that it builds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

from chalicelib.kernel.errors import Invalid
from chalicelib.signing.x509_builder import build_root
from chalicelib.signing.x509_lint import lint_x509
from chalicelib.signing.x509_profile import LEAF_PROFILE, POLICY, jose_header
from tests.fakes.ambient import NOON
from tests.fakes.authority import SUBJECT, LocalAuthority
from tests.fakes.records import ISSUER

SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def authority() -> LocalAuthority:
    return LocalAuthority()


def text(certificate: x509.Certificate, kind: x509.ObjectIdentifier) -> str:
    (attribute,) = certificate.subject.get_attributes_for_oid(kind)
    return str(attribute.value)


def test_the_root_outlives_every_retention_and_a_leaf_lives_three_years(authority: LocalAuthority) -> None:
    leaf = authority.leaf()
    assert authority.root.not_valid_after_utc + SECOND == NOON.replace(year=2076)
    assert leaf.not_valid_after_utc + SECOND == NOON.replace(year=2029)
    assert leaf.not_valid_before_utc == NOON


def test_nothing_is_back_dated_by_more_than_the_second_it_is_made_in(authority: LocalAuthority) -> None:
    leaf = authority.leaf(now=NOON + timedelta(microseconds=999_999))
    assert leaf.not_valid_before_utc == NOON


@pytest.mark.parametrize(
    ("made", "end"),
    [
        (datetime(2028, 2, 29, 4, tzinfo=UTC), datetime(2031, 3, 1, 3, 59, 59, tzinfo=UTC)),
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), datetime(2029, 12, 31, 15, 59, 58, tzinfo=UTC)),
        (datetime(2048, 6, 1, tzinfo=UTC), datetime(2051, 5, 31, 23, 59, 59, tzinfo=UTC)),  # GeneralizedTime
    ],
)
def test_three_years_on_odd_days(authority: LocalAuthority, made: datetime, end: datetime) -> None:
    leaf = authority.leaf(now=made)
    assert leaf.not_valid_after_utc == end
    assert lint_x509(leaf, authority.root, LEAF_PROFILE) == []


def test_a_leaf_never_outlives_its_root(authority: LocalAuthority) -> None:
    leaf = authority.leaf(now=NOON.replace(year=2075))
    assert leaf.not_valid_after_utc == authority.root.not_valid_after_utc
    assert lint_x509(leaf, authority.root, LEAF_PROFILE) == []


def test_times_are_written_as_rfc_5280_says(authority: LocalAuthority) -> None:
    """§4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050."""
    validity = asn1.Certificate.load(authority.root.public_bytes(Encoding.DER))["tbs_certificate"]["validity"]
    assert (validity["not_before"].name, validity["not_after"].name) == ("utc_time", "general_time")


def test_serials_are_positive_unpredictable_and_of_one_length(authority: LocalAuthority) -> None:
    serials = {authority.leaf().serial_number for _ in range(50)}
    assert len(serials) == 50
    assert {len(f"{serial:x}") for serial in serials} == {32}


def test_a_root_made_twice_is_one_certificate_number(authority: LocalAuthority) -> None:
    again = build_root(authority.key("root"), NOON + timedelta(hours=1), 1)
    assert again.serial_number == authority.root.serial_number
    assert build_root(authority.key("root"), NOON, 2).serial_number != again.serial_number
    assert build_root(authority.key("another"), NOON, 1).serial_number != again.serial_number


def test_the_unit_is_named_in_full_with_rare_characters(authority: LocalAuthority) -> None:
    leaf = authority.leaf()
    assert (
        text(leaf, NameOID.ORGANIZATION_NAME)
        == text(leaf, NameOID.COMMON_NAME)
        == "深圳市𠮷祥·监督管理局(样例)"
    )
    assert text(leaf, NameOID.ORGANIZATION_IDENTIFIER) == f"NTRCN-{ISSUER}"
    assert [each.value for each in leaf.subject][:3] == ["CN", "Guangdong", "Shenzhen"]
    written = leaf.subject.public_bytes()
    assert (
        b"\x0c" + bytes([len("深圳市𠮷祥·监督管理局(样例)".encode())]) + "深圳市𠮷".encode() in written
    )  # UTF8String


def test_a_name_too_long_for_a_common_name_is_never_cut(authority: LocalAuthority) -> None:
    """22 Chinese characters are 66 bytes: `cryptography` counts bytes against X.520's 64."""
    longest = authority.leaf(replace(SUBJECT, name="深" * 21 + "z"))
    assert text(longest, NameOID.COMMON_NAME) == "深" * 21 + "z"
    longer = authority.leaf(replace(SUBJECT, name="深" * 22))
    assert text(longer, NameOID.COMMON_NAME) == f"NTRCN-{ISSUER}"
    assert text(longer, NameOID.ORGANIZATION_NAME) == "深" * 22
    assert lint_x509(longer, authority.root, LEAF_PROFILE) == []


@pytest.mark.parametrize("name", ["", "深" * 65])
def test_a_name_that_no_certificate_can_carry_is_refused(authority: LocalAuthority, name: str) -> None:
    assert lint_x509(authority.leaf(replace(SUBJECT, name="深" * 64)), authority.root, LEAF_PROFILE) == []
    with pytest.raises(Invalid) as refused:
        authority.leaf(replace(SUBJECT, name=name))
    assert refused.value.code == "invalid_unit_name"


def test_the_policy_is_one_that_every_parser_can_hold() -> None:
    """RFC 5280 appendix B: arcs below 2^28, at most 20 of them."""
    arcs = [int(arc) for arc in POLICY.dotted_string.split(".")]
    assert len(arcs) <= 20
    assert max(arcs) < 2**28


def written(certificate: x509.Certificate) -> list[tuple[x509.ObjectIdentifier, bool]]:
    return [(one.oid, one.critical) for one in certificate.extensions]


def test_extensions_stand_in_a_settled_order_each_as_critical_as_rfc_5280_has_it(
    authority: LocalAuthority,
) -> None:
    """Written out once more, because builder and lint read the same table."""
    assert written(authority.root) == [
        (ExtensionOID.BASIC_CONSTRAINTS, True),
        (ExtensionOID.KEY_USAGE, True),
        (ExtensionOID.NAME_CONSTRAINTS, True),
        (ExtensionOID.SUBJECT_KEY_IDENTIFIER, False),
    ]
    assert written(authority.leaf()) == [
        (ExtensionOID.BASIC_CONSTRAINTS, True),
        (ExtensionOID.KEY_USAGE, True),
        (ExtensionOID.SUBJECT_ALTERNATIVE_NAME, False),
        (ExtensionOID.CERTIFICATE_POLICIES, False),
        (ExtensionOID.CRL_DISTRIBUTION_POINTS, False),
        (ExtensionOID.SUBJECT_KEY_IDENTIFIER, False),
        (ExtensionOID.AUTHORITY_KEY_IDENTIFIER, False),
    ]


def test_the_jose_header_carries_leaf_and_root(authority: LocalAuthority) -> None:
    leaf = authority.leaf().public_bytes(Encoding.DER)
    header = jose_header(leaf, authority.root.public_bytes(Encoding.DER))
    assert isinstance(header["x5c"], list)
    assert len(header["x5c"]) == 2
    assert "=" not in str(header["kid"])
