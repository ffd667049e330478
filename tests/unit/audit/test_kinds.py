"""An entry is made of a kind that the catalog knows, or not at all; what a later version wrote is read all the same."""

from typing import Any

import pytest

from chalicelib.audit.entry import Actor, Entry, read_entry
from tests.fakes.ambient import NOON

ACTOR = Actor("11440300MB2F01027X", "system", system="market-licensing")


def entry(kind: str, **more: Any) -> Entry:
    return Entry("01930000-0000-7000-8000-000000000000", NOON, kind, "unit/x", ACTOR, "r", **more)


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("certificate_read", {}),
        ("certificate_issued", {"key": "arn:key", "details": {"x509_serial": "a1"}}),
        ("certificate_issued", {"outcome": "refused", "details": {"code": "wrong_state", "field": "id"}}),
    ],
)
def test_an_entry_as_the_catalog_says_is_made_and_read_back(kind: str, more: dict[str, Any]) -> None:
    made = entry(kind, **more)
    assert read_entry(made.document()) == made


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("tested", {}, "not in the catalog"),
        ("certificate_issued", {"details": {"holder": "x"}}, "declares no detail holder"),
        ("certificate_issued", {"details": {"code": "wrong_state"}}, "declares no detail code"),
        ("certificate_issued", {"outcome": "refused", "details": {"code": "x", "name": "y"}}, "no detail"),
        ("token_granted", {"outcome": "refused"}, "never refused"),
        ("certificate_read", {"key": "arn:key"}, "signs nothing"),
    ],
)
def test_any_other_is_not_made(kind: str, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        entry(kind, **more)


def test_what_a_later_version_wrote_is_read() -> None:
    later = {**entry("certificate_read").document(), "kind": "certificate_shown", "details": {"new": 1}}
    assert read_entry(later).document() == later
