"""DynamoDB on the wire: one write at a time, tokens that make a transaction idempotent, documented limits.

AWS (API reference):
- TransactWriteItems with the same ClientRequestToken and parameters within 10 minutes has no further effect; with other
  parameters it is IdempotentParameterMismatchException.
- BatchWriteItem takes at most 25 requests, BatchGetItem at most 100 keys.
- Writes of one item are serialised: concurrent `ADD`s are all counted.
- An item has at most 400 KB.
moto 5.2.5 ignores tokens, takes 26 requests, loses concurrent updates in its threads.
"""

import io
import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

PREFIX: Final = "DynamoDB_20120810."
WRITES: Final = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
READS: Final = frozenset({"GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems", "GetRecords"})
TOKEN_SECONDS: Final = 600
MOST_PUTS: Final = 25
MOST_GETS: Final = 100
LARGEST_ITEM: Final = 400 * 1024
_Answer = tuple[str, list[tuple[str, str]], bytes]


def _problem(kind: str, message: str) -> _Answer:
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": message}).encode()
    headers = [("Content-Type", "application/x-amz-json-1.0"), ("Content-Length", str(len(body)))]
    return "400 Bad Request", headers, body


def _size(value: Any) -> int:
    """About what AWS counts: names and values of an item in their wire form."""
    if isinstance(value, dict):
        return sum(len(name.encode()) + _size(member) for name, member in value.items())
    if isinstance(value, list):
        return sum(map(_size, value))
    return len(str(value).encode())


def _items(operation: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    if operation == "PutItem":
        return [body.get("Item", {})]
    if operation == "TransactWriteItems":
        return [member["Put"].get("Item", {}) for member in body.get("TransactItems", []) if "Put" in member]
    requests = [one for many in body.get("RequestItems", {}).values() for one in many]
    return [one["PutRequest"].get("Item", {}) for one in requests if "PutRequest" in one]


class Writes:
    """Wraps moto's application."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._lock = threading.RLock()
        self._tokens: dict[str, tuple[float, str, _Answer]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pass on everything but DynamoDB's data calls, which are checked and taken one by one."""
        target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
        operation = target.removeprefix(PREFIX)
        if not target.startswith(PREFIX) or operation not in WRITES | READS:
            return self._application(environ, start_response)
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(raw)
        with self._lock:
            status, headers, body = self._answer(operation, raw, environ)
        start_response(status, headers)
        return [body]

    def _answer(self, operation: str, raw: bytes, environ: dict[str, Any]) -> _Answer:
        try:
            body = json.loads(raw)
        except ValueError:
            return _problem("SerializationException", "Unexpected token")
        refusal = self._limits(operation, body)
        if refusal is not None:
            return refusal
        token = body.get("ClientRequestToken") if operation == "TransactWriteItems" else None
        if token is None:
            return self._passed(environ)
        return self._once(token, body, environ)

    def _once(self, token: str, body: dict[str, Any], environ: dict[str, Any]) -> _Answer:
        now, same = time.monotonic(), json.dumps(body, sort_keys=True)
        self._tokens = {name: held for name, held in self._tokens.items() if now - held[0] < TOKEN_SECONDS}
        held = self._tokens.get(token)
        if held is not None:
            if held[1] != same:
                return _problem(
                    "IdempotentParameterMismatchException", "The token was used with other parameters."
                )
            return held[2]
        answer = self._passed(environ)
        if answer[0].startswith("200"):
            self._tokens[token] = (now, same, answer)
        return answer

    def _passed(self, environ: dict[str, Any]) -> _Answer:
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            started.extend((status, headers))

        body = b"".join(self._application(environ, start))
        return started[0], started[1], body

    @staticmethod
    def _limits(operation: str, body: dict[str, Any]) -> _Answer | None:
        requests = body.get("RequestItems", {})
        if operation == "BatchWriteItem" and sum(map(len, requests.values())) > MOST_PUTS:
            return _problem("ValidationException", "Too many items requested for the BatchWriteItem call")
        if (
            operation == "BatchGetItem"
            and sum(len(one.get("Keys", ())) for one in requests.values()) > MOST_GETS
        ):
            return _problem("ValidationException", "Too many items requested for the BatchGetItem call")
        if operation in WRITES and any(_size(item) > LARGEST_ITEM for item in _items(operation, body)):
            return _problem("ValidationException", "Item size has exceeded the maximum allowed size")
        return None
