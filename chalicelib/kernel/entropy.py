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
    """A UUID version 7 (RFC 9562 §5.7): sorts by time, unguessable in its last 74 bits."""
    millis = int(moment.timestamp() * 1000) & ((1 << 48) - 1)
    tail = int.from_bytes(entropy.token(10), "big")
    value = millis << 80 | 0x7 << 76 | (tail >> 68 & 0xFFF) << 64 | 0b10 << 62 | tail & ((1 << 62) - 1)
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
