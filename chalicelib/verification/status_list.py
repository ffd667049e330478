"""Reading one value from a packed status list (IETF Token Status List §4)."""

import zlib
from typing import Final

from chalicelib.kernel.encoding import unb64url

LARGEST: Final = 8 * 1024 * 1024  # 2^25 entries of 2 bits: a list that unpacks to more is an attack
WIDTHS: Final = frozenset({1, 2, 4, 8})


def read_status(lst: str, bits: int, index: int) -> int:
    """The value at the index. ValueError when the list is not one, is too large, or has no such index."""
    return value_at(unpack(lst, bits), bits, index)


def unpack(lst: str, bits: int) -> bytes:
    """The list's bytes. ValueError for another width, a broken stream, or more than 8 MiB."""
    if bits not in WIDTHS:
        raise ValueError("a status has 1, 2, 4 or 8 bits")
    inflater = zlib.decompressobj()
    try:
        packed = inflater.decompress(unb64url(lst), LARGEST)
    except zlib.error as error:
        raise ValueError("not a zlib stream") from error
    if not inflater.eof:
        raise ValueError("too large, or cut off")
    return packed


def value_at(packed: bytes, bits: int, index: int) -> int:
    """The value at the index of unpacked bytes: least significant first."""
    per_byte = 8 // bits
    if not 0 <= index < len(packed) * per_byte:
        raise ValueError("no such index")
    return packed[index // per_byte] >> (index % per_byte * bits) & ((1 << bits) - 1)
