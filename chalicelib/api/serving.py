"""From HTTP to a handler and back; every refusal is a problem document, and a known caller's refusal is logged.

    authenticate ─▶ may you? ─▶ [ is the request well formed? ─▶ the act ]  inside `once` when it acts

So a stranger learns nothing of the inside, and a repeated request is answered alike however it would be refused now.
"""

import hashlib
import re
import traceback
from dataclasses import replace
from typing import Final

from chalice.app import Request, Response

from chalicelib.adapters.faults import aws_fault
from chalicelib.api.endpoint import Answer, Call, Endpoint
from chalicelib.api.form import read_body, read_query
from chalicelib.api.problems import MEDIA_TYPE, document
from chalicelib.audit.journal import Reply
from chalicelib.bootstrap import Container
from chalicelib.kernel.encoding import canonical_json
from chalicelib.kernel.errors import DomainError, Invalid, NotFound
from chalicelib.kernel.identifiers import CertificateIdentifier
from chalicelib.logs import log
from chalicelib.units.authorisation import Target, authorise
from chalicelib.units.model import Caller
from chalicelib.usecases.act import Act, once, record_refusal

_KEY: Final = re.compile(r"[\x21-\x7e]{8,128}\Z")
_ALWAYS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def respond(endpoint: Endpoint, container: Container, request: Request) -> Response:
    """Serve one request; never raises."""
    request_id = str(request.context.get("requestId", "unknown"))
    answer = _answer(endpoint, container, request, request_id)
    log().info(
        "request", method=request.method, route=endpoint.path, status=answer.status, request_id=request_id
    )
    return response(answer, head=request.method == "HEAD")


def _answer(endpoint: Endpoint, container: Container, request: Request, request_id: str) -> Answer:
    try:
        return _serve(endpoint, _call(container, request, request_id), request)
    except DomainError as refusal:
        return problem(refusal, request_id)
    except Exception as error:  # noqa: BLE001  # the last resort: a stranger gets a code, the operator the place
        _report(error, request_id)
        return problem(DomainError("unavailable" if aws_fault(error) else "internal"), request_id)


def _report(error: Exception, request_id: str) -> None:
    """Where it broke, without what it said: an exception's text may carry somebody's data."""
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    log().error(
        "failure",
        error=type(error).__name__,
        aws_code=aws_fault(error),
        frames=frames[-12:],
        request_id=request_id,
    )


def _call(container: Container, request: Request, request_id: str) -> Call:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(container, request_id, request.uri_params or {}, {}, headers, None, None, None)


def _serve(endpoint: Endpoint, call: Call, request: Request) -> Answer:
    if endpoint.entitlement is None:
        return _plain(endpoint.handler(_parsed(endpoint, call, request)))
    caller = call.container.caller(call.headers.get("authorization"))
    act = _act(endpoint, caller, call, request)
    call = replace(call, caller=caller, act=act)
    try:
        call = replace(call, act=replace(act, post=authorise(caller, endpoint.entitlement, _target(call))))
        if not endpoint.once:
            call = _parsed(endpoint, call, request)
        if not endpoint.acts:
            return _plain(endpoint.handler(call))
    except DomainError as refusal:
        record_refusal(call.platform, act, endpoint.kind, _subject(endpoint, call), refusal)
        raise
    if not endpoint.once:
        return _plain(endpoint.handler(call))
    return _plain(_once(endpoint, call, request))


def _once(endpoint: Endpoint, call: Call, request: Request) -> Reply:
    """Parse and act, at most once for this Idempotency-Key."""

    def attempt() -> Reply:
        reply = endpoint.handler(_parsed(endpoint, call, request))
        if not isinstance(reply, Reply):
            raise TypeError("an acting endpoint answers with the reply that it committed")
        return reply

    return once(call.platform, call.acting(), endpoint.kind, _subject(endpoint, call), attempt)


def _plain(answer: Answer | Reply) -> Answer:
    return Answer(answer.status, answer.body) if isinstance(answer, Reply) else answer


def _parsed(endpoint: Endpoint, call: Call, request: Request) -> Call:
    body = read_body(endpoint, call.headers, _raw(endpoint, request))
    return replace(call, body=body, query=read_query(endpoint, request.query_params))


def _raw(endpoint: Endpoint, request: Request) -> bytes:
    """The body's bytes; readings have none that matters."""
    raw = request.raw_body if endpoint.method == "POST" else b""
    return raw.encode() if isinstance(raw, str) else raw


def _act(endpoint: Endpoint, caller: Caller, call: Call, request: Request) -> Act:
    """The act with its hashed key; a reading has a key of its own, since reading twice is reading twice."""
    given = call.headers.get("idempotency-key")
    if not endpoint.acts:
        given = call.request_id
    elif given is None:
        raise Invalid("idempotency_key_missing", "Idempotency-Key")
    elif not _KEY.match(given):
        raise Invalid("idempotency_key_invalid", "Idempotency-Key")
    named = "\x00".join((caller.unit, caller.name, endpoint.path, call.path.get("id", ""), given))
    key = hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()
    return Act(caller, "none", call.request_id, key, hashlib.sha256(_raw(endpoint, request)).hexdigest())


def _target(call: Call) -> Target:
    """What the act is about: the certificate's issuing unit, or the caller's own."""
    identifier = call.path.get("id")
    caller = call.caller
    if caller is None:
        raise TypeError("only a known caller has a target")
    if identifier is None:
        return Target(unit=caller.unit, district=caller.district)
    try:
        issuer = CertificateIdentifier.parse(identifier).issuer
    except Invalid as error:
        raise NotFound("no_such_certificate") from error
    return Target(unit=issuer, district=caller.district if issuer == caller.unit else None)


def _subject(endpoint: Endpoint, call: Call) -> str:
    """What a refusal is filed under: the certificate if it is one, else the caller's unit; never free text."""
    if endpoint.about:
        return endpoint.about
    try:
        return str(CertificateIdentifier.parse(call.path.get("id", "")))
    except Invalid:
        return f"unit/{call.caller.unit}" if call.caller else "none"


def problem(refusal: DomainError, request_id: str) -> Answer:
    """The refusal as a problem document."""
    status, body = document(refusal.code, request_id, refusal)
    headers = {"WWW-Authenticate": 'Bearer realm="zhengzhao"'} if status == 401 else {}  # noqa: PLR2004  # RFC 6750 §3
    return Answer(status, body, MEDIA_TYPE, headers)


def response(answer: Answer, *, head: bool = False) -> Response:
    """As Chalice wants it: bytes, with the headers that every answer has."""
    body = answer.body if isinstance(answer.body, bytes) else canonical_json(dict(answer.body))
    headers: dict[str, str | list[str]] = {**_ALWAYS, **answer.headers, "Content-Type": answer.media_type}
    return Response(b"" if head else body, headers, answer.status)
