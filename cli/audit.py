"""`zhengzhao audit verify|prove|check|query`: the log, examined from nothing but its files and a public key."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

COMMANDS: Final = {
    "verify": ("cli.audit_verify", "is the log whole? · 核验日志完整性"),
    "prove": ("cli.audit_prove", "one entry with its proof · 导出一条记录及其证明"),
    "check": ("cli.audit_check", "is this entry in the log? · 核验一条记录的证明"),
    "query": ("cli.audit_query", "SQL over the entries · 用 SQL 查询日志"),
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
        "\n".join(["usage: zhengzhao audit COMMAND …", "", *lines]), file=sys.stdout if asked else sys.stderr
    )
    return 0 if asked else USAGE_ERROR
