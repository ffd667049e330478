"""An act in progress: who, in which request, answering what; and the rule that makes it happen at most once.

    once(platform, act, kind, object, attempt)
      attempt commits      ─▶ its answer
      attempt is refused   ─▶ was this request answered before? the same body: that answer; another body: refused
                           ─▶ otherwise the refusal is logged, and stands

The happy path reads nothing extra: the stored answer is looked for only when something stood in the way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from chalicelib.audit.entry import Actor, Entry, Outcome
from chalicelib.audit.journal import Reply
from chalicelib.audit.personal import Text
from chalicelib.audit.retention import Retention
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.entropy import entry_id
from chalicelib.kernel.errors import DomainError, Invalid
from chalicelib.units.model import Caller
from chalicelib.usecases.office import refusal_details
from chalicelib.usecases.platform import Platform

REPLY_LIFETIME: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Act:
    """One request by an authenticated caller, authorised to act under `post`.

    `key` is the request's idempotency key hashed with caller and route, `fingerprint` the SHA-256 of its body.
    """

    caller: Caller
    post: str
    request: str
    key: str
    fingerprint: str

    @property
    def actor(self) -> Actor:
        """As the log names the one who answers for it (art. 25)."""
        caller = self.caller
        return Actor(caller.unit, self.post, caller.person, caller.system, caller.key)


def entry(  # noqa: PLR0913  # an entry has this many parts; each caller names those it needs
    platform: Platform,
    act: Act,
    kind: str,
    obj: str,
    details: dict[str, Json] | None = None,
    *,
    text: Text | None = None,
    outcome: Outcome = "done",
    key: str | None = None,
    retain: Retention | None = None,
) -> Entry:
    """A log entry for the act, dated now. `key`, `retain`: see `Entry`. `text` is kept beside the log, where it can be erased."""
    now = platform.clock.now()
    name = entry_id(platform.entropy, now)
    # A crash after this leaves a text that no entry names; it is erased with the others of its subject.
    personal = platform.texts.keep(name, text) if text else None
    return Entry(
        name, now, kind, obj, act.actor, act.request, outcome,
        details=details or {}, key=key, retain=retain, personal=personal,
    )  # fmt: skip


def reply(platform: Platform, act: Act, status: int, body: dict[str, Json]) -> Reply:
    """The act's answer, kept for 24 hours so that a retry gets it again."""
    return Reply(act.key, act.fingerprint, status, body, platform.clock.now() + REPLY_LIFETIME)


def once(platform: Platform, act: Act, kind: str, obj: str, attempt: Callable[[], Reply]) -> Reply:
    """Run the attempt; see the module's table. Only an attempt that commits its own reply is safe to be given."""
    try:
        return attempt()
    except DomainError as refusal:
        answered = platform.journal.reply_to(act.key)
        if answered is not None and answered.expires_at > platform.clock.now():
            if answered.fingerprint != act.fingerprint:
                raise Invalid("idempotency_key_reused", "Idempotency-Key") from refusal
            return answered
        record_refusal(platform, act, kind, obj, refusal)
        raise


def record_refusal(platform: Platform, act: Act, kind: str, obj: str, refusal: DomainError) -> None:
    """Log that the act was refused and why: code and field, never the content (A3.3, A21.1)."""
    log = entry(platform, act, kind, obj, refusal_details(refusal), outcome="refused")
    platform.journal.commit([], [log])
