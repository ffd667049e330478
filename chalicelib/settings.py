"""The only place that reads the environment. What a stage's functions are told, in one frozen value."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from chalicelib.adapters.dynamo_items import Tables
from chalicelib.adapters.http_witness import WitnessConfig, parse_witnesses
from chalicelib.adapters.s3_archive import Mode
from chalicelib.usecases.platform import Keys

PREFIX = "ZHENGZHAO_"


class MissingSetting(RuntimeError):
    """A variable that the stage's template should have set is not there."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A stage as its functions see it; each variable is `ZHENGZHAO_` and the name below in capitals.

    Those with a default may be absent: the anchors of the log, which are off then.
    """

    stage: str
    base_url: str
    tables: Tables
    archive_bucket: str
    archive_mode: Mode
    log_bucket: str
    edge_bucket: str
    log_origin: str
    keys: Keys
    key_index: str
    key_data: str
    key_log: str
    key_log_ml_dsa: str
    function_issuer: str
    oidc_issuer: str
    oidc_audience: str
    witnesses: tuple[WitnessConfig, ...] = ()
    timestamp_authority: str = ""
    timestamp_roots: str = ""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read and check everything at once: a function with half its settings must not start.

        MissingSetting; ValueError for witnesses that are none.
        """

        def get(name: str) -> str:
            value = environment.get(PREFIX + name)
            if not value:
                raise MissingSetting(PREFIX + name)
            return value

        names = ("CERTIFICATES", "CATALOG", "UNITS", "LOG", "REQUESTS", "STATUS", "SEALING", "TRANSFERS")
        return cls(
            stage=get("STAGE"),
            base_url=get("BASE_URL").rstrip("/"),
            tables=Tables(*(get(f"TABLE_{name}") for name in names)),
            archive_bucket=get("ARCHIVE_BUCKET"),
            archive_mode=_mode(get("ARCHIVE_MODE")),
            log_bucket=get("LOG_BUCKET"),
            edge_bucket=get("EDGE_BUCKET"),
            log_origin=get("LOG_ORIGIN"),
            keys=Keys(get("KEY_ROOT"), tuple(get("KEY_TOKEN").split(",")), get("KEY_STATUS")),
            key_index=get("KEY_INDEX"),
            key_data=get("KEY_DATA"),
            key_log=get("KEY_LOG"),
            key_log_ml_dsa=get("KEY_LOG_ML_DSA"),
            function_issuer=get("FUNCTION_ISSUER"),
            oidc_issuer=get("OIDC_ISSUER"),
            oidc_audience=get("OIDC_AUDIENCE"),
            witnesses=parse_witnesses(environment.get(PREFIX + "WITNESSES", "")),
            timestamp_authority=environment.get(PREFIX + "TIMESTAMP_AUTHORITY", ""),
            timestamp_roots=environment.get(PREFIX + "TIMESTAMP_ROOTS", ""),
        )


def _mode(text: str) -> Mode:
    if text == "COMPLIANCE":
        return "COMPLIANCE"
    if text == "GOVERNANCE":
        return "GOVERNANCE"
    raise MissingSetting(PREFIX + "ARCHIVE_MODE")
