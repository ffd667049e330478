"""Our MOD 37,36 is the one of an independent implementation, for every text."""

from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from chalicelib.kernel.identifiers import CertificateIdentifier
from tests.fakes.records import ISSUER, OTHER_UNIT, TYPE


@given(
    st.sampled_from([ISSUER, OTHER_UNIT]),
    st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=7, max_size=32),
    st.integers(1, 999),
)
def test_the_check_character_is_that_of_iso_7064(issuer: str, serial: str, version: int) -> None:
    identifier = CertificateIdentifier(TYPE, issuer, serial, version)
    body = f"{TYPE}{issuer}{serial}{version:03d}"
    assert identifier.check == mod_37_36.calc_check_digit(body)
    assert mod_37_36.is_valid(body + identifier.check)
    assert CertificateIdentifier.parse(str(identifier)) == identifier
