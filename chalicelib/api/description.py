"""/openapi.json and /docs: the interface described by itself, readable offline (assets vendored, no CDN)."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from chalicelib.api.caching import cached
from chalicelib.api.endpoint import Answer, Call, Endpoint
from chalicelib.kernel.encoding import canonical_json
from chalicelib.kernel.errors import NotFound

STATIC: Final = Path(__file__).parent / "static"
# The only files that leave the folder: a name from a caller never becomes a path.
_ASSETS: Final = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "start.js": "text/javascript",
}
_DAY: Final = 86_400
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def endpoints(table: Callable[[], Sequence[Endpoint]]) -> tuple[Endpoint, ...]:
    """The endpoints that describe the whole table, these included."""

    def document(call: Call) -> Answer:
        from chalicelib.api.openapi import openapi

        return cached(call, canonical_json(openapi(table(), call.platform.base_url)), _DAY)

    return (
        Endpoint("GET", "/openapi.json", document, "This interface as OpenAPI 3.1", "接口说明", answers={200: None}),
        Endpoint("GET", "/docs", _page, "This interface for people", "接口文档", answers={200: None},
                 answer_type="text/html"),
        Endpoint("GET", "/docs/{name}", _asset, "What the page is made of", "接口文档资源", answers={200: None},
                 answer_type="*/*", problems=("not_found",)),
    )  # fmt: skip


def _page(call: Call) -> Answer:
    answer = cached(call, (STATIC / "docs.html").read_bytes(), _DAY, "text/html; charset=utf-8")
    return Answer(
        answer.status, answer.body, answer.media_type, {**answer.headers, "Content-Security-Policy": _POLICY}
    )


def _asset(call: Call) -> Answer:
    name = call.path["name"]
    if name not in _ASSETS:
        raise NotFound("not_found")
    return cached(call, (STATIC / name).read_bytes(), _DAY, _ASSETS[name])
