"""Personal fields sealed and blind-indexed under keys that KMS unwraps (decision 11).

Two 32-byte secrets, each wrapped by a KMS key of its own and kept, wrapped, in the locked archive (`keyring/…`): without
them the tables cannot be rebuilt. A process unwraps each once and forgets it after an hour, so that disabling the KMS
key takes effect within that time. Every record is sealed under its own subkey (HKDF over the record's name): the
number of messages under one AES-GCM key stays at the number of that record's revisions.
"""

import hashlib
import hmac
import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chalicelib.kernel.clock import Clock
from chalicelib.kernel.errors import DomainError

LIFETIME: Final = timedelta(hours=1)
_NONCE: Final = 12
_FORMAT: Final = b"\x01"


class Secret(Protocol):
    """Hands out a secret of 32 bytes."""

    def __call__(self) -> bytes:
        """The secret."""
        ...


class Unwrapped:
    """A secret unwrapped on first use and again when it is older than an hour; safe for threads."""

    def __init__(self, unwrap: Callable[[], bytes], clock: Clock) -> None:
        self._unwrap, self._clock = unwrap, clock
        self._lock = threading.Lock()
        self._held: tuple[datetime, bytes] | None = None

    def __call__(self) -> bytes:
        """The secret, unwrapped at most once an hour."""
        with self._lock:
            if self._held is None or self._clock.now() - self._held[0] > LIFETIME:
                self._held = (self._clock.now(), self._unwrap())
            return self._held[1]


class HmacBlindIndex:
    """`BlindIndex` by HMAC-SHA-256; the parts are framed by their lengths, so ("a","bc") is not ("ab","c")."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def of(self, purpose: str, *parts: str) -> str:
        """See `certificates.ports.BlindIndex`."""
        framed = b"".join(
            len(part).to_bytes(4, "big") + part for part in (p.encode() for p in (purpose, *parts))
        )
        return hmac.new(self._secret(), framed, hashlib.sha256).hexdigest()


class Sealer:
    """AES-256-GCM per record; the record's name is authenticated, so a sealed field cannot move to another record."""

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def _key(self, name: bytes) -> AESGCM:
        return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"zhengzhao record " + name).derive(self._secret()))

    def seal(self, name: str, plain: bytes) -> bytes:
        """Format byte, nonce, ciphertext with tag."""
        nonce = os.urandom(_NONCE)
        return _FORMAT + nonce + self._key(name.encode()).encrypt(nonce, plain, _FORMAT + name.encode())

    def unseal(self, name: str, sealed: bytes) -> bytes:
        """The plain bytes; DomainError("record_damaged") when they are not what was sealed under that name."""
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return self._key(name.encode()).decrypt(nonce, body, sealed[:1] + name.encode())
        except (InvalidTag, ValueError) as error:
            raise DomainError("record_damaged") from error
