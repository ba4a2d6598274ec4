"""Nothing that other people wrote becomes a formula, a link or broken XML in a workbook."""

import io
from dataclasses import replace

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from monitor.report.model import Report, Row, Table
from tests.report.workbooks import MAIN, Workbook, written
from tests.support.report_sample import NAMES, sample

ATTACKS = (
    *NAMES,
    '=HYPERLINK("http://192.0.2.1/","x")',
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\u202e=1+1",
    "\u200f@x",
    "＝1+1",
    "http://192.0.2.1/",
    "mailto:a@example.vn",
    "file:///etc/passwd",
    "internal:Sheet1!A1",
    "{=1+1}",
    "0012",
    "1e5",
    "TRUE",
    "#REF!",
    "_x0041_",
    "a\x00b\x01c\x0bd\x1fe\x7ff\x85g",
    "\ud800 half",
    "\ufffe\uffff",
    "]]><x/>&amp;&#0;",
    "=Sheet!$A$1",
)


def renamed(names: tuple[str, ...]) -> Report:
    """Every name stands in cells, in charts, as a sheet's name and title, in notes, in the head."""
    report = sample(len(names))
    main = report.tables[0]
    rows = [
        Row((*row.cells[:1], name, *row.cells[2:-1], name))
        for row, name in zip(main.rows, names, strict=True)
    ]
    charts = tuple(
        replace(
            chart,
            title=name,
            labels=names if chart.kind == "bars" else chart.labels,
            series=tuple(replace(each, title=name) for each in chart.series),
        )
        for chart, name in zip(main.charts, ("=Sheet!$A$1", "=1+1"), strict=True)
    )
    tables = [replace(main, rows=rows, notes=names, title=names[2], charts=charts)]
    tables += [Table(f"t{n}", name, name, main.headings, rows[:1]) for n, name in enumerate(names)]
    head = replace(
        report.head, title="=1+1", subject="@x", issuer="&P&[File]=1", superior="-1", place="=1"
    )
    figures = [
        replace(row, name=name) for row, name in zip(report.figures, names, strict=True)
    ]  # fmt: skip
    return replace(report, head=head, tables=tables, figures=figures)


@pytest.fixture(scope="module")
def attacked() -> bytes:
    return written(renamed(ATTACKS))


@pytest.fixture(scope="module")
def book(attacked: bytes) -> Workbook:
    return Workbook(attacked)


def test_no_sheet_has_a_formula(book: Workbook) -> None:
    assert all(sheet.find(f".//{MAIN}f") is None for sheet in book.sheets)


def test_every_cell_is_a_text_or_a_number(book: Workbook) -> None:
    kinds = {part.kind for name in book.names for part in book.cells(name).values()}
    assert kinds == {"inlineStr", "n", "blank"}


def test_numbers_are_never_made_of_texts(book: Workbook) -> None:
    texts = {
        part.text for name in book.names for part in book.cells(name).values()
        if part.kind == "inlineStr"
    }  # fmt: skip
    assert {"0012", "1e5", "TRUE", "+1+1"} <= texts


def test_nothing_links_out_of_the_file(book: Workbook) -> None:
    assert all(each.get("TargetMode") != "External" for each in book.relations())
    kinds = {each.get("Type", "").rsplit("/", 1)[-1] for each in book.relations()}
    assert not kinds & {"hyperlink", "externalLink", "oleObject", "vbaProject", "connections"}
    assert all(sheet.find(f".//{MAIN}hyperlink") is None for sheet in book.sheets)
    assert not any("externalLink" in name or "connections" in name for name in book.parts)


def test_defined_names_are_those_of_printing_and_filters(book: Workbook) -> None:
    defined = {
        each.get("name") for each in book.parts["xl/workbook.xml"].iter(f"{MAIN}definedName")
    }
    assert defined == {"_xlnm.Print_Titles", "_xlnm._FilterDatabase"}


def test_charts_refer_to_the_sheet_of_charts_alone(book: Workbook) -> None:
    chart = "{http://schemas.openxmlformats.org/drawingml/2006/chart}f"
    references = [each.text or "" for part in book.charts() for each in part.iter(chart)]
    assert references
    assert all(each.startswith("'Biểu đồ'!$") for each in references)


@pytest.mark.parametrize("name", [name for name in ATTACKS if name.lstrip()[0] in "=+-@"])
def test_what_looks_like_a_formula_stays_text_when_the_cell_is_edited(
    book: Workbook, name: str
) -> None:
    shown = name.replace("\t", " ").replace("\r", " ")
    found = [part for part in book.cells("Kết quả").values() if part.text == shown]
    assert found
    assert all(book.style(part).get("quotePrefix") == "1" for part in found)


def test_plain_texts_have_no_apostrophe(book: Workbook) -> None:
    [found] = {part for part in book.cells("Kết quả").values() if part.text == "Tổng cộng"}
    assert book.style(found).get("quotePrefix") is None


def test_directions_and_control_characters_are_replaced_by_a_visible_sign(book: Workbook) -> None:
    texts = [part.text for name in book.names for part in book.cells(name).values()]
    assert "\ufffd=1+1" in texts
    assert "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffdg" in texts
    assert not any(letter in text for text in texts for letter in "\u202e\u200f\x85\x7f")


def test_two_other_libraries_read_the_names_as_they_were(attacked: bytes) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(attacked))["Số liệu chi tiết"]
    assert all(cell.data_type in "snd" for row in sheet.iter_rows() for cell in row)
    index = [cell.value for cell in sheet[1]].index("Tên")
    by_openpyxl = [row[index].value for row in sheet.iter_rows(min_row=2)]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(attacked)).get_sheet_by_name(sheet.title)
    by_calamine = [row[index] for row in rows.to_python()[1:]]
    for read in (by_openpyxl, by_calamine):
        same = [name for name, found in zip(ATTACKS, read, strict=True) if name == found]
        assert [name for name in ATTACKS if name.isprintable() and "_x" not in name] == [
            name for name in same if "_x" not in name
        ]


def test_header_and_footer_show_ampersands_and_obey_none(book: Workbook) -> None:
    footer = book.sheet("Kết quả").findtext(f".//{MAIN}oddFooter") or ""
    assert "&&P&&[File]=1" in footer
