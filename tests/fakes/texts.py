"""`PersonalTexts` in memory, each salt following from the entry's id."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from chalicelib.audit.personal import Personal, Text, digest
from chalicelib.kernel.errors import DomainError


@dataclass
class InMemoryTexts:
    """Nothing is replaced; what is erased is gone with its salt."""

    held_texts: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)

    def keep(self, entry_id: str, text: Text) -> Personal:
        salt = hashlib.sha256(entry_id.encode()).digest()
        assert (text.subject, entry_id) not in self.held_texts
        self.held_texts[text.subject, entry_id] = salt, text.text
        return Personal(text.subject, digest(salt, text.text))

    def text(self, entry_id: str, personal: Personal) -> str | None:
        if (personal.subject, entry_id) not in self.held_texts:
            return None
        salt, said = self.held_texts[personal.subject, entry_id]
        if digest(salt, said) != personal.digest:
            raise DomainError("record_damaged")
        return said

    def held(self, subject: str) -> Sequence[str]:
        return [entry_id for owner, entry_id in self.held_texts if owner == subject]

    def erase(self, subject: str, entry_ids: Sequence[str]) -> None:
        for entry_id in entry_ids:
            self.held_texts.pop((subject, entry_id), None)
