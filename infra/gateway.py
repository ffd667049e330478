"""API Gateway's own answers, as problem documents (RFC 9457): a caller meets one shape of error only."""

import json
from typing import Any, Final

# Response type → (status, code, sentence, 中文). docs: API Gateway, "Gateway response types".
ANSWERS: Final[dict[str, tuple[int, str, str, str]]] = {
    "REQUEST_TOO_LARGE": (413, "request_too_large", "The request is too large.", "请求体过大。"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found", "There is no such resource.", "没有此资源。"),
    "THROTTLED": (
        429,
        "too_many_requests",
        "Too many requests; try again later.",
        "请求过于频繁,请稍后重试。",
    ),
    "QUOTA_EXCEEDED": (429, "too_many_requests", "The quota is used up.", "配额已用尽。"),
    "UNSUPPORTED_MEDIA_TYPE": (
        415,
        "unsupported_media_type",
        "Use application/json.",
        "请使用 application/json。",
    ),
    "INTEGRATION_TIMEOUT": (
        504,
        "unavailable",
        "No answer in time; try again later.",
        "响应超时,请稍后重试。",
    ),
    "INTEGRATION_FAILURE": (
        502,
        "unavailable",
        "The service is unavailable; try again later.",
        "服务暂不可用。",
    ),
    "DEFAULT_4XX": (
        400,
        "invalid_request",
        "The request does not match its description.",
        "请求不符合接口说明。",
    ),
    "DEFAULT_5XX": (
        503,
        "unavailable",
        "The service is unavailable; try again later.",
        "服务暂不可用,请稍后重试。",
    ),
}
# The defaults answer for every other type: a fixed status would make a 403 of theirs a 400.
_OWN_STATUS: Final = frozenset({"DEFAULT_4XX", "DEFAULT_5XX"})


def gateway_responses() -> dict[str, Any]:
    """As the API's definition wants them (x-amazon-apigateway-gateway-responses)."""
    return {name: _response(name, *answer) for name, answer in ANSWERS.items()}


def _response(name: str, status: int, code: str, en: str, zh: str) -> dict[str, Any]:
    body = {
        "type": f"urn:zhengzhao:problem:{code}",
        "title": en,
        "title_zh": zh,
        "status": status,
        "code": code,
        "instance": "urn:zhengzhao:request:$context.requestId",
    }
    if name in _OWN_STATUS:
        del body["status"]
    response: dict[str, Any] = {
        "responseParameters": {
            "gatewayresponse.header.Content-Type": "'application/problem+json'",
            "gatewayresponse.header.Cache-Control": "'no-store'",
        },
        "responseTemplates": {"application/json": json.dumps(body, ensure_ascii=False)},
    }
    return response if name in _OWN_STATUS else {"statusCode": status, **response}
