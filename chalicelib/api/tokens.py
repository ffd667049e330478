"""/v1/oauth/token: client credentials by `private_key_jwt` (RFC 7523), staff by token exchange (RFC 8693)."""

from typing import Annotated, Final

from pydantic import Field

from chalicelib.api import models
from chalicelib.api.endpoint import Answer, Call, Endpoint
from chalicelib.api.form import FORM
from chalicelib.kernel.encoding import Json
from chalicelib.kernel.errors import Invalid
from chalicelib.usecases.grant_staff_token import grant_staff_token
from chalicelib.usecases.grant_system_token import grant_system_token
from chalicelib.usecases.granting import GrantedToken

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105  # the name of a type
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  # the name of a type
_Word = Annotated[str, Field(max_length=200)]
_Jwt = Annotated[str, Field(min_length=1, max_length=8192, pattern=r"^[A-Za-z0-9_.-]+$")]


class TokenBody(models.Body):
    """Either grant's parameters (RFC 6749 §4.4, RFC 7523 §2.2, RFC 8693 §2.1)."""

    grant_type: _Word
    client_assertion_type: _Word | None = None
    client_assertion: _Jwt | None = None
    client_id: _Word | None = None
    subject_token: _Jwt | None = None
    subject_token_type: _Word | None = None
    requested_token_type: _Word | None = None
    scope: _Word | None = None


def _token(call: Call) -> Answer:
    body: TokenBody = call.body
    if body.grant_type == "client_credentials":
        return _answer(_system(call, body))
    if body.grant_type == EXCHANGE:
        return _answer(_staff(call, body), issued_token_type=ACCESS_TOKEN)
    raise Invalid("unsupported_grant_type", "grant_type")


def _system(call: Call, body: TokenBody) -> GrantedToken:
    if body.client_assertion_type != ASSERTION or body.client_assertion is None:
        raise Invalid("invalid_request", "client_assertion")
    return grant_system_token(call.platform, body.client_assertion, call.request_id)


def _staff(call: Call, body: TokenBody) -> GrantedToken:
    if body.subject_token_type != ID_TOKEN or body.subject_token is None:
        raise Invalid("invalid_request", "subject_token")
    return grant_staff_token(call.platform, body.subject_token, call.request_id)


def _answer(granted: GrantedToken, **more: str) -> Answer:
    body: dict[str, Json] = {
        "access_token": granted.access_token,
        "token_type": "Bearer",
        "expires_in": granted.expires_in,
    }
    return Answer(200, {**body, **more}, headers={"Pragma": "no-cache"})


ENDPOINTS = (
    Endpoint("POST", "/v1/oauth/token", _token, "Sign in: a system by its key, staff by an ID token", "获取访问令牌",
             body=TokenBody, body_type=FORM, answers={200: models.TokenView},
             problems=("invalid_client", "assertion_replayed", "unsupported_grant_type")),
)  # fmt: skip
