"""A database that the version before has filled goes on with its rows and figures."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.measure import Measure
from monitor.record import Database, Recorder, queries
from tests.support.database import Server, upgraded_from
from tests.support.outcomes import MONDAY, digest, document, mail, undecided, valid

RECORDED = Path(__file__).parent / "data" / "recorded_by_schema_2.sql"


@pytest.fixture
async def upgraded(postgres_server: Server) -> AsyncIterator[Database]:
    async with upgraded_from(postgres_server, 2, RECORDED) as database:
        yield database


async def test_every_row_is_there_and_the_figures_say_what_they_said(upgraded: Database) -> None:
    async with upgraded.connection() as connection:
        counts = [
            await connection.fetchval(f"SELECT count(*) FROM {table}")
            for table in ("item", "message", "document", "sending", "signature")
        ]
    assert counts == [6, 5, 4, 5, 4]
    figures = await Measure(upgraded, lambda: MONDAY + timedelta(days=3)).refresh()
    found = {
        (each.indicator, each.channel): (each.numerator, each.denominator, each.undecided)
        for each in figures
        if (each.code, each.window, each.document_class) == ("so-mot", "period", "formal")
    }
    assert found["document_signed", "mail"] == (1, 2, 1)
    assert found["document_signed", "docsys"] == (1, 1, 0)
    assert found["mail_signed", "mail"] == (2, 3, 1)


async def test_pairs_of_signatures_are_found_among_what_was_recorded(upgraded: Database) -> None:
    found = await queries.list_documents(upgraded, queries.Wanted())
    assert {each.content_hash: each.paired for each in found} == {
        digest("pair"): True, digest("valid"): False, digest("undecided"): False,
        digest("unsigned"): False,
    }  # fmt: skip


async def test_a_verdict_from_before_stays_until_a_copy_brings_evidence(
    upgraded: Database, postgres_server: Server
) -> None:
    (before,) = await queries.explain(upgraded, digest("undecided"))
    assert (before.document.overall, before.standing) == ("indeterminate", None)
    recorder = Recorder(upgraded, postgres_server.state_dir)
    again = MONDAY + timedelta(days=2)
    await recorder.write([mail("6", [document("undecided", valid())], at=again)])
    await recorder.write([mail("2", [document("undecided", undecided())], at=again)])
    (after,) = await queries.explain(upgraded, digest("undecided"))
    assert (after.document.overall, after.document.first_at) == ("valid", before.document.first_at)
    assert [change.reason for change in after.changes] == ["copy"]
    assert after.standing
    assert after.standing.receipt_at == again
    async with upgraded.connection() as connection:
        copies = await connection.fetchval("SELECT max(copies) FROM message")
    assert copies == 2
