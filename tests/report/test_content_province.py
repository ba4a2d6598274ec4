"""What the report of a closed month says of a province, held against the rows of the closing."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from monitor.errors import UserError
from monitor.measure.figures import State
from monitor.model import Language
from monitor.record import Database
from monitor.report.content import Wanted, read
from monitor.report.model import Cell, Report, Row, Share, Standing, Table
from monitor.settings import ReportSettings
from tests.report.closing_rows import AGENCIES, Agency, closed

SETTINGS = ReportSettings(issuer="TRUNG TÂM CNTT", superior="SỞ KH&CN", place="Hòa Bình")


async def report_of(
    database: Database, agencies: Sequence[Agency] = AGENCIES, language: Language = Language.VI,
    standing: Standing = Standing.CLOSED, **whose: str,
) -> Report:  # fmt: skip
    async with database.connection() as connection:
        closing = await closed(connection, agencies)
        wanted = Wanted(SETTINGS, standing, language, **whose)  # type: ignore[arg-type]
        return await read(connection, closing, wanted)


def table(report: Report, id_: str) -> Table:
    return next(each for each in report.tables if each.id == id_)


def cell(table: Table, row: Row, heading: str) -> Cell:
    return row.cells[[each.id for each in table.headings].index(heading)]


def row_of(table: Table, code: str) -> Row:
    return next(each for each in table.rows if each.code == code)


def texts(report: Report) -> Iterator[str]:
    """Every text of a report."""
    head = report.head
    yield from (head.title, head.subject, head.span, head.remark, head.name, head.issuer)
    for part in (*report.summary, *report.method):
        yield from (part.title, *part.lines)
    for each in report.tables:
        yield from (each.title, each.sheet, *each.notes, each.empty)
        yield from (text for heading in each.headings for text in (heading.title, heading.over))
        for row in (*each.rows, *([each.total] if each.total else ())):
            yield from (cell for cell in row.cells if isinstance(cell, str))
        for chart in each.charts:
            yield from (chart.title, *chart.labels, *(series.title for series in chart.series))
    yield from (row.name for row in report.figures)


def lines(report: Report) -> str:
    return "\n".join(line for part in report.summary for line in part.lines)


async def test_the_first_table_has_the_columns_that_reports_have(database: Database) -> None:
    main = (await report_of(database)).tables[0]
    assert [each.title for each in main.headings] == [
        "STT", "Cơ quan, đơn vị", "Tổng số CBCCVC", "Đã cấp", "Tỷ lệ (%)",
        "Sử dụng thường xuyên", "Tỷ lệ (%)", "VB đi", "Ký số đủ", "Tỷ lệ (%)", "Gửi kèm giấy",
        "Chỉ tiêu", "Đánh giá", "Ghi chú",
    ]  # fmt: skip


async def test_documents_of_both_channels_of_the_pair_are_one_and_mail_is_not_among_them(
    database: Database,
) -> None:
    main = (await report_of(database)).tables[0]
    row = row_of(main, "so-y-te")
    assert row.cells[2:6:3] == (120, 110)
    assert [cell(main, row, name) for name in ("documents", "paired", "parallel_paper")] == [
        520, 499, 40,
    ]  # fmt: skip
    share = cell(main, row, "paired_share")
    assert isinstance(share, Share)
    assert share.ratio == pytest.approx(499 / 520)
    assert not share.sampled


async def test_levels_stand_before_their_agencies_and_sums_equal_the_total(
    database: Database,
) -> None:
    report = await report_of(database)
    main = report.tables[0]
    assert main.total
    assert [row.code for row in main.rows if row.emphasis] == ["department", "commune"]
    assert [row.cells[0] for row in main.rows if not row.emphasis] == list(range(1, 9))
    for name in ("officials", "provisioned", "habitual", "documents", "paired", "parallel_paper"):
        sums = {
            emphasis: sum(
                value for row in main.rows
                if row.emphasis is emphasis and isinstance(value := cell(main, row, name), int)
            )
            for emphasis in (True, False)
        }  # fmt: skip
        assert sums[True] == sums[False] == cell(main, main.total, name), name
    assert not any("không bằng tổng" in note for note in main.notes)


async def test_officials_of_two_agencies_are_counted_once_in_the_total_and_it_says_so(
    database: Database,
) -> None:
    async with database.connection() as connection:
        closing = await closed(connection)
        await connection.execute("ALTER TABLE closed_figure DISABLE TRIGGER USER")
        await connection.execute(
            "UPDATE closed_figure SET denominator = denominator - 1"
            " WHERE scope = 'province' AND indicator = 'accounts_provisioned'"
        )
        main = (await read(connection, closing, Wanted(SETTINGS, Standing.CLOSED))).tables[0]
    assert any("người có tên ở nhiều cơ quan" in note for note in main.notes)


async def test_a_total_says_of_how_many_agencies_it_is(database: Database) -> None:
    """One of eight has no roster, two have no documents of the pair's channels."""
    report = await report_of(database)
    assert "đạt 97,2% (tính trên 7/8 cơ quan, đơn vị có danh sách CBCCVC)" in lines(report)
    assert "(số liệu của 6/8 cơ quan, đơn vị có dữ liệu)" in lines(report)
    notes = report.tables[0].notes
    assert "Dòng tổng về văn bản chỉ tính trên 6/8 cơ quan, đơn vị có dữ liệu." in notes


async def test_no_data_is_a_dash_and_never_nought(database: Database) -> None:
    report = await report_of(database)
    main = report.tables[0]
    row = row_of(main, "xa-khong")
    assert row.cells[2:4] == (None, None)
    assert row.cells[7:9] == (None, None)
    share = cell(main, row, "paired_share")
    assert share == Share(None, State.NO_DATA)
    assert "Không có danh sách CBCCVC" in str(cell(main, row, "note"))
    for each in report.tables:
        for line in each.rows:
            for found in line.cells:
                if isinstance(found, Share) and found.state is State.NO_DATA:
                    assert found.ratio is None, (each.id, line)


async def test_few_documents_are_neither_praised_nor_blamed(database: Database) -> None:
    """Two of four documents are half: a target is neither missed nor is the agency ranked."""
    report = await report_of(database)
    main = report.tables[0]
    row = row_of(main, "xa-it")
    assert cell(main, row, "assessment") == "Chưa đủ căn cứ"
    assert "Ít dữ liệu (4 văn bản)" in str(cell(main, row, "note"))
    share = cell(main, row, "paired_share")
    assert isinstance(share, Share)
    assert share.state is State.INSUFFICIENT
    ranking = table(report, "ranking")
    assert cell(ranking, row_of(ranking, "xa-it"), "group") == "Không xếp"


async def test_targets_are_reached_missed_or_cannot_be_said(database: Database) -> None:
    report = await report_of(database)
    main = report.tables[0]
    said = {row.code: cell(main, row, "assessment") for row in main.rows if not row.emphasis}
    assert said == {
        "so-y-te": "Đạt", "so-tu-phap": "Chưa đạt", "xa-an-binh": "Đạt",
        "xa-it": "Chưa đủ căn cứ", "xa-khong": "Chưa đủ căn cứ", "xa-thu": "Chưa đủ căn cứ",
        "xa-cu": None, "xa-cho": "Chưa đủ căn cứ",
    }  # fmt: skip
    assert (
        "Trong 3 cơ quan, đơn vị đủ căn cứ đánh giá, 2 cơ quan, đơn vị đạt tất cả chỉ tiêu"
        in lines(report)
    )
    assert "Có 4 cơ quan, đơn vị được giao chỉ tiêu nhưng chưa đủ căn cứ" in lines(report)


async def test_the_summary_tells_shares_and_changes_in_percentage_points(
    database: Database,
) -> None:
    text = lines(await report_of(database))
    assert "381/392 CBCCVC được cấp hộp thư điện tử công vụ, đạt 97,2%" in text
    # Of the document system alone, which both periods have: 768/864 against 519/560.
    assert "được ký số đủ, đạt 89,0%, giảm" in text
    assert "điểm phần trăm so với kỳ trước" in text
    assert "Sở Tư pháp (văn bản đủ cặp chữ ký 75,0%/95%)" in text
    assert "3 chứng thư chữ ký số" in text


async def test_a_channel_that_was_connected_in_between_is_no_rise(database: Database) -> None:
    agencies = [
        Agency("so-mot", "Sở Một", docsys=(90, 100), axis=(100, 100), before=(90, 100)),
    ]
    report = await report_of(database, agencies)
    assert "đạt 95,0%, không thay đổi so với kỳ trước" in lines(report)
    assert not [row for row in table(report, "changes").rows if row.cells[2] != row.cells[2]]


async def test_agencies_that_cannot_be_told_apart_share_a_group(database: Database) -> None:
    agencies = [
        Agency("a", "A", docsys=(12, 12)),
        Agency("b", "B", docsys=(990, 1000)),
        Agency("c", "C", docsys=(700, 1000)),
    ]
    ranking = table(await report_of(database, agencies), "ranking")
    groups = {row.code: cell(ranking, row, "group") for row in ranking.rows}
    assert groups == {"a": "Nhóm 1", "b": "Nhóm 1", "c": "Nhóm 2"}
    assert "Không phân biệt được với 2 cơ quan" in str(cell(ranking, ranking.rows[0], "note"))


async def test_a_chart_of_many_agencies_shows_the_ends(database: Database) -> None:
    agencies = [Agency(f"xa-{n:03}", f"Xã {n}", docsys=(n, 100)) for n in range(1, 100)]
    chart = table(await report_of(database, agencies), "ranking").charts[0]
    assert len(chart.labels) == 40
    assert (chart.labels[0], chart.labels[-1]) == ("Xã 99", "Xã 1")


async def test_an_ended_agency_is_named_with_its_successor(database: Database) -> None:
    report = await report_of(database)
    main = report.tables[0]
    note = str(cell(main, row_of(main, "xa-cu"), "note"))
    assert "Kết thúc hoạt động ngày 14/10/2026, chuyển về UBND xã An Bình" in note
    assert [row.code for row in table(report, "events").rows] == ["xa-cu"]


async def test_agencies_without_data_are_named_with_what_is_missing(database: Database) -> None:
    gaps = table(await report_of(database), "gaps")
    found = {row.code: str(cell(gaps, row, "missing")) for row in gaps.rows}
    assert "Không có dữ liệu văn bản" in found["xa-khong"]
    assert "25 văn bản qua kênh khác" in found["xa-thu"]
    assert "20,0% văn bản chưa kiểm tra được" in found["xa-cho"]
    assert "62,0%" in found["xa-cho"]
    assert "so-y-te" not in found


async def test_the_report_of_a_level_has_its_agencies_alone(database: Database) -> None:
    report = await report_of(database, level="department")
    assert report.head.scope == "level"
    assert {row.code for row in report.tables[0].rows} == {"so-y-te", "so-tu-phap"}
    assert report.tables[0].total
    assert report.tables[0].total.cells[2] == 180
    assert not any("UBND xã" in text for text in texts(report))


async def test_an_agency_or_level_that_the_period_does_not_have_is_refused(
    database: Database,
) -> None:
    with pytest.raises(UserError, match="no agency khong-co was in force"):
        await report_of(database, agency="khong-co")
    async with database.connection() as connection:
        with pytest.raises(LookupError):
            await read(connection, 4711, Wanted(SETTINGS, Standing.CLOSED))


@pytest.mark.parametrize("language", list(Language))
async def test_reading_twice_gives_the_same_report(database: Database, language: Language) -> None:
    async with database.connection() as connection:
        closing = await closed(connection)
        wanted = Wanted(SETTINGS, Standing.CLOSED, language)
        first = await read(connection, closing, wanted)
        await closed(connection, period="2026-10", version=2, reason="muộn")
        await closed(connection, period="2026-09")
        assert repr(await read(connection, closing, wanted)) == repr(first)


async def test_closings_before_it_are_a_line_with_gaps(database: Database) -> None:
    async with database.connection() as connection:
        for month in ("2026-05", "2026-06", "2026-08", "2026-09"):
            await closed(connection, period=month)
        closing = await closed(connection)
        report = await read(connection, closing, Wanted(SETTINGS, Standing.CLOSED))
    trend = table(report, "trend")
    assert trend.charts[0].labels == ("5/2026", "6/2026", "7/2026", "8/2026", "9/2026", "10/2026")
    values = trend.charts[0].series[0].values
    assert values[2] is None
    assert all(value is not None for n, value in enumerate(values) if n != 2)


async def test_two_points_are_no_line(database: Database) -> None:
    async with database.connection() as connection:
        await closed(connection, period="2026-09")
        closing = await closed(connection)
        report = await read(connection, closing, Wanted(SETTINGS, Standing.CLOSED))
    assert not table(report, "trend").charts
    assert len(table(report, "trend").rows) == 2


async def test_targets_newly_reached_and_lost_are_told(database: Database) -> None:
    reached = Agency("so-mot", "Sở Một", docsys=(99, 100), target="met")
    missed = replace(reached, docsys=(50, 100), target="behind")
    async with database.connection() as connection:
        await closed(connection, [missed], period="2026-09")
        closing = await closed(connection, [reached])
        report = await read(connection, closing, Wanted(SETTINGS, Standing.CLOSED))
    events = table(report, "events")
    assert cell(events, events.rows[0], "event") == "Mới đạt chỉ tiêu"
    assert not events.notes


async def test_names_of_data_are_cleaned_wherever_they_stand(database: Database) -> None:
    bad = "So\u031b\u0309 \u202eY\x07 te\u0302\u0301\n=1+1"
    report = await report_of(database, [replace(AGENCIES[0], name=bad)])
    assert report.tables[0].rows[1].cells[1] == "Sở Y tế =1+1"
    for text in texts(report):
        assert unicodedata.is_normalized("NFC", text), text
        assert all(unicodedata.category(letter)[0] != "C" for letter in text), text


async def test_a_month_without_agencies_and_figures_is_a_report_that_says_so(
    database: Database,
) -> None:
    report = await report_of(database, [])
    assert all(not each.rows or each.id == "trend" for each in report.tables)
    assert "chưa tính được tỷ lệ ký số đủ" in lines(report)
    assert all(each.empty or each.id in ("funnel", "leaders", "verdicts", "trend")
               for each in report.tables)  # fmt: skip


async def test_a_provisional_report_says_so_first_and_has_no_identity(database: Database) -> None:
    head = (await report_of(database, standing=Standing.PROVISIONAL)).head
    assert (head.version, head.closing_id, head.facts) == (0, None, "")
    assert head.remark.startswith("SỐ LIỆU TẠM TÍNH, CHƯA CHỐT")


async def test_the_method_page_tells_how_figures_came_about(database: Database) -> None:
    report = await report_of(database)
    text = "\n".join(line for part in report.method for line in part.lines)
    assert "ít nhất 10 trong số 21 ngày làm việc" in text
    assert "gửi thư và đăng nhập" in text
    assert "chờ dữ liệu đến muộn 5 ngày" in text
    assert "document_paired, phiên bản 2" in text
    assert "Kênh trục liên thông không có dữ liệu trong 1 ngày làm việc: 06/10/2026" in text
    assert "01" * 32 in text
    assert "congvu report check 2026-10" in text


async def test_every_row_has_a_cell_for_each_column_and_headings_are_named_once(
    database: Database,
) -> None:
    report = await report_of(database)
    assert len({each.id for each in report.tables}) == len(report.tables)
    for each in report.tables:
        assert len({heading.id for heading in each.headings}) == len(each.headings)
        for row in (*each.rows, *([each.total] if each.total else ())):
            assert len(row.cells) == len(each.headings), each.id
        for chart in each.charts:
            assert all(len(series.values) == len(chart.labels) for series in chart.series)


async def test_reasons_add_up_and_what_could_not_be_checked_stands_last(
    database: Database,
) -> None:
    reasons = table(await report_of(database), "reasons")
    assert reasons.total
    counts = [cell(reasons, row, "documents") for row in reasons.rows]
    assert sum(each for each in counts if isinstance(each, int)) == reasons.total.cells[3]
    assert cell(reasons, reasons.rows[-1], "verdict") == "Chưa kiểm tra được"


async def test_an_agency_that_lacks_as_much_of_two_targets_is_named_once(
    database: Database,
) -> None:
    async with database.connection() as connection:
        closing = await closed(connection, AGENCIES)
        before = await read(connection, closing, Wanted(SETTINGS, Standing.CLOSED))
        await connection.execute(
            "INSERT INTO closed_target SELECT closing_id, target || '-nua', code, ordinal, title,"
            " indicator, scope, channel, value, due, numerator, denominator, state, ratio, gap,"
            " path, units_short, assessment FROM closed_target WHERE target = 'ky-so'"
        )
        after = await read(connection, closing, Wanted(SETTINGS, Standing.CLOSED))
    name = "Sở Tư pháp"
    named = [line.count(name) for line in lines(before).split("\n") if name in line]
    assert [line.count(name) for line in lines(after).split("\n") if name in line] == named
    assert 1 in named
