"""A workshop that makes genuine credentials, and every kind that is not: keys, X.509 chain, status lists and CRLs.

It builds with `cryptography` alone, not with the product's own builders: what it makes is what the standards say.
"""

import base64
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from chalicelib.kernel.encoding import Json, b64url, canonical_json, integrity
from chalicelib.signing.jose import compact, signing_input, thumbprint
from chalicelib.signing.sd_jwt import Disclosure, assemble, prepare_sd_jwt
from chalicelib.verification.verifier import Evidence, Verifier
from tests.fakes.ambient import NOON
from tests.fakes.records import BASE, IDENTIFIER, ISSUER, TYPE

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
ISSUED = datetime(2026, 3, 1, tzinfo=UTC)
EXPIRES = datetime(2031, 6, 1, tzinfo=UTC)
METADATA = b'{"vct":"https://zz.example.cn/v1/vct/x/1"}'
LIST_URI = f"{BASE}/v1/status-lists/1-0"
INDEX = 1234
PLACE = (
    (NameOID.COUNTRY_NAME, "CN"),
    (NameOID.STATE_OR_PROVINCE_NAME, "Guangdong"),
    (NameOID.LOCALITY_NAME, "Shenzhen"),
)
HIDDEN: Mapping[str, Json] = {
    "certificate_name": "食品经营许可证",
    "holder_name": "深圳市𠮷祥里餐饮有限公司(样例)",
    "holder_code": "91440300MA5F0801XU",
    "items": ["热食类食品制售", "冷食类食品制售"],
}

Extension = tuple[x509.ExtensionType, bool]


def name(
    common: str,
    *more: tuple[x509.ObjectIdentifier, str],
    place: Iterable[tuple[x509.ObjectIdentifier, str]] = PLACE,
) -> x509.Name:
    """A directory name in Shenzhen, unless told otherwise."""
    parts = [*place, *more, (NameOID.COMMON_NAME, common)]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def usage(*, sign: bool, certify: bool) -> x509.KeyUsage:
    return x509.KeyUsage(sign, sign, False, False, False, certify, certify, False, False)


def unit_name(code: str = ISSUER, **options: Iterable[tuple[x509.ObjectIdentifier, str]]) -> x509.Name:
    return name("深圳市市场监督管理局(样例)", (NameOID.ORGANIZATION_IDENTIFIER, f"NTRCN-{code}"), **options)


def leaf_extensions(uri: str) -> list[Extension]:
    """What the profile gives a signing certificate, as far as a verifier looks."""
    return [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage(sign=True, certify=False), True),
        (x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]), False),
    ]


@dataclass(frozen=True)
class Authority:
    """A root with its key."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def certify(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        extensions: Sequence[Extension],
        start: datetime = BEGUN,
        end: datetime = BEGUN + timedelta(days=1000),
    ) -> x509.Certificate:
        return _certificate(self.key, self.certificate.subject, subject, key, extensions, start, end)

    def crl(
        self,
        revoked: Iterable[tuple[x509.Certificate, datetime, x509.ReasonFlags | None]] = (),
        start: datetime = NOON - timedelta(days=1),
        end: datetime = NOON + timedelta(days=6),
        extensions: Sequence[Extension] = (),
    ) -> bytes:
        builder = x509.CertificateRevocationListBuilder(self.certificate.subject, start, end)
        for certificate, since, reason in revoked:
            entry = x509.RevokedCertificateBuilder(certificate.serial_number, since)
            builder = builder.add_revoked_certificate(
                (entry.add_extension(x509.CRLReason(reason), False) if reason else entry).build()
            )
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        for extension, critical in [(above, False), (x509.CRLNumber(1), False), *extensions]:
            builder = builder.add_extension(extension, critical)
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)


def _certificate(
    signer: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    extensions: Sequence[Extension],
    start: datetime,
    end: datetime,
) -> x509.Certificate:
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), start, end
    )
    for extension, critical in [*_key_identifiers(signer, key), *extensions]:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, SHA256())


def root_extensions() -> list[Extension]:
    place = x509.Name([x509.NameAttribute(kind, value) for kind, value in PLACE])
    return [
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (usage(sign=False, certify=True), True),
        (x509.NameConstraints([x509.DirectoryName(place)], None), True),
    ]


def _key_identifiers(signer: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey) -> list[Extension]:
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return [(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False), (above, False)]


def authority(extensions: Sequence[Extension] | None = None, start: datetime = BEGUN) -> Authority:
    """A self-signed root, by default one as the profile wants it."""
    key, subject = new_key(), name("Platform Root")
    chosen = root_extensions() if extensions is None else extensions
    return Authority(
        key, _certificate(key, subject, subject, key, chosen, start, BEGUN + timedelta(days=18000))
    )


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Signer:
    """A key with the certificate that goes into `x5c`."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    root: x509.Certificate

    @property
    def header(self) -> dict[str, Json]:
        chain: list[Json] = [
            base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in (self.certificate, self.root)
        ]
        return {"alg": "ES256", "kid": thumbprint(self.key.public_key()), "x5c": chain}

    def sign(self, signed: bytes) -> str:
        return compact(signed, self.key.sign(signed, ec.ECDSA(SHA256())))


def visible() -> dict[str, Json]:
    """The claims that every certificate shows."""
    return {
        "iss": f"{BASE}/v1/trust/units/{ISSUER}",
        "iat": int(ISSUED.timestamp()),
        "nbf": int(ISSUED.timestamp()),
        "exp": int(EXPIRES.timestamp()),
        "vct": f"{BASE}/v1/vct/{TYPE}/1",
        "vct#integrity": integrity(METADATA),
        "status": {"status_list": {"idx": INDEX, "uri": LIST_URI}},
        "certificate_identifier": IDENTIFIER,
        "type_code": TYPE,
        "issuing_authority_code": ISSUER,
    }


@dataclass(frozen=True)
class Forge:
    """One platform: its root, a unit, the status lists' signer."""

    root: Authority = field(default_factory=authority)

    def unit(
        self,
        subject: x509.Name | None = None,
        extensions: Sequence[Extension] | None = None,
        **times: datetime,
    ) -> Signer:
        """A unit's key, certified; by default as the profile wants it."""
        key = new_key()
        chosen = leaf_extensions(f"{BASE}/v1/trust/units/{ISSUER}") if extensions is None else extensions
        certificate = self.root.certify(subject or unit_name(), key, chosen, **times)
        return Signer(key, certificate, self.root.certificate)

    def status_signer(self, uri: str = f"{BASE}/v1/trust/platform/status") -> Signer:
        key = new_key()
        return Signer(
            key, self.root.certify(name("Zhengzhao status"), key, leaf_extensions(uri)), self.root.certificate
        )

    def verifier(self) -> Verifier:
        return Verifier([self.root.certificate])


def credential(
    signer: Signer,
    changes: Mapping[str, Json] | None = None,
    hidden: Mapping[str, Json] = HIDDEN,
    header: Mapping[str, Json] | None = None,
) -> str:
    """A credential by that signer. A change to None takes the claim or header member away."""
    claims = _changed(visible(), changes)
    disclosures = [Disclosure(claim, value, f"{claim:16.16}".encode()) for claim, value in hidden.items()]
    signed = prepare_sd_jwt(_changed({**signer.header, "typ": "dc+sd-jwt"}, header), claims, disclosures)
    return assemble(signer.sign(signed), [one.encoded for one in disclosures])


def raw_credential(signer: Signer, payload: Mapping[str, Json], disclosures: Sequence[str] = ()) -> str:
    """A credential with exactly this payload, however odd."""
    signed = signing_input({**signer.header, "typ": "dc+sd-jwt"}, json.dumps(payload).encode())
    return assemble(signer.sign(signed), disclosures)


def status_list(
    signer: Signer,
    values: Mapping[int, int] | None = None,
    header: Mapping[str, Json] | None = None,
    **changes: Json,
) -> str:
    """A token of 2-bit values, all 0 but those given, fresh at NOON."""
    packed = bytearray(4096)
    for index, value in (values or {}).items():
        packed[index // 4] |= value << index % 4 * 2
    claims: dict[str, Json] = {
        "sub": LIST_URI,
        "iat": int(NOON.timestamp()) - 60,
        "exp": int(NOON.timestamp()) + 3540,
        "ttl": 300,
        "status_list": {"bits": 2, "lst": b64url(zlib.compress(bytes(packed), 9))},
    }
    made = _changed({**signer.header, "typ": "statuslist+jwt"}, header)
    return signer.sign(signing_input(made, canonical_json(_changed(claims, changes))))


def _changed(members: dict[str, Json], changes: Mapping[str, Json] | None) -> dict[str, Json]:
    changed = {**members, **(changes or {})}
    return {member: value for member, value in changed.items() if value is not None}


def at_noon(**brought: str | bytes | None) -> Evidence:
    return Evidence(NOON, **brought)  # type: ignore[arg-type]  # each by its name


__all__ = ["NOON", "Authority", "Callable", "Forge", "Signer"]
