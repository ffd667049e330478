"""审核 (art. 7, art. 11): another person approves, returns or rejects what was collected.

Approving is the *prepare* half of signing: the precertificate is built, linted, archived with the review, and recorded
with its one-use token. It is the intent that issuing resumes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.audit.journal import Change, ChangeRefused, Reply
from chalicelib.audit.personal import Text
from chalicelib.certificates.changes import AdvanceCertificate
from chalicelib.certificates.claims import Facts
from chalicelib.certificates.life_cycle import Step, four_eyes, step
from chalicelib.certificates.model import ArchivedObject, CertificateRecord
from chalicelib.certificates.precertificate import Approval, prepare
from chalicelib.kernel.encoding import Json, canonical_json, sha256
from chalicelib.kernel.errors import Refused
from chalicelib.status.allotment import draw_slot, free_slot
from chalicelib.status.changes import AllotSlot, SetStatus
from chalicelib.status.model import Slot, Status
from chalicelib.units.trust import PLATFORM, ROOT, platform_certificate, signing_certificate
from chalicelib.usecases.act import Act, entry, reply
from chalicelib.usecases.collection import release_own_number
from chalicelib.usecases.open_generation import open_generation
from chalicelib.usecases.own_certificate import own_certificate
from chalicelib.usecases.platform import Platform

KIND = "certificate_reviewed"
SLOT_RACES = 5


@dataclass(frozen=True, slots=True)
class Decision:
    """What the reviewer decided; a return or rejection says why."""

    step: Step
    comment: str | None


def review_certificate(platform: Platform, act: Act, identifier: str, decision: Decision) -> Reply:
    """200 with the new state. Approval raises Invalid("lint_failed") naming every rule that the precertificate breaks."""
    before = own_certificate(platform, act, identifier)
    state = step(before, decision.step, platform.clock.now())
    person = act.caller.person
    if person is None:
        raise Refused("person_required")
    four_eyes(before, person)
    after = replace(
        before, state=state, revision=before.revision + 1, reviewed_by=person, comment=decision.comment
    )
    if decision.step is Step.APPROVE:
        return _approve(platform, act, before, after)
    return _send_back(platform, act, before, after, decision)


def _commit(
    platform: Platform,
    act: Act,
    changes: Sequence[Change],
    after: CertificateRecord,
    details: dict[str, Json],
) -> Reply:
    answer = reply(
        platform, act, 200, {"id": after.id, "state": str(after.state), "revision": after.revision}
    )
    text = Text(after.holder_index, after.comment) if after.comment else None
    log = entry(platform, act, KIND, after.id, details, text=text, retain=after.retention)
    platform.journal.commit(changes, [log], answer)
    return answer


def _send_back(
    platform: Platform, act: Act, before: CertificateRecord, after: CertificateRecord, decision: Decision
) -> Reply:
    document: dict[str, Json] = {
        "decision": str(decision.step),
        "reviewer": act.caller.person,
        "comment": after.comment,
    }
    evidence = _archive(platform, after, document)
    after = replace(after, review=evidence, precertificate=None, slot=None)
    changes: list[Change] = [AdvanceCertificate(before, after)]
    if before.slot is not None:
        # A crash while issuing may have left a signature in the archive: its slot says revoked from here on.
        changes.append(SetStatus(before.slot, Status.REVOKED))
    if decision.step is Step.REJECT:
        changes += [*release_own_number(before), *_free_predecessor(platform, before)]
    details: dict[str, Json] = {"decision": str(decision.step), "review_sha256": evidence.sha256}
    return _commit(platform, act, changes, after, details)


def _free_predecessor(platform: Platform, rejected: CertificateRecord) -> list[Change]:
    """A rejected update leaves its predecessor free to be updated again."""
    old = platform.certificates.certificate(rejected.supersedes) if rejected.supersedes else None
    if old is None or old.successor != rejected.id:
        return []
    return [AdvanceCertificate(old, replace(old, revision=old.revision + 1, successor=None))]


def _archive(platform: Platform, record: CertificateRecord, document: dict[str, Json]) -> ArchivedObject:
    """The review as evidence, named by its hash."""
    body = canonical_json(document)
    key = f"certificates/{record.id}/reviews/{sha256(body).hex()}.json"
    return platform.archive.put(key, body, "application/json", record.retention)


def _approve(platform: Platform, act: Act, before: CertificateRecord, after: CertificateRecord) -> Reply:
    """Build, lint, archive, commit; again with another slot when somebody took it in between."""
    for _ in range(SLOT_RACES - 1):
        try:
            return _approve_with(platform, act, before, after, _free_slot(platform, act))
        except ChangeRefused as refused:
            if not isinstance(refused.change, AllotSlot):
                raise
    return _approve_with(platform, act, before, after, _free_slot(platform, act))


def _approve_with(
    platform: Platform, act: Act, before: CertificateRecord, after: CertificateRecord, slot: Slot
) -> Reply:
    approval = prepare(_facts(platform, after, slot), platform.entropy)
    evidence = _archive(platform, after, _evidence(approval, after))
    # A crash here leaves a locked review that no record names; the certificate is still collected.
    after = replace(after, review=evidence, precertificate=approval.precertificate, slot=slot)
    changes: list[Change] = [AdvanceCertificate(before, after), AllotSlot(slot, after.id)]
    details: dict[str, Json] = {
        "decision": str(Step.APPROVE),
        "review_sha256": evidence.sha256,
        "precertificate_sha256": sha256(approval.precertificate.signing_input.encode("ascii")).hex(),
    }
    return _commit(platform, act, changes, after, details)


def _evidence(approval: Approval, record: CertificateRecord) -> dict[str, Json]:
    """What the reviewer approved, with the rules it passed; together with the key enough to issue from the archive."""
    return {
        "decision": str(Step.APPROVE),
        "reviewer": record.reviewed_by,
        "comment": record.comment,
        "signing_input": approval.precertificate.signing_input,
        "disclosures": list(approval.precertificate.disclosures),
        "lint": approval.report.document(),
    }


def _facts(platform: Platform, record: CertificateRecord, slot: Slot) -> Facts:
    """Everything that the precertificate is made of, read now."""
    now = platform.clock.now()
    catalog_entry = platform.catalog.version(record.type_code, record.catalog_version)
    unit, certificates = platform.registry.unit_and_certificates(record.unit)
    if catalog_entry is None or unit is None or not unit.active:
        raise Refused("unit_suspended")
    x509 = signing_certificate(certificates, now)
    root = platform_certificate(platform.registry.certificates(PLATFORM), ROOT, now)
    return Facts(record, catalog_entry, unit, x509, root, slot, platform.base_url, now)


def _free_slot(platform: Platform, act: Act) -> Slot:
    """A random slot that nobody has; opens the next generation of lists when this one is crowded."""
    generation = platform.statuses.generation()
    slot = free_slot(platform.entropy, generation, platform.statuses.taken)
    if slot is not None:
        return slot
    open_generation(platform, act, generation + 1)
    return draw_slot(platform.entropy, generation + 1)
