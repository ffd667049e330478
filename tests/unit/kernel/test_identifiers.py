import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.identifiers import (
    LAST_VERSION,
    ROOT_OID,
    SERIAL_LENGTH,
    CertificateIdentifier,
    holder_code,
    type_code,
    unit_code,
)

ISSUER = "11440300MB2F01027X"

# Published certificate identifiers (after the root OID), each with its check character; gathered from public sources.
PUBLISHED = (
    "11100000000013338W011.11430000006122244L.20230000403.001.U",
    "11100000000013338W011.11430000006122244L.20230000403.002.S",
    "11100000000013338W009.11330105002500287C.2025052201.002.0",
    "11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.D",
)
SERIALS = st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=SERIAL_LENGTH, max_size=SERIAL_LENGTH)
IDENTIFIERS = st.builds(
    CertificateIdentifier, st.just(ISSUER + "001"), st.just(ISSUER), SERIALS, st.integers(1, LAST_VERSION)
)


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_identifiers_are_read_and_written_back(text: str) -> None:
    assert str(CertificateIdentifier.parse(f"{ROOT_OID}.{text}")) == f"{ROOT_OID}.{text}"


def test_the_published_sample_with_a_wrong_check_is_refused() -> None:
    wrong = PUBLISHED[3][:-1] + "M"
    with pytest.raises(Invalid, match="invalid_certificate_identifier"):
        CertificateIdentifier.parse(f"{ROOT_OID}.{wrong}")


@given(IDENTIFIERS)
def test_every_identifier_is_read_back(identifier: CertificateIdentifier) -> None:
    assert CertificateIdentifier.parse(str(identifier)) == identifier


@given(IDENTIFIERS, st.data())
def test_any_one_character_changed_is_refused(identifier: CertificateIdentifier, data: st.DataObject) -> None:
    text = str(identifier)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c != text[at]]))
    with pytest.raises(Invalid):
        CertificateIdentifier.parse(text[:at] + other + text[at + 1 :])


@given(st.text(max_size=120))
def test_arbitrary_text_is_refused_not_crashed_on(text: str) -> None:
    with pytest.raises(Invalid):
        CertificateIdentifier.parse(text)
    with pytest.raises(Invalid):
        CertificateIdentifier.parse(f"{ROOT_OID}.{text}")


def test_an_update_keeps_the_serial_and_raises_the_version() -> None:
    first = CertificateIdentifier(ISSUER + "001", ISSUER, "A" * SERIAL_LENGTH, 1)
    assert first.successor(2) == CertificateIdentifier(ISSUER + "001", ISSUER, "A" * SERIAL_LENGTH, 2)


@pytest.mark.parametrize("version", [0, 1000, -1])
def test_a_version_has_three_digits_and_begins_with_one(version: int) -> None:
    with pytest.raises(Invalid, match="invalid_certificate_identifier"):
        CertificateIdentifier(ISSUER + "001", ISSUER, "A" * SERIAL_LENGTH, version)


def test_a_unit_code_is_taken() -> None:
    assert unit_code(ISSUER) == ISSUER


@pytest.mark.parametrize(
    "text", ["", "11440300MB2F010270", ISSUER.lower(), ISSUER + " ", "１1440300MB2F01027X"]
)
def test_a_unit_code_with_a_wrong_check_case_length_or_width_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="invalid_unit_code"):
        unit_code(text)


@pytest.mark.parametrize("text", [ISSUER, ISSUER + "01", ISSUER + "0A1", ISSUER + "٠٠١", "X" * 18 + "001"])
def test_a_type_code_is_a_unit_code_and_three_ascii_digits(text: str) -> None:
    with pytest.raises(Invalid, match="invalid_type_code"):
        type_code(text)


@pytest.mark.parametrize(
    ("code", "kind"), [("91440300MA5F0801XU", "001"), ("440305199003070006", "111"), ("护照E123", "414")]
)
def test_holder_codes_are_taken(code: str, kind: str) -> None:
    assert holder_code(code, kind) == code


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("91440300MA5F0801XA", "001"),
        ("440305199003070005", "111"),
        ("440305199013070006", "111"),
        ("440305 199003070006", "111"),
        ("", "414"),
        ("a\x00b", "414"),
        ("E123", "41"),
    ],
)
def test_holder_codes_with_a_wrong_check_date_or_form_are_refused(code: str, kind: str) -> None:
    with pytest.raises(Invalid, match="invalid_holder_code"):
        holder_code(code, kind)
