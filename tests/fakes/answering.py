"""A small HTTP server on this machine that answers as a test tells it to."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any

# Method, path and body to status, content type and body.
Answering = Callable[[str, str, bytes], tuple[int, str, bytes]]


@contextlib.contextmanager
def answering(answer: Answering, drip: float = 0.0, *, head: bool = False) -> Iterator[str]:
    """Its address. With `drip`, a body (with `head`, all) leaves byte by byte, so many seconds apart, while the test runs."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def do_GET(self) -> None:
            self._answer(b"")

        def _answer(self, sent: bytes) -> None:
            status, kind, body = answer(self.command, self.path, sent)
            lines = (f"HTTP/1.0 {status} So", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "", "")
            with contextlib.suppress(OSError):  # who asked has gone
                _send(self.wfile, "\r\n".join(lines).encode(), drip if head else 0.0, over)
                _send(self.wfile, body, drip, over)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _send(stream: BufferedIOBase, data: bytes, pause: float, over: threading.Event) -> None:
    if not pause:
        stream.write(data)
        return
    for byte in data:
        if over.wait(pause):
            return
        stream.write(bytes([byte]))
