"""`zhengzhao rebuild run|compare`: a stage's tables from its log alone, and two sets of tables held against each other."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

COMMANDS: Final = {
    "run": ("cli.rebuild_run", "every table from the log · 从日志重建全部数据表"),
    "compare": ("cli.rebuild_compare", "are two sets of tables equal? · 逐项比对两组数据表"),
}
USAGE_ERROR: Final = 2


def run(arguments: Sequence[str]) -> int:
    """Run the command named first; 2 when there is none of that name."""
    if arguments and arguments[0] in COMMANDS:
        code: int = import_module(COMMANDS[arguments[0]][0]).run(list(arguments[1:]))
        return code
    asked = bool(arguments) and arguments[0] in ("-h", "--help")
    lines = [f"  {name:8} {what}" for name, (_, what) in COMMANDS.items()]
    print(
        "\n".join(["usage: zhengzhao rebuild COMMAND …", "", *lines]),
        file=sys.stdout if asked else sys.stderr,
    )
    return 0 if asked else USAGE_ERROR
