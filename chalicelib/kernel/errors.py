"""The one tree of refusals.

DomainError(code)            a rule refused the request; the caller can act on it
├── Refused                  authenticated but not entitled (403)
├── Unauthenticated          no valid proof of identity (401)
├── NotFound                 nothing of that name that the caller may know of (404)
├── Conflict                 the state, or somebody faster, stands in the way (409)
└── Invalid                  the request itself is wrong (400, 422)

Codes are stable and machine-readable; `chalicelib/api/problems.py` gives each its HTTP status and its
Chinese and English sentence (RFC 9457). A verdict ("revoked", "altered") is a value, never an error.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class DomainError(Exception):
    """A refusal with a stable `code`, the `field` at fault (JSON path) and `facts` free of personal data."""

    code: str
    field: str | None = None
    facts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(part for part in (self.code, self.field, *self.facts) if part)


class Refused(DomainError):
    """The caller is known, and not entitled to this."""


class Unauthenticated(DomainError):
    """No valid proof of who is calling."""


class NotFound(DomainError):
    """Nothing of that name that this caller may know of."""


class Conflict(DomainError):
    """The record's state or a concurrent act stands in the way."""


class Invalid(DomainError):
    """The request breaks a rule of form or content."""
