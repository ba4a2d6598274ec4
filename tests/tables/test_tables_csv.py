"""Lists in CSV: what is read, and what each mistake in one is told as."""

import os
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.tables import BadCell, ColumnMapping, Field, read
from monitor.tables.rows import MAX_PROBLEMS
from tests.tables.lists import FIELDS, HEADINGS, listing, messages

ROW = "0042,Nguyễn Văn Đức,Sở Y tế,duc@soyte.demo.gov.vn,01/02/2020\n"


def test_a_row_gives_its_fields_by_name(tmp_path: Path) -> None:
    table = listing(tmp_path, HEADINGS + ROW)
    [row] = table.rows
    assert row.number == 2
    assert row.values == {
        "staff_number": "0042",
        "name": "Nguyễn Văn Đức",
        "agency": "Sở Y tế",
        "address": "duc@soyte.demo.gov.vn",
        "first_day": "01/02/2020",
    }
    assert table.problems == []
    assert table.encoding == "utf-8"
    assert len(table.sha256) == 64


def test_an_empty_cell_is_no_value_and_an_empty_row_no_row(tmp_path: Path) -> None:
    table = listing(tmp_path, HEADINGS + "1, ,Sở Y tế,,\n,,,,\n\n2,,Sở Y tế,,\n")
    assert [(row.number, dict(row.values)) for row in table.rows] == [
        (2, {"staff_number": "1", "agency": "Sở Y tế"}),
        (5, {"staff_number": "2", "agency": "Sở Y tế"}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_by_which_headings_are_understood(
    tmp_path: Path, delimiter: str
) -> None:
    table = listing(tmp_path, (HEADINGS + ROW).replace(",", delimiter))
    assert next(table.rows).values["agency"] == "Sở Y tế"


def test_commas_in_a_title_do_not_make_the_comma_the_delimiter(tmp_path: Path) -> None:
    title = "Danh sách cán bộ, công chức, viên chức, người lao động, năm 2026, tỉnh Demo\n"
    table = listing(tmp_path, title + (HEADINGS + ROW).replace(",", ";"))
    assert next(table.rows).values["name"] == "Nguyễn Văn Đức"


def test_a_first_line_of_excel_names_the_delimiter_and_is_no_row(tmp_path: Path) -> None:
    table = listing(tmp_path, "sep=;\n" + (HEADINGS + ROW).replace(",", ";"))
    assert next(table.rows).number == 2


@pytest.mark.parametrize("numbers", ["(1),(2),(3),(4),(5)", "1,2,3,4,5", "A,B,1,2,3"])
def test_titles_above_and_column_numbers_below_the_headings_are_passed_over(
    tmp_path: Path, numbers: str
) -> None:
    text = "DANH SÁCH CÁN BỘ,,,,\n,,,,\n" + HEADINGS + numbers + "\n" + ROW
    [row] = listing(tmp_path, text).rows
    assert row.number == 5


def test_headings_are_understood_whatever_their_case_and_punctuation(tmp_path: Path) -> None:
    text = "MA_CAN_BO,HỌ VÀ TÊN (*),Cơ  quan:,e-mail\n1,A,Sở Y tế,a@x\n"
    fields = (*FIELDS[1:3], Field("address", ("E-mail",)))
    (tmp_path / "a.csv").write_text(text)
    table = read(tmp_path / "a.csv", fields)
    assert dict(table.columns) == {
        "name": "HỌ VÀ TÊN (*)", "agency": "Cơ quan:", "address": "e-mail",
    }  # fmt: skip
    assert table.ignored == ("MA_CAN_BO",)


def test_decomposed_text_is_composed(tmp_path: Path) -> None:
    import unicodedata

    table = listing(tmp_path, unicodedata.normalize("NFD", HEADINGS + ROW))
    assert next(table.rows).values["name"] == "Nguyễn Văn Đức"


def test_a_line_break_in_quotes_is_one_row_as_a_spreadsheet_shows_it(tmp_path: Path) -> None:
    table = listing(tmp_path, HEADINGS + '1,A,Sở Y tế,"a@x\nb@x",\n2,B,Sở Y tế,,\n')
    first, second = table.rows
    assert table.items(first, "address") == ("a@x", "b@x")
    assert second.number == 3


def test_no_break_spaces_become_blanks(tmp_path: Path) -> None:
    table = listing(tmp_path, HEADINGS + "1,Nguyễn\u00a0Văn\u2009Đức\u00a0,Sở Y tế,,\n")
    assert next(table.rows).values["name"] == "Nguyễn Văn Đức"


def test_a_mapping_names_columns_and_translates_words(tmp_path: Path) -> None:
    mapping = ColumnMapping(
        columns={"agency": "Phòng, ban", "staff_number": "Số thẻ"},
        values={"agency": {"SYT": "Sở Y tế"}},
        digits={"staff_number": 6},
    )
    table = listing(tmp_path, 'Số thẻ;"phòng  ban";Cơ quan\n42;syt;bỏ qua\n', mapping)
    assert next(table.rows).values == {"agency": "Sở Y tế", "staff_number": "000042"}
    assert table.ignored == ("Cơ quan",)


def test_a_code_that_is_wrapped_to_keep_its_zeros_is_unwrapped(tmp_path: Path) -> None:
    table = listing(tmp_path, HEADINGS + '="0042",="A","=""B"" & C1",=SUM(A1),\n')
    assert next(table.rows).values == {
        "staff_number": "0042", "name": "A", "agency": '="B" & C1', "address": "=SUM(A1)",
    }  # fmt: skip


def test_the_first_row_of_a_list_without_headings_is_read_whatever_it_holds(
    tmp_path: Path,
) -> None:
    mapping = ColumnMapping(header_row=0, columns={"agency": "C", "address": "A"})
    assert len(list(listing(tmp_path, "1,2,3\n4,5,6\n", mapping).rows)) == 2


def test_a_list_without_headings_is_mapped_by_letters(tmp_path: Path) -> None:
    mapping = ColumnMapping(header_row=0, columns={"agency": "C", "address": "a"})
    table = listing(tmp_path, "a@x,1,Sở Y tế\n", mapping)
    [row] = table.rows
    assert row.number == 1
    assert row.values == {"address": "a@x", "agency": "Sở Y tế"}


def test_a_mapping_says_which_row_holds_the_headings(tmp_path: Path) -> None:
    text = HEADINGS + "x,x,x,x,x\n" + HEADINGS + ROW
    [row] = listing(tmp_path, text, ColumnMapping(header_row=3)).rows
    assert row.number == 4


def test_letters_in_the_first_row_are_not_taken_for_column_numbers(tmp_path: Path) -> None:
    [row] = listing(tmp_path, HEADINGS + "A,B,C,D,E\n").rows
    assert row.values["agency"] == "C"


def test_headings_are_looked_for_in_the_first_rows_only(tmp_path: Path) -> None:
    blank = ",,,,\n"
    assert len(list(listing(tmp_path, blank * 39 + HEADINGS + ROW).rows)) == 1
    assert "no column for agency" in messages(listing(tmp_path, blank * 40 + HEADINGS + ROW))[0]


def test_cells_say_days_and_answers_and_name_their_place_when_they_do_not(tmp_path: Path) -> None:
    table = listing(tmp_path, HEADINGS + "1,A,Sở Y tế,,31/02/2025\n")
    row = next(table.rows)
    with pytest.raises(BadCell) as caught:
        table.date(row, "first_day")
    assert str(caught.value.problem) == (
        "danh-sach.csv, row 2, column Từ ngày: “31/02/2025”: there is no such day, correct it"
    )
    assert table.date(row, "address") is None


FAULTY: dict[str, tuple[str | bytes, list[str]]] = {
    "an empty file": ("", ["danh-sach.csv: is empty: choose the file that holds the list"]),
    "headings that say nothing": (
        "a,b\n1,2\n",
        [
            (
                "danh-sach.csv, row 1: no column for agency (“Cơ quan” or “Đơn vị”): name it as "
                "columns.agency in the mapping; the headings are “a”, “b”"
            )
        ],
    ),
    "two columns for one field": (
        "Cơ quan,Email,Thư điện tử\nSở Y tế,a@x,b@x\n",
        [
            (
                "danh-sach.csv, row 1: columns B “Email” and C “Thư điện tử” may each be address: "
                "rename one, or name one as columns.address in the mapping"
            )
        ],
    ),
    "a repeated heading": (
        "Cơ quan,Cơ quan\nSở Y tế,Sở Y tế\n",
        [
            (
                "danh-sach.csv, row 1: columns A “Cơ quan” and B “Cơ quan” may each be agency: "
                "rename one, or name one as columns.agency in the mapping"
            )
        ],
    ),
    "a required cell that is empty": (
        HEADINGS + "1,A,,a@x,\n",
        ["danh-sach.csv, row 2, column Cơ quan: is empty: every row needs it"],
    ),
    "a row with too few cells": (
        HEADINGS + "1,A,Sở Y tế\n" + ROW,
        [
            (
                "danh-sach.csv, row 2: has 3 cells, the headings 5: is a delimiter or a line break "
                "in a cell that is not in quotes?"
            )
        ],
    ),
    "a row with too many cells": (
        HEADINGS + "1,A,Sở Y tế, phường 1,a@x,01/02/2020\n",
        [
            (
                "danh-sach.csv, row 2: has 6 cells, the headings 5: is a delimiter or a line break "
                "in a cell that is not in quotes?"
            )
        ],
    ),
    "a quotation mark that nothing closes": (
        HEADINGS + ROW + '1,"A,Sở Y tế,,\n' + ROW,
        [
            (
                "danh-sach.csv, row 3: a quotation mark opens a cell here and none closes it: "
                "double it or remove it"
            )
        ],
    ),
    "a quotation mark that is not doubled": (
        HEADINGS + '1,"A "B" C",Sở Y tế,,\n',
        [
            (
                "danh-sach.csv, row 2: a quotation mark inside a quoted cell is not doubled, or "
                'one that opens a cell closes in a later row: write "" for a quotation mark inside '
                "a cell"
            )
        ],
    ),
    "a quotation mark that swallows the list": (
        HEADINGS + '1,"A,Sở Y tế,,\n' + ROW * 3000,
        [
            (
                "danh-sach.csv, row 2: a cell is longer than 131,072 characters: is a quotation "
                "mark opened here and closed much later?"
            )
        ],
    ),
    "a zero byte": (
        HEADINGS + "1,A\0,Sở Y tế,,\n",
        [
            (
                "danh-sach.csv, row 2, column Họ và tên: holds an invisible character (U+0000 "
                "control character): enter it again"
            )
        ],
    ),
    "a text that turns right to left": (
        HEADINGS + "1,A\u202ecod.exe,Sở Y tế,,\n",
        [
            (
                "danh-sach.csv, row 2, column Họ và tên: holds an invisible character (U+202E "
                "RIGHT-TO-LEFT OVERRIDE): enter it again"
            )
        ],
    ),
    "an address with a zero-width space": (
        HEADINGS + "1,A,Sở Y tế,a\u200b@x,\n",
        [
            (
                "danh-sach.csv, row 2, column Thư điện tử: holds an invisible character (U+200B "
                "ZERO WIDTH SPACE): enter it again"
            )
        ],
    ),
    "text that was decoded wrongly once": (
        HEADINGS + "1,Nguyá»…n VÄƒn,Sở Y tế,,\n",
        [
            (
                "danh-sach.csv, row 2, column Họ và tên: was damaged on its way (UTF-8 read as "
                "windows-1252; perhaps “Nguyễn Văn”): export the list again as UTF-8"
            )
        ],
    ),
    "text that lost characters": (
        HEADINGS + "1,Nguy\ufffdn,Sở Y tế,,\n",
        [
            (
                "danh-sach.csv, row 2, column Họ và tên: has lost characters (“\ufffd”): export "
                "the list again as UTF-8"
            )
        ],
    ),
    "a code that a spreadsheet rounded": (
        HEADINGS + "1.08E+11,A,Sở Y tế,,\n",
        [
            (
                "danh-sach.csv, row 2, column Mã cán bộ: “1.08E+11” is a number that a spreadsheet "
                "has rounded: format the column as text and enter it again"
            )
        ],
    ),
    "an old workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        [
            (
                "danh-sach.csv: is an .xls workbook (Excel 97-2003), or one with a password: save "
                "it as .xlsx without a password"
            )
        ],
    ),
    "a web page": (
        "\n<html><table><tr><td>Cơ quan</td></tr></table></html>",
        [
            (
                "danh-sach.csv: is a web page or XML, whatever its name says: open it in a "
                "spreadsheet program and save it as .xlsx"
            )
        ],
    ),
    "a PDF": (b"%PDF-1.7\n", ["danh-sach.csv: is a PDF: get the list as .xlsx or CSV"]),
    "a compressed list": (
        b"\x1f\x8b\x08\0",
        ["danh-sach.csv: is compressed (gzip): unpack it first"],
    ),
    "one endless line": (
        b"x" * (3 * 1024 * 1024),
        ["danh-sach.csv: has a line of more than 1024 KiB (at byte 0): this is no list in CSV"],
    ),
}


@pytest.mark.parametrize("what", FAULTY)
def test_a_mistake_is_told_with_its_place_and_what_to_do(tmp_path: Path, what: str) -> None:
    content, expected = FAULTY[what]
    assert messages(listing(tmp_path, content)) == expected


def test_text_that_was_decoded_wrongly_twice_is_told(tmp_path: Path) -> None:
    once = "Nguyễn".encode().decode("cp1252", errors="ignore")
    twice = "Trần Thị".encode().decode("cp1252").encode().decode("cp1252")
    assert once != "Nguyễn"
    [told] = messages(listing(tmp_path, HEADINGS + f"1,{twice},Sở Y tế,,\n"))
    assert "perhaps “Trần Thị”" in told


def test_headings_that_were_decoded_wrongly_are_told(tmp_path: Path) -> None:
    damaged = "Họ và tên,Cơ quan\n".encode().decode("latin-1")
    told = messages(listing(tmp_path, damaged))
    assert (
        "danh-sach.csv: was damaged on its way (UTF-8 read as windows-1252): export the list again "
        "as UTF-8"
    ) in told


def test_a_capital_before_a_quotation_mark_is_not_taken_for_damage(tmp_path: Path) -> None:
    table = listing(tmp_path, HEADINGS + "1,“ĐÔNG HÀ” và “BÀ RỊA – VŨNG TÀU”…,Sở Y tế,,\n")
    assert messages(table) == []


def test_a_row_with_a_problem_is_left_out_and_the_others_are_read(tmp_path: Path) -> None:
    table = listing(tmp_path, HEADINGS + "1,A,,,\n" + ROW)
    assert [row.number for row in table.rows] == [3]
    assert len(table.problems) == 1


def test_what_stands_in_columns_that_no_field_uses_does_not_matter(tmp_path: Path) -> None:
    table = listing(tmp_path, "Cơ quan,Ghi chú\nSở Y tế,\u202e?\ufffd\n")
    assert messages(table) == []


def test_reading_ends_when_problems_are_too_many(tmp_path: Path) -> None:
    told = messages(listing(tmp_path, HEADINGS + "1,A,,,\n" * (MAX_PROBLEMS + 50)))
    assert len(told) == MAX_PROBLEMS + 1
    assert told[-1] == (
        "danh-sach.csv, row 1002: reading ended here after 1000 problems: correct these first"
    )


def test_a_file_that_grows_while_it_is_read_is_told(tmp_path: Path) -> None:
    table = listing(tmp_path, HEADINGS + ROW)
    with (tmp_path / "danh-sach.csv").open("a") as file:
        file.write(ROW)
    assert messages(table) == [
        "danh-sach.csv: was changed while it was being read: import it again"
    ]


def test_a_file_that_is_overwritten_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "danh-sach.csv"
    table = listing(tmp_path, HEADINGS + ROW)
    before = path.stat().st_mtime_ns
    with path.open("r+") as file:
        file.write(HEADINGS.replace("Mã", "Ma ")[: len(HEADINGS)])
    os.utime(path, ns=(before, before + 1_000_000_000))
    assert "was changed while it was being read" in messages(table)[0]


def test_a_file_that_cannot_be_opened_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"missing\.csv: cannot be read: No such file"):
        read(tmp_path / "missing.csv", FIELDS)
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        read(tmp_path, FIELDS)
