"""The profile as checks on a built certificate, one a rule with its clause: nothing that breaks one is recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from chalicelib.signing.x509_profile import LEAF_YEARS, PLACE, ROOT_YEARS

Extension = TypeVar("Extension", bound=x509.ExtensionType)
_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class X509Rule:
    """A rule, where it comes from, and whether a certificate keeps it."""

    code: str
    clause: str
    keeps: Callable[[x509.Certificate], bool]


def _get(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _critical(certificate: x509.Certificate, kind: type[x509.ExtensionType]) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(kind).critical
    except x509.ExtensionNotFound:
        return False


def _is_ca(certificate: x509.Certificate) -> bool:
    constraints = _get(certificate, x509.BasicConstraints)
    return constraints is not None and constraints.ca


def _usage_fits(certificate: x509.Certificate) -> bool:
    usage, ca = _get(certificate, x509.KeyUsage), _is_ca(certificate)
    if usage is None:
        return False
    signs = usage.digital_signature and usage.content_commitment
    certifies = usage.key_cert_sign or usage.crl_sign
    spare = usage.key_encipherment or usage.data_encipherment or usage.key_agreement
    return not spare and ((certifies and not usage.digital_signature) if ca else (signs and not certifies))


def _in_place(certificate: x509.Certificate) -> bool:
    return list(certificate.subject)[: len(PLACE)] == list(PLACE)


def _life_fits(certificate: x509.Certificate) -> bool:
    years = ROOT_YEARS if _is_ca(certificate) else LEAF_YEARS
    life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return 0 < life.days <= years * _DAYS


def _on_p256(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    return isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1)


def _leaf_has(kind: type[x509.ExtensionType]) -> Callable[[x509.Certificate], bool]:
    return lambda certificate: _is_ca(certificate) or _get(certificate, kind) is not None


RULES: Final = (
    X509Rule("x509_version", "RFC 5280 §4.1.2.1", lambda one: one.version is x509.Version.v3),
    X509Rule("x509_serial", "RFC 5280 §4.1.2.2", lambda one: 64 <= one.serial_number.bit_length() <= 159),  # noqa: PLR2004  # 64 random bits; 20 octets
    X509Rule("x509_validity", "docs/adr/0005", _life_fits),
    X509Rule("x509_place", "docs/adr/0005", _in_place),
    X509Rule("x509_key", "docs/adr/0005", _on_p256),
    X509Rule(
        "x509_basic_constraints", "RFC 5280 §4.2.1.9", lambda one: _critical(one, x509.BasicConstraints)
    ),
    X509Rule("x509_key_usage", "RFC 5280 §4.2.1.3", _usage_fits),
    X509Rule("x509_key_usage_critical", "RFC 5280 §4.2.1.3", lambda one: _critical(one, x509.KeyUsage)),
    X509Rule(
        "x509_name_constraints",
        "RFC 5280 §4.2.1.10",
        lambda one: (
            _critical(one, x509.NameConstraints) if _is_ca(one) else _get(one, x509.NameConstraints) is None
        ),
    ),
    X509Rule(
        "x509_subject_key_id",
        "RFC 5280 §4.2.1.2",
        lambda one: _get(one, x509.SubjectKeyIdentifier) is not None,
    ),
    X509Rule("x509_authority_key_id", "RFC 5280 §4.2.1.1", _leaf_has(x509.AuthorityKeyIdentifier)),
    X509Rule("x509_subject_alternative_name", "SD-JWT VC §3.5", _leaf_has(x509.SubjectAlternativeName)),
    X509Rule("x509_policies", "RFC 5280 §4.2.1.4", _leaf_has(x509.CertificatePolicies)),
    X509Rule("x509_crl_distribution_points", "RFC 5280 §4.2.1.13", _leaf_has(x509.CRLDistributionPoints)),
)


def lint_x509(certificate: x509.Certificate) -> list[str]:
    """The codes of every rule broken."""
    return [rule.code for rule in RULES if not rule.keeps(certificate)]
