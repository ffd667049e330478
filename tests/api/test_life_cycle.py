"""The life cycle over HTTP: what a unit's system and staff do, and what a stranger then sees."""

import threading
from typing import Any

import boto3
import pytest
from cryptography import x509

from chalicelib.verification.verifier import Evidence, Verifier
from local_aws.client import Client, request
from tests.api.conftest import Office, code


def post(market: Office, person: str, identifier: str, path: str, body: dict[str, Any]) -> tuple[int, str]:
    answer = market.person(person).post(f"/v1/certificates/{identifier}/{path}", body)
    return answer.status, str(answer.json().get("state"))


def online(market: Office, credential: str) -> str:
    return str(Client(market.base).post("/v1/verifications", {"credential": credential}).json()["verdict"])


def test_from_collection_to_revocation(market: Office) -> None:
    identifier = market.collected()
    assert post(
        market, "market.reviewer", identifier, "review", {"decision": "return", "comment": "补正"}
    ) == (200, "returned")
    fixed = {"submission": market.submission(corrects=identifier)}
    assert (
        market.system.post(f"/v1/certificates/{identifier}/correction", fixed).json()["state"] == "collected"
    )
    assert post(market, "market.reviewer", identifier, "review", {"decision": "approve"}) == (200, "reviewed")
    assert post(market, "market.signer", identifier, "issuance", {}) == (201, "valid")
    credential = market.credential(identifier)
    assert online(market, credential) == "genuine"
    assert post(market, "market.signer", identifier, "suspension", {"reason": "调查"}) == (200, "suspended")
    assert online(market, credential) == "suspended"
    assert post(market, "market.signer", identifier, "reinstatement", {"reason": "查清"}) == (200, "valid")
    assert post(market, "market.signer", identifier, "revocation", {"reason": "注销"}) == (200, "revoked")
    assert online(market, credential) == "revoked"
    answer = market.person("market.signer").post(
        f"/v1/certificates/{identifier}/revocation", {"reason": "再次"}
    )
    assert (answer.status, code(answer)) == (409, "wrong_state")


def test_an_update_supersedes(market: Office) -> None:
    first = market.issued()
    body = {"submission": market.submission(supersedes=first)}
    second = market.system.post(f"/v1/certificates/{first}/supersession", body).json()["id"]
    market.person("market.reviewer").post(f"/v1/certificates/{second}/review", {"decision": "approve"})
    assert market.issue(second).status == 201
    assert online(market, market.credential(first)) == "superseded"
    assert online(market, market.credential(second)) == "genuine"


def test_the_status_list_follows_the_record(market: Office) -> None:
    identifier = market.issued()
    credential = market.credential(identifier)
    roots = x509.load_pem_x509_certificates(request("GET", market.base + "/v1/trust/roots").body)
    crl = request("GET", market.base + "/v1/trust/crl").body
    verifier = Verifier(roots)

    def offline() -> str:
        from datetime import UTC, datetime

        unchecked = verifier.verify(credential, Evidence(datetime.now(UTC)))
        uri = str(next(check.evidence for check in unchecked.checks if check.name == "status"))
        token = request("GET", uri).body.decode()
        return str(verifier.verify(credential, Evidence(datetime.now(UTC), token, crl)).result)

    assert offline() == "genuine"
    market.system.post(f"/v1/certificates/{identifier}/suspension", {"reason": "调查"})
    market.stage.drain()
    assert offline() == "suspended"
    market.system.post(f"/v1/certificates/{identifier}/reinstatement", {"reason": "查清"})
    market.stage.drain()
    assert offline() == "genuine"


def test_history_is_told_in_order_with_who_acted(market: Office) -> None:
    identifier = market.issued()
    entries = market.system.get(f"/v1/certificates/{identifier}/history").json()["entries"]
    assert [entry["kind"] for entry in entries][:3] == [
        "certificate_collected",
        "certificate_reviewed",
        "certificate_issued",
    ]
    assert [entry["actor"]["post"] for entry in entries][:3] == ["system", "reviewer", "system"]
    assert all(entry["actor"]["unit"] == market.credentials.unit.id for entry in entries)


def test_what_is_archived_is_locked_for_as_long_as_the_type_says(market: Office) -> None:
    identifier = market.issued()
    s3, bucket = boto3.client("s3"), market.stage.loaded.environment["ZHENGZHAO_ARCHIVE_BUCKET"]
    listed = s3.list_object_versions(Bucket=bucket, Prefix=f"certificates/{identifier}/")["Versions"]
    kinds = sorted(one["Key"].split("/")[2].partition("-")[0] for one in listed)
    assert kinds == ["credential", "reviews", "submissions"]
    for one in listed:
        head = s3.head_object(Bucket=bucket, Key=one["Key"])
        assert head["ObjectLockMode"] == "COMPLIANCE"
        assert head["ObjectLockRetainUntilDate"].year >= 2026 + 20


def test_a_revocation_is_archived_before_it_counts(market: Office) -> None:
    identifier = market.issued()
    market.system.post(f"/v1/certificates/{identifier}/revocation", {"reason": "注销"})
    s3, bucket = boto3.client("s3"), market.stage.loaded.environment["ZHENGZHAO_ARCHIVE_BUCKET"]
    (stored,) = s3.list_object_versions(Bucket=bucket, Prefix=f"certificates/{identifier}/acts/")["Versions"]
    entries = market.system.get(f"/v1/certificates/{identifier}/history").json()["entries"]
    (revoked,) = [entry for entry in entries if entry["kind"] == "certificate_revoked"]
    assert revoked["details"]["act_sha256"] in stored["Key"]
    assert s3.head_object(Bucket=bucket, Key=stored["Key"])["ObjectLockMode"] == "COMPLIANCE"


def test_a_certificate_of_an_old_version_stays_valid_under_it(market: Office) -> None:
    from local_aws.city import TYPES

    credential = market.credential(market.issued())
    answer = market.person("admin.municipal").post(
        "/v1/catalog", {**TYPES[0], "name_zh": "食品经营许可证(新版)"}
    )
    assert answer.json()["version"] >= 2
    assert online(market, credential) == "genuine"
    assert request("GET", f"{market.base}/v1/vct/{TYPES[0]['type_code']}/1").status == 200
    newer = market.credential(market.issued())
    assert online(market, newer) == "genuine"


def issue_many(market: Office, count: int) -> list[dict[str, Any]]:
    """Everybody issues at the same moment."""
    identifiers = [market.reviewed() for _ in range(count)]
    answers: list[dict[str, Any]] = [{} for _ in identifiers]
    gate = threading.Barrier(count)

    def issue(number: int) -> None:
        gate.wait()
        answers[number] = market.issue(identifiers[number]).json()

    threads = [threading.Thread(target=issue, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.slow
def test_sixty_four_issue_at_once(market: Office) -> None:
    answers = issue_many(market, 64)
    assert [answer.get("state") for answer in answers] == ["valid"] * 64
    assert len({answer["id"].split(".")[-3] for answer in answers}) == 64
    slots = set()
    from chalicelib.kernel.encoding import parse_object
    from chalicelib.signing.jws import parse_jws
    from chalicelib.signing.sd_jwt import parse_sd_jwt

    for answer in answers:
        claims: Any = parse_object(parse_jws(parse_sd_jwt(market.credential(answer["id"])).jws).payload)
        listed = claims["status"]["status_list"]
        slots.add((listed["uri"], listed["idx"]))
    assert len(slots) == 64


@pytest.mark.slow
def test_one_certificate_issued_by_sixteen_at_once_is_issued_once(market: Office) -> None:
    identifier, gate = market.reviewed(), threading.Barrier(16)
    statuses: list[int] = []

    def issue() -> None:
        gate.wait()
        statuses.append(market.issue(identifier).status)

    threads = [threading.Thread(target=issue) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 15
    entries = market.system.get(f"/v1/certificates/{identifier}/history").json()["entries"]
    done = [
        entry for entry in entries if entry["kind"] == "certificate_issued" and entry["outcome"] == "done"
    ]
    assert len(done) == 1
    assert online(market, market.credential(identifier)) == "genuine"
