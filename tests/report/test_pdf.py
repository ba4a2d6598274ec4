"""The PDF of a report: what an office hands in, read by another program."""

import os
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from monitor.measure.figures import State
from monitor.model import Language
from monitor.report.model import Column, Heading, Paragraph, Report, Row, Share, Standing, Table
from monitor.report.pdf.data import MOST_ROWS, own_words
from monitor.report.pdf.text import _SHOWN
from tests.support.needs import needs
from tests.support.report_pdf import facts, made, pages, read
from tests.support.report_sample import HEADINGS, NAMES, sample

pytestmark = needs("pdftotext", "pdfinfo")

LONG = "Ủy ban nhân dân xã có tên dài đến mức phải xuống dòng nhiều lần trong một ô của bảng"


def _squeezed(text: str) -> str:
    """Without white space: lines of a cell may break anywhere."""
    return "".join(text.split()).replace("\N{ZERO WIDTH SPACE}", "")


def _named(names: Sequence[str]) -> Report:
    """A report with one table: an agency a row."""
    rows = [Row((n + 1, name)) for n, name in enumerate(names)]
    table = Table("names", "Tên", "Tên", HEADINGS[:2], rows)
    return replace(sample(0), tables=(table,))


def _of_shares(*shares: Share | None, language: Language = Language.VI) -> Report:
    headings = (Heading("share", "Tỷ lệ (%)", Column.SHARE),)
    table = Table("shares", "Tỷ lệ", "Tỷ lệ", headings, [Row((each,)) for each in shares])
    return replace(sample(0, language), tables=(table,))


# -- what is printed -------------------------------------------------------------------------------


def test_names_that_would_be_markup_or_formulas_are_printed_as_they_are(tmp_path: Path) -> None:
    text = _squeezed(" ".join(pages(made(sample(12)), tmp_path)))
    assert [name for name in NAMES if _squeezed(name) not in text] == []


def test_decomposed_names_give_the_same_file_as_composed_ones() -> None:
    composed = [*NAMES, "Ủy ban nhân dân xã Đường Thượng", "Sở Nội vụ tỉnh Thừa Thiên Huế"]
    decomposed = [unicodedata.normalize("NFD", name) for name in composed]
    assert decomposed != composed
    assert made(_named(decomposed)) == made(_named(composed))


def test_numbers_and_days_are_in_the_form_of_vietnamese_readers(tmp_path: Path) -> None:
    text = " ".join(pages(made(sample(6)), tmp_path))
    for shown in ("12.345", "97,2%", "94,9%", "−2,1", "+2,4", "01/10/2026"):
        assert shown in text


def test_numbers_are_in_the_form_of_english_readers(tmp_path: Path) -> None:
    text = " ".join(pages(made(sample(6, Language.EN)), tmp_path))
    for shown in ("12,345", "97.2%", "94.9%", "−2.1", "+2.4", "01/10/2026", "6 November 2026"):
        assert shown in text


def test_an_estimate_has_its_interval_and_a_line_that_says_what_it_is(tmp_path: Path) -> None:
    text = " ".join(pages(made(_of_shares(Share(0.941, State.OK, 0.921, 0.96))), tmp_path))
    assert "94,1% (92,1–96,0)" in text
    assert own_words(Language.VI)["legend"]["sampled"] in text


def test_a_census_has_no_interval(tmp_path: Path) -> None:
    text = " ".join(pages(made(_of_shares(Share(0.941, State.OK, 0.941, 0.941))), tmp_path))
    assert "94,1%" in text
    assert "(94,1" not in text


def test_figures_that_cannot_be_relied_on_are_marked_and_the_marks_explained(
    tmp_path: Path,
) -> None:
    shares = (Share(0.5, State.INSUFFICIENT), Share(0.75, State.STALE))
    text = " ".join(pages(made(_of_shares(*shares)), tmp_path))
    legend = own_words(Language.VI)["legend"]
    assert {"50,0%*", "75,0%†"} <= set(text.split())
    assert legend["insufficient"] in text
    assert legend["stale"] in text


def test_a_share_without_data_is_a_dash_that_is_explained_and_never_a_number(
    tmp_path: Path,
) -> None:
    shares = (Share(None, State.NO_DATA), Share(None, State.STALE))
    text = " ".join(pages(made(_of_shares(*shares)), tmp_path))
    assert "(%) – –† –" in text
    legend = own_words(Language.VI)["legend"]
    assert legend["unknown"] in text
    assert legend["stale"] in text
    assert "0,0%" not in text


def test_marks_that_no_cell_has_are_not_explained(tmp_path: Path) -> None:
    text = pages(made(_of_shares(Share(0.5))), tmp_path)[1]
    assert not [line for line in own_words(Language.VI)["legend"].values() if line in text]


def test_a_table_without_rows_says_why(tmp_path: Path) -> None:
    text = " ".join(pages(made(sample(3)), tmp_path))
    assert "Biểu 2. Chứng thư sắp hết hạn Không có chứng thư nào sắp hết hạn." in text


def test_charts_name_their_values_and_their_target(tmp_path: Path) -> None:
    text = " ".join(pages(made(sample(6)), tmp_path))
    chart = text[text.index("Tỷ lệ ký số đủ Chỉ tiêu 90%") :]
    assert "66,7%" in chart
    assert "Diễn biến" in chart
    assert "10/2026" in chart


def test_the_method_is_the_last_page(tmp_path: Path) -> None:
    assert "Có hoạt động từ 10 ngày làm việc trở lên." in pages(made(sample(3)), tmp_path)[-1]


# -- letters that are not there, texts that are too long -------------------------------------------


def test_letters_without_a_glyph_are_marked_and_named_in_the_legend(tmp_path: Path) -> None:
    text = " ".join(pages(made(_named(["Sở 漢字 😀 \ue000 שלום"])), tmp_path))
    assert "Sở �� � � ����" in text
    assert own_words(Language.VI)["legend"]["unshown"] in text


def test_every_letter_that_is_let_through_has_a_glyph_in_every_style() -> None:
    letters = [chr(n) for n in range(0x20, 0x10000) if re.match(f"[{_SHOWN}]", chr(n))]
    assert len(letters) > 500
    report = _named(["".join(letters[n : n + 20]) for n in range(0, len(letters), 20)])
    rows = [replace(row, emphasis=True) for row in report.tables[0].rows]
    bold = replace(report, tables=(replace(report.tables[0], rows=rows),))
    assert made(report).startswith(b"%PDF")
    assert made(bold).startswith(b"%PDF")


def test_a_text_that_would_not_fit_a_page_is_cut_and_the_reader_told(tmp_path: Path) -> None:
    text = pages(made(_named(["ghi chú " * 2000, "Sở Y tế"])), tmp_path)
    assert len(text) == 2
    assert "2 Sở Y tế" in text[0]
    assert own_words(Language.VI)["legend"]["shortened"] in text[0]


def test_a_word_without_end_is_broken_and_stays_whole_in_the_text(tmp_path: Path) -> None:
    address = "https://van-ban." + "rat-dai-" * 30 + "vn/"
    assert address in _squeezed(pages(made(_named([address])), tmp_path)[0])


# -- pages -----------------------------------------------------------------------------------------


def test_heads_of_a_table_stand_on_each_of_its_pages(tmp_path: Path) -> None:
    of_table = [page for page in pages(made(sample(120)), tmp_path) if "UBND xã Số" in page]
    with_rows = [page for page in of_table if re.search(r"UBND xã Số \d+ 1\.\d{3} 990", page)]
    assert len(with_rows) > 3
    assert all("Thư điện tử công vụ" in page and "CBCCVC" in page for page in with_rows)


def test_no_row_is_cut_in_two_by_the_end_of_a_page(tmp_path: Path) -> None:
    names = [f"Đầu{n:03} {LONG * (1 + n % 3)} Cuối{n:03}" for n in range(120)]
    whole = pages(made(_named(names)), tmp_path)
    assert len(whole) > 5
    for n in range(120):
        assert [f"Đầu{n:03}" in page for page in whole] == [f"Cuối{n:03}" in page for page in whole]


def test_tables_that_are_too_wide_lie_on_turned_pages(tmp_path: Path) -> None:
    said = facts(made(sample(40)), tmp_path)
    sizes = [said[f"Page {n} size"] for n in range(1, int(said["Pages"]) + 1)]
    assert sizes[0] == sizes[-1] == "595.276 x 841.89 pts (A4)"
    assert set(sizes[1:-1]) == {"841.89 x 595.276 pts (A4)"}


def test_pages_are_numbered_from_the_second_on(tmp_path: Path) -> None:
    text = pages(made(sample(40)), tmp_path)
    assert [page.split()[0] for page in text[1:]] == [str(n) for n in range(2, len(text) + 1)]
    assert not text[0].startswith("1 ")


def test_each_page_names_period_version_and_facts(tmp_path: Path) -> None:
    report = sample(40)
    for page in pages(made(report), tmp_path):
        assert page.endswith("Mã số liệu abababababababab")
        assert f"{report.head.span} Phiên bản 1 ·" in page


def test_a_table_of_thousands_is_printed_in_part_and_says_where_the_rest_is(
    tmp_path: Path,
) -> None:
    text = " ".join(
        pages(made(_named([f"Chứng thư {n}." for n in range(MOST_ROWS + 1)])), tmp_path)
    )
    assert f"Chứng thư {MOST_ROWS - 1}." in text
    assert f"Chứng thư {MOST_ROWS}." not in text
    assert "Biểu có 301 dòng, ở đây in 300 dòng đầu; xem đầy đủ trong tệp Excel" in text


def test_a_table_that_is_printed_whole_says_nothing_of_a_rest(tmp_path: Path) -> None:
    text = " ".join(pages(made(_named([f"Sở {n}" for n in range(MOST_ROWS)])), tmp_path))
    assert "dòng đầu" not in text


def test_a_short_table_between_wide_ones_does_not_turn_the_pages_back(tmp_path: Path) -> None:
    report = sample(3)
    wide = report.tables[0]
    short = replace(_named(["Sở Y tế"]).tables[0], id="short")
    said = facts(made(replace(report, tables=(wide, short, wide), method=())), tmp_path)
    sizes = [said[f"Page {n} size"] for n in range(2, int(said["Pages"]) + 1)]
    assert set(sizes) == {"841.89 x 595.276 pts (A4)"}


def test_the_place_for_the_signature_is_never_alone_on_a_page(tmp_path: Path) -> None:
    for lines in range(20, 45):
        said = tuple(f"Câu thứ {n}." for n in range(lines))
        report = replace(_named([]), summary=(Paragraph("Tổng quan", said),))
        page = next(each for each in pages(made(report), tmp_path) if "THỦ TRƯỞNG" in each)
        assert f"Câu thứ {lines - 1}." in page


# -- the head --------------------------------------------------------------------------------------


def test_the_first_page_has_the_form_of_the_decree(tmp_path: Path) -> None:
    first = pages(made(sample(3)), tmp_path)[0]
    for part in (
        "SỞ KHOA HỌC VÀ CÔNG NGHỆ TRUNG TÂM CÔNG NGHỆ THÔNG TIN",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
        "Hòa Bình, ngày 06 tháng 11 năm 2026",
        "BÁO CÁO TÌNH HÌNH SỬ DỤNG THƯ ĐIỆN TỬ CÔNG VỤ VÀ CHỮ KÝ SỐ",
        "THỦ TRƯỞNG ĐƠN VỊ",
    ):
        assert part in first


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2027, 1, 2, 1, tzinfo=UTC), "ngày 02 tháng 01 năm 2027"),
        (datetime(2026, 5, 9, 1, tzinfo=UTC), "ngày 09 tháng 5 năm 2026"),
        (datetime(2026, 10, 31, 17, tzinfo=UTC), "ngày 01 tháng 11 năm 2026"),
    ],
    ids=["January has a zero", "May has none", "the day is Vietnam's"],
)
def test_the_day_is_written_as_the_decree_asks(at: datetime, shown: str, tmp_path: Path) -> None:
    report = sample(0)
    report = replace(report, head=replace(report.head, at=at))
    assert shown in pages(made(report), tmp_path)[0]


def test_what_the_settings_do_not_say_is_left_to_be_filled_in(tmp_path: Path) -> None:
    report = sample(0)
    bare = replace(report, head=replace(report.head, superior="", issuer="", place=""))
    first = pages(made(bare), tmp_path)[0]
    assert "……………………" in first
    assert "…………, ngày 06" in first


@pytest.mark.parametrize(
    ("standing", "version", "band"),
    [
        (Standing.PROVISIONAL, 0, "SỐ LIỆU TẠM TÍNH – CHƯA CHỐT"),
        (Standing.RESTATED, 2, "SỐ LIỆU ĐIỀU CHỈNH – PHIÊN BẢN 2"),
    ],
)
def test_figures_that_may_change_or_have_changed_say_so_on_every_page(
    standing: Standing, version: int, band: str, tmp_path: Path
) -> None:
    report = sample(40)
    remark = "Thay thế bản 1 ngày 06/11/2026: bổ sung 12 văn bản gửi muộn."
    head = replace(report.head, standing=standing, version=version, remark=remark)
    text = pages(made(replace(report, head=head)), tmp_path)
    assert all(page.endswith(band) for page in text)
    assert f"{band} {remark}" in text[0]


def test_closed_figures_have_no_such_band(tmp_path: Path) -> None:
    assert "SỐ LIỆU" not in " ".join(pages(made(sample(3)), tmp_path))


# -- the file --------------------------------------------------------------------------------------


def test_the_file_says_what_it_is_whose_and_of_when(tmp_path: Path) -> None:
    report = sample(3)
    octets = made(report)
    said = facts(octets, tmp_path)
    assert said["Title"] == report.head.title
    assert said["Author"] == report.head.issuer
    assert said["CreationDate"] == "2026-11-06T01:30:00Z"
    assert str(PdfFileReader(BytesIO(octets)).root["/Lang"]) == "vi"


def test_the_file_says_it_is_an_archive_and_has_all_its_fonts(tmp_path: Path) -> None:
    octets = made(sample(12))
    meta = PdfFileReader(BytesIO(octets)).root["/Metadata"].data.decode()
    assert "<pdfaid:part>2</pdfaid:part>" in meta
    assert "<pdfaid:conformance>U</pdfaid:conformance>" in meta
    fonts = read(octets, tmp_path, "pdffonts", "{}").splitlines()[2:]
    assert fonts
    assert all("LibertinusSerif" in line for line in fonts)
    assert all(re.search(r" yes yes yes +\d+", line) for line in fonts)


def test_the_same_report_is_the_same_bytes_on_every_machine(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.support.report_pdf import made; "
        "from tests.support.report_sample import sample; sys.stdout.buffer.write(made(sample(30)))"
    )
    machines = (
        {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
        {"TZ": "Asia/Tokyo", "LC_ALL": "vi_VN.UTF-8", "PYTHONHASHSEED": "2",
         "HOME": str(tmp_path), "TYPST_FONT_PATHS": str(tmp_path), "SOURCE_DATE_EPOCH": "1"},
    )  # fmt: skip
    files = []
    for machine in machines:
        call = [sys.executable, "-c", code]
        done = subprocess.run(call, capture_output=True, check=True, env={**os.environ, **machine})
        files.append(done.stdout)
        time.sleep(1.1)  # another second of the clock
    assert files[0] == files[1] == made(sample(30))


def test_many_reports_take_no_more_memory_than_one() -> None:
    """Pages in memory, as the kernel counts them, in a process that writes fifteen reports."""
    grown = subprocess.run(
        [sys.executable, "-c", WRITES_MANY], capture_output=True, text=True, check=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert int(grown.stdout) < 100, (
        "MiB more after fourteen others; some 300 where typst keeps them"
    )


WRITES_MANY = """
import io
from pathlib import Path
from monitor.report import pdf
from tests.support.report_sample import sample

def mebibytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4 // 1024

pdf.write(sample(150), io.BytesIO())
before = mebibytes()
for more in range(14):
    pdf.write(sample(151 + more), io.BytesIO())
print(mebibytes() - before)
"""
