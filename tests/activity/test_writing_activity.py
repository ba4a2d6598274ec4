"""Active days in the record: union of whatever is said, by whoever, however often."""

import asyncio
import random
from collections.abc import Collection
from datetime import date, timedelta

import asyncpg
import pytest

from monitor.errors import UserError
from monitor.model import ActivityKind
from monitor.record import Database
from monitor.record.activity import (
    KIND_BIT,
    ActivityFact,
    GatewayRow,
    source_id,
    write_activity,
    write_gateway_messages,
)

DAY = date(2026, 3, 31)
SENT, LOGIN = KIND_BIT[ActivityKind.SENT], KIND_BIT[ActivityKind.LOGIN]
KINDS = [kind.value for kind in ActivityKind]


async def write(database: Database, facts: Collection[ActivityFact], source: str = "one") -> None:
    await database.ensure_partitions({fact.day for fact in facts})
    async with database.connection() as connection:
        number = await source_id(connection, source)
        async with connection.transaction():
            await write_activity(connection, facts, number)


async def rows(database: Database, query: str) -> list[asyncpg.Record]:
    async with database.connection() as connection:
        return await connection.fetch(query)


async def days(database: Database) -> set[ActivityFact]:
    """The bitmasks taken apart again."""
    found: dict[tuple[int, date], int] = {}
    for row in await rows(database, "SELECT * FROM activity_month"):
        for kind in ActivityKind:
            for bit in range(31):
                if row[kind.value] >> bit & 1:
                    key = (row["address_id"], row["month"] + timedelta(days=bit))
                    found[key] = found.get(key, 0) | KIND_BIT[kind]
    return {ActivityFact(*key, kinds) for key, kinds in found.items()}


async def test_every_kind_and_day_comes_back_as_it_was_written(database: Database) -> None:
    facts = {
        ActivityFact(number + 1, date(2026, 1, 1) + timedelta(days=number * 9), 1 << number)
        for number in range(len(KINDS))
    }
    await write(database, facts)
    assert await days(database) == facts


async def test_the_same_said_twice_changes_no_row(database: Database) -> None:
    facts = [ActivityFact(1, DAY, SENT), ActivityFact(1, DAY - timedelta(days=1), LOGIN)]
    query = "SELECT xmin::text, * FROM activity_month UNION ALL SELECT xmin::text, address_id, NULL, 0, 0, 0, 0, 0, 0, 0, 0 FROM address_activity"  # noqa: E501
    await write(database, facts)
    before = await rows(database, query)
    await write(database, facts)
    assert await rows(database, query) == before


async def test_two_sources_unite_and_both_are_known(database: Database) -> None:
    await write(database, [ActivityFact(1, DAY, SENT)], "one")
    await write(database, [ActivityFact(1, DAY, LOGIN)], "two")
    assert await days(database) == {ActivityFact(1, DAY, SENT | LOGIN)}
    [row] = await rows(database, "SELECT sources FROM activity_month")
    assert row["sources"] == 0b110


async def test_the_last_day_of_a_kind_never_goes_back(database: Database) -> None:
    earlier = DAY - timedelta(days=40)
    await write(database, [ActivityFact(1, DAY, LOGIN)])
    await write(database, [ActivityFact(1, earlier, LOGIN | SENT)])
    [row] = await rows(database, "SELECT sent, login, imap FROM address_activity")
    assert tuple(row) == (earlier, DAY, None)


async def test_several_facts_of_one_key_in_one_call_are_one_row(database: Database) -> None:
    await write(database, [ActivityFact(1, DAY, SENT), ActivityFact(1, DAY, LOGIN)])
    assert await days(database) == {ActivityFact(1, DAY, SENT | LOGIN)}


async def test_the_thirty_first_log_is_told_what_to_do(database: Database) -> None:
    async with database.connection() as connection:
        numbers = [await source_id(connection, f"log-{index}") for index in range(30)]
        assert sorted(numbers) == list(range(1, 31)), "0 is the intake"
        assert await source_id(connection, "log-7") == numbers[7]
        with pytest.raises(UserError, match=r"log-30.*31 sources"):
            await source_id(connection, "log-30")


async def test_sources_named_at_once_get_different_numbers(database: Database) -> None:
    async def named(name: str) -> int:
        async with database.connection() as connection:
            return await source_id(connection, name)

    given = await asyncio.gather(*(named(f"log-{index % 4}") for index in range(8)))
    assert given[:4] == given[4:]
    assert len(set(given)) == 4


async def test_a_message_logged_twice_on_a_day_is_one(database: Database) -> None:
    await database.ensure_partitions({DAY})
    for _ in range(2):
        async with database.connection() as connection:
            await write_gateway_messages(
                connection, [GatewayRow(5, DAY, 1), GatewayRow(-5, DAY, 2), GatewayRow(5, DAY, 2)]
            )
    found = await rows(database, "SELECT message_ref, agency_id FROM gateway_message ORDER BY 1")
    assert [tuple(row) for row in found] == [(-5, 2), (5, 1)]


async def test_writers_of_the_same_addresses_in_any_order_never_deadlock(
    database: Database,
) -> None:
    chance = random.Random(7)

    async def writer(name: str) -> None:
        for _ in range(10):
            facts = [
                ActivityFact(address, DAY - timedelta(days=chance.randrange(60)), SENT)
                for address in range(1, 200)
            ]
            chance.shuffle(facts)
            await write(database, facts, name)

    await asyncio.gather(*(writer(name) for name in ("one", "two", "three")))
    [row] = await rows(database, "SELECT count(*) FROM address_activity")
    assert row["count"] == 199
