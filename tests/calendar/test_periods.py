"""Which days a report is about, and what it is compared with, by both calendars."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.periods import (
    LONGEST_DAYS,
    CalendarKind,
    Kind,
    Period,
    Rules,
    following,
    from_id,
    last_month,
    latest_ended,
    parse,
    previous,
    year_before,
)

RULES = Rules()
ADMINISTRATIVE = Rules(CalendarKind.ADMINISTRATIVE)
PER_YEAR = {Kind.MONTH: 12, Kind.QUARTER: 4, Kind.HALF: 2, Kind.YEAR: 1}
DAY = timedelta(days=1)


def days(period: Period | None) -> str:
    assert period is not None
    return f"{period.first}..{period.last}"


def name(kind: Kind, year: int, number: int) -> str:
    tail = {Kind.MONTH: f"-{number:02}", Kind.QUARTER: f"-Q{number}", Kind.HALF: f"-H{number}"}
    return f"{year}{tail.get(kind, '')}"


kinds = st.sampled_from(sorted(PER_YEAR))
calendars = st.sampled_from(sorted(CalendarKind))
every_rule = st.builds(Rules, calendars, st.integers(2, 28), st.booleans())


@st.composite
def regular(draw: st.DrawFn) -> str:
    """The name of a month, quarter, half-year or year that has neighbours."""
    kind = draw(kinds)
    number = draw(st.integers(1, PER_YEAR[kind]))
    return f"{name(kind, draw(st.integers(2002, 2099)), number)}@{draw(calendars)}"


@st.composite
def custom(draw: st.DrawFn) -> str:
    first = draw(st.dates(date(2000, 1, 1), date(2098, 1, 1)))
    return f"{first}..{first + draw(st.integers(0, LONGEST_DAYS - 1)) * DAY}"


texts = st.one_of(regular(), custom(), regular().map("cumulative:{}".format))


# -- which days ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10", "2026-10-01..2026-10-31"),
        ("2026-12", "2026-12-01..2026-12-31"),
        ("2026-02", "2026-02-01..2026-02-28"),
        ("2028-02", "2028-02-01..2028-02-29"),
        ("2100-02", "2100-02-01..2100-02-28"),
        ("2000-02", "2000-02-01..2000-02-29"),
        ("2026-Q1", "2026-01-01..2026-03-31"),
        ("2026-Q4", "2026-10-01..2026-12-31"),
        ("2026-H1", "2026-01-01..2026-06-30"),
        ("2026-H2", "2026-07-01..2026-12-31"),
        ("2026", "2026-01-01..2026-12-31"),
        ("2026-10-03..2026-10-20", "2026-10-03..2026-10-20"),
        ("2026-10-03..2026-10-03", "2026-10-03..2026-10-03"),
        ("cumulative:2026-10", "2026-01-01..2026-10-31"),
        ("cumulative:2026-Q3", "2026-01-01..2026-09-30"),
        ("cumulative:2026-H1", "2026-01-01..2026-06-30"),
        ("cumulative:2026", "2026-01-01..2026-12-31"),
    ],
)
def test_by_the_calendar_a_period_is_what_it_is_called(text: str, expected: str) -> None:
    assert days(parse(text, RULES)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10", "2026-09-15..2026-10-14"),
        ("2026-01", "2025-12-15..2026-01-14"),
        ("2026-12", "2026-11-15..2026-12-14"),
        ("2028-03", "2028-02-15..2028-03-14"),
        ("2026-Q1", "2025-12-15..2026-03-14"),
        ("2026-Q2", "2026-03-15..2026-06-14"),
        ("2026-Q4", "2026-09-15..2026-12-14"),
        ("2026-H1", "2025-12-15..2026-06-14"),
        ("2026-H2", "2026-06-15..2026-12-14"),
        ("2026", "2025-12-15..2026-12-14"),
        ("cumulative:2026-10", "2026-01-01..2026-10-14"),
        ("cumulative:2026-01", "2026-01-01..2026-01-14"),
        ("cumulative:2026", "2026-01-01..2026-12-14"),
    ],
)
def test_an_administrative_period_ends_on_the_14th_of_its_last_month(
    text: str, expected: str
) -> None:
    assert days(parse(text, ADMINISTRATIVE)) == expected
    assert days(parse(f"{text}@administrative", RULES)) == expected


def test_administrative_half_years_can_be_those_of_the_calendar() -> None:
    rules = Rules(CalendarKind.ADMINISTRATIVE, administrative_half_years=False)
    assert days(parse("2026-H1", rules)) == "2026-01-01..2026-06-30"
    assert days(parse("2026-Q2", rules)) == "2026-03-15..2026-06-14"
    assert days(parse("2026", rules)) == "2025-12-15..2026-12-14"


def test_a_province_may_end_its_administrative_months_on_another_day() -> None:
    rules = Rules(CalendarKind.ADMINISTRATIVE, first_day=26)
    assert days(parse("2026-10", rules)) == "2026-09-26..2026-10-25"
    assert days(parse("2026-03", rules)) == "2026-02-26..2026-03-25"


def test_a_calendar_that_is_named_goes_before_the_setting() -> None:
    assert days(parse("2026-10@calendar", ADMINISTRATIVE)) == "2026-10-01..2026-10-31"


def test_an_id_is_read_the_same_whatever_calendar_is_preferred_later() -> None:
    assert parse("2026-10", ADMINISTRATIVE).id == "2026-10@administrative"
    assert parse("2026-10", RULES).id == "2026-10"
    assert days(from_id("2026-10", ADMINISTRATIVE)) == "2026-10-01..2026-10-31"


def test_letters_and_blanks_around_do_not_matter_and_the_id_has_one_spelling() -> None:
    assert parse("  2026-q3\n", RULES).id == "2026-Q3"
    assert parse("2026-h1@calendar", RULES).id == "2026-H1"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("2026-10", "2026-10"),
        ("2026-10@administrative", "2026-10-administrative"),
        ("cumulative:2026-Q3", "cumulative-2026-Q3"),
        ("cumulative:2026@administrative", "cumulative-2026-administrative"),
        ("2026-10-01..2026-10-20", "2026-10-01_2026-10-20"),
    ],
)
def test_a_slug_is_fit_for_names_of_files(text: str, slug: str) -> None:
    assert parse(text, RULES).slug == slug


# -- what cannot be read ---------------------------------------------------------------------------

ODD = (
    "", "   ", "2026-1", "2026-010", "26-10", "2026-Q", "2026-Q12", "2026-H", "2026/10", "10/2026",
    "2026-10-01", "2026-10-1..2026-10-2", "2026-10..2026-11", "2026-10@lunar", "2026-10@",
    "@calendar",
    "cumulative:", "cumulative:cumulative:2026", "Cumulative:2026", "2026 - 10", "2026-10\x00",
    "2026-10\n2026-11", "-2026", "2026-10;rm", "२०२६-१०", "２０２６", "2026-１０", "2026-Q٣",
    "२०२६-१०-०१..2026-10-20", "99999999999999999999", "9" * 100_000, "20261010",
)  # fmt: skip


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_what_is_no_period_is_told_how_to_be_written(text: str) -> None:
    with pytest.raises(ValueError, match=r": no period: write 2026-10 \(month\), 2026-Q3"):
        parse(text, RULES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-13", "'2026-13': a year has no such month: write 2026-10"),
        ("2026-00", "'2026-00': a year has no such month: write 2026-10"),
        ("2026-Q5", "'2026-Q5': a year has no such quarter: write 2026-10"),
        ("2026-H0", "'2026-H0': a year has no such half: write 2026-10"),
        ("cumulative:2026-Q0", "'cumulative:2026-Q0': a year has no such quarter: write"),
        ("1999-10", "'1999-10': years from 2000 to 2100"),
        ("0000", "'0000': years from 2000 to 2100"),
        ("2101", "'2101': years from 2000 to 2100"),
        ("9999-Q4", "'9999-Q4': years from 2000 to 2100"),
        (
            "2026-02-29..2026-03-01",
            "'2026-02-29..2026-03-01': day is out of range for month: write 2026-10",
        ),
        (
            "2026-10-01..2026-13-20",
            "'2026-10-01..2026-13-20': month must be in 1..12: write 2026-10",
        ),
        (
            "2026-10-20..2026-10-19",
            "'2026-10-20..2026-10-19': the first day first, at most 800 days",
        ),
        (
            "2024-01-01..2026-03-11",
            "'2024-01-01..2026-03-11': the first day first, at most 800 days",
        ),
        (
            "2027-01-01..2026-12-31",
            "'2027-01-01..2026-12-31': years from 2000 to 2100, the first day first",
        ),
        (
            "1999-12-31..2000-01-02",
            "'1999-12-31..2000-01-02': years from 2000 to 2100, the first day first",
        ),
        (
            "2026-10-01..2026-10-20@administrative",
            "'2026-10-01..2026-10-20@administrative': days that are named have no calendar: write",
        ),
        (
            "cumulative:2026-10-01..2026-10-20",
            "'cumulative:2026-10-01..2026-10-20': days that are named have no calendar: write",
        ),
    ],
)
def test_an_error_says_what_is_wrong_and_what_to_write(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        parse(text, RULES)


def test_the_longest_days_are_800() -> None:
    assert days(parse("2024-01-01..2026-03-10", RULES)) == "2024-01-01..2026-03-10"


def test_an_error_repeats_little_of_a_long_text_and_nothing_that_a_terminal_obeys() -> None:
    with pytest.raises(ValueError, match="no period") as caught:
        parse("\x1b[2J\u202e" + "a" * 100_000, RULES)
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


@given(st.text(max_size=40))
def test_any_text_is_a_period_or_an_error_of_its_own(text: str) -> None:
    try:
        period = parse(text, RULES)
    except ValueError as error:
        assert str(error).isprintable()  # noqa: PT017 - any text may be a period
    else:
        assert period.first <= period.last


# -- what holds of all -----------------------------------------------------------------------------


@given(texts, every_rule)
def test_an_id_gives_the_same_period_again(text: str, rules: Rules) -> None:
    period = parse(text, rules)
    assert from_id(period.id, rules) == period
    assert from_id(period.id, replace(rules, calendar=CalendarKind.ADMINISTRATIVE)) == period


@given(texts, every_rule)
def test_a_period_has_days(text: str, rules: Rules) -> None:
    period = parse(text, rules)
    assert period.first <= period.last


@given(texts, texts, every_rule)
def test_two_periods_never_share_an_id_or_the_name_of_a_file(
    one: str, other: str, rules: Rules
) -> None:
    a, b = parse(one, rules), parse(other, rules)
    assert (a == b) == (a.id == b.id) == (a.slug == b.slug)
    assert re.fullmatch(r"[0-9A-Za-z_-]+", a.slug)


@given(kinds, every_rule, st.dates(date(2001, 1, 1), date(2099, 1, 1)))
def test_periods_of_a_kind_follow_each_other_without_gap_or_overlap(
    kind: Kind, rules: Rules, day: date
) -> None:
    period = latest_ended(kind, day, rules)
    for _ in range(PER_YEAR[kind] + 1):
        after = following(period, rules)
        assert after.first == period.last + DAY
        assert previous(after, rules) == period
        period = after


@given(regular(), every_rule)
def test_the_period_before_ends_the_day_before(text: str, rules: Rules) -> None:
    period = parse(text, rules)
    before = previous(period, rules)
    assert before is not None
    assert (before.kind, before.calendar) == (period.kind, period.calendar)
    assert before.last == period.first - DAY
    assert following(before, rules) == period


@given(regular(), every_rule)
def test_months_of_a_longer_period_are_its_days(text: str, rules: Rules) -> None:
    """Of half-years that follow the other calendar they are the other calendar's."""
    period = parse(text, rules)
    month = last_month(period, rules)
    assert (month.kind, month.last) == (Kind.MONTH, period.last)
    for _ in range(12 // PER_YEAR[period.kind] - 1):
        earlier = previous(month, rules)
        assert earlier is not None
        month = earlier
    assert month.first == period.first


@given(regular(), every_rule)
def test_the_same_period_a_year_before_has_the_same_number(text: str, rules: Rules) -> None:
    period = parse(text, rules)
    before = year_before(period, rules)
    assert (before.kind, before.calendar, before.number) == (
        period.kind, period.calendar, period.number,
    )  # fmt: skip
    assert before.year == period.year - 1
    again = period
    for _ in range(PER_YEAR[period.kind]):
        earlier = previous(again, rules)
        assert earlier is not None
        again = earlier
    assert again == before


@given(custom(), every_rule)
def test_before_custom_days_are_as_many_days(text: str, rules: Rules) -> None:
    period = parse(text, rules)
    before = previous(period, rules)
    assert before is not None
    assert before.kind is Kind.CUSTOM
    assert before.last == period.first - DAY
    assert before.last - before.first == period.last - period.first


@given(custom(), every_rule)
def test_custom_days_a_year_before_have_the_same_dates_but_for_a_29th_of_february(
    text: str, rules: Rules
) -> None:
    period = parse(text, rules)
    before = year_before(period, rules)
    for day, earlier in ((period.first, before.first), (period.last, before.last)):
        assert earlier.year == day.year - 1
        leap = (day.month, day.day) == (2, 29)
        assert (earlier.month, earlier.day) == ((2, 28) if leap else (day.month, day.day))


@given(custom(), every_rule)
def test_accounts_of_custom_days_are_of_their_last_31(text: str, rules: Rules) -> None:
    period = parse(text, rules)
    month = last_month(period, rules)
    assert month.last == period.last
    assert month.first == max(period.first, period.last - 30 * DAY)


@given(regular(), every_rule)
def test_what_is_cumulative_begins_on_1_january_and_ends_with_its_part(
    text: str, rules: Rules
) -> None:
    part, period = parse(text, rules), parse(f"cumulative:{text}", rules)
    assert (period.kind, period.part, period.number) == (Kind.CUMULATIVE, part.kind, part.number)
    assert period.first == date(part.year, 1, 1)
    assert (period.last, period.year) == (part.last, part.year)
    assert last_month(period, rules) == last_month(part, rules)
    earlier = year_before(period, rules)
    assert (earlier.kind, earlier.last) == (period.kind, year_before(part, rules).last)
    assert earlier.first == date(part.year - 1, 1, 1)


@given(regular(), every_rule)
def test_what_is_cumulative_grows_part_by_part_and_starts_anew_in_january(
    text: str, rules: Rules
) -> None:
    part, period = parse(text, rules), parse(f"cumulative:{text}", rules)
    before = previous(period, rules)
    if part.number == 1:
        assert before is None
    else:
        assert before is not None
        assert (before.kind, before.part, before.first) == (period.kind, part.kind, period.first)
        assert before.last == part.first - DAY


@given(kinds, every_rule, st.dates(date(2001, 1, 1), date(2099, 1, 1)))
def test_the_latest_ended_period_ended_before_the_day_and_the_next_one_did_not(
    kind: Kind, rules: Rules, day: date
) -> None:
    period = latest_ended(kind, day, rules)
    assert (period.kind, period.calendar) == (kind, rules.calendar)
    assert period.last < day <= following(period, rules).last


# -- examples of what is compared ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compared", "text", "expected"),
    [
        (previous, "2026-01", "2025-12-01..2025-12-31"),
        (previous, "2028-03", "2028-02-01..2028-02-29"),
        (previous, "2026-Q1", "2025-10-01..2025-12-31"),
        (previous, "2026-H1", "2025-07-01..2025-12-31"),
        (previous, "2026", "2025-01-01..2025-12-31"),
        (previous, "2026-01@administrative", "2025-11-15..2025-12-14"),
        (previous, "2026-10-11..2026-10-20", "2026-10-01..2026-10-10"),
        (previous, "2028-03-01..2028-03-01", "2028-02-29..2028-02-29"),
        (previous, "cumulative:2026-10", "2026-01-01..2026-09-30"),
        (previous, "cumulative:2026-Q2@administrative", "2026-01-01..2026-03-14"),
        (year_before, "2028-02", "2027-02-01..2027-02-28"),
        (year_before, "2029-02", "2028-02-01..2028-02-29"),
        (year_before, "2026-01@administrative", "2024-12-15..2025-01-14"),
        (year_before, "2028-02-29..2028-03-01", "2027-02-28..2027-03-01"),
        (year_before, "cumulative:2028-02", "2027-01-01..2027-02-28"),
        (year_before, "cumulative:2026", "2025-01-01..2025-12-31"),
        (last_month, "2026-10", "2026-10-01..2026-10-31"),
        (last_month, "2026-Q1", "2026-03-01..2026-03-31"),
        (last_month, "2026-H1@administrative", "2026-05-15..2026-06-14"),
        (last_month, "2026", "2026-12-01..2026-12-31"),
        (last_month, "cumulative:2026-Q1", "2026-03-01..2026-03-31"),
        (last_month, "cumulative:2026-01@administrative", "2025-12-15..2026-01-14"),
        (last_month, "2026-10-01..2026-10-20", "2026-10-01..2026-10-20"),
        (last_month, "2026-08-01..2026-10-20", "2026-09-20..2026-10-20"),
    ],
)
def test_what_a_period_is_compared_with(
    compared: Callable[[Period, Rules], Period | None], text: str, expected: str
) -> None:
    assert days(compared(parse(text, RULES), RULES)) == expected


def test_the_first_part_of_a_year_has_nothing_before_it_that_is_cumulative() -> None:
    for text in (
        "cumulative:2026-01",
        "cumulative:2026-Q1",
        "cumulative:2026-H1",
        "cumulative:2026",
    ):
        assert previous(parse(text, RULES), RULES) is None


def test_accounts_of_a_half_year_by_the_calendar_are_of_a_calendar_month() -> None:
    rules = Rules(CalendarKind.ADMINISTRATIVE, administrative_half_years=False)
    assert days(last_month(parse("2026-H1", rules), rules)) == "2026-06-01..2026-06-30"
    assert days(last_month(parse("2026-Q2", rules), rules)) == "2026-05-15..2026-06-14"


@pytest.mark.parametrize(
    ("kind", "day", "by_calendar", "administrative"),
    [
        (Kind.MONTH, date(2026, 11, 1), "2026-10", "2026-10"),
        (Kind.MONTH, date(2026, 11, 14), "2026-10", "2026-10"),
        (Kind.MONTH, date(2026, 11, 15), "2026-10", "2026-11"),
        (Kind.MONTH, date(2026, 10, 31), "2026-09", "2026-10"),
        (Kind.MONTH, date(2026, 1, 1), "2025-12", "2025-12"),
        (Kind.MONTH, date(2025, 12, 31), "2025-11", "2025-12"),
        (Kind.QUARTER, date(2026, 1, 1), "2025-Q4", "2025-Q4"),
        (Kind.QUARTER, date(2026, 3, 15), "2025-Q4", "2026-Q1"),
        (Kind.HALF, date(2026, 6, 30), "2025-H2", "2026-H1"),
        (Kind.HALF, date(2026, 7, 1), "2026-H1", "2026-H1"),
        (Kind.YEAR, date(2026, 12, 14), "2025", "2025"),
        (Kind.YEAR, date(2026, 12, 15), "2025", "2026"),
        (Kind.YEAR, date(2026, 12, 31), "2025", "2026"),
        (Kind.YEAR, date(2027, 1, 1), "2026", "2026"),
    ],
)
def test_the_newest_period_that_has_ended(
    kind: Kind, day: date, by_calendar: str, administrative: str
) -> None:
    assert latest_ended(kind, day, RULES).id == by_calendar
    assert latest_ended(kind, day, ADMINISTRATIVE).id == f"{administrative}@administrative"
