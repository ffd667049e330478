"""`make bench`: what the paths cost on this machine, each beside a peer measured in the same minute."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

from bench import verify
from bench.issue import run as issue
from bench.log import run as log
from bench.package import run as package

Row = tuple[str, float, str]
ROUNDS: Final = 5


def cold_start() -> list[Row]:
    """CPU of `import app`, net of the interpreter; the ceiling is 400 ms."""
    program = "import time; t = time.process_time(); import app; print((time.process_time() - t) * 1000)"
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}

    def once() -> float:
        return float(
            subprocess.run(  # noqa: S603  # our own interpreter and program
                [sys.executable, "-c", program], check=True, env=environment, capture_output=True
            ).stdout
        )  # our own interpreter and program

    return [("import app (ceiling 400)", min(once() for _ in range(ROUNDS)), "ms of CPU")]


BENCHES: Final[dict[str, Callable[[], list[Row]]]] = {
    "cold start": cold_start,
    "verify offline": verify.run,
    "issue, over fakes": issue,
    "log": log,
    "bundle": package,
}


def main() -> int:
    """Run all; with a name, that one."""
    wanted = sys.argv[1:] or list(BENCHES)
    for name in wanted:
        started = perf_counter()
        rows = BENCHES[name]()
        print(f"\n{name} ({perf_counter() - started:.0f} s)")
        for what, figure, unit in rows:
            print(f"  {what:<58} {figure:>12,.2f} {unit}")
    return 0


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent.parent)
    sys.exit(main())
