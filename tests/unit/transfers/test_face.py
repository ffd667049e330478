"""The face: the template filled with what the credential says, and nothing else."""

from dataclasses import replace

import pytest

from chalicelib.kernel.encoding import Json
from chalicelib.transfers.face import render, shown
from chalicelib.transfers.model import NotTransferable
from tests.fakes.records import ENTRY
from tests.unit.transfers.workshop import SAID


def face(template: str, **changes: object) -> str:
    claims = {**SAID, **changes}
    said = {name: value for name, value in claims.items() if value is not ...}
    return render(replace(ENTRY, face_template=template), said)  # type: ignore[arg-type]  # JSON values


def test_a_face_says_what_the_credential_says() -> None:
    assert face("{certificate_name}\n项目 {items}") == "食品经营许可证\n项目 热食类食品制售、冷食类食品制售\n"


def test_a_value_is_never_a_template() -> None:
    assert face("{holder_name}", holder_name="{holder_code}") == "{holder_code}\n"


def test_a_certificate_without_a_last_day_says_so() -> None:
    assert face("{valid_until}|{holder_name}", valid_until=..., holder_name=...) == "长期|\n"


@pytest.mark.parametrize(
    "template",
    [
        "{unknown}",
        "{holder_name.__class__}",
        "{0}",
        "{}",
        "{{holder_name}}",
        "{holder_name",
        "}",
        "{holder_name!r}",
    ],
)
def test_what_is_no_claim_of_the_type_is_refused(template: str) -> None:
    with pytest.raises(NotTransferable, match="placeholder"):
        face(template)
    assert face("{business_address}")


def test_every_json_value_is_shown() -> None:
    values: list[Json] = [True, False, None, 3, 1.5, {"a": 1}, ["x", ["y"]]]
    assert [shown(value) for value in values] == [
        "是", "否", "", "3", "1.5", '{"a":1}', "x、y",
    ]  # fmt: skip
