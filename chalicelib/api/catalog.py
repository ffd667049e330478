"""/v1/catalog and /v1/vct: the public catalog (art. 14), and its publication."""

import csv
import io
from dataclasses import asdict
from datetime import UTC, datetime

from chalicelib.api import models
from chalicelib.api.caching import cached
from chalicelib.api.endpoint import Answer, Call, Endpoint
from chalicelib.audit.journal import Reply
from chalicelib.catalog.model import Attribute, CatalogEntry, Kind, Sharing, ValidityRule
from chalicelib.catalog.type_metadata import type_metadata, vct
from chalicelib.kernel.clock import timestamp
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import NotFound
from chalicelib.units.authorisation import Act as Entitlement
from chalicelib.usecases.publish_catalog_entry import KIND, Proposal, publish_catalog_entry

PAGE = 50
LONGEST_PAGE = 100
FOREVER = 31_536_000
SOON = 60
_QUERY: dict[str, tuple[str, dict[str, Json]]] = {
    "after": ("Where the page begins: `next` of the page before.", {"type": "string", "maxLength": 21}),
    "limit": ("How many types a page has.", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE}),
}


def view(entry: CatalogEntry, base_url: str) -> dict[str, Json]:
    """A published entry as JSON."""
    return {
        "type_code": entry.type_code,
        "version": entry.version,
        "name_zh": entry.name_zh,
        "name_en": entry.name_en,
        "kind": str(entry.kind),
        "defining_authority": entry.defining_authority,
        "issuing_units": [*sorted(entry.issuing_units)],
        "standard": entry.standard,
        "scope_of_application": entry.scope_of_application,
        "attributes": [asdict(attribute) for attribute in entry.attributes],
        "schema": entry.schema,
        "validity": asdict(entry.validity),
        "holder_code_types": [*sorted(entry.holder_code_types)],
        "retention_years": entry.retention_years,
        "sharing": str(entry.sharing),
        "vct": vct(base_url, entry.type_code, entry.version),
        "published_at": timestamp(entry.published_at),
        "retired": entry.retired,
    }


def _list(call: Call) -> Answer:
    limit = int(call.query.get("limit", PAGE))
    entries, following = call.platform.catalog.page(call.query.get("after"), limit)
    items: list[Json] = [view(entry, call.platform.base_url) for entry in entries]
    return cached(call, {"items": items, "next": following}, SOON)


def _detail(call: Call) -> Answer:
    entry = call.platform.catalog.newest(call.path["type_code"])
    if entry is None:
        raise NotFound("no_such_type")
    return cached(call, view(entry, call.platform.base_url), SOON)


_COLUMNS = (
    "type_code",
    "version",
    "name_zh",
    "name_en",
    "kind",
    "defining_authority",
    "standard",
    "sharing",
    "vct",
)


def _csv(call: Call) -> Answer:
    """All types, with a byte order mark, so that spreadsheets read the Chinese."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore")
    writer.writeheader()
    after: str | None = None
    while True:
        entries, after = call.platform.catalog.page(after, LONGEST_PAGE)
        writer.writerows(_plain(view(entry, call.platform.base_url)) for entry in entries)
        if after is None:
            return cached(call, ("\ufeff" + text.getvalue()).encode(), SOON, "text/csv")


def _plain(row: dict[str, Json]) -> dict[str, Json]:
    """A cell that a spreadsheet would take for a formula is made text."""
    return {
        name: f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
        for name, value in row.items()
    }


def _type_metadata(call: Call) -> Answer:
    version = call.path["version"]
    entry = call.platform.catalog.version(call.path["type_code"], int(version)) if _number(version) else None
    if entry is None:
        raise NotFound("no_such_type")
    return cached(call, type_metadata(entry, call.platform.base_url), FOREVER, "application/json")


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len("999999") and not text.startswith("0")


def _publish(call: Call) -> Reply:
    body: models.CatalogBody = call.body
    entry = CatalogEntry(
        type_code=body.type_code,
        version=1,
        name_zh=body.name_zh,
        name_en=body.name_en,
        kind=Kind(body.kind),
        defining_authority=body.defining_authority,
        issuing_units=frozenset(body.issuing_units),
        standard=body.standard,
        scope_of_application=body.scope_of_application,
        face_template=body.face_template,
        attributes=tuple(Attribute(one.name, one.zh, one.en) for one in body.attributes),
        schema=body.schema_,
        validity=ValidityRule(body.validity.min_days, body.validity.max_days, body.validity.open_ended),
        holder_code_types=frozenset(body.holder_code_types),
        retention_years=body.retention_years,
        sharing=Sharing(body.sharing),
        published_at=datetime.fromtimestamp(0, UTC),
    )
    return publish_catalog_entry(call.platform, call.acting(), Proposal(entry, body.state_secret))


ENDPOINTS = (
    Endpoint("GET", "/v1/catalog", _list, "The catalog, newest version of each type", "证照目录",
             answers={200: models.CatalogPage}, query=_QUERY),
    Endpoint("GET", "/v1/catalog/{type_code}", _detail, "A type's newest version", "目录条目",
             answers={200: models.CatalogView}, problems=("no_such_type",)),
    Endpoint("GET", "/v1/catalog.csv", _csv, "The catalog as CSV", "证照目录(CSV)", answers={200: None},
             answer_type="text/csv"),
    Endpoint("GET", "/v1/vct/{type_code}/{version}", _type_metadata, "SD-JWT VC type metadata of a version",
             "证照类型元数据", answers={200: None}, problems=("no_such_type",)),
    Endpoint("POST", "/v1/catalog", _publish, "Publish a type's next version", "发布目录条目",
             Entitlement.PUBLISH_CATALOG_ENTRY, KIND, models.CatalogBody, answers={201: models.CatalogResult},
             problems=("type_code_of_other_authority", "schema_not_closed", "state_secret_type")),
)  # fmt: skip
