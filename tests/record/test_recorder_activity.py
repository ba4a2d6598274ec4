"""What captured mail says of who is active: only verified senders of ours, and only people."""

from datetime import date, timedelta

from monitor.model import Direction, Finding, Outcome
from monitor.record import Database, Recorder
from tests.support.outcomes import MONDAY, mail


async def days_sent(database: Database) -> list[date]:
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT month, sent, sources FROM activity_month")
    assert all(row["sources"] == 1 for row in rows)
    return sorted(
        row["month"] + timedelta(days=bit)
        for row in rows
        for bit in range(31)
        if row["sent"] >> bit & 1
    )


async def addresses(database: Database) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM address"))


async def test_a_sent_mail_makes_its_sender_active_on_that_day(
    database: Database, recorder: Recorder
) -> None:
    later = MONDAY + timedelta(days=2)
    await recorder.write([mail("a"), mail("b"), mail("c", at=later)])
    assert await days_sent(database) == [MONDAY.date(), later.date()]
    assert await addresses(database) == 1


async def test_mail_within_the_agency_counts_as_activity_too(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("a", direction=Direction.INTERNAL)])
    assert await days_sent(database) == [MONDAY.date()]


async def test_an_automatic_mail_is_no_activity(database: Database, recorder: Recorder) -> None:
    await recorder.write([mail("a", facts={"automatic": True})])
    assert await days_sent(database) == []


async def test_a_sender_who_is_not_verified_leaves_no_address(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("a", sender_agency=None, findings=(Finding.SENDER_UNVERIFIED,))])
    assert await days_sent(database) == []
    assert await addresses(database) == 0


async def test_a_copy_that_proves_the_sender_late_makes_him_active(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("a", sender_agency=None)])
    await recorder.write([mail("a")])
    assert await days_sent(database) == [MONDAY.date()]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT sender_address_id FROM message") is not None


async def test_a_sender_is_kept_sealed_and_by_pseudonym_only(
    database: Database, recorder: Recorder
) -> None:
    outcome: Outcome = mail("a")
    await recorder.write([outcome])
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT pseudonym, sealed_address FROM address")
    assert row is not None
    assert outcome.attribution.sender
    assert outcome.attribution.sender.encode() not in row["sealed_address"]
