"""The chain and the CRL as OpenSSL reads them: strict, with revocation and our policy required."""

import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.signing.crl import Revoked, build_crl
from chalicelib.signing.x509_profile import POLICY
from tests.fakes.ambient import NOON
from tests.fakes.authority import LocalAuthority

pytestmark = pytest.mark.needs_openssl

LATER = NOON + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenSsl:
    """`openssl verify` over files in a folder."""

    folder: Path
    authority: LocalAuthority

    def verify(
        self,
        leaf: x509.Certificate,
        *revoked: Revoked,
        moment: datetime = LATER,
        policy: str = POLICY.dotted_string,
        between: x509.Certificate | None = None,
        crl: bytes | None = None,
    ) -> str:
        """ "OK", or what OpenSSL says is wrong."""
        listed = crl if crl is not None else build_crl(self.authority.authority, 1, revoked, NOON)
        command = [
            "openssl",
            "verify",
            "-x509_strict",
            "-crl_check",
            "-policy_check",
            "-explicit_policy",
            "-policy",
            policy,
        ]
        command += ["-attime", str(int(moment.timestamp())), "-CAfile", self.pem("root", self.authority.root)]
        command += ["-CRLfile", self.write("crl", x509.load_der_x509_crl(listed).public_bytes(Encoding.PEM))]
        if between is not None:
            command += ["-untrusted", self.pem("between", between)]
        ran = subprocess.run([*command, self.pem("leaf", leaf)], capture_output=True, text=True, check=False)
        return "OK" if ran.returncode == 0 and "OK" in ran.stdout else ran.stderr

    def pem(self, name: str, certificate: x509.Certificate) -> str:
        return self.write(name, certificate.public_bytes(Encoding.PEM))

    def write(self, name: str, pem: bytes) -> str:
        path = self.folder / f"{name}.pem"
        path.write_bytes(pem)
        return str(path)


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSsl:
    return OpenSsl(tmp_path, LocalAuthority())


def test_a_leaf_is_accepted(openssl: OpenSsl) -> None:
    assert openssl.verify(openssl.authority.leaf()) == "OK"


def test_a_revoked_leaf_is_refused_and_its_neighbour_is_not(openssl: OpenSsl) -> None:
    leaf, neighbour = openssl.authority.leaf(), openssl.authority.leaf()
    revoked = Revoked(f"{leaf.serial_number:x}", NOON, "superseded")
    assert "certificate revoked" in openssl.verify(leaf, revoked)
    assert openssl.verify(neighbour, revoked) == "OK"


def test_the_list_must_be_the_roots_and_fresh(openssl: OpenSsl) -> None:
    leaf = openssl.authority.leaf()
    assert openssl.verify(leaf, moment=NOON + timedelta(days=7, seconds=-1)) == "OK"
    assert "CRL has expired" in openssl.verify(leaf, moment=NOON + timedelta(days=7, seconds=1))
    foreign = build_crl(LocalAuthority().authority, 1, (), NOON)
    assert "unable to get certificate CRL" in openssl.verify(leaf, crl=foreign)


def test_a_policy_that_it_does_not_name_is_not_met(openssl: OpenSsl) -> None:
    assert "policy" in openssl.verify(openssl.authority.leaf(), policy="1.2.3.4")


def test_a_leaf_outside_shenzhen_is_refused(openssl: OpenSsl) -> None:
    leaf = openssl.authority.leaf()
    attributes = list(leaf.subject)
    attributes[2] = x509.NameAttribute(attributes[2].oid, "Guangzhou")
    assert openssl.verify(openssl.authority.rebuilt(leaf)) == "OK"
    elsewhere = openssl.authority.rebuilt(leaf, subject=x509.Name(attributes))
    assert "permitted subtree violation" in openssl.verify(elsewhere)


def test_a_leaf_cannot_certify(openssl: OpenSsl) -> None:
    unit = openssl.authority.leaf()
    said = openssl.verify(openssl.authority.below(unit), between=unit)
    assert "at 1 depth lookup: invalid CA certificate" in said


def test_the_root_certifies_no_further_authority(openssl: OpenSsl) -> None:
    """Path length 0: a leaf with a CA's extensions, signed by the root itself, makes no second level."""
    between = openssl.authority.rebuilt(
        openssl.authority.leaf(), extensions=openssl.authority.ca_extensions()
    )
    said = openssl.verify(openssl.authority.below(between), between=between)
    assert "path length constraint exceeded" in said
    assert "invalid CA certificate" not in said


def test_another_root_of_the_same_name_certifies_nothing(openssl: OpenSsl) -> None:
    assert "unable to get local issuer certificate" in openssl.verify(LocalAuthority().leaf())


def test_an_altered_signed_part_is_refused(openssl: OpenSsl) -> None:
    leaf = openssl.authority.leaf()
    genuine = leaf.public_bytes(Encoding.DER)
    place = genuine.index("深圳市".encode())
    altered = genuine[:place] + "广州市".encode() + genuine[place + 9 :]
    assert "certificate signature failure" in openssl.verify(x509.load_der_x509_certificate(altered))
