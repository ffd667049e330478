"""`zhengzhao COMMAND …`: each command is a module, imported only when it is called."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

COMMANDS: Final = {
    "verify": ("cli.verify", "is this certificate genuine? · 核验电子证照真伪"),
    "audit": ("cli.audit", "is the log whole, and what does it say? · 核验并查询日志"),
    "transfer": ("cli.transfer", "is this hand-over package whole? · 核验移交包"),
    "rebuild": ("cli.rebuild", "a stage's tables from its log · 从日志重建数据表"),
}
USAGE_ERROR: Final = 2
INTERRUPTED: Final = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command named first; its exit code. 2 when there is none of that name."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # whoever replaced the stream chose its encoding
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal without Chinese
    if not arguments or arguments[0] not in COMMANDS:
        return _explain(arguments)
    module = import_module(COMMANDS[arguments[0]][0])
    try:
        code = int(module.run(arguments[1:]))
        sys.stdout.flush()
    except (
        BrokenPipeError
    ):  # the reader of our output has seen enough; nothing more may be flushed to it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return USAGE_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _explain(arguments: Sequence[str]) -> int:
    lines = [f"  {name:10} {what}" for name, (_, what) in COMMANDS.items()]
    parser = argparse.ArgumentParser(
        prog="zhengzhao",
        usage="zhengzhao COMMAND …",
        epilog="\n".join(["commands:", *lines, "", "zhengzhao COMMAND --help tells more."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked = bool(arguments) and arguments[0] in ("-h", "--help")
    parser.print_help(sys.stdout if asked else sys.stderr)
    return 0 if asked else USAGE_ERROR
