"""Event sources as Lambda polls them: DynamoDB streams with partial batch failures, and schedules.

Delivery is at least once, in the order of each shard. A batch that fails is tried again from its first failed record;
what fails more often than `retries` goes to the dead letters, and the shard goes on.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import boto3

INTERVAL: Final = 0.2
UNITS: Final = {"minute": 60, "hour": 3600, "day": 86_400}
_log = logging.getLogger(__name__)
Invoke = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class EventSource:
    """What the template says of one event of a function: a stream, or a schedule with an input of its own."""

    function: str
    stream_arn: str | None = None
    expression: str | None = None
    input: str | None = None
    batch_size: int = 100
    retries: int = 3
    dead_letters: str | None = None
    patterns: tuple[dict[str, list[str]], ...] = ()

    def wants(self, record: dict[str, Any]) -> bool:
        """Whether a record passes the filters: any of the patterns, each of its members."""
        fits = (all(record.get(name) in some for name, some in one.items()) for one in self.patterns)
        return not self.patterns or any(fits)


@dataclass(slots=True)
class _Shard:
    iterator: str
    waiting: list[dict[str, Any]] = field(default_factory=list)
    attempts: int = 0


class Stream:
    """One stream's mapping to one function."""

    def __init__(self, source: EventSource, invoke: Invoke) -> None:
        self._source, self._invoke = source, invoke
        self._client = boto3.client("dynamodbstreams")
        self._shards: dict[str, _Shard] = {}
        self._lock = threading.Lock()

    def poll(self) -> int:
        """Deliver what is there; how many records were dealt with."""
        with self._lock:
            return sum(self._poll(shard) for shard in self._open_shards())

    def _open_shards(self) -> list[_Shard]:
        described = self._client.describe_stream(StreamArn=str(self._source.stream_arn))["StreamDescription"]
        for one in described.get("Shards", []):
            name = one["ShardId"]
            if name not in self._shards:
                iterator = self._client.get_shard_iterator(
                    StreamArn=str(self._source.stream_arn), ShardId=name, ShardIteratorType="TRIM_HORIZON"
                )["ShardIterator"]
                self._shards[name] = _Shard(iterator)
        return list(self._shards.values())

    def _poll(self, shard: _Shard) -> int:
        if not shard.waiting:
            answer = self._client.get_records(ShardIterator=shard.iterator, Limit=self._source.batch_size)
            shard.iterator = answer.get("NextShardIterator", shard.iterator)
            found = json.loads(json.dumps(answer["Records"], default=str))
            shard.waiting = [record for record in found if self._source.wants(record)]
            if found and not shard.waiting:
                return len(found)
        return self._deliver(shard) if shard.waiting else 0

    def _deliver(self, shard: _Shard) -> int:
        failed = self._failed(shard.waiting)
        done = len(shard.waiting) - len(failed)
        shard.attempts = shard.attempts + 1 if failed and not done else 0
        if shard.attempts > self._source.retries:
            self._give_up(failed)
            done, failed, shard.attempts = len(shard.waiting), [], 0
        shard.waiting = failed
        return done

    def _failed(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What has to come again: everything from the lowest failed sequence number on."""
        try:
            answer = self._invoke(self._source.function, {"Records": records}) or {}
        except Exception:
            _log.exception("%s failed", self._source.function)
            return records
        named = {one["itemIdentifier"] for one in answer.get("batchItemFailures", [])}
        numbers = [str(record["dynamodb"]["SequenceNumber"]) for record in records]
        first = min((index for index, number in enumerate(numbers) if number in named), default=len(records))
        return records[first:]

    def _give_up(self, records: list[dict[str, Any]]) -> None:
        if self._source.dead_letters is not None:
            body = json.dumps({"function": self._source.function, "records": len(records)})
            boto3.client("sqs").send_message(QueueUrl=self._source.dead_letters, MessageBody=body)


class Schedule:
    """One schedule's mapping: `rate(…)` by intervals, `cron(m h * * ? *)` by the minute of the day (UTC)."""

    def __init__(self, source: EventSource, invoke: Invoke) -> None:
        self._source, self._invoke = source, invoke
        self._last = time.monotonic()
        self._day: str | None = None

    def due(self, now: datetime) -> bool:
        """Whether it is time; at most once a day for a cron expression."""
        kind, _, rest = str(self._source.expression).rstrip(")").partition("(")
        if kind == "rate":
            value, unit = rest.split()
            return time.monotonic() - self._last >= int(value) * UNITS[unit.rstrip("s")]
        minute, hour = rest.split()[:2]
        return (now.hour, now.minute) == (int(hour), int(minute)) and self._day != now.date().isoformat()

    def poll(self) -> int:
        """Run it when it is due."""
        now = datetime.now(UTC)
        if not self.due(now):
            return 0
        self._last, self._day = time.monotonic(), now.date().isoformat()
        self.run(now)
        return 1

    def run(self, now: datetime) -> None:
        """Run it now."""
        event = json.loads(self._source.input) if self._source.input else _scheduled(now)
        try:
            self._invoke(self._source.function, event)
        except Exception:
            _log.exception("%s failed", self._source.function)


def _scheduled(now: datetime) -> dict[str, Any]:
    """The event that EventBridge sends."""
    return {
        "version": "0",
        "account": "123456789012",
        "region": "us-east-1",
        "detail": {},
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "id": "local",
        "resources": [],
    }


class Triggers:
    """All event sources of a stage."""

    def __init__(self, sources: tuple[EventSource, ...], invoke: Invoke) -> None:
        self.streams = [Stream(one, invoke) for one in sources if one.stream_arn]
        self.schedules = [Schedule(one, invoke) for one in sources if one.expression]
        self._stopped = threading.Event()

    def drain(self) -> None:
        """Deliver until nothing is left: for tests and the demo."""
        while sum(stream.poll() for stream in self.streams):
            pass

    def start(self) -> threading.Thread:
        """Poll in the background until `stop`."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """End the background polling."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(INTERVAL):
            for poll in (*(one.poll for one in self.streams), *(one.poll for one in self.schedules)):
                try:
                    poll()
                except Exception:
                    _log.exception("a trigger failed")
