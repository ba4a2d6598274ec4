"""What cells say: days, answers, several entries; and the mapping file."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import UserError
from monitor.tables import ColumnMapping, items, parse_date, parse_yes
from tests.tables.lists import listing, messages


@pytest.mark.parametrize(
    ("text", "date_format"),
    [
        ("01/02/2025", None),
        ("1/2/2025", None),
        ("1-2-2025", None),
        ("01.02.2025", None),
        ("2025-02-01", None),
        ("2025-02-01T07:30:00", None),
        ("01/02/2025 07:30:00", None),
        ("02/01/2025", "MM/dd/yyyy"),
        ("20250201", "yyyyMMdd"),
        ("2025/02/01", "yyyy/MM/dd"),
        ("01/02/25", "dd/MM/yy"),
        ("2025-02-01", "MM/dd/yyyy"),
    ],
)
def test_a_day_is_read_in_the_way_it_is_written(text: str, date_format: str | None) -> None:
    assert parse_date(text, date_format) == date(2025, 2, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("31/02/2025", "“31/02/2025”: there is no such day, correct it"),
        ("2025-13-01", "“2025-13-01”: there is no such day, correct it"),
        ("1/1/0020", "“1/1/0020”: year 0020 cannot be meant, correct it"),
        ("1/1/2925", "“1/1/2925”: year 2925 cannot be meant, correct it"),
        ("45000", "“45000” is a number, not a date: format the column as a date"),
        (
            "tháng 3 năm 2025",
            (
                "“tháng 3 năm 2025” is no date as dd/MM/yyyy or yyyy-MM-dd: correct it, or set "
                "date_format in the mapping"
            ),
        ),
    ],
)
def test_what_is_no_day_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_date(text)
    assert str(caught.value) == told


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_day_is_read_back_as_it_was_written(day: date) -> None:
    assert parse_date(day.isoformat()) == day
    assert parse_date(day.strftime("%d/%m/") + f"{day.year:04}") == day
    assert parse_date(day.strftime("%m/%d/") + f"{day.year:04}", "MM/dd/yyyy") == day


def test_yes_and_no_are_what_people_mark() -> None:
    assert all(parse_yes(text) for text in ("x", "X", "Có", "1", "TRUE", "✓"))
    assert not any(parse_yes(text) for text in ("không", "Ko", "0", "false", "-"))
    with pytest.raises(ValueError, match="“có lẽ” is neither yes nor no: write x, có, 1 or không"):
        parse_yes("có lẽ")


def test_a_cell_may_hold_several_entries() -> None:
    assert items("a@x; b@x,c@x\n d@x ;;") == ("a@x", "b@x", "c@x", "d@x")


def test_a_mapping_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(
        'encoding = "tcvn3"\ndelimiter = ";"\nsheet = "Tháng 3"\nheader_row = 4\n'
        'date_format = "MM/dd/yyyy"\nfont = "vni"\n[columns]\nagency = "Phòng"\n'
        '[values.state]\n"Khoá" = "locked"\n[digits]\nstaff_number = 6\n'
    )
    mapping = ColumnMapping.load(path)
    assert mapping.columns == {"agency": "Phòng"}
    assert mapping.values == {"state": {"Khoá": "locked"}}
    assert mapping.header_row == 4


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colums = 1", "mapping.toml: colums: no such setting of a mapping; known: columns, "),
        ('[columns]\na = "x"\na = "y"', "mapping.toml: not TOML: Cannot overwrite a value"),
        ('delimiter = ";;"', "mapping.toml: delimiter: String should have at most 1 character"),
        ('date_format = "d/m/y"', "mapping.toml: date_format: Input should be 'dd/MM/yyyy'"),
        ("header_row = -1", "mapping.toml: header_row: Input should be greater than or equal to 0"),
        ("[columns]\nagency = 3", "mapping.toml: columns.agency: Input should be a valid string"),
        ("= 3", "mapping.toml: not TOML: Invalid statement (at line 1, column 1)"),
    ],
)
def test_a_mistake_in_a_mapping_is_named_with_its_place(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        ColumnMapping.load(path)
    assert str(caught.value).startswith(f"{tmp_path}/{told}")


def test_a_mapping_that_cannot_be_read_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file; --mapping names a TOML file"):
        ColumnMapping.load(tmp_path / "missing.toml")


def test_a_mapping_of_fields_that_do_not_exist_is_told(tmp_path: Path) -> None:
    mapping = ColumnMapping(columns={"agnecy": "Cơ quan"}, digits={"number": 3})
    known = "known are staff_number, name, agency, address, first_day"
    assert messages(listing(tmp_path, "Cơ quan\nSở Y tế\n", mapping)) == [
        f"danh-sach.csv: the mapping's columns.agnecy is no field: {known}",
        f"danh-sach.csv: the mapping's digits.number is no field: {known}",
    ]


def test_a_mapping_of_columns_that_the_list_does_not_have_is_told(tmp_path: Path) -> None:
    mapping = ColumnMapping(columns={"agency": "Phòng ban"})
    assert messages(listing(tmp_path, "Cơ quan,Email\nSở Y tế,a@x\n", mapping)) == [
        (
            "danh-sach.csv, row 1: there is no column “Phòng ban”, which the mapping names as "
            "agency: the headings are “Cơ quan”, “Email”"
        )
    ]


def test_a_column_that_the_mapping_names_is_read_as_nothing_else(tmp_path: Path) -> None:
    mapping = ColumnMapping(columns={"agency": "Họ tên"})
    table = listing(tmp_path, "Họ tên\nSở Y tế\n", mapping)
    assert [row.values for row in table.rows] == [{"agency": "Sở Y tế"}]


def test_one_column_for_two_fields_is_told(tmp_path: Path) -> None:
    mapping = ColumnMapping(columns={"agency": "Cơ quan", "name": "Cơ quan"})
    assert messages(listing(tmp_path, "Cơ quan\nSở Y tế\n", mapping)) == [
        (
            "danh-sach.csv, row 1, column Cơ quan: would be read as name and agency: name the "
            "column of each in the mapping"
        )
    ]


def test_a_row_of_headings_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert messages(listing(tmp_path, "Cơ quan\nSở Y tế\n", ColumnMapping(header_row=9))) == [
        "danh-sach.csv: there is no row 9: correct header_row in the mapping"
    ]


def test_every_setting_of_a_mapping_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "lists.md").read_text(encoding="utf-8")
    for name in ColumnMapping.model_fields:
        assert f"\n{name} = " in page or f"\n[{name}" in page, name
