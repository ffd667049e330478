"""How long the archive keeps a certificate's objects (art. 12, art. 21): counted from the end of its validity."""

from datetime import datetime
from typing import Final

from chalicelib.catalog.model import CatalogEntry
from chalicelib.certificates.model import Submission
from chalicelib.kernel.clock import add_years, end_of

MINIMUM_YEARS: Final = 20  # art. 21


def retain_until(submission: Submission, entry: CatalogEntry, now: datetime) -> datetime:
    """At least 20 years from now; the type's own retention counts from the last day of validity."""
    ends = end_of(submission.valid_until) if submission.valid_until is not None else now
    return max(
        add_years(now, MINIMUM_YEARS), add_years(max(now, ends), max(MINIMUM_YEARS, entry.retention_years))
    )
