"""Figures of a period that is over: those of the windows of the moment, of other days."""

from datetime import UTC, date, datetime

import pytest

from monitor.measure import Measure
from monitor.record import AgencyRow, Database, Recorder
from tests.measure.period_world import TABLES, collected, figure_of, figures_of, rows_of, three
from tests.support.outcomes import document, filed, mail, undecided, valid

AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
    AgencyRow("xa-mot", "Xã Một", "commune", "tinh"),
]
SHARED = (
    "indicator", "scope", "code", "channel", "document_class", "role", "base", "first_day",
    "last_day", "numerator", "denominator", "undecided", "checked", "ratio", "low", "high",
    "sample_fraction", "coverage", "undecided_share", "state",
)  # fmt: skip


def at(month: int, day: int, hour: int = 2) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.fixture
async def month(database: Database, recorder: Recorder) -> Database:
    """Three agencies' documents and mail of October 2026, and a little of September."""
    await database.sync_agencies(AGENCIES)
    outcomes = [
        mail("1", [document("a", valid())], at=at(10, 1)),
        mail("2", [document("b")], at=at(10, 31, 16)),
        mail("3", [document("c", undecided())], at=at(10, 15), sender_agency="so-hai"),
        mail("4", [document("d", valid())], at=at(9, 30)),
        mail("5", [document("e")], at=at(11, 1), sender_agency="xa-mot", to=("so-mot",)),
    ]
    for n in range(20):
        facts = document(f"f{n}", valid() if n % 4 else None)
        agency = ("so-mot", "so-hai", "xa-mot")[n % 3]
        when = at(10, 5 + n)
        outcomes.append(filed(facts, agency=agency, at=when, sent_at=when, paired=n % 2 == 0))
    await recorder.write(outcomes)
    return database


async def test_a_month_has_the_figures_that_its_windows_had_on_the_day_after(
    month: Database,
) -> None:
    """`last_month` of 2 November and `period` of 31 October are October."""
    closing = await collected(month, "2026-10")
    own = await figures_of(month, closing)
    await Measure(month, lambda: at(10, 31, 16)).refresh()
    async with month.connection() as connection:
        rows = await connection.fetch("SELECT * FROM figure WHERE window_name = 'period'")
    current = {tuple(row[name] for name in SHARED) for row in rows}
    found = {tuple(row[name] for name in SHARED) for row in own
             if not row["indicator"].startswith("accounts")}  # fmt: skip
    assert found == current
    assert len(found) > 50


async def test_two_collections_of_the_same_facts_give_the_same_rows(
    month: Database,
) -> None:
    one = await collected(month, "2026-10")
    other = await collected(month, "2026-10", version=2)
    for table in TABLES:
        assert await rows_of(month, table, one) == await rows_of(month, table, other), table
    assert await rows_of(month, "closed_document", one)


async def test_a_province_without_agencies_and_facts_has_no_data(database: Database) -> None:
    closing = await collected(database, "2026-10")
    own = await figures_of(database, closing)
    assert {row["state"] for row in own} == {"no_data"}
    assert {row["scope"] for row in own} == {"province"}
    assert {row["indicator"] for row in own} >= {"document_signed", "accounts_active"}
    assert not await figures_of(database, closing, about="previous")


async def test_days_of_the_period_alone_count(month: Database) -> None:
    closing = await collected(month, "2026-10")
    found = await figure_of(month, closing, "document_signed", "so-mot", channel="mail")
    assert (*three(found), found["first_day"], found["last_day"]) == (
        1, 2, 0, date(2026, 10, 1), date(2026, 10, 31),
    )  # fmt: skip
    assert found["state"] == "ok"
    open_one = await figure_of(month, closing, "document_signed", "so-hai", channel="mail")
    assert (*three(open_one), open_one["state"]) == (0, 0, 1, "stale")
