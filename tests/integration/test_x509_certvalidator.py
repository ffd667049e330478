"""The chain as `pyhanko-certvalidator`, which shares no line with us, validates it by RFC 5280 §6, revocation required."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.authority import CertTrustAnchor
from pyhanko_certvalidator.errors import (
    InvalidCertificateError,
    PathBuildingError,
    PathValidationError,
    RevokedError,
)
from pyhanko_certvalidator.policy_decl import PKIXValidationParams

from chalicelib.signing.crl import Revoked, build_crl
from chalicelib.signing.x509_profile import POLICY
from tests.fakes.ambient import NOON
from tests.fakes.authority import LocalAuthority

LATER = NOON + timedelta(days=1)
REFUSED = (PathValidationError, PathBuildingError, InvalidCertificateError)
SIGNS = frozenset({"digital_signature", "non_repudiation"})


@pytest.fixture(scope="module")
def authority() -> LocalAuthority:
    return LocalAuthority()


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def validate(
    authority: LocalAuthority,
    leaf: bytes,
    *revoked: Revoked,
    moment: datetime = LATER,
    between: x509.Certificate | None = None,
    policy: str = POLICY.dotted_string,
    usage: frozenset[str] = SIGNS,
    constrained: bool = True,
) -> None:
    """Raises what the library raises.

    `constrained`: the anchor's own constraints count, as RFC 5937 wants it; RFC 5280 §6.1.1 leaves that to the verifier.
    """
    crl = build_crl(authority.authority, 1, revoked, NOON)
    context = ValidationContext(
        trust_roots=[CertTrustAnchor(asn1.Certificate.load(der(authority.root)), None, constrained)],
        moment=moment,
        crls=[crl],
        revocation_mode="require",
    )
    params = PKIXValidationParams(user_initial_policy_set=frozenset({policy}), initial_explicit_policy=True)
    others = [asn1.Certificate.load(der(between))] if between is not None else []
    asked: Any = CertificateValidator(asn1.Certificate.load(leaf), others, context, params)
    asyncio.run(asked.async_validate_usage(set(usage)))


def test_a_leaf_is_accepted_for_signing_under_our_policy(authority: LocalAuthority) -> None:
    validate(authority, der(authority.leaf()))


@pytest.mark.parametrize("usage", ["key_cert_sign", "crl_sign", "key_agreement", "key_encipherment"])
def test_it_is_for_signing_documents_and_nothing_else(authority: LocalAuthority, usage: str) -> None:
    with pytest.raises(InvalidCertificateError):
        validate(authority, der(authority.leaf()), usage=frozenset({usage}))


def test_a_policy_that_it_does_not_name_is_not_met(authority: LocalAuthority) -> None:
    validate(authority, der(authority.leaf()), constrained=False)
    with pytest.raises(PathValidationError, match="polic"):
        validate(authority, der(authority.leaf()), policy="1.2.3.4", constrained=False)


def test_a_revoked_leaf_is_refused_and_its_neighbour_is_not(authority: LocalAuthority) -> None:
    leaf, neighbour = authority.leaf(), authority.leaf()
    revoked = Revoked(f"{leaf.serial_number:x}", NOON, "keyCompromise")
    with pytest.raises(RevokedError):
        validate(authority, der(leaf), revoked)
    validate(authority, der(neighbour), revoked)


@pytest.mark.parametrize("days", [-1, 3 * 366])
def test_outside_its_life_it_is_refused(authority: LocalAuthority, days: int) -> None:
    with pytest.raises(REFUSED):
        validate(authority, der(authority.leaf()), moment=NOON + timedelta(days=days))


@pytest.mark.parametrize(("place", "value"), [(0, "SG"), (1, "Guangxi"), (2, "Guangzhou")])
def test_a_leaf_outside_shenzhen_is_refused(authority: LocalAuthority, place: int, value: str) -> None:
    leaf = authority.leaf()
    attributes = list(leaf.subject)
    attributes[place] = x509.NameAttribute(attributes[place].oid, value)
    with pytest.raises(PathValidationError, match="permitted"):
        validate(authority, der(authority.rebuilt(leaf, subject=x509.Name(attributes))))
    validate(authority, der(authority.rebuilt(leaf)))


def test_a_leaf_cannot_certify(authority: LocalAuthority) -> None:
    unit = authority.leaf()
    with pytest.raises(PathValidationError, match="not a CA"):
        validate(authority, der(authority.below(unit)), between=unit)


def test_the_root_certifies_no_further_authority(authority: LocalAuthority) -> None:
    """Path length 0: a leaf with a CA's extensions, signed by the root itself, makes no second level."""
    between = authority.rebuilt(authority.leaf(), extensions=authority.ca_extensions())
    with pytest.raises(PathValidationError, match="maximum path length"):
        validate(authority, der(authority.below(between)), between=between)


def test_another_root_of_the_same_name_certifies_nothing(authority: LocalAuthority) -> None:
    with pytest.raises(REFUSED):
        validate(authority, der(LocalAuthority().leaf()))


def test_an_altered_byte_anywhere_is_refused(authority: LocalAuthority) -> None:
    genuine = der(authority.leaf())
    for place in range(0, len(genuine), 3):
        altered = bytearray(genuine)
        altered[place] ^= 1
        with pytest.raises((*REFUSED, ValueError)):
            validate(authority, bytes(altered))
    validate(authority, genuine)
