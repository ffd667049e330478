"""What both grants share: the token made, and the sign-in logged in the same commit that uses the proof up."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.audit.entry import Actor, Entry
from chalicelib.audit.journal import ChangeRefused
from chalicelib.kernel.entropy import entry_id
from chalicelib.kernel.errors import DomainError, Unauthenticated
from chalicelib.signing.access_token import LIFETIME, Claims, mint
from chalicelib.units.changes import UseAssertion
from chalicelib.usecases.platform import Platform

GRANTED = "token_granted"
REFUSED = "token_refused"


@dataclass(frozen=True, slots=True)
class GrantedToken:
    """An access token and its life in seconds."""

    access_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signs in, by which proof: `client` and `jti` name it, `usable_until` is how long it must be remembered."""

    claims: Claims
    client: str
    jti: str
    usable_until: datetime
    request: str

    @property
    def actor(self) -> Actor:
        """As the log names them."""
        said = self.claims
        return Actor(said.unit, ",".join(said.posts) or "none", said.person, said.system, said.key)


def grant(platform: Platform, sign_in: SignIn) -> GrantedToken:
    """Use the proof up, log, then mint. A crash after the commit costs the caller a new proof, never a second token."""
    use = UseAssertion(sign_in.client, sign_in.jti, sign_in.usable_until)
    try:
        platform.journal.commit([use], [log_entry(platform, sign_in.actor, sign_in.request, GRANTED)])
    except ChangeRefused as refused:
        raise Unauthenticated("assertion_replayed") from refused
    token = mint(
        platform.signer,
        platform.keys.token[0],
        platform.base_url,
        sign_in.claims,
        platform.clock.now(),
        platform.entropy,
    )
    return GrantedToken(token, int(LIFETIME.total_seconds()))


def log_entry(
    platform: Platform, actor: Actor, request: str, kind: str, refusal: DomainError | None = None
) -> Entry:
    """A sign-in, or its refusal, filed under the unit."""
    now = platform.clock.now()
    name, obj = entry_id(platform.entropy, now), f"unit/{actor.unit}"
    if refusal is None:
        return Entry(name, now, kind, obj, actor, request, key=platform.keys.token[0])
    return Entry(name, now, kind, obj, actor, request, "refused", details={"code": refusal.code})
