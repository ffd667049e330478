"""The log's entries as one table of a DuckDB file: opened for asking, brought up to date first.

    segments ──not loaded yet──▶ a transaction of some segments each: entries + the segments' names and hashes, or nothing
    entries  ──read-only, no file, no network, configuration locked──▶ one SELECT

The file is derived: it can be deleted at any time, and it is never taken from the log's own folder, for whoever forges
that forges this too. It holds what the segments hold, so it is as restricted as they are.
"""

import glob
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from cli.audit_questions import Unanswerable, views
from cli.audit_segments import Plan, SegmentFile, batches, breaks, digest, plan, segment_files

VERSION: Final = 1
MEMORY: Final = "1GB"
BATCH: Final = 1_000_000  # entries a transaction, about: less is stored less well
PAGE: Final = 1000  # rows at once
# The longest line: an entry of the tree's bundles has at most 65 535 bytes.
LONGEST_LINE: Final = 4 * 1024 * 1024
# Column → type and where it comes from in a line of docs/log.md.
COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "index": ("BIGINT NOT NULL", '"index"'),
    "id": ("VARCHAR NOT NULL", "entry.id"),
    "at": ("TIMESTAMP NOT NULL", 'CAST(entry."at" AS TIMESTAMP)'),
    # Shenzhen has been at UTC+8 without summer time for as long as this log can reach back.
    "day": ("DATE NOT NULL", """CAST(CAST(entry."at" AS TIMESTAMP) + INTERVAL '8' HOUR AS DATE)"""),
    "kind": ("VARCHAR NOT NULL", "entry.kind"),
    "object": ("VARCHAR NOT NULL", "entry.object"),
    "unit": ("VARCHAR NOT NULL", "entry.actor.unit"),
    "post": ("VARCHAR NOT NULL", "entry.actor.post"),
    "person": ("VARCHAR", "entry.actor.person"),
    "system": ("VARCHAR", 'entry.actor."system"'),
    "system_key": ("VARCHAR", 'entry.actor."key"'),
    "matter": ("VARCHAR", "entry.purpose.matter"),
    "case_number": ("VARCHAR", 'entry.purpose."case"'),
    "reason": ("VARCHAR", "entry.purpose.reason"),
    "request": ("VARCHAR NOT NULL", "entry.request"),
    "outcome": ("VARCHAR NOT NULL", "entry.outcome"),
    "code": ("VARCHAR", "entry.details ->> '$.code'"),
    "signing_key": ("VARCHAR", 'entry."key"'),
    "retain_until": ("TIMESTAMP", "CAST(entry.retain.until AS TIMESTAMP)"),
    "hold": ("BOOLEAN NOT NULL", "COALESCE(entry.retain.hold, FALSE)"),
    "details": ("JSON", "entry.details"),
    "segment": ("VARCHAR NOT NULL", "substr(filename, ?)"),
    "sealed": ("VARCHAR NOT NULL", "substr(filename, ?, 10)"),
}
_ENTRY: Final = """STRUCT(id VARCHAR, "at" VARCHAR, kind VARCHAR, object VARCHAR, request VARCHAR, outcome VARCHAR, details JSON,
    "key" VARCHAR, actor STRUCT(unit VARCHAR, post VARCHAR, person VARCHAR, "system" VARCHAR, "key" VARCHAR),
    purpose STRUCT(matter VARCHAR, "case" VARCHAR, reason VARCHAR), retain STRUCT(until VARCHAR, hold BOOLEAN))"""
# A segment's first line has no index.
_LOAD: Final = f"""INSERT INTO entries SELECT {", ".join(source for _, source in COLUMNS.values())}
    FROM read_json(?, format='newline_delimited', compression='gzip', hive_partitioning=false, filename=true,
        maximum_object_size={LONGEST_LINE}, columns={{"index": 'BIGINT', entry: '{_ENTRY}'}})
    WHERE "index" IS NOT NULL"""  # noqa: S608  # our own columns
_SCHEMA: Final = f"""BEGIN;
    CREATE TABLE entries ({", ".join(f'"{name}" {kind}' for name, (kind, _) in COLUMNS.items())});
    CREATE TABLE segments (path VARCHAR NOT NULL, size BIGINT NOT NULL, modified BIGINT NOT NULL, sha256 VARCHAR NOT NULL);
    CREATE TABLE cache_version AS SELECT {VERSION} AS version;
    COMMIT"""
Config = dict[str, str | bool | int | float | list[str]]  # as DuckDB types it
_LIMITS: Final[Config] = {"memory_limit": MEMORY, "python_enable_replacements": "false"}
_CLOSED: Final[Config] = {
    **_LIMITS,
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
}
# Told how many segments are loaded, of how many; inside each transaction.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns' names and the rows, read as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def open_entries(
    folder: Path,
    cache: Path,
    progress: Progress = lambda *_: None,
    warn: Callable[[str], None] = lambda _: None,
    batch: int = BATCH,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The folder's entries, for SELECT alone. Unanswerable when folder or cache cannot be used."""
    wanted = segment_files(folder)
    for lacking in breaks(wanted):
        warn(lacking)
    with _explained(str(cache)):
        if not cache.exists() or not _planned(folder, cache, wanted).idle:
            cache.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _update(folder, cache, wanted, progress, warn, batch)
        connection = _closed(cache)
    with closing(connection):
        yield connection


def ask(connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[str | int] = ()) -> Answer:
    """One SELECT, its values bound. Unanswerable when it is anything else, or DuckDB refuses it."""
    with _explained("the query"):
        statements = duckdb.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise Unanswerable("the query: one SELECT, and nothing else, can be asked")
        answered = connection.execute(statements[0], list(values))
        return Answer(tuple(str(column[0]) for column in answered.description or ()), _rows(answered))


def _rows(answered: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    with _explained("the query"):
        while page := answered.fetchmany(PAGE):
            yield from page


@contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise Unanswerable(f"{what}: {str(error).strip()}") from error


def _closed(cache: Path) -> duckdb.DuckDBPyConnection:
    """Read-only, and from here on no statement reaches a file, the network, a Python variable or a setting."""
    connection = duckdb.connect(str(cache), read_only=True, config=_CLOSED)
    for name, view in views().items():
        connection.execute(f"CREATE TEMP VIEW {name} AS {view.sql}")
    # Athena's name, so that what is asked about `details` reads the same in both.
    connection.execute("CREATE TEMP MACRO json_extract_scalar(j, path) AS json_extract_string(j, path)")
    connection.execute("SET lock_configuration = true")
    return connection


def _planned(folder: Path, cache: Path, wanted: Sequence[SegmentFile]) -> Plan:
    with closing(duckdb.connect(str(cache), read_only=True, config=_CLOSED)) as connection:
        return plan(folder, _loaded(connection, cache) or {}, wanted)


def _loaded(connection: duckdb.DuckDBPyConnection, cache: Path) -> dict[str, SegmentFile] | None:
    """What is in the cache; None when it is empty, or of another version. Unanswerable when it is somebody else's file."""
    tables = {
        str(name) for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    }
    if tables and "cache_version" not in tables:
        raise Unanswerable(f"{cache}: not a cache of this command; name another with --cache")
    if not tables or connection.execute("SELECT version FROM cache_version").fetchone() != (VERSION,):
        return None
    found = connection.execute("SELECT path, size, modified, sha256 FROM segments").fetchall()
    return {row[0]: SegmentFile(*row) for row in found}


def _update(  # noqa: PLR0913  # one door's arguments, handed on
    folder: Path,
    cache: Path,
    wanted: Sequence[SegmentFile],
    progress: Progress,
    warn: Callable[[str], None],
    batch: int,
) -> None:
    """Looks again, now alone with the file: somebody else may have loaded meanwhile."""
    connection = duckdb.connect(str(cache), config=_LIMITS)
    try:
        loaded = _loaded(connection, cache)
        steps = plan(folder, loaded or {}, wanted)
        if steps.changed:
            warn(
                f"{steps.changed} is not what was loaded before: run `zhengzhao audit verify`. Loading all anew"
            )
        if steps.changed or loaded is None:
            # A crash here leaves no cache, or an empty one: the next run loads everything.
            connection.close()
            _remove(cache)
            connection = duckdb.connect(str(cache), config=_LIMITS)
            connection.execute(_SCHEMA)
        _load(connection, folder, steps, progress, batch)
    finally:
        connection.close()


def _remove(cache: Path) -> None:
    for path in (cache, cache.with_name(f"{cache.name}.wal")):
        path.unlink(missing_ok=True)


def _load(
    connection: duckdb.DuckDBPyConnection, folder: Path, steps: Plan, progress: Progress, batch: int
) -> None:
    for one in steps.touched:
        connection.execute("UPDATE segments SET modified = ? WHERE path = ?", [one.modified, one.path])
    loaded = 0
    for some in batches(steps.load, batch):
        # A crash before the commit leaves what earlier batches committed, and the next run goes on from there.
        connection.begin()
        _insert(connection, folder, [digest(folder, one) for one in some])
        loaded += len(some)
        progress(loaded, len(steps.load))
        connection.commit()


def _insert(connection: duckdb.DuckDBPyConnection, folder: Path, some: Sequence[SegmentFile]) -> None:
    prefix = f"{folder.as_posix()}/"
    names = [glob.escape(prefix + one.path) for one in some]
    place = len(prefix) + 1
    inserted = connection.execute(_LOAD, [place, place + len("segments/date="), names]).fetchone()
    columns = zip(*((one.path, one.size, one.modified, one.sha256) for one in some), strict=True)
    connection.execute(
        "INSERT INTO segments SELECT unnest(?), unnest(?), unnest(?), unnest(?)", list(map(list, columns))
    )
    _check(connection, some, inserted[0] if inserted else 0)


def _check(connection: duckdb.DuckDBPyConnection, some: Sequence[SegmentFile], inserted: int) -> None:
    """Each segment brought the indices that its name promises. Whether they are the sealed ones, `audit verify` tells."""
    lowest, highest = some[0].range[0], sum(some[-1].range)
    ranges = """SELECT segment, min("index"), count(DISTINCT "index"), max("index") FROM entries
        WHERE "index" >= ? AND "index" < ? GROUP BY segment"""
    found = {row[0]: row[1:] for row in connection.execute(ranges, [lowest, highest]).fetchall()}
    for one in some:
        first, count = one.range
        if found.get(one.path) != (first, count, first + count - 1):
            raise Unanswerable(f"{one.path}: not the {count} entries from {first} on that its name says")
    if inserted != sum(one.range[1] for one in some):
        raise Unanswerable(f"{some[0].path} or one of the next {len(some)}: more entries than its name says")
