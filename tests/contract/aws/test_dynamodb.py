"""DynamoDB as documented: transactions, idempotency tokens, concurrent updates, limits (DynamoDB API Reference)."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.aws.conftest import refused

pytestmark = pytest.mark.aws
NEW = "attribute_not_exists(pk)"


def item(pk: str, sk: str = "s", **more: Any) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}, **more}


def put(table: str, pk: str, condition: str | None = NEW, **more: Any) -> dict[str, Any]:
    said = {"TableName": table, "Item": item(pk, **more)}
    return {"Put": {**said, "ConditionExpression": condition} if condition else said}


def present(dynamodb: Any, table: str, pk: str) -> bool:
    return "Item" in dynamodb.get_item(TableName=table, Key=item(pk), ConsistentRead=True)


def together(runners: list[Callable[[], Any]]) -> None:
    gate = threading.Barrier(len(runners))

    def run(runner: Callable[[], Any]) -> None:
        gate.wait()
        runner()

    threads = [threading.Thread(target=run, args=(runner,)) for runner in runners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_transaction_is_all_or_nothing(dynamodb: Any, table: str) -> None:
    """TransactWriteItems: when one condition fails nothing is written, and the reasons stand in the request's order."""
    dynamodb.put_item(TableName=table, Item=item("there"))
    with pytest.raises(ClientError) as error:
        dynamodb.transact_write_items(
            TransactItems=[put(table, "new"), put(table, "there"), put(table, "more")]
        )
    reasons = [reason.get("Code") for reason in error.value.response["CancellationReasons"]]
    assert reasons == ["None", "ConditionalCheckFailed", "None"]
    assert not present(dynamodb, table, "new")
    assert not present(dynamodb, table, "more")


def test_a_condition_check_guards_without_writing(dynamodb: Any, table: str) -> None:
    """ConditionCheck: refuses the whole transaction, changes nothing."""
    check = {
        "ConditionCheck": {
            "TableName": table,
            "Key": item("guard"),
            "ConditionExpression": "attribute_exists(pk)",
        }
    }
    assert refused(lambda: dynamodb.transact_write_items(TransactItems=[check, put(table, "a")])) == (
        "TransactionCanceledException"
    )
    dynamodb.put_item(TableName=table, Item=item("guard"))
    dynamodb.transact_write_items(TransactItems=[check, put(table, "a")])
    assert present(dynamodb, table, "a")


def test_a_token_makes_a_transaction_idempotent(dynamodb: Any, table: str) -> None:
    """ClientRequestToken: the same call again within 10 minutes succeeds without further effect."""
    token = str(uuid.uuid4())
    call = {"TransactItems": [put(table, "once")], "ClientRequestToken": token}
    dynamodb.transact_write_items(**call)
    dynamodb.transact_write_items(**call)
    other = {"TransactItems": [put(table, "other")], "ClientRequestToken": token}
    assert refused(lambda: dynamodb.transact_write_items(**other)) == "IdempotentParameterMismatchException"
    assert not present(dynamodb, table, "other")


def test_one_item_is_in_a_transaction_once(dynamodb: Any, table: str) -> None:
    """TransactWriteItems: two operations on one item are a ValidationException."""
    attempt = lambda: dynamodb.transact_write_items(TransactItems=[put(table, "a"), put(table, "a")])  # noqa: E731  # used once, on the next line
    assert refused(attempt) == "ValidationException"


def test_a_transaction_has_at_most_100_items(dynamodb: Any, table: str) -> None:
    """TransactWriteItems: up to 100 actions."""
    dynamodb.transact_write_items(TransactItems=[put(table, f"a{number}") for number in range(100)])
    many = [put(table, f"b{number}") for number in range(101)]
    assert refused(lambda: dynamodb.transact_write_items(TransactItems=many)) == "ValidationException"


def test_a_batch_has_at_most_25_items(dynamodb: Any, table: str) -> None:
    """BatchWriteItem: up to 25 requests."""

    def batch(count: int) -> dict[str, Any]:
        return {table: [{"PutRequest": {"Item": item(f"b{number}")}} for number in range(count)]}

    dynamodb.batch_write_item(RequestItems=batch(25))
    assert refused(lambda: dynamodb.batch_write_item(RequestItems=batch(26))) == "ValidationException"


def test_an_item_has_at_most_400_kb(dynamodb: Any, table: str) -> None:
    """Limits: the maximum item size is 400 KB, names included."""
    dynamodb.put_item(TableName=table, Item=item("a", body={"S": "a" * 400_000}))
    attempt = lambda: dynamodb.put_item(TableName=table, Item=item("b", body={"S": "a" * 410_000}))  # noqa: E731  # used once, on the next line
    assert refused(attempt) == "ValidationException"


def test_no_concurrent_addition_is_lost(dynamodb: Any, table: str) -> None:
    """UpdateItem is atomic: concurrent ADDs are all counted."""

    def add() -> None:
        for _ in range(10):
            dynamodb.update_item(
                TableName=table,
                Key=item("counter"),
                UpdateExpression="ADD hits :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

    together([add] * 16)
    found = dynamodb.get_item(TableName=table, Key=item("counter"), ConsistentRead=True)["Item"]
    assert found["hits"]["N"] == "160"


def test_of_many_conditional_puts_one_succeeds(dynamodb: Any, table: str) -> None:
    """Conditional writes are atomic."""
    won: list[int] = []

    def attempt(number: int) -> None:
        try:
            dynamodb.put_item(TableName=table, Item=item("one"), ConditionExpression=NEW)
            won.append(number)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ConditionalCheckFailedException"  # noqa: PT017  # in a thread

    together([lambda number=number: attempt(number) for number in range(16)])  # type: ignore[misc]  # bound now
    assert len(won) == 1


def test_a_failed_condition_can_show_what_stands(dynamodb: Any, table: str) -> None:
    """ReturnValuesOnConditionCheckFailure ALL_OLD: the cancellation reason carries the item."""
    dynamodb.put_item(TableName=table, Item=item("there", owner={"S": "me"}))
    member = put(table, "there")
    member["Put"]["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    with pytest.raises(ClientError) as error:
        dynamodb.transact_write_items(TransactItems=[member])
    reasons: Any = error.value.response["CancellationReasons"]
    assert reasons[0]["Item"]["owner"] == {"S": "me"}


def test_a_stream_tells_each_write_once_in_order(aws: Any, dynamodb: Any, table: str) -> None:
    """Streams: each write appears exactly once, in the order of its item; a cancelled transaction not at all."""
    dynamodb.put_item(TableName=table, Item=item("a"))
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(TransactItems=[put(table, "never"), put(table, "a")])
    dynamodb.delete_item(TableName=table, Key=item("a"))
    streams, arn = (
        aws("dynamodbstreams"),
        dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"],
    )
    seen = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = streams.get_records(ShardIterator=iterator)["Records"]
        seen += [(record["eventName"], record["dynamodb"]["Keys"]["pk"]["S"]) for record in records]
    assert seen == [("INSERT", "a"), ("REMOVE", "a")]
