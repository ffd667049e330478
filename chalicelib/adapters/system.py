"""The machine's clock and randomness: the only place that asks either."""

import os
import secrets
from datetime import UTC, datetime


class SystemClock:
    """`Clock`."""

    def now(self) -> datetime:
        """The machine's time, UTC."""
        return datetime.now(UTC)


class SystemEntropy:
    """`Entropy` from the operating system."""

    def token(self, size: int) -> bytes:
        """See `Entropy`."""
        return os.urandom(size)

    def below(self, bound: int) -> int:
        """See `Entropy`."""
        return secrets.randbelow(bound)
