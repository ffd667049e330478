"""更新 (art. 7, art. 10): collecting the next version of a certificate. The old one stays valid until the new is issued."""

from dataclasses import replace

from chalicelib.audit.journal import Reply
from chalicelib.certificates.changes import AdvanceCertificate, CreateCertificate, ReserveNumber
from chalicelib.certificates.life_cycle import Step, step
from chalicelib.certificates.model import CertificateRecord
from chalicelib.kernel.errors import Conflict, Invalid
from chalicelib.kernel.identifiers import LAST_VERSION, CertificateIdentifier
from chalicelib.usecases.act import Act, entry, reply
from chalicelib.usecases.collection import (
    Admitted,
    admit_submission,
    archive_submission,
    collected_record,
    commit_collection,
    number_owner,
)
from chalicelib.usecases.own_certificate import own_certificate
from chalicelib.usecases.platform import Platform

KIND = "certificate_supersession_collected"


def supersede_certificate(platform: Platform, act: Act, identifier: str, jws: str) -> Reply:
    """201 with the successor's identifier: the same serial, the version raised. It goes through review like any other."""
    before = own_certificate(platform, act, identifier)
    step(before, Step.SUPERSEDE, platform.clock.now())
    if before.successor is not None:
        raise Conflict("successor_pending", None, (before.successor,))
    if before.last_version >= LAST_VERSION:
        raise Conflict("versions_exhausted")
    admitted = admit_submission(platform, act, jws)
    if admitted.members.get("supersedes") != identifier:
        raise Invalid("submission_for_another_certificate", "supersedes")
    if admitted.submission.type_code != before.type_code:
        raise Invalid("type_may_not_change", "type_code")
    return _collect(platform, act, before, admitted)


def _collect(platform: Platform, act: Act, before: CertificateRecord, admitted: Admitted) -> Reply:
    version = before.last_version + 1
    following = CertificateIdentifier.parse(before.id).successor(version)
    archived = archive_submission(platform, admitted, str(following))
    # A crash here leaves a locked submission that no record names.
    record = replace(collected_record(platform, act, admitted, following, archived), supersedes=before.id)
    after = replace(before, revision=before.revision + 1, successor=record.id, last_version=version)
    answer = reply(platform, act, 201, {"id": record.id, "state": str(record.state), "revision": 1})
    changes = [
        CreateCertificate(record),
        AdvanceCertificate(before, after),
        ReserveNumber(record.number_index, number_owner(record.id)),
    ]
    details = {
        "submission_sha256": archived.sha256,
        "collector": record.collected_by,
        "supersedes": before.id,
    }
    commit_collection(
        platform,
        changes,
        entry(platform, act, KIND, record.id, dict(details), retain=record.retention),
        answer,
    )
    return answer
