"""CSV with semicolons in a spreadsheet set to Vietnamese: numbers are numbers, nothing runs."""

import subprocess
from pathlib import Path

from openpyxl import load_workbook

from monitor.report.data.csv_file import PARTS
from tests.report.data_files import data_files
from tests.support.needs import needs, program
from tests.support.report_sample import NAMES, sample

pytestmark = needs("soffice")
VIETNAMESE = "Text - txt - csv (StarCalc):59,34,76,1,,1066,false,true"
"""Semicolons, UTF-8, the language vi-VN, special numbers detected (LibreOffice's help, "Filter
Options for CSV"): what a double click does on a Vietnamese machine."""


def opened(folder: Path) -> list[dict[str, object]]:
    """Cells of the wide form, by the names of their columns."""
    (folder / "wide.csv").write_bytes(data_files(sample(8))["wide-semicolon.csv"])
    subprocess.run(
        [
            program("soffice"), f"-env:UserInstallation=file://{folder}/profile", "--headless",
            "--norestore", f"--infilter={VIETNAMESE}", "--convert-to", "xlsx", "--outdir",
            str(folder), str(folder / "wide.csv"),
        ],
        check=True, capture_output=True, timeout=280,
    )  # fmt: skip
    sheet = load_workbook(folder / "wide.xlsx").worksheets[0]
    head, *rows = sheet.iter_rows()
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "d"}, "no formula"
    names = [str(cell.value) for cell in head]
    return [dict(zip(names, (cell.value for cell in row), strict=True)) for row in rows]


def test_columns_are_columns_numbers_numbers_and_names_texts(tmp_path: Path) -> None:
    found = opened(tmp_path)
    assert [str(row["agency"]).removeprefix("'") for row in found[:7]] == list(NAMES)
    assert [row["officials"] for row in found] == list(range(1000, 1008))
    assert [found[3][f"signed_share{part}"] for part in PARTS] == [0.5, "insufficient", 0.2, 0.8]
    assert found[4]["signed_share"] is None
    assert found[0]["signed_change"] == -0.036
