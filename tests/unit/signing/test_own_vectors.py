"""The bytes that this product signs do not drift."""

import pytest
from cryptography import x509

from chalicelib.verification.verifier import Evidence, Verifier
from tests.fakes.ambient import NOON
from tests.vectors.own import FOLDER, make

MADE = make()


@pytest.mark.parametrize("name", sorted(MADE))
def test_what_is_made_today_is_what_was_made_then(name: str) -> None:
    assert (FOLDER / name).read_bytes() == MADE[name], "the format changed: make vectors, if it is meant"


def test_the_stored_certificate_verifies() -> None:
    read = {name: (FOLDER / name).read_bytes() for name in MADE}
    verifier = Verifier(x509.load_pem_x509_certificates(read["roots.pem"]))
    evidence = Evidence(
        NOON.replace(second=30), read["status-list.jwt"].decode(), read["crl.der"], read["type-metadata.json"]
    )
    verdict = verifier.verify(read["certificate.sd-jwt"].decode(), evidence)
    assert (verdict.result, verdict.reasons) == ("genuine", ())
