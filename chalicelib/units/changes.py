"""What may change in the registry of units, each with the condition under which it is right."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.audit.journal import Change
from chalicelib.units.model import Person, System, Unit, UnitCertificate


@dataclass(frozen=True, slots=True)
class PutUnit(Change):
    """Register a unit (`expected` None: must be new) or replace the very one expected."""

    unit: Unit
    expected: Unit | None = None


@dataclass(frozen=True, slots=True)
class PutSystem(Change):
    """Register a system (`expected` None: its client id must be new) or replace the very one expected."""

    system: System
    expected: System | None = None


@dataclass(frozen=True, slots=True)
class PutPerson(Change):
    """Register a person (`expected` None: must be new) or replace the very one expected."""

    person: Person
    expected: Person | None = None


@dataclass(frozen=True, slots=True)
class PutUnitCertificate(Change):
    """Record a new X.509 certificate (`expected` None: the serial must be new) or replace the very one expected.

    The unit id `platform` holds the platform root and the platform's own signing certificates.
    """

    certificate: UnitCertificate
    expected: UnitCertificate | None = None


@dataclass(frozen=True, slots=True)
class RequireUnitCertificate(Change):
    """Change nothing, and refuse the whole transaction unless the certificate is still the one expected.

    So that nothing becomes valid under a key revoked a moment ago.
    """

    certificate: UnitCertificate


@dataclass(frozen=True, slots=True)
class UseAssertion(Change):
    """Note a client assertion's `jti` as used (RFC 7523 §3 item 7); refused when it was used before."""

    client_id: str
    jti: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PutCrl(Change):
    """Publish a certificate revocation list: `number` must be exactly one more than the last published."""

    number: int
    der: bytes
