"""The OpenAPI 3.1 document, generated from the endpoints' table and the models: it cannot say what is not served."""

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from chalicelib.api.endpoint import Endpoint
from chalicelib.api.models import ProblemDocument
from chalicelib.api.problems import MEDIA_TYPE, PROBLEMS

VERSION: Final = "1.0.0"
_REFERENCE: Final = "#/components/schemas/{model}"
_PATH: Final = re.compile(r"{([a-z_]+)}")
_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "id": {"type": "string", "maxLength": 120},
    "type_code": {"type": "string", "maxLength": 21},
    "version": {"type": "string", "pattern": "^[1-9][0-9]{0,5}$"},
    "unit": {"type": "string", "maxLength": 18},
    "name": {"type": "string", "maxLength": 60},
    "index": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,11})$"},
    "level": {"type": "string", "pattern": "^(entries|0|[1-9][0-9]?)$"},
    **{
        part: {"type": "string", "pattern": r"^x?[0-9]{1,3}(\.p)?$"}
        for part in ("first", "second", "third", "fourth")
    },
    "transfer": {"type": "string", "maxLength": 36},
}
# What any request may meet; 503 is transient, 500 a fault of ours.
_ALWAYS: Final = ("unavailable", "internal")
_WITH_BODY: Final = ("invalid_json", "invalid_request", "request_too_large", "unsupported_media_type")
_CLOSED: Final = ("token_missing", "not_entitled")


def openapi(endpoints: Sequence[Endpoint], base_url: str) -> dict[str, Any]:
    """The document of this stage."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "证照 Zhengzhao",
            "version": VERSION,
            "description": "政务电子证照平台接口。Electronic certificates of a government: catalog, life cycle, verification.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": _schemas(endpoints),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "at+jwt (RFC 9068)"}
            },
        },
    }


def _models(endpoints: Sequence[Endpoint]) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = [ProblemDocument]
    for endpoint in endpoints:
        found += [model for model in (endpoint.body, *endpoint.answers.values()) if model is not None]
    return sorted(set(found), key=lambda model: model.__name__)


def _schemas(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    wanted = [(model, "validation") for model in _models(endpoints)]
    _, schema = models_json_schema(wanted, ref_template=_REFERENCE)  # type: ignore[arg-type]  # the mode's literal
    definitions: dict[str, Any] = schema["$defs"]
    return definitions


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": f"{endpoint.summary_zh} · {endpoint.summary}",
        "operationId": _operation_id(endpoint),
        "tags": [endpoint.path.split("/")[2] if endpoint.path.startswith("/v1/") else "service"],
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint),
        "security": [{"bearer": []}] if endpoint.entitlement else [],
    }
    if endpoint.body is not None:
        content = {endpoint.body_type: {"schema": {"$ref": _REFERENCE.format(model=endpoint.body.__name__)}}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _operation_id(endpoint: Endpoint) -> str:
    words = [endpoint.method.lower(), *re.split(r"[^a-z0-9]+", endpoint.path.lower())]
    return "_".join(word for word in words if word)


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _PARAMETERS[name]}
        for name in _PATH.findall(endpoint.path)
    ]
    found += [
        {"name": name, "in": "query", "required": False, "description": text, "schema": dict(schema)}
        for name, (text, schema) in endpoint.query.items()
    ]
    if endpoint.acts:
        schema = {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~]+$"}
        text = "Your own name for this request: repeated, it is answered alike and acts once (24 hours)."
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": text,
                "schema": schema,
            }
        )
    return found


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = {
        str(status): _success(endpoint, model) for status, model in endpoint.answers.items()
    }
    if (
        any(model is None for model in endpoint.answers.values())
        or endpoint.query
        or endpoint.entitlement is None
    ):
        found.setdefault(
            "304", {"description": "Unchanged since the ETag given."}
        ) if endpoint.method == "GET" else None
    by_status: dict[int, list[str]] = {}
    for code in _codes(endpoint):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        found[str(status)] = {
            "description": "; ".join(f"`{code}`: {PROBLEMS[code].en}" for code in codes),
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(model="ProblemDocument")}}},
        }
    return found


def _codes(endpoint: Endpoint) -> list[str]:
    codes = [*endpoint.problems, *_ALWAYS]
    codes += _WITH_BODY if endpoint.body else ()
    codes += _CLOSED if endpoint.entitlement else ()
    codes += ("idempotency_key_missing", "idempotency_key_reused") if endpoint.acts else ()
    codes += ("invalid_request",) if endpoint.query else ()
    return list(dict.fromkeys(codes))


def _success(endpoint: Endpoint, model: type[BaseModel] | None) -> dict[str, Any]:
    if model is None:
        content: dict[str, Any] = {endpoint.answer_type: {}}
    else:
        content = {endpoint.answer_type: {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}}
    return {"description": endpoint.summary, "content": content}
