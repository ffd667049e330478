"""The journal on DynamoDB in trouble: what is tried again, what is said, and that nothing is written twice or by half."""

from collections.abc import Sequence

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.dynamo_journal import ATTEMPTS, DynamoJournal
from chalicelib.adapters.system import SystemEntropy
from chalicelib.audit.entry import Actor, Entry
from chalicelib.audit.journal import ChangeRefused
from chalicelib.kernel.entropy import entry_id
from chalicelib.kernel.errors import Conflict
from chalicelib.status.changes import OpenGeneration
from tests.contract.stores import Outboxes
from tests.fakes.ambient import NOON
from tests.fakes.records import ISSUER
from tests.fakes.troubled import Repeating, Troubled, cancelled, fault

pytestmark = pytest.mark.aws


def entry() -> Entry:
    name = entry_id(SystemEntropy(), NOON)
    return Entry(name, NOON, "status_generation_opened", "object", Actor(ISSUER, "collector"), "request")


def journal(boxes: Outboxes, client: object, pauses: list[float] | None = None) -> DynamoJournal:
    pause = pauses.append if pauses is not None else lambda _: None
    return DynamoJournal(client, boxes.table, pause)  # type: ignore[arg-type]  # passes everything else on


def transacting(boxes: Outboxes, *errors: ClientError) -> Troubled:
    return Troubled(boxes.client, "transact_write_items", errors)


@pytest.mark.parametrize(
    "reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
)
def test_what_is_in_the_way_for_a_moment_is_waited_for(in_dynamodb: Outboxes, reason: str) -> None:
    client = transacting(in_dynamodb, *[cancelled(reason, "None")] * (ATTEMPTS - 1))
    pauses: list[float] = []
    journal(in_dynamodb, client, pauses).commit([OpenGeneration(2)], [entry()])
    assert (client.calls, len(pauses)) == (ATTEMPTS, ATTEMPTS - 1)
    assert all(0 <= pause <= 0.02 * 2**at for at, pause in enumerate(pauses, 1))
    assert len(in_dynamodb.journal.history("object")) == 1


def test_what_is_always_in_the_way_is_said(in_dynamodb: Outboxes) -> None:
    client = transacting(in_dynamodb, *[cancelled("TransactionConflict", "None")] * ATTEMPTS)
    with pytest.raises(ClientError):
        journal(in_dynamodb, client).commit([OpenGeneration(2)], [entry()])
    assert client.calls == ATTEMPTS
    assert not in_dynamodb.journal.history("object")


@pytest.mark.parametrize(
    "error",
    [
        fault("AccessDeniedException"),
        cancelled("ValidationError", "None"),
        cancelled("TransactionConflict", "ItemCollectionSizeLimitExceeded"),
    ],
)
def test_what_time_does_not_heal_is_said_at_once(in_dynamodb: Outboxes, error: ClientError) -> None:
    client = transacting(in_dynamodb, error)
    with pytest.raises(ClientError):
        journal(in_dynamodb, client).commit([OpenGeneration(2)], [entry()])
    assert client.calls == 1


def test_of_a_conflict_and_a_broken_condition_the_condition_counts(in_dynamodb: Outboxes) -> None:
    reasons: Sequence[str] = ("ConditionalCheckFailed", "TransactionConflict")
    with pytest.raises(ChangeRefused) as refused:
        journal(in_dynamodb, transacting(in_dynamodb, cancelled(*reasons))).commit(
            [OpenGeneration(2)], [entry()]
        )
    assert refused.value.change == OpenGeneration(2)
    with pytest.raises(Conflict, match="already_recorded"):
        journal(in_dynamodb, transacting(in_dynamodb, cancelled(*reversed(reasons)))).commit(
            [OpenGeneration(2)], [entry()]
        )


def test_a_token_used_for_another_act_is_told(in_dynamodb: Outboxes) -> None:
    error = fault("IdempotentParameterMismatchException")
    with pytest.raises(Conflict, match="already_recorded"):
        journal(in_dynamodb, transacting(in_dynamodb, error)).commit([], [entry()])


def test_a_lost_answer_asked_for_again_is_one_act(in_dynamodb: Outboxes) -> None:
    journal(in_dynamodb, Repeating(in_dynamodb.client, "transact_write_items")).commit(
        [OpenGeneration(2)], [entry()]
    )
    assert len(in_dynamodb.journal.history("object")) == 1
