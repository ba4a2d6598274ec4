"""What a report must not say of days that have not come, or that nobody watched."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.measure import closing as closings
from monitor.measure.figures import State
from monitor.model import Language
from monitor.periods import Rules, parse
from monitor.record import Database, Recorder
from monitor.record.connection import Connection
from monitor.report import content
from monitor.report.content import Wanted
from monitor.report.model import Report, Share, Standing, Table
from tests.measure.closing_world import MARCH, Month

FIFTH = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)


@pytest.fixture
async def month(database: Database, recorder: Recorder, tmp_path: Path) -> Month:
    return await Month.made(database, recorder, tmp_path)


async def read(month: Month, connection: Connection, closing_id: int, standing: Standing) -> Report:
    wanted = Wanted(month.settings.report, standing, Language.VI)
    return await content.read(connection, closing_id, wanted)


def table(report: Report, name: str) -> Table:
    return next(each for each in report.tables if each.id == name)


async def test_no_agency_is_said_to_have_ended_because_its_month_is_not_over(month: Month) -> None:
    month.at = FIFTH
    async with (
        month.database.connection() as connection,
        closings.provisional(
            connection, month.settings, month.plan, MARCH, month.clock
        ) as closing_id,
    ):
        report = await read(month, connection, closing_id, Standing.PROVISIONAL)
    notes = " ".join(str(row.cells[-1]) for row in table(report, "agencies").rows)
    assert "Sở Một" in str(table(report, "agencies").rows[1].cells[1])
    assert "Kết thúc" not in notes
    assert not table(report, "events").rows


async def test_a_habit_that_takes_more_days_than_there_are_is_not_0_percent(month: Month) -> None:
    made = await month.close(parse("2026-03-09..2026-03-13", Rules()))
    async with month.database.connection() as connection:
        report = await read(month, connection, made.id, Standing.CLOSED)
    said = " ".join(line for each in report.summary for line in each.lines)
    assert "đạt 0,0%" not in said
    assert "chưa tính được tỷ lệ sử dụng thường xuyên" in said
    names = [each.id for each in table(report, "agencies").headings]
    total = table(report, "agencies").total
    assert total is not None
    assert total.cells[names.index("habitual")] is None
    assert total.cells[names.index("habitual_share")] == Share(None, State.NO_DATA)
