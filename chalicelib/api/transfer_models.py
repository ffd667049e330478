"""The bodies of requests and answers about transfers."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api.models import Body, Clean, Code21, Result

Line = Annotated[str, Field(min_length=1, max_length=100), Clean]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class ContactBody(Body):
    """Whom the bureau asks: an official of the source. Printed in `bag-info.txt`, kept out of the log."""

    name: Line
    phone: Annotated[str, Field(min_length=3, max_length=40, pattern=r"^[0-9+() -]+$")]
    email: Annotated[str, Field(max_length=200, pattern=r"^[!-?A-~]+@[!-?A-~]+$")] | None = None


class TransferBody(Body):
    """Which certificates: of one type, with a date of issue in [first, last], at most ten years, not in the future."""

    type_code: Code21
    first: Day
    last: Day
    contact: ContactBody


class TransferResult(Result):
    """The transfer as requested."""

    id: str
    state: Literal["requested"]


class TransferSummary(Result):
    """How a transfer stands."""

    id: str
    state: Literal["requested", "preparing", "ready", "refused"]
    type_code: str
    first: date
    last: date
    requested_at: datetime
    certificates: int


class PartView(Result):
    """One package: `digest` is what `transfer verify --digest` takes, `url` fetches it for fifteen minutes."""

    number: int
    path: str
    digest: str
    size: int
    certificates: int
    url: str | None


class ObstacleView(Result):
    """Why nothing is handed over, and the certificate at fault."""

    code: str
    certificate: str | None


class TransferView(TransferSummary):
    """A transfer with its packages."""

    parts: list[PartView]
    obstacle: ObstacleView | None


class TransferPage(Result):
    """Newest first; `next` goes into `after` for the following page."""

    items: list[TransferSummary]
    next: str | None
