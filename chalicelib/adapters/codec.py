"""Frozen dataclasses to JSON bytes and back, by their type hints.

Encoding is deterministic (sets are sorted, members keep the order of declaration), so a condition may compare the
stored bytes with the expected value's. Decoding is pydantic's: an adapter is an edge too.
"""

import base64
import json
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import ConfigDict, TypeAdapter

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Model = TypeVar("Model")
_ADAPTERS: Final[dict[type, TypeAdapter[Any]]] = {}


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, date):  # datetime is one
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.urlsafe_b64encode(value).decode("ascii")
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _adapter(kind: type[Model]) -> TypeAdapter[Model]:
    """Built once for each kind."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = _built(kind)
    return _ADAPTERS[kind]


def _built(kind: type[Model]) -> TypeAdapter[Model]:
    kind.__pydantic_config__ = ConfigDict(val_json_bytes="base64")  # type: ignore[attr-defined]  # pydantic's own hook
    return TypeAdapter(kind)


def encode(value: "DataclassInstance") -> str:
    """The value as JSON text."""
    return json.dumps(asdict(value), default=_plain, ensure_ascii=False, separators=(",", ":"))


def decode(kind: type[Model], data: str | bytes) -> Model:
    """The value back, every type as declared. ValueError when the text is not of that kind."""
    return _adapter(kind).validate_json(data)


def decode_plain(kind: type[Model], data: object) -> Model:
    """The value from JSON values already parsed, every type as declared. ValueError otherwise."""
    return _adapter(kind).validate_json(json.dumps(data))
