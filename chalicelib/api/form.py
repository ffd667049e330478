"""Request bodies: media type, size, strict parsing, and the model; every failure names the field, never its value."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from chalice.app import MultiDict
from pydantic import BaseModel, ValidationError

from chalicelib.api.endpoint import LARGEST_BODY, Endpoint
from chalicelib.kernel.encoding import parse_object
from chalicelib.kernel.errors import DomainError, Invalid

FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 20


def read_body(endpoint: Endpoint, headers: Mapping[str, str], raw: bytes) -> BaseModel | None:
    """The parsed body; None for endpoints that take none."""
    if endpoint.body is None:
        return None
    if len(raw) > LARGEST_BODY:
        raise Invalid("request_too_large")
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != endpoint.body_type:
        raise Invalid("unsupported_media_type", "Content-Type")
    members = _form(raw) if endpoint.body_type == FORM else parse_object(raw or b"{}")
    return _model(endpoint.body, members)


def _form(raw: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise Invalid("invalid_request") from error
    members = dict(pairs)
    if len(members) != len(pairs):  # RFC 6749 §3.2: parameters must not be included more than once
        raise Invalid("invalid_request")
    return members


def _model(kind: type[BaseModel], members: dict[str, Any]) -> BaseModel:
    try:
        return kind.model_validate(members)
    except ValidationError as error:
        raise _refusal(error) from None  # the validator's own text repeats the input


def _refusal(error: ValidationError) -> DomainError:
    """The first fault's place and kind. A name that we do not know is the sender's own data, and is not repeated."""
    first = error.errors(include_url=False, include_input=False)[0]
    known = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
    place = ".".join(str(part) for part in known)
    return Invalid("invalid_request", place or None, (first["type"],))


def read_query(endpoint: Endpoint, given: MultiDict | None) -> dict[str, str]:
    """The query parameters that the endpoint declares, each at most once and within its declared bounds."""
    members: dict[str, str] = {}
    for name in endpoint.query if given is not None else ():
        values = given.getlist(name) if given is not None and name in given else []
        if len(values) > 1 or any(not _fits(endpoint.query[name][1], value) for value in values):
            raise Invalid("invalid_request", name)
        if values:
            members[name] = values[0]
    return members


def _fits(schema: Mapping[str, Any], value: str) -> bool:
    """The few JSON Schema words that our query parameters use."""
    if schema["type"] == "integer":
        digits = value.isascii() and value.isdigit() and len(value) <= len("999999")
        return digits and schema["minimum"] <= int(value) <= schema["maximum"]
    if "enum" in schema:
        return value in schema["enum"]
    if len(value) > int(schema["maxLength"]) or not value.isprintable():
        return False
    return re.search(schema.get("pattern", ""), value) is not None
