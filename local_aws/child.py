"""Servers of ours as child processes that end with their parent."""

import os
import subprocess
import sys
import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Child:
    """A running server on the loopback address."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it, and wait until it is gone."""
        self.process.terminate()
        self.process.wait(timeout=10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def start_child(module: str, *arguments: str, quiet: bool = False) -> Child:
    """Start `python -m module`, which prints its port once it serves. RuntimeError when it does not."""
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-W", "ignore", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
    )
    line = process.stdout.readline() if process.stdout else b""
    if not line.strip().isdigit():
        process.kill()
        raise RuntimeError(f"{module} did not start")
    return Child(f"http://127.0.0.1:{int(line)}", process)


def leave_with_parent() -> None:
    """In the child: the parent holds our standard input; when it closes, whoever started us is gone."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
