"""A submission: what the unit's system signed, read from its JWS payload (art. 7, art. 11)."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from chalicelib.certificates.model import Holder, Submission
from chalicelib.kernel.encoding import Json, canonical_json, parse_object
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.identifiers import holder_code, type_code
from chalicelib.kernel.text import clean, within

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TYP: Final = "zhengzhao-submission+jwt"
LONGEST_TEXT: Final = 4000
_REQUIRED: Final = frozenset(
    "iss aud iat type_code certificate_number holder valid_from attributes collector".split()
)
_OPTIONAL: Final = frozenset("issue_date valid_until certificate_name jti supersedes corrects".split())


def _text(members: Mapping[str, Json], name: str, *, limit: int = 200) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Invalid("missing_field", name)
    return clean(value, name, limit=limit)


def _day(members: Mapping[str, Json], name: str) -> date | None:
    value = members.get(name)
    if value is None:
        return None
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):  # ISO 8601 has more forms than people write
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Invalid("invalid_date", name)


def _clean_all(value: Json, field: str) -> None:
    if isinstance(value, str):
        clean(value, field, limit=LONGEST_TEXT)
    elif isinstance(value, dict):
        for name, member in value.items():
            clean(name, field, limit=200)
            _clean_all(member, within(field, name))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _clean_all(member, f"{field}[{index}]")


def _holder(members: Mapping[str, Json]) -> Holder:
    holder = members.get("holder")
    if not isinstance(holder, dict) or set(holder) != {"name", "code", "code_type"}:
        raise Invalid("missing_field", "holder")
    kind = _text(holder, "code_type", limit=3)
    return Holder(_text(holder, "name"), holder_code(_text(holder, "code"), kind, "holder.code"), kind)


def _exact(attributes: dict[str, Json]) -> None:
    """Numbers that two readers might read differently (beyond 2^53, infinite) are refused before anybody signs them."""
    try:
        canonical_json(attributes)
    except ValueError as error:
        raise Invalid("inexact_value", "attributes") from error


def read_submission(payload: bytes) -> tuple[Submission, dict[str, Json]]:
    """The submission and all members of the payload; Invalid naming the field at fault.

    Unknown members are refused: the unit must not believe that we took what we ignored.
    """
    members = parse_object(payload)
    for name in sorted(_REQUIRED - set(members)):
        raise Invalid("missing_field", name)
    if not (_REQUIRED | _OPTIONAL).issuperset(members):
        raise Invalid("unknown_field", "submission")  # its name is the sender's own data, and is not repeated
    attributes = members["attributes"]
    if not isinstance(attributes, dict):
        raise Invalid("missing_field", "attributes")
    _clean_all(attributes, "attributes")
    _exact(attributes)
    start = _day(members, "valid_from")
    if start is None:
        raise Invalid("missing_field", "valid_from")
    submission = Submission(
        type_code=type_code(_text(members, "type_code"), "type_code"),
        certificate_number=_text(members, "certificate_number", limit=100),
        holder=_holder(members),
        issue_date=_day(members, "issue_date"),
        valid_from=start,
        valid_until=_day(members, "valid_until"),
        attributes=attributes,
        collector=_text(members, "collector"),
        certificate_name=_text(members, "certificate_name") if "certificate_name" in members else None,
    )
    return submission, members
