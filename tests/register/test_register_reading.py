"""Exports of registers are read as they are, or refused with the place and what to do."""

import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from monitor.errors import UserError
from monitor.record.register_rows import EntryRow, RegisterDirection
from monitor.register.profile import Profile, load_profile, shipped
from monitor.register.reading import Listing, Understanding
from tests.register.registering import AS_OF, HEAD, REGISTRY, line
from tests.tables.lists import in_windows_1258


class Export:
    """One file on its way through the reader."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "so.csv"

    def write(self, *lines: str, encoding: str = "utf-8") -> "Export":
        self.path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return self

    def book(self, *rows: Sequence[object]) -> "Export":
        self.path = self.path.with_suffix(".xlsx")
        made = Workbook()
        for row in rows:
            made.active.append(list(row))  # type: ignore[union-attr]  # a new book has a sheet
        made.save(self.path)
        return self

    def read(
        self,
        direction: RegisterDirection = "out",
        agency: str | None = None,
        profile: Profile | None = None,
        days: tuple[date, date] | None = None,
    ) -> tuple[list[EntryRow], Listing]:
        how = Understanding(
            direction, profile or Profile(confirmed=True), AS_OF, agency, *(days or (None, None))
        )
        listing = Listing([self.path], REGISTRY, how)
        return list(listing.entries()), listing

    def only(self, **how: object) -> EntryRow:
        entries, listing = self.read(**how)  # type: ignore[arg-type]  # as `read` takes them
        assert [str(problem) for problem in listing.problems] == []
        (entry,) = entries
        return entry

    def problem(self, **how: object) -> str:
        _, listing = self.read(**how)  # type: ignore[arg-type]  # as `read` takes them
        return "\n".join(str(problem) for problem in listing.problems)


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return Export(tmp_path)


def cells(**values: str) -> tuple[str, str]:
    """A head and one row of an agency's outgoing documents."""
    all_of_them = {"Số ký hiệu": "1/SYT", "Ngày ban hành": "05/03/2026", **values}
    return ";".join(all_of_them), ";".join(f'"{each}"' for each in all_of_them.values())


# -- what is understood ---------------------------------------------------------------------------


def test_number_and_notation_may_stand_in_one_column_or_two(export: Export) -> None:
    one = export.write("Số/ký hiệu,Ngày văn bản", "012/UBND-VX,05/03/2026").only(agency="ubnd")
    two = export.write("Số,Ký hiệu,Ngày văn bản", "12,UBND-VX,05/03/2026").only(agency="ubnd")
    assert (one.number_key, one.number_value, one.notation) == ("12/ubnd-vx", 12, "UBND-VX")
    assert one[3:9] == two[3:9]


@pytest.mark.parametrize("written", ["H53.10", "000.00.10.H53", "Sở Y tế", "SYT", "so-yt"])
def test_an_agency_is_known_by_code_organ_code_name_or_system_name(
    export: Export, written: str
) -> None:
    assert export.write(HEAD, line("1", agency=written)).only().agency == "so-yt"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Điện tử", "electronic"), ("ĐIỆN TỬ", "electronic"), ("Trục liên thông", "electronic"),
        ("Email", "electronic"), ("Không gửi bản giấy", "electronic"),
        ("Giấy", "paper"), ("Bưu điện", "paper"), ("trực tiếp", "paper"),
        ("Cả hai", "parallel"), ("Song song", "parallel"), ("Điện tử + giấy", "parallel"),
        ("Điện tử; Bưu điện", "parallel"), ("Liên thông và bản giấy", "parallel"),
        ("Giấy/Điện tử", "parallel"), ("", None),
    ],
)  # fmt: skip
def test_the_ways_of_sending_have_many_names(
    export: Export, written: str, meant: str | None
) -> None:
    assert export.write(HEAD, line("1", form=written)).only().paper == meant


def test_two_columns_of_marks_say_how_it_was_sent(export: Export) -> None:
    head = "Số ký hiệu,Ngày ban hành,Gửi điện tử,Gửi bản giấy"
    rows = [f"{n}/SYT,05/03/2026,{marks}" for n, marks in enumerate(("x,x", "x,", ",x", ","), 1)]
    entries, _ = export.write(head, *rows).read(agency="so-yt")
    assert [entry.paper for entry in entries] == ["parallel", "electronic", "paper", None]


def test_a_column_that_says_only_what_went_electronically_is_not_enough(export: Export) -> None:
    said = export.write("Số ký hiệu,Ngày ban hành,Gửi điện tử", "1,05/03/2026,x").problem(
        agency="so-yt"
    )
    assert "nothing says whether paper went too" in said


@pytest.mark.parametrize(
    "written",
    [
        "05/03/2026 14:30:00", "2026-03-05 14:30", "2026-03-05T07:30:00Z", "14:30 05/03/2026",
        "14h30 ngày 05/03/2026", "05/03/2026 02:30 PM", "14 giờ 30 phút, ngày 05/03/2026",
        "5/3/2026 14:30",
    ],
)  # fmt: skip
def test_points_of_time_are_of_vietnam(export: Export, written: str) -> None:
    entry = export.write(*cells(**{"Thời điểm gửi": written})).only(agency="so-yt")
    assert entry.sent_at == datetime(2026, 3, 5, 7, 30, tzinfo=UTC)


def test_a_day_alone_is_no_point_of_time(export: Export) -> None:
    entries, listing = export.write(*cells(**{"Ngày gửi": "05/03/2026"})).read(agency="so-yt")
    assert entries[0].sent_at is None
    assert "taken for no time" in str(listing.remarks["sent_at"][1])


def test_of_a_secret_document_nothing_is_read_that_tells_of_it(export: Export) -> None:
    row = cells(**{
        "Trích yếu": "V/v mật", "Người ký": "A", "Nơi nhận": "B", "Độ mật": "Tối mật",
        "Tên tệp": "mat.pdf", "Mã băm": "a" * 64,
    })  # fmt: skip
    entry = export.write(*row).only(agency="so-yt")
    assert entry.secret
    assert (entry.subject, entry.signer, entry.recipient_names, entry.recipients) == (None,) * 4
    assert (entry.file_names, entry.file_hashes) == ((), ())


def test_files_are_named_without_folders_and_known_by_sha_256(export: Export) -> None:
    row = cells(**{
        "Tên tệp": r"C:\van ban\1, so y te.pdf; /srv/2.docx", "Mã băm": f"{'AB' * 32}; {'c' * 32}",
    })  # fmt: skip
    entries, listing = export.write(*row).read(agency="so-yt")
    assert entries[0].file_names == ("1, so y te.pdf", "2.docx")
    assert entries[0].file_hashes == (bytes.fromhex("ab" * 32),)
    assert "is MD5: files are known by SHA-256" in str(listing.remarks["hash"][1])


def test_drafts_and_headings_printed_again_are_no_entries(export: Export) -> None:
    head = HEAD + ",Trạng thái"
    entries, listing = export.write(
        head, line("1") + ",Đã phát hành", head, line("2") + ",Chờ phát hành"
    ).read()
    assert listing.problems == []
    assert [(entry.number_key, entry.status) for entry in entries] == [("1", "issued")]
    assert listing.remarks["draft"][0] == 1


def test_appendices_and_copies_have_their_role(export: Export) -> None:
    entries, _ = export.write(
        HEAD, line("1/SY-SYT"), line("2/SYT", kind="Bản sao y"), line("3/SYT", kind="Phụ lục")
    ).read()
    assert [entry.role for entry in entries] == ["copy", "copy", "appendix"]


def test_numbers_run_per_type_or_notation_where_the_profile_says_so(export: Export) -> None:
    export.write(HEAD, line("1/QĐ-SYT", kind="Quyết định"))
    assert export.only().series == ""
    assert export.only(profile=Profile(numbering="type")).series == "quyết định"
    assert export.only(profile=Profile(numbering="notation")).series == "qđ-syt"


def test_the_mappings_values_say_what_unknown_words_mean(export: Export) -> None:
    profile = Profile(values={"form": {"Fax": "paper"}, "status": {"Xong": "done"}})
    entry = export.write(HEAD + ",Trạng thái", line("1", form="FAX") + ",xong").only(
        profile=profile
    )
    assert (entry.paper, entry.status) == ("paper", "done")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1258"])
def test_old_encodings_are_read(export: Export, encoding: str) -> None:
    lines = (HEAD, *(line(str(n), subject="V/v báo cáo kết quả công tác") for n in range(1, 5)))
    if encoding == "cp1258":
        export.path.write_bytes(in_windows_1258("\n".join(lines)))
    else:
        export.write(*lines, encoding=encoding)
    entries, listing = export.read()
    assert [str(each) for each in listing.problems] == []
    assert {entry.subject for entry in entries} == {"V/v báo cáo kết quả công tác"}


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("31/02/2026", "there is no such day"),
        ("01/01/0020", "year 0020 cannot be meant"),
        ("46086", "is a number, not a date: format the column as a date"),
        ("04/13/2026", 'there is no such day, correct it, or set date_format = "MM/dd/yyyy"'),
        ("01/11/2026", "is 2026-11-01, after 2026-10-31, the day of the list"),
        ("", "is empty: every row needs it"),
        ("hôm qua", "is no date as dd/MM/yyyy or yyyy-MM-dd"),
    ],
)
def test_a_day_that_is_none_is_told_with_its_place(export: Export, day: str, told: str) -> None:
    said = export.write(HEAD, line("1"), line("2", day)).problem()
    assert said.startswith("so.csv, row 3, column Ngày ban hành: ")
    assert told in said


@pytest.mark.parametrize("day", ["05/03/2026", "05.03.2026", "2026-03-05", "2026/03/05"])
def test_days_in_several_orders_are_read(export: Export, day: str) -> None:
    assert export.write(HEAD, line("1", day)).only().day == date(2026, 3, 5)


def test_months_first_is_for_the_profile_to_say(export: Export) -> None:
    entry = export.write(HEAD, line("1", "03/05/2026")).only(
        profile=Profile(date_format="MM/dd/yyyy")
    )
    assert entry.day == date(2026, 3, 5)


def test_a_row_outside_of_the_days_that_are_given_is_told(export: Export) -> None:
    days = (date(2026, 3, 1), date(2026, 3, 31))
    said = export.write(HEAD, line("1", "04/03/2026"), line("2", "03/04/2026")).problem(days=days)
    assert said == (
        "so.csv, row 3, column Ngày ban hành: is 2026-04-03, outside of the days that --from and "
        "--to give: correct one of them"
    )


@pytest.mark.parametrize(
    ("column", "written", "told"),
    [
        ("Hình thức gửi", "Chim bồ câu", "is no known way of sending: write electronic, paper"),
        ("Trạng thái", "???", "is no known status: say what it means as values.status"),
        ("Độ mật", "Có lẽ", "is no known degree of secrecy"),
        ("Mã băm", "xyz", "is no SHA-256 (64 hexadecimal digits)"),
        ("Số nơi nhận", "nhiều", "is no number of recipients"),
        ("Thời điểm gửi", "05/03/2026 25:00", "there is no such time of day"),
        ("Thời điểm ký", "05/12/2026 09:00", "after 2026-10-31, the day of the list"),
        ("Cơ quan ban hành", "Sở Không Có", "is no agency of the registry on 2026-03-05"),
        ("Số ký hiệu", "", "has neither a number nor an identifier"),
        ("Số ký hiệu", "2026-12-03", "a spreadsheet has taken a number such as 3/12 for one"),
        ("Số ký hiệu", "9" * 300, "is too long for a number"),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_place(
    export: Export, column: str, written: str, told: str
) -> None:
    agency = None if column == "Cơ quan ban hành" else "so-yt"
    said = export.write(*cells(**{column: written})).problem(agency=agency)
    assert said.startswith(f"so.csv, row 2, column {column}: ")
    assert told in said


def test_a_file_that_was_cut_off_is_told(export: Export) -> None:
    whole = "\n".join((HEAD, line("1"), line("2", subject="V/v, hai")))
    export.path.write_text(whole[: whole.index("hai") + 1], encoding="utf-8")
    assert "so.csv, row 3" in export.problem()


def test_a_workbook_that_was_cut_off_is_told(export: Export) -> None:
    export.book(HEAD.split(","), line("1").split(","))
    data = export.path.read_bytes()
    export.path.write_bytes(data[: len(data) // 2])
    assert "so.xlsx: " in export.problem()


def test_a_second_row_of_headings_is_told(export: Export) -> None:
    second = "STT,dd/mm/yyyy,,,,,,"
    said = export.write(HEAD, second, line("1")).problem()
    assert "so.csv, row 2, column Ngày ban hành" in said


def test_a_formula_of_a_workbook_is_told(export: Export) -> None:
    row = line("1").split(",")
    said = export.book(HEAD.split(","), [*row[:3], "=A1", *row[4:]]).problem()
    assert "so.xlsx, row 2, column Trích yếu: cell D2 holds a formula" in said


def test_a_text_that_looks_like_a_formula_is_text(export: Export) -> None:
    assert export.write(HEAD, line("1", subject="=cmd|calc")).only().subject == "=cmd|calc"


def test_merged_cells_of_a_workbook_are_told(export: Export) -> None:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in (HEAD.split(","), line("1").split(","), line("2").split(",")):
        sheet.append(row)
    sheet.merge_cells("E2:E3")
    export.path = export.path.with_suffix(".xlsx")
    made.save(export.path)
    assert "is merged (E2:E3)" in export.problem()


def test_a_workbook_with_a_dtd_is_refused(export: Export) -> None:
    export.book(HEAD.split(","), line("1").split(","))
    evil = export.path.with_name("evil.xlsx")
    with zipfile.ZipFile(export.path) as old, zipfile.ZipFile(evil, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                data = b'<!DOCTYPE x [<!ENTITY a "b">]>' + data
            new.writestr(name, data)
    export.path = evil
    assert "holds a DTD" in export.problem()


def test_without_a_column_of_days_the_known_headings_are_told(export: Export) -> None:
    said = export.write("Số ký hiệu,Hôm nào", "1,05/03/2026").problem(agency="so-yt")
    assert said == (
        "so.csv: no column for issued (“ngày ban hành”, “ngày văn bản”): name it as columns.issued "
        "in a profile (--profile FILE); the headings are “Số ký hiệu”, “Hôm nào”"
    )


def test_without_an_agency_it_is_asked_for(export: Export) -> None:
    said = export.write("Số ký hiệu,Ngày ban hành", "1,05/03/2026").problem()
    assert "give --agency CODE if it is one agency's" in said


def test_a_missing_file_is_a_mistake_in_the_call(export: Export) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        export.read()


# -- profiles -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", shipped())
def test_every_profile_that_is_brought_along_is_an_example_and_says_so(name: str) -> None:
    profile = load_profile(name)
    assert not profile.confirmed
    assert profile.title
    assert profile.known
    assert profile.direction


@pytest.mark.parametrize("name", shipped())
def test_a_profile_reads_a_list_with_its_headings(export: Export, name: str) -> None:
    profile = load_profile(name)
    assert profile.direction is not None
    days = {"issued": "04/03/2026", "arrived": "05/03/2026"}
    others = {
        "number": "7", "full_number": "7/SYT", "arrival_number": "7", "agency": "Sở Y tế",
        "agency_code": "H53.10", "form": "Điện tử", "status": "Đã phát hành",
    }  # fmt: skip
    values = {
        heading: {**days, **others}.get(field, "x") for field, heading in profile.columns.items()
    }
    export.write(
        ",".join(f'"{each}"' for each in values), ",".join(f'"{each}"' for each in values.values())
    )
    agency = None if {"agency", "agency_code"} & profile.columns.keys() else "so-yt"
    entry = export.only(direction=profile.direction, agency=agency, profile=profile)
    assert (entry.agency, entry.number_value) == ("so-yt", 7)


def test_a_profile_of_ones_own_is_a_file(export: Export) -> None:
    path = export.path.with_name("mine.toml")
    path.write_text('confirmed = true\n[columns]\nissued = "Hôm nào"\n', encoding="utf-8")
    profile = load_profile(str(path))
    entry = export.write("Số ký hiệu,Hôm nào", "1,05/03/2026").only(agency="so-yt", profile=profile)
    assert entry.day == date(2026, 3, 5)


def test_an_unknown_profile_and_a_slip_in_one_are_told(export: Export) -> None:
    with pytest.raises(UserError, match=r"no such profile; there are .*nd30"):
        load_profile("nd31")
    path = export.path.with_name("mine.toml")
    path.write_text("colums = {}\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"colums: no such setting of a mapping; .*numbering"):
        load_profile(str(path))
