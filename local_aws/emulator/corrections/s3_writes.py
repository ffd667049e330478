"""S3 on the wire: conditional writes that hold under concurrency, checksums that are checked, policies that deny.

AWS (user guide, "Conditional writes", "Checking object integrity", "Bucket policies"):
- Of several PutObject with If-None-Match: * for one key, one succeeds; the others get 412 (or 409, to be retried).
- A Content-MD5 or x-amz-checksum-* header that does not fit the body is BadDigest, and nothing is stored.
- An explicit Deny in a bucket policy holds for everybody, the account's root user included.
moto 5.2.5 races, shows objects before their metadata, does not check checksums, and takes a Deny statement's conditions for met, whatever they say.

Only the Deny statements and conditions listed here are evaluated; a policy with any other condition is refused when it is
put. Local HTTP on the loopback address counts as secure transport.
"""

import base64
import binascii
import fnmatch
import hashlib
import io
import json
import re
import threading
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from local_aws.emulator.corrections.replacing import replace

DIGESTS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "HTTP_CONTENT_MD5": lambda body: hashlib.md5(body, usedforsecurity=False).digest(),
    "HTTP_X_AMZ_CHECKSUM_SHA256": lambda body: hashlib.sha256(body).digest(),
    "HTTP_X_AMZ_CHECKSUM_SHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "HTTP_X_AMZ_CHECKSUM_CRC32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
}
CONDITIONS: Final = frozenset({"Null", "Bool", "StringEquals", "StringNotEquals"})
_PATH: Final = re.compile(r"/([^/]+)(?:/(.*))?", re.DOTALL)
_SUBRESOURCES: Final = frozenset(
    {"acl", "tagging", "retention", "legal-hold", "uploadId", "uploads", "torrent"}
)


def _problem(start_response: Callable[..., Any], status: str, code: str, message: str) -> Iterable[bytes]:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body.encode()]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _holds(operator: str, wanted: Mapping[str, Any], facts: Mapping[str, str | None]) -> bool:
    for name, values in wanted.items():
        fact, expected = facts.get(name.lower()), [str(one).lower() for one in _listed(values)]
        if operator == "Null":
            met = str(fact is None).lower() in expected
        elif operator == "StringNotEquals":
            met = fact is None or fact.lower() not in expected
        else:
            met = fact is not None and fact.lower() in expected
        if not met:
            return False
    return True


def denies(policy: Mapping[str, Any], action: str, resource: str, facts: Mapping[str, str | None]) -> bool:
    """Whether a Deny statement of the policy covers the action on the resource under these facts."""
    for statement in _listed(policy.get("Statement", [])):
        if statement["Effect"] != "Deny":
            continue
        acts = any(
            fnmatch.fnmatchcase(action.lower(), one.lower()) for one in _listed(statement.get("Action", []))
        )
        covers = any(fnmatch.fnmatchcase(resource, one) for one in _listed(statement.get("Resource", [])))
        conditions = statement.get("Condition", {})
        if (
            acts
            and covers
            and all(_holds(operator, wanted, facts) for operator, wanted in conditions.items())
        ):
            return True
    return False


class Writes:
    """Wraps moto's application."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application, self._lock = application, threading.RLock()
        self._policies: dict[str, dict[str, Any]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Pass on what is not for S3; take its requests one by one."""
        if not _to_s3(environ):
            return self._application(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("PUT", "POST", "DELETE"):
            with self._lock:  # an object is seen whole, its metadata included, or not at all
                return list(self._application(environ, start_response))
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(raw)
        with self._lock:
            return self._written(environ, start_response, raw)

    def _written(
        self, environ: dict[str, Any], start_response: Callable[..., Any], raw: bytes
    ) -> Iterable[bytes]:
        match = _PATH.fullmatch(unquote(environ.get("PATH_INFO", "")))
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        if match is None:
            return list(self._application(environ, start_response))
        bucket, key = match.group(1), match.group(2) or ""
        if not key and "policy" in query:
            return self._policy(environ, start_response, bucket, raw)
        if "HTTP_X_AMZ_COPY_SOURCE" in environ:  # a copy brings no body, so AWS asks it for no checksum
            environ.setdefault("HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM", "CRC32")
        action = _action(environ, key, query)
        if action and self._denied(environ, action, bucket, key):
            return _problem(
                start_response, "403 Forbidden", "AccessDenied", "explicit deny in a resource-based policy"
            )
        if action == "s3:PutObject" and not _intact(environ, raw):
            return _problem(start_response, "400 Bad Request", "BadDigest", "The checksum did not match")
        return list(self._application(environ, start_response))

    def _policy(
        self, environ: dict[str, Any], start_response: Callable[..., Any], bucket: str, raw: bytes
    ) -> Iterable[bytes]:
        """Keep what can be evaluated; refuse the rest instead of ignoring it."""
        if environ["REQUEST_METHOD"] == "DELETE":
            self._policies.pop(bucket, None)
            return list(self._application(environ, start_response))
        policy = json.loads(raw)
        used = {
            operator
            for statement in _listed(policy["Statement"])
            for operator in statement.get("Condition", {})
        }
        if not CONDITIONS.issuperset(used):
            return _problem(
                start_response, "400 Bad Request", "MalformedPolicy", "a condition that is not evaluated here"
            )
        self._policies[bucket] = policy
        return list(self._application(environ, start_response))

    def _denied(self, environ: dict[str, Any], action: str, bucket: str, key: str) -> bool:
        policy = self._policies.get(bucket)
        facts = {
            "aws:securetransport": "true",  # the loopback address
            "s3:if-none-match": environ.get("HTTP_IF_NONE_MATCH"),
            "s3:if-match": environ.get("HTTP_IF_MATCH"),
        }
        if policy is None:
            return False
        resource = f"arn:aws:s3:::{bucket}/{key}"
        bypass = environ.get("HTTP_X_AMZ_BYPASS_GOVERNANCE_RETENTION", "").lower() == "true"
        actions = (action, "s3:BypassGovernanceRetention") if bypass else (action,)
        return any(denies(policy, one, resource, facts) for one in actions)


def _to_s3(environ: Mapping[str, Any]) -> bool:
    return "/s3/aws4_request" in environ.get(
        "HTTP_AUTHORIZATION", ""
    ) or "%2Fs3%2Faws4_request" in environ.get("QUERY_STRING", "")


def _action(environ: Mapping[str, Any], key: str, query: Mapping[str, Any]) -> str | None:
    """The permission that the request needs, of those that the archive's policy names."""
    method = environ["REQUEST_METHOD"]
    if method == "POST" and "delete" in query:
        return "s3:DeleteObject"
    if not key:
        return None
    if method == "PUT" and not _SUBRESOURCES.intersection(query):
        return "s3:PutObject"
    if method == "PUT" and "retention" in query:
        return "s3:PutObjectRetention"
    if method == "DELETE" and not _SUBRESOURCES.intersection(query):
        return "s3:DeleteObjectVersion" if "versionId" in query else "s3:DeleteObject"
    return None


def _intact(environ: Mapping[str, Any], raw: bytes) -> bool:
    if environ.get("HTTP_CONTENT_ENCODING") == "aws-chunked" or "HTTP_X_AMZ_COPY_SOURCE" in environ:
        return True  # framed in chunks with a trailer of its own, which moto takes apart
    for header, digest in DIGESTS.items():
        given = environ.get(header)
        try:
            if given is not None and base64.b64decode(given, validate=True) != digest(raw):
                return False
        except binascii.Error:
            return False
    return True


def apply() -> None:
    """Policies are evaluated here, with their conditions, and nowhere else."""
    replace(FakeBucket, "get_permission", lambda _: lambda *_: PermissionResult.NEUTRAL)
