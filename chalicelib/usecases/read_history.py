"""A certificate's whole history, for its unit: every entry of the log about it (art. 12)."""

from chalicelib.kernel.encoding import Json
from chalicelib.usecases.act import Act, entry
from chalicelib.usecases.own_certificate import own_certificate
from chalicelib.usecases.platform import Platform

KIND = "certificate_history_read"


def read_history(platform: Platform, act: Act, identifier: str) -> dict[str, Json]:
    """Entries oldest first, this reading's own included."""
    record = own_certificate(platform, act, identifier)
    platform.journal.commit([], [entry(platform, act, KIND, record.id, retain=record.retention)])
    return {"entries": [one.document() for one in platform.journal.history(record.id)]}
