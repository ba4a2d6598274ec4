"""What is older than the settings allow goes; what was derived from it stays as it was."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from monitor.measure import Measure
from monitor.model import Check
from monitor.privacy import retention
from monitor.privacy.retention import Limit, Share
from monitor.privacy.upkeep import keep_up
from monitor.record import Database
from monitor.record.posture import store, sync_domains
from monitor.settings import PostureSettings, PrivacySettings, Settings
from tests.privacy.world import NOW, TODAY, World, letter, made
from tests.support.looks import FAIL, PASS, look

OLD = datetime(2025, 1, 14, 3, 0, tzinfo=UTC)
ANCIENT = datetime(2012, 5, 4, 3, 0, tzinfo=UTC)
EVIDENCE = Limit("evidence", "privacy.evidence_months", 12, date(2025, 3, 1))
FACTS = "SELECT * FROM day_fact ORDER BY 1, 2, 3, 4, 5, base"


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> World:
    world = await made(database, tmp_path)
    await world.record(
        letter("cũ", "a@so.example", "văn bản cũ", "đã gửi lại", at=OLD),
        letter("rất cũ", "a@so.example", "văn bản rất cũ", at=ANCIENT),
        letter("mới", "a@so.example", "văn bản mới", "đã gửi lại", at=NOW),
    )
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO verdict_change (owner, uid, at, reason, epoch, old_overall, old_trust,"
            " new_overall, new_trust)"
            " SELECT 'document', document_uid, now(), 'trust', 1, 'valid', 'trusted', 'invalid',"
            " 'revoked' FROM document"
        )
    await measured(world)
    return world


async def measured(world: World) -> list[tuple[object, ...]]:
    await Measure(world.database, clock=lambda: NOW).refresh()
    return await world.rows(FACTS)


async def applied(world: World, limit: Limit = EVIDENCE) -> dict[str, int]:
    async with world.database.connection() as connection:
        shares = await retention.apply(connection, limit, "test", lambda _: None)
    return {share.table: share.rows for share in shares}


async def planned(world: World, limit: Limit = EVIDENCE) -> list[Share]:
    async with world.database.connection() as connection:
        return await retention.plan(connection, limit)


def test_the_current_month_and_so_many_before_it_stay() -> None:
    settings = PrivacySettings(activity_months=6, gateway_months=None, evidence_months=15)
    assert [
        (each.what, each.before)
        for each in retention.limits(settings, PostureSettings(history_months=12), TODAY)
    ] == [
        ("activity", date(2025, 9, 1)),
        ("evidence", date(2024, 12, 1)),
        ("posture", date(2025, 3, 1)),
    ]


async def test_a_look_counts_and_changes_nothing(world: World) -> None:
    before = await world.rows("SELECT message_uid FROM message ORDER BY 1")
    found = {share.table: (share.months, share.rows) for share in await planned(world)}
    assert found == {
        "sending": (2, 3), "signature": (2, 3), "document": (2, 3), "message_agency": (2, 2),
        "message": (2, 2), "item": (2, 2), "message_key": (0, 2), "document_key": (0, 3),
    }  # fmt: skip
    assert await world.rows("SELECT message_uid FROM message ORDER BY 1") == before
    assert await world.value("SELECT count(*) FROM kept_since") == 0


async def test_what_is_beyond_goes_with_its_keys_and_evidence(world: World) -> None:
    removed = await applied(world)
    assert removed["message"] == 2
    assert removed["verdict_change"] == 3
    assert await planned(world) == []
    assert await world.value("SELECT count(*) FROM message") == 1
    assert await world.value("SELECT count(*) FROM document") == 1
    for table in ("message_key", "document_key", "judgement", "kept_evidence", "verdict_change"):
        assert await world.value(f"SELECT count(*) FROM {table}") == 1, table
    # The CMS of the document that is left, and the certificate that it shares with all others.
    assert await world.value("SELECT count(*) FROM evidence_blob") == 2
    subject = str(await world.value("SELECT subject FROM audit"))
    assert "evidence before 2025-03-01: sending 3" in subject
    assert await world.value("SELECT reason FROM audit") == "privacy.evidence_months = 12"


async def test_a_certificate_whose_latest_signature_went_is_looked_at_again(world: World) -> None:
    async with world.database.connection() as connection:
        await connection.execute(
            "UPDATE signer_certificate SET evidence_id ="
            " (SELECT evidence_id FROM document WHERE day = '2012-05-04')"
        )
    known = await world.rows("SELECT certificate_sha256 FROM signer_certificate")
    assert len(known) == 1
    await applied(world)
    assert await world.rows("SELECT certificate_sha256 FROM signer_certificate") == []
    assert await world.rows("SELECT certificate_sha256 FROM reopened_certificate") == known


async def test_figures_of_what_is_gone_stay(world: World) -> None:
    before = await world.rows(FACTS)
    await applied(world)
    assert await measured(world) == before
    # Somebody has the days computed anew: a registry that changed, a judgement.
    async with world.database.connection() as connection:
        await connection.execute("INSERT INTO changed_day VALUES ('2025-01-14'), ('2012-05-04')")
    assert await measured(world) == before


async def test_an_old_mail_that_is_replayed_changes_no_figure_and_goes_again(world: World) -> None:
    before = await world.rows(FACTS)
    await applied(world)
    await world.record(
        letter("cũ", "a@so.example", "văn bản cũ", "đã gửi lại", at=OLD, live=False),
        letter("bản sao", "a@so.example", "văn bản mới", at=OLD, live=False),
    )
    assert await measured(world) == before
    # A document that is counted on a day that is kept is not moved to one that is not.
    assert await world.value("SELECT count(*) FROM document WHERE day = $1", TODAY) == 1
    assert (await applied(world))["message"] == 2
    assert await planned(world) == []
    assert await measured(world) == before


async def test_an_interrupted_run_is_finished_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await world.rows(FACTS)

    async def fails(*_: object) -> None:
        raise RuntimeError("cut")

    for step in ("_forget_keys", "_forget_orphans"):
        with monkeypatch.context() as patched:
            patched.setattr(retention, step, fails)
            with pytest.raises(RuntimeError, match="cut"):
                await applied(world)
        # A copy that comes in between collides with nothing.
        await world.record(letter("cũ", "a@so.example", "văn bản cũ", at=OLD, live=False))
    await applied(world)
    assert await planned(world) == []
    assert await world.value("SELECT count(*) FROM kept_evidence") == 1
    assert await measured(world) == before


async def test_a_long_read_of_an_old_month_is_waited_for_without_holding_others_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOCK_MILLISECONDS", 20)
    monkeypatch.setattr(retention, "PAUSE_SECONDS", 0.02)
    released = asyncio.Event()
    waits = 0

    async def pause(_seconds: float) -> None:
        nonlocal waits
        waits += 1
        # Between two tries nothing of it waits in the old month, so nobody waits behind it.
        assert await world.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0
        released.set()
        await reading.wait_closed()

    reading = _Reading(world, released)
    async with asyncio.TaskGroup() as group:
        group.create_task(reading.run())
        await reading.begun.wait()
        monkeypatch.setattr(asyncio, "sleep", pause)
        await applied(world)
    assert waits == 1
    assert await planned(world) == []


class _Reading:
    """Somebody reads the old months until released."""

    def __init__(self, world: World, released: asyncio.Event) -> None:
        self._world, self._released = world, released
        self.begun, self._closed = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        async with self._world.database.connection() as reader, reader.transaction():
            await reader.fetchval("SELECT count(*) FROM sending")
            self.begun.set()
            await self._released.wait()
        self._closed.set()

    async def wait_closed(self) -> None:
        await self._closed.wait()


async def test_changes_of_verdicts_are_removed_in_no_other_way(world: World) -> None:
    await applied(world)
    async with world.database.pool.acquire() as connection:
        for statement in (
            "TRUNCATE verdict_change",
            "DELETE FROM verdict_change",
            "UPDATE verdict_change SET reason = ''",
        ):
            with pytest.raises(asyncpg.RaiseError, match="never changed"):
                await connection.execute(statement)
        async with connection.transaction():
            await connection.fetchval("SELECT forget_verdict_changes(10)")
            with pytest.raises(asyncpg.RaiseError, match="never changed"):
                await connection.execute("DELETE FROM verdict_change")


async def test_registers_and_the_axis_go_with_all_that_hangs_on_them(world: World) -> None:
    tables = (
        "register_entry", "register_entry_past", "register_file", "axis_message",
        "axis_recipient", "axis_status",
    )  # fmt: skip
    await world.register_entry(1, OLD.date())
    await world.register_entry(2, NOW.date())
    removed = await applied(world)
    assert (removed["register_entry"], removed["axis_message"], removed["axis_status"]) == (1, 1, 1)
    for table in tables:
        assert await world.value(f"SELECT count(*) FROM {table}") == 1, table


async def test_activity_and_the_gateways_log_go_by_their_own_settings(world: World) -> None:
    address = await world.address("a@so.example")
    months = [date(2014, 3, 1), date(2024, 2, 1), date(2024, 3, 1), date(2026, 3, 1)]
    await world.database.ensure_partitions(months)
    async with world.database.connection() as connection:
        await connection.executemany(
            "INSERT INTO activity_month (address_id, month, login) VALUES ($1, $2, 1)"
            " ON CONFLICT (address_id, month) DO UPDATE SET login = 1",
            [(address, month) for month in months],
        )
        await connection.executemany(
            "INSERT INTO gateway_message VALUES ($1, $2, 0)", list(enumerate(months))
        )
    limits = retention.limits(PrivacySettings(), PostureSettings(), TODAY)
    removed = {limit.what: await applied(world, limit) for limit in limits}
    assert removed["gateway"] == {"gateway_message": 3}
    assert set(removed) == {
        "activity",
        "gateway",
        "posture",
    }  # evidence is kept unless the settings say so
    left = await world.rows("SELECT month FROM activity_month WHERE login > 0 ORDER BY 1")
    assert left == [(date(2024, 3, 1),), (date(2026, 3, 1),)]
    # When an address was last active stays known.
    assert await world.value("SELECT count(*) FROM address_activity") == 1
    # A line that is read late still has its place.
    async with world.database.connection() as connection:
        await connection.execute("INSERT INTO gateway_message VALUES (9, '2024-02-01', 0)")


async def test_the_history_of_mail_domains_goes_and_their_figures_stay(world: World) -> None:
    old, new = datetime(2024, 2, 1, 3, tzinfo=UTC), datetime(2026, 3, 1, 3, tzinfo=UTC)
    await sync_domains(world.database, {"mot.tinh.example": ("so-mot",)}, old)
    soon = timedelta(minutes=9)
    for at, status in ((old, FAIL), (old + soon, PASS), (new, FAIL), (new + soon, FAIL)):
        await store(world.database, [(look("mot.tinh.example", at, status), 1.0)], 21_600.0)
    await Measure(world.database, clock=lambda: NOW).refresh()
    facts = "SELECT day, numerator FROM day_fact WHERE indicator = 'domain_posture' ORDER BY 1"
    assert len(before := await world.rows(facts)) == 2
    limit = Limit("posture", "posture.history_months", 12, date(2025, 3, 1))
    assert await applied(world, limit) == {"posture_day": 1, "posture_change": len(Check)}
    assert await world.value("SELECT count(*) FROM posture_change") == len(Check)
    assert await world.rows("SELECT day FROM posture_day") == [(date(2026, 3, 1),)]
    async with world.database.connection() as connection:
        await connection.execute("INSERT INTO changed_day VALUES ($1)", old.date())
    await Measure(world.database, clock=lambda: NOW).refresh()
    assert await world.rows(facts) == before


async def test_the_coverage_of_days_whose_log_is_gone_stays(world: World) -> None:
    day = date(2025, 1, 14)
    async with world.database.connection() as connection:
        await connection.execute("INSERT INTO gateway_message VALUES (7, $1, 1, true)", day)
    measure = Measure(world.database, clock=lambda: NOW)
    await measure.refresh_coverage()
    before = await world.rows("SELECT logged, captured FROM coverage_day")
    assert before == [(1, 1)]
    await applied(world, Limit("gateway", "privacy.gateway_months", 6, date(2025, 9, 1)))
    async with world.database.connection() as connection:
        await connection.execute("INSERT INTO gateway_message VALUES (8, $1, 1)", day)
    await measure.refresh_coverage()
    assert await world.rows("SELECT logged, captured FROM coverage_day") == before


async def test_the_nightly_upkeep_runs_once_a_day_from_two_oclock(world: World) -> None:
    settings = Settings(state_dir=world.state_dir, privacy=PrivacySettings(evidence_months=12))

    async def runs(hour: int, day: int = 18) -> bool:
        at = datetime(2026, 3, day, hour, 30, tzinfo=UTC)
        return await keep_up(world.database, settings, at)

    assert not await runs(18, day=17)  # 01:30 of the 18th in Vietnam
    assert await runs(19, day=17)
    assert not await runs(3)
    assert await runs(19)
    assert await world.value("SELECT count(*) FROM message") == 1
    assert await world.value("SELECT actor FROM audit") == "congvu"
