"""/v1/audit: the entries themselves, for auditors; each reading is an entry too (art. 21)."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from chalicelib.api import models
from chalicelib.api.endpoint import Answer, Call, Endpoint
from chalicelib.audit.inquiry import Inquiry
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid, NotFound
from chalicelib.units.authorisation import Act as Entitlement
from chalicelib.usecases import prove_entry, read_audit_entries

LONGEST_PAGE: Final = 100
ENTRIES: Final = "/v1/audit/entries"
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,11}", re.ASCII)


def _text(description: str, longest: int, pattern: str) -> tuple[str, Mapping[str, Json]]:
    return description, {"type": "string", "maxLength": longest, "pattern": pattern}


_QUERY: Final[Mapping[str, tuple[str, Mapping[str, Json]]]] = {
    "object": _text(
        "What they are about: a certificate identifier, unit/<USCC> …", 128,
        r"^(1\.2\.156\.[0-9A-Z.]+|[a-z][a-z-]*(/[0-9A-Za-z._-]+)?)$",
    ),
    "kind": _text("The kind of act", 64, "^[a-z][a-z0-9_]*$"),
    "unit": _text("The unit that acted", 32, "^[0-9A-Za-z-]+$"),
    "person": _text("The account of the person that acted", 200, r"^\S+$"),
    "outcome": ("How it ended", {"type": "string", "enum": ["done", "refused"]}),
    "from": _text("The first day, in Shenzhen", 10, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    "until": _text("The last day, in Shenzhen", 10, "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    "after": _text("The `next` of the page before, or an index of the log", 36, "^[0-9a-f-]+$"),
    "limit": ("Entries on a page", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": LONGEST_PAGE}),
}  # fmt: skip


def _entries(call: Call) -> Answer:
    asked = call.query
    inquiry = Inquiry(
        object=asked.get("object"),
        kind=asked.get("kind"),
        unit=asked.get("unit"),
        person=asked.get("person"),
        outcome=asked.get("outcome"),
        first_day=_day(asked, "from"),
        last_day=_day(asked, "until"),
    )
    turn = read_audit_entries.Turn(asked.get("after"), int(asked.get("limit", LONGEST_PAGE)))
    return Answer(200, read_audit_entries.read_audit_entries(call.platform, call.acting(), inquiry, turn))


def _day(asked: Mapping[str, str], name: str) -> date | None:
    if name not in asked:
        return None
    try:
        return date.fromisoformat(asked[name])
    except ValueError as error:
        raise Invalid("invalid_date", name) from error


def _proof(call: Call) -> Answer:
    index = call.path["index"]
    if not _INDEX.fullmatch(index):
        raise NotFound("no_such_entry")
    return Answer(200, prove_entry.prove_entry(call.platform, call.acting(), int(index)))


ENDPOINTS = (
    Endpoint("GET", ENTRIES, _entries, "Read the log's entries, in their order", "查询日志记录",
             Entitlement.READ_AUDIT_LOG, read_audit_entries.KIND, answers={200: models.AuditPage},
             problems=("invalid_date", "log_damaged"), query=_QUERY, about=read_audit_entries.LOG),
    Endpoint("GET", f"{ENTRIES}/{{index}}/proof", _proof, "An entry with the proof that it is in the log",
             "日志记录及其存在证明", Entitlement.READ_AUDIT_LOG, prove_entry.KIND, answers={200: models.EntryProof},
             problems=("no_such_entry", "log_damaged"), about=read_audit_entries.LOG),
)  # fmt: skip
