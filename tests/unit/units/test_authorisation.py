"""Who may do what, cell by cell, against a table written again by hand; what neither names is refused."""

from itertools import product

import pytest

from chalicelib.kernel.errors import Refused, Unauthenticated
from chalicelib.signing.access_token import Claims
from chalicelib.units.authorisation import TABLE, Act, Target, authorise
from chalicelib.units.model import Caller, Post, UnitKind, caller_of

OWN, OTHER = "11440300MB2F01027X", "11440300MB2F020389"

# act → the posts of an issuing unit that may do it to what is their own unit's. Written from articles 7, 11 and 25.
ISSUING = {
    "collect": {"system", "collector"},
    "correct": {"system", "collector"},
    "review": {"reviewer"},
    "issue": {"system", "signer"},
    "supersede": {"system", "collector"},
    "suspend": {"system", "signer"},
    "reinstate": {"system", "signer"},
    "revoke": {"system", "signer"},
    "read_certificate": {"system", "collector", "reviewer", "signer"},
    "read_history": {"system", "collector", "reviewer", "signer"},
    "publish_catalog_entry": set(),
    "read_audit_log": set(),
    "request_transfer": set(),
    "read_transfer": set(),
}
CELLS = list(product(Act, UnitKind, Post, ("own", "other")))


def caller(kind: UnitKind, post: Post) -> Caller:
    system = post is Post.SYSTEM
    return Caller(
        OWN, frozenset({kind}), "440300", frozenset({post}), None if system else "p", "s" if system else None
    )


def expected(act: Act, kind: UnitKind, post: Post, whose: str) -> bool:
    if kind is UnitKind.MUNICIPAL and post is Post.ADMINISTRATOR:
        return act in (Act.PUBLISH_CATALOG_ENTRY, Act.READ_TRANSFER)
    if kind is UnitKind.AUDITOR and post in (Post.SYSTEM, Post.AUDITOR):
        return act is Act.READ_AUDIT_LOG
    if kind is UnitKind.ARCHIVES and post in (Post.SYSTEM, Post.USER):
        return whose == "own" and act in (Act.REQUEST_TRANSFER, Act.READ_TRANSFER)
    return kind is UnitKind.ISSUING and whose == "own" and post in ISSUING[act]


@pytest.mark.parametrize(("act", "kind", "post", "whose"), CELLS, ids=str)
def test_every_cell(act: Act, kind: UnitKind, post: Post, whose: str) -> None:
    target = Target(OWN if whose == "own" else OTHER, "440300" if whose == "own" else None)
    if expected(act, kind, post, whose):
        assert authorise(caller(kind, post), act, target) == post
    else:
        with pytest.raises(Refused, match="not_entitled"):
            authorise(caller(kind, post), act, target)


def test_every_act_has_its_row_here_and_there() -> None:
    assert set(ISSUING) == set(Act) == set(TABLE)


def test_a_person_of_several_posts_acts_under_the_one_that_allows_it() -> None:
    both = Caller(
        OWN, frozenset({UnitKind.ISSUING}), "440300", frozenset({Post.COLLECTOR, Post.REVIEWER}), "p"
    )
    target = Target(OWN, "440300")
    assert authorise(both, Act.COLLECT, target) == "collector"
    assert authorise(both, Act.REVIEW, target) == "reviewer"


def test_nobody_is_entitled_without_a_post() -> None:
    nobody = Caller(OWN, frozenset(UnitKind), "440300", frozenset(), "p")
    for act in Act:
        with pytest.raises(Refused, match="not_entitled"):
            authorise(nobody, act, Target(OWN, "440300"))


@pytest.mark.parametrize(
    "claims",
    [
        Claims(OWN, ("emperor",), "440300", ("reviewer",), "p", None, None),
        Claims(OWN, ("issuing",), "440300", ("emperor",), "p", None, None),
        Claims(OWN, ("issuing",), "440300", ("reviewer",), None, None, None),
        Claims(OWN, ("issuing",), "440300", ("reviewer",), "p", "s", None),
    ],
)
def test_a_token_of_nobody_known_is_no_token(claims: Claims) -> None:
    with pytest.raises(Unauthenticated, match="invalid_token"):
        caller_of(claims)
