"""From an `x5c` header to a public key that may be believed (RFC 5280 §6, narrowed to the platform's profile).

One root certifies leaves directly, so the path has two certificates and the file's own copy of the root is not looked
at: only the asker's anchors decide. The leaf must be valid when it signed (at `iat`), and so must the root; their later
expiry takes nothing away from what was signed. Later *revocation* may: see `revocation`.

`cryptography`'s path builder is not used: it knows TLS servers and clients only, and refuses directory name constraints.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, SignatureAlgorithmOID

from chalicelib.kernel.encoding import Json
from chalicelib.signing.jose import thumbprint

Kind = TypeVar("Kind", bound=x509.ExtensionType)
UNIT_CODE_PREFIX: Final = "NTRCN-"  # ETSI EN 319 412-1 §5.1.4
# All that reading somebody's bytes as a certificate or CRL may raise: what cannot be read is not believed.
UNREADABLE: Final = (
    ValueError,
    TypeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
_UNDERSTOOD: Final = (
    x509.BasicConstraints,
    x509.KeyUsage,
    x509.SubjectAlternativeName,
    x509.ExtendedKeyUsage,
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A signing certificate, read once: what the checks ask of it. Times are seconds since 1970."""

    key: EllipticCurvePublicKey
    kid: str
    serial: int
    root: x509.Certificate | None
    fits: bool
    not_before: float
    not_after: float
    uris: frozenset[str]
    unit: str | None


def read_leaf(chain: Json, roots: Sequence[x509.Certificate]) -> Leaf | None:
    """The leaf of an `x5c` value against these anchors; None when there is none that could be read."""
    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        return None
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(chain[0], validate=True))
        key = certificate.public_key()
        if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
            return None
        return _leaf(certificate, key, next((root for root in roots if _issued(root, certificate)), None))
    except UNREADABLE:
        return None


def _issued(root: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether the anchor's key signed it under the anchor's name."""
    try:
        certificate.verify_directly_issued_by(root)
    except UNREADABLE:
        return False
    return certificate.signature_algorithm_oid == SignatureAlgorithmOID.ECDSA_WITH_SHA256


def _leaf(certificate: x509.Certificate, key: EllipticCurvePublicKey, root: x509.Certificate | None) -> Leaf:
    names = extension(certificate, x509.SubjectAlternativeName)
    uris = names.get_values_for_type(x509.UniformResourceIdentifier) if names else ()
    path = (certificate,) if root is None else (certificate, root)
    return Leaf(
        key=key,
        kid=thumbprint(key),
        serial=certificate.serial_number,
        root=root,
        fits=_may_sign(certificate) and (root is None or _may_certify(root, certificate)),
        not_before=max(one.not_valid_before_utc.timestamp() for one in path),
        not_after=min(one.not_valid_after_utc.timestamp() for one in path),
        uris=frozenset(uris),
        unit=_unit(certificate),
    )


def extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind | None:
    """The extension of that kind, if it has one."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _may_sign(certificate: x509.Certificate) -> bool:
    """An end entity whose key signs, for no narrower purpose, with no critical extension that we do not understand."""
    constraints, usage = (
        extension(certificate, x509.BasicConstraints),
        extension(certificate, x509.KeyUsage),
    )
    purposes = extension(certificate, x509.ExtendedKeyUsage)
    strange = any(one.critical and not isinstance(one.value, _UNDERSTOOD) for one in certificate.extensions)
    narrowed = purposes is not None and ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in purposes
    leaf = constraints is not None and not constraints.ca
    signs = usage is not None and usage.digital_signature and not usage.key_cert_sign
    return certificate.version is x509.Version.v3 and leaf and signs and not strange and not narrowed


def _may_certify(root: x509.Certificate, certificate: x509.Certificate) -> bool:
    """The root is a CA, and its own name constraints hold for the leaf (RFC 5280 §4.2.1.10)."""
    constraints, usage = extension(root, x509.BasicConstraints), extension(root, x509.KeyUsage)
    if constraints is None or not constraints.ca or (usage is not None and not usage.key_cert_sign):
        return False
    limits = extension(root, x509.NameConstraints)
    return limits is None or _within(limits, certificate)


def _within(limits: x509.NameConstraints, certificate: x509.Certificate) -> bool:
    """Every directory name lies below a permitted one. Constraints that we do not understand are not met."""
    permitted = [list(one.value.rdns) for one in limits.permitted_subtrees or () if _is_directory(one)]
    if limits.excluded_subtrees or len(permitted) != len(limits.permitted_subtrees or ()):
        return False
    names = extension(certificate, x509.SubjectAlternativeName)
    subjects = [certificate.subject, *(names.get_values_for_type(x509.DirectoryName) if names else ())]
    return all(any(list(one.rdns)[: len(top)] == top for top in permitted) for one in subjects)


def _is_directory(name: x509.GeneralName) -> bool:
    return isinstance(name, x509.DirectoryName)


def _unit(certificate: x509.Certificate) -> str | None:
    """The USCC in the organisation identifier; there must be exactly one."""
    found = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    value = str(found[0].value) if len(found) == 1 else ""
    return value.removeprefix(UNIT_CODE_PREFIX) if value.startswith(UNIT_CODE_PREFIX) else None
