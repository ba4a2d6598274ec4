"""Reports as files to hand on: what is in them, who may read them, and that nothing runs."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from monitor.errors import UserError
from monitor.model import Language
from monitor.roster import report_files
from monitor.roster.report import (
    AgencyRows,
    Basis,
    Lacking,
    Report,
    ReportKind,
    ReportRow,
    Wanted,
)
from monitor.roster.report_files import write_csv, write_json, write_xlsx
from monitor.roster.report_words import COLUMNS, WORDED, Wording
from monitor.whole_file import whole_file

ON = date(2026, 11, 20)
EVIL = '=HYPERLINK("http://x.example")'


def row(**given: object) -> ReportRow:
    values: dict[str, object] = dict.fromkeys(ReportRow.__dataclass_fields__)
    values |= {
        "code": "so-yt", "agency": "Sở Y tế", "person": "4k7q-29xh-m4t0v",
        "address": "0000-0000-0001z", "why": "locked", "role": "leader", "kind": "personal",
        "state": "locked", "source": "hr", "day": date(2020, 1, 31), "days": 45,
        "last_human": date(2026, 10, 6),
    }  # fmt: skip
    return ReportRow(**(values | given))  # type: ignore[arg-type]  # named fields


def report(
    kind: ReportKind, *rows: ReportRow, lacking: Lacking | None = None, reason: str | None = None
) -> Report:
    async def given() -> AsyncIterator[ReportRow]:
        for each in rows:
            yield each

    return Report(
        wanted=Wanted(kind, ON, None, reason),
        basis=Basis(("people sở nội vụ 2026-11-01",), date(2025, 1, 1), date(2026, 11, 19)),
        lacking=lacking,
        agencies=() if lacking else (AgencyRows("so-yt", "Sở Y tế", len(rows)),),
        left_out=("xa-1",) if kind is ReportKind.MAILBOXES_WITHOUT_PERSON else (),
        limit_days=45 if kind is ReportKind.DORMANT else None,
        human=("sent", "login"),
        rows=given(),
    )


async def as_csv(made: Report, language: Language = Language.VI) -> list[list[str]]:
    file = io.BytesIO()
    await write_csv(made, Wording(made, language), file)
    assert file.getvalue().startswith(b"\xef\xbb\xbf"), "Excel needs the mark"
    return list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"))))


async def test_a_list_says_its_day_its_length_and_what_it_stands_on() -> None:
    lines = await as_csv(report(ReportKind.PEOPLE_WITHOUT_MAILBOX, row(), row()))
    assert lines[0] == ["CBCCVC chưa có hộp thư điện tử công vụ đang hoạt động"]
    assert lines[1] == ["Số liệu đến hết ngày 20/11/2026: 2 dòng"]
    assert lines[2] == ["Danh sách: nhân sự sở nội vụ 01/11/2026"]
    assert lines[4] == [
        "STT", "Mã cơ quan", "Cơ quan, đơn vị", "Mã người", "Chức danh", "Làm việc từ", "Lý do",
        "Mã địa chỉ",
    ]  # fmt: skip
    assert lines[5] == [
        "1", "so-yt", "Sở Y tế", "4k7q-29xh-m4t0v", "lãnh đạo", "31/01/2020", "tạm khóa",
        "0000-0000-0001z",
    ]  # fmt: skip
    assert lines[-1] == ["so-yt", "Sở Y tế", "2"]


async def test_english_is_the_second_language() -> None:
    lines = await as_csv(report(ReportKind.DORMANT, row(why="unused")), Language.EN)
    assert lines[0] == ["Dormant accounts"]
    assert lines[1] == ["As of 2026-11-20: 1 rows"]
    assert "more than 45 days" in lines[2][0]
    assert "mail sent, login" in lines[2][0]
    assert lines[4] == ["Activity is known: 2025-01-01 – 2026-11-19"]
    assert "2026-10-06" in lines[7]


async def test_agencies_that_are_left_out_are_named() -> None:
    lines = await as_csv(report(ReportKind.MAILBOXES_WITHOUT_PERSON, row()))
    assert ["Chưa có danh sách CBCCVC, không xét: xa-1"] in lines


async def test_no_data_is_said_instead_of_an_empty_table() -> None:
    made = report(ReportKind.DUPLICATES, lacking=Lacking.PEOPLE)
    lines = await as_csv(made)
    assert lines[1] == ["Số liệu đến hết ngày 20/11/2026: không có dữ liệu"]
    assert lines[-1][0].startswith("Không có dữ liệu: chưa nhập danh sách CBCCVC")
    file = io.BytesIO()
    await write_json(made, file)
    found = json.loads(file.getvalue())
    assert (found["state"], found["lacking"], found["total"], found["rows"]) == (
        "no_data", "people", None, [],
    )  # fmt: skip


@pytest.mark.parametrize("kind", list(ReportKind))
@pytest.mark.parametrize("reason", [None, "gửi Sở Y tế"])
async def test_names_are_in_it_only_when_revealed(kind: ReportKind, reason: str | None) -> None:
    shown = row(name="Ông An", staff_number="CB-7", real_address="an@soyt.tinh.example")
    lines = await as_csv(report(kind, shown, reason=reason))
    text = "\n".join(cell for line in lines for cell in line)
    assert ("an@soyt.tinh.example" in text) is (reason is not None)
    has_people = any(column.heading == "name" for column in COLUMNS[kind])
    assert ("Ông An" in text) is (reason is not None and has_people)


async def test_every_word_of_the_record_has_a_word_for_readers() -> None:
    """The SQL's own vocabulary, read from its files."""
    import re

    from monitor.record.statements import FOLDER
    from monitor.roster.report_words import WORDS

    said = set()
    for name in FOLDER.glob("report_*.sql"):
        if name.stem not in {"report_basis", "report_find_used"}:
            said |= set(re.findall(r"(?:THEN|ELSE|SELECT DISTINCT|UNION ALL\s+SELECT) '(\w+)'",
                                   name.read_text()))  # fmt: skip
    assert {"no_address", "two_lists", "given_up", "used_after"} <= said
    assert said <= WORDS.keys()
    assert {"why", "state"} <= WORDED


async def test_cells_are_inert(tmp_path: Path) -> None:
    made = report(ReportKind.PEOPLE_WITHOUT_MAILBOX, row(agency=EVIL, person="+84", role=None))
    lines = await as_csv(made)
    assert lines[5][2] == "'" + EVIL
    assert lines[5][3] == "'+84"
    again = report(ReportKind.PEOPLE_WITHOUT_MAILBOX, row(agency=EVIL, person="@SUM\x01(1)"))
    with whole_file(tmp_path / "a.xlsx") as file:
        await write_xlsx(again, Wording(again, Language.VI), file)
    sheet = load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}, "no formula"
    values = [cell.value for cell in cells]
    assert EVIL in values
    assert "@SUM(1)" in values
    assert cells[0].font.name == "Times New Roman"
    assert sheet.title == "Danh sách"
    assert [cell.value for cell in cells if cell.font.bold and cell.column == 1] == [
        "CBCCVC chưa có hộp thư điện tử công vụ đang hoạt động", "STT", "Mã cơ quan",
    ]  # fmt: skip


async def test_json_is_one_object_with_all_rows() -> None:
    file = io.BytesIO()
    await write_json(report(ReportKind.DORMANT, row(), row(days=7)), file)
    found = json.loads(file.getvalue())
    assert (found["report"], found["on"], found["total"]) == ("dormant", "2026-11-20", 2)
    assert found["agencies"] == [{"code": "so-yt", "name": "Sở Y tế", "rows": 2}]
    assert found["rows"][1]["days"] == 7
    assert "name" not in found["rows"][0]


async def test_what_does_not_fit_into_a_sheet_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_files, "MOST_XLSX_ROWS", 1)
    made = report(ReportKind.DORMANT, row(), row())
    with pytest.raises(UserError, match="write CSV"):
        await write_xlsx(made, Wording(made, Language.VI), io.BytesIO())
