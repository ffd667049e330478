"""The emulator as a child process that ends with its parent."""

import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running local AWS."""

    endpoint_url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it, and wait until it is gone."""
        self.process.terminate()
        self.process.wait(timeout=10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def start_emulator(port: int = 0, *, plain: bool = False) -> Emulator:
    """Start it; it accepts calls when this returns. RuntimeError when it does not start."""
    command = [sys.executable, "-W", "ignore", "-m", "local_aws.emulator", "--attached", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [*command, "--plain"] if plain else command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if plain else None,
    )
    line = process.stdout.readline() if process.stdout else b""
    if not line.strip().isdigit():
        process.kill()
        raise RuntimeError("the local AWS did not start")
    return Emulator(f"http://127.0.0.1:{int(line)}", process)
