"""Lists in Excel workbooks: what is read, what is told, and what a hostile file may cost."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from monitor.tables import ColumnMapping, Table, package, read
from monitor.tables import sheet as sheets
from tests.tables.lists import FIELDS, in_tcvn3, messages

HEADINGS = ["Mã cán bộ", "Họ và tên", "Cơ quan", "Thư điện tử", "Từ ngày"]
MOMENT = datetime(2020, 2, 1, 7, 30)  # noqa: DTZ001 - what openpyxl takes
ROW = ["0042", "Nguyễn Văn Đức", "Sở Y tế", "duc@soyte.demo.gov.vn", date(2020, 2, 1)]


def _book(*rows: Sequence[object]) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Danh sách"
    for row in rows:
        sheet.append(list(row))
    return book, sheet


def _saved(folder: Path, book: Workbook, mapping: ColumnMapping | None = None) -> Table:
    path = folder / "danh-sach.xlsx"
    book.save(path)
    return read(path, FIELDS, mapping)


def _rewritten(folder: Path, change: Callable[[str, bytes], bytes]) -> Table:
    """A workbook whose parts were changed."""
    book, _ = _book(HEADINGS, ROW)
    source = io.BytesIO()
    book.save(source)
    path = folder / "danh-sach.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, change(info.filename, old.read(info)))
    return read(path, FIELDS)


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DTD_TOLD = "danh-sach.xlsx: holds a DTD, which no workbook has: do not trust this file"


def _by_hand(folder: Path, *, strings: bytes = b"<sst/>", cells: bytes = b"") -> Table:
    """A workbook as Excel writes it: texts are shared, elements may have a prefix."""

    def relations(**kinds: str) -> str:
        listed = "".join(
            f'<Relationship Id="{kind}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
            for kind, target in kinds.items()
        )
        return f"<Relationships>{listed}</Relationships>"

    path = folder / "danh-sach.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("_rels/.rels", relations(officeDocument="xl/workbook.xml"))
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            relations(worksheet="/xl/a/sheet.xml", sharedStrings="./b/../strings.xml"),
        )
        sheets = '<sheets><sheet name="A" r:id="worksheet"/></sheets>'
        archive.writestr("xl/workbook.xml", f'<workbook xmlns:r="{RELATIONS}">{sheets}</workbook>')
        archive.writestr("xl/strings.xml", strings)
        rows = b'<x:sheet xmlns:x="x"><x:sheetData>' + cells + b"</x:sheetData></x:sheet>"
        archive.writestr("xl/a/sheet.xml", rows)
    return read(path, FIELDS)


def test_shared_texts_are_read_with_their_runs_and_without_reading_aids(tmp_path: Path) -> None:
    strings = (
        "<sst><si><t>Cơ quan</t></si><si><r><t>Sở </t></r><r><t xml:space='preserve'>Y tế</t></r>"
        "<rPh sb='0' eb='1'><t>xyz</t></rPh></si></sst>"
    ).encode()
    cells = (
        b'<x:row><x:c t="s"><x:v>0</x:v></x:c></x:row>'
        b'<x:row r="4"><x:c r="A4" t="s"><x:v>1</x:v></x:c></x:row>'
        b'<x:row><x:c t="s"><x:v>2</x:v></x:c></x:row>'
        b'<x:row><x:c t="inlineStr"><x:is><x:t>UBND_x000D_\nB_x00e0_</x:t></x:is></x:c></x:row>'
        b"<x:row><x:c><x:v>nan</x:v></x:c></x:row>"
    )
    table = _by_hand(tmp_path, strings=strings, cells=cells)
    assert [(row.number, row.values["agency"]) for row in table.rows] == [
        (4, "Sở Y tế"), (6, "UBND\nBà"),
    ]  # fmt: skip
    assert [str(problem) for problem in table.problems] == [
        (
            "danh-sach.xlsx, row 5, column Cơ quan: cell A5 refers to a text that is not there: "
            "save the workbook again"
        ),
        (
            "danh-sach.xlsx, row 7, column Cơ quan: cell A7 holds 'nan', which is neither a "
            "number nor a date: enter it again"
        ),
    ]


def test_a_row_gives_its_fields_by_name(tmp_path: Path) -> None:
    book, _ = _book(HEADINGS, ROW, [], [None, " ", None, None, None], ROW)
    table = _saved(tmp_path, book)
    first, second = table.rows
    assert first.values == {
        "staff_number": "0042", "name": "Nguyễn Văn Đức", "agency": "Sở Y tế",
        "address": "duc@soyte.demo.gov.vn", "first_day": "2020-02-01",
    }  # fmt: skip
    assert (first.number, second.number) == (2, 5)
    assert table.date(first, "first_day") == date(2020, 2, 1)
    assert (table.file, table.encoding, table.problems) == ("danh-sach.xlsx", "", [])


def test_titles_merged_above_the_headings_are_passed_over(tmp_path: Path) -> None:
    book, sheet = _book(["DANH SÁCH CÁN BỘ"], ["(kèm theo)"], HEADINGS, ["1", 2, 3, 4, 5], ROW)
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A2:E2")
    [row] = _saved(tmp_path, book).rows
    assert row.number == 5


def test_a_heading_of_two_rows_is_understood(tmp_path: Path) -> None:
    book, sheet = _book(
        ["DANH SÁCH"],
        ["Họ và tên", "Cơ quan", "Liên hệ", None, "Thời gian", None],
        [None, None, "Thư điện tử", "Điện thoại", "Từ ngày", "Đến ngày"],
        ["Nguyễn Văn Đức", "Sở Y tế", "duc@x", "024", date(2020, 2, 1), None],
    )
    for merged in ("A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:F2"):
        sheet.merge_cells(merged)
    table = _saved(tmp_path, book)
    [row] = table.rows
    assert row.values["address"] == "duc@x"
    assert table.columns["address"] == "Liên hệ / Thư điện tử"
    assert table.columns["name"] == "Họ và tên"
    assert table.ignored == ("Liên hệ / Điện thoại", "Thời gian / Đến ngày")


def test_a_column_of_a_group_can_be_named_whole_in_the_mapping(tmp_path: Path) -> None:
    book, sheet = _book(
        ["Cơ quan", "Công vụ", None, "Cá nhân", None],
        [None, "Thư điện tử", "Ngày cấp", "Thư điện tử", "Ngày cấp"],
        ["Sở Y tế", "a@soyte", None, "a@gmail", None],
    )
    for merged in ("A1:A2", "B1:C1", "D1:E1"):
        sheet.merge_cells(merged)
    mapping = ColumnMapping(columns={"address": "Công vụ / Thư điện tử"})
    [row] = _saved(tmp_path, book, mapping).rows
    assert row.values == {"agency": "Sở Y tế", "address": "a@soyte"}
    [told] = messages(_saved(tmp_path, book))
    assert "B “Công vụ / Thư điện tử” and D “Cá nhân / Thư điện tử” may each be address" in told


def test_numbers_are_what_their_reader_sees(tmp_path: Path) -> None:
    book, sheet = _book(HEADINGS, [42, 12.0, 3.5, True, MOMENT])
    sheet["A2"].number_format = "000000"
    [row] = _saved(tmp_path, book).rows
    assert row.values == {
        "staff_number": "000042", "name": "12", "agency": "3.5", "address": "true",
        "first_day": "2020-02-01T07:30:00",
    }  # fmt: skip


def test_days_of_a_workbook_that_counts_from_1904_are_the_same_days(tmp_path: Path) -> None:
    book, _ = _book(HEADINGS, ROW)
    book.epoch = CALENDAR_MAC_1904
    [row] = _saved(tmp_path, book).rows
    assert row.values["first_day"] == "2020-02-01"


def test_empty_and_hidden_sheets_leave_no_choice_to_make(tmp_path: Path) -> None:
    book, _ = _book(HEADINGS, ROW)
    book.create_sheet("Sheet2")
    hidden = book.create_sheet("Danh mục")
    hidden.sheet_state = "hidden"
    hidden.append(["x"])
    table = _saved(tmp_path, book)
    assert table.file == "danh-sach.xlsx[Danh sách]"
    assert len(list(table.rows)) == 1


def test_one_of_several_sheets_is_named_in_the_mapping(tmp_path: Path) -> None:
    book, _ = _book(["x"])
    second = book.create_sheet("Tháng 3")
    second.append(HEADINGS)
    second.append(ROW)
    assert messages(_saved(tmp_path, book)) == [
        (
            "danh-sach.xlsx: has several sheets: name one as sheet in the mapping; its sheets are "
            "“Danh sách”, “Tháng 3”"
        )
    ]
    table = _saved(tmp_path, book, ColumnMapping(sheet="tháng 3"))
    assert len(list(table.rows)) == 1
    assert messages(_saved(tmp_path, book, ColumnMapping(sheet="Quý I"))) == [
        (
            "danh-sach.xlsx: has no sheet “Quý I”, which the mapping names: its sheets are "
            "“Danh sách”, “Tháng 3”"
        )
    ]


def test_a_workbook_whose_filled_sheets_are_hidden_is_told(tmp_path: Path) -> None:
    book, _ = _book()
    hidden = book.create_sheet("Cán bộ")
    hidden.append(HEADINGS)
    hidden.sheet_state = "hidden"
    assert messages(_saved(tmp_path, book)) == [
        (
            "danh-sach.xlsx: has no visible sheet with cells: its sheets are “Danh sách”, “Cán bộ” "
            "(hidden)"
        )
    ]


def test_a_formula_is_never_read_for_its_result(tmp_path: Path) -> None:
    book, _ = _book(HEADINGS, ["1", "=B3", "Sở Y tế", None, None], ROW)
    assert messages(_saved(tmp_path, book)) == [
        (
            "danh-sach.xlsx, row 2, column Họ và tên: cell B2 holds a formula: its result is not "
            "read, as it may be old; copy the column and paste it as values"
        )
    ]


def test_a_stored_result_of_a_formula_is_not_read_either(tmp_path: Path) -> None:
    def with_result(part: str, data: bytes) -> bytes:
        cell = b'<c r="C2" t="str"><f>A1</f><v>S\xe1\xbb\x9f Y t\xe1\xba\xbf</v></c>'
        if part != "xl/worksheets/sheet1.xml":
            return data
        start = data.index(b'<c r="C2"')
        return data[:start] + cell + data[data.index(b"</c>", start) + 4 :]

    [told] = messages(_rewritten(tmp_path, with_result))
    assert "cell C2 holds a formula" in told


def test_an_error_in_a_cell_is_told(tmp_path: Path) -> None:
    book, sheet = _book(HEADINGS, ["1", "A", "#REF!", None, None])
    sheet["C2"].data_type = "e"
    assert messages(_saved(tmp_path, book)) == [
        "danh-sach.xlsx, row 2, column Cơ quan: cell C2 holds the error #REF!: correct it"
    ]


def test_merged_cells_among_the_rows_are_told(tmp_path: Path) -> None:
    book, sheet = _book(HEADINGS, ROW, ["0043", "B", None, None, None], ROW)
    sheet.merge_cells("C2:C3")
    what = "is merged (C2:C3), so that it is not clear whose it is: unmerge and fill in each cell"
    table = _saved(tmp_path, book)
    assert [row.number for row in table.rows] == [4]
    assert [str(problem) for problem in table.problems] == [
        f"danh-sach.xlsx, row 2, column Cơ quan: cell C2 {what}",
        f"danh-sach.xlsx, row 3, column Cơ quan: cell C3 {what}",
    ]


def test_codes_that_lost_their_zeros_are_told(tmp_path: Path) -> None:
    book, _ = _book(HEADINGS, ROW, [43, *ROW[1:]], [44, *ROW[1:]])
    assert messages(_saved(tmp_path, book)) == [
        (
            "danh-sach.xlsx, row 3, column Mã cán bộ: is a number, while row 2 begins with 0: the "
            "spreadsheet has dropped zeros; format the column as text and enter it again, or set "
            "digits.staff_number in the mapping"
        )
    ]
    table = _saved(tmp_path, book, ColumnMapping(digits={"staff_number": 4}))
    assert [row.values["staff_number"] for row in table.rows] == ["0042", "0043", "0044"]


def test_codes_that_are_all_numbers_are_taken(tmp_path: Path) -> None:
    book, _ = _book(HEADINGS, [43, *ROW[1:]], [44.0, *ROW[1:]])
    assert [row.values["staff_number"] for row in _saved(tmp_path, book).rows] == ["43", "44"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (4.5, "is the number 4.5, no code: enter it as text"),
        (
            1234567890123456,
            (
                "cell A2 is a number of more than 15 digits, the last of which are lost: format "
                "the column as text and enter it again"
            ),
        ),
    ],
)
def test_numbers_that_are_no_codes_are_told(tmp_path: Path, code: float, told: str) -> None:
    book, _ = _book(HEADINGS, [code, *ROW[1:]])
    assert messages(_saved(tmp_path, book)) == [f"danh-sach.xlsx, row 2, column Mã cán bộ: {told}"]


def test_a_number_where_a_day_should_be_is_told(tmp_path: Path) -> None:
    book, _ = _book(HEADINGS, [*ROW[:4], 45000])
    table = _saved(tmp_path, book)
    with pytest.raises(ValueError, match="“45000” is a number, not a date: format the column"):
        table.date(next(table.rows), "first_day")


def test_notes_beside_the_list_do_not_matter(tmp_path: Path) -> None:
    book, sheet = _book(HEADINGS, ROW)
    sheet["J2"] = "chưa xác minh"
    sheet.cell(row=2, column=16_000, value="x")
    table = _saved(tmp_path, book)
    assert len(list(table.rows)) == 1
    assert table.problems == []


def test_a_sheet_typed_in_an_old_font_needs_the_font_named(tmp_path: Path) -> None:
    rows = [["Họ và tên", "Cơ quan"], ["Trần Văn Đức", "Sở Y tế"], ["Lê Thị Mỹ Duyên", "Sở Nội vụ"]]
    book, _ = _book(*([in_tcvn3(cell).decode("cp1252") for cell in row] for row in rows))
    assert (
        'danh-sach.xlsx: is Vietnamese only in .VnTime fonts: set font = "tcvn3" in the mapping, '
        "or convert it to Unicode"
    ) in messages(_saved(tmp_path, book))
    table = _saved(tmp_path, book, ColumnMapping(font="tcvn3"))
    assert [row.values["name"] for row in table.rows] == ["Trần Văn Đức", "Lê Thị Mỹ Duyên"]


TEXT = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp")), min_size=1
).filter(lambda text: "\ufffd" not in text)


@given(names=st.lists(TEXT, min_size=1, max_size=5))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_texts_come_back_in_nfc_and_are_no_formulas(tmp_path: Path, names: list[str]) -> None:
    import unicodedata

    from monitor.tables.text import undone

    names = [name for name in names if undone(unicodedata.normalize("NFC", name)) is None]
    book, sheet = _book(HEADINGS)
    for number, name in enumerate(names, 2):
        sheet.cell(row=number, column=3, value="x")
        cell = sheet.cell(row=number, column=2)
        cell.value, cell.data_type = name, "s"
    table = _saved(tmp_path, book)
    assert [row.values["name"] for row in table.rows] == [
        unicodedata.normalize("NFC", name) for name in names
    ]


def test_a_dtd_is_refused_and_its_entities_with_it(tmp_path: Path) -> None:
    dtd = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'

    def with_dtd(part: str) -> Callable[[str, bytes], bytes]:
        def change(name: str, data: bytes) -> bytes:
            if name != part:
                return data
            start = data.index(b"<", data.index(b"?>") if data.startswith(b"<?xml") else 0)
            return data[:start] + dtd + data[start:]

        return change

    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"):
        assert messages(_rewritten(tmp_path, with_dtd(part))) == [DTD_TOLD]
    assert messages(_by_hand(tmp_path, strings=dtd + b"<sst/>")) == [DTD_TOLD]


def test_a_file_made_to_eat_memory_is_refused_before_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book, _ = _book(HEADINGS, *[ROW] * 200)
    for limit, told in {
        "MAX_FILE": "MiB large, more than 0: save the list as CSV",
        "MAX_DIRECTORY": "holds more parts than a workbook has",
    }.items():
        with monkeypatch.context() as patch:
            patch.setattr(package, limit, 100)
            assert told in messages(_saved(tmp_path, book))[0]


def test_a_part_is_bounded_by_what_it_would_unpack_to(tmp_path: Path) -> None:
    def blown_up(part: str, data: bytes) -> bytes:
        return data + b" " * (17 * 1024 * 1024) if part == "xl/styles.xml" else data

    assert messages(_rewritten(tmp_path, blown_up)) == [
        (
            "danh-sach.xlsx: is too large (xl/styles.xml is 17 MiB unpacked, more than 16): save "
            "it as CSV"
        )
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<v>%b</v>", "holds a cell longer than a spreadsheet has"),
        (b'<v a="%b">1</v>', "holds a tag that never ends"),
        (b"<!--%b--><v>1</v>", "holds a tag that never ends"),
    ],
)
def test_a_cell_or_tag_without_end_is_refused_before_it_fills_the_memory(
    tmp_path: Path, content: bytes, told: str
) -> None:
    cell = b'<c r="C2" t="str">%b</c></row>' % (content % (b"x" * (3 << 20)))

    def changed(part: str, data: bytes) -> bytes:
        head, end, tail = data.rpartition(b"</row>")
        return head + cell + tail if end else data

    assert told in messages(_rewritten(tmp_path, changed))[0]


def test_shared_texts_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MAX_TEXTS", 3)
    [told] = messages(_by_hand(tmp_path, strings=b"<sst>" + b"<si/>" * 4 + b"</sst>"))
    assert "holds more than 3 texts" in told


def test_merged_cells_over_each_other_are_refused(tmp_path: Path) -> None:
    merges = b"".join(b'<mergeCell ref="A%d:ZZ1048576"/>' % (row + 5) for row in range(100))

    def merged(part: str, data: bytes) -> bytes:
        behind = b"</sheetData><mergeCells>" + merges + b"</mergeCells>"
        return data.replace(b"</sheetData>", behind) if "sheet1" in part else data

    assert "has merged cells that overlap" in messages(_rewritten(tmp_path, merged))[0]


def test_a_row_far_below_costs_nothing(tmp_path: Path) -> None:
    book, sheet = _book(HEADINGS, ROW)
    sheet.cell(row=1_048_576, column=3, value="Sở Y tế")
    assert [row.number for row in _saved(tmp_path, book).rows] == [2, 1_048_576]


def test_rows_out_of_order_or_out_of_bounds_are_damage(tmp_path: Path) -> None:
    def renumbered(number: bytes) -> Callable[[str, bytes], bytes]:
        return lambda _, data: data.replace(b'<row r="2"', b'<row r="' + number + b'"')

    for number in (b"1", b"1048577"):
        [told] = messages(_rewritten(tmp_path, renumbered(number)))
        assert told == (
            f"danh-sach.xlsx: is damaged (row {number.decode()} behind row 1): save it again"
        )


def test_damage_that_shows_on_the_way_is_a_problem_of_the_file(tmp_path: Path) -> None:
    def cut(part: str, data: bytes) -> bytes:
        return data[: data.index(b"</sheetData>")] if "sheet1" in part else data

    [told] = messages(_rewritten(tmp_path, cut))
    assert told.startswith("danh-sach.xlsx: is damaged (no element found")


def test_other_files_are_named_for_what_they_are(tmp_path: Path) -> None:
    for part, told in {
        "word/document.xml": "is a Word document: save its table as .xlsx or CSV",
        "content.xml": "is an OpenDocument file (.ods): save it as .xlsx or CSV",
        "xl/workbook.bin": "is an .xlsb workbook: save it as .xlsx",
        "picture.png": "is no workbook (it has no _rels/.rels): save it again as .xlsx",
    }.items():
        path = tmp_path / "danh-sach.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(part, b"<x/>")
        assert messages(read(path, FIELDS)) == [f"danh-sach.xlsx: {told}"]


def test_a_workbook_that_is_cut_off_is_told(tmp_path: Path) -> None:
    book, _ = _book(HEADINGS, ROW)
    book.save(tmp_path / "whole.xlsx")
    path = tmp_path / "danh-sach.xlsx"
    path.write_bytes((tmp_path / "whole.xlsx").read_bytes()[:2000])
    assert messages(read(path, FIELDS)) == [
        "danh-sach.xlsx: is damaged (cut off?): get it again from where it comes from"
    ]


def test_a_workbook_with_a_password_inside_of_the_zip_is_told(tmp_path: Path) -> None:
    book, _ = _book(HEADINGS, ROW)
    path = tmp_path / "danh-sach.xlsx"
    book.save(path)
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= package.ENCRYPTED
        at = data.find(b"PK\x01\x02", at + 1)
    path.write_bytes(data)
    assert messages(read(path, FIELDS)) == [
        "danh-sach.xlsx: is encrypted: save it without a password"
    ]


def _parts() -> dict[str, bytes]:
    book, sheet = _book(HEADINGS, ROW, ROW)
    sheet.merge_cells("B3:C3")
    saved = io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@given(data=st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_workbook_with_any_part_changed_gives_rows_or_problems(
    tmp_path: Path, data: st.DataObject
) -> None:
    parts = _parts()
    name = data.draw(st.sampled_from(sorted(parts)))
    start = data.draw(st.integers(0, len(parts[name])))
    end = data.draw(st.integers(start, min(start + 40, len(parts[name]))))
    new = data.draw(st.sampled_from([b"", b"-1", b"9" * 30, b"nan", b"&#0;", b"<", b"\xff", b'"']))
    path = tmp_path / "danh-sach.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            changed = content[:start] + new + content[end:]
            archive.writestr(part, changed if part == name else content)
    messages(read(path, FIELDS))


@given(content=st.binary(max_size=300))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_give_rows_or_problems(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "danh-sach.xlsx"
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"):
        path.write_bytes(start + content)
        messages(read(path, FIELDS))
