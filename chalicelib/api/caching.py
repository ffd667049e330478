"""Public answers with an ETag and a stated life: a validator that matches is answered 304, without a body."""

from collections.abc import Mapping

from chalicelib.api.endpoint import Answer, Call
from chalicelib.kernel.encoding import Json, b64url, canonical_json, sha256


def cached(
    call: Call,
    body: Mapping[str, Json] | bytes,
    max_age: int,
    media_type: str = "application/json",
    *,
    immutable: bool = False,
) -> Answer:
    """200 with a strong ETag, or 304 when the caller has these very bytes (RFC 9110 §13.1.2).

    `immutable`: there will never be others, so nobody need ask again (RFC 8246).
    """
    data = body if isinstance(body, bytes) else canonical_json(dict(body))
    tag = f'"{b64url(sha256(data))}"'
    headers = {
        "ETag": tag,
        "Cache-Control": f"public, max-age={max_age}" + (", immutable" if immutable else ""),
    }
    known = {one.strip().removeprefix("W/") for one in call.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Answer(304, b"", media_type, headers)
    return Answer(200, data, media_type, headers)
