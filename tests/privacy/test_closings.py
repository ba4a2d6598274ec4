"""What was closed holds nothing of people: neither a new key nor an erasure reaches it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.measure import closing
from monitor.measure.closing import Closing
from monitor.measure.closing.digest import COLUMNS, COMPARISON
from monitor.measure.plan import Plan
from monitor.periods import Rules, parse
from monitor.privacy import erasure
from monitor.record import Database
from monitor.settings import Settings
from tests.privacy import rotating
from tests.privacy.world import TODAY, World, letter, made
from tests.support.database import Server

MARCH = parse("2026-03", Rules())
APRIL = datetime(2026, 4, 10, 3, 0, tzinfo=UTC)
LEFT = date(2025, 11, 30)
TABLES = [each for each in COLUMNS if each != COMPARISON]


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    world = await made(database, tmp_path)
    await world.person("CB1", "an@so.example", last_day=LEFT, name="Trần Văn An")
    await world.person("CB2", "binh@so.example")
    await world.account("an@so.example", closed_on=LEFT)
    await world.account("binh@so.example")
    await world.record(
        letter("của An", "an@so.example", "một"), letter("của Bình", "binh@so.example", "hai")
    )
    return world


async def closed(world: World) -> Closing:
    settings = Settings(state_dir=world.state_dir)
    return await closing.close(
        world.database, settings, Plan(), MARCH, "trà", "hết kỳ", lambda: APRIL
    )


async def everything(world: World) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: await world.rows(f"SELECT t::text FROM {table} t ORDER BY 1")
        for table in ("closing", *TABLES)
    }


async def still_the_same(world: World) -> bool:
    settings = Settings(state_dir=world.state_dir)
    found = await closing.check(world.database, settings, Plan(), MARCH, lambda: APRIL)
    return not found.differs and not found.unknown


async def test_an_erasure_changes_nothing_of_a_closed_period(world: World) -> None:
    await closed(world)
    before = await everything(world)
    async with world.database.connection() as connection:
        due = await erasure.due(connection, TODAY, 90)
        assert len(due) == 1
        await erasure.apply(connection, world.sealer, due, TODAY, "test", "hết hạn")
    assert await everything(world) == before
    assert await still_the_same(world)


async def test_a_new_key_changes_nothing_of_a_closed_period(
    world: World, postgres_server: Server
) -> None:
    await closed(world)
    before = await everything(world)
    dsn = postgres_server.dsn(str(await world.value("SELECT current_database()")))
    await rotating.rotate(dsn, world.state_dir)
    assert await everything(world) == before
    assert await still_the_same(world)


async def test_no_pseudonym_and_no_name_is_in_a_closing(world: World) -> None:
    await closed(world)
    said = str(await everything(world))
    known = await world.rows("SELECT pseudonym FROM address UNION SELECT pseudonym FROM person")
    assert len(known) >= 4
    for (pseudonym,) in known:
        assert str(pseudonym) not in said
    for word in ("an@so.example", "Trần Văn An", "CB1"):
        assert word not in said
