"""The only place that builds clients and wires adapters to ports: the composition root.

Nothing is built at import; each process builds each thing once, on first use. boto3 honours AWS_ENDPOINT_URL and
AWS_ENDPOINT_URL_<SERVICE>, so any implementation of the services can stand behind the same code.
"""

from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cryptography import x509

from chalicelib.adapters.dynamo_items import Items
from chalicelib.adapters.dynamo_journal import DynamoJournal
from chalicelib.adapters.dynamo_outbox import DynamoOutbox
from chalicelib.adapters.dynamo_stores import (
    DynamoCatalogStore,
    DynamoCertificateStore,
    DynamoRegistry,
    DynamoStatusStore,
)
from chalicelib.adapters.dynamo_transfers import DynamoTransferStore
from chalicelib.adapters.http_witness import HttpWitnesses
from chalicelib.adapters.keyring import Keyring
from chalicelib.adapters.kms_log_signer import KmsLogSigner
from chalicelib.adapters.kms_signer import KmsSigner
from chalicelib.adapters.lambda_issuer import LambdaIssuer
from chalicelib.adapters.oidc_issuer import OidcIssuer
from chalicelib.adapters.s3_archive import S3Archive
from chalicelib.adapters.s3_log_store import S3LogStore
from chalicelib.adapters.s3_packages import S3Packages
from chalicelib.adapters.s3_texts import S3Texts
from chalicelib.adapters.sealing import HmacBlindIndex, Sealer, Unwrapped
from chalicelib.adapters.side_by_side import side_by_side
from chalicelib.adapters.system import SystemClock, SystemEntropy
from chalicelib.audit.anchors import AnchorFailed, TimestampAuthority
from chalicelib.kernel.errors import Unauthenticated
from chalicelib.logs import log as operating_log
from chalicelib.settings import Settings
from chalicelib.signing.access_token import read_token
from chalicelib.signing.jose import thumbprint
from chalicelib.transfers.record import PART_SIZE
from chalicelib.units.model import Caller, caller_of
from chalicelib.units.trust import PLATFORM, is_root
from chalicelib.usecases.platform import LogPorts, Platform, TransferPorts
from chalicelib.verification.verifier import Verifier

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client

POOL: Final = 64
TRUST_KEPT: Final = timedelta(minutes=1)
API_TIMEOUT: Final = 29  # API Gateway's own limit: waiting longer answers nobody


def _authority(url: str, roots: str) -> TimestampAuthority | None:
    """Only what is configured is imported: its library costs a cold start."""
    if not url:
        return None
    from chalicelib.adapters.rfc3161_authority import parse_authority

    return parse_authority(url, roots)


def _report(failure: AnchorFailed) -> None:
    """For operators: which anchor, and why. Sealing goes on."""
    operating_log().warning("anchor failed", code=failure.code, anchor=failure.facts[0], why=failure.facts[1])


def _config(read_timeout: float = 5, attempts: int = 4, signature_version: str | None = None) -> "Config":
    from botocore.config import Config

    return Config(
        signature_version=signature_version,
        connect_timeout=2,
        read_timeout=read_timeout,
        retries={"mode": "standard", "max_attempts": attempts},
        max_pool_connections=POOL,
    )


class Container:
    """One process's adapters. `platform` is what use cases are handed."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._given = settings
        self._trust: tuple[datetime, Verifier, bytes | None] | None = None

    @cached_property
    def settings(self) -> Settings:
        """The stage's settings, read once."""
        return self._given or Settings.read()

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        """The DynamoDB client."""
        import boto3

        return boto3.client("dynamodb", config=_config())

    @cached_property
    def kms(self) -> "KMSClient":
        """The KMS client."""
        import boto3

        return boto3.client("kms", config=_config())

    @cached_property
    def s3(self) -> "S3Client":
        """The S3 client."""
        import boto3

        return boto3.client("s3", config=_config(read_timeout=10))

    @cached_property
    def functions(self) -> "LambdaClient":
        """The Lambda client. One attempt: the callee's own idempotency decides about retries, the caller's key."""
        import boto3

        return boto3.client("lambda", config=_config(read_timeout=API_TIMEOUT, attempts=1))

    @cached_property
    def clock(self) -> SystemClock:
        """The machine's clock."""
        return SystemClock()

    @cached_property
    def keyring(self) -> Keyring:
        """The wrapped secrets."""
        keys = {"holder-index": self.settings.key_index, "fields": self.settings.key_data}
        return Keyring(self.kms, self.s3, self.settings.archive_bucket, keys)

    @cached_property
    def sealer(self) -> Sealer:
        """Seals and unseals personal fields."""
        return Sealer(Unwrapped(lambda: self.keyring.unwrap("fields"), self.clock))

    @cached_property
    def archive(self) -> S3Archive:
        """The locked bucket."""
        return S3Archive(self.s3, self.settings.archive_bucket, self.settings.archive_mode)

    @cached_property
    def issuer(self) -> LambdaIssuer:
        """The function that alone may sign with units' keys."""
        return LambdaIssuer(self.functions, self.settings.function_issuer)

    def caller(self, authorization: str | None) -> Caller:
        """Who the bearer token says is calling; Unauthenticated otherwise. No call once the public keys are here."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("token_missing")
        signer, tokens = self.platform.signer, self.settings.keys.token
        keys = {thumbprint(key): key for key in (signer.public_key(name) for name in tokens)}
        return caller_of(read_token(token.strip(), keys, self.settings.base_url, self.clock.now()))

    def trust(self) -> tuple[Verifier, bytes | None]:
        """A verifier of the stage's own roots with the CRL in force, both looked up anew once a minute."""
        now = self.clock.now()
        if self._trust is None or now - self._trust[0] > TRUST_KEPT:
            registry = self.platform.registry
            roots = [one for one in registry.certificates(PLATFORM) if is_root(one)]
            crl = registry.crl()
            verifier = Verifier([x509.load_der_x509_certificate(one.der) for one in roots])
            self._trust = (now, verifier, crl[1] if crl else None)
        return self._trust[1], self._trust[2]

    @cached_property
    def log(self) -> LogPorts:
        """The log's own ports."""
        said = self.settings
        return LogPorts(
            origin=said.log_origin,
            outbox=DynamoOutbox(self.dynamodb, said.tables),
            store=S3LogStore(self.s3, said.log_bucket, said.edge_bucket, said.archive_mode),
            signer=KmsLogSigner(self.kms, said.log_origin, said.key_log, said.key_log_ml_dsa),
            witnesses=HttpWitnesses(said.witnesses, report=_report),
            timestamps=_authority(said.timestamp_authority, said.timestamp_roots),
        )

    @cached_property
    def packages_s3(self) -> "S3Client":
        """The S3 client for packages: a put of gigabytes is answered when S3 has them all."""
        import boto3

        return boto3.client("s3", config=_config(read_timeout=120, signature_version="s3v4"))

    @cached_property
    def transfers(self) -> TransferPorts:
        """The hand-over's own ports."""
        said = self.settings
        store = DynamoTransferStore(self.dynamodb, said.tables, self.sealer)
        packages = S3Packages(lambda: self.packages_s3, said.archive_bucket, said.archive_mode)
        return TransferPorts(store, packages, side_by_side, PART_SIZE)

    @cached_property
    def platform(self) -> Platform:
        """Every port, wired."""
        settings, tables = self.settings, self.settings.tables
        return Platform(
            base_url=settings.base_url,
            keys=settings.keys,
            clock=self.clock,
            entropy=SystemEntropy(),
            signer=KmsSigner(self.kms),
            journal=DynamoJournal(self.dynamodb, Items(tables, self.sealer, self.clock.now)),
            registry=DynamoRegistry(self.dynamodb, tables),
            catalog=DynamoCatalogStore(self.dynamodb, tables),
            certificates=DynamoCertificateStore(self.dynamodb, tables, self.sealer),
            blind_index=HmacBlindIndex(Unwrapped(lambda: self.keyring.unwrap("holder-index"), self.clock)),
            statuses=DynamoStatusStore(self.dynamodb, tables),
            archive=self.archive,
            staff=OidcIssuer(settings.oidc_issuer, settings.oidc_audience),
            log=self.log,
            transfers=self.transfers,
            texts=S3Texts(self.s3, settings.edge_bucket, self.sealer),
        )
