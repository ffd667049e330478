"""Who may do what: one table, role × act × tenancy; what it does not name is refused (invariant 9, art. 20).

A role is a post held in a unit of a kind. Tenancy says about whom: OWN unit, own DISTRICT, or ANY.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chalicelib.kernel.errors import Refused
from chalicelib.units.model import Caller, Post, UnitKind


class Act(StrEnum):
    """Everything that a caller can ask for behind a token."""

    COLLECT = "collect"
    CORRECT = "correct"
    REVIEW = "review"
    ISSUE = "issue"
    SUPERSEDE = "supersede"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    READ_CERTIFICATE = "read_certificate"
    READ_HISTORY = "read_history"
    PUBLISH_CATALOG_ENTRY = "publish_catalog_entry"
    READ_AUDIT_LOG = "read_audit_log"
    REQUEST_TRANSFER = "request_transfer"
    READ_TRANSFER = "read_transfer"


class Tenancy(StrEnum):
    """About whom."""

    OWN = "own"
    DISTRICT = "district"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom the act is about: a unit, and its district where the caller may know it."""

    unit: str
    district: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """Callers of such a unit, holding such a post, may act on such targets."""

    kind: UnitKind
    post: Post
    tenancy: Tenancy


def _issuing(*posts: Post) -> tuple[Rule, ...]:
    return tuple(Rule(UnitKind.ISSUING, post, Tenancy.OWN) for post in posts)


_ARCHIVES: Final = tuple(Rule(UnitKind.ARCHIVES, post, Tenancy.OWN) for post in (Post.SYSTEM, Post.USER))

# The order of rules within an act says which post the log names, when a person holds several.
TABLE: Final[dict[Act, tuple[Rule, ...]]] = {
    Act.COLLECT: _issuing(Post.SYSTEM, Post.COLLECTOR),
    Act.CORRECT: _issuing(Post.SYSTEM, Post.COLLECTOR),
    Act.REVIEW: _issuing(Post.REVIEWER),
    Act.ISSUE: _issuing(Post.SYSTEM, Post.SIGNER),
    Act.SUPERSEDE: _issuing(Post.SYSTEM, Post.COLLECTOR),
    Act.SUSPEND: _issuing(Post.SYSTEM, Post.SIGNER),
    Act.REINSTATE: _issuing(Post.SYSTEM, Post.SIGNER),
    Act.REVOKE: _issuing(Post.SYSTEM, Post.SIGNER),
    Act.READ_CERTIFICATE: _issuing(Post.SYSTEM, Post.COLLECTOR, Post.REVIEWER, Post.SIGNER),
    Act.READ_HISTORY: _issuing(Post.SYSTEM, Post.COLLECTOR, Post.REVIEWER, Post.SIGNER),
    Act.PUBLISH_CATALOG_ENTRY: (Rule(UnitKind.MUNICIPAL, Post.ADMINISTRATOR, Tenancy.ANY),),
    Act.READ_AUDIT_LOG: tuple(
        Rule(UnitKind.AUDITOR, post, Tenancy.ANY) for post in (Post.SYSTEM, Post.AUDITOR)
    ),
    Act.REQUEST_TRANSFER: _ARCHIVES,
    Act.READ_TRANSFER: (*_ARCHIVES, Rule(UnitKind.MUNICIPAL, Post.ADMINISTRATOR, Tenancy.ANY)),
}


def _reaches(tenancy: Tenancy, caller: Caller, target: Target) -> bool:
    if tenancy is Tenancy.OWN:
        return target.unit == caller.unit
    return tenancy is Tenancy.ANY or (target.district is not None and target.district == caller.district)


def authorise(caller: Caller, act: Act, target: Target) -> str:
    """The post under which the caller may do it; Refused("not_entitled") otherwise."""
    for rule in TABLE.get(act, ()):
        if rule.kind in caller.kinds and rule.post in caller.posts and _reaches(rule.tenancy, caller, target):
            return str(rule.post)
    raise Refused("not_entitled")
