"""Every refusal has its stable code, leaves nothing behind but its log entry, and leaks nothing."""

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256

from chalicelib.adapters.kms_signer import KmsSigner
from chalicelib.adapters.system import SystemEntropy
from chalicelib.certificates.submission import TYP
from chalicelib.kernel.identifiers import CertificateIdentifier
from chalicelib.signing.access_token import Claims, mint
from chalicelib.signing.jose import compact, signing_input
from local_aws.city import FOOD, HOUSING, MUNICIPAL, TYPES
from local_aws.client import ASSERTION, Answer, Client, assertion, request, token
from tests.api.conftest import Office, code, office

Make = Callable[[Office], Answer]
JSON = {"Content-Type": "application/json"}


def rows(market: Office) -> dict[str, int]:
    """How many items each table holds, but for log and requests, which refusals do touch."""
    dynamodb, tables = boto3.client("dynamodb"), market.stage.loaded.environment
    names = ("CERTIFICATES", "CATALOG", "UNITS", "STATUS")
    return {
        name: dynamodb.scan(TableName=tables[f"ZHENGZHAO_TABLE_{name}"], Select="COUNT")["Count"]
        for name in names
    }


def raw(market: Office, body: bytes, path: str = "/v1/certificates", **headers: str) -> Answer:
    sent = {
        **JSON,
        "Authorization": f"Bearer {market.system.token}",
        "Idempotency-Key": str(uuid.uuid4()),
        **headers,
    }
    return request("POST", market.base + path, body, {name: value for name, value in sent.items() if value})


def grant(market: Office, **claims: Any) -> Answer:
    one = market.credentials
    proof = assertion(market.base, one.unit.client_id, one.key, one.kid, **claims)
    return token(market.base, form(proof))


def form(proof: str) -> dict[str, str]:
    return {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": proof}


def altered_token(market: Office) -> Answer:
    header, payload, signature = str(market.system.token).split(".")
    return Client(market.base, f"{header}.{payload}.{signature[:-4]}AAAA").post("/v1/certificates", {})


def expired_token(market: Office) -> Answer:
    """A token by the stage's own key, minted eleven minutes ago."""
    claims = Claims(
        market.credentials.unit.id, ("issuing",), "440300", ("system",), None, "market-licensing", "k"
    )
    key = market.stage.loaded.environment["ZHENGZHAO_KEY_TOKEN"]
    past = datetime.now(UTC) - timedelta(minutes=11)
    token = mint(KmsSigner(boto3.client("kms")), key, market.base, claims, past, SystemEntropy())
    return Client(market.base, token).post("/v1/certificates", {})


def surrogate(market: Office) -> Answer:
    """A submission whose JSON says half of a character."""
    one, claims = (
        market.credentials,
        json.dumps(market.claims(certificate_number="?")).replace('"?"', '"\\ud800"'),
    )
    return market.system.post(
        "/v1/certificates", {"submission": sign_bytes(one.key, one.kid, claims.encode())}
    )


def sign_bytes(key: Any, kid: str, payload: bytes) -> str:
    signed = signing_input({"alg": "ES256", "typ": TYP, "kid": kid}, payload)
    return compact(signed, key.sign(signed, ECDSA(SHA256())))


REQUESTS: dict[str, tuple[Make, int, str]] = {
    # the form of a request
    "invalid JSON": (lambda m: raw(m, b"{"), 400, "invalid_json"),
    "duplicate member": (lambda m: raw(m, b'{"submission":"a","submission":"b"}'), 400, "invalid_json"),
    "an array": (lambda m: raw(m, b"[]"), 400, "invalid_json"),
    "bytes that are not UTF-8": (lambda m: raw(m, b'{"submission":"\xff"}'), 400, "invalid_json"),
    "deep nesting": (lambda m: raw(m, b"[" * 50_000), 400, "invalid_json"),
    "unknown member": (
        lambda m: raw(m, b'{"submission":"' + b"a" * 30 + b'","x":1}'),
        400,
        "invalid_request",
    ),
    "another media type": (
        lambda m: raw(m, b"{}", **{"Content-Type": "text/plain"}),
        415,
        "unsupported_media_type",
    ),
    "no media type": (lambda m: raw(m, b"{}", **{"Content-Type": ""}), 415, "unsupported_media_type"),
    "2 MB": (lambda m: raw(m, b'"' + b"a" * 2_000_000 + b'"'), 413, "request_too_large"),
    "7 MB": (lambda m: raw(m, b'"' + b"a" * 7_000_000 + b'"'), 413, "request_too_large"),
    "11 MB": (lambda m: raw(m, b'"' + b"a" * 11_000_000 + b'"'), 413, "request_too_large"),
    "no idempotency key": (
        lambda m: raw(m, b"{}", **{"Idempotency-Key": ""}),
        400,
        "idempotency_key_missing",
    ),
    "short idempotency key": (
        lambda m: raw(m, b"{}", **{"Idempotency-Key": "k"}),
        400,
        "idempotency_key_invalid",
    ),
    "no such path": (lambda m: request("GET", m.base + "/v1/nothing"), 404, "not_found"),
    "no such method": (lambda m: request("DELETE", m.base + "/v1/catalog"), 404, "not_found"),
    # who is calling
    "no token": (lambda m: Client(m.base).post("/v1/certificates", {}), 401, "token_missing"),
    "a token of nobody": (
        lambda m: Client(m.base, "a.b.c").post("/v1/certificates", {}),
        401,
        "invalid_token",
    ),
    "an altered token": (altered_token, 401, "invalid_token"),
    "an expired token": (expired_token, 401, "token_expired"),
    "an assertion for another": (
        lambda m: grant(m, aud="https://elsewhere.example"),
        401,
        "assertion_audience",
    ),
    "an expired assertion": (lambda m: grant(m, exp=int(time.time()) - 120), 401, "assertion_expired"),
    "an assertion for a day": (
        lambda m: grant(m, exp=int(time.time()) + 86_400),
        401,
        "assertion_lives_too_long",
    ),
    "an assertion from the future": (
        lambda m: grant(m, nbf=int(time.time()) + 600),
        401,
        "assertion_not_yet_valid",
    ),
    "an assertion without jti": (lambda m: grant(m, jti=""), 401, "assertion_without_jti"),
    "an assertion of another subject": (lambda m: grant(m, sub="somebody"), 401, "assertion_subject"),
    "an unknown client": (lambda m: grant(m, iss="nobody", sub="nobody"), 401, "invalid_client"),
    "no such grant": (lambda m: token(m.base, {"grant_type": "password"}), 400, "unsupported_grant_type"),
    # what is submitted
    "no JWS": (lambda m: m.system.post("/v1/certificates", {"submission": "a" * 40}), 422, "malformed_jws"),
    "NUL": (lambda m: m.collect(certificate_number="JY\x001"), 422, "unprintable_text"),
    "lone surrogate": (surrogate, 422, "unprintable_text"),
    "state secret": (lambda m: m.collect(attributes={"a": "密级:绝密"}), 422, "state_secret_mark"),
    "another unit's type": (lambda m: m.collect(type_code=HOUSING + "001"), 403, "type_of_another_unit"),
    "no identifier": (lambda m: m.issue("nonsense"), 404, "no_such_certificate"),
}


@pytest.mark.parametrize(("make", "status", "expected"), REQUESTS.values(), ids=REQUESTS.keys())
def test_a_refusal_has_its_code_and_stores_nothing(
    market: Office, make: Make, status: int, expected: str
) -> None:
    before = rows(market)
    answer = make(market)
    assert (answer.status, code(answer)) == (status, expected)
    assert rows(market) == before


def test_an_altered_submission_is_refused(market: Office) -> None:
    head, _, signature = market.submission().split(".")
    forged = f"{head}.{market.submission(certificate_number='FORGED').split('.')[1]}.{signature}"
    answer = market.system.post("/v1/certificates", {"submission": forged})
    assert (answer.status, code(answer)) == (422, "altered_jws")


def test_a_proof_of_identity_is_taken_once(market: Office) -> None:
    one = market.credentials
    proof = form(assertion(market.base, one.unit.client_id, one.key, one.kid))
    assert token(market.base, proof).status == 200
    answer = token(market.base, proof)
    assert (answer.status, code(answer), answer.json()["error"]) == (
        401,
        "assertion_replayed",
        "invalid_client",
    )


def test_of_sixteen_at_once_one_gets_a_token_for_a_proof(market: Office) -> None:
    one, gate, statuses = market.credentials, threading.Barrier(16), list[int]()
    proof = form(assertion(market.base, one.unit.client_id, one.key, one.kid))

    def attempt() -> None:
        gate.wait()
        statuses.append(token(market.base, proof).status)

    threads = [threading.Thread(target=attempt) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [401] * 15


def test_a_signature_by_another_key_is_an_unknown_client(market: Office) -> None:
    one = market.credentials
    forged = assertion(market.base, one.unit.client_id, ec.generate_private_key(ec.SECP256R1()), one.kid)
    assert code(token(market.base, form(forged))) == "invalid_client"


def test_another_unit_sees_and_touches_nothing(market: Office, everybody: dict[str, Any]) -> None:
    identifier, housing = market.issued(), office(market.stage, everybody[HOUSING])
    for answer in (
        housing.system.get(f"/v1/certificates/{identifier}"),
        housing.system.get(f"/v1/certificates/{identifier}/history"),
        housing.system.post(f"/v1/certificates/{identifier}/revocation", {"reason": "x"}),
        housing.system.post(f"/v1/certificates/{identifier}/issuance", {}),
    ):
        assert (answer.status, code(answer)) == (403, "not_entitled")
    answer = housing.system.post("/v1/certificates", {"submission": market.submission()})
    assert code(answer) == "submission_of_another_unit"


@pytest.mark.parametrize(
    ("subject", "path", "body"),
    [
        ("market.collector", "review", {"decision": "approve"}),
        ("market.signer", "review", {"decision": "approve"}),
        ("market.collector", "issuance", {}),
        ("market.reviewer", "issuance", {}),
        ("market.reviewer", "revocation", {"reason": "x"}),
        ("market.collector", "suspension", {"reason": "x"}),
    ],
)
def test_a_post_does_its_own_acts_only(market: Office, subject: str, path: str, body: dict[str, str]) -> None:
    identifier = market.collected()
    answer = market.person(subject).post(f"/v1/certificates/{identifier}/{path}", body)
    assert (answer.status, code(answer)) == (403, "not_entitled")
    entries = market.system.get(f"/v1/certificates/{identifier}/history").json()["entries"]
    assert [entry["details"]["code"] for entry in entries if entry["outcome"] == "refused"] == [
        "not_entitled"
    ]


def test_a_refused_reading_is_logged_too(market: Office) -> None:
    nobody = str(CertificateIdentifier(FOOD, market.credentials.unit.id, uuid.uuid4().hex[:20].upper(), 1))
    answer = market.system.get(f"/v1/certificates/{nobody}")
    assert (answer.status, code(answer)) == (404, "no_such_certificate")
    log, key = market.stage.loaded.environment["ZHENGZHAO_TABLE_LOG"], {":pk": {"S": nobody}}
    found = boto3.client("dynamodb").query(
        TableName=log, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=key
    )["Items"]
    assert [json.loads(item["body"]["S"])["details"]["code"] for item in found] == ["no_such_certificate"]


def test_only_the_municipal_authority_publishes(market: Office, everybody: dict[str, Any]) -> None:
    for client in (market.system, office(market.stage, everybody[MUNICIPAL]).system):
        answer = client.post("/v1/catalog", TYPES[0])
        assert (answer.status, code(answer)) == (403, "not_entitled")


@pytest.mark.parametrize(
    "changes",
    [
        {"state_secret": True},
        {"name_zh": "机密★ 案卷证"},
        {"face_template": "证书\n密级:秘密\n{holder_name}"},
    ],
)
def test_a_state_secret_type_is_not_published(market: Office, changes: dict[str, Any]) -> None:
    before = rows(market)
    answer = market.person("admin.municipal").post("/v1/catalog", {**TYPES[0], **changes})
    assert (answer.status, code(answer)) == (422, "state_secret_type")
    assert rows(market) == before


def test_a_key_used_with_another_body_is_refused(market: Office) -> None:
    key = str(uuid.uuid4())
    first = market.collect(key)
    assert first.status == 201
    answer = market.collect(key)
    assert (answer.status, code(answer)) == (422, "idempotency_key_reused")


def test_the_same_request_again_is_answered_alike(market: Office) -> None:
    key, body = str(uuid.uuid4()), {"submission": market.submission()}
    first, second = (market.system.post("/v1/certificates", body, key) for _ in range(2))
    assert (first.status, first.json()) == (second.status, second.json()) == (201, first.json())
    identifier, key = market.reviewed(), str(uuid.uuid4())
    issued = [market.issue(identifier, key) for _ in range(3)]
    assert [(one.status, one.json()) for one in issued] == [(201, issued[0].json())] * 3


def test_a_refusal_never_repeats_what_was_sent(market: Office) -> None:
    secret = "440305199003070006"
    for answer in (
        market.collect(holder={"name": secret, "code": secret[:-1] + "7", "code_type": "111"}),
        market.collect(attributes={"business_address": f"机密★10年 {secret}"}),
        raw(market, json.dumps({"submission": secret * 3, secret: secret}).encode()),
        Client(market.base).post(
            "/v1/verifications", {"certificate_identifier": secret, "certificate_number": secret}
        ),
    ):
        assert secret not in answer.body.decode().replace("\\", "")


def test_a_broken_request_line_does_not_end_the_service(market: Office) -> None:
    place = urlsplit(market.base)
    with socket.create_connection((place.hostname, place.port), timeout=10) as one:
        one.sendall(b"POST /v1/catalog HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n")
        assert b" 400 " in one.recv(4096)[:40]
    assert Client(market.base).get("/health").status == 200
