"""One bounded POST to a stranger's service: never longer than a few seconds, never more than a few bytes, no redirects."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from chalicelib.audit.anchors import AnchorUnavailable

TIMEOUT: Final = 5.0  # seconds: to connect, and then again for the whole of request and answer
LARGEST: Final = 65_536
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `kind` is the media type without parameters."""

    status: int
    kind: str
    body: bytes


def checked_url(url: str, *, plain: bool = False) -> str:
    """The address without a trailing slash. ValueError unless it is https, or http from loopback (`plain`: from anywhere).

    No user, query or fragment: an address with a secret in it would end up in logs.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and (plain or parts.hostname in _LOOPBACK)):
        raise ValueError(f"not an https address: {url}")
    if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment or not url.isprintable():
        raise ValueError(f"not the plain address of a service: {url}")
    _ = parts.port  # raises ValueError for what is no port
    return url.rstrip("/")


def post(anchor: str, url: str, body: bytes, headers: dict[str, str], timeout: float = TIMEOUT) -> Answer:
    """The answer, whatever its status. AnchorUnavailable, in the name of `anchor`, when there is none in time."""
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=timeout)
    try:
        connection.connect()
        with _deadline(connection.sock, timeout):
            connection.request("POST", parts.path or "/", body=body, headers=headers)
            with connection.getresponse() as answer:
                data = answer.read(LARGEST + 1)
                rest = answer.length
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise AnchorUnavailable(anchor, type(error).__name__) from error
    finally:
        connection.close()
    if len(data) > LARGEST or rest:
        raise AnchorUnavailable(anchor, "an answer too large, or cut short")
    return Answer(answer.status, answer.headers.get_content_type(), data)


@contextlib.contextmanager
def _deadline(connected: socket.socket, seconds: float) -> Iterator[None]:
    """Shut the socket when time is over. Its own timeout begins anew with every byte, so a trickle would outlast it."""
    over = threading.Event()

    def shut() -> None:
        over.set()
        with contextlib.suppress(OSError):  # closed meanwhile
            connected.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if over.is_set():
            raise TimeoutError("the answer took too long")
