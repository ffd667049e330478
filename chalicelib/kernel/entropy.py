"""Randomness and fresh identifiers, as a port: rules that draw lots must be testable and replayable."""

from datetime import datetime
from typing import Final, Protocol

SERIAL_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Entropy(Protocol):
    """A cryptographically strong source."""

    def token(self, size: int) -> bytes:
        """`size` unpredictable bytes."""
        ...

    def below(self, bound: int) -> int:
        """A uniform integer in [0, bound)."""
        ...


def draw_text(entropy: Entropy, length: int, alphabet: str = SERIAL_ALPHABET) -> str:
    """`length` characters, each uniform over `alphabet`."""
    return "".join(alphabet[entropy.below(len(alphabet))] for _ in range(length))


def entry_id(entropy: Entropy, moment: datetime) -> str:
    """A UUID version 7 (RFC 9562 §5.7, §6.2 method 3): sorts by time to the quarter of a microsecond; 62 bits are random."""
    seconds = int(moment.timestamp())
    millis = (seconds * 1000 + moment.microsecond // 1000) & ((1 << 48) - 1)
    fraction = moment.microsecond % 1000 * 4096 // 1000
    tail = int.from_bytes(entropy.token(8), "big") & ((1 << 62) - 1)
    text = f"{millis << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | tail:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
