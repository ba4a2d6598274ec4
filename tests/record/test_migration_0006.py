"""A database that the version before has filled goes on with its rows, figures and coverage."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.measure import Measure
from monitor.model import Drawing
from monitor.record import Database, Recorder, sampling
from tests.support.database import Server, upgraded_from
from tests.support.outcomes import MONDAY, document, filed, mail, valid

RECORDED = Path(__file__).parent / "data" / "recorded_by_schema_5.sql"
THURSDAY = MONDAY + timedelta(days=3)

Said = dict[tuple[str, ...], tuple[Any, ...]]


@pytest.fixture
async def upgraded(postgres_server: Server) -> AsyncIterator[Database]:
    async with upgraded_from(postgres_server, 5, RECORDED) as database:
        yield database


async def said(database: Database) -> Said:
    """What the figures of the province say, whatever has been added to them since."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT indicator, channel, window_name, document_class, base, role, numerator,"
            " denominator, undecided, ratio, state, coverage FROM figure WHERE scope = 'province'"
        )
    return {tuple(row)[:6]: tuple(row)[6:] for row in rows}


async def days(database: Database) -> set[tuple[Any, ...]]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT day, indicator, agency_id, channel, document_class, base, numerator,"
            " denominator, undecided FROM day_fact"
        )
    return {tuple(row) for row in rows}


async def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(query)]


async def test_every_row_is_there_and_the_figures_say_what_they_said(upgraded: Database) -> None:
    counts = [
        (await rows(upgraded, f"SELECT count(*) FROM {table}"))[0][0]
        for table in ("item", "message", "document", "sending", "signature", "judgement")
    ]
    assert counts == [11, 5, 10, 10, 9, 8]
    before, facts = await said(upgraded), await days(upgraded)
    assert len(before) > 50
    assert len(facts) == 34
    measure = Measure(upgraded, lambda: THURSDAY)
    await measure.refresh_coverage()
    await measure.refresh()
    after = await said(upgraded)
    assert {key: after[key] for key in before} == before
    assert facts <= await days(upgraded)
    assert after["document_signed", "docsys", "period", "formal", "", ""][:3] == (2, 3, 0)
    assert after["document_electronic", "docsys", "period", "formal", "", ""][:3] == (2, 3, 0)
    assert after["mail_signed", "mail", "wd5", "formal", "", ""][5] == 2 / 3


async def test_everything_rolled_up_anew_says_the_same(upgraded: Database) -> None:
    before = await said(upgraded)
    async with upgraded.connection() as connection:
        await connection.execute("INSERT INTO changed_day SELECT DISTINCT day FROM item")
    measure = Measure(upgraded, lambda: THURSDAY)
    await measure.refresh_coverage()
    await measure.refresh()
    after = await said(upgraded)
    assert {key: after[key] for key in before} == before


async def test_what_was_there_is_in_the_sample_at_rate_one(upgraded: Database) -> None:
    found = await rows(upgraded, "SELECT DISTINCT sampled, sampled_rate, drawn_with FROM document")
    assert found == [(True, 1.0, None)]
    assert await rows(upgraded, "SELECT DISTINCT sampled, sampled_rate FROM message") == [
        (True, 1.0)
    ]


async def test_the_rate_is_still_one_set_by_nobody_and_can_be_changed(upgraded: Database) -> None:
    async with upgraded.connection() as connection:
        (first,) = await sampling.read(connection)
        assert (first.stratum, first.rate, first.by_hand) == ("all", 1.0, True)
        async with connection.transaction():
            await sampling.alone(connection)
            await sampling.write(connection, "all", 0.5, 30, by_hand=False, reason="backlog")
        assert [each.rate for each in await sampling.read(connection)] == [1.0, 0.5]


async def test_a_copy_of_a_mail_from_before_merges_though_it_was_not_drawn(
    upgraded: Database, postgres_server: Server
) -> None:
    recorder = Recorder(upgraded, postgres_server.state_dir)
    again = mail("một", [document("a", valid())]).model_copy(
        update={"drawing": Drawing(rate=0.5, drawn=False)}
    )
    (decision,) = await recorder.write([again])
    assert not decision.first_message
    assert decision.new_documents == ()
    found = await rows(
        upgraded, "SELECT copies, sampled, sampled_rate FROM message WHERE copies = 3"
    )
    assert found == [(3, True, 1.0)]


async def test_months_that_were_there_take_what_is_drawn(
    upgraded: Database, postgres_server: Server
) -> None:
    recorder = Recorder(upgraded, postgres_server.state_dir)
    drawn = filed(document("mới", valid())).model_copy(update={"drawing": Drawing(rate=0.5)})
    await recorder.write([drawn])
    ((with_item, rate),) = await rows(
        upgraded, "SELECT drawn_with, sampled_rate FROM document WHERE drawn_with IS NOT NULL"
    )
    assert (with_item.hex, rate) == (drawn.header.item_id, 0.5)
