"""What suspending, reinstating and revoking share: a reason, one step, and the slot's value in the same transaction."""

from dataclasses import dataclass, replace

from chalicelib.audit.journal import Reply
from chalicelib.certificates.changes import AdvanceCertificate
from chalicelib.certificates.life_cycle import LISTED, Step, step
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.text import clean
from chalicelib.status.changes import SetStatus
from chalicelib.usecases.act import Act, entry, reply
from chalicelib.usecases.own_certificate import own_certificate
from chalicelib.usecases.platform import Platform


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Which step, why (written into the log; free of personal data, the caller is told), and the entry's kind."""

    step: Step
    reason: str
    kind: str


def change_status(platform: Platform, act: Act, identifier: str, change: StatusChange) -> Reply:
    """200 with the new state."""
    reason = clean(change.reason, "reason", limit=500)
    before = own_certificate(platform, act, identifier)
    state = step(before, change.step, platform.clock.now())
    if before.slot is None:
        raise Conflict("wrong_state", None, (str(before.state), str(change.step)))
    after = replace(before, state=state, revision=before.revision + 1)
    answer = reply(platform, act, 200, {"id": after.id, "state": str(state), "revision": after.revision})
    changes = [AdvanceCertificate(before, after), SetStatus(before.slot, LISTED[state])]
    platform.journal.commit(changes, [entry(platform, act, change.kind, after.id, reason=reason)], answer)
    return answer
