"""Slots and values of status lists (IETF Token Status List; design decision 5)."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

BITS: Final = 2
LIST_SIZE: Final = 131_072


class Status(IntEnum):
    """The four values that two bits can say."""

    VALID = 0
    REVOKED = 1  # superseded certificates too: the file is no longer to be relied on
    SUSPENDED = 2
    OBJECTION_PENDING = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """One certificate's place: which list, which index."""

    list_id: str
    index: int


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A signed list as it is served: `version` counts publications, `digest` is the hex SHA-256 of the token."""

    list_id: str
    version: int
    token: str
    digest: str
    issued_at: datetime
    expires_at: datetime
