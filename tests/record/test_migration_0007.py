"""A database that the version before has filled goes on, and its past months can be closed."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.measure import Figure, Measure, closing
from monitor.measure.closing import Closing
from monitor.measure.plan import Plan
from monitor.periods import Rules, parse
from monitor.record import Database, Recorder
from monitor.settings import Settings
from tests.support.database import Server, upgraded_from
from tests.support.outcomes import MONDAY, document, filed, valid

RECORDED = Path(__file__).parent / "data" / "recorded_by_schema_6.sql"
THURSDAY = MONDAY + timedelta(days=3)
APRIL = datetime(2026, 4, 10, 3, 0, tzinfo=UTC)
MARCH = parse("2026-03", Rules())

Said = dict[tuple[str, ...], tuple[Any, ...]]


@pytest.fixture
async def upgraded(postgres_server: Server) -> AsyncIterator[Database]:
    async with upgraded_from(postgres_server, 6, RECORDED) as database:
        yield database


async def rows(database: Database, query: str, *given: Any) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(query, *given)]


async def said(database: Database) -> Said:
    found = await rows(
        database,
        "SELECT indicator, channel, window_name, document_class, base, role, numerator,"
        " denominator, undecided, checked, ratio, low, high, state, coverage FROM figure"
        " WHERE scope = 'province'",
    )
    return {row[:6]: row[6:] for row in found}


async def closed(database: Database, folder: Path) -> Closing:
    return await closing.close(
        database, Settings(state_dir=folder), Plan(), MARCH, "trà", "hết kỳ", lambda: APRIL
    )


async def test_every_row_is_there_and_the_figures_say_what_they_said(upgraded: Database) -> None:
    tables = ("item", "message", "document", "sending", "signature", "judgement", "verdict_day")
    counts = [(await rows(upgraded, f"SELECT count(*) FROM {each}"))[0][0] for each in tables]
    assert counts == [15, 6, 14, 14, 12, 11, 12]
    before = await said(upgraded)
    assert len(before) > 100
    measure = Measure(upgraded, lambda: THURSDAY)
    await measure.refresh_coverage()
    await measure.refresh()
    after = await said(upgraded)
    assert {key: after[key] for key in before} == before


async def test_nothing_is_closed_yet(upgraded: Database) -> None:
    async with upgraded.connection() as connection:
        assert await closing.listed(connection) == []


async def test_a_month_from_before_is_closed_with_the_figures_that_it_had(
    upgraded: Database, tmp_path: Path
) -> None:
    measured = await Measure(upgraded, lambda: APRIL).refresh()
    made = await closed(upgraded, tmp_path)
    kept = await rows(
        upgraded,
        "SELECT indicator, channel, document_class, base, numerator, denominator, undecided,"
        " checked, ratio, low, high FROM closed_figure WHERE closing_id = $1 AND scope = 'province'"
        " AND about = 'period' AND panel = '' AND indicator = ANY ($2)",
        made.id,
        ["mail_signed", "document_signed", "document_electronic", "dispatched_on_time"],
    )
    assert set(kept) == {
        shown(each) for each in measured
        if each.window == "last_month" and each.scope == "province"
        and each.indicator in {row[0] for row in kept}
    }  # fmt: skip
    drawn = "SELECT checked < denominator FROM closed_figure WHERE indicator = 'document_signed'"
    assert (True,) in await rows(upgraded, drawn)
    identities = "SELECT count(*) FROM closed_cell, unnest(uids) WHERE what = 'document'"
    counted = (
        "SELECT count(*) FROM document WHERE counted AND day BETWEEN '2026-03-01' AND '2026-03-31'"
    )
    assert await rows(upgraded, identities) == await rows(upgraded, counted) != [(0,)]


def shown(figure: Figure) -> tuple[Any, ...]:
    return (
        figure.indicator, figure.channel, figure.document_class, figure.base, figure.numerator,
        figure.denominator, figure.undecided, figure.checked, figure.ratio, figure.low,
        figure.high,
    )  # fmt: skip


async def test_what_comes_after_the_update_restates_a_month_from_before(
    upgraded: Database, postgres_server: Server, tmp_path: Path
) -> None:
    made = await closed(upgraded, tmp_path)
    recorder = Recorder(upgraded, postgres_server.state_dir)
    await recorder.write([filed(document("mới", valid()), at=THURSDAY, sent_at=THURSDAY)])
    restated = await closing.restate(
        upgraded, Settings(state_dir=tmp_path), Plan(), MARCH, "trà", "số muộn", lambda: APRIL
    )
    assert restated is not None
    async with upgraded.connection() as connection:
        found = await closing.changes(connection, restated.id)
    assert found is not None
    assert found.before == made
    assert [(each.code, each.what, each.why, each.facts) for each in found.causes] == [
        ("so-mot", "document", "late", 1)
    ]
