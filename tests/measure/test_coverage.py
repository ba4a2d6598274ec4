"""Coverage: what was captured of what the gateway's log says was sent."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from monitor.expose.coverage import rendered_coverage
from monitor.measure import Figure, Measure
from monitor.measure.coverage import Compared, compared
from monitor.model import Channel
from monitor.record import AgencyRow, Database, Recorder
from monitor.record.message_ref import message_ref
from monitor.record.sealing import Sealer
from tests.support.database import Server
from tests.support.outcomes import mail

TODAY = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
]
MONDAY = date(2026, 3, 16)


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies(AGENCIES)


async def logged(
    database: Database, server: Server, message_ids: Sequence[str], code: str, day: date = MONDAY
) -> None:
    sealer = Sealer.load(server.state_dir)
    await database.ensure_partitions([day])
    async with database.connection() as connection:
        await connection.executemany(
            "INSERT INTO gateway_message (message_ref, day, agency_id)"
            " SELECT $1, $2, agency_id FROM agency WHERE code = $3",
            [(message_ref(sealer, each, day), day, code) for each in message_ids],
        )


async def captured(recorder: Recorder, *names: str, at: datetime | None = None) -> None:
    at = at or datetime(2026, 3, 16, 4, 0, tzinfo=UTC)
    await recorder.write([mail(name, at=at) for name in names])


async def covered(database: Database, code: str = "so-mot", window: str = "wd5") -> float | None:
    measure = Measure(database, lambda: TODAY)
    await measure.refresh_coverage()
    found: list[Figure] = [
        each
        for each in await measure.refresh()
        if (each.indicator, each.code, each.window) == ("mail_signed", code, window)
    ]
    return found[0].coverage


def ids(*names: str) -> list[str]:
    return [f"{name}@so.example" for name in names]


async def test_without_a_gateway_log_coverage_is_not_known(
    database: Database, recorder: Recorder
) -> None:
    await captured(recorder, "a")
    assert await covered(database) is None


async def test_messages_that_were_logged_and_not_captured_lower_coverage(
    database: Database, recorder: Recorder, postgres_server: Server
) -> None:
    await logged(database, postgres_server, ids("a", "b", "c", "d"), "so-mot")
    await captured(recorder, "a", "b", "c")
    assert await covered(database) == 0.75


async def test_how_much_was_sent_is_known_although_nothing_was_captured(
    database: Database, postgres_server: Server
) -> None:
    await logged(database, postgres_server, ids("a", "b", "c"), "so-mot")
    await logged(database, postgres_server, ids("d"), "so-mot", date(2026, 3, 6))
    await covered(database)
    assert await compared(database, TODAY.date()) == [Compared("so-mot", Channel.MAIL, 3)]
    page = rendered_coverage([Compared("so-mot", Channel.MAIL, 3)]).decode()
    assert 'congvu_adoption_coverage_denominator{agency="so-mot",channel="mail"} 3.0' in page


async def test_an_agency_whose_copies_stopped_does_not_hide_behind_another(
    database: Database, recorder: Recorder, postgres_server: Server
) -> None:
    await logged(database, postgres_server, ids("a", "b"), "so-mot")
    await logged(database, postgres_server, ids("x", "y"), "so-hai")
    await captured(recorder, "a", "b")
    assert await covered(database, "so-mot") == 1
    assert await covered(database, "so-hai") == 0
    assert await covered(database, "province") == 0.5


async def test_what_was_captured_but_not_logged_raises_nothing(
    database: Database, recorder: Recorder, postgres_server: Server
) -> None:
    await logged(database, postgres_server, ids("a", "b"), "so-mot")
    await captured(recorder, "a", "other", "another")
    assert await covered(database) == 0.5


async def test_a_copy_that_comes_days_later_counts_for_the_day_of_the_log(
    database: Database, recorder: Recorder, postgres_server: Server
) -> None:
    await logged(database, postgres_server, ids("a"), "so-mot", date(2026, 3, 12))
    assert await covered(database) == 0
    await captured(recorder, "a", at=datetime(2026, 3, 17, 4, 0, tzinfo=UTC))
    assert await covered(database) == 1


async def test_an_old_log_that_is_read_late_is_compared_with_what_was_captured_then(
    database: Database, recorder: Recorder, postgres_server: Server
) -> None:
    await captured(recorder, "a", at=datetime(2026, 2, 18, 4, 0, tzinfo=UTC))
    await logged(database, postgres_server, ids("a", "b"), "so-mot", date(2026, 2, 18))
    assert await covered(database, window="30d") == 0.5
