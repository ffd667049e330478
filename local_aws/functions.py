"""Lambda's Invoke call over HTTP, running the app's own functions in this process.

`POST /2015-03-31/functions/<name>/invocations`, so that boto3's Lambda client with AWS_ENDPOINT_URL_LAMBDA works.
"""

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import unquote

from local_aws.gateway import LARGEST_INVOCATION, Context

PREFIX: Final = "/2015-03-31/functions/"
SUFFIX: Final = "/invocations"
Function = Callable[[Any, Any], Any]


class Functions:
    """The functions of a stage by their physical names."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions

    def invoke(self, name: str, event: Any) -> Any:
        """Run one here and now; its exceptions are the caller's."""
        return self._functions[name](event, Context(str(uuid.uuid4()), name))

    def answer(self, path: str, body: bytes) -> tuple[int, dict[str, str], Any]:
        """(status, headers, document) as Lambda's API answers."""
        name = unquote(path.removeprefix(PREFIX).removesuffix(SUFFIX)).rpartition(":")[2]
        if not (path.startswith(PREFIX) and path.endswith(SUFFIX)) or name not in self._functions:
            return (
                404,
                {"x-amzn-ErrorType": "ResourceNotFoundException"},
                {"Message": f"Function not found: {name}"},
            )
        if len(body) > LARGEST_INVOCATION:
            return 413, {"x-amzn-ErrorType": "RequestTooLargeException"}, {"Message": "over 6291456 bytes"}
        try:
            return 200, {}, self.invoke(name, json.loads(body or b"null"))
        except Exception as error:  # what Lambda reports of any
            failure = {"errorMessage": str(error), "errorType": type(error).__name__}
            return 200, {"X-Amz-Function-Error": "Unhandled"}, failure


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    functions: Functions

    def do_POST(self) -> None:
        """Invoke."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, document = self.functions.answer(self.path.partition("?")[0], body)
        data = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {
            **headers,
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing: the functions log."""


class FunctionServer(ThreadingHTTPServer):
    """Serves the Invoke call on a free port of the loopback address."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, functions: Functions) -> None:
        super().__init__(("127.0.0.1", 0), type("Handler", (_Handler,), {"functions": functions}))

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Serve in the background."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def stop(self) -> None:
        """End serving."""
        self.shutdown()
        self.server_close()
