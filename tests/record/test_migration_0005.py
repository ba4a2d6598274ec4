"""A database that the version before has filled goes on with its rows, figures and coverage."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.measure import Measure
from monitor.record import Database, Recorder
from tests.support.axis import sent
from tests.support.database import Server, upgraded_from
from tests.support.outcomes import MONDAY, document, filed, valid

RECORDED = Path(__file__).parent / "data" / "recorded_by_schema_4.sql"
THURSDAY = MONDAY + timedelta(days=3)

Value = tuple[int, int, int, float | None]


@pytest.fixture
async def upgraded(postgres_server: Server) -> AsyncIterator[Database]:
    async with upgraded_from(postgres_server, 4, RECORDED) as database:
        yield database


async def counted(database: Database, query: str) -> dict[str, int]:
    async with database.connection() as connection:
        return {row[0]: row[1] for row in await connection.fetch(query)}


async def facts(database: Database) -> set[tuple[object, ...]]:
    """Of the indicators that there were: those of registers and dispatch are new."""
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT day, indicator, agency_id, channel, document_class, numerator, denominator,"
            " undecided FROM day_fact WHERE base = '' AND indicator <> 'dispatched_on_time'"
        )
    return {tuple(row) for row in rows}


async def test_every_row_is_there_and_the_figures_say_what_they_said(upgraded: Database) -> None:
    async with upgraded.connection() as connection:
        counts = [
            await connection.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("item", "message", "document", "sending", "signature", "judgement")
        ]
        before = {
            (row["indicator"], row["channel"], row["window_name"]): tuple(row)[3:]
            for row in await connection.fetch(
                "SELECT indicator, channel, window_name, numerator, denominator, undecided,"
                " coverage FROM figure WHERE scope = 'province' AND document_class = 'formal'"
            )
        }
    assert counts == [10, 4, 9, 9, 9, 6]
    days = await facts(upgraded)
    assert len(days) == 19
    measure = Measure(upgraded, lambda: THURSDAY)
    await measure.refresh_coverage()
    after: dict[tuple[str, str, str], Value] = {
        (each.indicator, each.channel, each.window): (
            each.numerator, each.denominator, each.undecided, each.coverage,
        )
        for each in await measure.refresh()
        if (each.code, each.document_class, each.base) == ("province", "formal", "")
    }  # fmt: skip
    assert {key: after[key] for key in before} == before
    assert await facts(upgraded) == days
    assert after["document_signed", "docsys", "period"][:3] == (3, 4, 0)
    assert after["document_paired", "docsys", "period"][:3] == (1, 4, 0)
    assert after["mail_signed", "mail", "wd5"] == (2, 2, 1, 2 / 3)


async def test_an_organisations_own_signature_is_seen_in_what_was_recorded(
    upgraded: Database,
) -> None:
    # By mail, from a folder, with a person's and on a portal; what another agency sealed is not.
    found = await counted(
        upgraded,
        "SELECT channel, count(*) FILTER (WHERE organisation_signed) FROM document GROUP BY 1",
    )
    assert found == {"mail": 1, "docsys": 2, "portal": 1}
    assert await counted(upgraded, "SELECT role, count(*) FROM document GROUP BY 1") == {"main": 9}


async def test_only_of_mail_is_it_known_when_it_was_sent(upgraded: Database) -> None:
    found = await counted(
        upgraded,
        "SELECT channel, count(*) FILTER (WHERE dispatch_known) FROM document GROUP BY 1",
    )
    assert found == {"mail": 4, "docsys": 0, "portal": 0}


async def test_what_was_covered_is_of_mail(upgraded: Database) -> None:
    async with upgraded.connection() as connection:
        (row,) = await connection.fetch(
            "SELECT day, channel, logged, captured FROM coverage_day WHERE logged > 0"
        )
    assert tuple(row) == (MONDAY.date(), "mail", 3, 2)


async def test_a_file_from_before_is_known_again_and_learns_when_it_was_sent(
    upgraded: Database, postgres_server: Server
) -> None:
    recorder = Recorder(upgraded, postgres_server.state_dir)
    earlier = MONDAY - timedelta(days=2)
    (decision,) = await recorder.write([filed(document("khong"), sent_at=earlier)])
    assert decision.new_documents == ()
    async with upgraded.connection() as connection:
        known = await connection.fetchval(
            "SELECT dispatch_known FROM document WHERE day = $1", earlier.date()
        )
    assert known is True


async def test_months_that_were_there_take_messages_of_the_axis(
    upgraded: Database, postgres_server: Server
) -> None:
    recorder = Recorder(upgraded, postgres_server.state_dir)
    (decision,) = await recorder.write([sent("ma-1", [document("a", valid())])])
    assert decision.new_documents == (0,)  # by mail it was another channel's
    figures = {
        (each.channel, each.window): (each.numerator, each.denominator)
        for each in await Measure(upgraded, lambda: THURSDAY).refresh()
        if (each.indicator, each.code, each.document_class)
        == ("document_signed", "province", "formal")
    }
    assert figures["axis", "period"] == (1, 1)
    assert figures["mail", "period"] == (2, 2)
    assert MONDAY.date() == date(2026, 3, 2)
