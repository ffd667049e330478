"""The packed list (IETF Token Status List §4): 2 bits an index, least significant first, zlib level 9, base64url."""

import zlib
from collections.abc import Mapping
from typing import Final

from chalicelib.kernel.encoding import b64url
from chalicelib.status.model import BITS, LIST_SIZE, Status

_PER_BYTE: Final = 8 // BITS
BEST: Final = 9  # reproduces the draft's examples byte for byte


def pack(deviations: Mapping[int, Status], size: int = LIST_SIZE) -> str:
    """The `lst` member: every index VALID but those given."""
    packed = bytearray(size // _PER_BYTE)
    for index, status in deviations.items():
        packed[index // _PER_BYTE] |= int(status) << (index % _PER_BYTE * BITS)
    return compressed(bytes(packed))


def compressed(packed: bytes) -> str:
    """Bytes of any bit width as they travel."""
    return b64url(zlib.compress(packed, BEST))
