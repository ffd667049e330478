"""/v1/log: the public tree as C2SP tlog-tiles has it. It tells how many entries there are, and nothing of any (docs/log.md).

Only tiles, bundles, the newest checkpoint and the log's keys can be had here: a path that is none of these is not found,
whatever else lies in the buckets.
"""

from typing import Final

from chalicelib.api.caching import cached
from chalicelib.api.endpoint import Answer, Call, Endpoint
from chalicelib.audit.tiles import Tile
from chalicelib.kernel.errors import NotFound

YEAR: Final = 31_536_000
MINUTE: Final = 60
SOON: Final = 5  # seconds: sealing takes two
TEXT: Final = "text/plain; charset=utf-8"
TILE: Final = "application/octet-stream"
_PARTS: Final = (
    "level",
    "first",
    "second",
    "third",
    "fourth",
)  # of a tile's path: indices up to 10^9, partial tiles too


def _checkpoint(call: Call) -> Answer:
    return cached(call, _found(call.platform.log.store.fetch("checkpoint")), SOON, TEXT)


def _tile(call: Call) -> Answer:
    try:
        tile = Tile.parse("/".join(("tile", *(call.path[part] for part in _PARTS if part in call.path))))
    except ValueError as error:
        raise NotFound("not_found") from error
    body = _found(call.platform.log.store.fetch(tile.path))
    return cached(call, body, YEAR, TILE, immutable=True)


def _keys(call: Call) -> Answer:
    log = call.platform.log
    head = log.outbox.head()
    names = [f"keys/{name}.vkey" for name in head.keys] if head else []
    lines = [_found(log.store.fetch(name)) for name in names]
    return cached(call, _found(b"".join(lines) or None), MINUTE, TEXT)


def _found(data: bytes | None) -> bytes:
    if data is None:
        raise NotFound("not_found")
    return data


def _tiles(parts: int) -> Endpoint:
    path = "/".join(f"{{{part}}}" for part in _PARTS[:parts])
    return Endpoint("GET", f"/v1/log/tile/{path}", _tile, "A tile of the log, or a bundle of its entries' commitments",
                    "日志的哈希块", answers={200: None}, answer_type=TILE, problems=("not_found",))  # fmt: skip


ENDPOINTS = (
    Endpoint("GET", "/v1/log/checkpoint", _checkpoint, "The log's newest checkpoint (C2SP tlog-checkpoint)", "日志的最新检查点",
             answers={200: None}, answer_type=TEXT, problems=("not_found",)),
    Endpoint("GET", "/v1/log/keys", _keys, "The log's verifier keys, one a line", "日志的验证公钥", answers={200: None},
             answer_type=TEXT, problems=("not_found",)),
    *(_tiles(parts) for parts in range(2, len(_PARTS) + 1)),
)  # fmt: skip
