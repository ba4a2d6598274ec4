"""A worked history: districts abolished and provinces merged on 1 July 2025, an official who moves
twice; every month by its own roster, agencies and activity.

Before: district D (2 officials) and communes A and B; the provinces P1 and P2 have a department
each, P3 too. After: D's work is the commune A's, P2's and P3's departments are P1's.
"""

from datetime import date

import pytest

from monitor.commands.accounts import Answer, Request, answer
from monitor.measure.account_history import Whose, same_agencies
from monitor.model import Role
from monitor.record import Database
from monitor.settings import Settings
from tests.measure.accounts_world import ALWAYS, World

LAST, FIRST = date(2025, 6, 30), date(2025, 7, 1)
BEFORE, AFTER = (date.min, LAST), (FIRST, date.max)
MAY, AUGUST = date(2025, 5, 1), date(2025, 8, 31)


@pytest.fixture
async def history(database: Database) -> World:
    world = World(database)
    await world.agency("xa-a")
    await world.agency("xa-b")
    await world.agency("so-1", level="department")
    await world.agency("huyen-d", BEFORE, "district", heirs=("xa-a",))
    for code in ("so-2", "so-3"):
        await world.agency(code, BEFORE, "department", heirs=("so-1",))
    await world.official("a1", "xa-a", "leader")
    await world.official("b1", "xa-b")
    await world.official("d1", "huyen-d", "leader")  # its list was never renewed
    await world.official("s1", "so-1")
    await world.official("s2", "so-2", span=BEFORE)
    await world.works("s2", "so-1", span=AFTER)  # renewed after the merger
    await world.official("s3", "so-3")
    await world.account("hotline-d", "huyen-d", kind="mailbox")

    await world.account("m", "huyen-d")  # moves on 16 June and on 11 August
    for agency, span in (
        ("huyen-d", (date.min, date(2025, 6, 15))),
        ("xa-b", (date(2025, 6, 16), date(2025, 8, 10))),
        ("so-1", (date(2025, 8, 11), date.max)),
    ):
        await world.works("m", agency, span=span)
    await world.uses("m", "m")

    for name in ("a1", "d1", "m"):
        await world.active(name, *(date(2025, month, 20) for month in (5, 6, 7, 8)))
    await world.active("s2", date(2025, 5, 5), date(2025, 7, 1))
    await world.active("s3", date(2025, 6, 30))
    await world.active("hotline-d", date(2025, 7, 2))
    return world


async def asked(world: World, whose: Whose, role: Role | None = None) -> Answer:
    request = Request(MAY, AUGUST, whose, role, same_agencies=True)
    async with world.database.connection() as connection:
        return await answer(connection, request, Settings())


def active(found: Answer) -> list[tuple[int, int] | None]:
    return [row.values.get("accounts_active") for row in found.months]


def active_of_same(found: Answer) -> list[tuple[int, int] | None]:
    return [row.values.get("accounts_active") for row in found.panel]


async def test_the_province_counts_everybody_once_in_every_month(history: World) -> None:
    found = await asked(history, Whose())
    assert [row.roster for row in found.months] == [7, 7, 7, 7]
    assert active(found) == [(4, 7), (4, 7), (4, 7), (3, 7)]


async def test_the_same_agencies_panel_grows_by_what_they_took_over(history: World) -> None:
    found = await asked(history, Whose())
    assert found.panel_size == 3  # xa-a, xa-b, so-1
    assert active_of_same(found) == [(1, 3), (2, 4), (4, 7), (3, 7)]


async def test_a_district_has_figures_until_it_is_abolished(history: World) -> None:
    assert active(await asked(history, Whose(agency="huyen-d"))) == [(2, 2), (1, 1), None, None]
    assert active(await asked(history, Whose(level="district"))) == [(2, 2), (1, 1), None, None]


async def test_its_heir_has_its_people_from_then_on(history: World) -> None:
    found = await asked(history, Whose(agency="xa-a"))
    assert [row.roster for row in found.months] == [1, 1, 2, 2]
    assert active(found) == [(1, 1), (1, 1), (2, 2), (2, 2)]
    leaders = await asked(history, Whose(agency="xa-a"), Role.LEADER)
    assert active(leaders) == [(1, 1), (1, 1), (2, 2), (2, 2)]


async def test_an_official_who_moves_counts_where_each_month_ends(history: World) -> None:
    assert active(await asked(history, Whose(agency="xa-b"))) == [(0, 1), (1, 2), (1, 2), (0, 1)]
    assert active(await asked(history, Whose(agency="so-1"))) == [(0, 1), (0, 1), (1, 3), (1, 4)]


async def test_merged_provinces_are_one_department_whether_lists_were_renewed_or_not(
    history: World,
) -> None:
    departments = await asked(history, Whose(level="department"))
    assert active(departments) == [(1, 3), (1, 3), (1, 3), (1, 4)]
    assert active_of_same(departments) == [(0, 1), (0, 1), (1, 3), (1, 4)]


async def test_a_month_before_anything_was_watched_has_no_data(history: World) -> None:
    request = Request(date(2025, 4, 1), date(2025, 4, 30), Whose())
    async with history.database.connection() as connection:
        found = await answer(connection, request, Settings())
    assert active(found) == [None]
    assert found.months[0].values["accounts_provisioned"] == (7, 7)
    assert found.months[0].roster == 7


async def test_history_stores_nothing(history: World) -> None:
    await asked(history, Whose())
    async with history.database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM figure") == 0
        assert await connection.fetchval("SELECT to_regclass('account_link')") is None


async def test_an_agency_that_was_renamed_is_the_same_and_one_with_a_gap_is_not(
    database: Database,
) -> None:
    world = World(database)
    await world.agency("renamed", (date.min, LAST))
    await world.agency("renamed", AFTER)
    await world.agency("gap", (date.min, date(2025, 6, 29)))
    await world.agency("gap", AFTER)
    await world.agency("always", ALWAYS)
    async with database.connection() as connection:
        ids = await same_agencies(connection, MAY, AUGUST)
        codes = await connection.fetch(
            "SELECT code FROM agency WHERE agency_id = ANY ($1) ORDER BY code", list(ids)
        )
    assert [row["code"] for row in codes] == ["always", "renamed"]
