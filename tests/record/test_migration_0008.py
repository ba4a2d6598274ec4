"""A database that the version before has filled goes on: rows, figures, closed periods; what is new
says of them that nobody knows."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.measure import Measure, closing
from monitor.measure.plan import Plan
from monitor.periods import Rules, parse
from monitor.record import Database, Recorder
from monitor.record.posture import store, sync_domains
from monitor.settings import Settings
from tests.support.database import Server, upgraded_from
from tests.support.looks import look
from tests.support.outcomes import MONDAY, document, filed, valid

RECORDED = Path(__file__).parent / "data" / "recorded_by_schema_7.sql"
APRIL = datetime(2026, 4, 15, 3, 0, tzinfo=UTC)
MARCH = parse("2026-03", Rules())
NEW = ("freemail", "domain_posture")

Said = dict[tuple[str, ...], tuple[Any, ...]]


@pytest.fixture
async def upgraded(postgres_server: Server) -> AsyncIterator[Database]:
    async with upgraded_from(postgres_server, 7, RECORDED) as database:
        yield database


async def rows(database: Database, query: str, *given: Any) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(query, *given)]


async def said(database: Database) -> Said:
    """What figures said, but for those that nobody counted before."""
    found = await rows(
        database,
        "SELECT indicator, scope, code, channel, window_name, document_class, base, role,"
        " numerator, denominator, undecided, checked, ratio, low, high, state, coverage"
        " FROM figure WHERE indicator <> ALL ($1)",
        NEW,
    )
    return {row[:8]: row[8:] for row in found}


async def test_every_row_is_there_and_the_figures_say_what_they_said(upgraded: Database) -> None:
    tables = ("item", "message", "document", "sending", "signature", "judgement", "closing",
              "closed_figure", "closed_document", "closed_cell")  # fmt: skip
    counts = [(await rows(upgraded, f"SELECT count(*) FROM {each}"))[0][0] for each in tables]
    recorded = RECORDED.read_text(encoding="utf-8")
    assert counts == [recorded.count(f"INSERT INTO {each} (") for each in tables]
    assert min(counts) > 0
    before = await said(upgraded)
    assert len(before) > 300
    await rows(upgraded, "INSERT INTO changed_day SELECT DISTINCT day FROM message_key")
    measure = Measure(upgraded, lambda: APRIL)
    await measure.refresh_coverage()
    await measure.refresh()
    after = await said(upgraded)
    assert {key: after[key] for key in before} == before


async def test_of_messages_from_before_nobody_knows_origin_and_free_mail(
    upgraded: Database,
) -> None:
    found = await rows(
        upgraded,
        "SELECT DISTINCT origin, origin_evidence, claimed_agency_id, attached FROM message",
    )
    assert found == [(None, None, 0, None)]
    assert await rows(upgraded, "SELECT FROM message_freemail") == []
    await rows(upgraded, "INSERT INTO changed_day SELECT DISTINCT day FROM message_key")
    await Measure(upgraded, lambda: APRIL).refresh()
    assert await rows(upgraded, "SELECT FROM mail_origin_day") == []
    states = await rows(
        upgraded, "SELECT DISTINCT state, ratio FROM figure WHERE indicator = ANY ($1)", NEW
    )
    assert states == [("no_data", None)]


async def test_months_that_were_there_take_what_is_new(upgraded: Database) -> None:
    months = [row[0] for row in await rows(upgraded, "SELECT month FROM record_month ORDER BY 1")]
    assert date(2026, 3, 1) in months
    for parent in ("posture_day", "message_freemail"):
        children = await rows(
            upgraded,
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = $1::text::regclass",
            parent,
        )
        expected = {f"{parent}_past", *(f"{parent}_{month:%Y%m}" for month in months)}
        assert {name for (name,) in children} == expected
    await sync_domains(upgraded, {"so-mot.tinh.example": ("so-mot",)}, MONDAY)
    await store(upgraded, [(look("so-mot.tinh.example", MONDAY), 1.0)], 21_600.0)
    await Measure(upgraded, lambda: MONDAY + timedelta(days=1)).refresh()
    states = await rows(
        upgraded,
        "SELECT state FROM figure WHERE indicator = 'domain_posture' AND code = 'so-mot'"
        " AND window_name = '30d'",
    )
    assert states == [("ok",)]


async def test_a_period_that_was_closed_before_is_checked_and_restated(
    upgraded: Database, postgres_server: Server, tmp_path: Path
) -> None:
    settings = Settings(state_dir=tmp_path)
    before = await rows(upgraded, "SELECT t::text FROM closed_figure t ORDER BY 1")
    recorder = Recorder(upgraded, postgres_server.state_dir)
    await recorder.write([filed(document("muộn", valid()), at=MONDAY, sent_at=MONDAY)])
    made = await closing.restate(upgraded, settings, Plan(), MARCH, "trà", "số muộn", lambda: APRIL)
    assert made is not None
    async with upgraded.connection() as connection:
        found = await closing.changes(connection, made.id)
    assert found is not None
    assert ("so-mot", "document", "late", 1) in {
        (each.code, each.what, each.why, each.facts) for each in found.causes
    }
    kept = "SELECT t::text FROM closed_figure t WHERE closing_id = $1 ORDER BY 1"
    assert await rows(upgraded, kept, found.before.id) == before
