"""One log entry: who did what to which object, for what purpose, with what outcome (art. 21, art. 25).

Responsibility goes down to the post: an entry names the unit, the post, and the person or the system key.
Holder data never enters an entry; the object is named by its identifier.
"""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from chalicelib.audit.kinds import admit
from chalicelib.audit.personal import Personal
from chalicelib.audit.retention import Retention
from chalicelib.kernel.clock import parse_timestamp, timestamp
from chalicelib.kernel.encoding import Json, canonical_json

VERSION: Final = 1

Outcome: TypeAlias = Literal["done", "refused"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. Exactly one of `person` (staff account) and `system` (client id) is named; `key` is the system's key id."""

    unit: str
    post: str
    person: str | None = None
    system: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a use is for: the matter (事项), the case (办件), and the sentence given (art. 14)."""

    matter: str | None = None
    case: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An act or refusal. `id` is a UUIDv7 drawn with the act; `details` are facts free of personal data.

    `key` is the KMS key signed with; `retain` says how long, when longer than 20 years. `changes` is the SHA-256 of what
    the act wrote, put in by the journal on the first entry of a commit. `personal` vouches for a text kept elsewhere. ValueError when it is not as the catalog of kinds
    says; with `known` False, as when reading what a later version wrote, nothing is asked.
    """

    id: str
    at: datetime
    kind: str
    object: str
    actor: Actor
    request: str
    outcome: Outcome = "done"
    purpose: Purpose = Purpose()
    details: dict[str, Json] = field(default_factory=dict)
    key: str | None = None
    retain: Retention | None = None
    changes: str | None = None
    personal: Personal | None = None
    known: InitVar[bool] = True

    def __post_init__(self, known: bool) -> None:  # dataclasses hand it over by position
        """Only what `audit.kinds` declares is ever logged."""
        if known:
            admit(self.kind, self.outcome, self.details, self.key)

    def document(self) -> dict[str, Json]:
        """The entry as JSON values; absent parts are left out, so the canonical form is unique."""
        actor = {name: getattr(self.actor, name) for name in ("unit", "post", "person", "system", "key")}
        purpose = {name: getattr(self.purpose, name) for name in ("matter", "case", "reason")}
        whole: dict[str, Json] = {
            "v": VERSION,
            "id": self.id,
            "at": timestamp(self.at),
            "kind": self.kind,
            "object": self.object,
            "actor": {name: value for name, value in actor.items() if value is not None},
            "purpose": {name: value for name, value in purpose.items() if value is not None},
            "request": self.request,
            "outcome": self.outcome,
            "details": self.details,
            "key": self.key,
            "retain": _retain(self.retain),
            "changes": self.changes,
            "personal": _personal(self.personal),
        }
        return {name: value for name, value in whole.items() if value not in ({}, None)}

    def canonical(self) -> bytes:
        """RFC 8785 bytes: what a hash of this entry covers."""
        return canonical_json(self.document())


def _personal(personal: Personal | None) -> dict[str, Json]:
    return {} if personal is None else {"subject": personal.subject, "digest": personal.digest}


def _retain(retain: Retention | None) -> dict[str, Json]:
    if retain is None:
        return {}
    return {"until": timestamp(retain.until), **({"hold": True} if retain.hold else {})}


def read_entry(document: Mapping[str, Any]) -> Entry:
    """An entry from its JSON document. KeyError, TypeError or ValueError when it is none of this version."""
    if document["v"] != VERSION:
        raise ValueError("an entry of another version")
    retain, personal = document.get("retain"), document.get("personal")
    return Entry(
        id=document["id"],
        at=parse_timestamp(document["at"]),
        kind=document["kind"],
        object=document["object"],
        actor=Actor(**document["actor"]),
        request=document["request"],
        outcome=document["outcome"],
        purpose=Purpose(**document.get("purpose", {})),
        details=document.get("details", {}),
        key=document.get("key"),
        retain=retain and Retention(parse_timestamp(retain["until"]), retain.get("hold", False)),
        changes=document.get("changes"),
        personal=personal and Personal(**personal),
        known=False,
    )
