"""What a verification says: a verdict, and every check behind it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from chalicelib.kernel.encoding import Json
from chalicelib.verification.reasons import REASONS, Reason


class Result(StrEnum):
    """The verdict, worst first: what several failed checks add up to is the first of them here."""

    MALFORMED = "malformed"
    ALTERED = "altered"
    UNTRUSTED = "untrusted"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    SUSPENDED = "suspended"
    OBJECTION_PENDING = "objection_pending"
    GENUINE = "genuine"


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


class Check(NamedTuple):
    """One check: its name, outcome, reason code, and what was seen."""

    name: str
    outcome: Outcome
    code: str
    evidence: Json = None

    @property
    def reason(self) -> Reason:
        """What the code means, in both languages, and which verdict it leads to when failed."""
        return REASONS[self.code]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result with all checks, in the order in which they were made."""

    checks: tuple[Check, ...]

    @property
    def result(self) -> Result:
        """The worst that any failed check leads to; genuine when none failed."""
        faults = [check.reason.result for check in self.checks if check.outcome is Outcome.FAILED]
        return next(result for result in Result if result in faults) if faults else Result.GENUINE

    @property
    def reasons(self) -> tuple[str, ...]:
        """The codes of all checks that did not pass, those that could not be made included."""
        return tuple(check.code for check in self.checks if check.outcome is not Outcome.PASSED)

    def document(self) -> dict[str, Json]:
        """As JSON values, with a sentence in each language."""
        headline = REASONS[f"verdict_{self.result}"]
        checks: list[Json] = [
            {
                "name": check.name,
                "outcome": str(check.outcome),
                "code": check.code,
                "zh": check.reason.zh,
                "en": check.reason.en,
                "evidence": check.evidence,
            }
            for check in self.checks
        ]
        return {
            "verdict": str(self.result),
            "zh": headline.zh,
            "en": headline.en,
            "reasons": [*self.reasons],
            "checks": checks,
        }


def passed(name: str, evidence: Json = None) -> Check:
    """The check showed what it should."""
    return Check(name, Outcome.PASSED, f"{name}_ok", evidence)


def failed(name: str, code: str, evidence: Json = None) -> Check:
    """The check showed a fault."""
    return Check(name, Outcome.FAILED, code, evidence)


def not_checked(name: str, code: str, evidence: Json = None) -> Check:
    """The check could not be made, and why."""
    return Check(name, Outcome.NOT_CHECKED, code, evidence)
