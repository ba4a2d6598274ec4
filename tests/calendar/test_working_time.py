"""Silence is measured in working time: nights, weekends and Tết say nothing of a source."""

from datetime import date, datetime, time

from monitor.calendar import WorkingCalendar
from monitor.clock import VIETNAM
from monitor.settings import CalendarSettings
from monitor.working_time import WorkingTime

HOURS = ((time(7, 30), time(11, 30)), (time(13, 30), time(17)))
CALENDAR = WorkingCalendar(CalendarSettings(), until_year=2026)
WORKING = WorkingTime(CALENDAR.is_working, HOURS)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=VIETNAM)


def test_a_source_last_heard_on_friday_evening_is_silent_for_minutes_on_monday_morning() -> None:
    assert WORKING.seconds(at(20, 16, 50), at(23, 7, 31)) == 11 * 60


def test_a_working_day_has_seven_and_a_half_hours_without_its_noon() -> None:
    assert WORKING.seconds(at(23, 0), at(24, 0)) == 7.5 * 3600
    assert WORKING.seconds(at(23, 11, 0), at(23, 14, 0)) == 3600


def test_tet_is_no_working_time() -> None:
    assert CALENDAR.is_working(date(2026, 2, 13))
    assert WORKING.seconds(at(13, 17, month=2), at(23, 7, 30, month=2)) == 0


def test_a_day_worked_in_exchange_is_working_time() -> None:
    settings = CalendarSettings(worked=(date(2026, 11, 21),))
    exchanged = WorkingTime(WorkingCalendar(settings, until_year=2026).is_working, HOURS)
    assert exchanged.seconds(at(21, 7, 30), at(21, 8, 30)) == 3600
    assert exchanged.holds(at(21, 8))
    assert not WORKING.holds(at(21, 8))


def test_what_is_not_later_is_no_silence() -> None:
    assert WORKING.seconds(at(23, 9), at(23, 9)) == 0
    assert WORKING.seconds(at(23, 10), at(23, 9)) == 0


def test_a_moment_is_worked_within_the_hours_of_a_working_day() -> None:
    assert WORKING.holds(at(23, 7, 30))
    assert not WORKING.holds(at(23, 11, 30))
    assert not WORKING.holds(at(23, 12, 0))
    assert not WORKING.holds(at(22, 9))


def test_a_source_that_never_delivered_in_years_costs_no_walk_through_all_of_them() -> None:
    assert WORKING.seconds(datetime(1970, 1, 1, tzinfo=VIETNAM), at(23, 9)) > 200 * 3600
