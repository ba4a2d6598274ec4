"""Where mail from outside comes from is counted a day, for panels."""

from datetime import date

from monitor.measure import Measure
from monitor.model import Direction, Origin, Outcome
from monitor.record import AgencyRow, Database, Recorder, origins
from tests.support.outcomes import MONDAY, mail

DAY = date(2026, 3, 2)


def outside(name: str, origin: Origin | None, claimed: str | None = None) -> Outcome:
    outcome = mail(name, sender_agency=None, at=MONDAY)
    update = {"origin": origin, "claimed_agency": claimed}
    attribution = outcome.attribution.model_copy(update=update)
    return outcome.model_copy(update={"attribution": attribution})


async def counted(database: Database) -> list[tuple[str, str, int]]:
    await Measure(database, lambda: MONDAY).refresh()
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT coalesce(code, ''), origin, messages FROM mail_origin_day"
            " LEFT JOIN agency USING (agency_id) WHERE day = $1 ORDER BY 1, 2",
            DAY,
        )
    return [tuple(row) for row in rows]


async def test_mail_from_outside_is_counted_by_whom_it_claims_and_what_is_proven(
    database: Database, recorder: Recorder
) -> None:
    await database.sync_agencies([AgencyRow("so-mot", "Sở Một", "department")], DAY)
    inside = mail("trong nhà", direction=Direction.OUT, at=MONDAY)
    attribution = inside.attribution.model_copy(update={"origin": Origin.INTERNAL})
    await recorder.write([
        outside("giả một", Origin.UNALIGNED, "so-mot"),
        outside("giả hai", Origin.UNALIGNED, "so-mot"),
        outside("chưa rõ", Origin.UNKNOWN, "so-mot"),
        outside("của khách", Origin.ALIGNED),
        outside("trước đây", None),
        inside.model_copy(update={"attribution": attribution}),
    ])  # fmt: skip
    assert await counted(database) == [
        ("", "aligned", 1), ("so-mot", "unaligned", 2), ("so-mot", "unknown", 1),
    ]  # fmt: skip
    async with database.connection() as connection:
        seen = await connection.fetch("SELECT code, origin, messages FROM grafana.mail_origin_day")
    assert sorted(map(tuple, seen)) == [("so-mot", "unaligned", 2), ("so-mot", "unknown", 1)]


async def test_what_is_found_later_is_counted_anew(database: Database, recorder: Recorder) -> None:
    await database.sync_agencies([AgencyRow("so-mot", "Sở Một", "department")], DAY)
    await recorder.write([outside("chưa rõ", Origin.UNKNOWN, "so-mot")])
    assert await counted(database) == [("so-mot", "unknown", 1)]
    async with database.connection() as connection:
        uid = await connection.fetchval("SELECT message_uid FROM message")
        await connection.execute(
            "INSERT INTO origin_due (message_uid, day, next_at, asked)"
            " VALUES ($1, $2, now(), '{}')",
            uid, DAY,
        )  # fmt: skip
        await origins.settle(connection, [origins.Settled(uid, "{}", Origin.UNALIGNED, None)])
    assert await counted(database) == [("so-mot", "unaligned", 1)]
