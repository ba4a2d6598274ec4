"""What the record has of one account or person, when somebody challenges a report."""

from datetime import date

import pytest

from monitor.errors import UserError
from monitor.model import Language
from monitor.record import Database
from monitor.record.pseudonyms import short
from monitor.roster.report_show import Shown, show
from monitor.roster.report_show_words import ShownText
from tests.roster.history import OPEN, SEALER, History

SINCE = date(2026, 1, 1)


@pytest.fixture
async def history(database: Database) -> History:
    made = History(database)
    await made.agency("so-a")
    await made.agency("so-b")
    await made.account(
        "an@a", "so-a", (date(2020, 1, 1), date(2026, 5, 31), "enabled"),
        (date(2026, 6, 1), OPEN, "locked"), aliases=["bi.danh@a"], reported=date(2026, 5, 30),
    )  # fmt: skip
    moved = await made.person(
        "CB-7", "so-a", ["bi.danh@a"], (date(2020, 1, 1), date(2025, 6, 30)), role="leader"
    )
    await made.employ(moved, "so-b", (date(2025, 7, 1), OPEN))
    await made.active("an@a", "login", date(2025, 12, 1), date(2026, 3, 2), date(2026, 3, 3))
    await made.active("bi.danh@a", "login", date(2026, 3, 3), date(2026, 3, 9))
    await made.active("bi.danh@a", "imap", date(2026, 5, 5))
    await made.account("khac@a", "so-a")
    await made.person("khac", "so-a", ["khac@a"])
    return made


async def ask(history: History, who: str, reason: str | None = None) -> Shown:
    return await show(history.database, SEALER, who, SINCE, reason)


async def audited(history: History) -> list[tuple[str, str, str]]:
    async with history.database.connection() as connection:
        rows = await connection.fetch("SELECT action, subject, reason FROM audit ORDER BY 1")
    return [tuple(row) for row in rows]


async def test_an_account_is_the_same_by_address_alias_pseudonym_or_person(
    history: History,
) -> None:
    by_address = await ask(history, " AN@a")
    [person] = by_address.people
    for who in ("bi.danh@a", short(SEALER.pseudonym("an@a")), person.pseudonym):
        assert await ask(history, who) == by_address


async def test_everything_that_answers_a_challenge_is_there(history: History) -> None:
    shown = await ask(history, "an@a")
    [account] = shown.accounts
    assert [(each.state, each.last_day) for each in account.periods] == [
        ("enabled", date(2026, 5, 31)), ("locked", OPEN),
    ]  # fmt: skip
    assert account.reported_login == date(2026, 5, 30)
    [person] = shown.people
    assert [(post.agency, post.role) for post in person.posts] == [
        ("so-a", "leader"), ("so-b", "staff"),
    ]  # fmt: skip
    assert [each.primary for each in shown.addresses] == [True, False]
    assert shown.last_days == {"login": date(2026, 3, 9), "imap": date(2026, 5, 5)}
    # 3 March under both addresses is one day; December lies before what was asked for.
    assert [(each.month, each.days) for each in shown.months] == [
        (date(2026, 5, 1), {"imap": 1}), (date(2026, 3, 1), {"login": 3}),
    ]  # fmt: skip
    assert shown.months[0].sources == ("intake",)


async def test_it_is_pseudonymous_unless_revealed_and_noted(history: History) -> None:
    name = short(SEALER.pseudonym("an@a"))
    sealed = await ask(history, name)
    assert {each.address for each in sealed.addresses} == {None}
    assert {(each.name, each.staff_number) for each in sealed.people} == {(None, None)}
    assert await audited(history) == []
    opened = await ask(history, name, "khiếu nại của Sở A")
    assert {each.address for each in opened.addresses} == {"an@a", "bi.danh@a"}
    assert {(each.name, each.staff_number) for each in opened.people} == {("Ông CB-7", "cb-7")}
    assert await audited(history) == [("reveal", name, "khiếu nại của Sở A")]
    await ask(history, "an@a")
    assert ("pseudonym", name, "looked up by its address") in await audited(history)


async def test_who_is_unknown_is_said(history: History) -> None:
    with pytest.raises(UserError, match="has no such address or pseudonym"):
        await ask(history, "nobody@a")
    with pytest.raises(UserError, match="is no pseudonym"):
        await ask(history, "somebody")
    with pytest.raises(UserError, match="is no mail address"):
        await ask(history, "@a")


async def test_a_page_reads_in_vietnamese_and_english(history: History) -> None:
    shown = await ask(history, "an@a")
    vietnamese = list(ShownText(shown, Language.VI).lines())
    assert "  01/06/2026 – …: so-a, cá nhân, tạm khóa" in vietnamese
    assert "  đăng nhập: 09/03/2026" in vietnamese
    assert "  03/2026: đăng nhập 3 (nguồn: bản sao thư)" in vietnamese
    english = list(ShownText(shown, Language.EN).lines())
    assert "  employed 2025-07-01 – …: so-b, staff" in english


async def test_an_address_without_account_and_a_person_without_address_are_shown(
    history: History,
) -> None:
    await history.person("moi", "so-b", ["moi@b"])
    lines = list(ShownText(await ask(history, "moi@b"), Language.EN).lines())
    assert "Account: on no list of accounts" in lines
    assert "Last day: no use is known" in lines
