"""What the tests of certificates' lives share: the city's certificates as they stand, and short ways to ask."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography import x509

from chalicelib.kernel.errors import DomainError
from chalicelib.units.model import UnitCertificate
from chalicelib.units.trust import signing_certificate
from chalicelib.usecases.platform import Platform
from chalicelib.usecases.revoke_unit_certificate import revoke_unit_certificate
from tests.fakes.city import OFFICE, City
from tests.fakes.in_memory import InMemoryStore
from tests.fakes.records import ISSUER


def over(city: City, store: InMemoryStore) -> Platform:
    """The city's platform, its records kept elsewhere."""
    return replace(city.platform, journal=store, registry=store)


def of_unit(city: City) -> UnitCertificate:
    """What the unit signs with."""
    return signing_certificate(city.store.certificates(ISSUER), city.clock.now())


def listed(city: City) -> dict[str, str]:
    """Serial → reason, as the list in force says."""
    found = city.store.crl()
    assert found is not None
    return {
        f"{one.serial_number:x}": one.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
        for one in x509.load_der_x509_crl(found[1])
    }


def refused(kind: type[DomainError], code: str, attempt: Callable[[], object]) -> DomainError:
    with pytest.raises(kind) as found:
        attempt()
    assert found.value.code == code
    return found.value


def revoke(city: City, unit: str, serial: str, reason: str = "superseded") -> UnitCertificate:
    return revoke_unit_certificate(city.platform, OFFICE, unit, serial, reason)
