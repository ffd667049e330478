"""The issuer as the API sees it: a function of its own, which alone may sign with units' keys (decision 1)."""

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.codec import decode, encode
from chalicelib.audit.journal import Reply
from chalicelib.kernel.errors import Conflict, DomainError, Invalid, NotFound, Refused
from chalicelib.usecases.act import Act

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_lambda import LambdaClient

_KINDS = {kind.__name__: kind for kind in (Conflict, Invalid, NotFound, Refused, DomainError)}


class LambdaIssuer:
    """Invokes the issuer function and waits for its answer."""

    def __init__(self, client: "LambdaClient", function: str) -> None:
        self._client, self._function = client, function

    def issue(self, act: Act, identifier: str) -> Reply:
        """The issuer's reply, or its refusal as the same DomainError.

        DomainError("issuer_unavailable") when no answer came: whether it issued is then unknown to us and known to
        the records; the caller repeats the request with the same Idempotency-Key.
        """
        payload = json.dumps({"act": encode(act), "identifier": identifier}).encode()
        try:
            answer = self._client.invoke(FunctionName=self._function, Payload=payload)
            document: dict[str, Any] = json.loads(answer["Payload"].read())
        except (BotoCoreError, ClientError, ValueError) as error:
            raise DomainError("issuer_unavailable") from error
        if "FunctionError" in answer:
            raise DomainError("issuer_unavailable")
        return _unpack(document)


def _unpack(document: dict[str, Any]) -> Reply:
    refusal = document.get("refusal")
    if refusal is not None:
        kind = _KINDS[refusal["kind"]]
        raise kind(refusal["code"], refusal["field"], tuple(refusal["facts"]))
    return decode(Reply, document["reply"])


def serve(event: dict[str, Any], issue: "Callable[[Act, str], Reply]") -> dict[str, Any]:
    """The function's side: run the act, answer with its reply or its refusal."""
    try:
        return {"reply": encode(issue(decode(Act, event["act"]), event["identifier"]))}
    except DomainError as refusal:
        kind = next(one.__name__ for one in type(refusal).__mro__ if one.__name__ in _KINDS)
        facts = {"kind": kind, "code": refusal.code, "field": refusal.field, "facts": list(refusal.facts)}
        return {"refusal": facts}
