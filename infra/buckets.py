"""Three buckets: the archive and the log under Object Lock, and the log's edge, where what still grows lies.

Under the policy of the locked two nothing is overwritten or removed.
"""

from typing import Any, Final

from infra.stages import Stage

RETENTION_YEARS: Final = 20  # art. 21
STAGING_DAYS: Final = 30
ARCHIVE: Final = "ArchiveBucket"
LOG: Final = "LogBucket"
EDGE: Final = "EdgeBucket"
NAMES: Final = {ARCHIVE: "archive", LOG: "log", EDGE: "log-edge"}
LOCKED: Final = (ARCHIVE, LOG)


def bucket_name(stage: Stage, bucket: str) -> dict[str, str]:
    """Globally unique by the account's number."""
    return {"Fn::Sub": f"{stage.physical(NAMES[bucket])}-${{AWS::AccountId}}"}


def buckets(stage: Stage) -> dict[str, Any]:
    """The buckets and their policies as resources."""
    locked = {name: _bucket(stage, name, _locking(stage)) for name in LOCKED}
    policies = {f"{name}Policy": _policy(name) for name in NAMES}
    return {**locked, EDGE: _bucket(stage, EDGE, _growing()), **policies}


def _locking(stage: Stage) -> dict[str, Any]:
    retention = {"Mode": stage.archive_mode, "Years": RETENTION_YEARS}
    return {
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": retention},
        },
        "VersioningConfiguration": {"Status": "Enabled"},
    }


def _growing() -> dict[str, Any]:
    """A default retention would lock what must be replaced; what was staged and came to nothing goes after a month."""
    expiring = {"Id": "Staging", "Status": "Enabled", "Prefix": "staging/", "ExpirationInDays": STAGING_DAYS}
    return {"LifecycleConfiguration": {"Rules": [expiring]}}


def _bucket(stage: Stage, name: str, more: dict[str, Any]) -> dict[str, Any]:
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["DataKey", "Arn"]}}
    return {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "BucketName": bucket_name(stage, name),
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}
                ]
            },
            **more,
        },
    }


def _deny(
    bucket: str, sid: str, actions: list[str], condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    arn: dict[str, Any] = {"Fn::GetAtt": [bucket, "Arn"]}
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": [arn, {"Fn::Sub": f"${{{bucket}.Arn}}/*"}],
    }
    return {**statement, "Condition": condition} if condition else statement


def _policy(bucket: str) -> dict[str, Any]:
    """For everybody, the account's owner included, for as long as the policy stands; the lock stands beyond it."""
    statements = [_deny(bucket, "OnlyOverTls", ["s3:*"], {"Bool": {"aws:SecureTransport": "false"}})]
    if bucket in LOCKED:
        statements += [
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
            _deny(bucket, "NeverOverwrite", ["s3:PutObject"], {"Null": {"s3:if-none-match": "true"}}),
            _deny(bucket, "NeverRemove", ["s3:DeleteObject", "s3:DeleteObjectVersion"]),
            _deny(bucket, "NeverBypass", ["s3:BypassGovernanceRetention"]),
        ]
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": bucket},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        },
    }
