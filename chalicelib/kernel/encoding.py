"""Base64url without padding (RFC 7515 §2), SHA-256, and canonical JSON (RFC 8785)."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import rfc8785

from chalicelib.kernel.errors import Invalid

if TYPE_CHECKING:
    Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
else:
    Json = Any  # whoever inspects type hints at run time meets no recursion

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# What the last character may be for each length mod 4, so that no spare bit is set (RFC 4648 §3.5): one spelling only.
_LAST: Final = tuple(frozenset(some) for some in (_ALPHABET.decode(), "", "AQgw", "AEIMQUYcgkosw048"))
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")


def b64url(data: bytes) -> str:
    """Base64url without padding."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URL).decode("ascii")


def unb64url(text: str) -> bytes:
    """Decode base64url strictly: no padding, no foreign character, no spare bits. ValueError otherwise.

    Strict, because a lenient decoder lets one credential be spelled in several ways.
    """
    raw = text.encode("ascii", "replace")  # what is not ASCII becomes "?", which is not in the alphabet
    if raw.translate(None, _ALPHABET) or (raw and text[-1] not in _LAST[len(raw) % 4]):
        raise ValueError("not base64url")
    return binascii.a2b_base64(raw.translate(_FROM_URL) + b"==")


def sha256(data: bytes) -> bytes:
    """The 32-byte SHA-256 digest."""
    return hashlib.sha256(data).digest()


def integrity(data: bytes) -> str:
    """A W3C Subresource Integrity string, as `vct#integrity` wants it (SD-JWT VC §7)."""
    return "sha256-" + base64.b64encode(sha256(data)).decode("ascii")


def canonical_json(value: Mapping[str, Json] | Json) -> bytes:
    """RFC 8785 bytes. ValueError for what JSON cannot say: NaN, integers beyond 2^53, lone surrogates."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise ValueError("not representable in canonical JSON") from error


def _no_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate member name")
    return found


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
_scan: Final[Callable[[str, int], tuple[Json, int]]] = vars(_STRICT)["scan_once"]


def _whole(text: str) -> Json:
    """The value, when nothing stands before or after it but white space."""
    try:
        value, end = _scan(text, 0)  # the short way, without looking for white space
    except StopIteration:
        value, end = None, -1
    if end != len(text):
        value = _STRICT.decode(text)
    return value


def parse_json(data: bytes | str) -> Json:
    """Parse strictly: UTF-8, no duplicate member, no NaN, at most ordinary nesting.

    Raises Invalid("invalid_json"): two parsers must never read two meanings into the same signed bytes.
    """
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        parsed: Json = _whole(text)
    except (ValueError, RecursionError) as error:
        raise Invalid("invalid_json") from error
    return parsed


def parse_object(data: bytes | str) -> dict[str, Json]:
    """`parse_json`, and the value must be an object."""
    parsed = parse_json(data)
    if not isinstance(parsed, dict):
        raise Invalid("invalid_json")
    return parsed
