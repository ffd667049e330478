"""A member of staff signs in: the OIDC issuer's ID token is exchanged for ours (RFC 8693), once."""

from datetime import timedelta

from chalicelib.kernel.encoding import b64url, sha256
from chalicelib.kernel.errors import Unauthenticated
from chalicelib.signing.access_token import Claims
from chalicelib.usecases.granting import REFUSED, GrantedToken, SignIn, grant, log_entry
from chalicelib.usecases.platform import Platform

REMEMBERED = timedelta(hours=2)  # longer than an ID token is taken


def grant_staff_token(platform: Platform, id_token: str, request: str) -> GrantedToken:
    """A token for the person's posts, or Unauthenticated("invalid_subject_token"). An ID token is taken once: its hash
    is used up like an assertion's `jti`, so a copy of it is worth nothing. Who is on the register is refused in the log.
    """
    now = platform.clock.now()
    issuer, subject = platform.staff.verify(id_token, now)
    person = platform.registry.person(issuer, subject)
    unit = platform.registry.unit(person.unit) if person is not None else None
    if person is None or unit is None:
        raise Unauthenticated("invalid_subject_token")
    kinds, posts = tuple(sorted(unit.kinds)), tuple(sorted(person.posts))
    claims = Claims(unit.id, kinds, unit.district, posts, subject, None, None)
    proof = b64url(sha256(id_token.encode("ascii")))
    sign_in = SignIn(claims, f"id-token {issuer}", proof, now + REMEMBERED, request)
    try:
        if not (person.active and unit.active):
            raise Unauthenticated("invalid_subject_token")
        return grant(platform, sign_in)
    except Unauthenticated as refusal:
        platform.journal.commit([], [log_entry(platform, sign_in.actor, request, REFUSED, refusal)])
        raise
