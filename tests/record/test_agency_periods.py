"""The record knows agencies through time as the registry does."""

import asyncio
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.agencies import Agency, Registry
from monitor.errors import DatabaseUnavailable
from monitor.record import AgencyRow, Database
from tests.support.database import Server, open_database

FIRST = date(2025, 1, 1)
DAYS = 12
CODES = ("a", "b", "c", "d", "e")


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


async def rows(database: Database, query: str, *values: object) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(query, *values)]


async def periods(database: Database) -> list[tuple[Any, ...]]:
    return await rows(
        database,
        "SELECT a.code, p.first_day, p.last_day, p.name, p.name_en, p.level, p.parent"
        " FROM agency_period p JOIN agency a USING (agency_id) ORDER BY 1, 2",
    )


async def holders(database: Database, on: date) -> dict[str, str | None]:
    found = await rows(
        database,
        "SELECT a.code, nullif(h.code, '') FROM agency_holder($1) x"
        " JOIN agency a USING (agency_id) LEFT JOIN agency h ON h.agency_id = x.holder_id"
        " AND x.holder_id <> 0 WHERE a.agency_id <> 0",
        on,
    )
    return dict(found)


async def test_periods_and_successors_are_what_the_registry_says_now(database: Database) -> None:
    cut = date(2025, 6, 30)
    old = AgencyRow("xa", "Xã cũ", "commune", "huyen", None, None, cut, ())
    new = AgencyRow("xa", "Xã mới", "commune", "tinh", "New", cut + timedelta(days=1))
    gone = AgencyRow("huyen", "Huyện", "district", None, None, None, cut, ("xa",))
    await database.sync_agencies([old, new, gone])
    assert await periods(database) == [
        ("huyen", date.min, cut, "Huyện", None, "district", None),
        ("xa", date.min, cut, "Xã cũ", None, "commune", "huyen"),
        ("xa", cut + timedelta(days=1), date.max, "Xã mới", "New", "commune", "tinh"),
    ]
    assert (await holders(database, cut))["huyen"] == "huyen"
    assert (await holders(database, date(2025, 7, 1)))["huyen"] == "xa"

    await database.sync_agencies([AgencyRow("xa", "Xã", "commune")])
    assert await periods(database) == [("xa", date.min, date.max, "Xã", None, "commune", None)]
    assert await rows(database, "SELECT * FROM agency_successor") == []
    assert await holders(database, cut) == {"huyen": None, "xa": "xa"}


async def test_an_agency_stands_as_on_the_day_of_the_sync(database: Database) -> None:
    turn = date(2025, 7, 1)
    entries = [
        AgencyRow("xa", "Xã mới", "commune", valid_from=turn),
        AgencyRow("xa", "Xã cũ", "commune", valid_to=turn - timedelta(days=1)),
        AgencyRow("sau", "Lập sau", "commune", valid_from=turn),
        AgencyRow("truoc", "Đã hết", "commune", valid_to=date(2025, 1, 1)),
    ]
    names = "SELECT code, name FROM agency WHERE agency_id <> 0 ORDER BY 1"
    await database.sync_agencies(entries, turn - timedelta(days=1))
    assert await rows(database, names) == [
        ("sau", "Lập sau"), ("truoc", "Đã hết"), ("xa", "Xã cũ"),
    ]  # fmt: skip
    await database.sync_agencies(entries, turn)
    assert (await rows(database, names))[-1] == ("xa", "Xã mới")


async def test_a_sync_that_changes_nothing_writes_nothing(database: Database) -> None:
    entries = [AgencyRow(f"xa-{n}", f"Xã {n}", "commune", successors=("xa-0",)) for n in range(9)]
    written = (
        "SELECT xmin::text FROM agency_period UNION ALL SELECT xmin::text FROM agency_successor"
    )
    await database.sync_agencies(entries)
    before = await rows(database, written)
    await database.sync_agencies(entries)
    assert await rows(database, written) == before
    assert len(before) == 18


async def test_a_failing_sync_leaves_all_tables_as_they_were(database: Database) -> None:
    await database.sync_agencies([AgencyRow("xa", "Xã", "commune")])
    upside_down = AgencyRow("xa", "Tên khác", "commune", None, None, date(2025, 2, 1), FIRST)
    with pytest.raises(DatabaseUnavailable):
        await database.sync_agencies([upside_down])
    assert (await periods(database))[0][3] == "Xã"
    assert await rows(database, "SELECT name FROM agency WHERE code = 'xa'") == [("Xã",)]


@st.composite
def histories(draw: st.DrawFn) -> list[Agency]:
    """Agencies with any number of periods, gaps, and any successors: rings of them too."""
    agencies = []
    for code in CODES:
        cuts = draw(st.lists(st.integers(0, DAYS), max_size=4, unique=True).map(sorted))
        for first, after in pairwise(cuts):
            if not draw(st.booleans()):
                continue
            heirs = draw(st.lists(st.sampled_from(CODES), max_size=2, unique=True))
            agencies.append(
                Agency(
                    code=code,
                    name=code,
                    level="commune",
                    valid_from=day(first),
                    valid_to=day(after - 1),
                    successors=tuple(h for h in heirs if h != code),
                )
            )
    return agencies


def test_who_holds_what_on_a_day_is_one_answer_in_registry_and_record(
    postgres_server: Server,
) -> None:
    with asyncio.Runner() as runner:
        name = runner.run(postgres_server.create())
        database = runner.run(open_database(postgres_server.dsn(name)))

        @settings(
            max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(histories(), st.integers(-1, DAYS + 1))
        def agree(agencies: list[Agency], number: int) -> None:
            registry = Registry(agencies)
            runner.run(database.sync_agencies(agencies))
            expected = {
                code: (found := registry.holder(code, day(number))) and found.code
                for code in registry.codes()
            }
            answered = runner.run(holders(database, day(number)))
            assert {code: answered[code] for code in expected} == expected

        try:
            agree()
        finally:
            runner.run(database.close())
            runner.run(postgres_server.drop(name))


async def test_two_thousand_agencies_with_a_history_are_synced(database: Database) -> None:
    turn = date(2025, 7, 1)
    entries = [
        entry
        for n in range(2000)
        for entry in (
            AgencyRow(f"xa-{n}", f"Xã {n}", "commune", "huyen", valid_to=turn - timedelta(days=1)),
            AgencyRow(f"xa-{n}", f"Xã {n}", "commune", "tinh", valid_from=turn),
        )
    ]
    await database.sync_agencies(entries)
    assert await rows(database, "SELECT count(*) FROM agency_period") == [(4000,)]
