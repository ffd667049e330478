"""The issue date is a date and not after today, Shenzhen time."""

from chalicelib.certificates.lint.draft import Draft
from chalicelib.certificates.lint.rule import Rule
from chalicelib.kernel.clock import business_date


def keeps(draft: Draft) -> bool:
    """Whether the draft keeps the rule."""
    issued = draft.day("issue_date")
    return issued is not None and issued <= business_date(draft.now)


RULE = Rule(
    "issue_date_not_future",
    "GB/T 36903 (modelled on): 颁发日期",
    "颁发日期有效且不晚于今日(北京时间)",
    "The issue date is a date and not after today, Shenzhen time",
    keeps,
)
