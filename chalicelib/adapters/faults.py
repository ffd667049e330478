"""Telling AWS's troubles from our own, for the edge that must answer either."""

from botocore.exceptions import BotoCoreError, ClientError


def aws_fault(error: Exception) -> str | None:
    """AWS's error code (or the client's exception name) when the fault lies there; None when it is ours."""
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return type(error).__name__ if isinstance(error, BotoCoreError) else None
