"""Text about a person that goes with an act: beside the log, never in it, so that it can be erased (ADR 0010).

    entry (locked)   personal: {subject, digest = HMAC-SHA256(salt, text)}
    text (erasable)  salt and text, sealed, under subject and entry id

With the salt gone the digest can be neither read nor guessed, and every hash of the log still holds.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

SALT_SIZE: Final = 32
SUBJECT: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Personal:
    """What the entry holds: the person's blind index, and a digest that nobody can guess behind."""

    subject: str
    digest: str


@dataclass(frozen=True, slots=True)
class Text:
    """What an act says about a person. `subject` is the blind index of the holder."""

    subject: str
    text: str


def digest(salt: bytes, text: str) -> str:
    """What the entry vouches with for its text; hex."""
    return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()


class PersonalTexts(Protocol):
    """The erasable texts."""

    def keep(self, entry_id: str, text: Text) -> Personal:
        """Durable when it returns. Never replaces another."""
        ...

    def text(self, entry_id: str, personal: Personal) -> str | None:
        """The text of an entry; None once it is erased. DomainError("record_damaged") when it is another's."""
        ...

    def held(self, subject: str) -> Sequence[str]:
        """The ids of the entries whose texts about the person are there."""
        ...

    def erase(self, subject: str, entry_ids: Sequence[str]) -> None:
        """Gone when it returns, with their salts; what is gone already is no trouble."""
        ...
