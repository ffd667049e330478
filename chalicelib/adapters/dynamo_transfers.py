"""`TransferStore` on DynamoDB: one partition, since a city's transfers are some hundred a year."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.codec import decode
from chalicelib.adapters.dynamo_items import TRANSFERS, Attributes, Tables, key
from chalicelib.adapters.sealing import Sealer
from chalicelib.transfers.record import ENDED, TransferRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoTransferStore:
    """See the port; a contact is unsealed here and nowhere else."""

    def __init__(self, client: "DynamoDBClient", tables: Tables, sealer: Sealer) -> None:
        self._client, self._name, self._sealer = client, tables.transfers, sealer

    def transfer(self, identifier: str) -> TransferRecord | None:
        """See `TransferStore`."""
        answer = self._client.get_item(
            TableName=self._name, Key=key(TRANSFERS, identifier), ConsistentRead=True
        )
        return self._read(answer["Item"]) if "Item" in answer else None

    def transfers(self, after: str | None, limit: int) -> tuple[Sequence[TransferRecord], str | None]:
        """See `TransferStore`."""
        begin: Any = {"ExclusiveStartKey": key(TRANSFERS, after)} if after else {}
        answer = self._client.query(
            TableName=self._name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": TRANSFERS}},
            ScanIndexForward=False,
            Limit=limit,
            ConsistentRead=True,
            **begin,
        )
        following = answer.get("LastEvaluatedKey")
        return [self._read(item) for item in answer["Items"]], following["sk"]["S"] if following else None

    def unfinished(self) -> Sequence[TransferRecord]:
        """See `TransferStore`."""
        return [self._read(item) for item in self._all() if item["state"]["S"] not in ENDED]

    def _all(self) -> Iterator[Attributes]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": TRANSFERS}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _read(self, item: Attributes) -> TransferRecord:
        name = f"transfer/{item['sk']['S']}"
        return decode(TransferRecord, self._sealer.unseal(name, item["sealed"]["B"]))
