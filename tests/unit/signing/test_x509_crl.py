"""The revocation list: what it says, for how long, and when it is due again."""

from datetime import timedelta

import pytest
from asn1crypto import crl as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.signing.crl import REASONS, Revoked, build_crl, is_current
from tests.fakes.ambient import NOON
from tests.fakes.authority import LocalAuthority

ONE = Revoked("a" * 32, NOON - timedelta(hours=1, microseconds=-7), "keyCompromise")
OTHER = Revoked("b" * 32, NOON, "superseded")


@pytest.fixture(scope="module")
def authority() -> LocalAuthority:
    return LocalAuthority()


def listed(authority: LocalAuthority, *revoked: Revoked, number: int = 1) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(build_crl(authority.authority, number, revoked, NOON))


def test_it_is_version_2_numbered_signed_by_the_root_and_good_for_seven_days(
    authority: LocalAuthority,
) -> None:
    crl = listed(authority, number=7)
    key = authority.root.public_key()
    assert isinstance(key, EllipticCurvePublicKey)
    assert crl.is_signature_valid(key)
    assert crl.issuer == authority.root.subject
    assert crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7
    assert (crl.last_update_utc, crl.next_update_utc) == (NOON, NOON + timedelta(days=7))
    parsed = asn1.CertificateList.load(crl.public_bytes(Encoding.DER))["tbs_cert_list"]
    assert parsed["version"].native == "v2"
    assert parsed["revoked_certificates"].native is None  # RFC 5280 §5.1.2.6: absent, not empty


def test_another_roots_key_does_not_verify_it(authority: LocalAuthority) -> None:
    key = LocalAuthority().root.public_key()
    assert isinstance(key, EllipticCurvePublicKey)
    assert not listed(authority, ONE).is_signature_valid(key)


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_an_entry_says_since_when_and_why(authority: LocalAuthority, reason: str) -> None:
    (entry,) = listed(authority, Revoked("a" * 32, NOON + timedelta(microseconds=7), reason))
    assert entry.serial_number == int("a" * 32, 16)
    assert entry.revocation_date_utc == NOON
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value == reason


def test_the_same_revocations_in_any_order_are_the_same_list(authority: LocalAuthority) -> None:
    bodies = {listed(authority, *order).tbs_certlist_bytes for order in ((ONE, OTHER), (OTHER, ONE))}
    assert len(bodies) == 1


def test_it_is_current_for_most_of_a_day_while_it_says_the_same(authority: LocalAuthority) -> None:
    der = build_crl(authority.authority, 1, [ONE], NOON)
    assert is_current(der, [ONE], NOON + timedelta(hours=19, minutes=59))
    assert not is_current(der, [ONE], NOON + timedelta(hours=20))
    assert not is_current(der, [ONE, OTHER], NOON)
    assert not is_current(der, [], NOON)
    assert not is_current(der, [Revoked(ONE.serial, ONE.since, "superseded")], NOON)
