"""Which certificate signs: the newest of its role that may."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.kernel.errors import DomainError, Refused
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import (
    PLATFORM,
    ROOT,
    STATUS,
    UNIT,
    is_root,
    platform_certificate,
    signing_certificate,
    standing,
)
from tests.fakes.ambient import NOON
from tests.fakes.records import ISSUER

DAY = timedelta(days=1)
OLD = UnitCertificate(ISSUER, "01", "key-1", b"", NOON - 100 * DAY, NOON + 995 * DAY)
NEW = replace(OLD, serial="02", key="key-2", not_before=NOON - DAY, not_after=NOON + 1094 * DAY)


def test_the_newest_signs_whatever_the_order() -> None:
    assert signing_certificate([OLD, NEW], NOON) == signing_certificate([NEW, OLD], NOON) == NEW


@pytest.mark.parametrize(
    "out",
    [
        replace(NEW, retired=True),
        replace(NEW, revoked_at=NOON - DAY, revocation_reason="superseded"),
        replace(NEW, not_before=NOON + timedelta(seconds=1)),
        replace(NEW, not_after=NOON),
        replace(NEW, role=STATUS),
    ],
    ids=["retired", "revoked", "not yet", "no longer", "of another role"],
)
def test_one_that_may_not_sign_is_passed_over(out: UnitCertificate) -> None:
    assert signing_certificate([OLD, out], NOON) == OLD
    with pytest.raises(Refused) as refused:
        signing_certificate([out], NOON)
    assert refused.value.code == "no_signing_certificate"


def test_two_of_one_second_are_told_apart_by_serial() -> None:
    twin = replace(NEW, serial="03")
    assert signing_certificate([twin, NEW], NOON) == signing_certificate([NEW, twin], NOON) == twin


@pytest.mark.parametrize(
    ("moment", "stands"),
    [(OLD.not_after - timedelta(days=90, seconds=1), True), (OLD.not_after - timedelta(days=90), False)],
)
def test_one_near_its_end_still_signs_and_a_new_one_is_due(moment: datetime, *, stands: bool) -> None:
    assert (standing([OLD], UNIT, "key-1", moment) == OLD) is stands
    assert signing_certificate([OLD], moment) == OLD
    assert standing([OLD], UNIT, "key-2", moment) is None


def test_before_the_stage_is_established_there_is_no_root() -> None:
    root = replace(OLD, unit=PLATFORM, role=ROOT)
    assert platform_certificate([root], ROOT, NOON) == root
    assert is_root(root)
    assert not is_root(replace(root, unit=ISSUER))
    assert not is_root(replace(root, role=STATUS))
    with pytest.raises(DomainError) as refused:
        platform_certificate([root], STATUS, NOON)
    assert refused.value.code == "stage_not_established"
