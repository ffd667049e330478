"""/v1/transfers: the hand-over to the archives bureau (art. 12, docs/handing-over.md)."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from chalicelib.api import transfer_models as models
from chalicelib.api.endpoint import Answer, Call, Endpoint
from chalicelib.audit.journal import Reply
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid
from chalicelib.transfers.model import Contact
from chalicelib.units.authorisation import Act as Entitlement
from chalicelib.usecases import list_transfers, read_transfer, request_transfer

PAGE: Final = 50
LONGEST_PAGE: Final = 100
_QUERY: Final[Mapping[str, tuple[str, Mapping[str, Json]]]] = {
    "after": ("The last page's `next`", {"type": "string", "maxLength": 36}),
    "limit": ("Transfers a page", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE}),
}


def _request(call: Call) -> Reply:
    body: models.TransferBody = call.body
    contact = Contact(body.contact.name, body.contact.phone, body.contact.email)
    first, last = _day(body.first, "first"), _day(body.last, "last")
    wanted = request_transfer.Wanted(body.type_code, first, last, contact)
    return request_transfer.request_transfer(call.platform, call.acting(), wanted)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("invalid_date", field) from error


def _read(call: Call) -> Answer:
    return Answer(200, read_transfer.read_transfer(call.platform, call.acting(), call.path["transfer"]))


def _list(call: Call) -> Answer:
    limit = int(call.query.get("limit", PAGE))
    page = list_transfers.list_transfers(call.platform, call.acting(), call.query.get("after"), limit)
    return Answer(200, page)


ENDPOINTS = (
    Endpoint("POST", "/v1/transfers", _request, "Request a hand-over", "申请移交", Entitlement.REQUEST_TRANSFER,
             request_transfer.KIND, models.TransferBody, answers={202: models.TransferResult},
             problems=("unknown_type", "period_reversed", "period_in_future", "period_too_long")),
    Endpoint("GET", "/v1/transfers", _list, "All hand-overs, newest first", "移交清单", Entitlement.READ_TRANSFER,
             list_transfers.KIND, answers={200: models.TransferPage}, query=_QUERY),
    Endpoint("GET", "/v1/transfers/{transfer}", _read, "A hand-over, with links to its packages", "移交",
             Entitlement.READ_TRANSFER, read_transfer.KIND, answers={200: models.TransferView},
             problems=("no_such_transfer",)),
)  # fmt: skip
