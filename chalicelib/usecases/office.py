"""An administrator's act through the authority function: who, and in which request; with its log entries."""

from dataclasses import dataclass

from chalicelib.audit.entry import Actor, Entry, Outcome
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.entropy import entry_id
from chalicelib.kernel.errors import DomainError
from chalicelib.usecases.platform import Platform


def refusal_details(refusal: DomainError) -> dict[str, Json]:
    """What the log keeps of a refusal (A3.3, A21.1)."""
    return {"code": refusal.code, **({"field": refusal.field} if refusal.field else {})}


@dataclass(frozen=True, slots=True)
class Office:
    """The actor answers for it (art. 25); `request` is the invocation's id."""

    actor: Actor
    request: str

    def entry(  # noqa: PLR0913  # an entry has this many parts; each caller names those it needs
        self,
        platform: Platform,
        kind: str,
        obj: str,
        details: dict[str, Json] | None = None,
        key: str | None = None,
        outcome: Outcome = "done",
    ) -> Entry:
        """A log entry for the act, dated now. `key` is the KMS key signed with."""
        now = platform.clock.now()
        name = entry_id(platform.entropy, now)
        return Entry(name, now, kind, obj, self.actor, self.request, outcome, details=details or {}, key=key)

    def refusal(self, platform: Platform, kind: str, refused: DomainError) -> Entry:
        """That the act was refused and why, filed under the actor's unit: code and field, never the content."""
        obj = f"unit/{self.actor.unit}"
        return self.entry(platform, kind, obj, refusal_details(refused), outcome="refused")
