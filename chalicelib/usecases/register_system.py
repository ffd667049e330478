"""Registering a unit's business system with its public keys (art. 8); several keys overlap while they rotate."""

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import NotFound
from chalicelib.signing.jws import public_key
from chalicelib.units.changes import PutSystem
from chalicelib.units.model import System
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "system_registered"


def register_system(platform: Platform, office: Office, system: System) -> System:
    """The system as registered; each key must be a public P-256 JWK (Invalid("invalid_jwk") otherwise)."""
    for jwk in system.keys.values():
        public_key(jwk)
    if platform.registry.unit(system.unit) is None:
        raise NotFound("not_found", "unit")
    standing = platform.registry.system(system.client_id)
    if standing != system:
        keys: list[Json] = [*sorted(system.keys)]
        details: dict[str, Json] = {"client_id": system.client_id, "keys": keys, "active": system.active}
        log = office.entry(platform, KIND, f"unit/{system.unit}", details)
        platform.journal.commit([PutSystem(system, standing)], [log])
    return system
