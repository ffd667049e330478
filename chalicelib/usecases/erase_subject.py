"""Erasure (PIPL art. 47): every text about one person that stands beside the log; what the law has kept stays (ADR 0010)."""

from chalicelib.audit.personal import SUBJECT
from chalicelib.kernel.errors import Invalid
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "subject_erased"


def erase_subject(platform: Platform, office: Office, subject: str) -> int:
    """How many texts were erased. `subject` is the person's blind index, as entries name it; Invalid("invalid_subject")."""
    if not SUBJECT.fullmatch(subject):
        raise Invalid("invalid_subject", "subject")
    held = platform.texts.held(subject)
    log = office.entry(platform, KIND, f"subject/{subject}", {"count": len(held)})
    platform.journal.commit([], [log])
    # A crash here leaves an erasure that was ordered and not finished: run again, it is ordered again and finished.
    platform.texts.erase(subject, held)
    return len(held)
