"""A root with leaves under it, in memory; and certificates with one thing wrong, properly signed all the same."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict, Unpack

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.signing.kms_private_key import KmsPrivateKey
from chalicelib.signing.x509_builder import Authority, build_leaf, build_root
from chalicelib.signing.x509_profile import POLICY, ROOT_PROFILE, Subject, key_usage
from tests.fakes.ambient import NOON, SeededEntropy
from tests.fakes.local_signer import LocalSigner
from tests.fakes.records import BASE, ISSUER, OTHER_UNIT

SUBJECT = Subject("深圳市𠮷祥·监督管理局(样例)", ISSUER, f"{BASE}/v1/trust/units/{ISSUER}")
Extensions = list[tuple[x509.ExtensionType, bool]]


class Changes(TypedDict, total=False):
    """What `rebuilt` makes other than it was."""

    serial: int
    issuer: x509.Name
    subject: x509.Name
    begins: datetime
    ends: datetime
    public: EllipticCurvePublicKey
    extensions: Extensions
    algorithm: SHA256 | SHA384
    key: str  # the name of the key that signs


def extensions_of(certificate: x509.Certificate) -> Extensions:
    """Each extension's value with its criticality, in order."""
    return [(one.value, one.critical) for one in certificate.extensions]


@dataclass
class LocalAuthority:
    """Certifies with keys of its own, which `signer` holds by name."""

    signer: LocalSigner = field(default_factory=LocalSigner)
    entropy: SeededEntropy = field(default_factory=SeededEntropy)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.root = build_root(self.key("root"), self.now, 1)
        self.authority = Authority(self.root, self.key("root"), BASE)

    def key(self, name: str) -> KmsPrivateKey:
        return KmsPrivateKey(self.signer, name)

    def leaf(
        self, subject: Subject = SUBJECT, key: str = "unit", now: datetime | None = None
    ) -> x509.Certificate:
        public = self.signer.public_key(key)
        return build_leaf(self.authority, subject, public, now or self.now, self.entropy)

    def rebuilt(self, one: x509.Certificate, **changes: Unpack[Changes]) -> x509.Certificate:
        """The certificate with these things changed, signed anew."""
        builder = (
            x509.CertificateBuilder()
            .serial_number(changes.get("serial", one.serial_number))
            .issuer_name(changes.get("issuer", one.issuer))
            .subject_name(changes.get("subject", one.subject))
            .not_valid_before(changes.get("begins", one.not_valid_before_utc))
            .not_valid_after(changes.get("ends", one.not_valid_after_utc))
            .public_key(changes.get("public", self.signer.public_key("unit")))
        )
        for value, critical in changes.get("extensions", extensions_of(one)):
            builder = builder.add_extension(value, critical)
        key = self.signer.private_key(changes.get("key", "root"))
        return builder.sign(key, changes.get("algorithm", SHA256()))

    def below(self, issuer: x509.Certificate) -> x509.Certificate:
        """A leaf for another unit, in order but for this: the unit's own key signed it."""
        other = self.leaf(
            Subject("深圳市另一单位(样例)", OTHER_UNIT, f"{BASE}/v1/trust/units/{OTHER_UNIT}"), "other"
        )
        named = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.signer.public_key("unit"))
        extensions = [
            (named if isinstance(value, x509.AuthorityKeyIdentifier) else value, critical)
            for value, critical in extensions_of(other)
        ]
        public = self.signer.public_key("other")
        return self.rebuilt(other, issuer=issuer.subject, extensions=extensions, public=public, key="unit")

    def ca_extensions(self) -> Extensions:
        """A second level's extensions, as a root without limits would give them to the key `unit`."""
        public = self.signer.public_key("unit")
        return [
            (x509.BasicConstraints(ca=True, path_length=None), True),
            (key_usage(ROOT_PROFILE), True),
            (x509.CertificatePolicies([x509.PolicyInformation(POLICY, None)]), False),
            (x509.SubjectKeyIdentifier.from_public_key(public), False),
            (self.authority.key_identifier, False),
        ]

    def resigned(self, signed_part: bytes, like: x509.Certificate) -> x509.Certificate:
        """A certificate around these bytes: for what no builder would write."""
        body = asn1.TbsCertificate.load(signed_part)
        parts = {
            "tbs_certificate": body,
            "signature_algorithm": asn1.Certificate.load(like.public_bytes(Encoding.DER))[
                "signature_algorithm"
            ],
            "signature_value": self.signer.sign("root", signed_part),
        }
        return x509.load_der_x509_certificate(asn1.Certificate(parts).dump())
