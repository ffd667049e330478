"""An endpoint as data: from this one table come the routes, the checks, the OpenAPI document and the access matrix."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from chalicelib.audit.journal import Reply
from chalicelib.bootstrap import Container
from chalicelib.kernel.encoding import Json
from chalicelib.units.authorisation import Act as Entitlement
from chalicelib.units.model import Caller
from chalicelib.usecases.act import Act
from chalicelib.usecases.platform import Platform


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers: JSON by default, or bytes of another media type."""

    status: int
    body: Mapping[str, Json] | bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose form and caller are checked already. `act` is there on acting endpoints, `caller` on closed ones."""

    container: Container
    request_id: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    caller: Caller | None
    act: Act | None

    @property
    def platform(self) -> Platform:
        """The stage's ports."""
        return self.container.platform

    def acting(self) -> Act:
        """The act; only for endpoints that declare one."""
        if self.act is None:
            raise TypeError("this endpoint declares no act")
        return self.act


Handler = Callable[[Call], Answer | Reply]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method on one path. `entitlement` None means public; `kind` is the log entry's kind for its refusals.

    `elsewhere` says that another function performs the act and keeps it to once; `about` is the log's name for what the
    endpoint deals with, where it is neither a certificate nor the caller's unit.
    """

    method: str
    path: str
    handler: Handler
    summary: str
    summary_zh: str
    entitlement: Entitlement | None = None
    kind: str = ""
    body: type[BaseModel] | None = None
    body_type: str = "application/json"
    answers: Mapping[int, type[BaseModel] | None] = field(default_factory=dict)
    answer_type: str = "application/json"
    problems: tuple[str, ...] = ()
    query: Mapping[str, tuple[str, Mapping[str, Json]]] = field(default_factory=dict)
    elsewhere: bool = False
    about: str = ""

    @property
    def acts(self) -> bool:
        """Whether it changes something, so that an Idempotency-Key is required."""
        return self.method == "POST" and self.entitlement is not None

    @property
    def once(self) -> bool:
        """Whether the API itself keeps the act to once."""
        return self.acts and not self.elsewhere


LARGEST_BODY: Final = 1_048_576
