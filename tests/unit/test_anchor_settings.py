"""The log's anchors as a stage is told of them: off unless said, and a wrong word stops the function at once."""

import logging
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from chalicelib.audit.checkpoint import Checkpoint
from chalicelib.audit.merkle import EMPTY_ROOT
from chalicelib.bootstrap import Container
from chalicelib.settings import MissingSetting, Settings
from infra.functions import environment
from infra.stages import load_stage
from tests.fakes.ambient import NOON
from tests.fakes.log import ORIGIN, LocalLogSigner
from tests.fakes.timestamping import LocalTimestamps
from tests.fakes.witness import LocalWitness

WITNESS = f"{LocalWitness({}).key}@https://witness.example"
SAID = {
    name: value if isinstance(value, str) else "x" for name, value in environment(load_stage("local")).items()
}


def test_they_are_off_unless_said() -> None:
    settings = Settings.read(SAID)
    assert (settings.witnesses, settings.timestamp_authority, settings.timestamp_roots) == ((), "", "")


def test_witnesses_are_read_and_checked() -> None:
    (one,) = Settings.read({**SAID, "ZHENGZHAO_WITNESSES": WITNESS}).witnesses
    assert one.url == "https://witness.example"
    with pytest.raises(ValueError, match="not a witness"):
        Settings.read({**SAID, "ZHENGZHAO_WITNESSES": "https://witness.example"})
    with pytest.raises(MissingSetting):
        Settings.read({**SAID, "ZHENGZHAO_LOG_ORIGIN": ""})


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> type[Container]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert os.environ["AWS_DEFAULT_REGION"]
    return Container


@pytest.mark.needs_openssl
def test_the_log_is_wired_without_and_with_an_authority(container: type[Container], tmp_path: Path) -> None:
    assert container(Settings.read(SAID)).log.timestamps is None
    root = LocalTimestamps(tmp_path / "tsa").root.public_bytes(Encoding.PEM).decode()
    address = {**SAID, "ZHENGZHAO_TIMESTAMP_AUTHORITY": "https://tsa.example/tsr"}
    said = {**address, "ZHENGZHAO_TIMESTAMP_ROOTS": root}
    assert container(Settings.read(said)).log.timestamps is not None
    with pytest.raises(ValueError, match="proves nothing"):
        _ = container(Settings.read(address)).log


class Ear(logging.Handler):
    """Keeps what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record)


def test_an_anchor_that_failed_is_told_to_the_operators(container: type[Container]) -> None:
    dead = f"{LocalWitness({}, 'dead.example/w').key}@http://127.0.0.1:1"
    log = container(Settings.read({**SAID, "ZHENGZHAO_WITNESSES": dead})).log
    note = LocalLogSigner().sign(Checkpoint(ORIGIN, 0, EMPTY_ROOT), NOON)
    ear = Ear()
    logging.getLogger("zhengzhao").addHandler(ear)
    assert log.witnesses.cosigned(note, 0, lambda _: []).note == note
    logging.getLogger("zhengzhao").removeHandler(ear)
    (record,) = ear.heard
    assert record.levelname == "WARNING"
    assert vars(record)["code"] == "anchor_unavailable"
    assert (vars(record)["anchor"], vars(record)["why"]) == ("dead.example/w", "ConnectionRefusedError")
