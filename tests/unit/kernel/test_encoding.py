import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.encoding import b64url, canonical_json, integrity, parse_json, parse_object, unb64url
from chalicelib.kernel.errors import Invalid

CHARACTERS = st.characters(exclude_categories=["Cs"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(CHARACTERS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(CHARACTERS), inner, max_size=4),
    max_leaves=20,
)


@given(st.binary())
def test_base64url_round_trips(data: bytes) -> None:
    assert unb64url(b64url(data)) == data


@pytest.mark.parametrize("text", ["A", "AA==", "A A", "A+", "AB", "Zg\n", "深"])
def test_other_spellings_of_base64url_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        unb64url(text)


@given(JSON)
def test_canonical_json_is_read_back_and_is_a_fixed_point(value: object) -> None:
    canonical = canonical_json(value)  # type: ignore[arg-type]  # Hypothesis draws JSON, which mypy cannot see
    assert parse_json(canonical) == value
    assert canonical_json(parse_json(canonical)) == canonical


def test_canonical_json_sorts_members_by_utf16() -> None:
    # RFC 8785 §3.2.3: U+1F600 (surrogates D83D DE00) sorts before U+FB33.
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize("value", [float("nan"), 2**60, "\ud800"])
def test_what_json_cannot_say_is_refused(value: float | str) -> None:
    with pytest.raises(ValueError, match="canonical"):
        canonical_json({"a": value})


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', "NaN", '{"a":Infinity}', "{", "", "\ufeff{}", "[" * 100_000]
)
def test_ambiguous_or_broken_json_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="invalid_json"):
        parse_json(text)


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(Invalid, match="invalid_json"):
        parse_json(b'"\xff"')


@pytest.mark.parametrize("text", ["[]", "1", "null", '"a"'])
def test_an_object_must_be_one(text: str) -> None:
    with pytest.raises(Invalid, match="invalid_json"):
        parse_object(text)


@given(st.text() | st.binary())
def test_the_parser_answers_or_refuses(data: str | bytes) -> None:
    try:
        parsed = parse_json(data)
    except Invalid:
        return
    assert json.dumps(parsed) is not None


def test_integrity_is_a_subresource_integrity_string() -> None:
    assert integrity(b"") == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
