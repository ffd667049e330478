"""What a rule is."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.certificates.lint.draft import Draft


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its stable code, the clause it comes from, what it demands, and whether a draft keeps it."""

    code: str
    clause: str
    zh: str
    en: str
    keeps: Callable[[Draft], bool]
