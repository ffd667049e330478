"""A copy of a stage's log in a folder, as `aws s3 sync` of its two buckets would make it: what an auditor takes home."""

from pathlib import Path
from typing import Any

import boto3

LEFT_OUT = ("staging/", "personal/")  # what is no part of the log


def copy_log(environment: dict[str, str], folder: Path, prefixes: tuple[str, ...] = ("",)) -> int:
    """Copy what lies under the prefixes; how many objects."""
    s3, count = boto3.client("s3"), 0
    for bucket in (environment["ZHENGZHAO_LOG_BUCKET"], environment["ZHENGZHAO_EDGE_BUCKET"]):
        for prefix in prefixes:
            count += _copy(s3, bucket, prefix, folder)
    return count


def _copy(s3: Any, bucket: str, prefix: str, folder: Path) -> int:
    count = 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for one in page.get("Contents", []):
            if not one["Key"].startswith(LEFT_OUT):
                path = folder / one["Key"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read())
                count += 1
    return count
