"""A certificate's whole history, for its unit: every entry of the log about it (art. 12)."""

from chalicelib.audit.entry import Entry
from chalicelib.kernel.encoding import Json
from chalicelib.usecases.act import Act, entry
from chalicelib.usecases.own_certificate import own_certificate
from chalicelib.usecases.platform import Platform

KIND = "certificate_history_read"


def read_history(platform: Platform, act: Act, identifier: str) -> dict[str, Json]:
    """Entries oldest first, this reading's own included; each with the `text` that its act gave, unless it is erased."""
    record = own_certificate(platform, act, identifier)
    platform.journal.commit([], [entry(platform, act, KIND, record.id, retain=record.retention)])
    return {"entries": [_told(platform, one) for one in platform.journal.history(record.id)]}


def _told(platform: Platform, entry: Entry) -> dict[str, Json]:
    text = platform.texts.text(entry.id, entry.personal) if entry.personal else None
    return {**entry.document(), **({"text": text} if text is not None else {})}
