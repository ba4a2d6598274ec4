"""Following a log over time: who reads it, what is told, and what a failure costs."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest

from monitor.activity.events import (
    LogAvailable,
    LogFollowingFailed,
    LogLineRefused,
    LogMemoryLost,
    LogReadElsewhere,
    LogUnavailable,
)
from monitor.activity.folding import Belongs, Folding
from monitor.activity.importing import files_of, import_files
from monitor.activity.logs import Logs, problems
from monitor.errors import DatabaseUnavailable
from monitor.record import Database, Sealer
from monitor.record.log_checkpoints import CheckpointMoved, SourceLocks
from monitor.settings import LogSource
from tests.activity.small_logs import NOW, Bench, Events, SmallReader, Told, belongs, line


async def soon(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await happened():
            await asyncio.sleep(0.02)


class Following:
    """The daemon's part, with one log."""

    def __init__(self, bench: Bench) -> None:
        self.events, self.told = Events(), Told()
        self.remarks: dict[str, str | None] = {}
        self._bench = bench
        self.logs = Logs(
            Folding(belongs, (), lambda: NOW),
            SmallReader,
            self.told,
            self.remarks.__setitem__,
            self.events,
            lambda: NOW,
        )
        self.source = LogSource(name="small", format="postfix", path=bench.path, poll_seconds=0.02)
        self._task: asyncio.Task[None]

    async def __aenter__(self) -> "Following":
        self._task = asyncio.get_running_loop().create_task(self.logs.follow(self.source))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.logs.stop()

    def connect(self) -> None:
        self.logs.connect(self._bench.database, self._bench.sealer)

    async def read(self, lines: int) -> None:
        async def is_read() -> bool:
            return self.told.outcomes["read"] >= lines

        await soon(is_read)


async def test_a_log_is_followed_as_soon_as_there_is_a_record(bench: Bench) -> None:
    bench.write(3)
    async with Following(bench) as following:
        following.connect()
        await following.read(3)
        bench.write(2)
        await following.read(5)
    await bench.look()
    await bench.prove()
    assert following.told.newest is not None


async def test_a_log_that_comes_later_is_told_once_and_then_read(bench: Bench) -> None:
    async with Following(bench) as following:
        following.connect()

        async def is_told() -> bool:
            return following.remarks.get("small") is not None

        await soon(is_told)
        bench.write(3)
        await following.read(3)
    [unavailable] = following.events.named(LogUnavailable)
    assert unavailable == LogUnavailable("small", "missing")
    assert following.events.named(LogAvailable)
    assert following.remarks["small"] is None


async def test_two_processes_never_read_a_log_at_once(bench: Bench) -> None:
    bench.write(3)
    locks = SourceLocks(bench.database)
    assert await locks.hold("small")
    async with Following(bench) as following:
        following.connect()

        async def is_told() -> bool:
            return bool(following.events.named(LogReadElsewhere))

        await soon(is_told)
        assert following.told.outcomes["read"] == 0
        await locks.release()
        await following.read(3)


async def test_a_lock_that_was_lost_unseen_doubles_nothing(bench: Bench) -> None:
    bench.write(3)
    await bench.look()
    other = Bench(bench.database, bench.sealer, bench.path)
    await other.look()
    bench.write(3)
    await bench.look()
    bench.write(1)
    with pytest.raises(CheckpointMoved):
        await other.look()
    other.follower.forget()
    await other.look()
    other.written = bench.written
    await other.prove()


async def test_a_database_that_was_away_costs_no_line(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(3)
    async with Following(bench) as following:
        following.connect()
        await following.read(3)
        with monkeypatch.context() as patched:
            away = Mock(side_effect=DatabaseUnavailable("away"))
            patched.setattr("monitor.activity.writing.log_checkpoints.save", away)
            bench.write(4)

            async def is_tried() -> bool:
                return away.call_count > 2

            await soon(is_tried)
        await following.read(7)
    await bench.look()
    await bench.prove()


async def test_an_answer_that_was_lost_after_the_commit_doubles_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(3)
    write = bench.follower._shared.writer.write

    async def lost(*given: object) -> None:
        await write(*given)  # type: ignore[arg-type]
        raise DatabaseUnavailable("the connection was lost")

    with monkeypatch.context() as patched:
        patched.setattr(bench.follower._shared.writer, "write", lost)
        with pytest.raises(DatabaseUnavailable):
            await bench.look()
    bench.follower.forget()
    await bench.look()
    await bench.prove()


async def test_an_unexpected_error_is_told_and_the_log_goes_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Following(bench) as following:
        following.connect()
        with monkeypatch.context() as patched:
            patched.setattr(
                "monitor.activity.following.sealed", Mock(side_effect=ZeroDivisionError)
            )
            bench.write(3)

            async def is_told() -> bool:
                return bool(following.events.named(LogFollowingFailed))

            await soon(is_told)
        await following.read(3)
    await bench.look()
    await bench.prove()


async def test_a_line_that_a_reader_cannot_bear_costs_that_line_alone(bench: Bench) -> None:
    bench.write(3, end=b"this goes boom\n")
    bench.write(3)
    await bench.look()
    await bench.prove(lines=7)
    assert bench.follower.totals.unknown == 1
    assert bench.follower._reading.state == '{"seen": 6}'
    assert len(bench.events.named(LogLineRefused)) == 1


async def test_a_memory_that_no_key_opens_is_begun_anew(bench: Bench, tmp_path: Path) -> None:
    bench.write(3)
    await bench.look()
    bench.restart()
    bench.sealer = Sealer.load(tmp_path / "another")
    bench.write(2)
    await bench.look()
    assert bench.follower.totals.lines == 5
    assert len(bench.events.named(LogMemoryLost)) == 1


async def test_what_is_not_ours_is_counted_and_not_kept(bench: Bench) -> None:
    lines = [
        "2026-11-22T03:00:00 login an@else.example m1@id",
        "2026-11-22T03:00:00 login HealthMailbox12@mot.example",
        "2026-11-22T03:00:00 login nobody",
        "2014-12-31T03:00:00 login an@mot.example",
        "2026-12-01T03:00:00 login an@mot.example",
        "2026-11-23T03:00:00 login AN@Mot.Example",
        "what is this",
    ]
    bench.path.write_bytes("\n".join(lines).encode() + b"\n")
    await bench.look()
    assert await bench.days() == {("an@mot.example", datetime(2026, 11, 23, tzinfo=UTC).date())}
    assert await bench.messages() == 0
    assert bench.told.left_out == {"foreign": 2, "system": 1, "no_address": 1, "day": 2}
    assert bench.told.outcomes["unknown"] == 1
    assert bench.follower.totals.left_out == dict(bench.told.left_out)


async def test_the_lag_is_what_is_unread(bench: Bench) -> None:
    bench.write(3, end=line(3)[:10])
    await bench.look()
    assert bench.told.unread == 10


def test_settings_that_name_no_log_are_problems(tmp_path: Path) -> None:
    def said(path: str) -> list[str]:
        return list(problems([LogSource(name="one", format="postfix", path=tmp_path / path)]))

    assert said("mail.log") == []
    (tmp_path / "mail.log").write_bytes(b"")
    assert said("mail.log") == []
    assert said("*.log") == []
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    assert "is a folder" in said("folder")[0]
    assert "is a FIFO" in said("fifo")[0]
    assert "no such file" in said("nowhere/mail.log")[0]
    assert "not folders" in said("log*/mail.log")[0]
    many = [
        LogSource(name=f"n{n}", format="postfix", path=tmp_path / "mail.log") for n in range(31)
    ]
    assert "31 are too many" in next(problems(many))


async def test_one_source_too_many_is_told(database: Database, bench: Bench) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO activity_source SELECT n, 'log-' || n FROM generate_series(1, 30) n"
        )
    bench.write(1)
    async with Following(bench) as following:
        following.connect()

        async def is_told() -> bool:
            return bool(following.events.named(LogUnavailable))

        await soon(is_told)
    assert following.events.named(LogUnavailable) == [LogUnavailable("small", "sources")]


async def test_what_the_registry_did_not_know_is_imported_again(
    bench: Bench, database: Database, sealer: Sealer
) -> None:
    bench.write(3)
    source = LogSource(name="small", format="postfix", path=bench.path)

    async def read(whose: Belongs, *, again: bool = False) -> tuple[int, int]:
        files = files_of([bench.path])
        imported = await import_files(
            files, source, SmallReader, database, sealer, whose, (), Told(), lambda: NOW,
            again=again,
        )  # fmt: skip
        async with database.connection() as connection:
            known = await connection.fetchval("SELECT count(*) FROM address_activity")
        return imported.after.lines - imported.before.lines, known

    assert await read(lambda *_: None) == (3, 0)
    assert await read(belongs) == (0, 0)
    assert await read(belongs, again=True) == (3, 3)
    assert await read(belongs, again=True) == (3, 3)
