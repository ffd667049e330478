"""Two sets of tables, item by item: each side is scanned, and the other asked for the same keys. One page in memory.

Both should be at rest. Four reads an item, eventually consistent none of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from chalicelib.adapters.dynamo_items import Attributes, Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BATCH: Final = 100  # keys in a BatchGetItem


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that is not the same: `how` is missing, extra or differs (seen from the first set); values are never told."""

    table: str
    pk: str
    sk: str
    how: str
    attributes: tuple[str, ...] = ()


@dataclass(slots=True)
class Comparison:
    """Compares the first set of tables with the second. `items` counts the first's as they are read."""

    client: "DynamoDBClient"
    ours: Tables
    theirs: Tables
    now: datetime
    items: int = 0
    expired: int = 0

    def differences(self) -> Iterator[Difference]:
        """Every difference, table by table. A reply that has expired may be on one side only: TTL deletes it whenever."""
        theirs = asdict(self.theirs)
        for name, mine in asdict(self.ours).items():
            for page in self._pages(mine):
                self.items += len(page)
                yield from self._held(name, page, self._same(theirs[name], page))
            for page in self._pages(theirs[name]):
                known = self._same(mine, page)
                absent = [item for item in page if _place(item) not in known]
                yield from (Difference(name, *_place(one), "extra") for one in absent if not self._gone(one))

    def _held(
        self, name: str, page: Sequence[Attributes], found: dict[tuple[str, str], Attributes]
    ) -> Iterator[Difference]:
        for item in page:
            other = found.get(_place(item))
            if other is None:
                if not self._gone(item):
                    yield Difference(name, *_place(item), "missing")
            elif other != item:
                wrong = sorted(one for one in {*item, *other} if item.get(one) != other.get(one))
                yield Difference(name, *_place(item), "differs", tuple(wrong))

    def _gone(self, item: Attributes) -> bool:
        gone = "expires_at" in item and int(item["expires_at"]["N"]) <= self.now.timestamp()
        self.expired += gone
        return gone

    def _pages(self, table: str) -> Iterator[Sequence[Attributes]]:
        pages = self.client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        for page in pages:
            items = page["Items"]
            yield from (items[at : at + _BATCH] for at in range(0, len(items), _BATCH))

    def _same(self, table: str, page: Sequence[Attributes]) -> dict[tuple[str, str], Attributes]:
        keys = [{"pk": item["pk"], "sk": item["sk"]} for item in page]
        wanted: Any = {table: {"Keys": keys, "ConsistentRead": True}}
        found = {}
        while wanted:  # the SDK waits between throttled calls; what is left over comes with the next
            answer = self.client.batch_get_item(RequestItems=wanted)
            found.update({_place(item): item for item in answer["Responses"].get(table, [])})
            wanted = answer.get("UnprocessedKeys")
        return found


def _place(item: Attributes) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
