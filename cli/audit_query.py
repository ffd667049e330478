"""`zhengzhao audit query`: SQL over a log's entries, in a folder, on this machine. Exit 0 answered, 2 not.

Read-only, one SELECT at a time. What is asked is asked of the segments as they lie there: whether they are the ones that
were sealed, `zhengzhao audit verify` tells, and is to be run first.
"""

import argparse
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cli.audit_questions import PARAMETERS, Question, Unanswerable, questions
from cli.audit_table import FORMATS
from cli.verify import printable

ANSWERED, NOT_ANSWERED = 0, 2
INSTALL: Final = "pip install 'zhengzhao[audit]'"


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        prog="zhengzhao audit query",
        usage="%(prog)s [FOLDER] SQL | [FOLDER] --ask NAME [--object ID] [--from DATE] [--until DATE] … | --list",
        description="SQL over the log's entries. 用 SQL 查询日志。",
    )
    made.add_argument("words", nargs="*", metavar="[FOLDER] SQL", help="the log's folder (.), and one SELECT")
    made.add_argument("--ask", metavar="NAME", help="a ready question instead of SQL")
    made.add_argument("--list", action="store_true", help="the ready questions")
    for name, what in PARAMETERS.items():
        made.add_argument(f"--{name}", dest=f"ask_{name}", metavar=name.upper(), help=what)
    made.add_argument("--format", choices=FORMATS, default="table", help="how the answer is written")
    kept = made.add_mutually_exclusive_group()
    kept.add_argument("--cache", type=Path, metavar="PATH", help="where the loaded entries are kept")
    kept.add_argument("--no-cache", action="store_true", help="keep nothing: load, answer, forget")
    return made


def run(arguments: Sequence[str]) -> int:
    """Answer; the exit code."""
    try:
        options = parser().parse_intermixed_args(arguments)
    except SystemExit as done:  # argparse has said why
        return int(done.code or 0)
    if options.list:
        print("\n".join(map(_listed, questions().values())))
        return ANSWERED
    try:
        _answer(options)
    except Unanswerable as error:
        _tell(str(error))
        return NOT_ANSWERED
    return ANSWERED


def _tell(text: str) -> None:
    for line in text.splitlines():
        print(printable(line), file=sys.stderr)


def _listed(question: Question) -> str:
    options = " ".join(f"--{name} …" for name in question.asked_for)
    return f"{question.name}  {options}\n    {question.zh}\n    {question.en}"


def _answer(options: argparse.Namespace) -> None:
    folder, sql, values = _asked(options)
    try:
        from cli.audit_entries import ask, open_entries
    except ModuleNotFoundError as error:
        raise Unanswerable(f"SQL needs {error.name}, which is not installed: {INSTALL}") from error
    with _cache(options, folder) as cache, open_entries(folder, cache, warn=_tell) as entries:
        answer = ask(entries, sql, values)
        count = FORMATS[options.format](answer.columns, answer.rows, sys.stdout)
    print(f"{count} rows · {count} 行", file=sys.stderr)


def _asked(options: argparse.Namespace) -> tuple[Path, str, list[str | int]]:
    """The folder, the statement, and what is bound to it."""
    given = {name: said for name in PARAMETERS if (said := getattr(options, f"ask_{name}")) is not None}
    words: list[str] = options.words
    if options.ask is None:
        if given:
            raise Unanswerable(
                f"--{next(iter(given))} belongs to a ready question: name it with --ask (--list)"
            )
        if len(words) not in (1, 2):
            raise Unanswerable("one SELECT, in quotes, or --ask NAME, or --list")
        return Path(*words[:-1]), words[-1], []
    question = questions().get(options.ask)
    if question is None:
        raise Unanswerable(f"no question is called {options.ask}: one of {', '.join(questions())}")
    if len(words) > 1:
        raise Unanswerable("a ready question brings its own SQL")
    return Path(*words), question.sql, question.values(given)


@contextmanager
def _cache(options: argparse.Namespace, folder: Path) -> Iterator[Path]:
    if options.no_cache:
        with tempfile.TemporaryDirectory(prefix="zhengzhao-") as forgotten:
            yield Path(forgotten) / "entries.duckdb"
    else:
        yield options.cache or _own_cache(folder)


def _own_cache(folder: Path) -> Path:
    """Among the user's own caches, by the folder's place: never beside the log, where whoever brought the log could have put one."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:32]
    return caches / "zhengzhao" / "audit" / name / "entries.duckdb"
