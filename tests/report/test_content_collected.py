"""Reports of a month that was really collected and closed, and of its restatement."""

from pathlib import Path

import pytest

from monitor.measure.closing import provisional
from monitor.model import Language
from monitor.record import Database, Recorder
from monitor.report.content import Wanted, read
from monitor.report.model import Report, Standing
from monitor.settings import ReportSettings
from tests.measure.closing_world import MARCH, Month, on
from tests.report.test_content_province import cell, lines, row_of, table, texts
from tests.support.outcomes import document, filed, valid

SETTINGS = ReportSettings(few_documents=1)


@pytest.fixture
async def month(database: Database, recorder: Recorder, tmp_path: Path) -> Month:
    made = await Month.made(database, recorder, tmp_path)
    made.change("report", few_documents=1)
    return made


async def report_of(
    month: Month, closing_id: int, standing: Standing = Standing.CLOSED, agency: str | None = None
) -> Report:
    async with month.database.connection() as connection:
        return await read(connection, closing_id, Wanted(SETTINGS, standing, agency=agency))


async def test_the_table_says_what_the_closing_counted(month: Month) -> None:
    closing = await month.close()
    main = (await report_of(month, closing.id)).tables[0]
    async with month.database.connection() as connection:
        rows = await connection.fetch(
            "SELECT code, numerator, denominator FROM closed_figure WHERE closing_id = $1"
            " AND indicator = 'document_paired' AND channel = 'docsys' AND scope = 'agency'"
            " AND about = 'period' AND document_class = 'formal' AND base = '' AND denominator > 0",
            closing.id,
        )
    assert rows
    for found in rows:
        row = row_of(main, found["code"])
        counted = (cell(main, row, "paired"), cell(main, row, "documents"))
        assert counted == (found["numerator"], found["denominator"])
    assert main.total
    assert cell(main, main.total, "officials") == 2


async def test_a_document_with_half_a_pair_is_told_which_half(month: Month) -> None:
    half = filed(document("nửa", valid()), at=on(11), sent_at=on(11), paired=False)
    await month.recorder.write([half])
    closing = await month.close()
    documents = table(await report_of(month, closing.id, agency="so-mot"), "documents")
    reasons = [str(cell(documents, row, "reason")) for row in documents.rows]
    assert any("chưa có chữ ký số của cơ quan" in each for each in reasons), reasons


async def test_a_restatement_tells_what_changed_and_why(month: Month) -> None:
    first = await month.close()
    late = filed(document("muộn", valid()), at=on(12), sent_at=on(12), paired=True)
    await month.recorder.write([late])
    second = await month.restate()
    assert second
    report = await report_of(month, second.id, Standing.RESTATED)
    assert "SỐ LIỆU ĐIỀU CHỈNH, phiên bản 2" in report.head.remark
    assert "số liệu muộn" in report.head.remark
    restated = table(report, "restated")
    signed = [
        row for row in restated.rows
        if row.code == "so-mot" and cell(restated, row, "indicator") == "Văn bản được ký số"
    ]  # fmt: skip
    assert [
        (cell(restated, row, "denominator_before"), cell(restated, row, "denominator"))
        for row in signed
    ] == [(2, 3)]
    shown = ("numerator", "denominator", "ratio")
    for row in restated.rows:  # what differs in nothing that is shown is no row
        assert [cell(restated, row, each) for each in shown] != [
            cell(restated, row, f"{each}_before") for each in shown
        ]
    causes = table(report, "restated_causes")
    assert "Dữ liệu đến sau khi chốt" in {cell(causes, row, "why") for row in causes.rows}
    assert not any(each.id.startswith("restated") for each in
                   (await report_of(month, first.id)).tables)  # fmt: skip


async def test_the_original_reads_the_same_after_a_restatement(month: Month) -> None:
    first = await month.close()
    before = repr(await report_of(month, first.id))
    late = filed(document("muộn", valid()), at=on(12), sent_at=on(12), paired=True)
    await month.recorder.write([late])
    assert await month.restate()
    assert repr(await report_of(month, first.id)) == before


async def test_a_restatement_names_nobody_else_in_an_agency_s_report(month: Month) -> None:
    await month.close()
    late = [
        filed(document(f"muộn {n}", valid()), agency=agency, at=on(12), sent_at=on(12))
        for n, agency in enumerate(("so-mot", "xa-mot"))
    ]
    await month.recorder.write(late)
    second = await month.restate()
    assert second
    report = await report_of(month, second.id, Standing.RESTATED, agency="xa-mot")
    assert table(report, "restated").rows
    assert not any("Sở Một" in text or "so-mot" in text for text in texts(report))
    assert {row.code for row in table(report, "restated").rows} == {"xa-mot"}


async def test_a_month_that_is_not_closed_is_read_the_same_way(month: Month) -> None:
    async with (
        month.database.connection() as connection,
        provisional(connection, month.settings, month.plan, MARCH, month.clock) as closing_id,
    ):
        wanted = Wanted(SETTINGS, Standing.PROVISIONAL, Language.EN)
        report = await read(connection, closing_id, wanted)
    assert report.head.remark.startswith("PROVISIONAL FIGURES, NOT CLOSED")
    assert "fully signed" in lines(report)
    assert report.tables[0].total
