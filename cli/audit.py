"""`zhengzhao audit verify|prove|check|query`: the log, examined from nothing but its files and a public key."""

from collections.abc import Sequence
from typing import Final

from cli.group import run_one

COMMANDS: Final = {
    "verify": ("cli.audit_verify", "is the log whole? · 核验日志完整性"),
    "prove": ("cli.audit_prove", "one entry with its proof · 导出一条记录及其证明"),
    "check": ("cli.audit_check", "is this entry in the log? · 核验一条记录的证明"),
    "query": ("cli.audit_query", "SQL over the entries · 用 SQL 查询日志"),
}


def run(arguments: Sequence[str]) -> int:
    """Run the command named first; 2 when there is none of that name."""
    return run_one("audit", COMMANDS, arguments)
