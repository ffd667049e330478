"""S3 Object Lock: a lock gets longer or stays; what is locked is not deleted, by anybody.

AWS (user guide, "Object Lock considerations", "Managing Object Lock"):
- COMPLIANCE retention cannot be shortened, removed or weakened to GOVERNANCE by any user, the root user included.
- GOVERNANCE retention can be changed only with s3:BypassGovernanceRetention and the bypass header.
- The default retention applies to every new version: put, copy and multipart upload.
- GetObjectRetention answers for defaulted objects as for explicit ones.
moto 5.2.5 lets any retention be replaced, gives 500 on reading a default, and forgets it for multipart and copies.
"""

from datetime import UTC, datetime
from typing import Any, Final

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeKey, S3Backend
from moto.s3.responses import S3Response

from local_aws.emulator.corrections.replacing import replace

MODES: Final = frozenset({"GOVERNANCE", "COMPLIANCE"})


class NoSuchRetention(S3ClientError):
    """What S3 answers for an object without retention."""

    code: Any = 404

    def __init__(self) -> None:
        super().__init__(
            "NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration"
        )


class Locked(S3ClientError):
    """What S3 answers to whoever touches a lock."""

    code: Any = 403

    def __init__(self) -> None:
        super().__init__("AccessDenied", "Access Denied because object protected by object lock.")


class BadRetention(S3ClientError):
    """A retention that makes no sense."""

    code: Any = 400

    def __init__(self, message: str) -> None:
        super().__init__("InvalidArgument", message)


def _moment(text: str | None) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC) if text else datetime.min.replace(tzinfo=UTC)


def _admit(key: Any, mode: str | None, until: str | None, *, bypass: bool) -> None:
    """Raise unless the key's retention may become this one."""
    if mode is not None and (mode not in MODES or not until or _moment(until) <= datetime.now(UTC)):
        raise BadRetention("The retain until date must be in the future!")
    held, ends = key.lock_mode, _moment(key.lock_until)
    if held not in MODES or ends <= datetime.now(UTC):
        return
    weaker = mode is None or _moment(until) < ends or (held == "COMPLIANCE" and mode != "COMPLIANCE")
    if weaker and not (held == "GOVERNANCE" and bypass):
        raise Locked


def _put_retention(original: Any) -> Any:
    def put_object_retention(response: Any) -> Any:
        mode, until = response._mode_until_from_body()  # noqa: SLF001  # moto's own parser
        version = response._get_param("versionId")  # noqa: SLF001  # moto's own accessor
        key = response.backend.get_object(response.bucket_name, response.parse_key_name(), version_id=version)
        if key is not None:
            bypass = response.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
            _admit(key, mode, until, bypass=bypass)
        return original(response)

    return put_object_retention


def _get_key(original: Any) -> Any:
    def get(response: Any, query: dict[str, Any], key_name: str) -> Any:
        if "retention" not in query:
            return original(response, query, key_name)
        version = response._get_param("versionId")  # noqa: SLF001  # moto's own accessor
        key = response.backend.get_object(response.bucket_name, key_name, version_id=version)
        if key is None or not isinstance(key, FakeKey) or not key.lock_mode:
            raise NoSuchRetention
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<Retention xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Mode>{key.lock_mode}</Mode><RetainUntilDate>{key.lock_until}</RetainUntilDate></Retention>"
        )
        return 200, {"Content-Type": "application/xml"}, body

    return get


def _defaulted(original: Any) -> Any:
    """Whatever way a version came, it has the bucket's retention unless it brought its own."""

    def put_object(backend: Any, bucket_name: str, *arguments: Any, **named: Any) -> Any:
        key = original(backend, bucket_name, *arguments, **named)
        bucket = backend.get_bucket(bucket_name)
        if bucket.object_lock_enabled and bucket.has_default_lock and not key.lock_mode:
            key.lock_mode, key.lock_until = bucket.default_lock_mode, bucket.default_retention()
        return key

    return put_object


def apply() -> None:
    """Put the corrections over moto's handlers."""
    replace(S3Response, "put_object_retention", _put_retention)
    replace(S3Response, "_key_response_get", _get_key)
    replace(S3Backend, "put_object", _defaulted)
