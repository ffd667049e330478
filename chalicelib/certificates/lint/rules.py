"""All rules in one tuple, and running them."""

from dataclasses import dataclass
from typing import Final

from chalicelib.certificates.lint import (
    attributes_valid,
    claims_known,
    header_complete,
    holder_code_check,
    holder_code_type_allowed,
    holder_present,
    identifier_check,
    identifier_matches,
    issue_date_not_future,
    issued_at_now,
    issuer_entitled,
    issuer_named,
    nothing_personal_visible,
    number_present,
    salts_strong,
    size_bounded,
    state_secret,
    status_referenced,
    text_printable,
    times_match,
    type_bound,
    validity_admitted,
    validity_not_past,
    validity_ordered,
    values_exact,
)
from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.encoding import Json

RULES: Final[tuple[Rule, ...]] = (
    attributes_valid.RULE,
    claims_known.RULE,
    header_complete.RULE,
    holder_code_check.RULE,
    holder_code_type_allowed.RULE,
    holder_present.RULE,
    identifier_check.RULE,
    identifier_matches.RULE,
    issue_date_not_future.RULE,
    issued_at_now.RULE,
    issuer_entitled.RULE,
    issuer_named.RULE,
    nothing_personal_visible.RULE,
    number_present.RULE,
    salts_strong.RULE,
    size_bounded.RULE,
    state_secret.RULE,
    status_referenced.RULE,
    text_printable.RULE,
    times_match.RULE,
    type_bound.RULE,
    validity_admitted.RULE,
    validity_not_past.RULE,
    validity_ordered.RULE,
    values_exact.RULE,
)


@dataclass(frozen=True, slots=True)
class LintReport:
    """Which rules were run, and which of them the draft breaks."""

    rules: tuple[Rule, ...]
    findings: tuple[Rule, ...]

    def document(self) -> list[Json]:
        """The report as it is archived: every rule with its clause and outcome, no content of the certificate."""
        return [
            {"rule": rule.code, "clause": rule.clause, "kept": rule not in self.findings}
            for rule in self.rules
        ]


def lint(draft: Draft) -> LintReport:
    """Run every rule; a finding does not stop the others, so that a unit mends all faults at once."""
    return LintReport(RULES, tuple(rule for rule in RULES if not rule.keeps(draft)))
