"""`zhengzhao transfer verify`: what the archives bureau does with a hand-over package (移交, art. 12)."""

from collections.abc import Sequence
from typing import Final

from cli.group import run_one

COMMANDS: Final = {
    "verify": ("cli.transfer_verify", "is this package whole and genuine? · 核验移交包"),
}


def run(arguments: Sequence[str]) -> int:
    """Run the command named first; 2 when there is none of that name."""
    return run_one("transfer", COMMANDS, arguments)
