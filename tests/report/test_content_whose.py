"""Whose line it is: names that several agencies have, agencies that ended."""

from datetime import date

from monitor.model import Language
from monitor.record import Database
from monitor.report.content import Wanted, read
from monitor.report.model import Row, Standing, Table
from monitor.settings import ReportSettings
from tests.report.closing_rows import Agency, closed

END = date(2026, 10, 14)
TWINS = (
    Agency("xa-tan-lap", "UBND xã Tân Lập"),
    Agency("xa-tan-lap-2", "UBND xã Tân Lập"),
    Agency("xa-cu", "UBND xã Cũ", officials=None, last=END, successors=("xa-tan-lap-2",)),
)


async def tables(database: Database, agency: str | None = None) -> dict[str, Table]:
    async with database.connection() as connection:
        closing = await closed(connection, TWINS)
        wanted = Wanted(ReportSettings(), Standing.CLOSED, Language.VI, agency)
        return {each.id: each for each in (await read(connection, closing, wanted)).tables}


def row_of(table: Table, code: str) -> Row:
    return next(each for each in table.rows if each.code == code)


async def test_agencies_of_one_name_are_told_apart_by_their_codes(database: Database) -> None:
    found = await tables(database)
    for code in ("xa-tan-lap", "xa-tan-lap-2"):
        assert row_of(found["agencies"], code).cells[1] == f"UBND xã Tân Lập ({code})"
    assert row_of(found["agencies"], "xa-cu").cells[1] == "UBND xã Cũ"
    labels = [label for each in found["ranking"].charts for label in each.labels]
    assert len(set(labels)) == len(labels) == 3
    assert "UBND xã Tân Lập (xa-tan-lap-2)" in str(row_of(found["agencies"], "xa-cu").cells[-1])


async def test_an_agency_s_own_sheet_calls_it_by_name_alone(database: Database) -> None:
    found = await tables(database, "xa-tan-lap")
    assert found["agencies"].rows[0].cells[1] == "UBND xã Tân Lập"


async def test_an_agency_that_ended_does_not_lack_the_list_that_its_heirs_have(
    database: Database,
) -> None:
    found = await tables(database)
    note = str(row_of(found["agencies"], "xa-cu").cells[-1])
    assert "Kết thúc hoạt động ngày 14/10/2026" in note
    assert "Không có danh sách" not in note
    assert not any(each.code == "xa-cu" for each in found["gaps"].rows)


async def test_why_it_was_restated_is_not_told_to_agencies_that_it_may_not_be_about(
    database: Database,
) -> None:
    why = "UBND xã Cũ nộp lại sổ"
    async with database.connection() as connection:
        await closed(connection, TWINS)
        closing = await closed(connection, TWINS, version=2, reason=why)
        for agency, told in ((None, True), ("xa-tan-lap", False)):
            wanted = Wanted(ReportSettings(), Standing.RESTATED, Language.VI, agency)
            report = await read(connection, closing, wanted)
            assert (why in report.head.remark) is told
            assert (why in repr(report)) is told
