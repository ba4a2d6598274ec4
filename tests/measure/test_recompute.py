"""Computed anew from what is recorded, everything is what the daemon has counted bit by bit."""

from datetime import date
from pathlib import Path

import pytest

from monitor.clock import vietnam_day
from monitor.measure.accounts import AccountMeasure
from monitor.measure.recompute import FACTS, Recomputation
from monitor.model import Origin, Outcome
from monitor.record import Database, Recorder
from monitor.record.posture import store, sync_domains
from monitor.settings import Settings
from tests.measure.accounts_world import World
from tests.measure.test_worked_month import TODAY, at, figures, month, pair
from tests.support.looks import look
from tests.support.outcomes import mail

__all__ = ["month"]

ALL = (date.min, date.max)
DAY = vietnam_day(TODAY)


@pytest.fixture
async def measured(month: Database, recorder: Recorder, tmp_path: Path) -> Database:
    """The worked month beside accounts that people use, a forged mail and a domain that was looked
    at, measured as the daemon does."""
    await recorder.write([forged()])
    await sync_domains(month, {"mot.tinh.example": ("so-mot",)}, TODAY)
    await store(month, [(look("mot.tinh.example", at(2, "09:00")), 1.0)], 21_600.0)
    world = World(month)
    await world.official("a", "so-mot", "leader")
    await world.works("b", "so-mot")
    await figures(month)
    await AccountMeasure(month, settings(tmp_path).accounts, lambda: TODAY).refresh()
    return month


def forged() -> Outcome:
    outcome = mail("giả mạo", sender_agency=None, at=at(2, "09:00"))
    claims = {"origin": Origin.UNALIGNED, "claimed_agency": "so-mot"}
    attribution = outcome.attribution.model_copy(update=claims)
    return outcome.model_copy(update={"attribution": attribution})


def settings(folder: Path) -> Settings:
    return Settings(state_dir=folder)


async def differing(
    database: Database, folder: Path, *, check: bool = True, span: tuple[date, date] = ALL
) -> tuple[dict[str, int], int]:
    """Rows that differ by table, and figures."""
    work = Recomputation(database, settings(folder), check=check)
    found = await work.facts((await work.span(*span)).days)
    rows = {table: days.total() for table, days in found.items() if days}
    return rows, await work.figures(DAY)


async def spoil(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE day_fact SET numerator = numerator + 1 WHERE ctid = (SELECT min(ctid)"
            " FROM day_fact WHERE day = '2026-03-02');"
            " DELETE FROM verdict_day WHERE day = '2026-03-02';"
            " UPDATE coverage_day SET captured = 0 WHERE day = '2026-03-02' AND channel = 'mail';"
            " UPDATE figure SET numerator = numerator + 5 WHERE indicator = 'document_signed'"
            " AND code = 'so-mot' AND window_name = '30d' AND channel = 'mail'"
            " AND document_class = 'formal'"
        )


async def rows_of(database: Database) -> dict[str, list[str]]:
    async with database.connection() as connection:
        return {
            table: sorted(
                row["line"]
                for row in await connection.fetch(f"SELECT t::text AS line FROM {table} t")
            )
            for table in FACTS
        }


async def test_what_was_counted_bit_by_bit_is_what_is_counted_at_once(
    measured: Database, tmp_path: Path
) -> None:
    before = await rows_of(measured)
    assert {table for table, rows in before.items() if rows} >= set(FACTS) - {"reason_day"}
    assert await differing(measured, tmp_path, check=False) == ({}, 0)
    assert await rows_of(measured) == before


async def test_a_late_copy_moves_a_message_to_another_day_and_both_days_stay_right(
    measured: Database, recorder: Recorder, tmp_path: Path
) -> None:
    first = mail("late", [pair("late", at(9, "09:00"))], at=at(10, "09:00"))
    await recorder.write([first])
    await figures(measured)
    header = first.header.model_copy(update={"item_id": "c" * 32, "received_at": at(9, "10:00")})
    await recorder.write([first.model_copy(update={"header": header})])
    await figures(measured)
    assert await differing(measured, tmp_path) == ({}, 0)


async def test_a_check_tells_what_differs_and_changes_nothing_and_without_it_all_is_mended(
    measured: Database, tmp_path: Path
) -> None:
    right = await rows_of(measured)
    await spoil(measured)
    spoilt = await rows_of(measured)
    rows, changed = await differing(measured, tmp_path)
    assert rows == {"day_fact": 1, "coverage_day": 1, "verdict_day": rows["verdict_day"]}
    assert changed
    assert await rows_of(measured) == spoilt
    assert (await differing(measured, tmp_path, check=False))[0] == rows
    assert await rows_of(measured) == right
    assert await differing(measured, tmp_path) == ({}, 0)


async def test_only_the_days_asked_for_are_computed(measured: Database, tmp_path: Path) -> None:
    await spoil(measured)
    rows, _ = await differing(measured, tmp_path, span=(date(2026, 3, 3), date.max))
    assert rows == {}


async def test_what_the_daemon_has_not_come_to_yet_is_no_difference(
    measured: Database, recorder: Recorder, tmp_path: Path
) -> None:
    await recorder.write([mail("new", [pair("new", at(9, "09:00"))], at=at(10, "09:00"))])
    assert await differing(measured, tmp_path) == ({}, 0)


async def test_days_whose_rows_retention_has_removed_are_left_as_they_are(
    measured: Database, tmp_path: Path
) -> None:
    async with measured.connection() as connection:
        await connection.execute("INSERT INTO kept_since VALUES ('evidence', '2026-03-10')")
    work = Recomputation(measured, settings(tmp_path), check=True)
    span = await work.span(*ALL)
    assert span.days[0] >= date(2026, 3, 10)
    assert span.left_out > 0
    await spoil(measured)
    assert (await differing(measured, tmp_path))[0] == {}


async def test_days_that_retention_removes_in_the_meantime_keep_what_was_counted(
    measured: Database, tmp_path: Path
) -> None:
    before = await rows_of(measured)
    work = Recomputation(measured, settings(tmp_path), check=False)
    days = (await work.span(*ALL)).days
    async with measured.connection() as connection:
        await connection.execute("INSERT INTO kept_since VALUES ('evidence', '2026-03-10')")
        await connection.execute("DELETE FROM document WHERE day < '2026-03-10'")
    await work.facts(days)
    assert await rows_of(measured) == before
