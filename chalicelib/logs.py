"""Structured operating logs (Powertools): routes, codes, durations. Never a body, a token, a name or an identifier of a person.

This is for operators; the log that counts (art. 21) is the journal's.
"""

from functools import cache

from aws_lambda_powertools import Logger


@cache
def log() -> Logger:
    """The function's logger; the level comes from POWERTOOLS_LOG_LEVEL."""
    return Logger(service="zhengzhao", utc=True)
