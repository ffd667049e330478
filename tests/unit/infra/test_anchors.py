"""The log's anchors in a stage: off in every stage as it comes, told to the functions when said, and the daily schedule."""

from dataclasses import replace
from typing import Any

import pytest

from infra.buckets import EDGE, LOG
from infra.functions import environment
from infra.roles import FUNCTIONS_OF, permissions
from infra.stages import load_stage
from infra.synth import synthesise

STAGES = ("local", "dev", "test", "prod")
NAMES = {"ZHENGZHAO_WITNESSES", "ZHENGZHAO_TIMESTAMP_AUTHORITY", "ZHENGZHAO_TIMESTAMP_ROOTS"}


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_comes_without_anchors(name: str) -> None:
    stage = load_stage(name, confirmed=True)
    assert (stage.witnesses, stage.timestamp_authority, stage.timestamp_roots) == ([], "", "")
    assert not NAMES & environment(stage).keys()


def test_anchors_are_told_to_the_functions() -> None:
    stage = replace(
        load_stage("dev"),
        witnesses=["a+0a0b0c0d+eA==@https://a.example", "b+0a0b0c0d+eA==@https://b.example"],
        timestamp_authority="https://tsa.example",
        timestamp_roots="roots.pem",
    )
    told = environment(stage)
    assert told["ZHENGZHAO_WITNESSES"] == ",".join(stage.witnesses)
    assert told["ZHENGZHAO_TIMESTAMP_AUTHORITY"] == "https://tsa.example"
    assert told["ZHENGZHAO_TIMESTAMP_ROOTS"] == "roots.pem"


def test_the_sealer_stamps_five_minutes_after_midnight_in_shenzhen() -> None:
    function: dict[str, Any] = synthesise("dev")["Resources"]["TimestampLogDaily"]["Properties"]
    (event,) = function["Events"].values()
    assert (event["Type"], event["Properties"]["Schedule"]) == ("Schedule", "cron(5 16 * * ? *)")
    assert function["Role"] == {"Fn::GetAtt": ["SealerRole", "Arn"]}
    assert "timestamp_log_daily" in FUNCTIONS_OF["sealer"]


def test_only_the_sealer_puts_timestamps_and_only_under_lock() -> None:
    for role, granted in permissions(load_stage("dev")).items():
        assert ("timestamps/*" in granted.puts.get(LOG, ())) == (role == "sealer")
        assert "timestamps/*" not in granted.puts.get(EDGE, ())
