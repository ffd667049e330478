"""Whatever the bytes, the answer is a verdict; and whatever signed byte is changed, the verdict is not genuine."""

import json
from base64 import b64decode, b64encode
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.encoding import b64url
from chalicelib.signing.sd_jwt import reduce_to
from chalicelib.verification.chain import read_leaf
from chalicelib.verification.revocation import read_crl
from chalicelib.verification.signed import read_header
from chalicelib.verification.status_list import read_status_list
from chalicelib.verification.verdict import Result
from tests.unit.verification.forge import (
    HIDDEN,
    METADATA,
    Forge,
    Signer,
    at_noon,
    credential,
    raw_credential,
    status_list,
    visible,
)

FORGE = Forge()
UNIT = FORGE.unit()
VERIFIER = FORGE.verifier()
ROOTS = [FORGE.root.certificate]
GENUINE = credential(UNIT)
CRL: Final = FORGE.root.crl([(UNIT.certificate, UNIT.certificate.not_valid_before_utc, None)])
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
members = st.dictionaries(st.sampled_from([*visible(), "_sd", "_sd_alg", "...", "cnf"]), json_values)


@given(st.integers(0, len(GENUINE) - 2), st.sampled_from(ALPHABET))
def test_no_character_can_be_changed(at: int, character: str) -> None:
    changed = GENUINE[:at] + character + GENUINE[at + 1 :]
    verdict = VERIFIER.verify(changed, at_noon())
    assert (verdict.result is Result.GENUINE) == (changed == GENUINE)


@given(st.integers(1, len(GENUINE) - 1))
def test_no_part_can_be_cut_off(at: int) -> None:
    whole_disclosures_away = GENUINE[:at].endswith("~")
    assert (VERIFIER.verify(GENUINE[:at], at_noon()).result is Result.GENUINE) == whole_disclosures_away


@given(st.text() | st.text(ALPHABET) | st.builds("~".join, st.lists(st.text(ALPHABET, max_size=20))))
def test_any_text_gets_a_verdict(text: str) -> None:
    assert VERIFIER.verify(text, at_noon()).result is not Result.GENUINE


@given(members)
def test_any_claims_get_a_verdict(changes: dict[str, object]) -> None:
    text = raw_credential(UNIT, {**visible(), **changes})  # type: ignore[dict-item]  # any JSON
    verdict = VERIFIER.verify(
        text, at_noon(status_list=status_list(FORGE.status_signer()), crl=CRL, type_metadata=METADATA)
    )
    json.dumps(verdict.document())


@given(json_values)
def test_any_header_gets_a_verdict(x5c: object) -> None:
    encoded = b64url(json.dumps({"alg": x5c, "typ": x5c, "kid": x5c, "x5c": x5c}).encode())
    assert VERIFIER.verify(f"{encoded}.{GENUINE.partition('.')[2]}", at_noon()).result is not Result.GENUINE


def test_deep_nesting_gets_a_verdict() -> None:
    for deep in ("[" * 900 + "]" * 900, "[" * 20_000):
        payload = json.dumps(visible())[:-1] + f',"type_code":{deep}}}'
        for text in (
            f"{b64url(deep.encode())}.e30.AA~",
            f"{GENUINE.partition('.')[0]}.{b64url(payload.encode())}.AA~",
        ):
            assert VERIFIER.verify(text, at_noon()).result is not Result.GENUINE


@given(st.sets(st.sampled_from(sorted(HIDDEN))))
def test_any_presentation_is_genuine_and_shows_just_that(names: set[str]) -> None:
    verdict, reading = VERIFIER.read(reduce_to(GENUINE, names), at_noon())
    assert verdict.result is Result.GENUINE
    assert reading is not None
    assert reading.disclosed == {name: HIDDEN[name] for name in names}


def flipped(data: bytes, at: int, bit: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


LEAF_DER: Final = str(UNIT.header["x5c"][0])  # type: ignore[index]  # the chain is a list


@pytest.mark.filterwarnings("ignore:Attribute's length")  # as below
@given(st.data(), st.integers(0, 7))
def test_a_certificate_with_any_bit_turned_is_not_traced_to_the_root(data: st.DataObject, bit: int) -> None:
    der = b64decode(LEAF_DER)
    changed = flipped(der, data.draw(st.integers(0, len(der) - 1)), bit)
    leaf = read_leaf([b64encode(changed).decode()], ROOTS)
    assert leaf is None or leaf.root is None


@pytest.mark.filterwarnings("ignore:Attribute's length")  # cryptography's word on a country of another length
@given(st.integers(0, len(CRL) - 1), st.integers(0, 7))
def test_a_crl_with_any_bit_turned_is_not_the_roots(at: int, bit: int) -> None:
    assert read_crl(flipped(CRL, at, bit), ROOTS) is None


@given(st.binary())
def test_any_bytes_may_be_a_crl(data: bytes) -> None:
    assert read_crl(data, ROOTS) is None


TOKEN: Final = status_list(FORGE.status_signer())


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(ALPHABET))
def test_no_character_of_a_status_list_can_be_changed(at: int, character: str) -> None:
    changed = TOKEN[:at] + character + TOKEN[at + 1 :]
    read = read_status_list(changed, lambda encoded: read_header(encoded, ROOTS))
    assert (read is not None) == (changed == TOKEN)


def test_a_verifier_keeps_a_bounded_number_of_headers() -> None:
    for number in range(300):
        VERIFIER.verify(
            raw_credential(Signer(UNIT.key, UNIT.certificate, UNIT.root), {"n": number}), at_noon()
        )
        VERIFIER.verify(f"{b64url(json.dumps({'n': number}).encode())}.e30.AA~", at_noon())
    assert VERIFIER._header.cache_info().currsize <= 256  # noqa: SLF001  # the bound is not to be seen outside
