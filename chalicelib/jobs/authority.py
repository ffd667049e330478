"""The authority function's body: the only one that may sign with the platform root. Administrators invoke it.

Event: {"command": …, "operator": {"unit", "person" or "system"}, …arguments}. Who may invoke it is an IAM question of the stage;
the operator named answers for the act, and the log says so.
"""

from collections.abc import Callable
from typing import Any, Final

from chalicelib.adapters.codec import decode_plain
from chalicelib.audit.entry import Actor
from chalicelib.audit.retention import Retention
from chalicelib.bootstrap import Container
from chalicelib.kernel.clock import add_years
from chalicelib.kernel.errors import Invalid
from chalicelib.units.model import Person, Post, System, Unit
from chalicelib.usecases.certify_platform_key import certify_platform_key
from chalicelib.usecases.certify_unit_key import certify_unit_key
from chalicelib.usecases.establish_root import establish_root
from chalicelib.usecases.office import Office
from chalicelib.usecases.publish_crl import publish_crl
from chalicelib.usecases.register_person import register_person
from chalicelib.usecases.register_system import register_system
from chalicelib.usecases.register_unit import register_unit
from chalicelib.usecases.revoke_unit_certificate import revoke_unit_certificate
from chalicelib.usecases.rotate_unit_certificate import rotate_unit_certificate

KEYRING_YEARS: Final = 50  # longer than any record's retention that these secrets could be needed for
Arguments = dict[str, Any]


def handle_authority(container: Container, event: Arguments, request_id: str) -> Arguments:
    """Run one command; its result as JSON values."""
    command = COMMANDS.get(event.get("command", ""))
    if command is None:
        raise Invalid("unknown_command", "command")
    operator = event["operator"]
    person, system = operator.get("person"), operator.get("system")
    post = Post.ADMINISTRATOR if person else Post.SYSTEM
    office = Office(Actor(operator["unit"], str(post), person=person, system=system), request_id)
    return command(container, office, event)


def _establish(container: Container, office: Office, _: Arguments) -> Arguments:
    """Everything that a fresh stage needs before its first act; run again, it changes nothing."""
    now = container.clock.now()
    container.keyring.establish(container.archive, Retention(add_years(now, KEYRING_YEARS)))
    platform = container.platform
    root = establish_root(platform, office)
    certify_platform_key(platform, office, "status")
    publish_crl(platform, office)
    return {"root": root.serial}


def _unit(container: Container, office: Office, event: Arguments) -> Arguments:
    return {"id": register_unit(container.platform, office, decode_plain(Unit, event["unit"])).id}


def _system(container: Container, office: Office, event: Arguments) -> Arguments:
    system = register_system(container.platform, office, decode_plain(System, event["system"]))
    return {"client_id": system.client_id}


def _person(container: Container, office: Office, event: Arguments) -> Arguments:
    given = {"issuer": container.platform.staff.issuer, **event["person"]}
    return {"subject": register_person(container.platform, office, decode_plain(Person, given)).subject}


def _certify(container: Container, office: Office, event: Arguments) -> Arguments:
    certificate = certify_unit_key(container.platform, office, event["unit"], event["key"])
    return {"serial": certificate.serial}


def _rotate(container: Container, office: Office, event: Arguments) -> Arguments:
    certificate = rotate_unit_certificate(container.platform, office, event["unit"], event["key"])
    return {"serial": certificate.serial}


def _revoke(container: Container, office: Office, event: Arguments) -> Arguments:
    revoke_unit_certificate(container.platform, office, event["unit"], event["serial"], event["reason"])
    publish_crl(container.platform, office)
    return {"serial": event["serial"]}


def _renew(container: Container, office: Office, _: Arguments) -> Arguments:
    """Daily: what strangers rely on stays fresh, the status signer's certificate and the CRL."""
    certify_platform_key(container.platform, office, "status")
    return {"crl": publish_crl(container.platform, office)}


COMMANDS: Final[dict[str, Callable[[Container, Office, Arguments], Arguments]]] = {
    "establish": _establish,
    "register_unit": _unit,
    "register_system": _system,
    "register_person": _person,
    "certify_unit_key": _certify,
    "rotate_unit_certificate": _rotate,
    "revoke_unit_certificate": _revoke,
    "renew_trust": _renew,
}
