"""`Restoration` on DynamoDB: each act is one TransactWriteItems under its own conditions, with a mark that it is done.

    sealing   rebuild          progress    the claim: the head that this leads to, and how many entries are restored with all their acts
              rebuild#<digit>  <act id>    the act is applied

The mark is a member of the act's own transaction, so an act is applied once however often it is tried. A crash leaves the
claim, some entries (written again with the same bytes), and acts each whole with its mark or absent. The marks go last, then the claim.

Two things are not the act's own. Expired replies and assertions count as deleted: TTL did so at some time that nobody
recorded. And of the 100 members of a transaction an act leaves at least one free: its entry, which comes another way here.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.changes import repeated
from chalicelib.adapters.codec import encode
from chalicelib.adapters.dynamo_items import NEW, Attributes, Tables, Write, key
from chalicelib.adapters.dynamo_outbox import SHARDS
from chalicelib.audit.rebuilding import Act, SealedEntry, TablesNotEmpty
from chalicelib.audit.sealing import Head, SegmentRef
from chalicelib.kernel.errors import Invalid

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# What the tables may answer instead: not there, not allowed, not reachable, throttled too long.
UNAVAILABLE: Final = (ClientError, BotoCoreError, TimeoutError)
ATTEMPTS: Final = 10
WORKERS: Final = 16
_BATCH: Final = 25  # of one BatchWriteItem
_WAVE: Final = 512  # acts in flight at most before the next are looked at
_CLAIM: Final = key("rebuild", "progress")
_HEAD: Final = key("head", "head")
_TRANSIENT: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


def tables_of(prefix: str) -> Tables:
    """The physical names of a stage's tables: `<prefix>-<table>`."""
    return Tables(**{one.name: f"{prefix}-{one.name}" for one in fields(Tables)})


def dynamodb_client() -> "DynamoDBClient":
    """With the environment's own credentials and endpoint, patient, for many threads."""
    import boto3
    from botocore.config import Config

    retries: Any = {"mode": "standard", "max_attempts": 8}
    return boto3.client(
        "dynamodb",
        config=Config(connect_timeout=5, read_timeout=30, retries=retries, max_pool_connections=WORKERS * 2),
    )


class DynamoRestoration:
    """See the port."""

    def __init__(
        self,
        client: "DynamoDBClient",
        tables: Tables,
        workers: int = WORKERS,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client, self._tables, self._workers, self._pause = client, tables, workers, pause
        self._claim = ""

    # -- claim, progress, end

    def begin(self, head: Head) -> int:
        """See `Restoration.begin`: claim and head in one transaction."""
        self._claim, sealing = encode(head), self._tables.sealing
        standing = self._client.get_item(TableName=sealing, Key=_CLAIM, ConsistentRead=True).get("Item")
        if standing is not None:
            if standing["head"]["S"] != self._claim:
                raise TablesNotEmpty(sealing)
            return int(standing["size"]["N"])
        for table in asdict(self._tables).values():
            if self._client.scan(TableName=table, Limit=1, ConsistentRead=True)["Items"]:
                raise TablesNotEmpty(table)
        head_item = {**_HEAD, "body": {"S": self._claim}}
        members: Any = [Write("Put", sealing, one, NEW).member() for one in (self._claimed(0), head_item)]
        self._client.transact_write_items(TransactItems=members)
        return 0

    def _claimed(self, size: int) -> Attributes:
        return {**_CLAIM, "head": {"S": self._claim}, "size": {"N": str(size)}}

    def advance(self, size: int) -> None:
        """See `Restoration.advance`."""
        self._client.put_item(
            TableName=self._tables.sealing,
            Item=self._claimed(size),
            ConditionExpression="head = :head",
            ExpressionAttributeValues={":head": {"S": self._claim}},
        )

    def finish(self) -> None:
        """See `Restoration.finish`: the marks, then the claim, which says that there may be marks."""
        for shard in SHARDS:
            pages = self._client.get_paginator("query").paginate(
                TableName=self._tables.sealing,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": f"rebuild#{shard}"}},
                ProjectionExpression="pk, sk",
                ConsistentRead=True,
            )
            keys = [{"DeleteRequest": {"Key": item}} for page in pages for item in page["Items"]]
            self._batches(self._tables.sealing, keys)
        self._client.delete_item(
            TableName=self._tables.sealing,
            Key=_CLAIM,
            ConditionExpression="head = :head",
            ExpressionAttributeValues={":head": {"S": self._claim}},
        )

    # -- entries

    def entries(self, entries: Sequence[SealedEntry], segment: SegmentRef) -> None:
        """See `Restoration.entries`. The claim stands, so nobody else writes here: the batches need no condition."""
        once = {(one.object, one.id): one for one in entries}  # a faulty log may have one twice
        self._batches(self._tables.log, [{"PutRequest": {"Item": _entry(one)}} for one in once.values()])
        place = {**key("segments", f"{segment.first:012d}"), "body": {"S": encode(segment)}}
        self._batches(self._tables.sealing, [{"PutRequest": {"Item": place}}])

    def _batches(self, table: str, requests: Sequence[Attributes]) -> None:
        parts = [requests[at : at + _BATCH] for at in range(0, len(requests), _BATCH)]
        self._each(lambda part: self._batch(table, part), parts)

    def _batch(self, table: str, requests: Sequence[Attributes]) -> None:
        waiting: Any = {table: list(requests)}
        for attempt in range(1, ATTEMPTS + 1):
            waiting = self._client.batch_write_item(RequestItems=waiting).get("UnprocessedItems")
            if not waiting:
                return
            self._pause(_jitter(attempt))
        raise TimeoutError(f"{table}: throttled too long; run it again")

    # -- acts

    def apply(self, acts: Sequence[Act]) -> Sequence[Act]:
        """See `Restoration.apply`: in this order, as far as one could tell; what touches no item in common, at once."""
        refused: list[Act] = []
        for wave in self._waves(acts):
            held = self._each(self._applied, [members for _, members in wave])
            refused += [act for (act, _), is_applied in zip(wave, held, strict=True) if not is_applied]
        return refused

    def _waves(self, acts: Sequence[Act]) -> Iterator[list[tuple[Act, Sequence[Write]]]]:
        wave: list[tuple[Act, Sequence[Write]]] = []
        taken: set[tuple[str, str, str]] = set()
        for act in acts:
            members = self._members(act)
            touched = {(one.table, one.item["pk"]["S"], one.item["sk"]["S"]) for one in members}
            if len(wave) == _WAVE or not taken.isdisjoint(touched):
                yield wave
                wave, taken = [], set()
            wave.append((act, members))
            taken |= touched
        if wave:
            yield wave

    def _each(self, do: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
        if self._workers == 1:
            return [do(one) for one in values]
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(do, values))

    def _applied(self, writes: Sequence[Write]) -> bool:
        members: Any = [one.member() for one in writes]
        for attempt in range(1, ATTEMPTS + 1) if members else ():
            try:
                self._client.transact_write_items(TransactItems=members)
            except ClientError as error:
                said = _settled(error, last=attempt == ATTEMPTS)
                if said is not None:
                    return said
                self._pause(_jitter(attempt))
            else:
                return True
        return False

    def _members(self, act: Act) -> Sequence[Write]:
        """The act's writes behind its mark. None of a line that is none of ours: it is left, and told with its place."""
        try:
            name, writes = repeated(self._tables, act.line)
            mark = Write("Put", self._tables.sealing, key(f"rebuild#{name[-1]}", name), NEW)
            own = [
                _expired_is_gone(one, name) if one.table == self._tables.requests else one for one in writes
            ]
        except (Invalid, ValueError, IndexError):
            return []
        return [mark, *own]


def _expired_is_gone(write: Write, act: str) -> Write:
    """What had expired when the act was done may have been deleted by then, and stands here."""
    seconds = int(act.replace("-", "")[:12], 16) // 1000  # RFC 9562 §5.7
    values = {**write.values, ":then": {"N": str(seconds)}}
    return replace(write, condition=f"({write.condition}) OR expires_at < :then", values=values)


def _settled(error: ClientError, *, last: bool) -> bool | None:
    """True when the act is there already, False when its conditions do not hold, None when it is worth another try."""
    reasons = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])]
    if "ConditionalCheckFailed" in reasons:
        return reasons[0] == "ConditionalCheckFailed"
    if last or not reasons or not _TRANSIENT.issuperset(set(reasons) - {"None"}):
        raise error
    return None


def _entry(entry: SealedEntry) -> Attributes:
    return {
        **key(entry.object, entry.id),
        "body": {"S": entry.body.decode()},
        "at": {"S": entry.at},
        "kind": {"S": entry.kind},
        "salt": {"B": entry.salt},
        "index": {"N": str(entry.index)},
    }


def _jitter(attempt: int) -> float:
    return random.uniform(0, 0.02 * 2**attempt)  # noqa: S311  # jitter, not a secret


def restoration(prefix: str) -> DynamoRestoration:
    """On the tables of this prefix."""
    return DynamoRestoration(dynamodb_client(), tables_of(prefix))
