"""Time: aware UTC from a port; business dates are Asia/Shanghai, converted here and nowhere else."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """The time of day, for whoever must not look at the machine's clock."""

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        ...


def business_date(moment: datetime) -> date:
    """The calendar date in Shenzhen at that moment."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The first moment (UTC) of a business date."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first moment (UTC) after a business date: a certificate valid until that day is valid through it."""
    return start_of(day + timedelta(days=1))


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds: sorts as text in the order of time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_timestamp(text: str) -> datetime:
    """The inverse of `timestamp`. ValueError when it is anything else."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def add_years(moment: datetime, years: int) -> datetime:
    """The same moment `years` later; 29 February becomes 1 March, never earlier than promised."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)
