"""Other people's software behind one question: `accepts(credential, roots_pem) -> bool`.

Each takes its key from the credential's own `x5c`, after the leaf was traced to a root given, and takes a disclosure for
good only when the issuer's digests cover it. The functions know nothing of how the credential was made: they are asked
about the tests' own credentials and about those of `make demo` alike.
"""

import asyncio
import base64
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws as joserfc_jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError
from sd_jwt.verifier import SDJWTVerifier

from tests.tools import REPOSITORY

Accepts = Callable[[str, bytes], bool]
NODE_SCRIPT: Final = REPOSITORY / "tests" / "interop" / "node" / "verify.mjs"
# What these libraries raise for a credential that is not one: their own errors, or whatever their decoder met.
REFUSALS: Final = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    InvalidSignature,
    JoseError,
    JWException,
)


def split(credential: str) -> tuple[str, list[str]]:
    """The JWS and the encoded disclosures."""
    jws, *disclosures, end = credential.split("~")
    if end:
        raise ValueError("key binding")
    return jws, disclosures


def part(jws: str, index: int) -> dict[str, Any]:
    """A part of a compact JWS as JSON."""
    decoded = json.loads(unpadded(jws.split(".")[index]))
    if not isinstance(decoded, dict):
        raise TypeError("not an object")
    return decoded


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def leaf_of(jws: str, roots: bytes) -> x509.Certificate:
    """The leaf in `x5c`, which a root given has issued; InvalidSignature or ValueError otherwise."""
    leaf = x509.load_der_x509_certificate(base64.b64decode(part(jws, 0)["x5c"][0]))
    for root in x509.load_pem_x509_certificates(roots):
        if root.subject == leaf.issuer:
            leaf.verify_directly_issued_by(root)
            return leaf
    raise ValueError("no root of that name")


def leaf_pem(jws: str, roots: bytes) -> bytes:
    return leaf_of(jws, roots).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def covered(payload: Mapping[str, Any], disclosures: Sequence[str]) -> bool:
    """Every disclosure's digest stands in the payload: for libraries that verify the JWS alone."""
    digests = [hashlib.sha256(one.encode()).digest() for one in disclosures]
    signed = [unpadded(digest) for digest in payload["_sd"]]
    return all(signed.count(digest) == 1 for digest in digests) and len(set(digests)) == len(digests)


def by_sd_jwt(credential: str, roots: bytes) -> bool:
    """Python `sd-jwt` (OpenWallet Foundation): what it took for disclosed must be all that was presented."""
    try:
        jws, disclosures = split(credential)
        key = JWK.from_pem(leaf_pem(jws, roots))
        claims = SDJWTVerifier(credential, lambda _issuer, _header: key).get_verified_payload()
        given = [json.loads(unpadded(one)) for one in disclosures]
        return all(name in claims and claims[name] == value for _, name, value in given)
    except REFUSALS:
        return False


def by_joserfc(credential: str, roots: bytes) -> bool:
    """joserfc; its default limits on header and payload are smaller than an `x5c` is."""
    try:
        jws, disclosures = split(credential)
        registry = joserfc_jws.JWSRegistry(algorithms=["ES256"])
        registry.max_header_length, registry.max_payload_length = 65_536, 65_536
        read = joserfc_jws.deserialize_compact(jws, ECKey.import_key(leaf_pem(jws, roots)), registry=registry)
        return covered(json.loads(read.payload), disclosures)
    except REFUSALS:
        return False


def by_jwcrypto(credential: str, roots: bytes) -> bool:
    """jwcrypto."""
    try:
        jws, disclosures = split(credential)
        token = JWS()
        token.allowed_algs = ["ES256"]
        token.deserialize(jws, JWK.from_pem(leaf_pem(jws, roots)))
        return covered(json.loads(token.payload), disclosures)
    except REFUSALS:
        return False


PYTHON_VERIFIERS: Final[Mapping[str, Accepts]] = {
    "sd-jwt": by_sd_jwt,
    "joserfc": by_joserfc,
    "jwcrypto": by_jwcrypto,
}


@dataclass(frozen=True)
class Presented:
    """What one question to the Node library needs. `now` is in seconds; the library always looks at the status."""

    credential: str
    roots: str
    now: int
    statusList: str  # noqa: N815  # the script's own name
    metadata: str | None = None


@dataclass(frozen=True)
class Answer:
    """Its answer, and why not."""

    accepted: bool
    reason: str


def by_node(questions: Sequence[Presented]) -> list[Answer]:
    """npm `@sd-jwt/sd-jwt-vc`: one process for all questions, answers in their order."""
    lines = [
        json.dumps({key: value for key, value in asdict(one).items() if value is not None})
        for one in questions
    ]
    done = subprocess.run(
        ["node", str(NODE_SCRIPT)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    return [Answer(**json.loads(line)) for line in done.stdout.splitlines()]


def openssl_accepts_chain(credential: str, roots: bytes, at: datetime, crl: bytes | None = None) -> bool:
    """`openssl verify`, strictly, at that moment; with a CRL (PEM) also against it."""
    jws, _ = split(credential)
    with tempfile.TemporaryDirectory() as folder:
        leaf, anchors = Path(folder, "leaf.pem"), Path(folder, "roots.pem")
        leaf.write_bytes(
            x509.load_der_x509_certificate(base64.b64decode(part(jws, 0)["x5c"][0])).public_bytes(
                Encoding.PEM
            )
        )
        anchors.write_bytes(roots + (crl or b""))
        options = ["-attime", str(int(at.timestamp())), "-x509_strict", *(["-crl_check"] if crl else [])]
        done = subprocess.run(
            ["openssl", "verify", *options, "-CAfile", str(anchors), str(leaf)],
            capture_output=True,
            check=False,
        )
    return done.returncode == 0


def certvalidator_accepts_chain(credential: str, roots: bytes, at: datetime) -> bool:
    """pyhanko-certvalidator: RFC 5280 path validation. To it an anchor is a name and a key (§6.1.1 d): it does not look
    at the constraints in the anchor's own certificate, which OpenSSL and we hold against the leaf.
    """
    jws, _ = split(credential)
    anchors = [asn1_x509.Certificate.load(der) for _, _, der in pem.unarmor(roots, multiple=True)]
    leaf = asn1_x509.Certificate.load(base64.b64decode(part(jws, 0)["x5c"][0]))
    context = ValidationContext(trust_roots=anchors, moment=at, best_signature_time=at, allow_fetching=False)
    check = CertificateValidator(leaf, validation_context=context).async_validate_usage
    try:
        asyncio.run(check({"digital_signature"}))  # type: ignore[no-untyped-call]  # its annotations are not whole
    except (PathBuildingError, PathValidationError, ValueError):
        return False
    return True
