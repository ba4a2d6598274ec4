"""A workbook as its readers find it: sheets, values, formats, print, charts."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime, time

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from monitor.measure.figures import State
from monitor.model import Language
from monitor.report.model import Column, Heading, Report, Row, Share, Standing, Table
from tests.report.workbooks import CHART, MAIN, Part, Workbook, written
from tests.support.report_sample import NAMES, sample


def opened(report: Report) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(written(report)))


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return opened(sample())


@pytest.fixture(scope="module")
def raw() -> Workbook:
    return Workbook(written(sample()))


@pytest.fixture(scope="module")
def results(book: openpyxl.Workbook) -> Worksheet:
    sheet = book["Kết quả"]
    assert isinstance(sheet, Worksheet)
    return sheet


def heading_row(sheet: Worksheet) -> int:
    return next(row for row in range(1, 12) if sheet.cell(row, 1).value == "STT")


def below(sheet: Worksheet, title: str, at: int = 1) -> object:
    """The cell in a column, so many rows below its heading."""
    row = heading_row(sheet)
    titles = [cell.value for cell in sheet[row]]
    return sheet.cell(row + at, titles.index(title) + 1).value


def midnight(day: date) -> datetime:
    """A day as openpyxl reads it."""
    return datetime.combine(day, time())


def share_part(share: Share, language: Language = Language.VI) -> tuple[Workbook, Part]:
    heading = Heading("share", "Tỷ lệ", Column.SHARE)
    table = Table("t", "Bảng", "Bảng", (heading,), [Row((share,))])
    raw = Workbook(written(replace(sample(0, language), tables=(table,))))
    cells = raw.cells("Bảng")
    row = next(int(ref[1:]) for ref, part in cells.items() if part.text == "Tỷ lệ")
    return raw, cells[f"A{row + 1}"]


def test_sheets_are_the_cover_the_tables_the_charts_all_figures_and_the_method(
    book: openpyxl.Workbook,
) -> None:
    assert book.sheetnames == [
        "Tổng hợp", "Kết quả", "Chứng thư", "Biểu đồ", "Số liệu chi tiết", "Phương pháp",
    ]  # fmt: skip


def test_an_english_report_has_english_sheets() -> None:
    names = opened(sample(language=Language.EN)).sheetnames
    assert names == ["Summary", "Kết quả", "Chứng thư", "Charts", "All figures", "Method"]


def test_the_cover_has_the_head_of_an_administrative_document(book: openpyxl.Workbook) -> None:
    rows = [[cell.value for cell in row] for row in book["Tổng hợp"].iter_rows(max_row=3)]
    assert rows == [
        ["SỞ KHOA HỌC VÀ CÔNG NGHỆ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        ["TRUNG TÂM CÔNG NGHỆ THÔNG TIN", "Độc lập - Tự do - Hạnh phúc"],
        [None, "Hòa Bình, ngày 06 tháng 11 năm 2026"],
    ]


def test_the_cover_names_the_closing_and_the_method_sheet_the_method(
    book: openpyxl.Workbook,
) -> None:
    cover = [row[0].value for row in book["Tổng hợp"].iter_rows()]
    assert cover[-1] == (
        "Mã lần chốt 7, phiên bản 1, lúc 08:30 06/11/2026. "
        f"Mã đối chiếu dữ kiện (SHA-256): {'ab' * 32}"
    )
    assert "Toàn tỉnh ký số 1.234/1.300 văn bản (94,9%)." in cover
    method = [row[0].value for row in book["Phương pháp"].iter_rows()]
    assert "Có hoạt động từ 10 ngày làm việc trở lên." in method


def test_numbers_dates_and_shares_are_real_ones(results: Worksheet) -> None:
    assert below(results, "Tổng số CBCCVC", 3) == 1002
    assert below(results, "Từ ngày", 3) == midnight(date(2026, 10, 3))
    assert below(results, "Tỷ lệ (%)", 3) == pytest.approx(990 / 1002)
    assert below(results, "Tăng, giảm (điểm %)", 3) == pytest.approx(-1.2)
    assert below(results, "STT", 3) == 3


def test_what_is_unknown_is_a_dash_and_never_nothing_or_0(results: Worksheet) -> None:
    assert below(results, "Tăng, giảm (điểm %)", 5) == "–"


def test_a_share_without_data_says_so_in_words() -> None:
    _, part = share_part(Share(None, State.NO_DATA))
    assert (part.text, part.kind) == ("–", "inlineStr")


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (Share(0.5), "[$-42A]0.0%"),
        (Share(0.5, State.INSUFFICIENT), '[$-42A]0.0%"*"'),
        (Share(0.5, State.STALE), '[$-42A]0.0%"†"'),
        (Share(0.5, State.OK, 0.4, 0.6), '[$-42A]"≈ "0.0%'),
        (Share(0.5, State.OK, 0.5, 0.5), "[$-42A]0.0%"),
        (Share(0.9999), '"99,9%"'),
        (Share(0.0001, State.STALE), '"0,1%""†"'),
        (Share(1.0), "[$-42A]0.0%"),
        (Share(0.0), "[$-42A]0.0%"),
    ],
)
def test_a_share_is_a_number_whose_format_says_how_far_to_trust_it(
    share: Share, shown: str
) -> None:
    raw, part = share_part(share)
    assert (part.kind, float(part.text)) == ("n", share.ratio)
    assert raw.number_format(part) == shown


def test_an_english_reader_has_english_numbers() -> None:
    raw, part = share_part(Share(0.9999), Language.EN)
    assert raw.number_format(part) == '"99.9%"'
    raw, part = share_part(Share(0.5), Language.EN)
    assert raw.number_format(part) == "[$-409]0.0%"


def test_an_estimate_has_its_interval_in_the_next_column(results: Worksheet) -> None:
    assert below(results, "Khoảng tin cậy 95%", 4) == "20,0 – 80,0%"
    assert below(results, "Khoảng tin cậy 95%", 3) is None


def test_a_census_needs_no_column_for_intervals() -> None:
    sheet = opened(sample(3))["Kết quả"]
    assert all("Khoảng" not in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_marks_are_explained_below_the_table_that_has_them(results: Worksheet) -> None:
    texts = [row[0].value for row in results.iter_rows()]
    assert "* Chưa đủ số liệu để kết luận." in texts
    assert "– Không có số liệu hoặc không áp dụng; không phải là 0." in texts
    assert not any(str(text).startswith("†") for text in texts)
    assert "Số liệu chốt ngày 06/11/2026." in texts


def test_headings_of_groups_are_merged_over_their_columns(results: Worksheet) -> None:
    merged = {str(results.cell(each.min_row, each.min_col).value): each.size["columns"]
              for each in results.merged_cells.ranges}  # fmt: skip
    assert merged["Thư điện tử công vụ"] == 3
    assert merged["Ký số"] == 5, "the interval stands below the head of its share"


def test_the_row_above_the_figures_has_every_heading(results: Worksheet) -> None:
    titles = [cell.value for cell in results[heading_row(results)]]
    assert None not in titles
    assert titles[:3] == ["STT", "Cơ quan, đơn vị", "Tổng số CBCCVC"]


def test_heading_and_names_stay_in_view_and_are_printed_on_every_page(results: Worksheet) -> None:
    row = heading_row(results)
    assert results.freeze_panes == f"C{row + 1}"
    assert results.print_title_rows == f"${row - 1}:${row}"


def test_filters_cover_the_agencies_and_leave_the_total_out(results: Worksheet) -> None:
    row = heading_row(results)
    assert results.auto_filter.ref == f"A{row}:M{row + 12}"
    assert below(results, "Cơ quan, đơn vị", 13) == "Tổng cộng"


def test_pages_are_a4_as_wide_as_the_table_with_title_and_number(book: openpyxl.Workbook) -> None:
    for name, way in (("Kết quả", "landscape"), ("Chứng thư", "portrait")):
        setup = book[name].page_setup
        assert (setup.paperSize, setup.orientation or "portrait") == (9, way)
        fitted = book[name].sheet_properties.pageSetUpPr
        assert fitted is not None
        assert (fitted.fitToPage, setup.fitToHeight) == (True, 0)
    sheet = Workbook(written(sample())).sheet("Kết quả")
    assert "&R" in (footer := sheet.findtext(f".//{MAIN}oddFooter") or "")
    assert footer.endswith("Trang &P/&N")
    assert "Kết quả của từng cơ quan" in (sheet.findtext(f".//{MAIN}oddHeader") or "")


def test_the_total_is_set_off(results: Worksheet) -> None:
    total = results.cell(heading_row(results) + 13, 3)
    plain = results.cell(heading_row(results) + 12, 3)
    assert (total.font.b, plain.font.b) == (True, False)
    assert total.fill.fgColor.rgb != plain.fill.fgColor.rgb


def test_everything_is_in_times_new_roman(book: openpyxl.Workbook) -> None:
    cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
    assert {cell.font.name for cell in cells} == {"Times New Roman"}


def test_long_names_break_into_lines_of_a_row_high_enough(results: Worksheet) -> None:
    row = heading_row(results)
    heights = {at: results.row_dimensions[row + at].height or 0 for at in (1, 2)}
    assert heights[2] > 2.5 * heights[1]
    assert results.cell(row + 2, 2).alignment.wrap_text


def test_no_number_is_wider_than_its_column() -> None:
    report = sample(2)
    main = report.tables[0]
    big = Row((*main.rows[0].cells[:2], 1_234_567_890, *main.rows[0].cells[3:]))
    sheet = opened(replace(report, tables=[replace(main, rows=[big])]))["Kết quả"]
    assert sheet.column_dimensions["C"].width > len("1.234.567.890")


def test_an_empty_table_says_what_is_not_there(book: openpyxl.Workbook) -> None:
    sheet = book["Chứng thư"]
    assert "Không có chứng thư nào sắp hết hạn." in [row[0].value for row in sheet.iter_rows()]
    assert sheet.auto_filter.ref is None


def test_all_figures_stand_in_one_sheet_as_numbers(book: openpyxl.Workbook) -> None:
    sheet = book["Số liệu chi tiết"]
    heads = [cell.value for cell in sheet[1]]
    first = dict(zip(heads, [cell.value for cell in sheet[3]], strict=True))
    assert first["Tên"] == NAMES[1]
    assert (first["Tử số"], first["Mẫu số"], first["Tỷ lệ"]) == (1, 2, 0.5)
    assert first["Từ ngày"] == midnight(date(2026, 10, 1))
    assert first["Nhóm so sánh"] is None
    assert sheet.max_row == 13
    assert sheet.auto_filter.ref == f"A1:{get_column_letter(len(heads))}13"


def test_calamine_reads_the_same_values(results: Worksheet) -> None:
    read = CalamineWorkbook.from_filelike(io.BytesIO(written(sample())))
    rows = read.get_sheet_by_name("Kết quả").to_python()
    row = next(row for row in rows if row[0] == 3)
    assert row[1] == NAMES[2]
    assert row[2:5] == [1002, 990, pytest.approx(990 / 1002)]
    assert date(2026, 10, 3) in row


def test_what_a_restated_report_remarks_stands_on_cover_tables_and_every_page() -> None:
    report = sample(1)
    head = replace(report.head, standing=Standing.RESTATED, version=2, remark="Thay bản 1.")
    book = opened(replace(report, head=head))
    for name in ("Tổng hợp", "Kết quả"):
        assert "Thay bản 1." in [row[0].value for row in book[name].iter_rows()]
    for sheet in Workbook(written(replace(report, head=head))).sheets:
        assert "SỐ LIỆU ĐIỀU CHỈNH – BẢN 2" in (sheet.findtext(f".//{MAIN}oddHeader") or "")


def test_a_provisional_report_says_so_and_names_no_closing() -> None:
    report = sample(1)
    head = replace(report.head, standing=Standing.PROVISIONAL, version=0, closing_id=None, facts="")
    book = opened(replace(report, head=head))
    cover = [row[0].value for row in book["Tổng hợp"].iter_rows()]
    assert cover[-1] == "Số liệu tạm tính lúc 08:30 06/11/2026, chưa chốt."
    first = Workbook(written(replace(report, head=head))).sheets[0]
    assert "SỐ LIỆU TẠM TÍNH – CHƯA CHỐT" in (first.findtext(f".//{MAIN}oddHeader") or "")


def test_properties_name_the_report_the_issuer_and_the_closing_time(
    book: openpyxl.Workbook,
) -> None:
    properties = book.properties
    assert properties.title == sample().head.title
    assert properties.creator == properties.lastModifiedBy == "TRUNG TÂM CÔNG NGHỆ THÔNG TIN"
    closed = sample().head.at.astimezone(UTC).replace(tzinfo=None)
    assert properties.created == properties.modified == closed


# -- charts ----------------------------------------------------------------------------------------


def test_charts_are_drawn_from_cells_beside_them_and_cover_none(raw: Workbook) -> None:
    cells = raw.cells("Biểu đồ")
    last = max("ABCDEFGH".index(ref[0]) for ref, part in cells.items() if part.kind != "blank")
    drawing = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
    starts = [
        int(each.findtext(f"{drawing}from/{drawing}col") or 0)
        for name, part in raw.parts.items() if name.startswith("xl/drawings/drawing")
        for each in part
    ]  # fmt: skip
    assert len(starts) == 2
    assert min(starts) > last


def test_charts_carry_their_figures_for_programs_that_compute_nothing(raw: Workbook) -> None:
    bars, lines = raw.charts()
    values = [each.text for each in bars.iterfind(f".//{CHART}val//{CHART}v")]
    assert values[:2] == ["0.0", "0.5"]
    months = [
        each.text or "" for each in lines.iterfind(f".//{CHART}cat//{CHART}strCache//{CHART}v")
    ]
    assert [month.strip() for month in months] == ["8/2026", "9/2026", "10/2026"]


def test_a_month_without_data_is_a_gap_in_the_line(raw: Workbook) -> None:
    lines = raw.charts()[1]
    points = [each.get("idx") for each in lines.iterfind(f".//{CHART}val//{CHART}pt")]
    assert points == ["0", "2"]
    blanks = lines.find(f".//{CHART}dispBlanksAs")
    assert blanks is None or blanks.get("val") == "gap"


def test_an_interval_with_a_width_is_drawn_as_error_bars(raw: Workbook) -> None:
    bars, lines = raw.charts()
    assert bars.find(f".//{CHART}errBars") is None
    plus = [each.text for each in lines.iterfind(f".//{CHART}errBars/{CHART}plus//{CHART}v")]
    assert float(plus[0] or 0) == pytest.approx(0.1)


def test_the_target_is_a_line_across_the_bars(raw: Workbook) -> None:
    bars = raw.charts()[0]
    assert bars.findtext(f".//{CHART}trendline/{CHART}name") == "Chỉ tiêu 90%"
    texts = [part.text for part in raw.cells("Biểu đồ").values()]
    assert "Tỷ lệ ký số đủ (nét đứt: chỉ tiêu 90%)" in texts


def test_many_bars_become_charts_of_a_page_each() -> None:
    raw = Workbook(written(sample(65)))
    texts = [part.text for part in raw.cells("Biểu đồ").values()]
    assert len(raw.charts()) == 4
    assert any("(61–65/65)" in text for text in texts)
    breaks = raw.sheet("Biểu đồ").findall(f".//{MAIN}rowBreaks/{MAIN}brk")
    assert len(breaks) == 2, "the last two are low enough for one page"


def test_a_bar_that_is_not_there_says_why(raw: Workbook) -> None:
    cells = raw.cells("Biểu đồ")
    beside = {part.text: cells.get(f"B{ref[1:]}") for ref, part in cells.items()}
    nothing, unknown = beside["Sở Y tế"], beside["UBND xã Số 9 (không có số liệu)"]
    assert nothing is not None
    assert (nothing.kind, float(nothing.text)) == ("n", 0)
    assert unknown is not None
    assert unknown.kind == "blank"
    assert "9/2026" in beside, "in a line a gap says it"


def test_years_below_a_line_are_texts() -> None:
    report = sample(1)
    main = report.tables[0]
    line = replace(main.charts[1], labels=("2024", "2025", "2026"))
    raw = Workbook(written(replace(report, tables=[replace(main, charts=(line,))])))
    [chart] = raw.charts()
    assert chart.find(f".//{CHART}cat/{CHART}strRef") is not None


def test_a_report_without_charts_has_no_sheet_of_them() -> None:
    report = sample(1)
    table = replace(report.tables[0], charts=())
    assert "Biểu đồ" not in opened(replace(report, tables=[table])).sheetnames


def test_a_chart_of_nobody_is_left_out() -> None:
    assert len(Workbook(written(sample(0))).charts()) == 1, "months, and no bars"
