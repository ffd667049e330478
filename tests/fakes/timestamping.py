"""A time-stamping authority (RFC 3161) over HTTP on this machine: `openssl ts -reply`, with a chain of its own."""

import contextlib
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.fakes.answering import answering

REPLY: Final = "application/timestamp-reply"
TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"
CONFIG: Final = """\
[authority]
serial = {0}/serial
signer_cert = {0}/signer.pem
signer_key = {0}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


def fresh_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    subject: str, key: EllipticCurvePrivateKey, issuer: str, until: timedelta
) -> x509.CertificateBuilder:
    """Valid since ten days ago, until so long from now."""
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + until)
    )


@dataclass
class LocalTimestamps:
    """Keeps its key, chain and serial numbers in `folder`. `until` is how long its certificate is valid from now."""

    folder: Path
    until: timedelta = timedelta(days=1)
    root_key: EllipticCurvePrivateKey = field(default_factory=fresh_key)
    queries: list[bytes] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.root = self.authority("root", self.root_key)
        self.enrol("signer", ExtendedKeyUsageOID.TIME_STAMPING, self.until)
        (self.folder / "config").write_text(CONFIG.format(self.folder))

    def authority(self, name: str, key: EllipticCurvePrivateKey) -> x509.Certificate:
        """One that issues certificates, under the root: the root itself, or one between."""
        built = certificate(name, key, "root", timedelta(days=3650))
        constraint = x509.BasicConstraints(ca=True, path_length=None)
        made = built.add_extension(constraint, critical=True).sign(self.root_key, SHA256())
        self.pem(name, made)
        return made

    def enrol(
        self,
        name: str,
        purpose: x509.ObjectIdentifier,
        until: timedelta,
        issuer: str = "root",
        issuer_key: EllipticCurvePrivateKey | None = None,
    ) -> None:
        """A key and its certificate, under the root unless told otherwise."""
        key = fresh_key()
        usage = x509.ExtendedKeyUsage([purpose])
        built = certificate(name, key, issuer, until).add_extension(usage, critical=True)
        self.pem(name, built.sign(issuer_key or self.root_key, SHA256()))
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / f"{name}.key").write_bytes(private)

    def pem(self, name: str, made: x509.Certificate) -> None:
        (self.folder / f"{name}.pem").write_bytes(made.public_bytes(Encoding.PEM))

    def openssl(self, *arguments: str, sent: bytes = b"") -> bytes:
        ran = subprocess.run(
            ["openssl", *arguments], input=sent, cwd=self.folder, capture_output=True, check=False, timeout=30
        )
        if ran.returncode:
            raise ValueError(ran.stderr.decode())
        return ran.stdout

    def reply(self, query: bytes, *options: str) -> bytes:
        """The answer to a DER TimeStampReq."""
        with self.lock:  # the next serial number is read and written in a file
            self.queries.append(query)
            (self.folder / "query").write_bytes(query)
            return self.openssl(
                "ts", "-reply", "-config", "config", "-section", "authority", "-queryfile", "query", *options
            )

    def query(self, digest: bytes, kind: str = "-sha256") -> bytes:
        return self.openssl("ts", "-query", "-cert", kind, "-digest", digest.hex())

    def signed_by(self, name: str, digest: bytes) -> bytes:
        """What somebody else under the root makes of it, whom `openssl ts` would not let: same form, same time."""
        token = self.reply(self.query(digest), "-token_out")
        info = self.openssl("cms", "-verify", "-noverify", "-inform", "DER", sent=token)
        signer = ("-signer", f"{name}.pem", "-inkey", f"{name}.key", "-md", "sha256")
        form = ("-binary", "-nodetach", "-econtent_type", TST_INFO, "-outform", "DER")
        signed = self.openssl("cms", "-sign", *signer, *form, sent=info)
        body = bytes.fromhex("3003020100") + signed  # granted
        return b"\x30\x82" + len(body).to_bytes(2, "big") + body

    def accepts(self, token: bytes, digest: bytes) -> bool:
        """What `openssl ts -verify` says, which an auditor has at hand."""
        (self.folder / "token").write_bytes(token)
        try:
            self.openssl("ts", "-verify", "-digest", digest.hex(), "-in", "token", "-CAfile", "root.pem")
        except ValueError:
            return False
        return True

    @contextlib.contextmanager
    def serving(self) -> Iterator[str]:
        """Its address."""
        with answering(lambda _method, _path, body: (200, REPLY, self.reply(body))) as url:
            yield url + "/tsr"
