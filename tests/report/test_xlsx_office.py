"""LibreOffice opens what was written, shows the same values and prints every page."""

import csv
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.report.model import Report
from tests.report.workbooks import written
from tests.support.needs import needs, program
from tests.support.report_sample import NAMES, sample

pytestmark = [needs("soffice", "pdftotext"), pytest.mark.timeout(600)]

EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,true,false,false,-1"
"""UTF-8, what cells show, a file a sheet (LibreOffice's help, "Filter Options for CSV")."""


@pytest.fixture(scope="module")
def report() -> Report:
    made = sample()
    head = replace(made.head, remark="Thay bản 1: có số liệu đến muộn.")
    return replace(made, head=head)


@pytest.fixture(scope="module")
def folder(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook, printed, and each of its sheets as CSV."""
    place = tmp_path_factory.mktemp("office")
    (place / "r.xlsx").write_bytes(written(report))
    for target in ("pdf", EVERY_SHEET):
        subprocess.run(
            [
                program("soffice"), f"-env:UserInstallation=file://{place}/profile", "--headless",
                "--norestore", "--convert-to", target, "--outdir", str(place),
                str(place / "r.xlsx"),
            ],
            check=True, capture_output=True, timeout=280,
        )  # fmt: skip
    return place


def rows(folder: Path, sheet: str) -> list[list[str]]:
    with (folder / f"r-{sheet}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_it_shows_the_values_that_were_written_as_vietnamese_readers_do(folder: Path) -> None:
    third = next(row for row in rows(folder, "Kết quả") if row[0] == "3")
    assert third[1:6] == [NAMES[2], "1.002", "990", "98,8%", "3"]
    assert third[8:12] == ["", "-1,2", "03/10/2026", "Chưa đạt"]


def test_marks_and_intervals_are_shown(folder: Path) -> None:
    fourth = next(row for row in rows(folder, "Kết quả") if row[0] == "4")
    assert fourth[7:9] == ["≈ 50,0%*", "20,0 – 80,0%"]
    fifth = next(row for row in rows(folder, "Kết quả") if row[0] == "5")
    assert fifth[7:10] == ["–", "", "–"]


def test_it_computes_nothing_of_names(folder: Path) -> None:
    shown = {row[1] for row in rows(folder, "Kết quả") if row[0].isdigit()}
    assert set(NAMES) <= shown


def test_all_figures_are_shown(folder: Path) -> None:
    head, *lines = rows(folder, "Số liệu chi tiết")
    assert len(lines) == 12
    second = dict(zip(head, lines[1], strict=True))
    assert (second["Tử số"], second["Tỷ lệ"], second["Từ ngày"]) == ("1", "50,00%", "01/10/2026")


def test_every_page_is_a4_with_its_number_and_long_names_are_whole(
    folder: Path, report: Report
) -> None:
    text = subprocess.run(
        [program("pdftotext"), "-layout", str(folder / "r.pdf"), "-"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    pages = text.split("\f")[:-1]
    assert [f"Trang {n}/{len(pages)}" in page for n, page in enumerate(pages, 1)] == [True] * len(
        pages
    )
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in pages[0]
    assert report.head.remark in pages[0]
    words = " ".join(text.split())
    assert all(word in words for word in NAMES[1].split())
    assert "###" not in text
