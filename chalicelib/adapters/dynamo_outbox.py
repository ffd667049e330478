"""`Outbox` on DynamoDB: unsealed entries by a sparse index, marks by transactions, the head by compare-and-swap.

An entry is put with `outbox`, the last digit of its id, so that the index has sixteen partitions; sealing removes that
attribute and gives the entry its `index`. What the act wrote leaves the table then: the archive has it.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from chalicelib.adapters.codec import decode, encode
from chalicelib.adapters.dynamo_items import Attributes, Tables, key
from chalicelib.audit.sealing import EntryKey, Head, HeadMoved, LogDamaged, Recorded, SegmentRef
from chalicelib.audit.segment import Line, Unsealed
from chalicelib.kernel.clock import timestamp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX: Final = "outbox"
SHARDS: Final = "0123456789abcdef"
_BATCH: Final = 100  # keys in a BatchGetItem, members of a transaction
ATTEMPTS: Final = 8
_HEAD: Final = key("head", "head")
_TRANSIENT: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


class DynamoOutbox:
    """See the port."""

    def __init__(
        self, client: "DynamoDBClient", tables: Tables, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._tables, self._pause = client, tables, pause

    def waiting(self, before: datetime, limit: int) -> Sequence[EntryKey]:
        """See `Outbox.waiting`: the oldest of each shard."""
        found: list[EntryKey] = []
        for shard in SHARDS:
            answer = self._client.query(
                TableName=self._tables.log,
                IndexName=INDEX,
                KeyConditionExpression="outbox = :shard AND #at < :before",
                ExpressionAttributeNames={"#at": "at"},
                ExpressionAttributeValues={":shard": {"S": shard}, ":before": {"S": timestamp(before)}},
                Limit=max(1, limit // len(SHARDS)),
            )
            found += [EntryKey(item["pk"]["S"], item["sk"]["S"]) for item in answer["Items"]]
        return found

    def unsealed(self, keys: Sequence[EntryKey]) -> Sequence[Unsealed]:
        """See `Outbox.unsealed`: consistent reads by the hundred."""
        unique = list(dict.fromkeys(keys))
        return [
            _unsealed(item)
            for at in range(0, len(unique), _BATCH)
            for item in self._read(unique[at : at + _BATCH])
            if "index" not in item
        ]

    def _read(self, keys: Sequence[EntryKey]) -> Iterator[Attributes]:
        wanted: Any = {
            self._tables.log: {"Keys": [key(one.object, one.id) for one in keys], "ConsistentRead": True}
        }
        attempt = 0
        while wanted:
            answer = self._client.batch_get_item(RequestItems=wanted)
            yield from answer["Responses"].get(self._tables.log, [])
            wanted = answer.get("UnprocessedKeys")
            attempt += 1
            if wanted:  # over 16 MB in one answer, or throttled
                self._pause(_jitter(attempt))

    def mark(self, first: int, keys: Sequence[EntryKey]) -> None:
        """See `Outbox.mark`."""
        for at in range(0, len(keys), _BATCH):
            self._mark(first + at, keys[at : at + _BATCH])

    def _mark(self, first: int, keys: Sequence[EntryKey]) -> None:
        members: Any = [
            {"Update": {
                "TableName": self._tables.log,
                "Key": key(one.object, one.id),
                "UpdateExpression": "SET #index = :index REMOVE outbox, changes",
                # An entry that is gone (a table restored from before it) is not made anew as a husk.
                "ConditionExpression": "attribute_exists(pk) AND (attribute_not_exists(#index) OR #index = :index)",
                "ExpressionAttributeNames": {"#index": "index"},
                "ExpressionAttributeValues": {":index": {"N": str(first + place)}},
            }}
            for place, one in enumerate(keys)
        ]  # fmt: skip
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._client.transact_write_items(TransactItems=members)
            except ClientError as error:
                self._settle_trouble(error, keys, last=attempt == ATTEMPTS)
                self._pause(_jitter(attempt))
            else:
                return

    @staticmethod
    def _settle_trouble(error: ClientError, keys: Sequence[EntryKey], *, last: bool) -> None:
        """Return when it is worth another try; raise otherwise."""
        reasons = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])]
        for one, reason in zip(keys, reasons, strict=False):
            if reason == "ConditionalCheckFailed":
                raise LogDamaged(f"entry {one.id} is absent or has another index") from error
        if last or not reasons or not _TRANSIENT.issuperset(set(reasons) - {"None"}):
            raise error

    def head(self) -> Head | None:
        """See `Outbox.head`."""
        item = self._client.get_item(TableName=self._tables.sealing, Key=_HEAD, ConsistentRead=True).get(
            "Item"
        )
        return None if item is None else decode(Head, item["body"]["S"])

    def advance(self, before: Head | None, after: Head) -> None:
        """See `Outbox.advance`: a conditional put."""
        try:
            self._client.put_item(TableName=self._tables.sealing, **_swap(before, after))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            # The answer to our own write may have been lost, and the SDK's retry refused: then the head is ours.
            if self.head() != after:
                raise HeadMoved from error

    def settle(self, pending: Head, settled: Head, segment: SegmentRef) -> None:
        """See `Outbox.settle`: head and segment in one transaction."""
        place = {**key("segments", f"{segment.first:012d}"), "body": {"S": encode(segment)}}
        members: Any = [
            {"Put": {"TableName": self._tables.sealing, **_swap(pending, settled)}},
            {"Put": {"TableName": self._tables.sealing, "Item": place,
                     "ConditionExpression": "attribute_not_exists(pk) OR body = :body",
                     "ExpressionAttributeValues": {":body": place["body"]}}},
        ]  # fmt: skip
        try:
            self._client.transact_write_items(TransactItems=members)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException" or self.head() == pending:
                raise

    def sealed(self, obj: str) -> Sequence[Line] | None:
        """See `Outbox.sealed`: all pages of the object's partition."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._tables.log,
            KeyConditionExpression="pk = :object",
            ExpressionAttributeValues={":object": {"S": obj}},
            ConsistentRead=True,
        )
        items = [item for page in pages for item in page["Items"]]
        if any("index" not in item for item in items):
            return None
        return sorted(map(_line, items), key=lambda one: one.index)

    def segment_of(self, index: int) -> SegmentRef | None:
        """See `Outbox.segment_of`: the last one that begins at or before it."""
        answer = self._client.query(
            TableName=self._tables.sealing,
            KeyConditionExpression="pk = :segments AND sk <= :first",
            ExpressionAttributeValues={":segments": {"S": "segments"}, ":first": {"S": f"{index:012d}"}},
            ScanIndexForward=False,
            Limit=1,
            ConsistentRead=True,
        )["Items"]
        found = decode(SegmentRef, answer[0]["body"]["S"]) if answer else None
        return found if found is not None and index < found.first + found.count else None

    def about(self, obj: str, after: str | None, limit: int) -> Sequence[Recorded]:
        """See `Outbox.about`: an answer ends at a megabyte, so one page may take several."""
        found: list[Recorded] = []
        last: Any = None
        while len(found) < limit:
            begin = {"ExclusiveStartKey": last} if last else {}
            answer = self._client.query(
                TableName=self._tables.log,
                KeyConditionExpression="pk = :object AND sk > :after",
                ExpressionAttributeValues={":object": {"S": obj}, ":after": {"S": after or " "}},
                ConsistentRead=True,
                Limit=limit - len(found),
                **begin,
            )
            found += [_recorded(item) for item in answer["Items"]]
            last = answer.get("LastEvaluatedKey")
            if not last:
                break
        return found


def _recorded(item: Attributes) -> Recorded:
    index = int(item["index"]["N"]) if "index" in item else None
    return Recorded(item["sk"]["S"], item["body"]["S"].encode(), index)


def _line(item: Attributes) -> Line:
    return Line(int(item["index"]["N"]), item["body"]["S"].encode(), bytes(item["salt"]["B"]))


def _swap(before: Head | None, after: Head) -> Any:
    item = {**_HEAD, "body": {"S": encode(after)}}
    if before is None:
        return {"Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
    values = {":before": {"S": encode(before)}}
    return {"Item": item, "ConditionExpression": "body = :before", "ExpressionAttributeValues": values}


def _unsealed(item: Attributes) -> Unsealed:
    changes = item.get("changes")
    return Unsealed(
        object=item["pk"]["S"],
        id=item["sk"]["S"],
        entry=item["body"]["S"].encode(),
        salt=bytes(item["salt"]["B"]),
        changes=changes["S"] if changes else None,
    )


def _jitter(attempt: int) -> float:
    return random.uniform(0, 0.02 * 2**attempt)  # noqa: S311  # jitter, not a secret
