"""A business system signs in: client credentials with `private_key_jwt` (RFC 7523; design decision 10)."""

from chalicelib.audit.entry import Actor
from chalicelib.kernel.encoding import parse_object
from chalicelib.kernel.errors import DomainError, Unauthenticated
from chalicelib.signing.access_token import Claims
from chalicelib.signing.jws import Jws, parse_jws, public_key, verify_jws
from chalicelib.units.assertions import check_assertion
from chalicelib.units.model import Post, System, Unit
from chalicelib.usecases.granting import REFUSED, GrantedToken, SignIn, grant, log_entry
from chalicelib.usecases.platform import Platform

LONGEST_CLIENT_ID = 128


def grant_system_token(platform: Platform, client_assertion: str, request: str) -> GrantedToken:
    """A token, or Unauthenticated. A stranger learns only `invalid_client`; a known system's refusal is logged."""
    jws, system, unit = _known(platform, client_assertion)
    actor = Actor(unit.id, str(Post.SYSTEM), system=system.client_id, key=jws.kid)
    try:
        return grant(platform, _sign_in(platform, jws, (system, unit), request))
    except DomainError as refusal:
        platform.journal.commit([], [log_entry(platform, actor, request, REFUSED, refusal)])
        raise


def _known(platform: Platform, client_assertion: str) -> tuple[Jws, System, Unit]:
    """The assertion with the active system and unit that signed it. Only after the signature is anything told apart."""
    try:
        jws = parse_jws(client_assertion)
        claimed = parse_object(jws.payload).get("iss")
        if (
            not isinstance(claimed, str)
            or not 0 < len(claimed) <= LONGEST_CLIENT_ID
            or not claimed.isprintable()
        ):
            raise Unauthenticated("invalid_client")
        system = platform.registry.system(claimed)
        if system is None or not system.active:
            raise Unauthenticated("invalid_client")
        verify_jws(jws, public_key(system.keys[jws.kid]), "JWT")
    except (DomainError, KeyError) as error:
        raise Unauthenticated("invalid_client") from error
    unit = platform.registry.unit(system.unit)
    if unit is None or not unit.active:
        raise Unauthenticated("invalid_client")
    return jws, system, unit


def _sign_in(platform: Platform, jws: Jws, who: tuple[System, Unit], request: str) -> SignIn:
    system, unit = who
    audiences = (f"{platform.base_url}/v1/oauth/token", platform.base_url)
    jti, usable_until = check_assertion(
        parse_object(jws.payload), system.client_id, audiences, platform.clock.now()
    )
    kinds = tuple(sorted(unit.kinds))
    claims = Claims(unit.id, kinds, unit.district, (str(Post.SYSTEM),), None, system.client_id, jws.kid)
    return SignIn(claims, system.client_id, jti, usable_until, request)
