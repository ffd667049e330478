"""Registering a unit (art. 6). Application and approval with documents come with onboarding."""

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.identifiers import unit_code
from chalicelib.kernel.text import clean
from chalicelib.units.changes import PutUnit
from chalicelib.units.model import Unit
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "unit_registered"


def register_unit(platform: Platform, office: Office, unit: Unit) -> Unit:
    """The unit as registered; what stands already is left alone when it is the same, replaced when it differs."""
    unit_code(unit.id, "id")
    clean(unit.name, "name", limit=64)
    standing = platform.registry.unit(unit.id)
    if standing != unit:
        kinds = sorted(str(kind) for kind in unit.kinds)
        details: dict[str, Json] = {"kinds": list(kinds), "district": unit.district, "active": unit.active}
        log = office.entry(platform, KIND, f"unit/{unit.id}", details)
        platform.journal.commit([PutUnit(unit, standing)], [log])
    return unit
