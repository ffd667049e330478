from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.clock import add_years, business_date, end_of, parse_timestamp, start_of, timestamp
from chalicelib.kernel.entropy import draw_text, entry_id
from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.text import clean
from tests.fakes.ambient import SeededEntropy

NEW_YEAR_EVE = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shenzhen


def test_the_business_date_turns_at_midnight_in_shenzhen() -> None:
    assert business_date(NEW_YEAR_EVE) == date(2026, 12, 31)
    assert business_date(NEW_YEAR_EVE + timedelta(seconds=1)) == date(2027, 1, 1)


def test_a_day_runs_from_its_start_to_its_end() -> None:
    assert start_of(date(2027, 1, 1)) == NEW_YEAR_EVE + timedelta(seconds=1)
    assert end_of(date(2026, 12, 31)) == start_of(date(2027, 1, 1))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # the bounds of a strategy
def test_timestamps_are_read_back(moment: datetime) -> None:
    assert parse_timestamp(timestamp(moment)) == moment


def test_twenty_years_after_a_leap_day_are_never_too_short() -> None:
    leap = datetime(2028, 2, 29, tzinfo=UTC)
    assert add_years(leap, 20) == datetime(2048, 2, 29, tzinfo=UTC)
    assert add_years(leap, 21) == datetime(2049, 3, 1, tzinfo=UTC)


def test_entry_ids_are_version_7_and_sort_by_time() -> None:
    entropy = SeededEntropy()
    ids = [entry_id(entropy, NEW_YEAR_EVE + timedelta(milliseconds=n)) for n in range(50)]
    assert ids == sorted(ids)
    assert {(one[14], one[19] in "89ab") for one in ids} == {("7", True)}


def test_drawn_text_has_its_length_and_alphabet() -> None:
    drawn = draw_text(SeededEntropy(), 20)
    assert len(drawn) == 20
    assert drawn == drawn.upper()
    assert drawn.isalnum()


@pytest.mark.parametrize("text", ["𠮷祥里", "买买提·阿卜杜拉", "㐂", "e\u0301", "Ω", "张三 (样例)", "〇"])
def test_names_with_rare_characters_are_taken_unchanged(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    "text", ["a\x00b", "\ud800", "\ue000", "\u202eabc", "a\nb", "\u2028", "\U000e0fff", "\x7f"]
)
def test_what_a_reader_cannot_see_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="unprintable_text"):
        clean(text, "name")


def test_long_text_is_refused_and_its_limit_named() -> None:
    assert clean("𠮷" * 10, limit=10)
    with pytest.raises(Invalid) as refusal:
        clean("𠮷" * 11, "name", limit=10)
    assert (refusal.value.code, refusal.value.field, refusal.value.facts) == (
        "text_too_long",
        "name",
        ("10",),
    )
