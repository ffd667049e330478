"""Owns the corrections, one theme a file, each saying what AWS documents and what moto 5.2.5 does instead.

Does not own moto: what it does right is left alone.
Keeps: a correction wraps the wire protocol where it can, and reaches into moto only where it must.
"""

from collections.abc import Callable, Iterable
from typing import Any

from local_aws.emulator.corrections import (
    dynamodb_transactions,
    dynamodb_writes,
    kms_keys,
    kms_specs,
    s3_lock,
    s3_writes,
)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


def corrected(application: Application) -> Application:
    """The application of moto with every correction."""
    kms_specs.apply()
    kms_keys.apply()
    dynamodb_transactions.apply()
    s3_lock.apply()
    s3_writes.apply()
    return dynamodb_writes.Writes(s3_writes.Writes(application))
