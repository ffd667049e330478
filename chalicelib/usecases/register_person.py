"""Registering a member of staff with the posts they answer for (art. 25)."""

from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import NotFound
from chalicelib.kernel.text import clean
from chalicelib.units.changes import PutPerson
from chalicelib.units.model import Person
from chalicelib.usecases.office import Office
from chalicelib.usecases.platform import Platform

KIND = "person_registered"


def register_person(platform: Platform, office: Office, person: Person) -> Person:
    """The person as registered, as the configured OIDC issuer names them."""
    clean(person.name, "name", limit=200)
    if platform.registry.unit(person.unit) is None:
        raise NotFound("not_found", "unit")
    standing = platform.registry.person(person.issuer, person.subject)
    if standing != person:
        posts = sorted(str(post) for post in person.posts)
        details: dict[str, Json] = {"subject": person.subject, "posts": list(posts), "active": person.active}
        log = office.entry(platform, KIND, f"unit/{person.unit}", details)
        platform.journal.commit([PutPerson(person, standing)], [log])
    return person
