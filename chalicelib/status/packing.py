"""The packed list (IETF Token Status List §4): 2 bits an index, least significant first, zlib level 9, base64url."""

import zlib
from collections.abc import Mapping
from typing import Final

from chalicelib.kernel.encoding import b64url, unb64url
from chalicelib.status.model import BITS, LIST_SIZE, Status

_PER_BYTE: Final = 8 // BITS
BEST: Final = 9  # §4.1 recommends the highest level; it reproduces the draft's examples byte for byte


def pack(deviations: Mapping[int, Status], size: int = LIST_SIZE) -> str:
    """The `lst` member (§4.2): every index VALID but those given. ValueError for an index outside the list."""
    return compressed(packed(deviations, size))


def packed(deviations: Mapping[int, Status], size: int = LIST_SIZE) -> bytes:
    """The byte array (§4.1), not yet compressed. `size` is a multiple of four."""
    if min(deviations, default=0) < 0:
        raise ValueError("no such index in the list")  # Python would count it from the end
    values = bytearray(size)  # a byte an index first, because folding four into one is then done at C's speed
    try:
        for index, status in deviations.items():
            values[index] = status
    except IndexError as error:
        raise ValueError("no such index in the list") from error
    folded = 0
    for place in range(_PER_BYTE):
        folded |= int.from_bytes(values[place::_PER_BYTE], "little") << place * BITS
    return folded.to_bytes(size // _PER_BYTE, "little")


def compressed(array: bytes) -> str:
    """Bytes of any bit width as they travel."""
    return b64url(zlib.compress(array, BEST))


def unpacked(lst: str) -> bytes:
    """The byte array of a list that we packed ourselves; strangers' lists are read by `verification`."""
    return zlib.decompress(unb64url(lst))
