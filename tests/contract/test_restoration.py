"""`Restoration` and the comparison on DynamoDB: once each, under the act's own conditions, with whatever AWS answers."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.changes import written
from chalicelib.adapters.dynamo_comparison import Comparison
from chalicelib.adapters.dynamo_items import NEW, Tables, Write, key
from chalicelib.adapters.dynamo_rebuild import DynamoRestoration, tables_of
from chalicelib.audit.rebuilding import Act, SealedEntry, TablesNotEmpty
from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import Head, SegmentRef

pytestmark = pytest.mark.aws
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
HEAD = Head(2, bytes(32), 0, NOW, Retention.least(NOW), ("aa", "bb"))
SEGMENT = SegmentRef(0, 2, "segments/date=2026-11-24/000000000000-2.jsonl.gz")
Refusal = Callable[..., Any]


def created(dynamodb: Any) -> Tables:
    tables = tables_of(f"restored-{uuid.uuid4().hex[:8]}")
    for name in asdict(tables).values():
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in ("pk", "sk")],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
    return tables


@pytest.fixture
def dynamodb(aws: Any) -> Any:
    return aws("dynamodb")


@pytest.fixture
def tables(dynamodb: Any) -> Tables:
    return created(dynamodb)


class Answering:
    """The client, but for one call that is answered as scripted; None passes it on."""

    def __init__(self, real: Any, call: str, *answers: Any) -> None:
        self._real, self._call, self._answers = real, call, list(answers)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        return self._scripted(found) if name == self._call else found

    def _scripted(self, found: Refusal) -> Refusal:
        def call(**arguments: Any) -> Any:
            answer = self._answers.pop(0) if self._answers else None
            if isinstance(answer, Exception):
                raise answer
            return found(**arguments) if answer is None else answer(found, arguments)

        return call


def cancelled(*codes: str) -> ClientError:
    said: Any = {
        "Error": {"Code": "TransactionCanceledException"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }
    return ClientError(said, "TransactWriteItems")


def uuid7(moment: datetime) -> str:
    digits = f"{int(moment.timestamp() * 1000):012x}7{uuid.uuid4().hex[13:]}"
    return str(uuid.UUID(digits))


def act(tables: Tables, *writes: Write, at: datetime = NOW) -> Act:
    line = written(tables, uuid7(at), writes)
    assert line is not None
    return Act("changes:1", line.encode())


def unit(tables: Tables, body: str, before: str | None = None) -> Write:
    item = {**key("unit#1", "unit"), "body": {"S": body}}
    if before is None:
        return Write("Put", tables.units, item, NEW)
    return Write("Put", tables.units, item, "body = :body", {":body": {"S": before}})


def body(dynamodb: Any, tables: Tables) -> str:
    found = dynamodb.get_item(TableName=tables.units, Key=key("unit#1", "unit"), ConsistentRead=True)
    return str(found["Item"]["body"]["S"])


def restoration(client: Any, tables: Tables, workers: int = 1) -> DynamoRestoration:
    return DynamoRestoration(client, tables, workers, pause=lambda _: None)


def test_an_act_is_applied_once_and_only_where_it_fits(dynamodb: Any, tables: Tables) -> None:
    restored = restoration(dynamodb, tables, workers=4)
    first, second, third = (
        act(tables, unit(tables, "1")),
        act(tables, unit(tables, "2", before="1")),
        act(tables, unit(tables, "4", before="3")),
    )
    assert list(restored.apply([third, first])) == [third]
    assert list(restored.apply([second])) == []
    assert list(restored.apply([first, second, third])) == [third]  # done is done
    assert body(dynamodb, tables) == "2"


def test_an_act_is_applied_whole_or_not_at_all(dynamodb: Any, tables: Tables) -> None:
    restored = restoration(dynamodb, tables)
    deleted = Write("Delete", tables.status, key("list#1", "value#1"), "attribute_exists(pk)")
    both = act(tables, unit(tables, "1"), deleted)
    assert list(restored.apply([both])) == [both]
    assert "Item" not in dynamodb.get_item(TableName=tables.units, Key=key("unit#1", "unit"))


@pytest.mark.parametrize("line", [b"?", b"{}", b'{"id":"act","writes":[]}'])
def test_a_line_that_is_no_act_is_left(dynamodb: Any, tables: Tables, line: bytes) -> None:
    bad = Act("changes:1", line)
    used = act(tables, Write("Put", tables.requests, {**key("reply#1", "reply")}, NEW))
    nameless = Act("changes:2", used.line.replace(b'"id":"0', b'"id":"x'))
    wanted = [nameless] if line.startswith(b'{"id') else [bad]
    assert list(restoration(dynamodb, tables).apply(wanted)) == wanted


def test_what_had_expired_when_the_act_was_done_does_not_stand_in_its_way(
    dynamodb: Any, tables: Tables
) -> None:
    restored = restoration(dynamodb, tables)

    def used(at: datetime) -> Act:
        expires = {"expires_at": {"N": str(int((at + timedelta(minutes=5)).timestamp()))}}
        item = {**key("assertion#1", "assertion"), **expires}
        return act(tables, Write("Put", tables.requests, item, NEW), at=at)

    early, late = used(NOW + timedelta(minutes=1)), used(NOW + timedelta(hours=1))
    assert list(restored.apply([used(NOW)])) == []
    assert list(restored.apply([early])) == [early]  # nothing had expired yet
    assert list(restored.apply([late])) == []  # TTL had taken it away


def test_a_conflict_or_a_throttle_is_tried_again_and_anything_else_is_not(
    dynamodb: Any, tables: Tables
) -> None:
    busy, strange = cancelled("None", "TransactionConflict"), cancelled("None", "ValidationError")
    made = act(tables, unit(tables, "1"))
    with pytest.raises(ClientError):
        restoration(Answering(dynamodb, "transact_write_items", strange), tables).apply([made])
    with pytest.raises(ClientError):
        restoration(Answering(dynamodb, "transact_write_items", *[busy] * 10), tables).apply([made])
    once = restoration(
        Answering(dynamodb, "transact_write_items", busy, cancelled("ThrottlingError")), tables
    )
    assert list(once.apply([made])) == []
    assert body(dynamodb, tables) == "1"


def entries(count: int) -> list[SealedEntry]:
    at = "2026-11-24T06:30:00.000000Z"
    return [SealedEntry("x", f"id-{n}", at, "tested", b"{}", bytes(32), n) for n in range(count)]


def items(dynamodb: Any, table: str) -> Iterator[Any]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def test_entries_come_in_batches_and_what_was_not_taken_comes_again(dynamodb: Any, tables: Tables) -> None:
    def none_of_it(_: Refusal, arguments: Any) -> Any:
        return {"UnprocessedItems": arguments["RequestItems"]}

    restored = restoration(Answering(dynamodb, "batch_write_item", none_of_it, None, none_of_it), tables)
    about = entries(60)
    restored.entries([*about, about[0]], SEGMENT)
    restored.entries(about, SEGMENT)
    found = {one["sk"]["S"]: one for one in items(dynamodb, tables.log)}
    assert len(found) == 60
    assert found["id-3"]["index"]["N"] == "3"
    with pytest.raises(TimeoutError):
        restoration(Answering(dynamodb, "batch_write_item", *[none_of_it] * 10), tables).entries(
            about, SEGMENT
        )


def test_tables_are_claimed_for_one_log_until_all_is_done(dynamodb: Any, tables: Tables) -> None:
    restored = restoration(dynamodb, tables)
    assert restored.begin(HEAD) == 0
    restored.entries(entries(2), SEGMENT)
    restored.apply([act(tables, unit(tables, "1"))])
    restored.advance(2)
    with pytest.raises(TablesNotEmpty):
        restoration(dynamodb, tables).begin(replace(HEAD, size=3))
    again = restoration(dynamodb, tables)
    assert again.begin(HEAD) == 2
    again.finish()
    assert {one["pk"]["S"] for one in items(dynamodb, tables.sealing)} == {"head", "segments"}
    with pytest.raises(TablesNotEmpty):
        restoration(dynamodb, tables).begin(HEAD)


def test_tables_with_anything_in_them_are_not_claimed(dynamodb: Any, tables: Tables) -> None:
    dynamodb.put_item(TableName=tables.requests, Item=key("reply#1", "reply"))
    with pytest.raises(TablesNotEmpty, match="requests"):
        restoration(dynamodb, tables).begin(HEAD)
    assert list(items(dynamodb, tables.sealing)) == []


def test_equal_tables_compare_equal_and_each_difference_is_told_by_its_key(
    dynamodb: Any, tables: Tables
) -> None:
    other = created(dynamodb)
    gone = {"expires_at": {"N": str(int(NOW.timestamp()))}}
    for one in (tables, other):
        for number in range(130):
            dynamodb.put_item(TableName=one.log, Item={**key("x", f"id-{number:03d}"), "body": {"S": "{}"}})
    dynamodb.put_item(TableName=tables.requests, Item={**key("reply#1", "reply"), **gone})
    dynamodb.put_item(TableName=other.requests, Item={**key("reply#2", "reply"), **gone})
    compared = Comparison(dynamodb, tables, other, NOW)
    assert list(compared.differences()) == []
    assert (compared.items, compared.expired) == (131, 2)
    late = Comparison(dynamodb, tables, other, NOW - timedelta(seconds=1))
    assert [(one.how, one.pk) for one in late.differences()] == [("missing", "reply#1"), ("extra", "reply#2")]
    dynamodb.put_item(
        TableName=other.log, Item={**key("x", "id-007"), "body": {"S": "!"}, "more": {"N": "1"}}
    )
    found = list(Comparison(dynamodb, tables, other, NOW).differences())
    assert [(one.table, one.sk, one.how, one.attributes) for one in found] == [
        ("log", "id-007", "differs", ("body", "more"))
    ]


def test_keys_that_were_not_answered_are_asked_for_again(dynamodb: Any, tables: Tables) -> None:
    dynamodb.put_item(TableName=tables.units, Item=key("unit#1", "unit"))

    def nothing(_: Refusal, arguments: Any) -> Any:
        return {"Responses": {}, "UnprocessedKeys": arguments["RequestItems"]}

    client = Answering(dynamodb, "batch_get_item", nothing)
    assert list(Comparison(client, tables, tables, NOW).differences()) == []  # type: ignore[arg-type]  # passes everything on
