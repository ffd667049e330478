"""DynamoDB: a transaction checks everything, then writes everything.

AWS ("Amazon DynamoDB Transactions: How it works"): all conditions are evaluated against the state before the transaction;
either all writes happen or none, and no other write is seen in between.
moto 5.2.5 writes as it goes and puts back deep copies of the whole tables when something fails: other writers' items are
lost with them, streams keep records of writes that never were, and each transaction costs the size of its tables.
Together with the one lock of `dynamodb_writes`, checking first makes it atomic.
"""

from typing import Any, Final

from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend

from local_aws.emulator.corrections.replacing import replace

MOST: Final = 100


def _key(backend: Any, verb: str, operation: dict[str, Any]) -> dict[str, Any]:
    if verb != "Put":
        return dict(operation["Key"])
    table = backend.get_table(operation["TableName"])
    names = [name for name in (table.hash_key_attr, table.range_key_attr) if name]
    return {name: operation["Item"][name] for name in names}


def _refusal(backend: Any, operation: dict[str, Any], key: dict[str, Any]) -> tuple[Any, Any, Any]:
    """(code, message, item) of the condition that does not hold; three times None when it does."""
    expression = operation.get("ConditionExpression")
    if expression is None:
        return None, None, None
    current = backend.get_item(operation["TableName"], key)
    condition = get_filter_expression(
        expression, operation.get("ExpressionAttributeNames"), operation.get("ExpressionAttributeValues")
    )
    if condition.expr(current):
        return None, None, None
    wanted = operation.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and current
    item = current.to_json()["Attributes"] if wanted else None
    return "ConditionalCheckFailed", str(ConditionalCheckFailed().message), item


def _write(backend: Any, verb: str, operation: dict[str, Any], key: dict[str, Any]) -> None:
    table = operation["TableName"]
    if verb == "Put":
        backend.put_item(table, operation["Item"])
    elif verb == "Delete":
        backend.delete_item(table, key)
    elif verb == "Update":
        backend.update_item(
            table,
            key,
            update_expression=operation["UpdateExpression"],
            expression_attribute_names=operation.get("ExpressionAttributeNames"),
            expression_attribute_values=operation.get("ExpressionAttributeValues"),
        )


def _transact(backend: Any, transact_items: list[dict[str, Any]]) -> None:
    if len(transact_items) > MOST:
        raise TooManyTransactionsException
    planned, seen = [], set()
    for member in transact_items:
        if len(member) != 1:
            raise TransactWriteSingleOpException
        verb, operation = next(iter(member.items()))
        key = _key(backend, verb, operation)
        name = (operation["TableName"], str(sorted(key.items(), key=str)))
        if name in seen:
            raise MultipleTransactionsException
        seen.add(name)
        planned.append((verb, operation, key))
    refusals = [_refusal(backend, operation, key) for _, operation, key in planned]
    if any(code is not None for code, _, _ in refusals):
        raise TransactionCanceledException(refusals)
    for verb, operation, key in planned:
        _write(backend, verb, operation, key)


def apply() -> None:
    """Put ours in the place of moto's."""
    replace(DynamoDBBackend, "transact_write_items", lambda _: _transact)
