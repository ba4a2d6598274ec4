"""The drop watch over recorded facts: what it reads, and that nothing but facts decides."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from monitor.calendar import WorkingCalendar
from monitor.measure import drop_history
from monitor.measure.drop_history import Key
from monitor.measure.drops import Drop, DropWatch, acknowledge
from monitor.measure.figures import Scope
from monitor.record import AgencyRow, Database
from monitor.record.connection import Connection
from monitor.settings import AccountSettings, CalendarSettings, Settings

TODAY = date(2026, 3, 18)
"""Wednesday, four weeks after Tết: the baseline reaches back across it."""
CALENDAR = WorkingCalendar(CalendarSettings(), 2026)
DAYS = CALENDAR.working_days(date(2025, 9, 1), TODAY - timedelta(days=1))
AGENCIES = ("so-mot", "so-hai", "so-ba")


@pytest.fixture(autouse=True)
async def _province(database: Database) -> None:
    await database.sync_agencies([AgencyRow(code, code, "department", "tinh") for code in AGENCIES])
    async with database.connection() as connection:
        await connection.executemany(
            "INSERT INTO calendar_day (day, working, name) VALUES ($1, $2, $3)"
            " ON CONFLICT DO NOTHING",
            [(each.day, each.working, each.name) for each in CALENDAR.exceptions()],
        )


async def signed(
    database: Database,
    code: str,
    days: Sequence[date],
    numerator: int,
    denominator: int,
    undecided: int = 0,
    rate: float = 1.0,
) -> None:
    """Documents by mail on each of these days; below rate 1 of twice as many units."""
    units = None if rate == 1 else 2 * (denominator + undecided)
    drawn = None if rate == 1 else denominator + undecided
    async with database.connection() as connection:
        await connection.executemany(
            "INSERT INTO day_fact (day, indicator, agency_id, channel, document_class, base,"
            " numerator, denominator, undecided, rate, units, sampled_units)"
            " SELECT $1, 'document_signed', agency_id, 'mail', 'formal', '', $3, $4, $5, $6, $7, $8"
            " FROM agency WHERE code = $2"
            " ON CONFLICT (day, indicator, agency_id, channel, document_class, base, rate)"
            " DO UPDATE SET numerator = excluded.numerator, denominator = excluded.denominator,"
            " undecided = excluded.undecided",
            [(day, code, numerator, denominator, undecided, rate, units, drawn) for day in days],
        )


async def steady(database: Database, *codes: str, days: Sequence[date] = DAYS) -> None:
    for code in codes or AGENCIES:
        await signed(database, code, days, 9, 10)


async def watched(
    database: Database, today: date = TODAY, code: str = "so-mot", scope: Scope = Scope.AGENCY
) -> Drop | None:
    now = datetime(today.year, today.month, today.day, 3, tzinfo=UTC)
    drops = await DropWatch(database, Settings(), lambda: now).refresh()
    found = [
        each for each in drops
        if (each.code, each.scope, each.indicator) == (code, scope, "document_signed")
    ]  # fmt: skip
    assert len(found) < 2
    return found[0] if found else None


async def test_a_figure_that_stays_has_its_baseline_and_no_drop(database: Database) -> None:
    await steady(database)
    drop = await watched(database)
    assert drop
    assert (drop.baseline.numerator, drop.baseline.denominator) == (180, 200)
    assert (drop.baseline.first_day, drop.baseline.last_day) == (DAYS[-25], DAYS[-6])
    assert drop.recent
    assert (drop.recent.numerator, drop.recent.denominator) == (45, 50)
    assert (drop.drop_days, drop.drop_began, drop.silent_days, drop.decline_days) == (0, None, 0, 0)
    assert 0.84 < drop.baseline_low < 0.9
    assert drop.last_day == DAYS[-1]


async def test_a_halving_is_found_with_the_day_it_began(database: Database) -> None:
    await steady(database)
    await signed(database, "so-mot", DAYS[-3:], 4, 10)
    drop = await watched(database)
    assert drop
    assert (drop.drop_days, drop.drop_began) == (3, DAYS[-3])
    assert drop.baseline.ratio == pytest.approx(0.9)


async def test_a_drop_does_not_age_into_its_baseline(database: Database) -> None:
    await steady(database)
    await signed(database, "so-mot", DAYS[-60:], 4, 10)
    drop = await watched(database)
    assert drop
    assert drop.drop_days == 60
    assert drop.baseline.ratio == pytest.approx(0.9)


async def test_the_result_depends_on_facts_alone(database: Database) -> None:
    """One watch that saw every day, and one that sees the last day only, say the same."""
    await steady(database)
    await signed(database, "so-mot", DAYS[-12:], 4, 10)
    watch = DropWatch(database, Settings(), lambda: datetime(2026, 3, 2, 3, tzinfo=UTC))
    await watch.refresh()
    watch._clock = lambda: datetime(2026, 3, 18, 3, tzinfo=UTC)
    late = [each for each in await watch.refresh() if each.code == "so-mot"]
    assert late == [await watched(database)]


async def test_late_facts_take_a_drop_back(database: Database) -> None:
    await steady(database)
    await signed(database, "so-mot", DAYS[-4:], 4, 10)
    watch = DropWatch(database, Settings(), lambda: datetime(2026, 3, 18, 3, tzinfo=UTC))
    before = [each.drop_days for each in await watch.refresh() if each.code == "so-mot"]
    await signed(database, "so-mot", DAYS[-4:], 9, 10)
    after = [each.drop_days for each in await watch.refresh() if each.code == "so-mot"]
    assert (before, after) == ([4], [0])


async def test_weekends_and_tet_are_no_days(database: Database) -> None:
    """The drop is two days before Tết; on the first day after it is three days old, not twelve."""
    tet = next(n for n in range(1, len(DAYS)) if (DAYS[n] - DAYS[n - 1]).days > 7)
    await steady(database, days=DAYS[: tet + 1])
    await signed(database, "so-mot", DAYS[tet - 2 : tet], 3, 10)
    free = DAYS[tet - 1] + timedelta(days=4)
    in_tet = await watched(database, free)
    assert in_tet
    assert (in_tet.drop_days, in_tet.drop_began) == (2, DAYS[tet - 2])
    await signed(database, "so-mot", [DAYS[tet]], 3, 10)
    after = await watched(database, DAYS[tet] + timedelta(days=1))
    assert after
    assert after.drop_days == 3


async def test_days_without_any_source_are_no_days(database: Database) -> None:
    """Nothing captured province-wide on two days, next to nothing on the third."""
    await steady(database, days=DAYS[:-3])
    await signed(database, "so-hai", DAYS[-1:], 0, 3)
    await signed(database, "so-mot", DAYS[-1:], 0, 2)
    drop = await watched(database)
    assert drop
    assert (drop.drop_days, drop.silent_days, drop.last_day) == (0, 0, DAYS[-4])


async def test_after_five_days_without_a_source_nothing_is_said_but_of_what_had_dropped(
    database: Database,
) -> None:
    await steady(database, days=DAYS[:-5])
    await signed(database, "so-hai", DAYS[-9:-5], 3, 10)
    assert await watched(database) is None
    held = await watched(database, code="so-hai")
    assert held
    assert held.drop_days == 4


async def test_a_day_with_low_coverage_is_no_day_of_its_agency(database: Database) -> None:
    await steady(database)
    await signed(database, "so-mot", DAYS[-3:], 3, 10)
    async with database.connection() as connection:
        await connection.executemany(
            "INSERT INTO coverage_day (day, agency_id, channel, logged, captured)"
            " SELECT $1, agency_id, 'mail', 20, 10 FROM agency WHERE code = 'so-mot'",
            [(day,) for day in DAYS[-3:]],
        )
    drop = await watched(database)
    assert drop
    assert (drop.drop_days, drop.last_day) == (0, DAYS[-4])


async def test_what_could_not_be_decided_is_no_drop(database: Database) -> None:
    """Trust data is stale: what was signed waits, what is unsigned does not."""
    await steady(database)
    await signed(database, "so-mot", DAYS[-4:], 0, 1, undecided=9)
    drop = await watched(database)
    assert drop
    assert drop.drop_days == 0


async def test_a_drop_does_not_end_because_nothing_can_be_decided_any_more(
    database: Database,
) -> None:
    await steady(database)
    await signed(database, "so-mot", DAYS[-12:-6], 3, 10)
    await signed(database, "so-mot", DAYS[-6:], 0, 1, undecided=9)
    drop = await watched(database)
    assert drop
    assert drop.drop_days == 12


async def test_a_handful_of_documents_is_no_drop(database: Database) -> None:
    await steady(database, "so-hai", "so-ba")
    await signed(database, "so-mot", DAYS[:-3], 1, 1)
    await signed(database, "so-mot", DAYS[-3:], 0, 1)
    drop = await watched(database)
    assert drop is None or drop.drop_days == 0


async def test_one_day_alone_is_no_drop_however_bad(database: Database) -> None:
    await steady(database)
    await signed(database, "so-mot", DAYS[-1:], 0, 40)
    drop = await watched(database)
    assert drop
    assert drop.drop_days == 0


async def test_a_drop_ends_when_the_last_five_days_are_back(database: Database) -> None:
    await steady(database)
    await signed(database, "so-mot", DAYS[-30:-5], 3, 10)
    drop = await watched(database)
    assert drop
    assert drop.drop_days == 0
    assert drop.baseline.ratio == pytest.approx(0.9), "the days of the drop are no baseline"


async def test_a_sample_of_half_is_no_drop_and_hides_none(database: Database) -> None:
    await steady(database, "so-hai", "so-ba")
    await steady(database, "so-mot", days=DAYS[:-4])
    await signed(database, "so-mot", DAYS[-4:], 9, 10, rate=0.5)
    kept = await watched(database)
    await signed(database, "so-mot", DAYS[-4:], 3, 10, rate=0.5)
    fallen = await watched(database)
    assert kept
    assert fallen
    assert (kept.drop_days, fallen.drop_days) == (0, 4)


async def test_signing_that_stops_with_all_documents_is_told(database: Database) -> None:
    await steady(database, "so-hai", "so-ba")
    await steady(database, "so-mot", days=DAYS[:-40])
    drop = await watched(database)
    assert drop
    assert (drop.silent_days, drop.silent_since) == (40, DAYS[-40])
    assert drop.baseline.ratio == pytest.approx(0.9), "frozen, though nothing came since"
    assert (drop.drop_days, drop.recent) == (0, None)


async def test_a_slow_decline_is_told_against_the_last_closed_month(database: Database) -> None:
    march = [day for day in DAYS if day >= date(2026, 3, 1)]
    for code in AGENCIES:
        await signed(database, code, [day for day in DAYS if day not in march], 90, 100)
    await signed(database, "so-hai", march, 90, 100)
    await signed(database, "so-ba", march, 90, 100)
    for n, day in enumerate(march):
        await signed(database, "so-mot", [day], 83 - (n + 1) // 2, 100)
    drop = await watched(database)
    assert drop
    assert drop.decline_days == 2
    assert drop.drop_days == 0, "it is no sudden one"
    assert drop.month
    assert drop.month.ratio == pytest.approx(0.9)
    assert (drop.month.first_day, drop.month.last_day) == (date(2026, 2, 2), date(2026, 2, 27))


async def test_the_province_is_watched_with_a_smaller_margin(database: Database) -> None:
    for code in AGENCIES:
        await signed(database, code, DAYS[:-5], 90, 100)
        await signed(database, code, DAYS[-5:], 82, 100)
    alone = await watched(database)
    together = await watched(database, code="province", scope=Scope.PROVINCE)
    assert alone
    assert together
    assert (alone.drop_days, together.drop_days) == (0, 5)


async def test_the_acknowledged_level_is_the_new_baseline(database: Database) -> None:
    await steady(database)
    await signed(database, "so-mot", DAYS[-12:], 5, 10)
    on = DAYS[-3]
    before = await watched(database, on + timedelta(days=1))
    assert before
    assert before.drop_days == 10
    async with database.connection() as connection, connection.transaction():
        await acknowledge(connection, [before], "truc ban", "phần mềm mới")
    after = await watched(database)
    assert after
    assert (after.drop_days, after.acknowledged) == (0, on)
    assert after.baseline.ratio == pytest.approx(0.5)
    await signed(database, "so-mot", DAYS[-2:], 0, 30)
    further = await watched(database)
    assert further
    assert further.drop_days >= 2


async def test_what_was_acknowledged_of_few_documents_stays_listed_without_a_drop(
    database: Database,
) -> None:
    """Five days of it are less than a baseline asks for; an alert ends by a 0, not by silence."""
    await steady(database, "so-hai")
    await signed(database, "so-mot", DAYS[:-4], 5, 5)
    await signed(database, "so-mot", DAYS[-4:], 0, 5)
    before = await watched(database)
    assert before is not None
    assert before.drop_days == 4
    async with database.connection() as connection, connection.transaction():
        await acknowledge(connection, [before], "truc ban", "phần mềm mới")
    after = await watched(database)
    assert after is not None
    assert (after.drop_days, after.acknowledged) == (0, DAYS[-1])


async def test_an_acknowledgement_is_in_the_audit_log(database: Database) -> None:
    await steady(database)
    await signed(database, "so-mot", DAYS[-4:], 4, 10)
    drop = await watched(database)
    assert drop
    async with database.connection() as connection, connection.transaction():
        await acknowledge(connection, [drop], "truc ban", "đổi phần mềm")
        row = await connection.fetchrow("SELECT * FROM audit ORDER BY audit_id DESC LIMIT 1")
    assert row
    assert (row["actor"], row["action"], row["reason"]) == (
        "truc ban",
        "acknowledge",
        "đổi phần mềm",
    )
    assert row["subject"] == f"agency so-mot document_signed mail until {DAYS[-1]}"


async def test_people_who_use_their_mail_no_more_are_a_drop(database: Database) -> None:
    """Twenty accounts, of which eighteen are used daily; on the last three days eight."""
    async with database.connection() as connection:
        agency = await connection.fetchval("SELECT agency_id FROM agency WHERE code = 'so-mot'")
        for first in sorted({day.replace(day=1) for day in DAYS}):
            await connection.execute("SELECT ensure_month($1)", first)
        for account in range(1, 21):
            await connection.execute(
                "INSERT INTO account_period VALUES ($1, '2025-01-01', 'infinity', $2, 'personal',"
                " 'enabled')",
                account, agency,
            )  # fmt: skip
            await connection.execute(
                "INSERT INTO account_address VALUES ($1, '2025-01-01', 'infinity', $1)", account
            )
            used = DAYS if account <= 8 else DAYS[:-3] if account <= 18 else []
            masks: dict[date, int] = {}
            for day in used:
                month = day.replace(day=1)
                masks[month] = masks.get(month, 0) | 1 << day.day - 1
            await connection.executemany(
                "INSERT INTO activity_month (address_id, month, sent) VALUES ($1, $2, $3)",
                [(account, month, mask) for month, mask in masks.items()],
            )
    now = datetime(2026, 3, 18, 3, tzinfo=UTC)
    drops = await DropWatch(database, Settings(), lambda: now).refresh()
    (drop,) = [each for each in drops if each.code == "so-mot"]
    assert (drop.indicator, drop.channel) == ("accounts_active", "mail")
    assert drop.baseline.ratio == pytest.approx(0.9)
    assert (drop.drop_days, drop.drop_began) == (3, DAYS[-3])


async def test_an_agency_that_sent_nearly_everything_and_stops_is_no_outage(
    database: Database,
) -> None:
    await steady(database, "so-hai", "so-ba", days=DAYS[:-5])
    await signed(database, "so-mot", DAYS[:-5], 180, 200)
    await signed(database, "so-hai", DAYS[-5:], 0, 10)
    await signed(database, "so-ba", DAYS[-5:], 9, 10)

    large, dropped, steadily = [await watched(database, code=code) for code in AGENCIES]

    assert large
    assert dropped
    assert steadily
    assert large.silent_days == 5
    assert dropped.drop_days >= 2
    assert (steadily.drop_days, steadily.silent_days) == (0, 0)


class _Accounts:
    """A connection that tells of many agencies' accounts at once."""

    def __init__(self, agencies: int, months: Sequence[date]) -> None:
        self._agencies, self._months = agencies, months

    async def fetch(self, query: str, *_: object) -> list[dict[str, object]]:
        each = range(self._agencies)
        if "agency_period" in query:
            return [{"agency_id": n, "code": f"so-{n}", "level": "department"} for n in each]
        if "activity_month" in query:
            return [
                {"agency_id": n, "month": month, "used": [9] * 31}
                for n in each
                for month in self._months
            ]
        return [
            {"agency_id": n, "first_day": DAYS[0], "last_day": DAYS[-1], "accounts": 10}
            for n in each
        ]


async def test_the_event_loop_has_its_turns_while_accounts_of_many_agencies_are_read() -> None:
    turns, agencies = 0, 100

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    columns: dict[Key, Any] = {}
    connection = cast("Connection", _Accounts(agencies, [date(2025, 12, 1), date(2026, 1, 1)]))
    async with asyncio.TaskGroup() as group:
        beside = group.create_task(others())
        await drop_history._accounts(connection, DAYS, AccountSettings(), columns)
        beside.cancel()

    assert turns >= 3 * agencies / 10
    whole = columns[Key("accounts_active", Scope.PROVINCE, "province", "mail")]
    assert whole.denominators == [1000.0] * len(DAYS)
    assert sum(whole.numerators) == 900 * sum(day.month in {12, 1} for day in DAYS)
