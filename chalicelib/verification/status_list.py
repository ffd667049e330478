"""Reading status list tokens (IETF Token Status List §5.1, §8.3) and single values of packed lists (§4)."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chalicelib.kernel.encoding import Json, parse_object, unb64url
from chalicelib.kernel.errors import Invalid
from chalicelib.verification.chain import Leaf
from chalicelib.verification.signed import Header, signed_by

TYP: Final = "statuslist+jwt"
SERVED_AT: Final = "/v1/status-lists/"
SIGNER: Final = "/v1/trust/platform/status"
LONGEST: Final = 1024 * 1024
LARGEST: Final = 8 * 1024 * 1024  # 2^25 entries of 2 bits: a list that unpacks to more is an attack
WIDTHS: Final = frozenset({1, 2, 4, 8})


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list that the platform signed; from `issued` until `expires` (seconds since 1970) it is the present state."""

    uri: str
    issued: int
    expires: int
    bits: int
    packed: bytes
    leaf: Leaf

    def at(self, index: int) -> int:
        """The value at the index; ValueError when there is none."""
        return value_at(self.packed, self.bits, index)


def read_status_list(token: str, header_of: Callable[[str], Header | None]) -> StatusList | None:
    """The list, when the status signer of the very platform that serves it signed it under an anchor; None otherwise."""
    if len(token) > LONGEST or token.count(".") != len(("header|payload", "payload|signature")):
        return None
    encoded, payload, _ = token.split(".")
    header = header_of(encoded)
    try:
        claims = parse_object(unb64url(payload))
        listed = _unpacked(claims, header.leaf) if header is not None and header.leaf is not None else None
    except (ValueError, TypeError, Invalid):
        return None
    if listed is None or header is None or header.typ != TYP or not header.believed(listed.issued):
        return None
    platform, served, _ = listed.uri.rpartition(SERVED_AT)
    named = bool(served) and platform + SIGNER in listed.leaf.uris
    return listed if named and signed_by(listed.leaf, token) else None


def _unpacked(claims: dict[str, Json], leaf: Leaf) -> StatusList:
    listed = claims.get("status_list")
    if not isinstance(listed, dict):
        raise TypeError("no list")
    uri, lst = claims.get("sub"), listed.get("lst")
    issued, expires, bits = claims.get("iat"), claims.get("exp"), listed.get("bits")
    if not isinstance(uri, str) or not isinstance(lst, str):
        raise TypeError("no subject, or no list")
    if not (type(issued) is int and type(expires) is int and type(bits) is int):  # true is no number
        raise ValueError("no time, or no width")
    return StatusList(uri, issued, expires, bits, unpack(lst, bits), leaf)


def read_status(lst: str, bits: int, index: int) -> int:
    """The value at the index. ValueError when the list is not one, is too large, or has no such index."""
    return value_at(unpack(lst, bits), bits, index)


def unpack(lst: str, bits: int) -> bytes:
    """The list's bytes. ValueError for another width, a broken stream, anything after it, or more than 8 MiB."""
    if bits not in WIDTHS:
        raise ValueError("a status has 1, 2, 4 or 8 bits")
    inflater = zlib.decompressobj()
    try:
        packed = inflater.decompress(unb64url(lst), LARGEST)
    except zlib.error as error:
        raise ValueError("not a zlib stream") from error
    if not inflater.eof or inflater.unused_data:
        raise ValueError("too large, cut off, or followed by something")
    return packed


def value_at(packed: bytes, bits: int, index: int) -> int:
    """The value at the index of unpacked bytes: least significant first."""
    per_byte = 8 // bits
    if not 0 <= index < len(packed) * per_byte:
        raise ValueError("no such index")
    return packed[index // per_byte] >> (index % per_byte * bits) & ((1 << bits) - 1)
