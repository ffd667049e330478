"""The ready questions: what each asks, in two languages, with which parameters; read from `cli/questions/*.sql`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Final

# What may be asked for, in the order of the help; each with the value that stands when nobody says one.
PARAMETERS: Final[Mapping[str, str]] = {
    "object": "what it is about: a certificate identifier, unit/<USCC>, catalog/<type code> · 证照标识等",
    "person": "an account of staff, or the client id of a system · 人员或系统",
    "case": "the case number · 办件编号",
    "unit": "the unit's USCC · 单位统一社会信用代码",
    "from": "the first day, 2024-01-01 (Beijing; without it, from the beginning) · 起始日",
    "until": "the first day no longer meant, 2025-01-01 (without it, to the end) · 截止日(不含)",
    "least": "the least number that counts (100) · 起算数量",
}
DEFAULTS: Final[Mapping[str, str]] = {"from": "0001-01-01", "until": "9999-12-31", "least": "100"}
_VIEW: Final = ".view.sql"


class Unanswerable(Exception):
    """The question cannot be answered as it was asked, or from what is there; the message says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """One file: `parameters` in the order of the question marks in `sql`; one may stand at several."""

    name: str
    zh: str
    en: str
    parameters: tuple[str, ...]
    sql: str

    @property
    def asked_for(self) -> tuple[str, ...]:
        """Each parameter once."""
        return tuple(dict.fromkeys(self.parameters))

    def values(self, given: Mapping[str, str]) -> list[str | int]:
        """What to bind, in order. Unanswerable when a parameter is missing, malformed, or none of this question's."""
        strange = given.keys() - set(self.parameters)
        if strange:
            raise Unanswerable(f"{self.name} does not ask for --{min(strange)}")
        missing = [name for name in self.asked_for if name not in {**DEFAULTS, **given}]
        if missing:
            raise Unanswerable(f"{self.name} needs --{missing[0]}: {PARAMETERS[missing[0]]}")
        return [_value(name, {**DEFAULTS, **given}[name]) for name in self.parameters]


def _value(name: str, text: str) -> str | int:
    try:
        if name in ("from", "until"):
            return date.fromisoformat(text).isoformat()
        return int(text) if name == "least" else text
    except ValueError as error:
        raise Unanswerable(f"--{name} {text}: not what is asked for, {PARAMETERS[name]}") from error


def read_question(text: str) -> Question:
    """A file's four lines of header, and below them its one statement."""
    name, zh, en, parameters, sql = text.split("\n", 4)
    named = parameters.removeprefix("-- parameters:").split(",")
    return Question(
        name.removeprefix("-- "),
        zh.removeprefix("-- zh: "),
        en.removeprefix("-- en: "),
        tuple(one.strip() for one in named if one.strip()),
        sql.strip(),
    )


def questions() -> dict[str, Question]:
    """All of them by name."""
    found = [one for one in _texts() if not one[0].endswith(_VIEW)]
    return {question.name: question for question in (read_question(text) for _, text in found)}


def views() -> dict[str, Question]:
    """What the questions rest on besides `entries`: a view each, of the same name."""
    found = [one for one in _texts() if one[0].endswith(_VIEW)]
    return {view.name: view for view in (read_question(text) for _, text in found)}


def _texts() -> list[tuple[str, str]]:
    folder = files("cli.questions")
    return sorted(
        (one.name, one.read_text(encoding="utf-8")) for one in folder.iterdir() if one.name.endswith(".sql")
    )
