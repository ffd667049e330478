"""Units and who acts for them (art. 2, 6, 7, 8, 25)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.kernel.errors import Unauthenticated
from chalicelib.signing.access_token import Claims


class UnitKind(StrEnum):
    """The kinds of organisation; a unit may be several, an issuer may also use."""

    MUNICIPAL = "municipal"  # 市管理单位
    DISTRICT = "district"  # 区管理单位
    ISSUING = "issuing"  # 签发单位
    USING = "using"  # 使用单位
    ARCHIVES = "archives"  # 市档案局
    AUDITOR = "auditor"


class Post(StrEnum):
    """岗位. What a person answers for; a person may hold several, the rules decide what may not be combined."""

    COLLECTOR = "collector"
    REVIEWER = "reviewer"
    SIGNER = "signer"
    USER = "user"
    OBJECTION_HANDLER = "objection_handler"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    SYSTEM = "system"  # the unit's business system, acting under its own key


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation. `id` is its USCC; `district` a GB/T 2260 code, the city's own being 440300."""

    id: str
    name: str
    kinds: frozenset[UnitKind]
    district: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class System:
    """A unit's business system: `keys` are its public JWKs by key id, all of them accepted while rotation overlaps."""

    client_id: str
    unit: str
    keys: dict[str, dict[str, str]]
    active: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as the configured OIDC issuer names them (`issuer`, `subject`), with the posts they hold."""

    issuer: str
    subject: str
    unit: str
    name: str
    posts: frozenset[Post]
    active: bool = True


@dataclass(frozen=True, slots=True)
class UnitCertificate:
    """A unit's X.509 certificate on one of its KMS keys; several may overlap during rotation.

    `serial` is hexadecimal. Times are those in the certificate. `retired` ones sign no more, yet still verify. `role` is
    `unit`, or for the platform's own `root` or `status`.
    """

    unit: str
    serial: str
    key: str
    der: bytes
    not_before: datetime
    not_after: datetime
    retired: bool = False
    revoked_at: datetime | None = None
    revocation_reason: str | None = None
    role: str = "unit"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, as the access token proved it: the unit, and a person with posts or a system with its key."""

    unit: str
    kinds: frozenset[UnitKind]
    district: str
    posts: frozenset[Post]
    person: str | None = None
    system: str | None = None
    key: str | None = None

    @property
    def name(self) -> str:
        """A stable name for the account, for idempotency keys and the four-eyes rule."""
        return f"person:{self.person}" if self.person else f"system:{self.system}"


def caller_of(claims: Claims) -> Caller:
    """A token's claims with their types; Unauthenticated when a kind or post is not (or no longer) known."""
    try:
        kinds = frozenset(UnitKind(kind) for kind in claims.kinds)
        posts = frozenset(Post(post) for post in claims.posts)
    except ValueError as error:
        raise Unauthenticated("invalid_token") from error
    if (claims.person is None) == (claims.system is None):
        raise Unauthenticated("invalid_token")
    return Caller(claims.unit, kinds, claims.district, posts, claims.person, claims.system, claims.key)
