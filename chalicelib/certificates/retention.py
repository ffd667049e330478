"""How long the archive keeps a certificate's objects (art. 12, art. 21): counted from the end of its validity."""

from datetime import datetime

from chalicelib.audit.retention import Retention
from chalicelib.catalog.model import CatalogEntry
from chalicelib.certificates.model import Submission
from chalicelib.kernel.clock import add_years, end_of


def retention(submission: Submission, entry: CatalogEntry, now: datetime) -> Retention:
    """At least 20 years from now; the type's own years count from the last day of validity.

    While that day is not known, nobody can say when those years end: a hold keeps it until somebody does.
    """
    ends = end_of(submission.valid_until) if submission.valid_until is not None else now
    own = Retention(add_years(max(now, ends), entry.retention_years), hold=submission.valid_until is None)
    return Retention.least(now).covering([own])
