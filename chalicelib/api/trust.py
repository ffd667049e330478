"""/v1/trust and /v1/status-lists: what a stranger needs to verify a file without us."""

import base64
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from chalicelib.api import models
from chalicelib.api.caching import cached
from chalicelib.api.endpoint import Answer, Call, Endpoint
from chalicelib.certificates.claims import issuer_url
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import NotFound
from chalicelib.signing.jose import public_jwk
from chalicelib.signing.x509_pem import pem
from chalicelib.status.token import TTL_SECONDS
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import PLATFORM, is_root

MINUTE = 60
PEM = "application/x-pem-file"
CRL = "application/pkix-crl"
STATUS_LIST = "application/statuslist+jwt"


def _pem(certificates: Sequence[UnitCertificate]) -> bytes:
    return pem([one.der for one in certificates])


def _jwk(one: UnitCertificate) -> Json:
    certificate = x509.load_der_x509_certificate(one.der)
    key = certificate.public_key()
    if not isinstance(key, EllipticCurvePublicKey):
        raise TypeError("unit keys are P-256")
    return {**public_jwk(key), "x5c": [base64.b64encode(one.der).decode("ascii")]}


def _roots(call: Call) -> Answer:
    found = [one for one in call.platform.registry.certificates(PLATFORM) if is_root(one)]
    return cached(call, _pem(found), MINUTE, PEM)


def _certificates(call: Call) -> Answer:
    return cached(call, _pem(call.platform.registry.all_certificates()), MINUTE, PEM)


def _jwks(call: Call) -> Answer:
    keys = [_jwk(one) for one in call.platform.registry.all_certificates()]
    return cached(call, {"keys": keys}, MINUTE, "application/jwk-set+json")


def _unit(call: Call) -> Answer:
    unit, certificates = call.platform.registry.unit_and_certificates(call.path["unit"])
    if unit is None:
        raise NotFound("not_found")
    keys = [_jwk(one) for one in certificates if one.revoked_at is None]
    body: dict[str, Json] = {
        "issuer": issuer_url(call.platform.base_url, unit.id),
        "name": unit.name,
        "jwks": {"keys": keys},
    }
    return cached(call, body, MINUTE)


def _crl(call: Call) -> Answer:
    found = call.platform.registry.crl()
    if found is None:
        raise NotFound("not_found")
    return cached(call, found[1], MINUTE, CRL)


def _status_list(call: Call) -> Answer:
    published = call.platform.statuses.published(call.path["id"])
    if published is None:
        raise NotFound("not_found")
    return cached(call, published.token.encode("ascii"), TTL_SECONDS, STATUS_LIST)


ENDPOINTS = (
    Endpoint("GET", "/v1/trust/roots", _roots, "Trust anchors as PEM", "信任根证书", answers={200: None},
             answer_type=PEM),
    Endpoint("GET", "/v1/trust/certificates", _certificates, "All certificates as PEM", "全部签名证书",
             answers={200: None}, answer_type=PEM),
    Endpoint("GET", "/v1/trust/jwks", _jwks, "All certificates as a JWK set", "全部签名公钥",
             answers={200: models.KeySet}, answer_type="application/jwk-set+json"),
    Endpoint("GET", "/v1/trust/units/{unit}", _unit, "A unit's name and keys: what a credential's `iss` names",
             "单位公钥", answers={200: models.IssuerView}, problems=("not_found",)),
    Endpoint("GET", "/v1/trust/crl", _crl, "Revoked unit certificates (DER)", "证书吊销列表", answers={200: None},
             answer_type=CRL, problems=("not_found",)),
    Endpoint("GET", "/v1/status-lists/{id}", _status_list, "A signed status list", "状态列表", answers={200: None},
             answer_type=STATUS_LIST, problems=("not_found",)),
)  # fmt: skip
