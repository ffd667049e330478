"""Correction of a returned collection: a new signed submission under the same identifier."""

from dataclasses import replace

from chalicelib.audit.journal import Change, Reply
from chalicelib.certificates.changes import AdvanceCertificate, ReserveNumber
from chalicelib.certificates.life_cycle import Step, step
from chalicelib.certificates.model import CertificateRecord
from chalicelib.kernel.errors import Invalid
from chalicelib.usecases.act import Act, entry, reply
from chalicelib.usecases.collection import (
    Admitted,
    admit_submission,
    archive_submission,
    commit_collection,
    number_owner,
    release_own_number,
)
from chalicelib.usecases.own_certificate import own_certificate
from chalicelib.usecases.platform import Platform

KIND = "certificate_corrected"


def correct_certificate(platform: Platform, act: Act, identifier: str, jws: str) -> Reply:
    """200 with state `collected` again. The submission names in `corrects` what it corrects, so it fits nothing else."""
    before = own_certificate(platform, act, identifier)
    state = step(before, Step.CORRECT, platform.clock.now())
    admitted = admit_submission(platform, act, jws)
    if admitted.members.get("corrects") != identifier:
        raise Invalid("submission_for_another_certificate", "corrects")
    if admitted.submission.type_code != before.type_code:
        raise Invalid("type_may_not_change", "type_code")
    archived = archive_submission(platform, admitted, identifier)
    # A crash here leaves a locked submission that no record names; the rerun finds the same bytes there.
    after = replace(
        _corrected(platform, act, before, admitted), state=state, submissions=(*before.submissions, archived)
    )
    answer = reply(
        platform, act, 200, {"id": after.id, "state": str(after.state), "revision": after.revision}
    )
    details = {"submission_sha256": archived.sha256, "collector": after.collected_by}
    log = entry(platform, act, KIND, identifier, dict(details), retain=after.retention)
    commit_collection(platform, _changes(before, after), log, answer)
    return answer


def _corrected(
    platform: Platform, act: Act, before: CertificateRecord, admitted: Admitted
) -> CertificateRecord:
    submission, index = admitted.submission, platform.blind_index
    return replace(
        before,
        revision=before.revision + 1,
        catalog_version=admitted.entry.version,
        holder_index=index.of("holder", submission.holder.code_type, submission.holder.code),
        number_index=index.of("number", submission.type_code, act.caller.unit, submission.certificate_number),
        submission=submission,
        collected_by=submission.collector,
        collected_at=platform.clock.now(),
        valid_from=submission.valid_from,
        valid_until=submission.valid_until,
        comment=None,
    )


def _changes(before: CertificateRecord, after: CertificateRecord) -> list[Change]:
    changes: list[Change] = [AdvanceCertificate(before, after)]
    if before.number_index != after.number_index:
        changes.append(ReserveNumber(after.number_index, number_owner(after.id)))
        changes += release_own_number(before)
    return changes
