"""What a certificate says: the visible claims and the disclosable ones (GB/T 36903 metadata under English names).

Everything about the holder and the face is its own disclosure, so that share scope is enforced by what is disclosed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.catalog.model import CatalogEntry
from chalicelib.catalog.type_metadata import type_integrity, vct
from chalicelib.certificates.model import CertificateRecord
from chalicelib.kernel.clock import business_date, end_of, start_of
from chalicelib.kernel.encoding import Json
from chalicelib.status.model import Slot
from chalicelib.units.model import Unit, UnitCertificate


def issuer_url(base_url: str, unit: str) -> str:
    """The credential's `iss`, which the unit's X.509 certificate carries as a URI name."""
    return f"{base_url}/v1/trust/units/{unit}"


def status_list_url(base_url: str, list_id: str) -> str:
    """Where a status list is served; its `sub`."""
    return f"{base_url}/v1/status-lists/{list_id}"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a precertificate is made of."""

    record: CertificateRecord
    entry: CatalogEntry
    unit: Unit
    x509: UnitCertificate
    root: UnitCertificate
    slot: Slot
    base_url: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """The two halves of a credential's content."""

    visible: Mapping[str, Json]
    disclosed: Mapping[str, Json]


def claims(facts: Facts) -> Claims:
    """The claims of the certificate as it would be signed at `facts.now`."""
    return Claims(_visible(facts), _disclosed(facts))


def _visible(facts: Facts) -> dict[str, Json]:
    record, slot = facts.record, facts.slot
    visible: dict[str, Json] = {
        "iss": issuer_url(facts.base_url, record.unit),
        "iat": int(facts.now.timestamp()),
        "nbf": int(start_of(record.valid_from).timestamp()),
        "vct": vct(facts.base_url, record.type_code, facts.entry.version),
        "vct#integrity": type_integrity(facts.entry, facts.base_url),
        "status": {"status_list": {"idx": slot.index, "uri": status_list_url(facts.base_url, slot.list_id)}},
        "certificate_identifier": record.id,
        "type_code": record.type_code,
        "issuing_authority_code": record.unit,
    }
    if record.valid_until is not None:
        visible["exp"] = int(end_of(record.valid_until).timestamp())
    return visible


def issue_date(facts: Facts) -> date:
    """证照颁发日期: the submission's or, without one, the decision's (批准之日)."""
    return facts.record.submission.issue_date or business_date(facts.now)


def _disclosed(facts: Facts) -> dict[str, Json]:
    said = facts.record.submission
    return {
        "type_name": facts.entry.name_zh,
        "certificate_name": said.certificate_name or facts.entry.name_zh,
        "certificate_number": said.certificate_number,
        "issuing_authority_name": facts.unit.name,
        "issue_date": issue_date(facts).isoformat(),
        "holder_name": said.holder.name,
        "holder_code": said.holder.code,
        "holder_code_type": said.holder.code_type,
        **_span(said.valid_from, said.valid_until),
        **said.attributes,
    }


def _span(start: date, end: date | None) -> dict[str, Json]:
    return {"valid_from": start.isoformat(), **({} if end is None else {"valid_until": end.isoformat()})}
