"""Who counts as provisioned, active and habitual: each rule by figures worked out by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.measure import Figure, State
from monitor.measure.accounts import AccountCount, AccountMeasure
from monitor.model import ActivityKind
from monitor.record import Database
from monitor.settings import AccountSettings
from tests.measure.accounts_world import World

NOW = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
"""Wednesday 18 March 2026 in Vietnam: wd5 is the 11th to the 17th without the weekend."""
TODAY = date(2026, 3, 18)


def march(*days: int) -> list[date]:
    return [date(2026, 3, day) for day in days]


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.agencies("xa-mot", "xa-hai")
    return made


async def measured(world: World, settings: AccountSettings | None = None) -> dict[str, Figure]:
    """All stored figures, by `indicator code window` and, where there are, role and base."""
    await AccountMeasure(world.database, settings or AccountSettings(), lambda: NOW).refresh()
    async with world.database.connection() as connection:
        rows = await connection.fetch("SELECT * FROM figure WHERE indicator LIKE 'accounts%'")
    named = ("code", "window_name", "role", "base")
    return {
        " ".join([row["indicator"][9:], *(row[name] for name in named if row[name])]): Figure(
            row["indicator"], row["scope"], row["code"], row["channel"], row["document_class"],
            row["window_name"], row["first_day"], row["last_day"], row["numerator"],
            row["denominator"], row["undecided"], row["ratio"], State(row["state"]),
        )
        for row in rows
    }  # fmt: skip


def of(figure: Figure) -> tuple[int, int]:
    return figure.numerator, figure.denominator


async def counts(world: World, settings: AccountSettings | None = None) -> list[AccountCount]:
    found = await AccountMeasure(
        world.database, settings or AccountSettings(), lambda: NOW
    ).refresh()
    assert found is not None
    return list(found.counts)


async def test_an_official_with_an_enabled_account_is_provisioned(world: World) -> None:
    await world.official("a", "xa-mot", "leader")
    await world.works("b", "xa-mot")  # no address
    await world.works("c", "xa-mot")
    await world.uses("c", "c")  # an address without an account
    await world.works("d", "xa-mot")
    await world.uses("d", "d")
    await world.account("d", "xa-mot", state="locked")
    await world.works("e", "xa-mot")
    await world.uses("e", "e@alias")
    await world.account("e", "xa-mot", aliases=("e@alias",))
    found = await measured(world)
    assert of(found["provisioned xa-mot period"]) == (2, 5)
    assert of(found["provisioned xa-mot period leader"]) == (1, 1)
    assert of(found["provisioned xa-mot period staff"]) == (1, 4)
    assert of(found["provisioned commune period"]) == of(found["provisioned province period"])
    assert found["provisioned xa-hai period"].state is State.NO_DATA
    assert found["provisioned xa-hai period"].ratio is None


async def test_somebodys_shared_mailbox_is_no_account_of_theirs(world: World) -> None:
    await world.works("a", "xa-mot")
    await world.uses("a", "van-thu")
    await world.account("van-thu", "xa-mot", kind="shared")
    assert of((await measured(world))["provisioned xa-mot 30d"]) == (0, 1)


async def test_activity_in_the_window_by_a_person_counts_and_polling_does_not(world: World) -> None:
    for name in ("sends", "logs-in", "polls", "today", "long-ago", "never"):
        await world.official(name, "xa-mot")
    await world.active("sends", *march(17))
    await world.active("logs-in", *march(11), kind=ActivityKind.LOGIN)
    await world.active("polls", *march(16, 17), kind=ActivityKind.IMAP)
    await world.active("today", TODAY)
    await world.active("long-ago", date(2025, 12, 20))
    found = await measured(world)
    expected = {"wd5": 2, "7d": 2, "30d": 2, "period": 3, "90d": 3, "180d": 3}
    for window, active in expected.items():
        assert of(found[f"active xa-mot {window}"]) == (active, 6), window


async def test_who_is_active_today_was_active_before_if_the_months_say_so(world: World) -> None:
    await world.official("a", "xa-mot")
    await world.official("b", "xa-mot")
    await world.active("a", date(2025, 10, 1), TODAY)  # 168 days ago, and nothing between
    await world.active("b", *march(17))
    found = await measured(world)
    assert of(found["active xa-mot 90d"]) == (1, 2)
    assert of(found["active xa-mot 180d"]) == (2, 2)


async def test_all_addresses_of_an_officials_accounts_count_and_each_day_once(world: World) -> None:
    await world.works("a", "xa-mot")
    for address in ("a1", "a2"):
        await world.uses("a", address)
    await world.account("a1", "xa-mot", aliases=("a1@alias",))
    await world.account("a2", "xa-mot")
    await world.active("a1", *march(2, 3, 4))
    await world.active("a1@alias", *march(4, 5, 6))
    await world.active("a2", *march(6, 9))
    six, seven = AccountSettings(habitual_days=6), AccountSettings(habitual_days=7)
    assert of((await measured(world, six))["habitual xa-mot period"]) == (1, 1)
    assert of((await measured(world, seven))["habitual xa-mot period"]) == (0, 1)


async def test_days_of_a_locked_account_do_not_make_its_official_active(world: World) -> None:
    await world.works("a", "xa-mot")
    await world.uses("a", "a")
    await world.account("a", "xa-mot", span=(date.min, date(2026, 3, 10)))
    await world.account("a", "xa-mot", span=(date(2026, 3, 11), date.max), state="locked")
    await world.official("b", "xa-mot")
    for name in "ab":
        await world.active(name, *march(9, 10))
    found = await measured(world)
    assert of(found["active xa-mot 30d"]) == (1, 2)
    assert of(found["active xa-mot 30d provisioned"]) == (1, 1)
    assert of(found["active xa-mot wd20_prior"]) == (2, 2)  # it was enabled on its last day


async def test_habitual_use_is_counted_on_working_days_alone(world: World) -> None:
    await world.official("worker", "xa-mot")
    await world.official("weekender", "xa-mot")
    await world.active("worker", *march(2, 3, 4, 5, 6, 9, 10, 11, 12, 13))
    await world.active("weekender", *march(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15))
    found = await measured(world)
    assert of(found["habitual xa-mot period"]) == (1, 2)
    assert of(found["habitual xa-mot 30d provisioned"]) == (1, 2)
    assert "habitual xa-mot wd5" not in found
    assert "habitual xa-mot 7d" not in found


async def test_a_window_with_too_few_working_days_says_so(world: World) -> None:
    await world.official("a", "xa-mot")
    await world.active("a", *march(17))
    found = await measured(world, AccountSettings(habitual_days=15))
    assert found["habitual xa-mot period"].state is State.INSUFFICIENT  # 13 so far in March


async def test_where_the_logs_of_most_days_are_missing_nobody_is_called_without_the_habit(
    world: World,
) -> None:
    await world.official("a", "xa-mot")
    await world.official("b", "xa-mot")
    await world.active("a", *march(2, 3, 4, 5, 6, 9, 10, 11, 12))
    assert (await measured(world))["habitual xa-mot period"].state is State.INSUFFICIENT
    await world.active("b", *march(13))
    found = (await measured(world))["habitual xa-mot period"]
    assert (found.state, of(found)) == (State.OK, (0, 2))


async def test_where_nothing_watches_activity_there_is_no_data(world: World) -> None:
    await world.official("a", "xa-mot")
    found = await measured(world)
    assert found["active xa-mot 30d"].state is State.NO_DATA
    assert found["active xa-mot 30d"].ratio is None
    assert of(found["provisioned xa-mot 30d"]) == (1, 1)


async def test_without_a_list_of_accounts_nobody_is_said_to_lack_one(world: World) -> None:
    await world.works("a", "xa-mot")
    assert (await measured(world))["provisioned xa-mot 30d"].state is State.NO_DATA


async def test_an_agency_without_a_roster_is_measured_over_its_accounts(world: World) -> None:
    await world.official("a", "xa-mot")
    await world.account("b", "xa-hai")
    await world.account("c", "xa-hai")
    await world.active("b", *march(17))
    found = await measured(world)
    assert found["active xa-hai 30d"].state is State.NO_DATA
    assert of(found["active xa-hai 30d provisioned"]) == (1, 2)
    assert of(found["active xa-mot 30d provisioned"]) == (0, 1)
    assert of(found["active province 30d provisioned"]) == (1, 3)
    assert of(found["active province 30d"]) == (0, 1)


async def test_agency_mailboxes_stand_apart(world: World) -> None:
    await world.official("a", "xa-mot")
    await world.account("hotline", "xa-mot", kind="mailbox")
    await world.account("van-thu", "xa-mot", kind="mailbox")
    await world.account("galsync", "xa-mot", kind="system")
    await world.active("hotline", *march(16, 17), kind=ActivityKind.LOGIN)
    found = await measured(world)
    assert of(found["active xa-mot wd5 mailbox provisioned"]) == (1, 2)
    assert of(found["active xa-mot wd5"]) == (0, 1)
    assert of(found["active province wd5 provisioned"]) == (0, 1)


async def test_the_roster_is_that_of_the_windows_last_day(world: World) -> None:
    await world.official("left", "xa-mot", span=(date.min, date(2026, 3, 10)))
    await world.official("came", "xa-mot", span=(date(2026, 3, 18), date.max))
    await world.official("stays", "xa-mot")
    await world.active("left", *march(9))
    found = await measured(world)
    assert of(found["active xa-mot wd20_prior"]) == (1, 2)  # ends on the 10th
    assert of(found["active xa-mot 30d"]) == (0, 1)  # ends yesterday
    assert of(found["active xa-mot period"]) == (0, 2)  # ends today


async def test_people_of_an_agency_that_ended_count_for_its_heir(world: World) -> None:
    await world.agency("huyen", (date.min, date(2026, 3, 15)), "district", heirs=("xa-hai",))
    await world.official("a", "huyen", "leader")
    await world.account("hotline", "huyen", kind="mailbox")
    await world.active("a", *march(2))
    found = await measured(world)
    assert of(found["active huyen wd20_prior"]) == (1, 1)
    assert of(found["active xa-hai 30d leader"]) == (1, 1)
    assert of(found["active commune 30d"]) == (1, 1)
    assert "active huyen 30d" not in found
    assert of(found["active xa-hai 30d mailbox provisioned"]) == (0, 1)


async def test_every_account_stands_in_exactly_one_state(world: World) -> None:
    def ago(days: int) -> date:
        return TODAY - timedelta(days=days)

    await world.official("leader", "xa-mot", "leader")
    await world.active("leader", ago(30))
    for name in ("idle", "polled", "dormant"):
        await world.official(name, "xa-mot")
    await world.active("idle", ago(31))
    await world.active("polled", ago(1), kind=ActivityKind.IMAP)
    await world.active("dormant", ago(46))
    await world.account("new", "xa-mot", created_on=ago(89))
    await world.account("never", "xa-mot", created_on=ago(90))
    await world.account("unknown-age", "xa-mot")
    await world.account("reported", "xa-mot", created_on=ago(300), reported_login=ago(45))
    await world.account("locked", "xa-mot", state="locked")
    await world.account("closed", "xa-mot", state="closed")
    await world.account("hotline", "xa-mot", kind="mailbox")
    await world.account("galsync", "xa-mot", kind="system")
    assert await counts(world) == [
        AccountCount("xa-mot", "leader", "active", 1),
        AccountCount("xa-mot", "mailbox", "never_logged_in", 1),
        AccountCount("xa-mot", "staff", "dormant", 1),
        AccountCount("xa-mot", "staff", "idle", 2),
        AccountCount("xa-mot", "unknown", "closed", 1),
        AccountCount("xa-mot", "unknown", "idle", 2),
        AccountCount("xa-mot", "unknown", "locked", 1),
        AccountCount("xa-mot", "unknown", "never_logged_in", 2),
    ]


async def test_an_account_with_aliases_is_one_account(world: World) -> None:
    await world.works("a", "xa-mot")
    await world.uses("a", "a@alias")
    await world.account("a", "xa-mot", aliases=("a@alias", "a@old"))
    await world.active("a@old", *march(17))
    assert await counts(world) == [AccountCount("xa-mot", "staff", "active", 1)]
    assert of((await measured(world))["active xa-mot wd5"]) == (1, 1)


async def test_an_alias_that_changed_hands_shows_use_by_its_holder_of_the_day(
    world: World,
) -> None:
    await world.official("old", "xa-mot")
    await world.official("new", "xa-mot")
    await world.alias("chu-tich", "old", (date.min, date(2026, 3, 8)))
    await world.alias("chu-tich", "new", (date(2026, 3, 9), date.max))
    await world.official("other", "xa-mot")
    await world.active("other", *march(9))
    await world.active("chu-tich", *march(6))
    assert of((await measured(world))["active xa-mot 30d"]) == (1, 3)
    await world.active("chu-tich", *march(9))
    assert of((await measured(world))["active xa-mot 30d"]) == (2, 3)


async def test_an_alias_from_somebody_else_brings_no_long_past_and_no_log_on(
    world: World,
) -> None:
    await world.account("other", "xa-mot", state="closed")
    await world.account("new", "xa-mot")
    await world.alias("chu-tich", "other", (date.min, date(2025, 12, 31)))
    await world.alias("chu-tich", "new", (date(2026, 1, 1), date.max))
    await world.active("chu-tich", date(2025, 12, 1))
    found = await measured(world)
    assert of(found["active xa-mot 180d provisioned"]) == (0, 1)
    assert AccountCount("xa-mot", "unknown", "never_logged_in", 1) in await counts(world)
    await world.active("chu-tich", date(2026, 1, 2), TODAY)
    assert of((await measured(world))["active xa-mot 90d provisioned"]) == (1, 1)


async def test_an_account_counts_by_the_addresses_that_it_has_on_the_windows_last_day(
    world: World,
) -> None:
    await world.official("a", "xa-mot")
    await world.alias("chu-tich", "a", (date.min, date(2026, 3, 17)))
    await world.active("chu-tich", *march(2, 17))
    found = await measured(world)
    assert of(found["active xa-mot 30d"]) == (1, 1)  # ends on the 17th
    assert of(found["active xa-mot wd20_prior"]) == (1, 1)  # ends on the 10th
    assert found["active xa-mot period"].numerator == 0  # ends on the 18th


async def test_figures_that_lost_their_ground_are_gone_and_others_stay(world: World) -> None:
    await world.official("a", "xa-mot", "leader")
    assert "provisioned xa-mot period leader" in await measured(world)
    async with world.database.connection() as connection:
        await connection.execute("UPDATE employment SET role = 'staff'")
        await connection.execute(
            "INSERT INTO figure SELECT 'document_signed', scope, code, channel, 'formal',"
            " window_name, first_day, last_day, 0, 0, 0, NULL, NULL, NULL, 1, NULL, NULL, state"
            " FROM figure WHERE code = 'xa-mot' AND role = '' LIMIT 1"
        )
    assert "provisioned xa-mot period leader" not in await measured(world)
    async with world.database.connection() as connection:
        assert await connection.fetchval(
            "SELECT count(*) FROM figure WHERE indicator = 'document_signed'"
        )


async def test_nothing_is_computed_where_nothing_has_changed(world: World) -> None:
    await world.official("a", "xa-mot")
    measure = AccountMeasure(world.database, AccountSettings(), lambda: NOW)
    await _flush(world)
    assert await measure.refresh() is not None
    assert await measure.refresh() is None
    await world.active("a", *march(17))
    await _flush(world)
    found = await measure.refresh()
    assert found is not None
    assert [count.state for count in found.counts] == ["active"]


async def test_a_new_day_needs_no_new_link(world: World) -> None:
    clock = [NOW]
    measure = AccountMeasure(world.database, AccountSettings(), lambda: clock[0])
    await world.official("came", "xa-mot", span=(date(2026, 3, 20), date.max))
    await world.official("goes", "xa-mot", span=(date.min, date(2026, 3, 19)))
    await world.active("goes", *march(17))
    await _flush(world)
    assert await measure.refresh() is not None
    before = await _link(world)
    for days in range(1, 5):
        clock[0] = NOW + timedelta(days=days)
        assert await measure.refresh() is not None
        kept = await _figures(world)
        assert await _link(world) == before
        await AccountMeasure(world.database, AccountSettings(), lambda: clock[0]).refresh()
        assert await _figures(world) == kept
        before = await _link(world)
        await measure.refresh()
    await world.official("new", "xa-mot")
    await _flush(world)
    await measure.refresh()
    assert await _link(world) != before


async def _link(world: World) -> int:
    async with world.database.connection() as connection:
        found = await connection.fetchval("SELECT 'account_link'::regclass::oid")
    assert isinstance(found, int)
    return found


async def _figures(world: World) -> list[tuple[object, ...]]:
    async with world.database.connection() as connection:
        rows = await connection.fetch(
            "SELECT indicator, code, role, base, window_name, numerator, denominator, last_day"
            " FROM figure ORDER BY 1, 2, 3, 4, 5"
        )
    return [tuple(row) for row in rows]


async def _flush(world: World) -> None:
    """What the connection that wrote has to tell the server's counters, it tells now."""
    async with world.database.connection() as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        await connection.execute("SELECT 1")


async def test_what_is_forgotten_is_no_zero(world: World) -> None:
    await world.official("a", "xa-mot")
    await world.active("a", *march(17))
    async with world.database.connection() as connection:
        await connection.execute("INSERT INTO kept_since VALUES ('activity', '2026-03-01')")
    found = await measured(world)
    assert found["active xa-mot 30d"].state is State.NO_DATA
    assert of(found["active xa-mot period"]) == (1, 1)
