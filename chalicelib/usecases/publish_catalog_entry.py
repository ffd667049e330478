"""Publishing a catalog entry (art. 9): the municipal authority's act; the version never changes afterwards."""

from dataclasses import dataclass, replace

from chalicelib.audit.journal import Reply
from chalicelib.catalog.changes import PublishEntry
from chalicelib.catalog.model import CatalogEntry
from chalicelib.catalog.policy import admit
from chalicelib.catalog.type_metadata import type_integrity, vct
from chalicelib.certificates.lint.state_secret import find_state_secret_mark
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid
from chalicelib.usecases.act import Act, entry, reply
from chalicelib.usecases.platform import Platform

KIND = "catalog_entry_published"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry to publish; its version and date are given here. `state_secret` is how a type is so declared."""

    entry: CatalogEntry
    state_secret: bool


def publish_catalog_entry(platform: Platform, act: Act, proposal: Proposal) -> Reply:
    """201 with the version given: one more than the newest. A type declared or marked a state secret is refused (art. 3)."""
    if proposal.state_secret:
        raise Invalid("state_secret_type", "state_secret")
    mark = find_state_secret_mark(_words(proposal.entry))
    if mark is not None:
        raise Invalid("state_secret_type", mark)
    newest = platform.catalog.newest(proposal.entry.type_code)
    version = 1 if newest is None else newest.version + 1
    published = replace(proposal.entry, version=version, published_at=platform.clock.now())
    admit(published)
    details: dict[str, Json] = {"version": version, "integrity": type_integrity(published, platform.base_url)}
    body: dict[str, Json] = {
        "type_code": published.type_code,
        "version": version,
        "vct": vct(platform.base_url, published.type_code, version),
    }
    answer = reply(platform, act, 201, body)
    log = entry(platform, act, KIND, f"catalog/{published.type_code}", details)
    platform.journal.commit([PublishEntry(published)], [log], answer)
    return answer


def _words(entry: CatalogEntry) -> dict[str, Json]:
    """What an entry says in words: where a mark would stand."""
    labels: list[Json] = [label for one in entry.attributes for label in (one.zh, one.en)]
    return {
        "name_zh": entry.name_zh,
        "name_en": entry.name_en,
        "standard": entry.standard,
        "scope_of_application": entry.scope_of_application,
        "face_template": [*entry.face_template.splitlines()],
        "attributes": labels,
        "schema": entry.schema,
    }
