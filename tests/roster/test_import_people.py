"""Lists of people become employments and addresses, each with its days."""

from datetime import date

import pytest
from openpyxl import Workbook

from monitor.errors import UserError
from monitor.record.roster import opened
from tests.roster.rostering import KEEPING_NAMES, SEALER, Office, said

HEAD = "Mã cán bộ,Họ và tên,Cơ quan,Chức vụ,Email,Từ ngày,Đến ngày"


async def test_an_official_who_moves_twice_has_three_employments(office: Office) -> None:
    await office.people(
        "2025-03-01", HEAD, "7,Nguyễn Văn A,Sở Y tế,Chuyên viên,a@soyt.tinh.gov.vn,,"
    )
    await office.people(
        "2025-07-01", HEAD, "7,Nguyễn Văn A,Sở Công Thương,Phó Giám đốc,a@soct.tinh.gov.vn,,"
    )
    done = await office.people(
        "2025-11-01", HEAD, "7,Nguyễn Văn A,ubnd,Phó Chủ tịch,a@tinh.gov.vn,15/10/2025,"
    )
    assert done.outcome.applied
    assert await office.employments("7") == [
        ("so-yt", "staff", "2025-03-01", "2025-06-30"),
        ("so-ct", "leader", "2025-07-01", "2025-10-14"),
        ("ubnd", "leader", "2025-10-15", None),
    ]
    assert await office.holders("a@soyt.tinh.gov.vn") == [("7", "2025-03-01", "2025-06-30")]
    assert await office.holders("a@soct.tinh.gov.vn") == [("7", "2025-07-01", "2025-10-14")]
    assert await office.holders("a@tinh.gov.vn") == [("7", "2025-10-15", None)]


async def test_a_day_of_entering_the_service_does_not_move_a_change_of_post_back(
    office: Office,
) -> None:
    await office.people("2025-03-01", HEAD, "7,A,so-yt,Chuyên viên,,01/09/2010,")
    await office.people("2025-07-01", HEAD, "7,A,so-ct,Chuyên viên,,01/09/2010,")
    assert await office.employments("7") == [
        ("so-yt", "staff", "2010-09-01", "2025-06-30"),
        ("so-ct", "staff", "2025-07-01", None),
    ]


async def test_agencies_are_known_by_code_organ_code_and_exact_name(office: Office) -> None:
    await office.people(
        "2025-07-01", HEAD, "1,A,SO-YT,,,,", "2,B,H53.10,,,,", "3,C,sở y  tế,,,,", "4,D,Sở Y tế,,,,"
    )
    assert [(await office.employments(n))[0][0] for n in "1234"] == ["so-yt"] * 4


async def test_a_name_of_two_agencies_is_a_problem_that_names_both(office: Office) -> None:
    done = await office.people("2025-06-01", HEAD, "1,A,UBND xã Tân Lập,,,,", "2,B,Sở Lạ,,,,")
    assert not done.outcome.applied
    text = said(done.problems)
    assert "list.csv, row 2, column Cơ quan: “UBND xã Tân Lập” is the name of several" in text
    assert "(xa-1, xa-2): write the code" in text
    assert "row 3, column Cơ quan: “Sở Lạ” is no agency of the registry on 2025-06-01" in text
    assert await office.count("employment") == 0


async def test_who_left_is_looked_up_among_the_agencies_of_that_day(office: Office) -> None:
    await office.people("2025-09-01", HEAD, "1,A,xa-1,,,01/01/2020,31/05/2025")
    assert await office.employments("1") == [("xa-1", "staff", "2020-01-01", "2025-05-31")]


async def test_leaders_are_known_by_the_beginning_of_one_of_their_posts(office: Office) -> None:
    await office.people(
        "2025-07-01", HEAD,
        "1,A,so-yt,Giám đốc,,,", "2,B,so-yt,Thư ký Giám đốc,,,", "3,C,so-yt,PHÓ GIÁM ĐỐC Sở,,,",
        '4,D,so-yt,"Tỉnh ủy viên, Giám đốc",,,', "5,E,so-yt,,,,",
    )  # fmt: skip
    roles = [(await office.employments(n))[0][1] for n in "12345"]
    assert roles == ["leader", "staff", "leader", "leader", "staff"]


async def test_a_role_of_the_list_goes_before_the_post(office: Office) -> None:
    head = "Mã cán bộ,Cơ quan,Chức vụ,Vai trò"
    await office.people("2025-07-01", head, "1,so-yt,Giám đốc,nhân viên", "2,so-yt,Bác sĩ,lãnh đạo")
    assert (await office.employments("1"))[0][1] == "staff"
    assert (await office.employments("2"))[0][1] == "leader"


async def test_who_is_missing_in_a_whole_list_has_left_and_in_a_partial_one_has_not(
    office: Office,
) -> None:
    rows = ["1,A,so-yt,,a@soyt.tinh.gov.vn,,", "2,B,so-yt,,b@soyt.tinh.gov.vn,,"]
    await office.people("2025-07-01", HEAD, *rows)
    await office.people("2025-08-01", HEAD, rows[0], whole=False)
    assert (await office.employments("2"))[0][3] is None
    await office.people("2025-09-01", HEAD, rows[0])
    assert await office.employments("2") == [("so-yt", "staff", "2025-07-01", "2025-08-31")]
    assert await office.holders("b@soyt.tinh.gov.vn") == [("2", "2025-07-01", None)]


async def test_who_comes_back_has_a_second_employment(office: Office) -> None:
    await office.people("2025-07-01", HEAD, "1,A,so-yt,,,,", "2,B,so-yt,,,,")
    await office.people("2025-08-01", HEAD, "2,B,so-yt,,,,")
    done = await office.people("2025-10-01", HEAD, "1,A,so-yt,,,,", "2,B,so-yt,,,,")
    assert done.outcome.total("added") == 1
    assert await office.employments("1") == [
        ("so-yt", "staff", "2025-07-01", "2025-07-31"),
        ("so-yt", "staff", "2025-10-01", None),
    ]


async def test_people_of_another_source_are_not_ended(office: Office) -> None:
    await office.people("2025-07-01", HEAD, "1,A,so-yt,,,,")
    await office.people("2025-08-01", HEAD, "9,Z,so-ct,,,,", source="other")
    assert (await office.employments("1"))[0][3] is None
    assert (await office.employments("9", "other"))[0][0] == "so-ct"


async def test_the_same_list_again_changes_nothing(office: Office) -> None:
    rows = ["1,A,so-yt,Giám đốc,a@soyt.tinh.gov.vn; a2@soyt.tinh.gov.vn,,", "2,B,so-ct,,,,"]
    await office.people("2025-07-01", HEAD, *rows)
    before = await office.rows("SELECT * FROM employment ORDER BY 1, 2")
    again = await office.people("2025-08-01", HEAD, *rows)
    assert again.outcome.total("unchanged") == 2
    assert again.outcome.differences == ()
    assert await office.rows("SELECT * FROM employment ORDER BY 1, 2") == before
    runs = await office.rows(
        "SELECT what, source, as_of::text, whole, added, unchanged FROM import_run ORDER BY run_id"
    )
    assert runs == [
        ("people", "hr", "2025-07-01", True, 2, 0), ("people", "hr", "2025-08-01", True, 0, 2)
    ]  # fmt: skip


async def test_a_dry_run_says_the_same_and_changes_nothing(office: Office) -> None:
    rows = ["1,A,so-yt,,a@soyt.tinh.gov.vn,,", "2,B,so-ct,,,,"]
    dry = await office.people("2025-07-01", HEAD, *rows, apply=False)
    assert not dry.outcome.applied
    for table in ("person", "employment", "address", "person_address", "import_run"):
        assert await office.count(table) == 0
    applied = await office.people("2025-07-01", HEAD, *rows)
    assert applied.outcome.counts == dry.outcome.counts
    assert [each.pseudonym for each in applied.outcome.differences] == [
        each.pseudonym for each in dry.outcome.differences
    ]


async def test_an_older_list_than_the_last_one_is_refused(office: Office) -> None:
    await office.people("2025-07-01", HEAD, "1,A,so-yt,,,,")
    with pytest.raises(UserError, match="as of 2025-07-01, this one as of 2025-06-30"):
        await office.people("2025-06-30", HEAD, "1,A,so-ct,,,,")


async def test_a_list_that_changes_what_begins_later_is_a_problem(office: Office) -> None:
    await office.people("2025-07-01", HEAD, "1,A,so-yt,,,01/09/2025,")
    done = await office.people("2025-08-01", HEAD, "1,A,so-ct,,,,")
    assert "beginning on 2025-09-01, after 2025-08-01" in said(done.problems)
    assert (await office.employments("1"))[0][0] == "so-yt"


async def test_two_rows_of_one_person_that_differ_are_a_problem(office: Office) -> None:
    done = await office.people("2025-07-01", HEAD, "1,A,so-yt,,,,", "1,A,so-ct,,,,")
    assert said(done.problems) == (
        "list.csv, row 3: is also in row 2, which says something else: remove one of them"
    )


async def test_two_rows_of_one_person_that_agree_are_put_together(office: Office) -> None:
    done = await office.people(
        "2025-07-01", HEAD, "1,A,so-yt,,a@soyt.tinh.gov.vn,,", "1,A,so-yt,,b@soyt.tinh.gov.vn,,"
    )
    assert done.outcome.applied
    assert "says the same as row 2: put together" in said(done.remarks)
    assert await office.holders("b@soyt.tinh.gov.vn") == [("1", "2025-07-01", None)]


async def test_one_address_of_two_people_is_a_problem(office: Office) -> None:
    mail = "chung@soyt.tinh.gov.vn"
    done = await office.people(
        "2025-07-01", HEAD, f"1,A,so-yt,,{mail},,", f"2,B,so-yt,,{mail.upper()},,"
    )
    assert "row 3, column Email: row 2 has the same address" in said(done.problems)


async def test_an_agencys_own_mailbox_and_a_foreign_address_are_nobodys(office: Office) -> None:
    done = await office.people(
        "2025-07-01", HEAD, "1,A,so-yt,,duongdaynong@soyt.tinh.gov.vn,,",
        "2,B,so-yt,,duongdaynong@soyt.tinh.gov.vn,,", "3,C,so-yt,,c@gmail.com,,",
    )  # fmt: skip
    assert done.outcome.applied
    assert "an agency's own mailbox is nobody's" in said(done.remarks)
    assert "(and 1 more like it)" in said(done.remarks)
    assert "an address that is no agency's: not recorded" in said(done.remarks)
    assert await office.count("address") == 0


async def test_a_name_alone_is_not_enough(office: Office) -> None:
    done = await office.people("2025-07-01", HEAD, ",Nguyễn Văn A,so-yt,,,,")
    assert "a name alone is not enough" in said(done.problems)


async def test_without_a_staff_number_a_person_is_known_by_the_address(office: Office) -> None:
    await office.people("2025-07-01", HEAD, ",A,so-yt,,a@soyt.tinh.gov.vn,,")
    await office.people("2025-08-01", HEAD, ",A,so-ct,,A@SoYT.tinh.gov.vn,,")
    assert await office.count("person") == 1
    assert await office.count("employment") == 2


async def test_an_address_passes_on_when_the_one_who_had_it_has_left(office: Office) -> None:
    mail = "vp@soyt.tinh.gov.vn"
    await office.people("2025-07-01", HEAD, f"1,A,so-yt,,{mail},,")
    await office.people("2025-08-01", HEAD, f"2,B,so-yt,,{mail},01/01/2020,")
    assert await office.holders(mail) == [
        ("1", "2025-07-01", "2025-07-31"), ("2", "2025-08-01", None)
    ]  # fmt: skip


async def test_an_address_of_somebody_who_is_still_there_is_a_problem(office: Office) -> None:
    mail = "vp@soyt.tinh.gov.vn"
    await office.people("2025-07-01", HEAD, f"1,A,so-yt,,{mail},,", source="other")
    done = await office.people("2025-08-01", HEAD, f"2,B,so-yt,,{mail},,")
    assert "an address of another one (on the lists of other, since 2025-07-01)" in said(
        done.problems
    )


async def test_rows_left_out_for_their_problems_end_nobody(office: Office) -> None:
    await office.people("2025-07-01", HEAD, "1,A,so-yt,,,,", "2,B,so-yt,,,,", "3,C,so-yt,,,,")
    done = await office.people(
        "2025-08-01", HEAD, "1,A,so-yt,,,,", "2,B,Sở Lạ,,,,", skip_problems=True
    )
    assert done.outcome.applied
    assert done.left_out == 1
    assert (await office.employments("2"))[0][3] is None
    assert (await office.employments("3"))[0][3] == "2025-07-31"


async def test_a_row_of_which_nobody_knows_whose_it_is_keeps_all_from_being_ended(
    office: Office,
) -> None:
    await office.people("2025-07-01", HEAD, "1,A,so-yt,,,,", "2,B,so-yt,,,,")
    done = await office.people(
        "2025-08-01", HEAD, "1,A,so-ct,,,,", ",B,so-yt,,,,", skip_problems=True
    )
    assert done.outcome.applied
    assert done.outcome.ends_withheld
    assert (await office.employments("1"))[-1][0] == "so-ct"
    assert (await office.employments("2"))[0][3] is None


async def test_contradictions_with_the_record_are_left_out_row_by_row(office: Office) -> None:
    mail = "vp@soyt.tinh.gov.vn"
    await office.people("2025-07-01", HEAD, f"1,A,so-yt,,{mail},,", source="other")
    done = await office.people(
        "2025-08-01", HEAD, f"2,B,so-yt,,{mail},,", "3,C,so-yt,,,,", skip_problems=True
    )
    assert done.outcome.applied
    assert done.left_out == 1
    assert await office.employments("2") == []
    assert len(await office.employments("3")) == 1


async def test_ending_more_than_a_tenth_needs_to_be_allowed(office: Office) -> None:
    rows = [f"{number},A,so-yt,,,," for number in range(100)]
    await office.people("2025-07-01", HEAD, *rows)
    done = await office.people("2025-08-01", HEAD, *rows[:70])
    assert done.outcome.too_many_end
    assert (done.outcome.ending, done.outcome.present) == (30, 100)
    assert not done.outcome.applied
    assert (await office.employments("99"))[0][3] is None
    done = await office.people("2025-08-01", HEAD, *rows[:70], allow_ending=30)
    assert done.outcome.applied
    assert (await office.employments("99"))[0][3] == "2025-07-31"


async def test_names_are_stored_sealed_and_only_where_they_are_to_be_kept(office: Office) -> None:
    row = "1,Nguyễn Văn A,so-yt,,,,"
    await office.people("2025-07-01", HEAD, row)
    assert await office.rows("SELECT sealed_name FROM person") == [(None,)]
    office.settings = KEEPING_NAMES
    await office.people("2025-08-01", HEAD, row)
    sealed = (await office.rows("SELECT sealed_name FROM person"))[0][0]
    assert SEALER.open(sealed, "person name") == "Nguyễn Văn A"


async def test_nothing_of_a_person_is_readable_in_the_database(office: Office) -> None:
    office.settings = KEEPING_NAMES
    await office.people("2025-07-01", HEAD, "cb-77,Nguyễn Văn A,so-yt,,a.nguyen@soyt.tinh.gov.vn,,")
    for table in ("person", "employment", "person_address", "address", "import_run"):
        stored = str(await office.rows(f"SELECT * FROM {table}"))
        assert not any(word in stored for word in ("cb-77", "Nguyễn", "a.nguyen"))


async def test_differences_open_to_what_a_person_is_known_by(office: Office) -> None:
    await office.people("2025-07-01", HEAD, "77,A,so-yt,,,,", "78,B,so-yt,,b@soyt.tinh.gov.vn,,")
    done = await office.people("2025-08-01", HEAD, "77,A,so-ct,,,,")
    shown = [(each.what, opened(SEALER, "people", each)) for each in done.outcome.differences]
    assert shown == [("changed", "77"), ("ended", "78")]


async def test_two_imports_at_a_time_are_one_too_many(office: Office) -> None:
    async with office.database.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", 0x726F73746572)
        with pytest.raises(UserError, match="another roster import is running"):
            await office.people("2025-07-01", HEAD, "1,A,so-yt,,,,")


async def test_an_excel_list_says_which_of_its_columns_are_not_read(office: Office) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["DANH SÁCH CÁN BỘ"])
    sheet.append(["STT", "Mã cán bộ", "Đơn vị công tác", "Chức danh", "Phòng", "Ngày bắt đầu"])
    sheet.append([1, "CB-7", "Sở Y tế", "Giám đốc", "Lãnh đạo Sở", date(2024, 5, 1)])
    office.workbook = office.folder / "can-bo.xlsx"
    book.save(office.workbook)
    done = await office.people("2025-07-01")
    assert done.outcome.applied, said(done.problems)
    assert await office.employments("CB-7") == [("so-yt", "leader", "2024-05-01", None)]
    assert "columns that are not read: STT, Phòng" in done.how_read


async def test_who_gets_a_staff_number_later_is_counted_once_each_day(office: Office) -> None:
    mail = "a@soyt.tinh.gov.vn"
    await office.people("2025-07-01", HEAD, f",A,so-yt,,{mail},,")
    done = await office.people("2025-08-01", HEAD, f"7,A,so-yt,,{mail},,")
    assert done.outcome.applied
    days = await office.rows("SELECT first_day::text, last_day::text FROM employment ORDER BY 1")
    assert days == [("2025-07-01", "2025-07-31"), ("2025-08-01", "infinity")]
    assert [each[1:] for each in await office.holders(mail)] == [
        ("2025-07-01", "2025-07-31"), ("2025-08-01", None)
    ]  # fmt: skip
