"""A log's folder with a year of made-up entries, written by the sealer's own functions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from chalicelib.audit.entry import Actor, Entry, Purpose
from chalicelib.audit.retention import Retention
from chalicelib.audit.segment import Header, Unsealed, segment_part
from cli.audit_entries import ask, open_entries
from cli.audit_questions import questions

COUNT: Final = "SELECT count(*) AS entries FROM entries"
UNIT = "11440300MB2F01027X"
OTHER = "11440300MB2C922135"
CERTIFICATE = "1.2.156.3005.2.11440300MB2F01027X001.11440300MB2F01027X.JY14403000000001.001.6"
ZHANG = Actor(UNIT, "user", person="zhang-wei")
LI = Actor(OTHER, "reviewer", person="李娜@oidc")
SYSTEM = Actor(OTHER, "system", system="market-supervision", key="k1")


def at(text: str) -> datetime:
    """A moment of Beijing time, in UTC."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def entry(moment: str, kind: str = "certificate_read", actor: Actor = ZHANG, **more: object) -> Entry:
    """One entry about CERTIFICATE, unless it says otherwise."""
    said = {"object": CERTIFICATE, "request": "r-1", **more}
    name = f"0190-{abs(hash((moment, kind, actor, str(sorted(said.items()))))):016x}"
    return Entry(id=name, at=at(moment), kind=kind, actor=actor, **said)  # type: ignore[arg-type]  # a test's own choice


@dataclass(slots=True)
class SealedLog:
    """Grows by segments; `size` is the tree's."""

    folder: Path
    size: int = 0
    paths: list[Path] = field(default_factory=list)

    def seal(self, entries: Sequence[Entry], delay: timedelta = timedelta(minutes=1)) -> Path:
        """One more segment; its path."""
        sealed_at = max(one.at for one in entries) + delay
        header = Header(self.size, len(entries), sealed_at, Retention.least(sealed_at))
        waiting = [Unsealed(one.object, one.id, one.canonical(), bytes(32)) for one in entries]
        path = self.folder / header.path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(segment_part(header, waiting))
        self.size += len(entries)
        self.paths.append(path)
        return path


def a_year(folder: Path) -> SealedLog:
    """Readings, an issue, refusals, sign-ins and administration, around the turns of 2024."""
    log = SealedLog(folder)
    used = Purpose("440300001", "办件-1", "核验营业执照")
    log.seal([entry("2023-12-31T23:59:59", purpose=used), entry("2024-01-01T00:00:00", purpose=used)])
    log.seal(
        [
            entry("2024-03-04T10:00:00", "certificate_issued", key="arn:key/1", details={"x509_serial": "a1"},
                  retain=Retention(at("2054-01-01T00:00:00"), hold=True)),
            entry("2024-03-05T21:30:00", "certificate_history_read", LI),
            entry("2024-03-06T11:00:00", actor=SYSTEM, outcome="refused", details={"code": "matter_not_registered"}),
            entry("2024-03-06T11:01:00", "certificate_shown_to_holder", SYSTEM, known=False),
            entry("2024-03-09T12:00:00", object="another", purpose=used),
        ]
    )  # fmt: skip
    log.seal(
        [
            entry("2024-05-01T09:00:00", "token_granted", object=f"unit/{UNIT}", key="arn:key/2"),
            entry("2024-05-01T09:01:00", "token_refused", LI, object=f"unit/{OTHER}", outcome="refused",
                  details={"code": "assertion_replayed"}),
            entry("2024-05-02T09:00:00", "unit_registered", LI, object=f"unit/{OTHER}"),
            entry("2025-01-01T00:00:00"),
        ]
    )  # fmt: skip
    return log


def answer(folder: Path, cache: Path, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
    """The rows that the statement gives."""
    with open_entries(folder, cache) as entries:
        return list(ask(entries, sql, values).rows)


def asked(log: SealedLog, cache: Path, name: str, **given: str) -> list[dict[str, Any]]:
    """The rows that the ready question gives."""
    question = questions()[name]
    with open_entries(log.folder, cache) as entries:
        found = ask(entries, question.sql, question.values(given))
        return [dict(zip(found.columns, row, strict=True)) for row in found.rows]
