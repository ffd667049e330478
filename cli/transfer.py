"""`zhengzhao transfer COMMAND …`: what the archives bureau does with a hand-over package (移交, art. 12)."""

import sys
from collections.abc import Sequence
from typing import Final

from cli import transfer_verify

USAGE: Final = "usage: zhengzhao transfer verify PATH [--roots PEM] [--key VKEY] [--digest HEX] [--json]"
USAGE_ERROR: Final = 2


def run(arguments: Sequence[str]) -> int:
    """Run the command named first; its exit code."""
    if arguments and arguments[0] == "verify":
        return transfer_verify.run(arguments[1:])
    asked = bool(arguments) and arguments[0] in ("-h", "--help")
    print(USAGE, file=sys.stdout if asked else sys.stderr)
    return 0 if asked else USAGE_ERROR
