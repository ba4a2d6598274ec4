"""Vietnam's working days: what the product knows, and what a province adds."""

from datetime import date

from monitor.calendar import WorkingCalendar
from monitor.settings import CalendarSettings

CALENDAR = WorkingCalendar(CalendarSettings(), until_year=2026)


def working(year: int, month: int, *days: int) -> list[bool]:
    return [CALENDAR.is_working(date(year, month, day)) for day in days]


def test_a_weekday_is_worked_and_a_weekend_is_not() -> None:
    assert working(2026, 11, 20, 21, 22, 23) == [True, False, False, True]


def test_tet_follows_the_moon() -> None:
    assert working(2025, 1, 24, 27, 28, 29, 30, 31) == [True, False, False, False, False, False]
    assert working(2026, 2, 13, 16, 17, 18, 19, 20) == [True, False, False, False, False, False]
    assert working(2025, 2, 17) == [True]


def test_the_day_of_the_hung_kings_on_a_sunday_frees_the_monday() -> None:
    assert working(2026, 4, 26, 27, 28) == [False, False, True]


def test_a_bridge_day_is_free_and_the_saturday_for_it_is_worked() -> None:
    assert working(2025, 5, 2) == [False]
    assert working(2025, 4, 26) == [True]


def test_the_settings_go_before_what_is_known() -> None:
    calendar = WorkingCalendar(
        CalendarSettings(free=(date(2026, 11, 20),), worked=(date(2026, 9, 2),)), until_year=2026
    )
    assert not calendar.is_working(date(2026, 11, 20))
    assert calendar.is_working(date(2026, 9, 2))


def test_only_days_that_differ_from_their_weekday_are_exceptions() -> None:
    exceptions = {each.day: each for each in CALENDAR.exceptions()}
    assert date(2026, 4, 26) not in exceptions  # a Sunday is free without it
    assert not exceptions[date(2026, 2, 17)].working
    assert exceptions[date(2026, 8, 22)].working
    assert "Tết" in exceptions[date(2026, 2, 17)].name


def test_working_days_of_a_stretch_are_listed_in_order() -> None:
    assert CALENDAR.working_days(date(2026, 4, 24), date(2026, 5, 4)) == [
        date(2026, 4, 24), date(2026, 4, 28), date(2026, 4, 29), date(2026, 5, 4),
    ]  # fmt: skip
