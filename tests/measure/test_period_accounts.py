"""Account figures and the funnel of a period: those of the month in which it ends."""

from datetime import UTC, date, datetime

import pytest

from monitor.measure.account_history import figures_between
from monitor.model import Direction
from monitor.record import Database, Recorder
from tests.measure.accounts_world import World
from tests.measure.period_world import SETTINGS, Row, collected, figure_of, figures_of, rows_of
from tests.support.outcomes import document, mail, valid

LAST_OF_JUNE = date(2025, 6, 30)
TODAY = date(2026, 3, 31)
SHARED = (
    "indicator", "scope", "code", "role", "base", "first_day", "last_day", "numerator",
    "denominator", "ratio", "state",
)  # fmt: skip


def use(day: int, month: int, count: int = 1) -> list[date]:
    return [date(2025, month, day + n) for n in range(count)]


@pytest.fixture
async def world(database: Database) -> World:
    """Three months of an agency that stays, and of one that ends with June; leaders and staff."""
    world = World(database)
    await world.agency("xa-a")
    await world.agency("huyen-d", (date.min, LAST_OF_JUNE), "district", heirs=("xa-a",))
    await world.official("a1", "xa-a", "leader")
    await world.official("a2", "xa-a")
    await world.official("d1", "huyen-d", "leader")  # its list was never renewed
    await world.account("hotline", "xa-a", kind="mailbox")
    await world.active("a1", *use(5, 5), *use(2, 6, 27), *use(1, 7, 31))
    await world.active("a2", *use(9, 6))
    await world.active("d1", *use(10, 6), *use(10, 7))
    await world.active("hotline", *use(3, 7))
    return world


async def active(world: World, closing: int, code: str, **where: str) -> Row:
    return await figure_of(
        world.database, closing, where.pop("indicator", "accounts_active"), code,
        channel="mail", document_class="", **where,
    )  # fmt: skip


def two(row: Row) -> tuple[int, int]:
    return row["numerator"], row["denominator"]


async def test_a_month_has_all_account_figures_of_its_days(world: World) -> None:
    closing = await collected(world.database, "2025-06", today=TODAY)
    assert two(await active(world, closing, "xa-a")) == (2, 2)
    assert two(await active(world, closing, "xa-a", role="leader")) == (1, 1)
    assert two(await active(world, closing, "xa-a", indicator="accounts_habitual")) == (1, 2)
    assert two(await active(world, closing, "province", base="provisioned")) == (3, 3)
    assert two(await active(world, closing, "xa-a", role="mailbox", base="provisioned")) == (0, 1)
    own = await figures_of(world.database, closing, channel="mail", document_class="")
    async with world.database.connection() as connection:
        past = await figures_between(
            connection, SETTINGS.accounts, date(2025, 6, 1), date(2025, 6, 30)
        )
    expected = {tuple(getattr(each, name) for name in SHARED) for each in past.figures}
    assert {tuple(row[name] for name in SHARED) for row in own} == expected


@pytest.mark.parametrize(
    ("period", "first", "last", "active_of"),
    [
        ("2025-Q2", date(2025, 6, 1), date(2025, 6, 30), 2),
        ("2025-H1@administrative", date(2025, 5, 15), date(2025, 6, 14), 2),
        ("cumulative:2025-06", date(2025, 6, 1), date(2025, 6, 30), 2),
        ("2025-05-01..2025-07-31", date(2025, 7, 1), date(2025, 7, 31), 2),
        ("2025-06-10..2025-06-12", date(2025, 6, 10), date(2025, 6, 12), 1),
    ],
)
async def test_a_longer_period_has_those_of_the_month_in_which_it_ends(
    world: World, period: str, first: date, last: date, active_of: int
) -> None:
    closing = await collected(world.database, period, today=TODAY)
    found = await active(world, closing, "xa-a")
    assert (found["first_day"], found["last_day"]) == (first, last)
    assert found["numerator"] == active_of
    signed = await figure_of(world.database, closing, "document_signed", "province", channel="mail")
    assert signed["first_day"] <= first


async def test_of_a_year_that_has_only_begun_the_last_31_days_are_counted(world: World) -> None:
    closing = await collected(world.database, "2025", today=date(2025, 7, 9))
    found = await active(world, closing, "xa-a")
    assert (found["first_day"], found["last_day"]) == (date(2025, 6, 9), date(2025, 7, 9))


async def test_of_a_quarter_that_is_in_its_last_month_that_month_is_counted(world: World) -> None:
    closing = await collected(world.database, "2025-Q2", today=date(2025, 6, 20))
    found = await active(world, closing, "xa-a")
    assert (found["first_day"], found["last_day"]) == (date(2025, 6, 1), date(2025, 6, 20))


async def test_what_an_agency_that_ended_had_is_its_holders(world: World) -> None:
    closing = await collected(world.database, "2025-07", today=TODAY)
    assert two(await active(world, closing, "xa-a")) == (2, 3), "a1 and d1, not a2"
    june = await collected(world.database, "2025-06", today=TODAY)
    assert two(await active(world, june, "huyen-d")) == (1, 1)


async def test_accounts_are_compared_with_the_month_before(world: World) -> None:
    closing = await collected(world.database, "2025-07", today=TODAY)
    before = await active(world, closing, "province", about="previous")
    assert two(before) == (3, 3)
    assert two(await active(world, closing, "province", about="previous", panel="previous")) == (
        2, 2,
    )  # fmt: skip
    # Of the same agencies' holders: what xa-a was left by huyen-d is its own in July.
    assert two(await active(world, closing, "province", panel="previous")) == (2, 3)
    roles = {row["role"] for row in await figures_of(world.database, closing, about="previous")}
    assert roles == {"", "leader"}


async def test_the_funnel_of_documents_is_of_the_same_days_as_accounts(
    world: World, recorder: Recorder
) -> None:
    database = world.database
    address = await world.address("a1")
    await recorder.write(
        [
            mail("1", [document("a", valid())], sender_agency="xa-a", to=("huyen-d",),
                 direction=Direction.OUT, at=datetime(2025, 6, 5, 2, tzinfo=UTC)),
            mail("2", [document("b")], sender_agency="xa-a", to=("huyen-d",),
                 direction=Direction.OUT, at=datetime(2025, 4, 5, 2, tzinfo=UTC)),
        ]
    )  # fmt: skip
    async with database.connection() as connection:
        await connection.execute("UPDATE message SET sender_address_id = $1", address)
    closing = await collected(database, "2025-Q2", today=TODAY)
    rows = {(row["code"], row["role"]): row for row in await rows_of(
        database, "closed_funnel", closing)}  # fmt: skip
    leader = rows["xa-a", "leader"]
    assert (leader["sends"], leader["signs"], leader["validates"]) == (1, 1, 1)
    assert (leader["first_day"], leader["last_day"]) == (date(2025, 6, 1), date(2025, 6, 30))
    assert rows["xa-a", "staff"]["sends"] == 0
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM funnel_count") == 0


async def test_collecting_leaves_figures_of_this_moment_alone(world: World) -> None:
    await collected(world.database, "2025-06", today=TODAY)
    async with world.database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM figure") == 0
        assert await connection.fetchval("SELECT count(*) FROM target_baseline") == 0
        assert await connection.fetchval("SELECT to_regclass('account_link')") is None
