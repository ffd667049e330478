"""The archives bureau over fakes: what it asks for, the worker that answers, and what it is given."""

import json
from datetime import date, timedelta
from pathlib import Path

from chalicelib.audit.sealing import EntryKey
from chalicelib.certificates.life_cycle import Step
from chalicelib.transfers.model import Contact
from chalicelib.transfers.record import TransferRecord, TransferState
from chalicelib.units.model import Caller, Post, UnitKind
from chalicelib.usecases.act import Act
from chalicelib.usecases.correct_certificate import correct_certificate
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.prepare_transfer import prepare_transfer
from chalicelib.usecases.request_transfer import Wanted, request_transfer
from chalicelib.usecases.review_certificate import Decision, review_certificate
from chalicelib.usecases.revoke_certificate import revoke_certificate
from chalicelib.usecases.seal_log import seal_log
from cli.transfer import run
from tests.fakes.city import City
from tests.fakes.packages import InMemoryPackages
from tests.fakes.records import TYPE

ARCHIVES = "11440300MB2F06071L"
CONTACT = Contact("王·档(样例)", "0755-00000000", "archive@example.cn")
FIRST, LAST = date(2026, 5, 1), date(2026, 6, 1)
WANTED = Wanted(TYPE, FIRST, LAST, CONTACT)


def keeper(key: str = "request", kind: UnitKind = UnitKind.ARCHIVES) -> Act:
    caller = Caller(ARCHIVES, frozenset({kind}), "440300", frozenset({Post.USER}), "archives.keeper")
    return Act(caller, "user", "request-1", key, "f" * 64)


def seal(city: City) -> None:
    seal_log(city.platform, [EntryKey(one.object, one.id) for one in city.store.entries])


def three(city: City) -> list[str]:
    """Issued, one of them returned and corrected before, one revoked after; in order of identifier. All is sealed."""
    first = city.collected(certificate_number="JY14403050000001")
    send_back = Decision(Step.RETURN, "补正")
    review_certificate(city.platform, city.act("market.reviewer"), first, send_back)
    again = city.submission(certificate_number="JY14403050000001", corrects=first)
    correct_certificate(city.platform, city.act(), first, again)
    city.approve(first)
    city.issue(first)
    others = [city.issued(certificate_number=f"JY1440305000000{end}") for end in (2, 3)]
    revoke_certificate(city.platform, city.act("market.signer"), others[0], "注销")
    city.issued(certificate_number="JY14403050000009", issue_date="2026-04-30")  # before the period
    city.reviewed(certificate_number="JY14403050000008")  # not issued
    seal(city)
    return sorted([first, *others])


def requested(city: City, wanted: Wanted = WANTED) -> str:
    return str(request_transfer(city.platform, keeper(), wanted).body["id"])


def prepare(city: City, identifier: str, platform: Platform | None = None) -> TransferState:
    return prepare_transfer(platform or city.platform, identifier, city.clock.now() + timedelta(minutes=9))


def standing(city: City, identifier: str) -> TransferRecord:
    record = city.store.transfer(identifier)
    assert record is not None
    return record


def packages(city: City) -> InMemoryPackages:
    found = city.platform.transfers.packages
    assert isinstance(found, InMemoryPackages)
    return found


def unpacked(city: City, identifier: str, folder: Path) -> list[Path]:
    """The parts as files, in order."""
    paths = []
    for one in standing(city, identifier).parts:
        path = folder / f"part-{one.number}.tar"
        path.write_bytes(packages(city).archived[one.path][1])
        paths.append(path)
    return paths


def kinds(city: City, identifier: str) -> list[str]:
    return [one.kind for one in city.store.history(f"transfer/{identifier}")]


def check(city: City, identifier: str, folder: Path, names: list[str]) -> None:
    """Ready, each certificate in one part, every part good under its own digest, everything logged once."""
    record = standing(city, identifier)
    assert record.state is TransferState.READY
    assert (record.certificates, [one.number for one in record.parts]) == (3, [1, 2])
    for path, part in zip(unpacked(city, identifier, folder), record.parts, strict=True):
        assert run(["verify", str(path), "--digest", part.digest, "--json"]) == 0
    kept = kinds(city, identifier)
    assert kept == ["transfer_requested", *["transfer_part_prepared"] * 2, "transfer_prepared"]
    seen = [one for path in packages(city).archived.values() for one in manifest(path[1])]
    assert sorted(seen) == names


def manifest(tar: bytes) -> list[str]:
    begin = tar.index(b'{"certificates":[')
    found, _ = json.JSONDecoder().raw_decode(tar[begin:].split(b"\0", 1)[0].decode())
    return [one["identifier"] for one in found["certificates"]]
