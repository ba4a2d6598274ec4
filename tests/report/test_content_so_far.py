"""What a report must not say of days that have not come, or that nobody watched."""

from datetime import UTC, date, datetime
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
from tests.measure.closing_world import MARCH, Month, on
from tests.support.outcomes import document, filed, valid

FIFTH = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)


@pytest.fixture
async def month(database: Database, recorder: Recorder, tmp_path: Path) -> Month:
    return await Month.made(database, recorder, tmp_path)


async def read(month: Month, connection: Connection, closing_id: int, standing: Standing) -> Report:
    wanted = Wanted(month.settings.report, standing, Language.VI)
    return await content.read(connection, closing_id, wanted)


def table(report: Report, name: str) -> Table:
    return next(each for each in report.tables if each.id == name)


def compared(report: Report) -> list[str]:
    """Indicators that the period before has figures of."""
    return [
        each.figure.indicator for each in report.figures
        if each.about == "previous" and each.figure.state is not State.NO_DATA
    ]  # fmt: skip


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


async def test_a_channel_whose_record_began_within_the_period_before_is_not_compared(
    month: Month,
) -> None:
    """Of February only its last days are on record."""
    late = datetime(2026, 2, 26, 2, 0, tzinfo=UTC)
    await month.recorder.write(
        [filed(document(f"{n}"), at=late, sent_at=late) for n in range(20)]
        + [filed(document(f"m{n}", valid()), at=on(16), sent_at=on(16)) for n in range(20)]
    )
    await month.world.active("thu", *(date(2026, 2, day) for day in (24, 25, 26)))
    made = await month.close()
    assert made.basis["recorded_since"] == {
        "accounts": "2026-02-24", "docsys": "2026-02-26", "mail": "2026-03-09"
    }  # fmt: skip
    async with month.database.connection() as connection:
        report = await read(month, connection, made.id, Standing.CLOSED)
    assert set(compared(report)) == {"accounts_provisioned"}
    method = " ".join(line for each in report.method for line in each.lines)
    assert "phần mềm QLVB&ĐH mới có từ ngày 26/02/2026" in method
    assert "sử dụng hộp thư mới có từ ngày 24/02/2026" in method


async def test_a_whole_period_before_is_compared(month: Month) -> None:
    early = datetime(2026, 2, 3, 2, 0, tzinfo=UTC)
    await month.recorder.write(
        [filed(document(f"{n}"), at=early, sent_at=early) for n in range(20)]
    )
    made = await month.close()
    async with month.database.connection() as connection:
        report = await read(month, connection, made.id, Standing.CLOSED)
    assert "document_signed" in compared(report)
    assert "mới có từ ngày" not in " ".join(line for each in report.method for line in each.lines)


async def test_lists_of_documents_say_that_they_are_of_a_sample_alone(month: Month) -> None:
    await month.recorder.write(
        [filed(document(f"{n}"), at=on(12), sent_at=on(12)) for n in range(30)]
    )
    await month.execute("UPDATE document SET sampled_rate = 0.5 WHERE day = '2026-03-12'")
    await month.execute(
        "UPDATE document SET sampled = false, overall = 'indeterminate', cause = 'ours',"
        " findings = ARRAY['not_sampled'] WHERE document_uid IN"
        " (SELECT document_uid FROM document WHERE day = '2026-03-12' LIMIT 7)"
    )
    await month.execute("INSERT INTO changed_day VALUES ('2026-03-12') ON CONFLICT DO NOTHING")
    made = await month.close()
    async with month.database.connection() as connection:
        wanted = Wanted(month.settings.report, Standing.CLOSED, Language.VI, "so-mot")
        sheet = await content.read(connection, made.id, wanted)
    for name in ("documents", "reasons"):
        assert "7 văn bản không thuộc mẫu" in table(sheet, name).notes[-1]
