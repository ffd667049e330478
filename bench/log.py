"""What the log costs: sealing ten thousand entries, examining and asking a large log, beside a plain `hashlib` chain.

The log is written by the sealer's own functions, over fakes, into a folder as an auditor would copy it. How many entries
it has is `ENTRIES` in the environment: 100 000, and a million for `make bench-large`.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

from bench.log_folder import FolderStore
from chalicelib.audit.entry import Actor, Entry, Purpose
from chalicelib.audit.sealing import EntryKey
from chalicelib.audit.segment import unpack
from chalicelib.kernel.entropy import entry_id
from chalicelib.usecases.seal_log import LARGEST, seal_log
from cli.audit_entries import ask, open_entries
from cli.audit_questions import questions
from tests.fakes.city import City, found_city
from tests.fakes.log import InMemoryOutbox

ENTRIES: Final = int(os.environ.get("ENTRIES") or 100_000)
CERTIFICATES: Final = 5_000
READERS: Final = 200
Row = tuple[str, float, str]


def run() -> list[Row]:
    """(what, figure, unit) of each measurement."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "log"
        city, store = found_city(), FolderStore(folder)
        sealing = _sealed(city, store)
        (Path(place) / "log.vkey").write_text(
            "".join(f"{one}\n" for one in city.platform.log.signer.verifier_keys())
        )
        seconds, memory = _examined(folder, Path(place) / "log.vkey")
        chained = _chained(folder)
        return [
            *sealing,
            (f"audit verify, {ENTRIES} entries (ceiling 30 a million)", seconds, "s of CPU"),
            ("  largest memory", memory, "MB"),
            ("  a hashlib chain over the same bytes, unpacked", chained, "s of CPU"),
            ("  times the chain", seconds / chained, ""),
            *_asked(folder, Path(place) / "cache"),
        ]


def _sealed(city: City, store: FolderStore) -> list[Row]:
    """The whole log, in segments of ten thousand; the last of them is what is told."""
    log = replace(city.platform.log, store=store)
    platform = replace(city.platform, log=log)
    spent = signed = puts = 0.0
    for first in range(0, ENTRIES, LARGEST):
        keys = _committed(city, first, min(LARGEST, ENTRIES - first))
        store.puts, before, start = 0, _signatures(city), process_time()
        seal_log(platform, keys)
        spent, signed, puts = process_time() - start, _signatures(city) - before, store.puts
        _forget(city)
    return [
        (f"seal {LARGEST} entries", spent, "s of CPU"),
        ("  puts (ceiling 100)", puts, ""),
        ("  signatures by each of the two keys (ceiling 1)", signed, ""),
    ]


def _signatures(city: City) -> int:
    return int(getattr(city.platform.log.signer, "signed", 0))


def _forget(city: City) -> None:
    """The table keeps entries; a bench of a million needs none of them again."""
    city.store.entries.clear()
    city.store.known.clear()
    if isinstance(city.platform.log.outbox, InMemoryOutbox):
        city.platform.log.outbox.indices.clear()


def _committed(city: City, first: int, count: int) -> list[EntryKey]:
    """A city's day: mostly readings, of many certificates by many people, each for a case."""
    keys = []
    for number in range(first, first + count):
        city.clock.advance(milliseconds=90)
        now = city.clock.now()
        actor = Actor("11440300MB2F01027X", "user", person=f"reader.{number * 7919 % READERS}")
        name = f"1.2.156.3005.2.11440300MB2F01027X001.11440300MB2F01027X.{number * 104_729 % CERTIFICATES:020d}.001.6"
        purpose = Purpose("440300001", f"办件-{number:012d}")
        entry = Entry(entry_id(city.platform.entropy, now), now, "certificate_read", name, actor, f"r-{number:012d}",
                      purpose=purpose)  # fmt: skip
        city.store.commit([], [entry])
        keys.append(EntryKey(entry.object, entry.id))
    city.clock.moment += timedelta(seconds=2)
    return keys


def _examined(folder: Path, key: Path) -> tuple[float, float]:
    """CPU seconds and megabytes of the command, in a process of its own."""
    command = [sys.executable, "-m", "cli", "audit", "verify", str(folder), "--key", str(key), "--quiet", "--now",
               "2030-01-01T00:00:00+08:00"]  # fmt: skip
    running = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603  # our own interpreter and module
    said = running.stdout.read() if running.stdout else b""
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise AssertionError(f"a figure over a log that is not whole says nothing: {said.decode()}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def _lines(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.glob("segments/*/*.jsonl.gz")):
        yield from unpack(path.read_bytes())


def _chained(folder: Path) -> float:
    """The least that anything which reads every byte could cost in this language."""
    start, link = process_time(), bytes(32)
    for line in _lines(folder):
        link = hashlib.sha256(link + line).digest()
    return process_time() - start


def _asked(folder: Path, cache: Path) -> list[Row]:
    question = questions()["who-saw"]
    start = perf_counter()
    with open_entries(folder, cache) as _:
        loaded = perf_counter() - start
    start = perf_counter()
    with open_entries(folder, cache) as entries:
        opened = perf_counter() - start
        name = "1.2.156.3005.2.11440300MB2F01027X001.11440300MB2F01027X.00000000000000000007.001.6"
        start = perf_counter()
        count = len(list(ask(entries, question.sql, question.values({"object": name})).rows))
        answered = perf_counter() - start
    if not count:
        raise AssertionError("nobody saw it: the figure says nothing")
    return [
        ("audit query: loading, once", loaded, "s"),
        ("  opening what is loaded", opened, "s"),
        ("  who saw this certificate? (ceiling 1)", answered, "s"),
    ]
