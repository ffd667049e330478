"""The X.509 profile of the platform, in one table: who certifies whom, for how long, for what (docs/adr/0005).

    platform root (self-signed, CA, path length 0)  ──▶ unit certificate (signs credentials)
                                                    └─▶ platform certificate (signs status lists)

The root lives 50 years: what it vouched for on its last working day is kept for 20 years at least (art. 21), and some of
it for as long as the certificate is valid. A leaf lives 3 years; what it signed stays verifiable after that, since
validity is judged at the time of signing. Nothing is back-dated: a certificate begins with the second it is made in.
"""

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.x509.oid import NameOID

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.jose import thumbprint


@dataclass(frozen=True, slots=True)
class Profile:
    """What a certificate of a kind is. `extensions` in the order in which they stand, each with its criticality."""

    years: int
    ca: bool
    path_length: int | None
    usages: frozenset[str]  # the names of `x509.KeyUsage`'s arguments
    extensions: tuple[tuple[type[x509.ExtensionType], bool], ...]


ROOT_PROFILE: Final = Profile(
    years=50,
    ca=True,
    path_length=0,
    usages=frozenset({"key_cert_sign", "crl_sign"}),
    extensions=(
        (x509.BasicConstraints, True),
        (x509.KeyUsage, True),
        (x509.NameConstraints, True),
        (x509.SubjectKeyIdentifier, False),
    ),
)
LEAF_PROFILE: Final = Profile(
    years=3,
    ca=False,
    path_length=None,
    usages=frozenset({"digital_signature", "content_commitment"}),
    extensions=(
        (x509.BasicConstraints, True),
        (x509.KeyUsage, True),
        (x509.SubjectAlternativeName, False),
        (x509.CertificatePolicies, False),
        (x509.CRLDistributionPoints, False),
        (x509.SubjectKeyIdentifier, False),
        (x509.AuthorityKeyIdentifier, False),
    ),
)
# A leaf with less than this left is certified anew; the two overlap, the newer signs.
RENEWED_BEFORE: Final = timedelta(days=90)
# Certificates claim to be ours where the law puts them: in Shenzhen. The root may certify nobody elsewhere.
PLACE: Final = (
    x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
    x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Guangdong"),
    x509.NameAttribute(NameOID.LOCALITY_NAME, "Shenzhen"),
)
# GUID 4fb338ce-2d20-400a-8a87-5892b1e91069 under the arc that Microsoft opened for such. Not X.667's 2.25: several parsers
# refuse its 128-bit arcs, and the certificate with them; RFC 5280 appendix B asks for 28 bits.
POLICY: Final = x509.ObjectIdentifier(
    "1.2.840.113556.1.8000.2554.20403.14542.11552.16394.35463.5804721.15274089"
)
# ETSI EN 319 412-1 §5.1.4: a national register's identifier for a legal person; here the USCC (GB 32100).
UNIT_CODE_PREFIX: Final = "NTRCN-"
LONGEST_ORGANIZATION: Final = 64  # characters: ub-organization-name (RFC 5280 appendix A.1)
LONGEST_COMMON_NAME: Final = 64  # ub-common-name; of bytes in UTF-8, as the strictest readers count
_USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a leaf certificate names. `uri` is the credential's `iss` (or the status lists' own name)."""

    name: str
    unit: str | None
    uri: str


def root_name() -> x509.Name:
    """The root's subject, and every certificate's issuer."""
    return x509.Name([*PLACE, x509.NameAttribute(NameOID.COMMON_NAME, "Zhengzhao Platform Root")])


def subject_name(subject: Subject) -> x509.Name:
    """C, ST, L, O, organizationIdentifier, CN. A common name too long for X.520 is the unit's code instead, never cut.

    Invalid("invalid_unit_name") when the name is empty or longer than an organization's may be.
    """
    if not 1 <= len(subject.name) <= LONGEST_ORGANIZATION:
        raise Invalid("invalid_unit_name", "name")
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.name)
    if subject.unit is None:
        return x509.Name([*PLACE, organization, x509.NameAttribute(NameOID.COMMON_NAME, subject.name)])
    code = UNIT_CODE_PREFIX + subject.unit
    common = subject.name if len(subject.name.encode("utf-8")) <= LONGEST_COMMON_NAME else code
    identifier = x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, code)
    return x509.Name([*PLACE, organization, identifier, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def key_usage(profile: Profile) -> x509.KeyUsage:
    """The profile's usages as an extension, every other one off."""
    return x509.KeyUsage(**{name: name in profile.usages for name in _USAGES})


def name_constraints() -> x509.NameConstraints:
    """Directory names in Shenzhen, and nothing else (RFC 5280 §4.2.1.10)."""
    return x509.NameConstraints([x509.DirectoryName(x509.Name(PLACE))], None)


def public_key_of(der: bytes) -> EllipticCurvePublicKey:
    """The key of a certificate that we recorded."""
    key = x509.load_der_x509_certificate(der).public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise TypeError("the profile knows P-256 keys only")
    return key


def jose_header(leaf: bytes, root: bytes) -> dict[str, Json]:
    """`kid` and `x5c` (RFC 7515 §4.1.6) of what the leaf's key signs: the chain up to the anchor."""
    chain: list[Json] = [base64.b64encode(der).decode("ascii") for der in (leaf, root)]
    return {"kid": thumbprint(public_key_of(leaf)), "x5c": chain}
