"""采集 (art. 7): the unit's signed submission is archived as evidence, then recorded as collected."""

from chalicelib.audit.journal import Reply
from chalicelib.certificates.changes import CreateCertificate, ReserveNumber
from chalicelib.certificates.model import ArchivedObject, CertificateRecord, State
from chalicelib.certificates.retention import retain_until
from chalicelib.kernel.encoding import sha256
from chalicelib.kernel.entropy import draw_text
from chalicelib.kernel.identifiers import SERIAL_LENGTH, CertificateIdentifier
from chalicelib.usecases.act import Act, entry, reply
from chalicelib.usecases.collection import Admitted, admit_submission, number_owner
from chalicelib.usecases.platform import Platform

KIND = "certificate_collected"
JWS_TYPE = "application/jose"


def collect_certificate(platform: Platform, act: Act, jws: str) -> Reply:
    """201 with the identifier and state `collected`. Conflict when the certificate number is another's already."""
    admitted = admit_submission(platform, act, jws)
    serial = draw_text(platform.entropy, SERIAL_LENGTH)
    identifier = CertificateIdentifier(admitted.submission.type_code, act.caller.unit, serial, 1)
    archived = archive_submission(platform, admitted, str(identifier))
    # A crash here leaves a locked submission under an identifier that no record names: harmless, and never reused.
    record = collected_record(platform, act, admitted, identifier, archived)
    answer = reply(platform, act, 201, {"id": record.id, "state": str(record.state), "revision": record.revision})
    changes = [CreateCertificate(record), ReserveNumber(record.number_index, number_owner(record.id))]
    details = {"submission_sha256": archived.sha256, "collector": record.collected_by}
    platform.journal.commit(changes, [entry(platform, act, KIND, record.id, dict(details))], answer)
    return answer


def archive_submission(platform: Platform, admitted: Admitted, identifier: str) -> ArchivedObject:
    """The signed submission as evidence, named by its hash: what is found there after a crash is these very bytes."""
    until = retain_until(admitted.submission, admitted.entry, platform.clock.now())
    body = admitted.jws.encode("ascii")
    return platform.archive.put(f"certificates/{identifier}/submissions/{sha256(body).hex()}.jws", body, JWS_TYPE, until)


def collected_record(
    platform: Platform, act: Act, admitted: Admitted, identifier: CertificateIdentifier, archived: ArchivedObject
) -> CertificateRecord:
    """The record of a fresh collection."""
    submission, now, index = admitted.submission, platform.clock.now(), platform.blind_index
    return CertificateRecord(
        id=str(identifier),
        unit=act.caller.unit,
        type_code=submission.type_code,
        catalog_version=admitted.entry.version,
        state=State.COLLECTED,
        revision=1,
        holder_index=index.of("holder", submission.holder.code_type, submission.holder.code),
        number_index=index.of("number", submission.type_code, act.caller.unit, submission.certificate_number),
        submission=submission,
        collected_by=submission.collector,
        collected_at=now,
        valid_from=submission.valid_from,
        valid_until=submission.valid_until,
        retain_until=retain_until(submission, admitted.entry, now),
        submissions=(archived,),
        last_version=identifier.version,
    )
