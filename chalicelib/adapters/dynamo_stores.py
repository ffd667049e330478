"""Reading the tables: certificates, catalog, registry, status. Every read is consistent and has a page limit or a key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeVar

from chalicelib.adapters.codec import decode
from chalicelib.adapters.dynamo_items import Attributes, Tables, issued_key, key
from chalicelib.adapters.sealing import Sealer
from chalicelib.catalog.model import CatalogEntry
from chalicelib.certificates.model import CertificateRecord
from chalicelib.status.allotment import list_ids
from chalicelib.status.model import PublishedList, Slot, Status
from chalicelib.units.model import Person, System, Unit, UnitCertificate

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Model = TypeVar("Model")
_CACHED_VERSIONS: Final = 256


SHARDS: Final = "0123456789abcdef"
_DAY: Final = len("2026-01-01")


class _Table:
    """Consistent reads of one table."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client, self._name = client, name

    def get(self, pk: str, sk: str) -> Attributes | None:
        return self._client.get_item(TableName=self._name, Key=key(pk, sk), ConsistentRead=True).get("Item")

    def query(self, pk: str, prefix: str = "", **more: Any) -> Iterator[Attributes]:
        condition, values = "pk = :pk", {":pk": {"S": pk}}
        if prefix:
            condition, values[":prefix"] = "pk = :pk AND begins_with(sk, :prefix)", {"S": prefix}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
            **more,
        )
        for page in pages:
            yield from page["Items"]

    def between(self, pk: str, first: str, last: str) -> Iterator[Attributes]:
        """Items whose sort key lies in [first, last]."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={":pk": {"S": pk}, ":first": {"S": first}, ":last": {"S": last}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def scan(self, prefix: str) -> Iterator[Attributes]:
        """Items whose sort key begins so: for small tables only (the registry: some thousand items)."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._name,
            FilterExpression="begins_with(sk, :prefix)",
            ExpressionAttributeValues={":prefix": {"S": prefix}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]


def _one(kind: type[Model], item: Attributes | None) -> Model | None:
    return None if item is None else decode(kind, item["body"]["S"])


class DynamoCertificateStore:
    """`CertificateStore`; a record is unsealed here and nowhere else."""

    def __init__(self, client: "DynamoDBClient", tables: Tables, sealer: Sealer) -> None:
        self._table, self._sealer = _Table(client, tables.certificates), sealer

    def certificate(self, identifier: str) -> CertificateRecord | None:
        """See `CertificateStore`."""
        item = self._table.get(identifier, "record")
        return (
            None
            if item is None
            else decode(CertificateRecord, self._sealer.unseal(identifier, item["sealed"]["B"]))
        )

    def issued(self, type_code: str, first: date, last: date) -> Iterator[tuple[date, str]]:
        """See `CertificateStore`: sixteen queries a month."""
        ends = (first.isoformat(), f"{last.isoformat()}$")  # "$" follows "#", which follows the date
        keys = [
            item["sk"]["S"]
            for month in _months(first, last)
            for shard in SHARDS
            for item in self._table.between(issued_key(type_code, month, shard), *ends)
        ]
        for found in sorted(keys, key=lambda one: one[_DAY:]):
            yield date.fromisoformat(found[:_DAY]), found[_DAY + 1 :]


def _months(first: date, last: date) -> Iterator[date]:
    """The first day of each month that the period touches."""
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield date(month // 12, month % 12 + 1, 1)


class DynamoCatalogStore:
    """`CatalogStore`; published versions never change, so those seen are kept (at most 256)."""

    def __init__(self, client: "DynamoDBClient", tables: Tables) -> None:
        self._client, self._name = client, tables.catalog
        self._table = _Table(client, tables.catalog)
        self._seen: dict[tuple[str, int], CatalogEntry] = {}

    def newest(self, type_code: str) -> CatalogEntry | None:
        """See `CatalogStore`."""
        return _one(CatalogEntry, self._table.get("newest", type_code))

    def version(self, type_code: str, version: int) -> CatalogEntry | None:
        """See `CatalogStore`."""
        found = self._seen.get((type_code, version))
        if found is None:
            found = _one(CatalogEntry, self._table.get(f"type#{type_code}", f"version#{version:06d}"))
            if found is not None and len(self._seen) < _CACHED_VERSIONS:
                self._seen[type_code, version] = found
        return found

    def page(self, after: str | None, limit: int) -> tuple[Sequence[CatalogEntry], str | None]:
        """See `CatalogStore`."""
        start = {"ExclusiveStartKey": key("newest", after)} if after else {}
        answer = self._client.query(
            TableName=self._name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "newest"}},
            Limit=limit,
            ConsistentRead=True,
            **start,  # type: ignore[arg-type]  # the stub cannot see that only this one member is spread
        )
        following = answer.get("LastEvaluatedKey")
        entries = [decode(CatalogEntry, item["body"]["S"]) for item in answer["Items"]]
        return entries, following["sk"]["S"] if following else None


class DynamoRegistry:
    """`Registry`."""

    def __init__(self, client: "DynamoDBClient", tables: Tables) -> None:
        self._client, self._name = client, tables.units
        self._table = _Table(client, tables.units)

    def unit(self, unit_id: str) -> Unit | None:
        """See `Registry`."""
        return _one(Unit, self._table.get(f"unit#{unit_id}", "unit"))

    def system(self, client_id: str) -> System | None:
        """See `Registry`."""
        return _one(System, self._table.get(f"system#{client_id}", "system"))

    def system_and_unit(self, client_id: str, unit_id: str) -> tuple[System | None, Unit | None]:
        """See `Registry`: one BatchGetItem."""
        wanted = [key(f"system#{client_id}", "system"), key(f"unit#{unit_id}", "unit")]
        answer = self._client.batch_get_item(
            RequestItems={self._name: {"Keys": wanted, "ConsistentRead": True}}
        )
        found = {item["sk"]["S"]: item for item in answer["Responses"].get(self._name, [])}
        if answer.get("UnprocessedKeys"):  # throttled in part: one read each instead
            return self.system(client_id), self.unit(unit_id)
        return _one(System, found.get("system")), _one(Unit, found.get("unit"))

    def person(self, issuer: str, subject: str) -> Person | None:
        """See `Registry`."""
        return _one(Person, self._table.get(f"person#{issuer}", subject))

    def unit_and_certificates(self, unit_id: str) -> tuple[Unit | None, Sequence[UnitCertificate]]:
        """See `Registry`: one Query of the unit's partition."""
        unit, certificates = None, []
        for item in self._table.query(f"unit#{unit_id}"):
            if item["sk"]["S"] == "unit":
                unit = _one(Unit, item)
            else:
                certificates.append(decode(UnitCertificate, item["body"]["S"]))
        return unit, _oldest_first(certificates)

    def certificates(self, unit_id: str) -> Sequence[UnitCertificate]:
        """See `Registry`."""
        return self.unit_and_certificates(unit_id)[1]

    def all_certificates(self) -> Sequence[UnitCertificate]:
        """See `Registry`: a scan, for the CRL and the trust list only."""
        return _oldest_first(
            [decode(UnitCertificate, item["body"]["S"]) for item in self._table.scan("x509#")]
        )

    def crl(self) -> tuple[int, bytes] | None:
        """See `Registry`."""
        item = self._table.get("platform", "crl")
        return None if item is None else (int(item["number"]["N"]), bytes(item["der"]["B"]))


def _oldest_first(certificates: Sequence[UnitCertificate]) -> Sequence[UnitCertificate]:
    return sorted(certificates, key=lambda one: (one.not_before, one.serial))


class DynamoStatusStore:
    """`StatusStore`."""

    def __init__(self, client: "DynamoDBClient", tables: Tables) -> None:
        self._table = _Table(client, tables.status)

    def generation(self) -> int:
        """See `StatusStore`."""
        newest = next(self._table.query("lists", ScanIndexForward=False), None)
        return 1 if newest is None else int(newest["sk"]["S"])

    def taken(self, slot: Slot) -> bool:
        """See `StatusStore`."""
        return self._table.get(f"slot#{slot.list_id}#{slot.index:06d}", "slot") is not None

    def deviations(self, list_id: str) -> Mapping[int, Status]:
        """See `StatusStore`."""
        return {
            int(item["sk"]["S"].removeprefix("value#")): Status(int(item["value"]["N"]))
            for item in self._table.query(f"list#{list_id}", "value#")
        }

    def published(self, list_id: str) -> PublishedList | None:
        """See `StatusStore`."""
        return _one(PublishedList, self._table.get(f"list#{list_id}", "published"))

    def list_ids(self) -> Iterable[str]:
        """See `StatusStore`."""
        return [name for generation in range(1, self.generation() + 1) for name in list_ids(generation)]
