"""`Outbox`: one suite for the fake and for DynamoDB on the local AWS, then what only the adapter can meet."""

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.dynamo_outbox import ATTEMPTS, DynamoOutbox
from chalicelib.adapters.system import SystemEntropy
from chalicelib.audit.entry import Actor, Entry
from chalicelib.audit.retention import Retention
from chalicelib.audit.sealing import EntryKey, Head, HeadMoved, LogDamaged, SegmentRef, Staged
from chalicelib.audit.segment import SALT_SIZE
from chalicelib.catalog.changes import PublishEntry
from chalicelib.kernel.entropy import entry_id
from tests.contract.stores import Outboxes
from tests.fakes.ambient import NOON
from tests.fakes.records import ENTRY, ISSUER
from tests.fakes.troubled import Repeating, Sparing, Troubled, cancelled, fault

pytestmark = pytest.mark.aws

SOON = NOON + timedelta(minutes=1)
ABSENT = EntryKey("object", "00000000-0000-7000-8000-000000000000")
SETTLED = Head(2, b"r" * 32, 0, NOON + timedelta(microseconds=5), Retention(SOON, hold=True), ("0a0b0c0d",))
PENDING = replace(SETTLED, size=5, first=2, staged=Staged("staging/2-ab", "ab", 7))
SEGMENT = SegmentRef(2, 3, "segments/date=2026-11-24/000000000002-3.jsonl.gz")


def committed(boxes: Outboxes, count: int, obj: str = "object") -> list[EntryKey]:
    """So many entries, by transactions of ninety."""
    entries = [
        Entry(
            entry_id(SystemEntropy(), NOON),
            NOON,
            "status_generation_opened",
            obj,
            Actor(ISSUER, "collector"),
            "r",
        )
        for _ in range(count)
    ]
    for at in range(0, count, 90):
        boxes.journal.commit([], entries[at : at + 90])
    return [EntryKey(one.object, one.id) for one in entries]


def ids(boxes: Outboxes, keys: list[EntryKey]) -> list[str]:
    return sorted(one.id for one in boxes.outbox.unsealed(keys))


def standing(boxes: Outboxes) -> None:
    """A log whose head is PENDING."""
    boxes.outbox.advance(None, SETTLED)
    boxes.outbox.advance(SETTLED, PENDING)


# -- entries


def test_what_is_committed_waits_until_it_is_marked(outboxes: Outboxes) -> None:
    keys = committed(outboxes, 40)
    assert set(outboxes.outbox.waiting(SOON, 10_000)) == set(keys)
    assert not outboxes.outbox.waiting(NOON, 10_000)  # not older than that
    assert outboxes.outbox.waiting(SOON, 1)
    outboxes.outbox.mark(0, keys[:25])
    assert set(outboxes.outbox.waiting(SOON, 10_000)) == set(keys[25:])


def test_unsealed_are_those_that_exist_and_carry_no_index_each_once(outboxes: Outboxes) -> None:
    keys = committed(outboxes, 230)
    assert ids(outboxes, [*keys, *keys[::-1], ABSENT]) == sorted(one.id for one in keys)
    outboxes.outbox.mark(0, keys[:130])
    assert ids(outboxes, keys) == sorted(one.id for one in keys[130:])
    assert ids(outboxes, [ABSENT]) == ids(outboxes, []) == []


def test_an_object_is_read_in_the_order_of_its_entries_sealed_or_not(outboxes: Outboxes) -> None:
    keys = sorted(committed(outboxes, 7), key=lambda one: one.id)
    committed(outboxes, 2, "another")
    outboxes.outbox.mark(40, keys[:2])
    found = outboxes.outbox.about("object", None, 100)
    assert [(one.id, one.index) for one in found] == [
        (one.id, {0: 40, 1: 41}.get(place)) for place, one in enumerate(keys)
    ]
    assert [one.entry for one in found[2:]] == [
        one.entry for one in sorted(outboxes.outbox.unsealed(keys), key=lambda one: one.id)
    ]
    assert outboxes.outbox.about("object", None, 3) == found[:3]
    assert outboxes.outbox.about("object", keys[2].id, 3) == found[3:6]
    assert not outboxes.outbox.about("object", keys[6].id, 3)
    assert not outboxes.outbox.about("nothing", None, 3)


def test_an_unsealed_entry_is_as_it_was_committed(outboxes: Outboxes) -> None:
    (key,) = committed(outboxes, 1, "unit/深圳")
    (found,) = outboxes.outbox.unsealed([key])
    (entry,) = outboxes.journal.history("unit/深圳")
    assert (found.object, found.id, found.entry) == (key.object, key.id, entry.canonical())
    assert len(found.salt) == SALT_SIZE
    assert outboxes.outbox.unsealed([key]) == [found]  # the salt stays


def test_marks_may_be_repeated_and_completed(outboxes: Outboxes) -> None:
    keys = committed(outboxes, 205)
    outboxes.outbox.mark(7, keys[:110])
    outboxes.outbox.mark(7, keys)
    outboxes.outbox.mark(7, keys)
    assert ids(outboxes, keys) == []


@pytest.mark.parametrize("first", [0, 8])
def test_an_entry_keeps_the_index_that_it_has(outboxes: Outboxes, first: int) -> None:
    keys = committed(outboxes, 3)
    outboxes.outbox.mark(7, keys)
    with pytest.raises(LogDamaged):
        outboxes.outbox.mark(first, keys)
    outboxes.outbox.mark(7, keys)


def test_an_absent_entry_is_not_marked_into_being(outboxes: Outboxes) -> None:
    with pytest.raises(LogDamaged):
        outboxes.outbox.mark(0, [ABSENT])
    assert ids(outboxes, [ABSENT]) == []
    assert not outboxes.journal.history(ABSENT.object)


# -- the head


def test_the_head_is_read_back_as_it_was_written(outboxes: Outboxes) -> None:
    assert outboxes.outbox.head() is None
    outboxes.outbox.advance(None, SETTLED)
    assert outboxes.outbox.head() == SETTLED
    outboxes.outbox.advance(SETTLED, PENDING)
    assert outboxes.outbox.head() == PENDING


def test_the_head_moves_only_from_what_was_read(outboxes: Outboxes) -> None:
    with pytest.raises(HeadMoved):
        outboxes.outbox.advance(SETTLED, PENDING)
    standing(outboxes)
    for before in (None, SETTLED, replace(PENDING, sealed_at=SOON)):
        with pytest.raises(HeadMoved):
            outboxes.outbox.advance(before, replace(PENDING, size=9))
    assert outboxes.outbox.head() == PENDING


def test_settling_lets_the_segment_be_found(outboxes: Outboxes) -> None:
    standing(outboxes)
    assert outboxes.outbox.segment_of(2) is None
    settled = replace(PENDING, staged=None)
    outboxes.outbox.settle(PENDING, settled, SEGMENT)
    outboxes.outbox.settle(PENDING, settled, SEGMENT)
    assert outboxes.outbox.head() == settled
    found = [outboxes.outbox.segment_of(index) for index in range(1, 6)]
    assert found == [None, SEGMENT, SEGMENT, SEGMENT, None]


def test_settling_what_has_moved_on_changes_nothing(outboxes: Outboxes) -> None:
    standing(outboxes)
    outboxes.outbox.advance(PENDING, replace(PENDING, size=9))
    outboxes.outbox.settle(PENDING, SETTLED, SEGMENT)
    assert outboxes.outbox.head() == replace(PENDING, size=9)
    assert outboxes.outbox.segment_of(2) is None


# -- DynamoDB alone


def outbox(boxes: Outboxes, client: object) -> DynamoOutbox:
    return DynamoOutbox(client, boxes.table.tables, pause=lambda _: None)  # type: ignore[arg-type]  # passes everything else on


def test_an_entry_brings_what_its_act_wrote_and_loses_it_when_it_is_marked(in_dynamodb: Outboxes) -> None:
    entry = Entry(
        entry_id(SystemEntropy(), NOON),
        NOON,
        "status_generation_opened",
        "object",
        Actor(ISSUER, "collector"),
        "r",
    )
    in_dynamodb.journal.commit([PublishEntry(ENTRY)], [entry])
    (found,) = in_dynamodb.outbox.unsealed([EntryKey("object", entry.id)])
    assert found.changes is not None
    assert found.changes.startswith(f'{{"id":"{entry.id}","writes":[{{')
    in_dynamodb.outbox.mark(0, [EntryKey("object", entry.id)])
    key = {"pk": {"S": "object"}, "sk": {"S": entry.id}}
    item = in_dynamodb.client.get_item(TableName=in_dynamodb.table.tables.log, Key=key)["Item"]
    assert item["index"] == {"N": "0"}
    assert not {"changes", "outbox"} & item.keys()


def test_keys_that_were_not_answered_are_asked_for_again(in_dynamodb: Outboxes) -> None:
    keys = committed(in_dynamodb, 130)
    sparing = Sparing(in_dynamodb.client, 40)
    found = outbox(in_dynamodb, sparing).unsealed(keys)
    assert sorted(one.id for one in found) == sorted(one.id for one in keys)
    assert sparing.calls == 4  # 40, 40 and 20 of the first hundred; the other 30


@pytest.mark.parametrize(
    "reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
)
def test_a_mark_in_somebodys_way_is_tried_again(in_dynamodb: Outboxes, reason: str) -> None:
    keys = committed(in_dynamodb, 2)
    troubled = Troubled(in_dynamodb.client, "transact_write_items", [cancelled("None", reason)] * 3)
    outbox(in_dynamodb, troubled).mark(0, keys)
    assert troubled.calls == 4
    assert ids(in_dynamodb, keys) == []


def test_a_mark_that_is_always_in_the_way_gives_up(in_dynamodb: Outboxes) -> None:
    keys = committed(in_dynamodb, 1)
    troubles = [cancelled("TransactionConflict")] * ATTEMPTS
    with pytest.raises(ClientError):
        outbox(in_dynamodb, Troubled(in_dynamodb.client, "transact_write_items", troubles)).mark(0, keys)
    assert ids(in_dynamodb, keys) == [keys[0].id]


@pytest.mark.parametrize("error", [fault("AccessDeniedException"), cancelled("None", "ValidationError")])
def test_what_time_does_not_heal_is_not_tried_again(in_dynamodb: Outboxes, error: ClientError) -> None:
    troubled = Troubled(in_dynamodb.client, "transact_write_items", [error])
    with pytest.raises(ClientError):
        outbox(in_dynamodb, troubled).mark(0, committed(in_dynamodb, 2))
    assert troubled.calls == 1


def test_an_answer_lost_on_its_way_to_us_does_not_lose_the_head(in_dynamodb: Outboxes) -> None:
    """The SDK asks again, and the condition is no longer met: by our own write."""
    repeating = outbox(in_dynamodb, Repeating(in_dynamodb.client, "put_item"))
    repeating.advance(None, SETTLED)
    repeating.advance(SETTLED, PENDING)
    assert in_dynamodb.outbox.head() == PENDING
    with pytest.raises(HeadMoved):
        repeating.advance(SETTLED, replace(PENDING, size=9))


def test_a_table_that_does_not_answer_is_no_moved_head(in_dynamodb: Outboxes) -> None:
    troubled = Troubled(in_dynamodb.client, "put_item", [fault("InternalServerError")])
    with pytest.raises(ClientError):
        outbox(in_dynamodb, troubled).advance(None, SETTLED)
    assert in_dynamodb.outbox.head() is None


@pytest.mark.parametrize("error", [cancelled("TransactionConflict", "None"), fault("InternalServerError")])
def test_a_settling_that_failed_is_said_while_the_head_is_pending(
    in_dynamodb: Outboxes, error: ClientError
) -> None:
    standing(in_dynamodb)
    troubled = Troubled(in_dynamodb.client, "transact_write_items", [error])
    with pytest.raises(ClientError):
        outbox(in_dynamodb, troubled).settle(PENDING, SETTLED, SEGMENT)
    assert in_dynamodb.outbox.head() == PENDING


# -- the history of one object


def test_a_history_is_whole_or_not_there_yet(outboxes: Outboxes) -> None:
    assert outboxes.outbox.sealed("object") == []
    late, early = committed(outboxes, 2)
    committed(outboxes, 1, "another")
    outboxes.outbox.mark(7, [late])
    assert outboxes.outbox.sealed("object") is None
    unsealed = outboxes.outbox.unsealed([early])
    outboxes.outbox.mark(3, [early])
    lines = outboxes.outbox.sealed("object")
    assert lines is not None
    assert [one.index for one in lines] == [3, 7]
    assert (lines[0].entry, lines[0].salt) == (unsealed[0].entry, unsealed[0].salt)
