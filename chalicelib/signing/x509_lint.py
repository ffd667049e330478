"""The profile as checks on a built certificate, one a rule with its clause: nothing that breaks one is recorded.

Run on the certificate itself and not on a throwaway, since the signature is judged as well. One that breaks a rule is
dropped: it was signed and nobody ever saw it, so there is nothing to revoke.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from chalicelib.kernel.clock import add_years
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.identifiers import unit_code
from chalicelib.signing.x509_profile import (
    LONGEST_COMMON_NAME,
    LONGEST_ORGANIZATION,
    PLACE,
    POLICY,
    UNIT_CODE_PREFIX,
    Profile,
    key_usage,
    name_constraints,
)

Extension = TypeVar("Extension", bound=x509.ExtensionType)
_SERIAL_BITS: Final = range(64, 160)  # enough lots that none is guessed; 20 octets with the sign
_URI: Final = re.compile(r"[!-~]+\Z")  # a URI is ASCII without spaces (RFC 3986 §2)


@dataclass(frozen=True, slots=True)
class Examined:
    """A certificate, who issued it (a root: itself), and what it is meant to be."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    profile: Profile

    def get(self, kind: type[Extension]) -> Extension | None:
        """The extension's value; None when there is none."""
        return _extension(self.certificate, kind)


@dataclass(frozen=True, slots=True)
class X509Rule:
    """A rule, where it comes from, and whether a certificate keeps it."""

    code: str
    clause: str
    keeps: Callable[[Examined], bool]


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _serial_fits(one: Examined) -> bool:
    serial = one.certificate.serial_number
    return serial > 0 and serial.bit_length() in _SERIAL_BITS


def _signed_by_issuer(one: Examined) -> bool:
    key, certificate = one.issuer.public_key(), one.certificate
    try:
        if not isinstance(key, EllipticCurvePublicKey):
            return False
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _life_fits(one: Examined) -> bool:
    begins, ends = one.certificate.not_valid_before_utc, one.certificate.not_valid_after_utc
    return begins < ends < add_years(begins, one.profile.years)


def _life_within_issuer(one: Examined) -> bool:
    mine, issuer = one.certificate, one.issuer
    return (
        issuer.not_valid_before_utc <= mine.not_valid_before_utc
        and mine.not_valid_after_utc <= issuer.not_valid_after_utc
    )


def _names_short(one: Examined) -> bool:
    subject = one.certificate.subject
    commons = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    organizations = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return (
        len(commons) == 1
        and len(str(commons[0].value).encode()) <= LONGEST_COMMON_NAME
        and all(1 <= len(str(each.value)) <= LONGEST_ORGANIZATION for each in organizations)
    )


def _names_encoded(one: Examined) -> bool:
    """Written once more, in UTF8String and (countries) PrintableString, the subject has the same bytes."""
    subject = one.certificate.subject
    if not _names_short(one):
        return True  # the rule for lengths says so
    written = x509.Name([x509.NameAttribute(each.oid, each.value) for each in subject])
    return written.public_bytes() == subject.public_bytes()


def _unit_named(one: Examined) -> bool:
    found = one.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    values = [str(each.value) for each in found]
    try:
        for value in values:
            unit_code(value.removeprefix(UNIT_CODE_PREFIX))
    except Invalid:
        return False
    return len(values) <= 1 and all(value.startswith(UNIT_CODE_PREFIX) for value in values)


def _on_p256(one: Examined) -> bool:
    key = one.certificate.public_key()
    return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)


def _extensions_known(one: Examined) -> bool:
    found = [(type(each.value), each.critical) for each in one.certificate.extensions]
    present = {kind for kind, _ in found}
    return found == [row for row in one.profile.extensions if row[0] in present]


def _key_named(one: Examined) -> bool:
    return one.get(x509.SubjectKeyIdentifier) == x509.SubjectKeyIdentifier.from_public_key(
        one.certificate.public_key()
    )


def _issuer_key_named(one: Examined) -> bool:
    found, issuers = one.get(x509.AuthorityKeyIdentifier), _extension(one.issuer, x509.SubjectKeyIdentifier)
    if one.profile.ca:
        return found is None  # self-signed: may be left out
    return issuers is not None and found == x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
        issuers
    )


def _is_web_address(name: x509.GeneralName) -> bool:
    if not isinstance(name, x509.UniformResourceIdentifier) or not _URI.match(name.value):
        return False
    parts = urlsplit(name.value)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _uri_named(one: Examined) -> bool:
    names = list(one.get(x509.SubjectAlternativeName) or ())
    return not names if one.profile.ca else len(names) == 1 and _is_web_address(names[0])


def _policy_named(one: Examined) -> bool:
    named = [each.policy_identifier for each in one.get(x509.CertificatePolicies) or ()]
    return named == ([] if one.profile.ca else [POLICY])


def _crl_named(one: Examined) -> bool:
    points = list(one.get(x509.CRLDistributionPoints) or ())
    names = [name for point in points for name in point.full_name or ()]
    return not points if one.profile.ca else len(points) == len(names) == 1 and _is_web_address(names[0])


RULES: Final = (
    X509Rule("x509_version", "RFC 5280 §4.1.2.1", lambda one: one.certificate.version is x509.Version.v3),
    X509Rule("x509_serial", "RFC 5280 §4.1.2.2", _serial_fits),
    X509Rule(
        "x509_algorithm",
        "RFC 5758 §3.2",
        lambda one: one.certificate.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA256,
    ),
    X509Rule("x509_signature", "RFC 5280 §4.1.1.3", _signed_by_issuer),
    X509Rule("x509_issuer", "RFC 5280 §4.1.2.4", lambda one: one.certificate.issuer == one.issuer.subject),
    X509Rule("x509_validity", "docs/adr/0005", _life_fits),
    X509Rule("x509_validity_nested", "docs/adr/0005", _life_within_issuer),
    X509Rule(
        "x509_place",
        "RFC 5280 §4.2.1.10",
        lambda one: list(one.certificate.subject)[: len(PLACE)] == list(PLACE),
    ),
    X509Rule("x509_name_length", "RFC 5280 appendix A.1", _names_short),
    X509Rule("x509_name_encoding", "RFC 5280 §4.1.2.4", _names_encoded),
    X509Rule("x509_organization_identifier", "ETSI EN 319 412-1 §5.1.4", _unit_named),
    X509Rule("x509_key", "RFC 5480 §2.1.1.1", _on_p256),
    X509Rule("x509_extensions", "RFC 5280 §4.2", _extensions_known),
    X509Rule(
        "x509_basic_constraints",
        "RFC 5280 §4.2.1.9",
        lambda one: (
            one.get(x509.BasicConstraints) == x509.BasicConstraints(one.profile.ca, one.profile.path_length)
        ),
    ),
    X509Rule(
        "x509_key_usage", "RFC 5280 §4.2.1.3", lambda one: one.get(x509.KeyUsage) == key_usage(one.profile)
    ),
    X509Rule(
        "x509_name_constraints",
        "RFC 5280 §4.2.1.10",
        lambda one: one.get(x509.NameConstraints) == (name_constraints() if one.profile.ca else None),
    ),
    X509Rule("x509_subject_key_identifier", "RFC 5280 §4.2.1.2", _key_named),
    X509Rule("x509_authority_key_identifier", "RFC 5280 §4.2.1.1", _issuer_key_named),
    X509Rule("x509_subject_alternative_name", "RFC 5280 §4.2.1.6", _uri_named),
    X509Rule("x509_policies", "RFC 5280 §4.2.1.4", _policy_named),
    X509Rule("x509_crl_distribution_points", "RFC 5280 §4.2.1.13", _crl_named),
)


def lint_x509(certificate: x509.Certificate, issuer: x509.Certificate, profile: Profile) -> list[str]:
    """The codes of every rule broken. A root is its own issuer."""
    examined = Examined(certificate, issuer, profile)
    return [rule.code for rule in RULES if not rule.keeps(examined)]
