"""A database that the version before has filled goes on with its rows, figures and captures."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.measure import Measure
from monitor.record import Database, Recorder
from tests.support.database import Server, upgraded_from
from tests.support.outcomes import MONDAY, document, mail, valid

RECORDED = Path(__file__).parent / "data" / "recorded_by_schema_3.sql"
THURSDAY = MONDAY + timedelta(days=3)


@pytest.fixture
async def upgraded(postgres_server: Server) -> AsyncIterator[Database]:
    async with upgraded_from(postgres_server, 3, RECORDED) as database:
        yield database


async def test_every_row_is_there_and_the_figures_say_what_they_said(upgraded: Database) -> None:
    async with upgraded.connection() as connection:
        counts = [
            await connection.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("item", "message", "document", "sending", "signature", "judgement")
        ]
        before = await connection.fetch(
            "SELECT channel, window_name, numerator, denominator, undecided FROM figure"
            " WHERE (indicator, scope, document_class) = ('document_signed', 'province', 'formal')"
        )
    assert counts == [6, 4, 4, 4, 3, 3]
    after = {
        (each.channel, each.window): (each.numerator, each.denominator, each.undecided)
        for each in await Measure(upgraded, lambda: THURSDAY).refresh()
        if (each.indicator, each.code, each.document_class)
        == ("document_signed", "province", "formal")
    }
    said = {(row["channel"], row["window_name"]): tuple(row)[2:] for row in before}
    assert {key: after[key] for key in said} == said
    assert {window for _, window in after.keys() - said.keys()} == {"last_month"}
    assert after["mail", "period"] == (1, 2, 1)


async def test_a_copy_of_a_message_from_before_tells_whose_address_sent_it(
    upgraded: Database, postgres_server: Server
) -> None:
    recorder = Recorder(upgraded, postgres_server.state_dir)
    (decision,) = await recorder.write([mail("mot", [document("a", valid())])])
    assert (decision.new_item, decision.first_message) == (True, False)
    async with upgraded.connection() as connection:
        sender, sent = await connection.fetchrow(  # type: ignore[misc]  # there is one
            "SELECT m.sender_address_id, a.sent FROM message m JOIN activity_month a"
            " ON a.address_id = m.sender_address_id WHERE m.copies = 3"
        )
    assert sender is not None
    assert sent == 1 << (MONDAY.day - 1)


async def test_months_that_were_there_take_activity_and_what_gateways_log(
    upgraded: Database,
) -> None:
    async with upgraded.connection() as connection:
        for day in (date(2014, 5, 1), MONDAY.date()):
            await connection.execute(
                "INSERT INTO activity_month (address_id, month, login) VALUES (1, $1, 1)",
                day.replace(day=1),
            )
            await connection.execute(
                "INSERT INTO gateway_message (message_ref, day, agency_id) VALUES (7, $1, 1)", day
            )
        assert await connection.fetchval("SELECT count(*) FROM coverage_due") == 2
