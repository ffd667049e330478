"""移交 over fakes: what the bureau may ask for, and what it and others are shown."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.jobs.handing_over import on_request
from chalicelib.kernel.errors import DomainError, Invalid, NotFound
from chalicelib.transfers.record import TransferState, part_path
from chalicelib.units.model import UnitKind
from chalicelib.usecases.list_transfers import list_transfers
from chalicelib.usecases.read_transfer import read_transfer
from chalicelib.usecases.request_transfer import request_transfer
from tests.fakes.city import City, found_city
from tests.fakes.records import ISSUER
from tests.unit.usecases.bureau import (
    CONTACT,
    FIRST,
    LAST,
    WANTED,
    keeper,
    kinds,
    packages,
    prepare,
    requested,
    standing,
    three,
)


@pytest.fixture
def city() -> City:
    return found_city()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"first": LAST, "last": FIRST}, "period_reversed"),
        ({"last": LAST + timedelta(days=1)}, "period_in_future"),
        ({"first": date(2016, 6, 1)}, "period_too_long"),
        ({"type_code": ISSUER + "999"}, "unknown_type"),
    ],
)
def test_a_request_for_nothing_that_can_be_is_refused(city: City, changes: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        request_transfer(city.platform, keeper(), replace(WANTED, **changes))  # type: ignore[arg-type]  # any field by its name
    assert city.store.unfinished() == []


def test_ten_years_less_a_day_are_a_period(city: City) -> None:
    assert requested(city, replace(WANTED, first=date(2016, 6, 2)))


def test_the_contact_is_in_the_package_and_not_in_the_log(city: City) -> None:
    three(city)
    identifier = requested(city)
    prepare(city, identifier)
    assert CONTACT.name.encode() in packages(city).archived[part_path(identifier, 1)][1]
    shown = json.dumps(read_transfer(city.platform, keeper(), identifier), ensure_ascii=False)
    logged = b"".join(one.canonical() for one in city.store.entries)
    for said in (CONTACT.name, CONTACT.phone, "archive@"):
        assert said.encode() not in logged
        assert said not in shown


def test_the_bureau_is_given_links_and_that_is_logged_and_an_administrator_is_given_none(city: City) -> None:
    three(city)
    identifier = requested(city)
    on_request(city.platform, [{"eventName": "MODIFY", "dynamodb": {"Keys": _keys(identifier)}}])
    assert standing(city, identifier).state is TransferState.REQUESTED
    on_request(city.platform, [{"eventName": "INSERT", "dynamodb": {"Keys": _keys(identifier)}}])
    mine = read_transfer(city.platform, keeper(), identifier)
    theirs = read_transfer(city.platform, keeper(kind=UnitKind.MUNICIPAL), identifier)
    assert [one["url"] is None for one in _parts(mine)] == [False, False]
    assert [one["url"] is None for one in _parts(theirs)] == [True, True]
    assert kinds(city, identifier)[-2:] == ["transfer_read", "transfer_read"]
    read = [one.details["digests"] for one in city.store.history(f"transfer/{identifier}")[-2:]]
    assert read == [[one["digest"] for one in _parts(mine)], []]


def _keys(identifier: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": "transfers"}, "sk": {"S": identifier}}


def _parts(view: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(view["parts"])


def test_transfers_are_listed_newest_first(city: City) -> None:
    made = [str(request_transfer(city.platform, keeper(str(at)), WANTED).body["id"]) for at in range(3)]
    page = list_transfers(city.platform, keeper(), None, 2)
    rest = list_transfers(city.platform, keeper(), str(page["next"]), 2)
    both = [*_items(page), *_items(rest)]
    assert [one["id"] for one in both] == made[::-1]
    assert rest["next"] is None


def _items(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(page["items"])


def test_there_must_be_such_a_transfer(city: City) -> None:
    with pytest.raises(NotFound):
        read_transfer(city.platform, keeper(), "none")
    with pytest.raises(DomainError):
        prepare(city, "none")
