"""A page of messages that went by free mail, looked for by stretches of days, newest first."""

from datetime import UTC, datetime, timedelta

from monitor.model import FreemailUse, FreemailWay, Outcome
from monitor.record import AgencyRow, Database, Recorder
from monitor.record.freemail import WantedFreemail, list_freemail
from tests.support.outcomes import document, mail

LAST = datetime(2026, 11, 20, 2, tzinfo=UTC)


def used(days_before: int, way: FreemailWay = FreemailWay.TO) -> Outcome:
    name = f"{days_before}"
    made = mail(name, [document(name)], at=LAST - timedelta(days=days_before))
    use = FreemailUse(agency="so-mot", way=way)
    return made.model_copy(
        update={"attribution": made.attribution.model_copy(update={"freemail": (use,)})}
    )


async def days_before(database: Database, wanted: WantedFreemail) -> list[int]:
    found = await list_freemail(database, wanted)
    return [(LAST.date() - record.day).days for record, _ in found]


async def test_messages_far_apart_fill_one_page(database: Database, recorder: Recorder) -> None:
    await database.sync_agencies([AgencyRow("so-mot", "so-mot", "department", "tinh")])
    own = FreemailWay.ACCOUNT
    await recorder.write([
        used(300), used(5), used(0), used(1), used(4), used(25), used(400, own),
    ])  # fmt: skip
    every = [0, 1, 4, 5, 25, 300, 400]
    assert await days_before(database, WantedFreemail()) == every
    assert await days_before(database, WantedFreemail(agency="so-mot")) == every
    assert await days_before(database, WantedFreemail(limit=3)) == every[:3]
    assert await days_before(database, WantedFreemail(way=own)) == [400]
    between = WantedFreemail(
        first_day=LAST.date() - timedelta(days=300), last_day=LAST.date() - timedelta(days=2)
    )
    assert await days_before(database, between) == [4, 5, 25, 300]


async def test_where_nothing_went_by_free_mail_the_page_is_empty(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("một", [document("một")], at=LAST)])
    assert await days_before(database, WantedFreemail()) == []
