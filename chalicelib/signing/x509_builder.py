"""Making certificates of the profile: the root signs itself, and every leaf. Nothing here is recorded yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.kernel.clock import add_years
from chalicelib.kernel.encoding import sha256
from chalicelib.kernel.entropy import Entropy
from chalicelib.signing.kms_private_key import KmsPrivateKey
from chalicelib.signing.x509_profile import (
    LEAF_PROFILE,
    POLICY,
    ROOT_PROFILE,
    Profile,
    Subject,
    key_usage,
    name_constraints,
    root_name,
    subject_name,
)

SERIAL_BYTES: Final = 16
_FIRST_BIT: Final = 1 << (8 * SERIAL_BYTES - 1)
_MOMENT: Final = timedelta(seconds=1)  # `notAfter` is the last second of validity (RFC 5280 §4.1.2.5)


@dataclass(frozen=True, slots=True)
class Authority:
    """The root, ready to sign: its certificate and its key; `base_url` is where the CRL is served."""

    certificate: x509.Certificate
    key: KmsPrivateKey
    base_url: str

    @property
    def key_identifier(self) -> x509.AuthorityKeyIdentifier:
        """What names its key in whatever it signs (RFC 5280 §4.2.1.1)."""
        own = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _serial(lot: bytes) -> int:
    """Positive, 128 bits of which 127 are the lot's, always 32 hexadecimal digits (RFC 5280 §4.1.2.2: ≤ 20 octets)."""
    return int.from_bytes(lot, "big") | _FIRST_BIT


def build_root(key: KmsPrivateKey, now: datetime, generation: int) -> x509.Certificate:
    """The self-signed trust anchor, which may certify leaves in Shenzhen and nothing else.

    Its serial follows from the key and the root's number: two that make the same root at once collide, and one wins.
    """
    public = key.public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    start = now.replace(microsecond=0)
    builder = (
        x509.CertificateBuilder(issuer_name=root_name(), subject_name=root_name(), public_key=public)
        .serial_number(_serial(sha256(spki + generation.to_bytes(4, "big"))[:SERIAL_BYTES]))
        .not_valid_before(start)
        .not_valid_after(add_years(start, ROOT_PROFILE.years) - _MOMENT)
    )
    values = (
        x509.BasicConstraints(ROOT_PROFILE.ca, ROOT_PROFILE.path_length),
        key_usage(ROOT_PROFILE),
        name_constraints(),
        x509.SubjectKeyIdentifier.from_public_key(public),
    )
    return _extended(builder, ROOT_PROFILE, values).sign(key, SHA256())


def build_leaf(
    authority: Authority, subject: Subject, public: EllipticCurvePublicKey, now: datetime, entropy: Entropy
) -> x509.Certificate:
    """A certificate on a signing key, for three years or until the root's end. Invalid("invalid_unit_name")."""
    start, root = now.replace(microsecond=0), authority.certificate
    ends = min(add_years(start, LEAF_PROFILE.years) - _MOMENT, root.not_valid_after_utc)
    builder = (
        x509.CertificateBuilder(root.subject, subject_name(subject), public)
        .serial_number(_serial(entropy.token(SERIAL_BYTES)))
        .not_valid_before(start)
        .not_valid_after(ends)
    )
    crl = x509.UniformResourceIdentifier(f"{authority.base_url}/v1/trust/crl")
    values = (
        x509.BasicConstraints(LEAF_PROFILE.ca, LEAF_PROFILE.path_length),
        key_usage(LEAF_PROFILE),
        x509.SubjectAlternativeName([x509.UniformResourceIdentifier(subject.uri)]),
        x509.CertificatePolicies([x509.PolicyInformation(POLICY, None)]),
        x509.CRLDistributionPoints([x509.DistributionPoint([crl], None, None, None)]),
        x509.SubjectKeyIdentifier.from_public_key(public),
        authority.key_identifier,
    )
    return _extended(builder, LEAF_PROFILE, values).sign(authority.key, SHA256())


def _extended(
    builder: x509.CertificateBuilder, profile: Profile, values: Sequence[x509.ExtensionType]
) -> x509.CertificateBuilder:
    """With the values in the profile's order, each as critical as the profile says."""
    for value, (_, critical) in zip(values, profile.extensions, strict=True):
        builder = builder.add_extension(value, critical=critical)
    return builder
