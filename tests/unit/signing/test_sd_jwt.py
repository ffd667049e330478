"""Disclosures, signing input, presentations; strict reading; and the examples that RFC 9901 publishes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.encoding import Json, b64url, unb64url
from chalicelib.kernel.errors import Invalid
from chalicelib.signing.jws import parse_jws, public_key, verify_jws
from chalicelib.signing.revealed import revealed
from chalicelib.signing.sd_jwt import (
    LONGEST,
    MOST_DISCLOSURES,
    NEVER_DISCLOSED,
    Disclosure,
    SdJwt,
    assemble,
    parse_sd_jwt,
    prepare_sd_jwt,
    reduce_to,
)

VECTORS: Final = Path(__file__).parents[2] / "vectors" / "sd_jwt_rfc9901"
SALT: Final = b"0123456789abcdef"
HIDDEN: Final = (
    Disclosure("name", "𠮷祥里", SALT),
    Disclosure("items", ["a", 1, None], SALT),
    Disclosure("n", {"x": 1.5}, SALT),
)
JWS: Final = "e30.e30.AA"


def vector(name: str) -> str:
    return (VECTORS / name).read_text().strip()


def payload_of(signed: bytes) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(unb64url(signed.decode().split(".")[1]))
    return decoded


def refused(code: str, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_sd_jwt(text)
    assert refusal.value.code == code


# ── what we issue


def test_a_disclosure_is_salt_name_and_value() -> None:
    assert json.loads(unb64url(HIDDEN[0].encoded)) == [b64url(SALT), "name", "𠮷祥里"]


def test_the_payload_shows_what_is_visible_and_sorted_digests_of_the_rest() -> None:
    payload = payload_of(prepare_sd_jwt({"alg": "ES256"}, {"iss": "x"}, HIDDEN))
    assert payload == {"iss": "x", "_sd_alg": "sha-256", "_sd": sorted(one.digest for one in HIDDEN)}
    assert prepare_sd_jwt({}, {}, HIDDEN) == prepare_sd_jwt({}, {}, HIDDEN[::-1])


@pytest.mark.parametrize("name", sorted(NEVER_DISCLOSED))
def test_what_decides_the_verdict_is_never_made_disclosable(name: str) -> None:
    with pytest.raises(Invalid, match="invalid_disclosure"):
        prepare_sd_jwt({}, {}, [Disclosure(name, 1, SALT)])


def test_a_claim_is_there_once() -> None:
    for visible, hidden in (
        ({}, HIDDEN[:1] * 2),
        ({"name": 1}, HIDDEN),
        ({"_sd": []}, ()),
        ({"_sd_alg": "x"}, ()),
        ({"...": 1}, ()),
    ):
        with pytest.raises(Invalid, match="invalid_disclosure"):
            prepare_sd_jwt({}, visible, hidden)


def test_what_is_assembled_is_read_again() -> None:
    parsed = parse_sd_jwt(assemble(JWS, [one.encoded for one in HIDDEN]))
    assert parsed.jws == JWS
    assert [(one.name, one.value, one.digest, one.encoded) for one in parsed.disclosures] == [
        (one.name, one.value, one.digest, one.encoded) for one in HIDDEN
    ]


def test_a_presentation_keeps_the_jws_and_the_order() -> None:
    whole = assemble(JWS, [one.encoded for one in HIDDEN])
    assert reduce_to(whole, ["n", "name", "unknown"]) == assemble(JWS, [HIDDEN[0].encoded, HIDDEN[2].encoded])
    assert reduce_to(whole, []) == JWS + "~"


# ── what we read


def carrying(disclosure: str) -> str:
    return f"{JWS}~{b64url(disclosure.encode())}~"


MALFORMED: Final[Mapping[str, str]] = {
    "empty": "",
    "no tilde": JWS,
    "no JWS": "~",
    "no ASCII, outside the disclosures": "e30.e30.\u00e9~",
    "an empty disclosure": f"{JWS}~~",
    "no base64url": f"{JWS}~W10=~",
    "a spare bit": carrying('["s","n",1]')[:-2] + "1~",
    "no JSON": carrying("x"),
    "no UTF-8": f"{JWS}~{b64url(bytes([255]))}~",
    "no array": carrying('{"a":1,"b":2,"c":3}'),
    "an empty array": carrying("[]"),
    "one element": carrying('["s"]'),
    "four elements": carrying('["s","n",1,2]'),
    "a salt that is no text": carrying('[1,"n",1]'),
    "a name that is no text": carrying('["s",1,1]'),
    "a name twice inside": carrying('["s","n",{"a":1,"a":2}]'),
    "the name _sd": carrying('["s","_sd",[]]'),
    "the name ...": carrying('["s","...","x"]'),
    "not a number": carrying('["s","n",NaN]'),
    "too long": carrying('["s","n","' + "x" * LONGEST + '"]'),
    "too many": JWS + "~" + f"{HIDDEN[0].encoded}~" * (MOST_DISCLOSURES + 1),
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_malformed_text_is_refused(text: str) -> None:
    refused("malformed_sd_jwt", text)


def test_what_these_were_made_from_is_read() -> None:
    assert carrying('["s","n",1]').endswith("0~")  # the spare bit makes of it "1~"
    assert parse_sd_jwt(carrying('["s","n",1]')).names == ["n"]
    assert parse_sd_jwt(carrying('["s","n","' + "x" * (LONGEST // 2) + '"]')).names == ["n"]


def test_as_many_disclosures_as_allowed_are_read() -> None:
    text = JWS + "~" + f"{HIDDEN[0].encoded}~" * MOST_DISCLOSURES
    assert len(parse_sd_jwt(text).names) == MOST_DISCLOSURES


def test_a_key_binding_is_refused_by_name() -> None:
    refused("key_binding_unexpected", f"{JWS}~{HIDDEN[0].encoded}~{JWS}")


@given(st.text() | st.text("~.AWyJzIl0") | st.binary().map(lambda data: f"{JWS}~{b64url(data)}~"))
def test_reading_never_fails_otherwise(text: str) -> None:
    try:
        parse_sd_jwt(text)
    except Invalid as refusal:
        assert refusal.code in {"malformed_sd_jwt", "key_binding_unexpected"}  # noqa: PT017  # what else may it be?


# ── what it says (RFC 9901 §7.1)


def given_by(*hidden: Disclosure) -> SdJwt:
    return parse_sd_jwt(assemble(JWS, [one.encoded for one in hidden]))


def element(value: Json) -> tuple[str, str]:
    """An array element's disclosure and its digest."""
    text = b64url(json.dumps([b64url(SALT), value]).encode())
    return text, parse_sd_jwt(f"{JWS}~{text}~").digests[0]


def test_withheld_claims_are_counted_not_shown() -> None:
    payload = payload_of(prepare_sd_jwt({}, {"iss": "x"}, HIDDEN))
    assert revealed(payload, given_by(HIDDEN[0])) == ({"iss": "x", "name": "𠮷祥里"}, 2)
    assert revealed(payload, given_by()) == ({"iss": "x"}, 3)


def test_a_payload_without_digests_says_what_it_says() -> None:
    assert revealed({"iss": "x"}, given_by()) == ({"iss": "x"}, 0)


WRONG: Final[Mapping[str, tuple[dict[str, Json], tuple[Disclosure, ...], str]]] = {
    "not covered": ({"_sd": []}, HIDDEN[:1], "disclosure_unsigned"),
    "given twice": ({"_sd": [HIDDEN[0].digest]}, HIDDEN[:1] * 2, "disclosure_repeated"),
    "a digest twice": ({"_sd": ["a", "a"]}, (), "disclosure_repeated"),
    "a digest twice, at two places": ({"_sd": ["a"], "x": {"_sd": ["a"]}}, (), "disclosure_repeated"),
    "a digest twice, in an array too": ({"_sd": ["a"], "x": [{"...": "a"}]}, (), "disclosure_repeated"),
    "a claim there already": ({"_sd": [HIDDEN[0].digest], "name": 1}, HIDDEN[:1], "disclosure_repeated"),
    "digests no list": ({"_sd": "a"}, (), "malformed_digests"),
    "a digest no text": ({"_sd": [["a"]]}, (), "malformed_digests"),
    "an element's digest no text": ({"x": [{"...": 1}]}, (), "malformed_digests"),
    "dots outside an array": ({"...": "a"}, (), "malformed_digests"),
    "dots with company": ({"x": [{"...": "a", "b": 1}]}, (), "malformed_digests"),
    "a claim as an element": ({"x": [{"...": HIDDEN[0].digest}]}, HIDDEN[:1], "malformed_digests"),
    "another hash": ({"_sd_alg": "sha-512"}, (), "malformed_digests"),
}


@pytest.mark.parametrize(("payload", "hidden", "code"), WRONG.values(), ids=WRONG)
def test_wrong_digests_are_refused(
    payload: dict[str, Json], hidden: tuple[Disclosure, ...], code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        revealed(payload, given_by(*hidden))
    assert refusal.value.code == code


def test_an_element_as_a_claim_is_refused() -> None:
    text, digest = element("US")
    with pytest.raises(Invalid, match="malformed_digests"):
        revealed({"_sd": [digest]}, parse_sd_jwt(f"{JWS}~{text}~"))


def test_nesting_is_read_as_deep_as_it_is_allowed() -> None:
    def nested(depth: int) -> dict[str, Json]:
        inner: Json = 1
        for turn in range(depth):
            inner = {"a": inner} if turn % 2 else [inner]
        return {"deep": inner}

    assert revealed(nested(32), given_by()).claims == nested(32)
    for depth in (33, 34):
        with pytest.raises(Invalid, match="malformed_digests"):
            revealed(nested(depth), given_by())


# ── as published


def issued_payload() -> dict[str, Any]:
    key = public_key(json.loads(vector("issuer.jwk.json")))
    decoded: dict[str, Any] = json.loads(
        verify_jws(parse_jws(parse_sd_jwt(vector("issued.sd-jwt")).jws), key, "example+sd-jwt")
    )
    return decoded


def test_rfc_9901_5_1_verifies_and_says_its_claims() -> None:
    claims, withheld = revealed(issued_payload(), parse_sd_jwt(vector("issued.sd-jwt")))
    assert withheld == 0
    assert claims["nationalities"] == ["US", "DE"]
    assert claims["address"] == {
        "street_address": "123 Main St",
        "locality": "Anytown",
        "region": "Anystate",
        "country": "US",
    }
    assert (claims["given_name"], claims["phone_number_verified"], claims["updated_at"]) == (
        "John",
        True,
        1570000000,
    )


def test_rfc_9901_5_2_without_its_key_binding_says_the_processed_payload() -> None:
    text = vector("presented.sd-jwt-kb")
    refused("key_binding_unexpected", text)
    presented = parse_sd_jwt(text.rpartition("~")[0] + "~")
    assert revealed(issued_payload(), presented) == (json.loads(vector("presented.processed.json")), 6)


def test_rfc_9901_5_1_with_a_foreign_disclosure_is_refused() -> None:
    with pytest.raises(Invalid, match="disclosure_unsigned"):
        revealed(issued_payload(), parse_sd_jwt(vector("issued.sd-jwt") + HIDDEN[0].encoded + "~"))


CASES: Final[dict[str, dict[str, Any]]] = json.loads(vector("nested.json"))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_rfc_9901_6_nested_data_is_read_as_published(case: dict[str, Any]) -> None:
    disclosures = case["disclosures"]
    assert revealed(case["payload"], parse_sd_jwt(assemble(JWS, disclosures))) == (case["claims"], 0)


def test_rfc_9901_6_2_without_one_disclosure_says_the_rest() -> None:
    case = CASES["6.2 structured"]
    claims, withheld = revealed(case["payload"], parse_sd_jwt(assemble(JWS, case["disclosures"][:-1])))
    assert withheld == 1
    assert claims["address"] == {
        "street_address": "Schulstr. 12",
        "locality": "Schulpforta",
        "region": "Sachsen-Anhalt",
    }


def test_rfc_9901_6_3_inner_disclosures_without_the_outer_one_are_refused() -> None:
    case = CASES["6.3 recursive"]
    with pytest.raises(Invalid, match="disclosure_unsigned"):
        revealed(case["payload"], parse_sd_jwt(assemble(JWS, case["disclosures"][:-1])))
