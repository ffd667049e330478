"""The archive: Object Lock, versions, one key, and a policy under which nothing is overwritten or removed."""

from typing import Any, Final

from infra.stages import Stage

RETENTION_YEARS: Final = 20  # art. 21
ARCHIVE: Final = "ArchiveBucket"


def archive_name(stage: Stage) -> dict[str, str]:
    """Globally unique by the account's number."""
    return {"Fn::Sub": f"{stage.physical('archive')}-${{AWS::AccountId}}"}


def buckets(stage: Stage) -> dict[str, Any]:
    """The bucket and its policy as resources."""
    return {ARCHIVE: _archive(stage), "ArchiveBucketPolicy": _policy()}


def _archive(stage: Stage) -> dict[str, Any]:
    retention = {"Mode": stage.archive_mode, "Years": RETENTION_YEARS}
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["DataKey", "Arn"]}}
    return {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "BucketName": archive_name(stage),
            "ObjectLockEnabled": True,
            "ObjectLockConfiguration": {
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": retention},
            },
            "VersioningConfiguration": {"Status": "Enabled"},
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
        },
    }


def _deny(sid: str, actions: list[str], condition: dict[str, Any] | None = None) -> dict[str, Any]:
    bucket: dict[str, Any] = {"Fn::GetAtt": [ARCHIVE, "Arn"]}
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": [bucket, {"Fn::Sub": f"${{{ARCHIVE}.Arn}}/*"}],
    }
    return {**statement, "Condition": condition} if condition else statement


def _policy() -> dict[str, Any]:
    """For everybody, the account's owner included, for as long as the policy stands; the lock stands beyond it."""
    statements = [
        _deny("OnlyOverTls", ["s3:*"], {"Bool": {"aws:SecureTransport": "false"}}),
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
        _deny("NeverOverwrite", ["s3:PutObject"], {"Null": {"s3:if-none-match": "true"}}),
        _deny("NeverRemove", ["s3:DeleteObject", "s3:DeleteObjectVersion"]),
        _deny("NeverBypass", ["s3:BypassGovernanceRetention"]),
    ]
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": ARCHIVE},
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        },
    }
