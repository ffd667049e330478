"""Create a stage's data plane in a local AWS, from the very template that a stage is deployed from.

moto's CloudFormation covers only part of what the template says, so each kind of resource is made with its own API. What
is not data (functions, roles, logs, the API, backups, Athena) is named in `ELSEWHERE`: the gateway and `functions` play its part here.
Loading twice changes nothing.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.exceptions import ClientError

from local_aws.resolve import Resolver
from local_aws.triggers import EventSource

REGION: Final = "us-east-1"
ELSEWHERE: Final = frozenset(
    {
        "AWS::Athena::NamedQuery",
        "AWS::Athena::WorkGroup",
        "AWS::Backup::BackupPlan",
        "AWS::Backup::BackupSelection",
        "AWS::Backup::BackupVault",
        "AWS::Glue::Database",
        "AWS::Glue::Table",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::Serverless::Api",
        "AWS::Serverless::Function",
    }
)
# In the order in which one needs the other.
ORDER: Final = (
    "AWS::KMS::Key",
    "AWS::KMS::Alias",
    "AWS::SQS::Queue",
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
)


@dataclass(frozen=True, slots=True)
class LoadedStage:
    """What was made: each function's environment, its event sources, the gateway's own answers."""

    resolver: Resolver
    environment: dict[str, str]
    event_sources: tuple[EventSource, ...]
    gateway_responses: dict[str, Any]


def _patterns(said: dict[str, Any]) -> tuple[dict[str, list[str]], ...]:
    """The filters of an event source: top-level members and the values that each may have."""
    filters = said.get("FilterCriteria", {}).get("Filters", [])
    return tuple(json.loads(one["Pattern"]) for one in filters)


class UnknownResource(RuntimeError):
    """The template has a kind of resource that nobody makes here."""


def load(template: dict[str, Any], endpoint_url: str, region: str = REGION) -> LoadedStage:
    """Make everything, and say what the functions are to be told."""
    return Loader(endpoint_url, region).load(template["Resources"])


class Loader:
    """Makes one template's resources at one endpoint."""

    def __init__(self, endpoint_url: str, region: str) -> None:
        def client(service: str) -> Any:
            return boto3.client(service, endpoint_url=endpoint_url, region_name=region)  # type: ignore[call-overload]  # the service is named at run time

        self._kms, self._sqs = client("kms"), client("sqs")
        self._dynamodb, self._s3 = client("dynamodb"), client("s3")
        account = client("sts").get_caller_identity()["Account"]
        pseudo = {
            "AWS::AccountId": account,
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
        }
        self.resolver = Resolver(pseudo)

    def load(self, resources: dict[str, Any]) -> LoadedStage:
        """Make what `ORDER` names, then the policies that refer to it."""
        makers = {
            "AWS::KMS::Key": self._key,
            "AWS::KMS::Alias": self._alias,
            "AWS::SQS::Queue": self._queue,
            "AWS::DynamoDB::Table": self._table,
            "AWS::S3::Bucket": self._bucket,
            "AWS::S3::BucketPolicy": self._bucket_policy,
        }
        strange = {one["Type"] for one in resources.values()} - set(makers) - ELSEWHERE
        if strange:
            raise UnknownResource(", ".join(sorted(strange)))
        self._aliases = {
            one["Properties"]["TargetKeyId"]["Ref"]: one["Properties"]["AliasName"]
            for one in resources.values()
            if one["Type"] == "AWS::KMS::Alias"
        }
        for kind in (*ORDER, "AWS::S3::BucketPolicy"):
            for name, one in resources.items():
                if one["Type"] == kind:
                    makers[kind](name, one["Properties"])
        return self._loaded(resources)

    def _loaded(self, resources: dict[str, Any]) -> LoadedStage:
        functions = {
            name: one for name, one in resources.items() if one["Type"] == "AWS::Serverless::Function"
        }
        variables = functions["APIHandler"]["Properties"]["Environment"]["Variables"]
        sources = [source for one in functions.values() for source in self._events(one["Properties"])]
        definition = resources["RestAPI"]["Properties"]["DefinitionBody"]
        return LoadedStage(
            resolver=self.resolver,
            environment={name: str(self.resolver.resolve(value)) for name, value in variables.items()},
            event_sources=tuple(sources),
            gateway_responses=definition["x-amazon-apigateway-gateway-responses"],
        )

    def _events(self, function: dict[str, Any]) -> list[EventSource]:
        found = []
        handler = str(function["Handler"]).removeprefix("app.")
        for event in function.get("Events", {}).values():
            said = self.resolver.resolve(event["Properties"])
            destination = said.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
            found.append(
                EventSource(
                    function=handler,
                    stream_arn=said.get("Stream"),
                    expression=said.get("Schedule"),
                    input=said.get("Input"),
                    batch_size=int(said.get("BatchSize", 100)),
                    patterns=_patterns(said),
                    retries=int(said.get("MaximumRetryAttempts", 3)),
                    dead_letters=self.resolver.references.get(str(destination)) if destination else None,
                )
            )
        return found

    # -- one maker a kind

    def _key(self, name: str, said: dict[str, Any]) -> None:
        try:
            found = self._kms.describe_key(KeyId=self._aliases[name])["KeyMetadata"]
        except ClientError:
            found = self._kms.create_key(
                KeySpec=said.get("KeySpec", "SYMMETRIC_DEFAULT"),
                KeyUsage=said.get("KeyUsage", "ENCRYPT_DECRYPT"),
                Description=said["Description"],
            )["KeyMetadata"]
        self.resolver.references[name] = found["KeyId"]
        self.resolver.attributes[name, "Arn"] = found["Arn"]

    def _alias(self, _: str, said: dict[str, Any]) -> None:
        try:
            self._kms.create_alias(
                AliasName=said["AliasName"], TargetKeyId=self.resolver.resolve(said["TargetKeyId"])
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "AlreadyExistsException":
                raise

    def _queue(self, name: str, said: dict[str, Any]) -> None:
        attributes = {"MessageRetentionPeriod": str(said["MessageRetentionPeriod"])}
        url = self._sqs.create_queue(QueueName=said["QueueName"], Attributes=attributes)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        self.resolver.references[name] = self.resolver.references[arn] = url
        self.resolver.attributes[name, "Arn"] = arn

    def _table(self, name: str, said: dict[str, Any]) -> None:
        table, sse = said["TableName"], self.resolver.resolve(said["SSESpecification"])
        request = {
            "TableName": table,
            "BillingMode": said["BillingMode"],
            "AttributeDefinitions": said["AttributeDefinitions"],
            "KeySchema": said["KeySchema"],
            "DeletionProtectionEnabled": said["DeletionProtectionEnabled"],
            "SSESpecification": {
                "Enabled": sse["SSEEnabled"],
                "SSEType": "KMS",
                "KMSMasterKeyId": sse["KMSMasterKeyId"],
            },
        }
        if "GlobalSecondaryIndexes" in said:
            request["GlobalSecondaryIndexes"] = said["GlobalSecondaryIndexes"]
        if "StreamSpecification" in said:
            request["StreamSpecification"] = {"StreamEnabled": True, **said["StreamSpecification"]}
        try:
            self._dynamodb.create_table(**request)
            self._dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
            self._table_extras(table, said)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceInUseException":
                raise
        made = self._dynamodb.describe_table(TableName=table)["Table"]
        self.resolver.references[name] = table
        self.resolver.attributes[name, "Arn"] = made["TableArn"]
        if "LatestStreamArn" in made:
            self.resolver.attributes[name, "StreamArn"] = made["LatestStreamArn"]

    def _table_extras(self, table: str, said: dict[str, Any]) -> None:
        self._dynamodb.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification=said["PointInTimeRecoverySpecification"]
        )
        if "TimeToLiveSpecification" in said:
            self._dynamodb.update_time_to_live(
                TableName=table, TimeToLiveSpecification=said["TimeToLiveSpecification"]
            )

    def _bucket(self, name: str, said: dict[str, Any]) -> None:
        bucket = self.resolver.resolve(said["BucketName"])
        self.resolver.references[name] = bucket
        self.resolver.attributes[name, "Arn"] = f"arn:aws:s3:::{bucket}"
        try:
            self._s3.head_bucket(Bucket=bucket)
        except ClientError:
            locked = said.get("ObjectLockEnabled", False)
            self._s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=locked)
            self._bucket_extras(bucket, said)

    def _bucket_extras(self, bucket: str, said: dict[str, Any]) -> None:
        if "ObjectLockConfiguration" in said:
            self._s3.put_object_lock_configuration(
                Bucket=bucket, ObjectLockConfiguration=said["ObjectLockConfiguration"]
            )
        self._s3.put_public_access_block(
            Bucket=bucket, PublicAccessBlockConfiguration=said["PublicAccessBlockConfiguration"]
        )
        rules = self.resolver.resolve(said["BucketEncryption"]["ServerSideEncryptionConfiguration"])
        for rule in rules:
            rule["ApplyServerSideEncryptionByDefault"] = rule.pop("ServerSideEncryptionByDefault")
        self._s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})

    def _bucket_policy(self, _: str, said: dict[str, Any]) -> None:
        policy = json.dumps(self.resolver.resolve(said["PolicyDocument"]))
        self._s3.put_bucket_policy(Bucket=self.resolver.resolve(said["Bucket"]), Policy=policy)
