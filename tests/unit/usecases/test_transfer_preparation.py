"""移交 over fakes: what is handed over verifies, whatever dies is finished by the next run, and nothing is handed over twice."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.audit.sealing import LogDamaged
from chalicelib.certificates.changes import ListIssued
from chalicelib.certificates.model import CertificateRecord
from chalicelib.jobs.handing_over import on_schedule
from chalicelib.kernel.errors import DomainError
from chalicelib.transfers.manifest import Manifest
from chalicelib.transfers.record import MOST_PARTS, Obstacle, TransferState
from chalicelib.usecases.prepare_transfer import prepare_transfer
from chalicelib.usecases.read_transfer import read_transfer
from chalicelib.usecases.revoke_certificate import revoke_certificate
from cli.transfer import run
from tests.fakes.city import City, found_city
from tests.fakes.interrupted import interrupted, once
from tests.fakes.log import InMemoryLogStore
from tests.fakes.mortal import Killed, Life, mortal
from tests.fakes.packages import PART_SIZE
from tests.fakes.records import TYPE
from tests.unit.usecases.bureau import (
    FIRST,
    check,
    keeper,
    kinds,
    packages,
    prepare,
    requested,
    seal,
    standing,
    three,
    unpacked,
)


@pytest.fixture
def city() -> City:
    return found_city()


def test_what_was_issued_in_the_period_is_handed_over_with_its_history_and_verifies(
    city: City, tmp_path: Path
) -> None:
    names = three(city)
    identifier = requested(city)
    assert prepare(city, identifier) is TransferState.READY
    check(city, identifier, tmp_path, names)
    whole = b"".join(body for _, body, _ in packages(city).archived.values())
    assert (
        whole.count(b'"decision":"return"') >= 1
    )  # the returned review is there, found by its hash in the log
    records = [city.store.certificate(name) for name in names]
    retained = max(one.retain_until for one in records if isinstance(one, CertificateRecord))
    assert max(kept.until for _, _, kept in packages(city).archived.values()) == retained
    assert prepare(city, identifier) is TransferState.READY  # again changes nothing
    check(city, identifier, tmp_path, names)


def test_a_changed_byte_is_found(city: City, tmp_path: Path) -> None:
    three(city)
    identifier = requested(city)
    prepare(city, identifier)
    path = unpacked(city, identifier, tmp_path)[0]
    body = path.read_bytes()
    at = body.index(b"submissions/") + 2048
    path.write_bytes(body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :])
    assert run(["verify", str(path), "--json"]) == 1


def test_states_are_those_of_the_hand_over(city: City) -> None:
    names = three(city)
    city.clock.moment = city.clock.moment.replace(year=2032)
    identifier = requested(city)
    prepare(city, identifier)
    states: dict[str, str] = {}
    for _, body, _ in packages(city).archived.values():
        begin = body.index(b'{"certificates":[')
        found = Manifest.parse(body[begin:].split(b"\0", 1)[0])
        states.update({one.identifier: str(one.state) for one in found.certificates})
    assert sorted(states) == names
    assert sorted(states.values()) == ["expired", "expired", "revoked"]


def deaths() -> list[int]:
    city, life = found_city(), Life()
    three(city)
    prepare(city, requested(city), mortal(city.platform, life))
    return list(range(1, life.steps + 1))


@pytest.mark.parametrize("step", deaths())
def test_a_worker_that_died_is_finished_by_the_next(city: City, tmp_path: Path, step: int) -> None:
    names = three(city)
    identifier = requested(city)
    with pytest.raises(Killed):
        prepare(city, identifier, mortal(city.platform, Life(step)))
    city.issued(
        certificate_number="JY14403050000007"
    )  # issued meanwhile; in the list only if it was not made yet
    if any(key.endswith("selection.json") for key in city.archive.objects):
        assert prepare(city, identifier) is TransferState.READY
        check(city, identifier, tmp_path, names)
    else:
        seal(city)
        assert prepare(city, identifier) is TransferState.READY
        assert standing(city, identifier).certificates == 4


def test_there_is_something_to_die_at() -> None:
    assert len(deaths()) == 2 * (1 + 2 * 2 + 1)  # the list, two parts archived and recorded, ready


def test_two_workers_at_once_make_one_transfer(city: City, tmp_path: Path) -> None:
    names = three(city)
    identifier = requested(city)
    other = interrupted(packages(city), "archive", before=once(lambda: prepare(city, identifier)))
    ports = replace(city.platform.transfers, packages=other)
    late = prepare(city, identifier, replace(city.platform, transfers=ports))
    assert late is TransferState.REQUESTED  # its own part lost, and it says what it began with
    check(city, identifier, tmp_path, names)


def test_an_entry_that_is_not_sealed_is_waited_for(city: City, tmp_path: Path) -> None:
    names = three(city)
    revoke_certificate(city.platform, city.act("market.signer"), _valid(city, names), "注销")
    identifier = requested(city)
    assert prepare(city, identifier) in (TransferState.REQUESTED, TransferState.PREPARING)
    assert standing(city, identifier).state is not TransferState.READY
    seal(city)
    on_schedule(city.platform)
    check(city, identifier, tmp_path, names)


def _valid(city: City, names: list[str]) -> str:
    return next(
        name for name in names if (one := city.store.certificate(name)) is not None and one.state == "valid"
    )


def test_a_certificate_that_changes_while_it_is_read_is_waited_for(city: City) -> None:
    names = three(city)
    identifier = requested(city)

    def change() -> None:
        revoke_certificate(city.platform, city.act("market.signer"), _valid(city, names), "注销")
        seal(city)

    valid = _valid(city, names)

    def at(obj: str) -> None:
        if obj == valid:
            waiting()

    waiting = once(change)
    outbox = interrupted(city.platform.log.outbox, "sealed", after=at)
    log = replace(city.platform.log, outbox=outbox)
    assert prepare(city, identifier, replace(city.platform, log=log)) is not TransferState.READY
    assert prepare(city, identifier) is TransferState.READY


def test_a_part_is_not_begun_when_time_is_short(city: City) -> None:
    three(city)
    identifier = requested(city)
    assert prepare_transfer(city.platform, identifier, city.clock.now()) is TransferState.REQUESTED
    assert packages(city).archived == {}


def test_without_a_checkpoint_that_covers_it_nothing_is_made(city: City) -> None:
    names = three(city)
    identifier, store = requested(city), log_store(city)
    old = store.edge.pop("checkpoint")
    assert prepare(city, identifier) is TransferState.REQUESTED
    revoke_certificate(city.platform, city.act("market.signer"), _valid(city, names), "注销")
    seal(city)
    newest, store.edge["checkpoint"] = store.edge["checkpoint"], old
    assert prepare(city, identifier) is not TransferState.READY
    store.edge["checkpoint"] = newest
    assert prepare(city, identifier) is TransferState.READY


def log_store(city: City) -> InMemoryLogStore:
    found = city.platform.log.store
    assert isinstance(found, InMemoryLogStore)
    return found


def test_a_log_without_its_keys_is_an_alarm_and_no_refusal(city: City) -> None:
    three(city)
    identifier, store = requested(city), log_store(city)
    for path in [path for path in store.locked if path.startswith("keys/")]:
        del store.locked[path]
    with pytest.raises(LogDamaged):
        prepare(city, identifier)
    on_schedule(city.platform)  # logs it, and does not raise
    assert standing(city, identifier).state is TransferState.REQUESTED


def test_a_stage_without_a_revocation_list_waits(city: City) -> None:
    three(city)
    identifier = requested(city)
    del city.store.rows[("crl",)]
    with pytest.raises(DomainError, match="stage_not_established"):
        prepare(city, identifier)


def test_one_that_another_worker_refused_meanwhile_stays_refused(city: City) -> None:
    names = three(city)
    identifier = requested(city)
    without_a_record(city, names)
    registry = interrupted(
        city.platform.certificates, "certificate", before=once(lambda: prepare(city, identifier))
    )
    assert prepare(city, identifier, replace(city.platform, certificates=registry)) is TransferState.REFUSED
    assert kinds(city, identifier).count("transfer_refused") == 1


def damaged(city: City, names: list[str]) -> tuple[str, str]:
    key = next(key for key in city.archive.objects if f"{names[1]}/submissions/" in key)
    body, kept = city.archive.objects[key]
    city.archive.objects[key] = (body + b" ", kept)
    return "archive_damaged", names[1]


def without_a_record(city: City, names: list[str]) -> tuple[str, str]:
    del city.store.rows["certificate", names[0]]
    return "no_such_certificate", names[0]


def another_face(city: City, names: list[str]) -> tuple[str, str]:
    before = city.store.certificate(names[0])
    assert before is not None
    city.store.rows["certificate", names[0]] = replace(before, catalog_version=9)
    return "no_such_type", names[0]


def another_credential(city: City, names: list[str]) -> tuple[str, str]:
    mine, others = city.store.certificate(names[0]), city.store.certificate(names[1])
    assert mine is not None
    assert others is not None
    city.store.rows["certificate", names[0]] = replace(mine, credential=others.credential)
    return "not_transferable", names[0]


def without_a_catalog_entry(city: City, _: list[str]) -> tuple[str, None]:
    del city.store.rows["newest", TYPE]
    return "no_such_type", None


@pytest.mark.parametrize(
    "spoil", [without_a_catalog_entry, damaged, without_a_record, another_face, another_credential]
)
def test_what_cannot_be_handed_over_is_refused_by_name(
    city: City, spoil: Callable[[City, list[str]], tuple[str, str | None]]
) -> None:
    names = three(city)
    identifier = requested(city)
    code, name = spoil(city, names)
    assert prepare(city, identifier) is TransferState.REFUSED
    obstacle = standing(city, identifier).obstacle
    assert obstacle is not None
    assert (obstacle.code, obstacle.certificate) == (code, name)
    assert kinds(city, identifier)[-1] == "transfer_refused"
    assert prepare(city, identifier) is TransferState.REFUSED
    shown = read_transfer(city.platform, keeper(), identifier)
    assert (shown["obstacle"], shown["parts"]) == ({"code": code, "certificate": name}, [])


def test_nothing_is_refused(city: City) -> None:
    identifier = requested(city)
    assert prepare(city, identifier) is TransferState.REFUSED
    assert standing(city, identifier).obstacle == Obstacle("nothing_issued")


def test_too_much_is_refused(city: City) -> None:
    for number in range(PART_SIZE * MOST_PARTS + 1):
        listed = ListIssued(TYPE, FIRST, str(number))
        city.store.rows["issued", str(number)] = listed
    identifier = requested(city)
    assert prepare(city, identifier) is TransferState.REFUSED
    assert standing(city, identifier).obstacle == Obstacle("period_too_large")
