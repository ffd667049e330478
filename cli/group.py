"""A command that only names others: `zhengzhao audit verify …`. Each is a module, imported when it is called."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final

# Name → (module with a `run`, one line of help).
Commands = Mapping[str, tuple[str, str]]
USAGE_ERROR: Final = 2


def run_one(group: str, commands: Commands, arguments: Sequence[str]) -> int:
    """Run the command named first; its exit code. 2 when there is none of that name, 0 when help was asked for."""
    if arguments and arguments[0] in commands:
        code: int = import_module(commands[arguments[0]][0]).run(list(arguments[1:]))
        return code
    asked = bool(arguments) and arguments[0] in ("-h", "--help")
    lines = [f"  {name:8} {what}" for name, (_, what) in commands.items()]
    help_text = "\n".join([f"usage: zhengzhao {group} COMMAND …", "", *lines])
    print(help_text, file=sys.stdout if asked else sys.stderr)
    return 0 if asked else USAGE_ERROR
