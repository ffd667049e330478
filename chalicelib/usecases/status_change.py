"""What suspending, reinstating and revoking share: a reason, one step, and the slot's value in the same transaction.

The act is archived before it counts, like everything about a certificate (art. 12). A crash between leaves a locked
document of an act that no log entry names: it did not happen.
"""

from dataclasses import dataclass, replace

from chalicelib.audit.journal import Reply
from chalicelib.audit.personal import Text
from chalicelib.certificates.changes import AdvanceCertificate
from chalicelib.certificates.life_cycle import LISTED, Step, step
from chalicelib.certificates.model import ArchivedObject, CertificateRecord
from chalicelib.kernel.clock import timestamp
from chalicelib.kernel.encoding import Json, canonical_json, sha256
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.text import clean
from chalicelib.status.changes import SetStatus
from chalicelib.usecases.act import Act, entry, reply
from chalicelib.usecases.own_certificate import own_certificate
from chalicelib.usecases.platform import Platform


@dataclass(frozen=True, slots=True)
class StatusChange:
    """Which step, why (kept with the act, and beside the log as an erasable text), and the entry's kind."""

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
    archived = _archived(platform, act, after, change)
    changes = [AdvanceCertificate(before, after), SetStatus(before.slot, LISTED[state])]
    details: dict[str, Json] = {"act_sha256": archived.sha256}
    text = Text(after.holder_index, reason)
    platform.journal.commit(
        changes,
        [entry(platform, act, change.kind, after.id, details, text=text, retain=after.retention)],
        answer,
    )
    return answer


def _archived(platform: Platform, act: Act, after: CertificateRecord, change: StatusChange) -> ArchivedObject:
    """The act as a document named by its hash."""
    actor = act.actor
    document: dict[str, Json] = {
        "certificate": after.id,
        "step": str(change.step),
        "state": str(after.state),
        "revision": after.revision,
        "reason": change.reason,
        "at": timestamp(platform.clock.now()),
        "unit": actor.unit,
        "post": actor.post,
        "by": act.caller.name,
        "request": act.request,
    }
    body = canonical_json(document)
    key = f"certificates/{after.id}/acts/{sha256(body).hex()}.json"
    return platform.archive.put(key, body, "application/json", after.retention)
