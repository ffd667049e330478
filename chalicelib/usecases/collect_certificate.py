"""采集 (art. 7): the unit's signed submission is archived as evidence, then recorded as collected."""

from chalicelib.audit.journal import Reply
from chalicelib.certificates.changes import CreateCertificate, ReserveNumber
from chalicelib.kernel.entropy import draw_text
from chalicelib.kernel.identifiers import SERIAL_LENGTH, CertificateIdentifier
from chalicelib.usecases.act import Act, entry, reply
from chalicelib.usecases.collection import (
    admit_submission,
    archive_submission,
    collected_record,
    commit_collection,
    number_owner,
)
from chalicelib.usecases.platform import Platform

KIND = "certificate_collected"


def collect_certificate(platform: Platform, act: Act, jws: str) -> Reply:
    """201 with the identifier and state `collected`. Conflict when the certificate number is another's already."""
    admitted = admit_submission(platform, act, jws)
    serial = draw_text(platform.entropy, SERIAL_LENGTH)
    identifier = CertificateIdentifier(admitted.submission.type_code, act.caller.unit, serial, 1)
    archived = archive_submission(platform, admitted, str(identifier))
    # A crash here leaves a locked submission under an identifier that no record names: harmless, and never reused.
    record = collected_record(platform, act, admitted, identifier, archived)
    answer = reply(
        platform, act, 201, {"id": record.id, "state": str(record.state), "revision": record.revision}
    )
    changes = [CreateCertificate(record), ReserveNumber(record.number_index, number_owner(record.id))]
    details = {"submission_sha256": archived.sha256, "collector": record.collected_by}
    commit_collection(
        platform,
        changes,
        entry(platform, act, KIND, record.id, dict(details), retain=record.retention),
        answer,
    )
    return answer
