"""签发 (art. 7): one signature by the unit's own key, archived, and only then valid.

    read record ─▶ read unit ─▶ KMS Sign ─▶ archive ─▶ one transaction: valid + log + reply
                                (crash: nothing used)  (crash: a locked credential that the rerun adopts)

Three or four DynamoDB calls, one KMS Sign, one S3 put. What is archived first wins: two at once end with one credential.
"""

from dataclasses import replace

from chalicelib.audit.journal import Change, Reply
from chalicelib.certificates.changes import AdvanceCertificate, ListIssued
from chalicelib.certificates.life_cycle import LISTED, Step, step
from chalicelib.certificates.model import ArchivedObject, CertificateRecord, Precertificate
from chalicelib.kernel.encoding import Json, sha256
from chalicelib.kernel.errors import Conflict, NotFound, Refused
from chalicelib.signing.jose import compact
from chalicelib.signing.sd_jwt import assemble
from chalicelib.status.changes import SetStatus
from chalicelib.units.changes import RequireUnitCertificate
from chalicelib.units.model import UnitCertificate
from chalicelib.usecases.act import Act, entry, reply
from chalicelib.usecases.own_certificate import own_certificate
from chalicelib.usecases.platform import Platform

KIND = "certificate_issued"
SUPERSEDED_KIND = "certificate_superseded"
MEDIA_TYPE = "application/dc+sd-jwt"


def issue_certificate(platform: Platform, act: Act, identifier: str) -> Reply:
    """201 with state `valid`, or a Conflict: not reviewed, approval too old, signing certificate no longer in use."""
    before = own_certificate(platform, act, identifier)
    now = platform.clock.now()
    state = step(before, Step.ISSUE, now)
    prepared = before.precertificate
    if prepared is None or now > prepared.usable_until:
        raise Conflict("approval_too_old")
    old = _predecessor(platform, before)
    x509 = _signing_certificate(platform, before, prepared)
    credential, jws_sha256 = _sign_and_archive(platform, before, prepared)
    # A crash here leaves a signed credential in the archive, valid nowhere: the rerun finds it and goes on with it.
    after = replace(
        before,
        state=state,
        revision=before.revision + 1,
        precertificate=None,
        credential=credential,
        jws_sha256=jws_sha256,
        issued_at=now,
    )
    listed = ListIssued(after.type_code, prepared.issue_date, after.id)
    own = [AdvanceCertificate(before, after), RequireUnitCertificate(x509), listed]
    changes = [*own, *_supersede(platform, old)]
    return _commit(platform, act, changes, after, prepared)


def _commit(
    platform: Platform, act: Act, changes: list[Change], after: CertificateRecord, prepared: Precertificate
) -> Reply:
    digest = after.credential.sha256 if after.credential else ""
    answer = reply(
        platform, act, 201, {"id": after.id, "state": str(after.state), "revision": after.revision}
    )
    details: dict[str, Json] = {"credential_sha256": digest, "x509_serial": prepared.x509_serial}
    entries = [entry(platform, act, KIND, after.id, details, key=prepared.key, retain=after.retention)]
    if after.supersedes:
        replaced: dict[str, Json] = {"successor": after.id}
        entries.append(
            entry(platform, act, SUPERSEDED_KIND, after.supersedes, replaced, retain=after.retention)
        )
    platform.journal.commit(changes, entries, answer)
    return answer


def _signing_certificate(
    platform: Platform, record: CertificateRecord, prepared: Precertificate
) -> UnitCertificate:
    """The X.509 certificate that the precertificate was prepared for, if the unit may still sign with it."""
    unit, certificates = platform.registry.unit_and_certificates(record.unit)
    if unit is None or not unit.active:
        raise Refused("unit_suspended")
    now = platform.clock.now()
    for x509 in certificates:
        if x509.serial == prepared.x509_serial:
            if x509.retired or x509.revoked_at is not None or now >= x509.not_after:
                break
            return x509
    raise Conflict("signing_certificate_not_in_use")


def _sign_and_archive(
    platform: Platform, record: CertificateRecord, prepared: Precertificate
) -> tuple[ArchivedObject, str]:
    """What is archived under this precertificate's token, ours or that of an earlier attempt; and its JWS's hash."""
    signed = prepared.signing_input.encode("ascii")
    jws = compact(signed, platform.signer.sign(prepared.key, signed))
    # A crash here leaves a signature that nobody holds.
    key = f"certificates/{record.id}/credential-{prepared.token}.sd-jwt"
    body = assemble(jws, prepared.disclosures).encode("ascii")
    archived = platform.archive.put(key, body, MEDIA_TYPE, record.retention)
    if (
        archived.sha256 != sha256(body).hex()
    ):  # an earlier attempt's signature over the same bytes: that one counts
        jws = platform.archive.get(archived).decode("ascii").partition("~")[0]
    return archived, sha256(jws.encode("ascii")).hex()


def _predecessor(platform: Platform, record: CertificateRecord) -> CertificateRecord | None:
    if record.supersedes is None:
        return None
    old = platform.certificates.certificate(record.supersedes)
    if old is None:
        raise NotFound("no_such_certificate")
    return old


def _supersede(platform: Platform, old: CertificateRecord | None) -> list[Change]:
    """What the same transaction does to the predecessor; Conflict when it was revoked meanwhile."""
    if old is None or old.slot is None:
        return []
    state = step(old, Step.SUPERSEDE, platform.clock.now())
    after = replace(old, state=state, revision=old.revision + 1)
    return [AdvanceCertificate(old, after), SetStatus(old.slot, LISTED[state])]
