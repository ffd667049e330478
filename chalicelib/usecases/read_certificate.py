"""Reading a certificate of one's own unit: the log entry is committed before any data leaves (invariant 3)."""

from chalicelib.certificates.life_cycle import state_at
from chalicelib.certificates.model import CertificateRecord
from chalicelib.kernel.clock import timestamp
from chalicelib.kernel.encoding import Json
from chalicelib.usecases.act import Act, entry
from chalicelib.usecases.own_certificate import own_certificate
from chalicelib.usecases.platform import Platform

KIND = "certificate_read"


def read_certificate(platform: Platform, act: Act, identifier: str) -> dict[str, Json]:
    """The record with its credential, if issued."""
    record = own_certificate(platform, act, identifier)
    platform.journal.commit([], [entry(platform, act, KIND, record.id, retain=record.retention)])
    # A crash here leaves an entry for data that nobody saw: the log errs on that side only.
    credential = (
        None if record.credential is None else platform.archive.get(record.credential).decode("ascii")
    )
    return {**_view(platform, record), "credential": credential}


def _view(platform: Platform, record: CertificateRecord) -> dict[str, Json]:
    said = record.submission
    return {
        "id": record.id,
        "state": str(state_at(record, platform.clock.now())),
        "revision": record.revision,
        "type_code": record.type_code,
        "catalog_version": record.catalog_version,
        "certificate_number": said.certificate_number,
        "holder": {"name": said.holder.name, "code": said.holder.code, "code_type": said.holder.code_type},
        "issue_date": said.issue_date.isoformat() if said.issue_date else None,
        "valid_from": said.valid_from.isoformat(),
        "valid_until": said.valid_until.isoformat() if said.valid_until else None,
        "attributes": said.attributes,
        "collected_by": record.collected_by,
        "collected_at": timestamp(record.collected_at),
        "reviewed_by": record.reviewed_by,
        "comment": record.comment,
        "issued_at": timestamp(record.issued_at) if record.issued_at else None,
        "supersedes": record.supersedes,
        "successor": record.successor,
    }
