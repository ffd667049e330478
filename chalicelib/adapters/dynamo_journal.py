"""The journal on DynamoDB: one TransactWriteItems for changes, entries and reply.

A crash before the call leaves nothing; a crash after it leaves everything. The ClientRequestToken is the first entry's
id, so a repeated call (the SDK's retry after a lost answer) has no second effect.
"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from chalicelib.adapters.changes import written
from chalicelib.adapters.codec import decode
from chalicelib.adapters.dynamo_items import Items, Write, key
from chalicelib.audit.entry import Entry, read_entry
from chalicelib.audit.journal import Change, ChangeRefused, Reply
from chalicelib.kernel.errors import Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ATTEMPTS: Final = 8
_TRANSIENT: Final = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


class DynamoJournal:
    """`Journal` on the tables of a stage."""

    def __init__(
        self, client: "DynamoDBClient", items: Items, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._items, self._pause = client, items, pause

    def commit(self, changes: Sequence[Change], entries: Sequence[Entry], reply: Reply | None = None) -> None:
        """See `Journal.commit`. Members touched by somebody else at this moment are tried again, with jitter."""
        if not entries:
            raise ValueError("no act without its entry")
        owners, members = self._members(changes, entries, reply)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._client.transact_write_items(TransactItems=members, ClientRequestToken=entries[0].id)
            except ClientError as error:
                self._settle(error, owners, last=attempt == ATTEMPTS)
                self._pause(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  # jitter, not a secret
            else:
                return

    def _members(
        self, changes: Sequence[Change], entries: Sequence[Entry], reply: Reply | None
    ) -> tuple[list[Change | Reply | Entry], list[Any]]:
        pairs: list[tuple[Change | Reply | Entry, Write]] = []
        if reply is not None:  # first, so that a repeated request is told apart from a genuine conflict
            pairs.append((reply, self._items.reply(reply)))
        pairs += [(change, write) for change in changes for write in self._items.writes(change)]
        line = written(self._items.tables, entries[0].id, [write for _, write in pairs])
        first = replace(entries[0], changes=line and hashlib.sha256(line.encode()).hexdigest())
        pairs += [(first, self._items.entry(first, line))]
        pairs += [(entry, self._items.entry(entry)) for entry in entries[1:]]
        return [owner for owner, _ in pairs], [write.member() for _, write in pairs]

    @staticmethod
    def _settle(error: ClientError, owners: Sequence[Change | Reply | Entry], *, last: bool) -> None:
        """Return when the transaction is worth another try; raise otherwise."""
        code = error.response["Error"]["Code"]
        if (
            code == "IdempotentParameterMismatchException"
        ):  # the first entry's id was used, minutes ago, for another act
            raise Conflict("already_recorded") from error
        if code != "TransactionCanceledException":
            raise error
        reasons = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])]
        for owner, reason in zip(owners, reasons, strict=True):
            if reason == "ConditionalCheckFailed":
                if isinstance(owner, Entry):
                    raise Conflict("already_recorded") from error
                raise ChangeRefused(owner) from error
        if last or not _TRANSIENT.issuperset(set(reasons) - {"None"}):
            raise error

    def reply_to(self, request: str) -> Reply | None:
        """See `Journal.reply_to`."""
        found = self._client.get_item(
            TableName=self._items.tables.requests, Key=key("reply#" + request, "reply"), ConsistentRead=True
        ).get("Item")
        return None if found is None else decode(Reply, found["body"]["S"])

    def history(self, obj: str) -> Sequence[Entry]:
        """See `Journal.history`: all pages of the object's partition, consistently."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._items.tables.log,
            KeyConditionExpression="pk = :object",
            ExpressionAttributeValues={":object": {"S": obj}},
            ConsistentRead=True,
        )
        return [read_entry(json.loads(item["body"]["S"])) for page in pages for item in page["Items"]]
