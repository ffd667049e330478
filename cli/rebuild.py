"""`zhengzhao rebuild run|compare`: a stage's tables from its log alone, and two sets of tables held against each other."""

from collections.abc import Sequence
from typing import Final

from cli.group import run_one

COMMANDS: Final = {
    "run": ("cli.rebuild_run", "every table from the log · 从日志重建全部数据表"),
    "compare": ("cli.rebuild_compare", "are two sets of tables equal? · 逐项比对两组数据表"),
}


def run(arguments: Sequence[str]) -> int:
    """Run the command named first; 2 when there is none of that name."""
    return run_one("rebuild", COMMANDS, arguments)
