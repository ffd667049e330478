import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chalicelib.certificates.lint import rules
from chalicelib.certificates.lint.rules import RULES, lint
from chalicelib.certificates.lint.size_bounded import credential_size
from chalicelib.kernel.clock import end_of, start_of
from chalicelib.kernel.encoding import Json
from chalicelib.signing.jose import compact
from chalicelib.signing.sd_jwt import Disclosure, assemble, prepare_sd_jwt
from tests.fakes.local_signer import LocalSigner
from tests.fakes.records import ENTRY
from tests.unit.certificates.lint.samples import (
    ANYTHING,
    BREACHES,
    GONE,
    GOOD,
    Breach,
    changed,
    status,
    with_attribute,
)

CODES = [rule.code for rule in RULES]
ANY_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_the_good_draft_keeps_every_rule() -> None:
    assert [rule.code for rule in lint(GOOD).findings] == []


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: f"{breach.rule}: {breach.what}")
def test_a_breach_is_found_and_nothing_else_is(breach: Breach) -> None:
    assert sorted(rule.code for rule in lint(breach.draft()).findings) == sorted({breach.rule, *breach.also})


@pytest.mark.parametrize("code", CODES)
def test_every_rule_has_a_sample_that_breaks_it(code: str) -> None:
    assert [breach.what for breach in BREACHES if breach.rule == code]


def test_every_file_with_a_rule_is_run() -> None:
    folder = Path(rules.__file__).parent
    files = {path.stem for path in folder.glob("*.py") if "\nRULE = " in path.read_text(encoding="utf-8")}
    run = {rule.keeps.__module__.rpartition(".")[2] for rule in RULES}
    assert files == run
    assert len(run) == len(RULES)  # one a file


def test_every_rule_has_a_code_of_its_own_a_clause_and_both_languages() -> None:
    assert len(set(CODES)) == len(CODES) >= 14
    assert all(rule.clause.strip() and rule.zh.strip() and rule.en.strip() for rule in RULES)
    assert all(any("\u4e00" <= char <= "\u9fff" for char in rule.zh) and rule.en.isascii() for rule in RULES)


def test_the_report_names_every_rule_with_its_clause_and_nothing_of_the_certificate() -> None:
    breach = next(one for one in BREACHES if not one.also)
    document = lint(breach.draft()).document()
    kept = {str(one["rule"]): one["kept"] for one in document if isinstance(one, dict)}
    assert list(kept) == CODES
    assert [code for code, was_kept in kept.items() if not was_kept] == [breach.rule]
    written = json.dumps(document, ensure_ascii=False)
    assert not [value for value in GOOD.disclosed.values() if isinstance(value, str) and value in written]


@given(some.data())
def test_no_rule_falls_over_whatever_a_draft_says(data: some.DataObject) -> None:
    header, visible, disclosed = (
        {**members, data.draw(some.sampled_from([*members, "extra"])): data.draw(ANY_JSON)}
        for members in (GOOD.header, GOOD.visible, GOOD.disclosed)
    )
    draft = replace(GOOD, entry=ANYTHING, header=header, visible=visible, disclosed=disclosed)
    assert len(lint(draft).document()) == len(RULES)


def test_no_rule_falls_over_a_draft_of_nothing_or_of_great_depth() -> None:
    nothing = lint(replace(GOOD, header={}, visible={}, disclosed={}, salts=[]))
    assert {"header_complete", "identifier_check", "holder_present", "values_exact"} - {
        rule.code for rule in nothing.findings
    } == {"values_exact"}
    deep: Json = "x"
    for _ in range(5000):
        deep = [deep]
    found = lint(replace(GOOD, entry=ANYTHING, disclosed={**GOOD.disclosed, "extra": deep}))
    assert "values_exact" in {rule.code for rule in found.findings}


# -- at the boundaries


@pytest.mark.parametrize(("offset", "kept"), [(-1, False), (0, True)])
def test_today_is_shenzhens_to_the_second(offset: int, kept: bool) -> None:
    """The issue date, 1 June, is today from its first moment in Shenzhen, when it is still May in Greenwich."""
    issued = GOOD.day("issue_date")
    assert issued is not None
    moment = start_of(issued).timestamp() + offset
    draft = replace(GOOD, now=GOOD.now.fromtimestamp(moment, GOOD.now.tzinfo))
    assert ("issue_date_not_future" not in {rule.code for rule in lint(draft).findings}) is kept


@pytest.mark.parametrize(("offset", "kept"), [(-1, True), (0, False)])
def test_the_last_day_counts_whole(offset: int, kept: bool) -> None:
    ends = GOOD.day("valid_until")
    assert ends is not None
    draft = replace(GOOD, now=GOOD.now.fromtimestamp(end_of(ends).timestamp() + offset, GOOD.now.tzinfo))
    assert ("validity_not_past" not in {rule.code for rule in lint(draft).findings}) is kept


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_still_now(seconds: int) -> None:
    draft = replace(GOOD, visible=changed(GOOD.visible, {"iat": int(GOOD.now.timestamp()) + seconds}))
    assert lint(draft).findings == ()


def test_a_resident_may_hold_it_where_the_entry_says_so() -> None:
    resident: dict[str, Json] = {"holder_code": "440305199003070006", "holder_code_type": "111"}
    draft = replace(GOOD, disclosed=changed(GOOD.disclosed, resident))
    assert lint(draft).findings == ()


def test_a_certificate_of_one_day_is_good() -> None:
    day = GOOD.text("valid_from")
    breach = Breach(
        "", "", visible={"exp": int(str(GOOD.visible["nbf"])) + 86_400}, disclosed={"valid_until": day}
    )
    assert lint(breach.draft()).findings == ()


def test_what_never_ends_has_no_exp_where_the_entry_says_so() -> None:
    endless = replace(ENTRY, validity=replace(ENTRY.validity, open_ended=True))
    breach = Breach("", "", visible={"exp": GONE}, disclosed={"valid_until": GONE}, entry=endless)
    assert lint(breach.draft()).findings == ()


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "format": "date"}, "2026-06-01"),
        ({"type": "integer"}, 2**53 - 1),
        ({}, {"a": ["甲", None, 1.5]}),
    ],
)
def test_attributes_of_any_form_that_the_schema_admits_are_good(schema: dict[str, Json], value: Json) -> None:
    breach = Breach("", "", disclosed={"extra": value}, entry=with_attribute(schema))
    assert lint(breach.draft()).findings == ()


def test_a_number_may_have_a_hundred_characters_and_an_index_be_the_last() -> None:
    draft = replace(
        GOOD,
        disclosed=changed(GOOD.disclosed, {"certificate_number": "9" * 100}),
        visible=changed(GOOD.visible, status(idx=131_071)),
    )
    assert lint(draft).findings == ()


def test_the_size_is_that_of_the_credential_to_the_character() -> None:
    pairs = zip(GOOD.disclosed.items(), GOOD.salts, strict=True)
    disclosures = [Disclosure(name, value, salt) for (name, value), salt in pairs]
    signed = prepare_sd_jwt(GOOD.header, GOOD.visible, disclosures)
    jws = compact(signed, LocalSigner().sign("unit", signed))
    assert credential_size(GOOD) == len(assemble(jws, [one.encoded for one in disclosures]))


@pytest.mark.parametrize(("more", "kept"), [(0, True), (1, False)])
def test_three_hundred_disclosures_are_the_most(more: int, kept: bool) -> None:
    disclosed: dict[str, Json] = {f"a{number}": 1 for number in range(300 + more)}
    draft = replace(
        GOOD, disclosed=disclosed, salts=[bytes([number % 256]) * 16 for number in range(300 + more)]
    )
    assert ("size_bounded" not in {rule.code for rule in lint(draft).findings}) is kept
