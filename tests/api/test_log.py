"""The log over HTTP: the public tree for anybody, the entries and their proofs for auditors alone."""

import json
from typing import Any

import boto3
import pytest

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.note import Note, VerifierKey
from chalicelib.audit.proof import Proof, signed_by_log
from chalicelib.audit.tiles import TileReader, bundles_between, unbundle
from chalicelib.kernel.encoding import canonical_json
from local_aws.city import AUDIT, HOUSING
from local_aws.client import Answer, Client, request
from local_aws.seed import Credentials
from tests.api.conftest import Office, code, office

Everybody = dict[str, Credentials]


@pytest.fixture(scope="module")
def sealed(market: Office) -> Office:
    """A stage whose log is sealed up to a certificate's issue."""
    market.issued()
    market.stage.drain()
    return market


@pytest.fixture(scope="module")
def auditor(sealed: Office) -> Client:
    return sealed.person("audit.auditor")


def get(sealed: Office, path: str, **headers: str) -> Answer:
    return request("GET", f"{sealed.base}/v1/log/{path}", None, headers)


def checkpoint(sealed: Office) -> Checkpoint:
    return Checkpoint.parse(Note.parse(get(sealed, "checkpoint").body).text)


def keys(sealed: Office) -> list[VerifierKey]:
    return [VerifierKey.parse(line) for line in get(sealed, "keys").body.decode().splitlines()]


def entries_about(obj: str) -> list[dict[str, Any]]:
    """The log table's own words about an object."""
    import app

    found = boto3.client("dynamodb").query(
        TableName=app.container.settings.tables.log,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": obj}},
    )["Items"]
    return [json.loads(item["body"]["S"]) for item in found]


# -- the public tree


def test_the_checkpoint_is_signed_by_the_keys_that_are_published(sealed: Office) -> None:
    answer = get(sealed, "checkpoint")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.headers["cache-control"] == "public, max-age=5"
    assert len(keys(sealed)) == 2
    assert all(key.verifies(Note.parse(answer.body)) for key in keys(sealed))
    assert signed_by_log(answer.body, keys(sealed))


def test_tiles_and_bundles_lead_to_the_signed_root(sealed: Office) -> None:
    head = checkpoint(sealed)
    reader = TileReader(head.size, lambda path: get(sealed, path).body)
    assert reader.root() == head.root
    entries = [one for tile in bundles_between(0, head.size) for one in unbundle(get(sealed, tile.path).body)]
    assert len(entries) == head.size
    assert {len(one) for one in entries} == {32}  # commitments, and nothing of what they commit to


@pytest.mark.parametrize("kind", ["0", "entries"])
def test_a_tile_never_changes_and_says_so(sealed: Office, kind: str) -> None:
    size = checkpoint(sealed).size
    path = f"tile/{kind}/000" + ("" if size >= 256 else f".p/{size}")
    answer = get(sealed, path)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/octet-stream")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    again = get(sealed, path, **{"If-None-Match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert request("HEAD", f"{sealed.base}/v1/log/{path}").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/999",
        "tile/0/x001/000",
        "tile/0/x001/x000/000",
        "tile/0/x001/x000/000.p/1",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/0",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/entries/x000/000",
        "tile/0",
        "tile/0/000/",
        "tile/0/..%2F..",
        "tile/0/%2E%2E",
        "tile/x/000",
        "segments",
        "segments/date=2026-01-01/000000000000-1.jsonl.gz",
        "tile/..%2Fsegments/000",
        "checkpoints/000000000001",
        "keys/00000000.vkey",
        "staging/000000000000-00",
        "changes",
    ],
)
def test_nothing_but_the_tree_is_reached(sealed: Office, path: str) -> None:
    answer = get(sealed, path)
    assert (answer.status, code(answer)) == (404, "not_found")


# -- what auditors read


def test_an_auditor_reads_everything_in_the_order_of_the_tree(sealed: Office, auditor: Client) -> None:
    size, found, after = checkpoint(sealed).size, list[dict[str, Any]](), ""
    while True:
        page = auditor.get(f"/v1/audit/entries?limit=40{after}").json()
        found += page["entries"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [one["index"] for one in found][:size] == list(range(size))
    assert {one["entry"]["kind"] for one in found} >= {
        "certificate_issued",
        "unit_registered",
        "token_granted",
    }


def test_an_auditor_reads_what_happened_to_one_certificate(sealed: Office, auditor: Client) -> None:
    identifier = sealed.issued()
    sealed.stage.drain()
    answer = auditor.get(f"/v1/audit/entries?object={identifier}&outcome=done")
    found = answer.json()["entries"]
    assert [one["entry"] for one in found] == entries_about(identifier)
    assert all(one["index"] is not None for one in found)
    assert answer.headers["cache-control"] == "no-store"
    collected = auditor.get(f"/v1/audit/entries?object={identifier}&kind={found[0]['entry']['kind']}").json()
    assert [one["index"] for one in collected["entries"]] == [found[0]["index"]]


def test_a_business_system_of_an_auditor_reads_too(sealed: Office, everybody: Everybody) -> None:
    system = office(sealed.stage, everybody[AUDIT]).system
    assert len(system.get("/v1/audit/entries?limit=1").json()["entries"]) == 1


def test_an_entry_is_proven_to_somebody_who_has_only_the_keys(sealed: Office, auditor: Client) -> None:
    (one,) = auditor.get("/v1/audit/entries?limit=1&after=3").json()["entries"]
    answer: dict[str, Any] = auditor.get(f"/v1/audit/entries/{one['index']}/proof").json()
    entry = canonical_json(answer.pop("entry"))
    proof = Proof.parse(canonical_json(answer))
    proof.verify(entry)
    assert entry == canonical_json(one["entry"])
    assert signed_by_log(proof.checkpoint, keys(sealed))


@pytest.mark.parametrize("index", ["999999999999", "9999999999999", "-1", "01", "x", "1.0", "%31x"])
def test_what_is_not_sealed_is_not_proven(auditor: Client, index: str) -> None:
    answer = auditor.get(f"/v1/audit/entries/{index}/proof")
    assert (answer.status, code(answer)) == (404, "no_such_entry")


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        ("limit=0", 400, "invalid_request"),
        ("limit=101", 400, "invalid_request"),
        ("after=zz", 400, "invalid_request"),
        ("after=0190-abc", 400, "invalid_request"),
        ("object=unit/x&after=1", 400, "invalid_request"),
        ("object=440305199003070006", 400, "invalid_request"),
        ("object=%E6%9D%8E", 400, "invalid_request"),
        ("outcome=maybe", 400, "invalid_request"),
        ("person=a%20b", 400, "invalid_request"),
        ("from=2026-02-30", 422, "invalid_date"),
        ("until=yesterday", 400, "invalid_request"),
    ],
)
def test_a_question_in_another_form_is_refused(
    auditor: Client, query: str, status: int, expected: str
) -> None:
    answer = auditor.get(f"/v1/audit/entries?{query}")
    assert (answer.status, code(answer)) == (status, expected)


@pytest.mark.parametrize("path", ["/v1/audit/entries", "/v1/audit/entries/0/proof"])
def test_nobody_else_reads_it_and_their_trying_is_logged(
    sealed: Office, everybody: Everybody, path: str
) -> None:
    before = len(entries_about("log"))
    clients = (
        sealed.system,
        sealed.person("admin.municipal"),
        office(sealed.stage, everybody[HOUSING]).system,
    )
    for client in clients:
        answer = client.get(path)
        assert (answer.status, code(answer)) == (403, "not_entitled")
    tried = entries_about("log")[before:]
    assert [(one["outcome"], one["details"]["code"]) for one in tried] == [("refused", "not_entitled")] * 3
    assert {one["kind"] for one in tried} <= {"audit_entries_read", "audit_entry_proven"}


def test_each_reading_and_each_refusal_is_logged(sealed: Office, auditor: Client) -> None:
    before = len(entries_about("log"))
    auditor.get("/v1/audit/entries?limit=2&kind=certificate_issued")
    auditor.get("/v1/audit/entries/0/proof")
    auditor.get("/v1/audit/entries/999999999999/proof")
    auditor.get("/v1/audit/entries?limit=0")
    found = [(one["kind"], one["outcome"], one["actor"]["person"]) for one in entries_about("log")[before:]]
    assert found == [
        ("audit_entries_read", "done", "audit.auditor"),
        ("audit_entry_proven", "done", "audit.auditor"),
        ("audit_entry_proven", "refused", "audit.auditor"),
        ("audit_entries_read", "refused", "audit.auditor"),
    ]
    sealed.stage.drain()
