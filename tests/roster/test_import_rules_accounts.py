"""Any sequence of lists of accounts leaves what the rules in plain Python leave, and no overlap."""

from copy import deepcopy
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model import AccountState
from monitor.record.roster_rows import Terms
from monitor.roster.agencies import Agencies
from monitor.roster.importing import Imported, import_accounts
from monitor.roster.listed import ListedAccount, Listing
from monitor.tables.model import Place
from tests.roster.rostering import REGISTRY, SEALER, SETTINGS, Office
from tests.roster.rules import Account, Accounts, Problem

START = date(2025, 8, 1)
NAMES = "abcd"
DAYS_BEFORE = st.none() | st.integers(0, 25)


def address(name: str) -> str:
    return f"{name}@soyt.tinh.gov.vn"


@st.composite
def accounts(draw: st.DrawFn, name: str) -> tuple[Account, int | None, int | None]:
    """An account, and how many days before the list it was created and is in its state."""
    aliases = draw(st.none() | st.lists(st.sampled_from("abcdxy"), unique=True, max_size=2))
    account = Account(
        address(name), draw(st.sampled_from(("so-yt", "so-ct"))),
        draw(st.sampled_from(("enabled", "enabled", "locked", "closed"))),
        None if aliases is None else tuple(address(each) for each in aliases if each != name),
    )  # fmt: skip
    return account, draw(DAYS_BEFORE), draw(DAYS_BEFORE)


@st.composite
def imports(
    draw: st.DrawFn,
) -> tuple[int, list[tuple[Account, int | None, int | None]], bool]:
    """Days since the import before, the list, whole or partial."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    rows = [draw(accounts(name)) for name in names]
    return draw(st.integers(0, 12)), rows, draw(st.booleans())


def dated(row: tuple[Account, int | None, int | None], day: date) -> Account:
    account, created, since = row
    ago = [None if days is None else day - timedelta(days=days) for days in (created, since)]
    return Account(account.address, account.agency, account.state, account.aliases, ago[0], ago[1])


async def handed_in(office: Office, rows: list[Account], day: date, *, whole: bool) -> Imported:
    entries = (
        ListedAccount(
            row, each.address, each.aliases, AccountState(each.state), None, each.agency,
            each.created, each.since, None, None,
        )
        for row, each in enumerate(rows, 2)
    )  # fmt: skip
    listing = Listing(None, iter(entries), [], lambda row, field: Place("list", row, field))
    terms = Terms("mail", day, whole=whole, actor="tester", apply=True)
    return await import_accounts(
        listing, Agencies(REGISTRY, day), terms, SETTINGS, office.database, SEALER, lambda _: None
    )


async def recorded(office: Office) -> tuple[set[object], set[object]]:
    standings = await office.rows(
        "SELECT a.sealed_address, g.code, p.state, p.first_day, p.last_day FROM account_period p "
        "JOIN account USING (account_id) JOIN address a USING (address_id) "
        "JOIN agency g ON g.agency_id = p.agency_id"
    )
    mail = await office.rows(
        "SELECT own.sealed_address, a.sealed_address, o.first_day, o.last_day "
        "FROM account_address o JOIN address a USING (address_id) "
        "JOIN account c USING (account_id) "
        "JOIN address own ON own.address_id = c.address_id"
    )
    return (
        {(SEALER.open(row[0], "address"), *row[1:]) for row in standings},
        {(*(SEALER.open(each, "address") for each in row[:2]), *row[2:]) for row in mail},
    )


def expected(wanted: Accounts) -> tuple[set[object], set[object]]:
    return (
        {
            (name, *s.what, s.first, s.last)
            for name, spans in wanted.standings.items()
            for s in spans
        },
        {(account, said, span.first, span.last) for account, said, span in wanted.mail},
    )


OVERLAPS = """
    SELECT count(*) FROM account_period a JOIN account_period b ON a.account_id = b.account_id
        AND a.first_day < b.first_day AND a.last_day >= b.first_day
    UNION ALL
    SELECT count(*) FROM account_address a JOIN account_address b ON a.address_id = b.address_id
        AND a.first_day < b.first_day AND a.last_day >= b.first_day
"""


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lists=st.lists(imports(), min_size=2, max_size=5))
async def test_any_sequence_of_lists_leaves_what_the_rules_say(
    office: Office, lists: list[tuple[int, list[tuple[Account, int | None, int | None]], bool]]
) -> None:
    await office.emptied()
    accounts, day = Accounts(), START
    for later, given_rows, whole in lists:
        day += timedelta(days=later)
        rows = [dated(row, day) for row in given_rows]
        wanted = deepcopy(accounts)
        refused = False
        try:
            wanted.apply(rows, day, whole=whole)
        except Problem:
            refused = True
        done = await handed_in(office, rows, day, whole=whole)
        assert bool(done.problems) == refused, done.problems
        assert done.outcome.applied != refused
        if not refused:
            accounts = wanted
        assert await recorded(office) == expected(accounts)
        assert await office.rows(OVERLAPS) == [(0,), (0,)]
        if not refused:
            again = await handed_in(office, rows, day, whole=whole)
            changes = [again.outcome.total(word) for word in ("added", "changed", "ended")]
            assert changes == [0, 0, 0], "the same list again changes nothing"


async def test_an_alias_that_one_list_gives_up_and_gives_to_a_closed_account_is_taken_over_that_day(
    office: Office,
) -> None:
    name, alias = address("d"), address("c")
    first = Account(name, "so-yt", "enabled", (alias,))
    await handed_in(office, [first], START, whole=True)
    day = START + timedelta(days=1)
    second = [
        Account(name, "so-yt", "enabled", ()),
        Account(alias, "so-yt", "closed", None, None, START),
    ]
    await handed_in(office, second, day, whole=True)
    _, mail = await recorded(office)
    assert mail == {
        (name, name, START, date.max), (name, alias, START, START), (alias, alias, day, date.max),
    }  # fmt: skip
    again = await handed_in(office, second, day, whole=True)
    assert again.outcome.total("changed") == 0
