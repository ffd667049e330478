"""/v1/oauth/token: client credentials by `private_key_jwt` (RFC 7523), staff by token exchange (RFC 8693)."""

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.api import models
from chalicelib.api.endpoint import Answer, Call, Endpoint
from chalicelib.kernel.errors import Invalid
from chalicelib.usecases.grant_staff_token import StaffGrant, grant_staff_token
from chalicelib.usecases.grant_system_token import SystemGrant, grant_system_token
