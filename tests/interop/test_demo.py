"""What `make demo` leaves, in the hands of other people's software: the real thing, signed by the stage's own KMS keys."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.interop.mutations import mutations
from tests.interop.verifiers import (
    PYTHON_VERIFIERS,
    Presented,
    by_node,
    certvalidator_accepts_chain,
    openssl_accepts_chain,
)
from tests.unit.verification.forge import authority

PROJECT = Path(__file__).resolve().parents[2]


def test_every_step_of_the_story_held(demo: Path) -> None:
    steps = json.loads((demo / "story.json").read_text())
    assert len(steps) >= 23
    assert all(step["ok"] for step in steps)


def test_the_files_that_a_stranger_would_hold_are_there(demo: Path) -> None:
    names = {
        "certificate.sd-jwt",
        "roots.pem",
        "type-metadata.json",
        "status-list.jwt",
        "status-list-after.jwt",
        "crl.der",
        "log",
        "log.vkey",
        "entry.json",
        "entry.proof.json",
    }
    assert names <= {path.name for path in demo.iterdir()}


@pytest.mark.parametrize("name", sorted(PYTHON_VERIFIERS))
def test_a_python_verifier_accepts_it_and_refuses_every_mutation(demo: Path, name: str) -> None:
    credential, roots = (demo / "certificate.sd-jwt").read_text(), (demo / "roots.pem").read_bytes()
    assert PYTHON_VERIFIERS[name](credential, roots)
    for what, mutated in mutations(credential):
        assert not PYTHON_VERIFIERS[name](mutated, roots), what


@pytest.mark.needs_openssl
def test_openssl_accepts_the_chain_and_no_other_root(demo: Path) -> None:
    credential, now = (demo / "certificate.sd-jwt").read_text(), datetime.now(UTC)
    crl = x509.load_der_x509_crl((demo / "crl.der").read_bytes()).public_bytes(Encoding.PEM)
    assert openssl_accepts_chain(credential, (demo / "roots.pem").read_bytes(), now, crl)
    assert not openssl_accepts_chain(credential, authority().pem, now)


def test_certvalidator_accepts_the_chain_and_no_other_root(demo: Path) -> None:
    credential, now = (demo / "certificate.sd-jwt").read_text(), datetime.now(UTC)
    assert certvalidator_accepts_chain(credential, (demo / "roots.pem").read_bytes(), now)
    assert not certvalidator_accepts_chain(credential, authority().pem, now)


@pytest.mark.parametrize(
    ("status_list", "code", "verdict"),
    [("status-list.jwt", 0, "genuine"), ("status-list-after.jwt", 1, "revoked")],
)
def test_the_command_line_tells_before_from_after(
    demo: Path, status_list: str, code: int, verdict: str
) -> None:
    command = [
        sys.executable, "-m", "cli", "verify", str(demo / "certificate.sd-jwt"), "--roots", str(demo / "roots.pem"),
        "--status-list", str(demo / status_list), "--crl", str(demo / "crl.der"),
        "--type-metadata", str(demo / "type-metadata.json"), "--json",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert f'"{verdict}"' in done.stdout


@pytest.mark.needs_node
def test_node_accepts_it_and_refuses_every_mutation_and_the_revoked(demo: Path) -> None:
    credential = (demo / "certificate.sd-jwt").read_text()

    def presented(text: str, status_list: str = "status-list.jwt") -> Presented:
        return Presented(
            credential=text,
            roots=(demo / "roots.pem").read_text(),
            now=int(datetime.now(UTC).timestamp()),
            statusList=(demo / status_list).read_text(),
            metadata=(demo / "type-metadata.json").read_text(),
        )

    mutated = dict(mutations(credential))
    answers = by_node(
        [
            presented(credential),
            *map(presented, mutated.values()),
            presented(credential, "status-list-after.jwt"),
        ]
    )
    assert answers[0].accepted, answers[0].reason
    assert [what for what, answer in zip(mutated, answers[1:-1], strict=True) if answer.accepted] == []
    assert not answers[-1].accepted


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_the_readmes_commands_do_what_they_say(demo: Path, readme: str) -> None:
    text = (PROJECT / readme).read_text(encoding="utf-8")
    blocks = [one for one in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if ".venv/bin/zhengzhao" in one]
    assert len(blocks) == 2
    for block in blocks:
        # As in a checkout: the commands say `.venv/bin/…` and `.local/demo/…`.
        here = block.replace(".venv/bin/zhengzhao", "PYTHON -m cli").replace(".venv/bin/python", "PYTHON")
        here = here.replace("PYTHON", sys.executable)
        script = "set -eu\n" + here.replace(".local/demo/", f"{demo}/")
        done = subprocess.run(["bash", "-c", script], cwd=PROJECT, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
