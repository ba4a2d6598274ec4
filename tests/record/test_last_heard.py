"""A source that was silent before a restart is silent since then."""

from datetime import datetime, timedelta

from monitor.record import Database, Recorder
from monitor.record.last_heard import BACK, last_heard
from tests.support.outcomes import MONDAY, mail


async def heard(database: Database, at: datetime = MONDAY) -> dict[str, datetime]:
    return await last_heard(database, ["zimbra"], at.date())


async def test_the_last_item_of_a_source_is_known_from_the_record(
    database: Database, recorder: Recorder
) -> None:
    assert await heard(database) == {}
    later = MONDAY + timedelta(minutes=5)
    await recorder.write([mail("1", [], at=MONDAY), mail("2", [], at=later)])
    assert set((await heard(database)).values()) == {later}


async def test_what_is_older_than_the_longest_tet_is_not_looked_for(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("1", [], at=MONDAY)])
    assert await heard(database, MONDAY + BACK + timedelta(days=2)) == {}


async def test_of_a_log_the_newest_time_stamp_in_it_counts(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO log_checkpoint (source, file, position)"
            " VALUES ('zimbra', 0, jsonb_build_object('serial', 1, 'newest', $1::text))",
            MONDAY.isoformat(),
        )
    assert await heard(database) == {"zimbra": MONDAY}
