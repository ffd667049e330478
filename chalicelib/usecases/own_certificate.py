"""The certificate that an act is about, for its issuing unit's eyes only (invariant 9)."""

from chalicelib.certificates.model import CertificateRecord
from chalicelib.kernel.errors import Invalid, NotFound
from chalicelib.kernel.identifiers import CertificateIdentifier
from chalicelib.usecases.act import Act
from chalicelib.usecases.platform import Platform


def own_certificate(platform: Platform, act: Act, identifier: str) -> CertificateRecord:
    """The record, or NotFound: another unit's certificate and none at all are told apart by nobody."""
    try:
        parsed = CertificateIdentifier.parse(identifier)
    except Invalid as error:
        raise NotFound("no_such_certificate") from error
    record = platform.certificates.certificate(identifier) if parsed.issuer == act.caller.unit else None
    if record is None or record.unit != act.caller.unit:
        raise NotFound("no_such_certificate")
    return record
