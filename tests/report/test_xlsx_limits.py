"""What a workbook cannot hold is cut where the reader sees it, and long tables go on."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta, timezone
from hashlib import sha256
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.report.model import Standing
from monitor.report.xlsx import figures as xlsx_figures
from monitor.report.xlsx import table as xlsx_table
from monitor.report.xlsx.book import Book
from monitor.report.xlsx.text import LONGEST, cut, fit, for_print, height, sheet_name
from tests.report.workbooks import MAIN, Workbook, written
from tests.support.report_sample import sample

ROOT = Path(__file__).parents[2]
WORLDS = {
    "another zone": {"TZ": "America/St_Johns"},
    "another locale": {"LC_ALL": "vi_VN.UTF-8", "LANG": "vi_VN.UTF-8"},
    "no UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "another order of hashes": {"PYTHONHASHSEED": "1"},
}
PROGRAM = """
import os, sys, time, tempfile
os.umask(int(sys.argv[1], 8))
tempfile.tempdir = sys.argv[2]
now = time.time
time.time = lambda: now() + 5e8
from tests.report.test_xlsx_limits import digest
print(digest())
"""


def digest() -> str:
    return sha256(written(sample(40))).hexdigest()


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS.keys())
def test_the_same_report_is_the_same_bytes_wherever_and_whenever_it_is_made(
    world: dict[str, str], tmp_path: Path
) -> None:
    made = subprocess.run(
        [sys.executable, "-c", PROGRAM, "027" if "TZ" in world else "077", str(tmp_path)],
        cwd=ROOT, env=os.environ | world, text=True, capture_output=True, check=True,
    )  # fmt: skip
    assert made.stdout.strip() == digest()
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_the_zone_in_which_a_time_was_read_changes_nothing() -> None:
    report = sample(1)
    far = report.head.at.astimezone(timezone(timedelta(hours=-9)))
    assert written(replace(report, head=replace(report.head, at=far))) == written(report)


def test_entries_have_one_time_and_the_rights_of_no_umask() -> None:
    entries = Workbook(written(sample(1))).entries
    assert {(each.date_time[:3], each.external_attr) for each in entries} == {
        ((1980, 1, 31), 0o600 << 16)
    }


def test_rows_beyond_a_sheet_go_on_in_the_next(tmp_path: Path) -> None:
    report = sample(12)
    path = tmp_path / "long.xlsx"
    book = Book(path, report.head)
    xlsx_table.write_table(book, report.tables[0], rows=xlsx_table.SPARE + 5)
    xlsx_figures.write_figures(book, report, rows=6)
    book.close()
    read = openpyxl.load_workbook(path)
    names = ["Kết quả", "Kết quả (2)", "Kết quả (3)"]
    figures = ["Số liệu chi tiết", "Số liệu chi tiết (2)", "Số liệu chi tiết (3)"]
    assert read.sheetnames == [*names, *figures]
    ordinals = [
        cell.value for name in names for (cell,) in read[name].iter_rows(max_col=1)
        if isinstance(cell.value, int)
    ]  # fmt: skip
    assert ordinals == list(range(1, 13))
    totals = [[row[1].value for row in read[name].iter_rows()].count("Tổng cộng") for name in names]
    assert totals == [0, 0, 1]
    assert read[names[1]]["A1"].value == "Kết quả của từng cơ quan, đơn vị (tiếp theo, phần 2)"
    assert sum(read[name].max_row - 1 for name in figures) == 12


def test_a_text_that_no_cell_holds_is_cut_visibly() -> None:
    report = sample(1)
    long = "Ủy ban " * 10_000
    head = replace(report.head, remark=long)
    sheet = openpyxl.load_workbook(io.BytesIO(written(replace(report, head=head))))["Tổng hợp"]
    [shown] = [str(row[0].value) for row in sheet.iter_rows() if len(str(row[0].value)) > 9999]
    assert len(shown) == LONGEST
    assert shown.endswith("…")


def test_a_workbook_that_cannot_be_written_is_an_error_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").mkdir()
    book = Book(tmp_path / "x.xlsx", sample(1).head)
    with pytest.raises(OSError, match="the workbook could not be written"):
        book.close()


@given(st.text(), st.integers(2, 40))
def test_a_cut_text_has_at_most_so_many_units_and_shows_that_it_was_cut(
    text: str, most: int
) -> None:
    text = text.encode("utf-16-le", "replace").decode("utf-16-le")
    short = cut(text, most)
    assert len(short.encode("utf-16-le")) // 2 <= most
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


@settings(max_examples=200)
@given(st.lists(st.text(max_size=50), max_size=8))
def test_names_of_sheets_are_allowed_and_unique(wanted: list[str]) -> None:
    taken: set[str] = set()
    names = [sheet_name(each, taken) for each in wanted]
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\\n")
        assert not name.startswith("'")
        assert not name.endswith("'")


def test_names_of_sheets_stay_what_they_are_where_they_may() -> None:
    taken: set[str] = set()
    assert sheet_name("Kết quả", taken) == "Kết quả"
    assert sheet_name("KẾT QUẢ", taken) == "KẾT QUẢ (2)"
    assert sheet_name("History", taken) == "History (2)", "Excel keeps that name for itself"
    assert sheet_name("a/b: [c]?*\\", taken) == "a b   c"
    assert sheet_name("'''", taken) == "Sheet"


def test_decomposed_letters_are_composed() -> None:
    assert fit("Tiê\u0301ng Viê\u0323t") == "Tiếng Việt"


def test_a_page_header_has_room_for_what_it_is_given() -> None:
    # Excel reads no file whose header is longer than 255 letters.
    report = sample(1)
    head = replace(
        report.head, issuer="&" * 500, span="&" * 500, standing=Standing.RESTATED, version=1234
    )
    table = replace(report.tables[0], title="&Ủy " * 100)
    sheet = Workbook(written(replace(report, head=head, tables=[table]))).sheet("Kết quả")
    for part in ("oddHeader", "oddFooter"):
        text = sheet.findtext(f".//{MAIN}{part}") or ""
        assert 100 < len(text) < 255
        assert text.count("&") - 2 * text.count("&&") < 15
    assert for_print("A & B\nC", 20) == "A && B C"


def test_a_text_of_several_lines_is_as_high_as_its_lines() -> None:
    one = height("Sở Y tế", 300, 13)
    assert height("Sở Y tế\nSở Y tế", 300, 13) > 1.5 * one
    assert height("Ủy ban nhân dân " * 10, 300, 13) > 4 * one
    assert height("x" * 200, 100, 13) > 10 * one


@pytest.mark.parametrize(("rows", "pages"), [(10, 0), (60, 1), (200, 0)])
def test_a_table_a_little_longer_than_a_page_is_printed_on_one(rows: int, pages: int) -> None:
    """Else its total stands alone on the next."""
    report = replace(sample(rows), summary=(), method=())
    table = replace(report.tables[0], notes=(), charts=(), landscape=False)
    file = io.BytesIO(written(replace(report, tables=(table,))))
    height = openpyxl.load_workbook(file)[table.sheet].page_setup.fitToHeight
    assert pages == (1 if height is None else height), "1 is what is not written"
