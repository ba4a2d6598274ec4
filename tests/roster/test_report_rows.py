"""Who stands in which hand-on report, as of a day."""

from datetime import date, timedelta

import pytest

from monitor.errors import UserError
from monitor.record import Database
from monitor.record.pseudonyms import short
from monitor.roster.report import Lacking, Report, ReportKind, ReportRow, Wanted, opened
from monitor.settings import AccountSettings
from tests.roster.history import OPEN, SEALER, History

ON = date(2026, 11, 20)
SETTINGS = AccountSettings()


def ago(days: int) -> date:
    return ON - timedelta(days)


@pytest.fixture
async def history(database: Database) -> History:
    made = History(database)
    await made.agency("so-a")
    await made.agency("so-b")
    await made.agency("huyen-c", (date(2020, 1, 1), date(2025, 6, 30)), successor="so-a")
    return made


async def report(
    history: History,
    kind: ReportKind,
    on: date = ON,
    agency: str | None = None,
    settings: AccountSettings = SETTINGS,
    reason: str | None = None,
) -> tuple[Report, list[ReportRow]]:
    wanted = Wanted(kind, on, agency, reason)
    async with opened(history.database, wanted, settings, SEALER if reason else None) as found:
        rows = [row async for row in found.rows]
    assert found.total == len(rows)
    return found, rows


async def rows(history: History, kind: ReportKind, **given: object) -> list[ReportRow]:
    return (await report(history, kind, **given))[1]  # type: ignore[arg-type]  # passed on as they are


def name_of(address: str) -> str:
    return short(SEALER.pseudonym(address))


# -- people without mailbox -----------------------------------------------------------------------


async def test_people_without_a_usable_mailbox_are_listed_with_the_reason(history: History) -> None:
    await history.account("co@a", "so-a", aliases=["bi.danh@a"])
    await history.account("khoa@a", "so-a", (ago(900), OPEN, "locked"))
    await history.account("thu.hoi@a", "so-a", (ago(900), OPEN, "closed"))
    await history.person("co", "so-a", ["co@a"])
    await history.person("bi danh", "so-a", ["bi.danh@a"])
    await history.person("khoa", "so-a", ["khoa@a"], role="leader")
    await history.person("thu hoi", "so-b", ["thu.hoi@a"])
    await history.person("chua cap", "so-b", ["chua.cap@b"])
    await history.person("khong", "so-b")
    await history.person("nghi", "so-b", days=(date(2020, 1, 1), ago(1)))
    found = await rows(history, ReportKind.PEOPLE_WITHOUT_MAILBOX)
    assert [(each.code, each.why) for each in found if each.code == "so-a"] == [("so-a", "locked")]
    assert sorted(each.why or "" for each in found if each.code == "so-b") == [
        "closed", "no_account", "no_address",
    ]  # fmt: skip
    [locked] = [each for each in found if each.why == "locked"]
    assert (locked.role, locked.address, locked.day) == (
        "leader", name_of("khoa@a"), date(2020, 1, 1),
    )  # fmt: skip
    keys = [(each.code, each.person or "") for each in found]
    assert [code for code, _ in keys] == sorted(code for code, _ in keys)


async def test_a_report_holds_for_its_day(history: History) -> None:
    await history.account("an@a", "so-a", (date(2026, 3, 1), OPEN, "enabled"))
    await history.person("an", "huyen-c", ["an@a"])
    await history.account("khac@a", "so-a")
    [row] = await rows(history, ReportKind.PEOPLE_WITHOUT_MAILBOX, on=date(2025, 6, 30))
    assert row.code == "huyen-c"
    [row] = await rows(history, ReportKind.PEOPLE_WITHOUT_MAILBOX, on=date(2026, 2, 28))
    assert row.code == "so-a", "its successor answers for it"
    assert await rows(history, ReportKind.PEOPLE_WITHOUT_MAILBOX, on=date(2026, 3, 1)) == []


async def test_a_report_of_one_agency_has_its_rows_alone(history: History) -> None:
    await history.account("x@a", "so-a")
    await history.person("an", "so-a")
    await history.person("binh", "so-b")
    found, [row] = await report(history, ReportKind.PEOPLE_WITHOUT_MAILBOX, agency="so-b")
    assert row.code == "so-b"
    assert [(each.code, each.name, each.rows) for each in found.agencies] == [
        ("so-b", "Cơ quan so-b", 1)
    ]
    with pytest.raises(UserError, match="no such agency"):
        await report(history, ReportKind.PEOPLE_WITHOUT_MAILBOX, agency="so-z")


@pytest.mark.parametrize("kind", list(ReportKind))
async def test_without_lists_there_is_no_data(history: History, kind: ReportKind) -> None:
    found, none = await report(history, kind)
    assert (found.lacking, none) == (Lacking.ACCOUNTS, [])
    await history.account("x@a", "so-a")
    found, none = await report(history, kind)
    of_activity = kind in {ReportKind.DORMANT, ReportKind.NEVER_LOGGED_IN}
    assert (found.lacking, none) == (Lacking.ACTIVITY if of_activity else Lacking.PEOPLE, [])


# -- mailboxes without person, and of people who left ---------------------------------------------


async def test_a_mailbox_is_nobodys_or_of_somebody_who_left_never_both(history: History) -> None:
    await history.person("an", "so-a", ["an@a"])
    await history.account("an@a", "so-a")
    await history.account("ai@a", "so-a", created_on=ago(300))
    await history.account("khoa@a", "so-a", (ago(900), OPEN, "locked"))
    await history.account("dong@a", "so-a", (ago(900), OPEN, "closed"))
    await history.account("vanthu@a", "so-a", kind="mailbox")
    await history.account("galsync@a", "so-a", kind="system")
    await history.person("nghi", "so-a", ["nghi@a"], (date(2020, 1, 1), ago(30)))
    await history.account("nghi@a", "so-a")
    moved = await history.person("chuyen", "so-a", ["cu@a"], addresses_until=ago(100))
    assert moved
    await history.account("cu@a", "so-a")
    without = await rows(history, ReportKind.MAILBOXES_WITHOUT_PERSON)
    assert {(each.address, each.why, each.state) for each in without} == {
        (name_of("ai@a"), "never_anybodys", "enabled"),
        (name_of("khoa@a"), "never_anybodys", "locked"),
        (name_of("cu@a"), "given_up", "enabled"),
    }
    assert {each.days for each in without if each.address == name_of("ai@a")} == {300}
    [left] = await rows(history, ReportKind.MAILBOXES_OF_PEOPLE_WHO_LEFT)
    assert (left.address, left.day, left.days) == (name_of("nghi@a"), ago(30), 30)
    assert left.why == "unused"


async def test_use_after_leaving_is_said(history: History) -> None:
    await history.person("an", "so-a")
    for name in ("dung", "may", "truoc"):
        await history.person(name, "so-a", [f"{name}@a"], (date(2020, 1, 1), ago(30)))
        await history.account(f"{name}@a", "so-a")
    await history.active("dung@a", "login", ago(40), ago(3))
    await history.active("may@a", "imap", ago(2))
    await history.active("truoc@a", "sent", ago(31))
    found = await rows(history, ReportKind.MAILBOXES_OF_PEOPLE_WHO_LEFT)
    assert {(each.address, each.why, each.last_human, each.last_other) for each in found} == {
        (name_of("dung@a"), "used_after", ago(3), None),
        (name_of("may@a"), "polled_after", None, ago(2)),
        (name_of("truoc@a"), "unused", ago(31), None),
    }


async def test_who_came_back_or_moved_on_has_not_left(history: History) -> None:
    back = await history.person("ve", "so-a", ["ve@a"], (date(2020, 1, 1), ago(300)))
    await history.employ(back, "so-b", (ago(10), OPEN))
    await history.account("ve@a", "so-a")
    assert await rows(history, ReportKind.MAILBOXES_OF_PEOPLE_WHO_LEFT) == []
    assert await rows(history, ReportKind.MAILBOXES_WITHOUT_PERSON) == []
    [then] = await rows(history, ReportKind.MAILBOXES_OF_PEOPLE_WHO_LEFT, on=ago(100))
    assert then.days == 200


async def test_an_agency_without_any_roster_is_named_not_accused(history: History) -> None:
    await history.person("an", "so-a")
    await history.account("x@a", "so-a")
    await history.account("y@b", "so-b")
    found, [row] = await report(history, ReportKind.MAILBOXES_WITHOUT_PERSON)
    assert row.code == "so-a"
    assert found.left_out == ("so-b",)


# -- duplicates -----------------------------------------------------------------------------------


async def test_duplicates_of_every_sort_are_found_and_numbered(history: History) -> None:
    await history.account("mot@a", "so-a")
    await history.account("hai@a", "so-a")
    await history.account("khoa@a", "so-a", (ago(900), OPEN, "locked"))
    await history.account("vanthu@a", "so-a", kind="mailbox")
    await history.person("nhieu", "so-a", ["mot@a", "hai@a"])
    await history.person("mot thoi", "so-a", ["khoa@a", "vanthu@a"])
    await history.account("chung@a", "so-a", aliases=["chung2@a"])
    await history.person("p", "so-a", ["chung@a"])
    await history.person("q", "so-b", ["chung2@a"])
    await history.account("hai.ds@b", "so-b")
    await history.person("r", "so-b", ["hai.ds@b"])
    await history.person("r", "so-b", ["hai.ds@b"], source="other")
    posts = await history.person("s", "so-a", days=(date(2020, 1, 1), OPEN))
    await history.employ(posts, "so-b", (date(2021, 1, 1), OPEN))
    found = await rows(history, ReportKind.DUPLICATES)
    groups: dict[int | None, list[ReportRow]] = {}
    for row in found:
        groups.setdefault(row.together, []).append(row)
    assert sorted((group[0].why, len(group)) for group in groups.values()) == [
        ("several_accounts", 2), ("several_people", 2), ("two_lists", 2), ("two_posts", 2),
    ]  # fmt: skip
    assert all(len({row.why for row in group}) == 1 for group in groups.values())
    several = next(group for group in groups.values() if group[0].why == "several_accounts")
    assert {row.address for row in several} == {name_of("mot@a"), name_of("hai@a")}
    of_b = await rows(history, ReportKind.DUPLICATES, agency="so-b")
    assert {row.why for row in of_b} == {"several_people", "two_lists", "two_posts"}
    assert {row.code for row in of_b} == {"so-a", "so-b"}, "whoever the other one is"


# -- dormant and never logged in ------------------------------------------------------------------


async def test_an_account_without_a_sign_of_use_for_too_long_is_dormant(history: History) -> None:
    for name in ("moi", "lau", "vua.het", "may.hoi", "may.thoi", "chua"):
        await history.account(f"{name}@a", "so-a")
    await history.account("khoa@a", "so-a", (ago(900), OPEN, "locked"))
    await history.account("chung@a", "so-a", kind="mailbox")
    await history.account("galsync@a", "so-a", kind="system")
    await history.active("moi@a", "login", ago(400), ON)
    await history.active("lau@a", "sent", ago(46))
    await history.active("vua.het@a", "login", ago(45))
    await history.active("may.hoi@a", "imap", ago(1))
    await history.active("may.thoi@a", "login", ago(300))
    await history.active("may.thoi@a", "imap", ago(70))
    await history.active("khoa@a", "login", ago(300))
    await history.active("galsync@a", "imap", ago(300))
    await history.active("chung@a", "login", ago(90))
    await history.active("chua@a", "automatic", ago(1))
    found, got = await report(history, ReportKind.DORMANT)
    assert {(each.address, each.kind, each.days, each.last_human) for each in got} == {
        (name_of("lau@a"), "personal", 46, ago(46)),
        (name_of("may.thoi@a"), "personal", 70, ago(300)),
        (name_of("chung@a"), "mailbox", 90, ago(90)),
    }
    assert found.limit_days == 45
    [never] = await rows(history, ReportKind.NEVER_LOGGED_IN)
    assert never.address == name_of("chua@a")


async def test_which_kinds_are_human_is_a_setting(history: History) -> None:
    await history.account("may.hoi@a", "so-a")
    await history.account("khac@a", "so-a")
    await history.active("khac@a", "login", ON)
    await history.active("may.hoi@a", "imap", ago(100))
    [row] = await rows(history, ReportKind.DORMANT)
    assert (row.last_human, row.last_other) == (None, ago(100))
    [row] = await rows(history, ReportKind.DORMANT, settings=AccountSettings(human=("imap",)))
    assert (row.last_human, row.last_other) == (ago(100), None)


async def test_what_happened_after_the_day_of_the_report_does_not_count(history: History) -> None:
    for name in ("sau", "truoc.va.sau", "chi.sau", "gan"):
        await history.account(f"{name}@a", "so-a")
    on = date(2026, 6, 20)
    await history.active("sau@a", "login", date(2026, 4, 1), date(2026, 9, 1))
    await history.active("truoc.va.sau@a", "login", date(2025, 3, 3), date(2026, 6, 21))
    await history.active("chi.sau@a", "login", date(2026, 6, 30))
    await history.active("gan@a", "login", date(2026, 6, 19), date(2026, 6, 25))
    found = await rows(history, ReportKind.DORMANT, on=on)
    assert {(each.address, each.last_human) for each in found} == {
        (name_of("sau@a"), date(2026, 4, 1)), (name_of("truoc.va.sau@a"), date(2025, 3, 3)),
    }  # fmt: skip
    [never] = await rows(history, ReportKind.NEVER_LOGGED_IN, on=on)
    assert never.address == name_of("chi.sau@a")


async def test_activity_under_an_alias_is_the_accounts(history: History) -> None:
    await history.account("an@a", "so-a", aliases=["bi.danh@a"])
    await history.active("an@a", "login", ago(300))
    await history.active("bi.danh@a", "sent", ago(2))
    assert await rows(history, ReportKind.DORMANT) == []


async def test_logs_that_began_lately_or_broke_off_accuse_nobody(history: History) -> None:
    await history.account("an@a", "so-a")
    await history.account("binh@a", "so-a")
    await history.active("binh@a", "login", ago(20), ago(19))
    assert await rows(history, ReportKind.NEVER_LOGGED_IN) == [], "seen for 20 days only"
    later = ON + timedelta(days=200)
    assert await rows(history, ReportKind.DORMANT, on=later) == [], "nothing is logged since"


async def test_an_account_of_a_system_without_logs_is_not_accused(history: History) -> None:
    await history.account("an@a", "so-a", source="old-system")
    await history.account("binh@a", "so-a")
    await history.active("binh@a", "login", ago(400), ON)
    assert await rows(history, ReportKind.NEVER_LOGGED_IN) == []


async def test_the_log_on_that_a_system_reports_is_evidence(history: History) -> None:
    await history.account("moi@a", "so-a", reported=ago(50))
    await history.account("cu@a", "so-a", reported=ago(80))
    await history.account("chua@a", "so-a")
    await history.account("tre@a", "so-a", created_on=ago(60))
    await history.listed("accounts", "mail", ago(1))
    [dormant] = await rows(history, ReportKind.DORMANT)
    # It may be two weeks later than it says: 50 days ago is not beyond doubt more than 45.
    assert (dormant.address, dormant.days, dormant.reported) == (name_of("cu@a"), 80, ago(80))
    [never] = await rows(history, ReportKind.NEVER_LOGGED_IN)
    assert never.address == name_of("chua@a")


async def test_a_list_grown_old_says_nothing_of_today(history: History) -> None:
    await history.account("an@a", "so-a", reported=ago(120))
    await history.listed("accounts", "mail", ago(100))
    assert await rows(history, ReportKind.DORMANT) == []


# -- revealing ------------------------------------------------------------------------------------


async def test_revealing_shows_names_and_leaves_one_row_in_the_audit_log(history: History) -> None:
    await history.account("khoa@a", "so-a", (ago(900), OPEN, "locked"))
    await history.person("CB-7", "so-a", ["khoa@a"])
    [sealed] = await rows(history, ReportKind.PEOPLE_WITHOUT_MAILBOX)
    assert (sealed.name, sealed.staff_number, sealed.real_address) == (None, None, None)
    [shown] = await rows(
        history, ReportKind.PEOPLE_WITHOUT_MAILBOX, agency="so-a", reason="gửi Sở A rà soát"
    )
    assert (shown.name, shown.staff_number) == ("Ông CB-7", "cb-7")
    assert (shown.person, shown.real_address) == (sealed.person, "khoa@a")
    async with history.database.connection() as connection:
        [noted] = await connection.fetch("SELECT action, subject, reason, actor FROM audit")
    assert noted["action"] == "report"
    assert noted["subject"] == (f"people-without-mailbox of agency so-a on {ON}, 1 rows")
    assert noted["reason"] == "gửi Sở A rà soát"
    assert noted["actor"]
