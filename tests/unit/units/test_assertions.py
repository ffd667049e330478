"""A client assertion's claims (RFC 7523 §3)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Unauthenticated
from chalicelib.units.assertions import check_assertion
from tests.fakes.ambient import NOON

NOW = int(NOON.timestamp())
AUDIENCES = ("https://zz.example.cn/v1/oauth/token", "https://zz.example.cn")
GOOD: dict[str, Json] = {"iss": "c", "sub": "c", "aud": AUDIENCES[0], "exp": NOW + 60, "iat": NOW, "jti": "1"}


def check(**changes: Any) -> tuple[str, object]:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    return check_assertion(claims, "c", AUDIENCES, NOON)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": AUDIENCES[1]},
        {"aud": [AUDIENCES[0]]},
        {"iat": None},
        {"exp": NOW + 300},
        {"exp": NOW - 59},
        {"nbf": NOW + 59},
        {"jti": "a" * 128},
    ],
)
def test_what_is_taken(changes: dict[str, Json]) -> None:
    jti, remembered = check(**changes)
    whole: dict[str, Any] = {**GOOD, **changes}
    assert jti == whole["jti"]
    assert remembered == NOON + timedelta(seconds=whole["exp"] - NOW + 60)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "d"}, "assertion_subject"),
        ({"sub": "d"}, "assertion_subject"),
        ({"sub": None}, "assertion_subject"),
        ({"aud": "https://zz.example.cn/"}, "assertion_audience"),
        ({"aud": None}, "assertion_audience"),
        ({"aud": [AUDIENCES[0], "https://elsewhere.example"]}, "assertion_audience"),
        ({"aud": {"a": 1}}, "assertion_audience"),
        ({"exp": None}, "assertion_expired"),
        ({"exp": NOW - 60}, "assertion_expired"),
        ({"exp": "soon"}, "assertion_times"),
        ({"exp": True}, "assertion_times"),
        ({"exp": 1e300}, "assertion_times"),
        ({"exp": NOW + 361}, "assertion_lives_too_long"),
        ({"nbf": NOW + 61}, "assertion_not_yet_valid"),
        ({"iat": NOW + 61}, "assertion_not_yet_valid"),
        ({"jti": None}, "assertion_without_jti"),
        ({"jti": ""}, "assertion_without_jti"),
        ({"jti": "a" * 129}, "assertion_without_jti"),
        ({"jti": "a\x00"}, "assertion_without_jti"),
        ({"jti": 7}, "assertion_without_jti"),
    ],
)
def test_what_is_refused(changes: dict[str, Json], code: str) -> None:
    with pytest.raises(Unauthenticated, match=code):
        check(**changes)


ANY = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.text())
    | st.dictionaries(st.text(), st.text())
)


@given(st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "nbf", "iat", "jti"]), ANY))
def test_any_claims_are_taken_or_refused(claims: dict[str, Any]) -> None:
    try:
        check(**claims)
    except Unauthenticated:
        return
