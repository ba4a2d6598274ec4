"""Lists of accounts become standings and addresses, each with its days."""

from tests.roster.rostering import Office, said

HEAD = "Địa chỉ,Bí danh,Trạng thái,Loại,Cơ quan,Ngày cấp,Từ ngày,Đăng nhập lần cuối"


def row(address: str, state: str = "đang hoạt động", alias: str = "", **other: str) -> str:
    named = [other.get(name, "") for name in ("kind", "agency", "created", "since", "login")]
    return ",".join([address, alias, state, *named])


async def test_an_account_has_a_period_for_each_state_that_it_was_in(office: Office) -> None:
    mail = "a@soyt.tinh.gov.vn"
    await office.accounts("2025-03-01", HEAD, row(mail, created="01/02/2020"))
    await office.accounts("2025-06-01", HEAD, row(mail, "tạm khóa", since="20/05/2025"))
    await office.accounts("2025-07-01", HEAD, row(mail, "Hoạt động"))
    await office.accounts("2025-09-01", HEAD, row(mail, "thu hồi"))
    assert await office.account(mail) == [
        ("so-yt", "personal", "enabled", "2020-02-01", "2025-05-19"),
        ("so-yt", "personal", "locked", "2025-05-20", "2025-06-30"),
        ("so-yt", "personal", "enabled", "2025-07-01", "2025-08-31"),
        ("so-yt", "personal", "closed", "2025-09-01", None),
    ]


async def test_an_account_that_is_missing_in_a_whole_list_is_closed_and_may_come_back(
    office: Office,
) -> None:
    a, b = "a@soyt.tinh.gov.vn", "b@soyt.tinh.gov.vn"
    await office.accounts("2025-07-01", HEAD, row(a), row(b))
    done = await office.accounts("2025-08-01", HEAD, row(a))
    assert done.outcome.total("ended") == 1
    assert [each[2] for each in await office.account(b)] == ["enabled", "closed"]
    assert (await office.accounts("2025-08-15", HEAD, row(a))).outcome.total("unchanged") == 1
    await office.accounts("2025-09-01", HEAD, row(a), row(b))
    assert [each[2] for each in await office.account(b)] == ["enabled", "closed", "enabled"]


async def test_whose_and_of_what_kind_an_account_is(office: Office) -> None:
    await office.accounts(
        "2025-07-01", HEAD, row("a@soyt.tinh.gov.vn"), row("vanthu@tinh.gov.vn", kind="cá nhân"),
        row("duongdaynong@soyt.tinh.gov.vn"), row("galsync.x@tinh.gov.vn", kind="cá nhân"),
        row("phong@soct.tinh.gov.vn", kind="dùng chung"),
        row("biet.phai@tinh.gov.vn", agency="Sở Y tế"),
        row("hop.thu@soct.tinh.gov.vn", kind="hộp thư cơ quan"),
    )  # fmt: skip
    found = {
        address: (await office.account(address))[0][:2]
        for address in (
            "a@soyt.tinh.gov.vn", "vanthu@tinh.gov.vn", "duongdaynong@soyt.tinh.gov.vn",
            "galsync.x@tinh.gov.vn", "phong@soct.tinh.gov.vn", "biet.phai@tinh.gov.vn",
            "hop.thu@soct.tinh.gov.vn",
        )
    }  # fmt: skip
    assert list(found.values()) == [
        ("so-yt", "personal"), ("ubnd", "mailbox"), ("so-yt", "mailbox"), ("ubnd", "system"),
        ("so-ct", "shared"), ("so-yt", "personal"), ("so-ct", "mailbox"),
    ]  # fmt: skip


async def test_an_address_of_no_agency_is_a_problem_unless_it_is_a_systems(office: Office) -> None:
    done = await office.accounts(
        "2025-07-01", HEAD, row("a@khac.vn"), row("noreply@khac.vn"), whole=False
    )
    assert said(done.problems) == (
        "list.csv, row 2, column Địa chỉ: is on a domain of no agency: bring the domain into the "
        "registry, or name the agency in a column of its own"
    )


async def test_an_alias_passes_on_with_its_day(office: Office) -> None:
    boss, old, new = "giamdoc@soyt.tinh.gov.vn", "cu@soyt.tinh.gov.vn", "moi@soyt.tinh.gov.vn"
    await office.accounts("2025-07-01", HEAD, row(old, alias=boss), row(new))
    await office.accounts(
        "2025-09-01", HEAD, row(old, alias="cu2@soyt.tinh.gov.vn"), row(new, alias=boss)
    )
    assert await office.carriers(boss) == [
        (old, "2025-07-01", "2025-08-31"), (new, "2025-09-01", None)
    ]  # fmt: skip


async def test_lists_that_do_not_say_aliases_leave_them_as_they_are(office: Office) -> None:
    mail, alias = "a@soyt.tinh.gov.vn", "a2@soyt.tinh.gov.vn"
    await office.accounts("2025-07-01", HEAD, row(mail, alias=alias))
    done = await office.accounts("2025-08-01", "Địa chỉ,Trạng thái", f"{mail},đang hoạt động")
    assert done.outcome.total("unchanged") == 1
    assert await office.carriers(alias) == [(mail, "2025-07-01", None)]


async def test_an_empty_cell_among_aliases_ends_them(office: Office) -> None:
    old, new, alias = "a@soyt.tinh.gov.vn", "b@soyt.tinh.gov.vn", "sep@soyt.tinh.gov.vn"
    await office.accounts("2025-07-01", HEAD, row(old, alias=alias), row(new))
    done = await office.accounts("2025-08-01", HEAD, row(old), row(new))
    assert done.outcome.total("changed") == 1
    assert await office.carriers(alias) == [(old, "2025-07-01", "2025-07-31")]
    await office.accounts("2025-09-01", HEAD, row(old), row(new, alias=alias))
    assert await office.carriers(alias) == [
        (old, "2025-07-01", "2025-07-31"), (new, "2025-09-01", None)
    ]  # fmt: skip


async def test_of_one_account_in_two_rows_aliases_are_put_together(office: Office) -> None:
    mail, first, second = (f"{name}@soyt.tinh.gov.vn" for name in ("a", "a1", "a2"))
    await office.accounts("2025-07-01", HEAD, row(mail, alias=first), row(mail, alias=second))
    assert await office.carriers(first) == await office.carriers(second)
    await office.accounts("2025-08-01", HEAD, row(mail), row(mail, alias=second))
    assert await office.carriers(first) == [(mail, "2025-07-01", "2025-07-31")]
    assert await office.carriers(second) == [(mail, "2025-07-01", None)]


async def test_a_renamed_account_carries_its_former_address_on(office: Office) -> None:
    old, new = "a@soyt.tinh.gov.vn", "a@soct.tinh.gov.vn"
    await office.accounts("2025-07-01", HEAD, row(old))
    await office.accounts("2025-09-01", HEAD, row(new, alias=old))
    assert [each[2] for each in await office.account(old)] == ["enabled", "closed"]
    assert await office.carriers(old) == [
        (old, "2025-07-01", "2025-08-31"), (new, "2025-09-01", None)
    ]  # fmt: skip


async def test_an_alias_that_is_another_accounts_address_is_a_problem(office: Office) -> None:
    a, b = "a@soyt.tinh.gov.vn", "b@soyt.tinh.gov.vn"
    done = await office.accounts("2025-07-01", HEAD, row(a, alias=b), row(b))
    assert "row 3" in said(done.problems)
    assert "row 2 has the same address" in said(done.problems)


async def test_an_alias_of_a_closed_account_is_left_to_the_one_that_has_it_now(
    office: Office,
) -> None:
    a, b = "a@soyt.tinh.gov.vn", "b@soyt.tinh.gov.vn"
    done = await office.accounts("2025-07-01", HEAD, row(a, alias=b), row(b, "đã thu hồi"))
    assert done.outcome.applied
    assert "is closed, and row 2 has its address" in said(done.remarks)
    assert await office.carriers(b) == [(a, "2025-07-01", None)]


async def test_an_account_of_another_system_is_taken_over_when_that_has_closed_it(
    office: Office,
) -> None:
    mail = "a@soyt.tinh.gov.vn"
    await office.accounts("2025-07-01", HEAD, row(mail), source="zimbra")
    done = await office.accounts("2025-08-01", HEAD, row(mail), source="exchange")
    assert "is on the lists of zimbra since 2025-07-01" in said(done.problems)
    await office.accounts("2025-08-01", HEAD, row(mail, "thu hồi"), source="zimbra")
    await office.accounts("2025-08-02", HEAD, row(mail), source="exchange")
    late = await office.accounts("2025-08-03", HEAD, row(mail, "thu hồi"), source="zimbra")
    assert "is closed here and on the lists of exchange: left to those" in said(late.remarks)
    assert [each[2:] for each in await office.account(mail)] == [
        ("enabled", "2025-07-01", "2025-07-31"), ("closed", "2025-08-01", "2025-08-01"),
        ("enabled", "2025-08-02", None),
    ]  # fmt: skip


async def test_the_newest_reported_login_is_kept_and_is_no_change(office: Office) -> None:
    mail = "a@soyt.tinh.gov.vn"
    await office.accounts("2025-07-01", HEAD, row(mail, login="20/06/2025"))
    done = await office.accounts("2025-08-01", HEAD, row(mail, login="25/07/2025"))
    assert done.outcome.total("unchanged") == 1
    await office.accounts("2025-09-01", HEAD, row(mail))
    assert await office.rows("SELECT reported_login::text FROM account") == [("2025-07-25",)]


async def test_days_after_the_list_and_unknown_words_are_problems(office: Office) -> None:
    done = await office.accounts(
        "2025-07-01", HEAD, row("a@soyt.tinh.gov.vn", created="02/07/2025"),
        row("b@soyt.tinh.gov.vn", "lạ"), row("c@soyt.tinh.gov.vn", kind="lạ"),
        row("khong phai thu@soyt.tinh.gov.vn"), row("d@soyt.tinh.gov.vn", ""),
    )  # fmt: skip
    text = said(done.problems)
    assert "row 2, column Ngày cấp: is 2025-07-02, after 2025-07-01, the day of the list" in text
    assert "row 3, column Trạng thái: “lạ” is no known state" in text
    assert "row 4, column Loại: “lạ” is no known kind" in text
    assert "row 5, column Địa chỉ: “khong phai thu@soyt.tinh.gov.vn” is no mail address" in text
    assert "row 6, column Trạng thái: is empty" in text
    assert await office.count("account") == 0


async def test_without_a_column_of_states_all_that_is_listed_is_enabled(office: Office) -> None:
    await office.accounts("2025-07-01", "email", "a@soyt.tinh.gov.vn")
    assert (await office.account("a@soyt.tinh.gov.vn"))[0][2] == "enabled"


async def test_an_account_of_an_agency_that_is_no_more_belongs_to_its_heir(office: Office) -> None:
    """Its domain has to go on in the heir's entry; a list may also name the heir."""
    mail = "a@tanlap1.tinh.gov.vn"
    await office.accounts("2025-06-01", HEAD, row(mail))
    await office.accounts("2025-07-01", HEAD, row(mail, agency="ubnd"))
    assert [each[0] for each in await office.account(mail)] == ["xa-1", "ubnd"]


async def test_a_staff_number_says_whose_an_account_is_where_lists_of_people_have_no_addresses(
    office: Office,
) -> None:
    people = "Mã cán bộ,Cơ quan,Email,Từ ngày"
    head, a, b = "Email,Mã cán bộ", "a@soyt.tinh.gov.vn", "b@soyt.tinh.gov.vn"
    await office.people("2025-07-01", people, "1,so-yt,,01/01/2020", f"2,so-yt,{b},01/01/2020")
    for as_of in ("2025-07-10", "2025-07-20"):
        await office.accounts(as_of, head, f"{a},1", f"{b},1", "c@soyt.tinh.gov.vn,2")
        assert await office.holders(a) == [("1", "2020-01-01", None)]
        assert await office.holders(b) == [("2", "2020-01-01", None)], "still there, so his"
        assert await office.holders("c@soyt.tinh.gov.vn") == []
    await office.people("2025-08-01", people, "3,so-yt,,", f"2,so-yt,{b},")
    await office.accounts("2025-08-01", head, f"{a},3", f"{b},2")
    assert await office.holders(a) == [("1", "2020-01-01", "2025-07-31"), ("3", "2025-08-01", None)]


async def test_of_several_lists_of_people_the_one_that_is_meant_has_to_be_named(
    office: Office,
) -> None:
    for source, agency in (("hr", "so-yt"), ("other", "so-ct")):
        await office.people("2025-07-01", "Mã cán bộ,Cơ quan", f"1,{agency}", source=source)
    lines = ("Email,Mã cán bộ", "a@soct.tinh.gov.vn,1")
    await office.accounts("2025-07-01", *lines)
    assert await office.holders("a@soct.tinh.gov.vn") == []
    done = await office.accounts("2025-07-01", *lines, people="other")
    assert "by the staff number" in said(done.remarks)
    assert await office.rows("SELECT source FROM person JOIN person_address USING (person_id)") == [
        ("other",)
    ]
