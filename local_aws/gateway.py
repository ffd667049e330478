"""API Gateway as a client meets it, over Chalice's local routing: what `chalice local` gets wrong is right here.

Path parameters arrive decoded, query parameters with all their values; HEAD has no body; 10 MB a request and 6 MB an
invocation; API Gateway's own answers are the template's; threads, keep-alive, no Nagle delay. Loopback only.
"""

import base64
import json
import socket
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import unquote

from chalice.app import Chalice
from chalice.local import RouteMatcher

LARGEST_REQUEST: Final = 10 * 1024 * 1024
LARGEST_INVOCATION: Final = 6 * 1024 * 1024
LARGEST_HEADERS: Final = 10_240
IDLE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TooLarge(Exception):
    """More than API Gateway takes."""


@dataclass(frozen=True, slots=True)
class Context:
    """What Lambda hands a function beside its event."""

    aws_request_id: str
    function_name: str
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:local"

    def get_remaining_time_in_millis(self) -> int:
        """Always enough."""
        return 29_000


def one_request_a_thread(app: Chalice) -> None:
    """On Lambda a process has one request at a time, and Chalice keeps it on the app; here each thread has its own."""
    held = threading.local()
    current = property(
        lambda _: getattr(held, "request", None), lambda _, request: setattr(held, "request", request)
    )
    app.__class__ = type(app.__class__.__name__, (app.__class__,), {"current_request": current})


class Gateway:
    """Answers one request at a time for any number of threads."""

    def __init__(self, app: Chalice, responses: Mapping[str, Any]) -> None:
        one_request_a_thread(app)
        self._app, self._responses = app, responses
        self._routes = RouteMatcher(list(app.routes))

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Route, invoke, translate."""
        request_id = str(uuid.uuid4())
        try:
            route = self._routes.match_route(target)
        except ValueError:
            return self.own("MISSING_AUTHENTICATION_TOKEN", request_id)
        if method not in self._app.routes[route.route]:
            return self.own("MISSING_AUTHENTICATION_TOKEN", request_id)
        event = self._event(method, target, route, headers, body, request_id)
        if len(json.dumps(event)) > LARGEST_INVOCATION:
            return self.own("REQUEST_TOO_LARGE", request_id)
        return self._translated(self._app(event, Context(request_id, "api_handler")), request_id)

    def own(self, kind: str, request_id: str) -> Reply:
        """One of API Gateway's own answers, as the template has it."""
        said = self._responses[kind]
        body = (
            said["responseTemplates"]["application/json"].replace("$context.requestId", request_id).encode()
        )
        headers = {
            "Content-Type": "application/problem+json",
            "Cache-Control": "no-store",
            "x-amzn-RequestId": request_id,
        }
        return Reply(int(said.get("statusCode", 400 if kind == "DEFAULT_4XX" else 503)), headers, body)

    @staticmethod
    def _event(  # noqa: PLR0913  # an event has these parts
        method: str, target: str, route: Any, headers: Mapping[str, str], body: bytes, request_id: str
    ) -> dict[str, Any]:
        return {
            "requestContext": {
                "httpMethod": method,
                "resourcePath": route.route,
                "path": target.partition("?")[0],
                "requestId": request_id,
                "identity": {"sourceIp": "127.0.0.1"},
            },
            "headers": {name.lower(): value for name, value in headers.items()},
            "pathParameters": {name: unquote(value) for name, value in route.captured.items()},
            "multiValueQueryStringParameters": route.query_params or None,
            "stageVariables": {},
            "body": base64.b64encode(body).decode("ascii"),
            "isBase64Encoded": True,
        }

    def _translated(self, answer: Mapping[str, Any], request_id: str) -> Reply:
        if len(json.dumps(answer)) > LARGEST_INVOCATION:
            return self.own("INTEGRATION_FAILURE", request_id)
        text = answer.get("body") or ""
        body = base64.b64decode(text) if answer.get("isBase64Encoded") else str(text).encode()
        headers = {**answer.get("headers", {}), "x-amzn-RequestId": request_id}
        for name, values in answer.get("multiValueHeaders", {}).items():
            headers[name] = ", ".join(values)
        return Reply(int(answer["statusCode"]), headers, body)


class _Handler(BaseHTTPRequestHandler):
    """HTTP/1.1 with keep-alive; the answer leaves in one segment."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE_SECONDS
    server_version, sys_version = "zhengzhao-local", ""
    gateway: Gateway

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        try:
            body = self._body()
        except TooLarge:
            self.close_connection = True
            self._send(self.gateway.own("REQUEST_TOO_LARGE", str(uuid.uuid4())))
            return
        except ValueError:
            self.close_connection = True
            self._send(self.gateway.own("DEFAULT_4XX", str(uuid.uuid4())))
            return
        if sum(len(name) + len(value) for name, value in self.headers.items()) > LARGEST_HEADERS:
            self._send(self.gateway.own("REQUEST_TOO_LARGE", str(uuid.uuid4())))
            return
        self._send(self.gateway.answer(self.command, self.path, dict(self.headers.items()), body))

    def _body(self) -> bytes:
        """The whole body, chunked or not. TooLarge and ValueError as they say."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length < 0:
            raise ValueError("negative length")
        if length > LARGEST_REQUEST:
            self._drain(length)
            raise TooLarge
        return self.rfile.read(length)

    def _drain(self, length: int) -> None:
        """Read what is sent, up to a bound, so that the client hears the answer instead of a reset."""
        left = min(length, 8 * LARGEST_REQUEST)
        while left > 0 and (read := self.rfile.read(min(left, 65_536))):
            left -= len(read)

    def _chunks(self) -> bytes:
        whole = bytearray()
        while (size := int(self.rfile.readline(64).split(b";")[0], 16)) > 0:
            if size + len(whole) > LARGEST_REQUEST:
                raise TooLarge
            whole += self.rfile.read(size)
            self.rfile.readline(8)
        while self.rfile.readline(LARGEST_HEADERS) not in (b"\r\n", b"\n", b""):
            pass
        return bytes(whole)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        empty = self.command == "HEAD" or reply.status in (204, 304)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", "0" if self.command == "HEAD" else str(len(reply.body)))
        self.end_headers()
        if not empty:
            self.wfile.write(reply.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What never became a request is answered like any other refusal of the gateway."""
        del code, message, explain
        self.close_connection = True
        self.command = getattr(self, "command", "") or ""
        self._send(self.gateway.own("DEFAULT_4XX", str(uuid.uuid4())))

    def log_message(self, *_: Any) -> None:
        """The functions log; the gateway does not."""


class GatewayServer(ThreadingHTTPServer):
    """Serves until `stop`; `port` 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(self, gateway: Gateway, port: int = 0, host: str = "127.0.0.1") -> None:
        super().__init__((host, port), type("Handler", (_Handler,), {"gateway": gateway}))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def stop(self) -> None:
        """End serving."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""
        del request, client_address


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
