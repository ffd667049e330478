"""Reading the registry of units. Writing goes through the journal, as everywhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.units.model import Person, System, Unit, UnitCertificate


class Registry(Protocol):
    """Units, systems, people and certificates; every read is consistent. None (or empty) when there is none."""

    def unit(self, unit_id: str) -> Unit | None:
        """The unit of that USCC."""
        ...

    def system_and_unit(self, client_id: str, unit_id: str) -> tuple[System | None, Unit | None]:
        """Both in one read: a token's grant costs one."""
        ...

    def system(self, client_id: str) -> System | None:
        """The system of that client id."""
        ...

    def person(self, issuer: str, subject: str) -> Person | None:
        """The member of staff that the OIDC issuer so names."""
        ...

    def unit_and_certificates(self, unit_id: str) -> tuple[Unit | None, Sequence[UnitCertificate]]:
        """The unit with all of its X.509 certificates, oldest first, in one read."""
        ...

    def certificates(self, unit_id: str) -> Sequence[UnitCertificate]:
        """All of the unit's X.509 certificates, oldest first, retired and revoked ones included."""
        ...

    def all_certificates(self) -> Sequence[UnitCertificate]:
        """Every X.509 certificate of the stage, for the trust list and the CRL."""
        ...

    def crl(self) -> tuple[int, bytes] | None:
        """The last published CRL: its number and DER bytes."""
        ...


class StaffIdentity(Protocol):
    """The configured OpenID Connect issuer, which vouches for staff."""

    @property
    def issuer(self) -> str:
        """Its issuer identifier."""
        ...

    def verify(self, id_token: str, now: datetime) -> tuple[str, str]:
        """(issuer, subject) of a genuine ID token meant for us; Unauthenticated otherwise."""
        ...
