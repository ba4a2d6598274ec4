"""Figures of a period that is over: those of the windows of the moment, of other days."""

from datetime import UTC, date, datetime

import pytest

from monitor.measure import Measure
from monitor.measure.figures import WITH_LAST_MONTH
from monitor.record import AgencyRow, Database, Recorder
from tests.measure.period_world import TABLES, collected, figure_of, figures_of, rows_of, three
from tests.measure.test_worked_month import TODAY as AFTER_MARCH
from tests.measure.test_worked_month import month as worked
from tests.sampling.samples import drawn, undrawn
from tests.support.outcomes import document, filed, mail, undecided, valid
from tests.support.registers import entered, given

__all__ = ["worked"]

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


async def test_a_worked_month_is_what_its_window_said_and_what_was_worked_out_by_hand(
    worked: Database,
) -> None:
    """The whole of tests/measure/test_worked_month.py: registers, coverage, dispatch, signing."""
    closing = await collected(worked, "2026-03", today=date(2026, 4, 20))
    found = {tuple(row[name] for name in SHARED) for row in await figures_of(worked, closing)
             if row["indicator"] in WITH_LAST_MONTH}  # fmt: skip
    await Measure(worked, lambda: AFTER_MARCH).refresh()
    async with worked.connection() as connection:
        rows = await connection.fetch("SELECT * FROM figure WHERE window_name = 'last_month'")
    assert found == {tuple(row[name] for name in SHARED) for row in rows}

    async def three_of(indicator: str, channel: str = "docsys", base: str = "") -> list[object]:
        row = await figure_of(worked, closing, indicator, "so-mot", channel=channel, base=base)
        return [*three(row), row["state"]]

    assert await three_of("document_electronic") == [19, 22, 1, "ok"]
    assert await three_of("document_paperless", base="observed") == [11, 23, 0, "ok"]
    assert await three_of("document_signed") == [13, 15, 1, "stale"]
    assert await three_of("document_paired") == [11, 15, 1, "stale"]
    assert await three_of("dispatched_on_time", base="observed") == [9, 10, 1, "stale"]
    assert await three_of("mail_signed", "mail") == [5, 6, 0, "ok"]
    assert await three_of("signature_timestamped", "axis") == [6, 6, 0, "ok"]
    electronic = await figure_of(worked, closing, "document_electronic", "so-mot")
    assert electronic["coverage"] == pytest.approx(16 / 19)
    logged = await figure_of(worked, closing, "mail_signed", "so-mot", channel="mail")
    assert logged["coverage"] == pytest.approx(6 / 7), "the log is compared anew when it is needed"
    assert (await figure_of(worked, closing, "document_electronic", "province"))["state"] == "stale"


async def test_a_register_that_misses_days_of_the_period_makes_its_figures_stale(
    database: Database,
) -> None:
    await database.sync_agencies(AGENCIES)
    await database.ensure_partitions([date(2026, 9, 1), date(2026, 10, 1)])
    for number in range(20):
        await entered(database, number, date(2026, 10, 1 + number), paper="electronic")
    await given(database, date(2026, 9, 1), date(2026, 10, 29))
    closing = await collected(database, "2026-10")
    found = await figure_of(database, closing, "document_electronic", "so-mot")
    assert (found["numerator"], found["state"]) == (20, "ok"), "one of 22 working days is under 5%"
    async with database.connection() as connection:
        await connection.execute("UPDATE register_span SET last_day = '2026-10-28'")
    closing = await collected(database, "2026-10", version=2)
    found = await figure_of(database, closing, "document_electronic", "so-mot")
    assert (found["numerator"], found["state"]) == (20, "stale")


async def test_a_sampled_month_has_the_intervals_of_its_windows(
    database: Database, recorder: Recorder
) -> None:
    await database.sync_agencies(AGENCIES)
    outcomes = []
    for n in range(60):
        facts = [document(f"{n}.{k}", valid() if (n + k) % 3 else None) for k in range(1 + n % 3)]
        outcome = mail(str(n), facts, at=at(10, 1 + n % 28), sender_agency=AGENCIES[n % 3].code)
        outcomes.append(drawn(outcome) if n % 2 else undrawn(outcome))
    await recorder.write(outcomes)
    closing = await collected(database, "2026-10")
    await Measure(database, lambda: at(11, 2)).refresh()
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT * FROM figure WHERE window_name = 'last_month'")
    expected = {tuple(row[name] for name in SHARED) for row in rows}
    found = [row for row in await figures_of(database, closing)
             if row["indicator"] in WITH_LAST_MONTH]  # fmt: skip
    assert {tuple(row[name] for name in SHARED) for row in found} == expected
    signed = await figure_of(database, closing, "document_signed", "province", channel="mail")
    assert 0 < signed["low"] < signed["ratio"] < signed["high"] < 1
    assert signed["sample_fraction"] < 1
    assert signed["process_low"] < signed["ratio"] < signed["process_high"]


async def test_an_administrative_month_is_from_the_15th_to_the_14th(month: Database) -> None:
    closing = await collected(month, "2026-10@administrative")
    found = await figure_of(month, closing, "document_signed", "so-mot", channel="mail")
    assert (found["first_day"], found["last_day"]) == (date(2026, 9, 15), date(2026, 10, 14))
    assert three(found) == (2, 2, 0), "of 30 September and 1 October"


async def test_a_month_that_has_not_ended_is_counted_up_to_today(month: Database) -> None:
    closing = await collected(month, "2026-10", today=date(2026, 10, 20))
    found = await figure_of(month, closing, "document_signed", "so-mot", channel="mail")
    assert (*three(found), found["last_day"]) == (1, 1, 0, date(2026, 10, 20))
    accounts = await figure_of(
        month, closing, "accounts_active", "province", channel="mail", document_class=""
    )
    assert accounts["last_day"] == date(2026, 10, 20)


async def test_facts_that_nobody_has_rolled_up_yet_are_counted(
    month: Database, recorder: Recorder
) -> None:
    await collected(month, "2026-10")
    await recorder.write([mail("late", [document("late", valid())], at=at(10, 7))])
    closing = await collected(month, "2026-10", version=2)
    found = await figure_of(month, closing, "document_signed", "so-mot", channel="mail")
    assert three(found) == (2, 3, 0)


async def test_counts_of_verdicts_reasons_and_signatures_are_those_of_the_days(
    month: Database,
) -> None:
    closing = await collected(month, "2026-10")
    verdicts = await rows_of(month, "closed_verdict", closing)
    assert sum(row["documents"] for row in verdicts) == 3 + 20
    assert {row["code"] for row in verdicts} == {"so-mot", "so-hai", "xa-mot"}
    signatures = await rows_of(month, "closed_signature", closing)
    assert sum(row["signatures"] for row in signatures) == 1 + 1 + 15
    (open_one,) = [row for row in verdicts if row["cause"] == "ours"]
    assert (open_one["code"], open_one["documents"]) == ("so-hai", 1)


async def test_agencies_stand_by_level_and_in_the_registrys_order(month: Database) -> None:
    closing = await collected(month, "2026-10")
    agencies = sorted(await rows_of(month, "closed_agency", closing), key=lambda r: r["ordinal"])
    assert [(row["ordinal"], row["code"]) for row in agencies] == [
        (1, "so-mot"), (2, "so-hai"), (3, "xa-mot"),
    ]  # fmt: skip
    assert agencies[0]["name"] == "Sở Một"
    assert (agencies[0]["first_day"], agencies[0]["last_day"]) == (
        date(2026, 10, 1), date(2026, 10, 31),
    )  # fmt: skip


async def test_a_period_that_is_still_to_begin_has_no_data(month: Database) -> None:
    closing = await collected(month, "2026-12", today=date(2026, 11, 5))
    own = await figures_of(month, closing, indicator="document_signed")
    assert {row["state"] for row in own} == {"no_data"}
    before = await figure_of(
        month, closing, "document_signed", "xa-mot", about="previous", channel="mail"
    )
    assert three(before) == (0, 1, 0)
