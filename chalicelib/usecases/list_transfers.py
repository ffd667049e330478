"""All transfers, newest first, without their packages: how each stands."""

from typing import Final

from chalicelib.kernel.encoding import Json
from chalicelib.usecases.act import Act, entry
from chalicelib.usecases.platform import Platform

KIND: Final = "transfers_listed"
LIST: Final = "transfers"


def list_transfers(platform: Platform, act: Act, after: str | None, limit: int) -> dict[str, Json]:
    """A page, and the `after` of the next one."""
    found, following = platform.transfers.store.transfers(after, limit)
    items: list[Json] = [one.overview() for one in found]
    platform.journal.commit([], [entry(platform, act, KIND, LIST, {"count": len(items)})])
    return {"items": items, "next": following}
