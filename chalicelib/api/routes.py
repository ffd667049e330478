"""All endpoints in one tuple, and their registration with Chalice."""

from collections.abc import Callable
from typing import Any, Final

from chalice.app import Chalice, Request, Response

from chalicelib.api import (
    audit,
    catalog,
    certificates,
    description,
    health,
    public_log,
    tokens,
    transfers,
    trust,
    verifications,
)
from chalicelib.api.endpoint import Answer, Endpoint
from chalicelib.api.problems import MEDIA_TYPE, document
from chalicelib.api.serving import respond, response
from chalicelib.bootstrap import Container

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *tokens.ENDPOINTS,
    *catalog.ENDPOINTS,
    *trust.ENDPOINTS,
    *verifications.ENDPOINTS,
    *certificates.ENDPOINTS,
    *public_log.ENDPOINTS,
    *audit.ENDPOINTS,
    *transfers.ENDPOINTS,
    *health.ENDPOINTS,
    *description.endpoints(lambda: ENDPOINTS),
)

# Chalice's own refusals, as problems: a caller meets one shape of error only.
_CHALICE: Final = {
    404: "not_found",
    405: "method_not_allowed",
    413: "request_too_large",
    415: "unsupported_media_type",
}


class Application(Chalice):
    """Chalice, for answers that are always bytes: a caller who names no Accept header takes what there is (RFC 9110)."""

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Serve one event."""
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        headers["accept"] = "*/*"  # what Chalice would refuse an answer over
        answer: dict[str, Any] = super().__call__({**event, "headers": headers}, context)
        return answer


def register(app: Chalice, container: Container) -> None:
    """Give every endpoint its route. A public reading answers HEAD too."""
    for endpoint in ENDPOINTS:
        methods = (
            ["GET", "HEAD"]
            if endpoint.method == "GET" and endpoint.entitlement is None
            else [endpoint.method]
        )
        # No content types: Chalice would answer a wrong one with a shape of its own; `form` checks them.
        route = app.route(endpoint.path, methods=methods, content_types=[], name=_name(endpoint))
        route(_view(app, endpoint, container))
    app.register_middleware(_problems, "http")


def _name(endpoint: Endpoint) -> str:
    return "_".join(
        part.strip("{}").replace(".", "_").replace("-", "_")
        for part in (endpoint.method, *endpoint.path.split("/"))
        if part
    )


def _view(app: Chalice, endpoint: Endpoint, container: Container) -> Callable[..., Response]:
    def view(**_path: str) -> Response:
        request: Any = app.current_request  # there is one whenever a view runs
        return respond(endpoint, container, request)

    return view


def _problems(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """What Chalice refused before any view of ours saw it."""
    answer = get_response(request)
    if not (isinstance(answer.body, dict) and "Code" in answer.body):
        return answer
    code = _CHALICE.get(answer.status_code, "internal" if answer.status_code >= 500 else "invalid_request")  # noqa: PLR2004  # server errors
    status, body = document(code, str(_context(request).get("requestId", "unknown")))
    allowed = {name: str(value) for name, value in answer.headers.items() if name.lower() == "allow"}
    return response(Answer(status, body, MEDIA_TYPE, allowed))


def _context(request: Any) -> dict[str, Any]:
    context: dict[str, Any] = getattr(request, "context", {})
    return context
