"""The X.509 profile of the platform: who certifies whom, for how long, for what (RFC 5280; docs/adr/0005).

    platform root (self-signed, CA, path length 0)  ──▶ unit certificate (signs credentials)
                                                    └─▶ platform certificate (signs status lists)

The root outlives every retention counted from its last signature: 50 years. A unit's certificate lives 3 years; what it
signed stays verifiable after that, since validity is judged at the time of signing.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from chalicelib.kernel.clock import add_years
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.entropy import Entropy
from chalicelib.signing.jose import thumbprint
from chalicelib.signing.kms_private_key import KmsPrivateKey

ROOT_YEARS: Final = 50
LEAF_YEARS: Final = 3
SERIAL_BYTES: Final = 16
# Certificates claim to be ours where the law puts them: in Shenzhen. The root may certify nobody elsewhere.
PLACE: Final = (
    x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
    x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Guangdong"),
    x509.NameAttribute(NameOID.LOCALITY_NAME, "Shenzhen"),
)
# Under the arc for UUID-derived identifiers (ITU-T X.667): nobody's arc is borrowed.
POLICY: Final = x509.ObjectIdentifier("2.25.305419896021345678901234567890123456789")
UNIT_CODE_PREFIX: Final = (
    "NTRCN-"  # ETSI EN 319 412-1 §5.1.4: national trade register, then the identifier (USCC)
)
_MOMENT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a leaf certificate names. `uri` is the credential's `iss` (or the status lists' own name)."""

    name: str
    unit: str | None
    uri: str


@dataclass(frozen=True, slots=True)
class Authority:
    """The root, ready to sign: its certificate and its key; `base_url` is where the CRL is served."""

    certificate: x509.Certificate
    key: KmsPrivateKey
    base_url: str


def _serial(entropy: Entropy) -> int:
    """A positive 127-bit random serial (RFC 5280 §4.1.2.2: at most 20 octets; CABF: 64 random bits)."""
    return int.from_bytes(entropy.token(SERIAL_BYTES), "big") >> 1 | 1


def _usage(*, leaf: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=leaf,
        content_commitment=leaf,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not leaf,
        crl_sign=not leaf,
        encipher_only=False,
        decipher_only=False,
    )


def build_root(key: KmsPrivateKey, now: datetime, entropy: Entropy) -> x509.Certificate:
    """The self-signed trust anchor, which may certify leaves in Shenzhen and nothing else."""
    public, start = key.public_key(), now.replace(microsecond=0)
    name = x509.Name([*PLACE, x509.NameAttribute(NameOID.COMMON_NAME, "Zhengzhao Platform Root")])
    place = x509.DirectoryName(x509.Name(PLACE))
    builder = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=public)
        .serial_number(_serial(entropy))
        .not_valid_before(start)
        .not_valid_after(add_years(start, ROOT_YEARS) - _MOMENT)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(leaf=False), critical=True)
        .add_extension(x509.NameConstraints([place], None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    return builder.sign(key, SHA256())


def build_leaf(
    authority: Authority, subject: Subject, public: EllipticCurvePublicKey, now: datetime, entropy: Entropy
) -> x509.Certificate:
    """A certificate on a signing key, for three years or until the root's end."""
    start, root = now.replace(microsecond=0), authority.certificate
    ends = min(add_years(start, LEAF_YEARS) - _MOMENT, root.not_valid_after_utc)
    builder = (
        x509.CertificateBuilder(issuer_name=root.subject, subject_name=_name(subject), public_key=public)
        .serial_number(_serial(entropy))
        .not_valid_before(start)
        .not_valid_after(ends)
    )
    for extension, critical in _leaf_extensions(authority, subject, public):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(authority.key, SHA256())


def _name(subject: Subject) -> x509.Name:
    attributes = [*PLACE, x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.name)]
    if subject.unit is not None:
        attributes.append(
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, UNIT_CODE_PREFIX + subject.unit)
        )
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, subject.name)])


def _leaf_extensions(
    authority: Authority, subject: Subject, public: EllipticCurvePublicKey
) -> Sequence[tuple[x509.ExtensionType, bool]]:
    root_id = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    crl = x509.DistributionPoint(
        [x509.UniformResourceIdentifier(f"{authority.base_url}/v1/trust/crl")], None, None, None
    )
    return (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(leaf=True), True),
        (x509.SubjectAlternativeName([x509.UniformResourceIdentifier(subject.uri)]), False),
        (x509.CertificatePolicies([x509.PolicyInformation(POLICY, None)]), False),
        (x509.CRLDistributionPoints([crl]), False),
        (x509.SubjectKeyIdentifier.from_public_key(public), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_id), False),
    )


def jose_header(leaf: bytes, root: bytes) -> dict[str, Json]:
    """`kid` and `x5c` (RFC 7515 §4.1.6) of what the leaf's key signs: the chain up to the anchor."""
    key = x509.load_der_x509_certificate(leaf).public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise TypeError("the profile knows P-256 keys only")
    chain: list[Json] = [base64.b64encode(der).decode("ascii") for der in (leaf, root)]
    return {"kid": thumbprint(key), "x5c": chain}
