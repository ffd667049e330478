"""What collecting, correcting and superseding share: reading the unit's signed submission and admitting it."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.audit.entry import Entry
from chalicelib.audit.journal import Change, ChangeRefused, Reply
from chalicelib.catalog.model import CatalogEntry
from chalicelib.certificates.changes import ReleaseNumber, ReserveNumber
from chalicelib.certificates.lint.state_secret import find_state_secret_mark
from chalicelib.certificates.model import ArchivedObject, CertificateRecord, State, Submission
from chalicelib.certificates.retention import retention
from chalicelib.certificates.submission import TYP, read_submission
from chalicelib.kernel.encoding import Json, parse_object, sha256
from chalicelib.kernel.errors import Conflict, Invalid, Refused
from chalicelib.kernel.identifiers import CertificateIdentifier
from chalicelib.signing.jws import Jws, parse_jws, public_key, verify_jws
from chalicelib.units.model import Post
from chalicelib.usecases.act import Act
from chalicelib.usecases.platform import Platform

FIELD = "submission"
JWS_TYPE = "application/jose"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A submission that its unit's system signed, for a published type that the unit may issue."""

    jws: str
    submission: Submission
    members: dict[str, Json]
    entry: CatalogEntry


def admit_submission(platform: Platform, act: Act, jws_text: str) -> Admitted:
    """Verify signature, content, type, collector; Invalid or Refused otherwise. Nothing is stored."""
    jws = parse_jws(jws_text, FIELD)
    payload = _verified(platform, act, jws)
    submission, members = read_submission(payload)
    if members["aud"] != platform.base_url:
        raise Invalid("submission_for_another_platform", "aud")
    mark = find_state_secret_mark(members)
    if mark is not None:
        raise Invalid("state_secret_mark", mark)  # art. 3: refused at collection, its content is not stored
    return Admitted(jws_text, submission, members, _entry(platform, act, submission))


def _verified(platform: Platform, act: Act, jws: Jws) -> bytes:
    """The payload, signed by a key of a system of the caller's unit."""
    claimed = _claimed_issuer(jws)
    system = platform.registry.system(claimed)
    if system is None or not system.active or system.unit != act.caller.unit:
        raise Refused("submission_of_another_unit", FIELD)
    if act.caller.system is not None and act.caller.system != claimed:
        raise Refused("submission_of_another_system", FIELD)
    jwk = system.keys.get(jws.kid)
    if jwk is None:
        raise Invalid("unknown_signing_key", FIELD)
    return verify_jws(jws, public_key(jwk), TYP, FIELD)


def _claimed_issuer(jws: Jws) -> str:
    claimed = parse_object(jws.payload).get("iss")
    if not isinstance(claimed, str) or not 0 < len(claimed) <= 200:  # noqa: PLR2004  # a client id's length
        raise Invalid("missing_field", "iss")
    return claimed


def _entry(platform: Platform, act: Act, submission: Submission) -> CatalogEntry:
    entry = platform.catalog.newest(submission.type_code)
    if entry is None or entry.retired:
        raise Invalid("unknown_type", "type_code")
    if act.caller.unit not in entry.issuing_units:
        raise Refused("type_of_another_unit", "type_code")
    _collector(platform, act, submission)
    return entry


def _collector(platform: Platform, act: Act, submission: Submission) -> None:
    """The person who answers for the collection holds that post, in that unit (art. 25)."""
    person = platform.registry.person(platform.staff.issuer, submission.collector)
    if (
        person is None
        or not person.active
        or person.unit != act.caller.unit
        or Post.COLLECTOR not in person.posts
    ):
        raise Refused("no_such_collector", "collector")
    if act.caller.person is not None and act.caller.person != submission.collector:
        raise Refused("collector_is_another_person", "collector")


def number_owner(identifier: str) -> str:
    """What a certificate number belongs to: the serial that all versions of a certificate share."""
    return identifier.rsplit(".", 2)[0]


def archive_submission(platform: Platform, admitted: Admitted, identifier: str) -> ArchivedObject:
    """The signed submission as evidence, named by its hash: what is found there after a crash is these very bytes."""
    kept = retention(admitted.submission, admitted.entry, platform.clock.now())
    body = admitted.jws.encode("ascii")
    return platform.archive.put(
        f"certificates/{identifier}/submissions/{sha256(body).hex()}.jws", body, JWS_TYPE, kept
    )


def collected_record(
    platform: Platform,
    act: Act,
    admitted: Admitted,
    identifier: CertificateIdentifier,
    archived: ArchivedObject,
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
        retain_until=retention(submission, admitted.entry, now).until,
        submissions=(archived,),
        last_version=identifier.version,
    )


def release_own_number(record: CertificateRecord) -> list[Change]:
    """Free the number of a first version that will not be issued; an update's number may be its predecessor's."""
    return [] if record.supersedes else [ReleaseNumber(record.number_index, number_owner(record.id))]


def commit_collection(platform: Platform, changes: Sequence[Change], log: Entry, answer: Reply) -> None:
    """Commit; a number that another certificate has is told apart from any other conflict."""
    try:
        platform.journal.commit(changes, [log], answer)
    except ChangeRefused as refused:
        if isinstance(refused.change, ReserveNumber):
            raise Conflict("certificate_number_taken", "certificate_number") from refused
        raise
