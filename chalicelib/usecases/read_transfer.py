"""A transfer for the bureau and for administrators; ready, the bureau is given links to its packages, and that is logged."""

from datetime import timedelta
from typing import Final

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import NotFound
from chalicelib.transfers.record import Part, TransferRecord, TransferState
from chalicelib.units.model import UnitKind
from chalicelib.usecases.act import Act, entry
from chalicelib.usecases.platform import Platform

KIND: Final = "transfer_read"
LINK_LIFETIME: Final = timedelta(minutes=15)


def read_transfer(platform: Platform, act: Act, identifier: str) -> dict[str, Json]:
    """NotFound("no_such_transfer") when there is none. An administrator sees how it stands, and fetches nothing."""
    record = platform.transfers.store.transfer(identifier)
    if record is None:
        raise NotFound("no_such_transfer")
    fetching = record.state is TransferState.READY and UnitKind.ARCHIVES in act.caller.kinds
    digests: list[Json] = [one.digest for one in record.parts] if fetching else []
    counted: dict[str, Json] = {"parts": len(record.parts), "certificates": record.certificates}
    details: dict[str, Json] = {**record.facts(), **counted, "digests": digests}
    platform.journal.commit([], [entry(platform, act, KIND, record.object, details)])
    parts: list[Json] = [_part(platform, one, linked=fetching) for one in record.parts]
    return {**_view(record), "parts": parts}


def _view(record: TransferRecord) -> dict[str, Json]:
    """Without the contact."""
    fault = record.obstacle
    return {
        **record.overview(),
        "obstacle": {"code": fault.code, "certificate": fault.certificate} if fault else None,
    }


def _part(platform: Platform, part: Part, *, linked: bool) -> dict[str, Json]:
    return {
        "number": part.number,
        "path": part.path,
        "digest": part.digest,
        "size": part.size,
        "certificates": part.certificates,
        "url": platform.transfers.packages.link(part.path, LINK_LIFETIME) if linked else None,
    }
