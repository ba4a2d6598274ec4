"""The calendar in the database is the calendar of the settings."""

from datetime import date, timedelta

from monitor.calendar import WorkingCalendar
from monitor.record import Database
from monitor.settings import CalendarSettings


async def test_sql_and_the_calendar_agree_on_every_day(database: Database) -> None:
    calendar = WorkingCalendar(CalendarSettings(), until_year=2026)
    await database.sync_calendar(calendar.exceptions())
    days = [date(2024, 1, 1) + timedelta(n) for n in range(3 * 366)]
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT is_working_day(d) AS working FROM unnest($1::date[]) WITH ORDINALITY u (d, n)"
            " ORDER BY n",
            days,
        )
    assert [row["working"] for row in rows] == [calendar.is_working(day) for day in days]


async def test_a_day_off_that_is_taken_back_is_worked_again(database: Database) -> None:
    day = date(2026, 11, 20)
    for settings, expected in (
        (CalendarSettings(free=(day,)), False),
        (CalendarSettings(), True),
    ):
        await database.sync_calendar(WorkingCalendar(settings, until_year=2026).exceptions())
        async with database.connection() as connection:
            assert await connection.fetchval("SELECT is_working_day($1)", day) is expected
