"""The authority function's body: the only one that may sign with the platform root. Administrators invoke it.

Event: {"command": …, "operator": {"unit", "person" or "system"}, …arguments}. Who may invoke it is an IAM question of the stage;
the operator named answers for the act, and the log says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.adapters.codec import decode_plain
from chalicelib.audit.entry import Actor
from chalicelib.audit.retention import Retention
from chalicelib.bootstrap import Container
from chalicelib.kernel.clock import add_years
from chalicelib.kernel.errors import DomainError, Invalid
from chalicelib.units.model import Person, Post, System, Unit
from chalicelib.usecases import (
    certify_platform_key,
    certify_unit_key,
    erase_subject,
    establish_root,
    publish_crl,
    register_person,
    register_system,
    register_unit,
    revoke_unit_certificate,
    rotate_unit_certificate,
)
from chalicelib.usecases.office import Office

KEYRING_YEARS: Final = 50  # longer than any record's retention that these secrets could be needed for
Arguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Command:
    """What it runs, and the kinds of entry that it may write; its refusals are entries of the first."""

    run: Callable[[Container, Office, Arguments], Arguments]
    kinds: tuple[str, ...]


def handle_authority(container: Container, event: Arguments, request_id: str) -> Arguments:
    """Run one command; its result as JSON values. A refusal is logged under the operator's unit, then raised."""
    command = COMMANDS.get(event.get("command", ""))
    if command is None:
        raise Invalid("unknown_command", "command")
    operator = event["operator"]
    person, system = operator.get("person"), operator.get("system")
    post = Post.ADMINISTRATOR if person else Post.SYSTEM
    office = Office(Actor(operator["unit"], str(post), person=person, system=system), request_id)
    try:
        return command.run(container, office, event)
    except DomainError as refusal:
        log = office.refusal(container.platform, command.kinds[0], refusal)
        container.platform.journal.commit([], [log])
        raise


def _establish(container: Container, office: Office, _: Arguments) -> Arguments:
    """Everything that a fresh stage needs before its first act; run again, it changes nothing."""
    now = container.clock.now()
    container.keyring.establish(container.archive, Retention(add_years(now, KEYRING_YEARS)))
    platform = container.platform
    root = establish_root.establish_root(platform, office)
    certify_platform_key.certify_platform_key(platform, office, "status")
    publish_crl.publish_crl(platform, office)
    return {"root": root.serial}


def _unit(container: Container, office: Office, event: Arguments) -> Arguments:
    return {
        "id": register_unit.register_unit(container.platform, office, decode_plain(Unit, event["unit"])).id
    }


def _system(container: Container, office: Office, event: Arguments) -> Arguments:
    system = register_system.register_system(
        container.platform, office, decode_plain(System, event["system"])
    )
    return {"client_id": system.client_id}


def _person(container: Container, office: Office, event: Arguments) -> Arguments:
    given = {"issuer": container.platform.staff.issuer, **event["person"]}
    return {
        "subject": register_person.register_person(
            container.platform, office, decode_plain(Person, given)
        ).subject
    }


def _certify(container: Container, office: Office, event: Arguments) -> Arguments:
    certificate = certify_unit_key.certify_unit_key(container.platform, office, event["unit"], event["key"])
    return {"serial": certificate.serial}


def _rotate(container: Container, office: Office, event: Arguments) -> Arguments:
    certificate = rotate_unit_certificate.rotate_unit_certificate(
        container.platform, office, event["unit"], event["key"]
    )
    return {"serial": certificate.serial}


def _revoke(container: Container, office: Office, event: Arguments) -> Arguments:
    revoke_unit_certificate.revoke_unit_certificate(
        container.platform, office, event["unit"], event["serial"], event["reason"]
    )
    publish_crl.publish_crl(container.platform, office)
    return {"serial": event["serial"]}


def _renew(container: Container, office: Office, _: Arguments) -> Arguments:
    """Daily: what strangers rely on stays fresh, the status signer's certificate and the CRL."""
    certify_platform_key.certify_platform_key(container.platform, office, "status")
    return {"crl": publish_crl.publish_crl(container.platform, office)}


def _erase(container: Container, office: Office, event: Arguments) -> Arguments:
    return {"erased": erase_subject.erase_subject(container.platform, office, event["subject"])}


COMMANDS: Final[dict[str, Command]] = {
    "establish": Command(_establish, (establish_root.KIND, certify_platform_key.KIND, publish_crl.KIND)),
    "register_unit": Command(_unit, (register_unit.KIND,)),
    "register_system": Command(_system, (register_system.KIND,)),
    "register_person": Command(_person, (register_person.KIND,)),
    "certify_unit_key": Command(_certify, (certify_unit_key.KIND,)),
    "rotate_unit_certificate": Command(_rotate, (rotate_unit_certificate.KIND,)),
    "revoke_unit_certificate": Command(_revoke, (revoke_unit_certificate.KIND, publish_crl.KIND)),
    "erase_subject": Command(_erase, (erase_subject.KIND,)),
    "renew_trust": Command(_renew, (publish_crl.KIND, certify_platform_key.KIND)),
}
