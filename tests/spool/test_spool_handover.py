"""Handing items out: order, bounds, again-later, memory, big bodies, and one owner."""

import asyncio
import os
import stat
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import UserError
from monitor.spool import ReadBounds, Spool
from tests.spool.disk import Disk
from tests.spool.samples import (
    ROOT,
    START,
    Listener,
    append,
    contents,
    drain,
    make_body,
    make_header,
    make_settings,
    number_of,
    open_spool,
    running,
)

MIB = 1024 * 1024


async def test_items_come_oldest_first_and_each_once() -> None:
    async with running(open_spool(Disk())) as spool:
        await append(spool, range(100))
        taken = [number_of(await spool.take()) for _ in range(100)]
        assert taken == list(range(100))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(spool.take(), 0.05)


async def test_take_waits_for_an_item() -> None:
    async with running(open_spool(Disk())) as spool:
        async with asyncio.TaskGroup() as group:
            taken = group.create_task(spool.take())
            await asyncio.sleep(0.01)
            await append(spool, [7])
        assert number_of(taken.result()) == 7


async def test_done_may_come_in_any_order_and_twice() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, range(10))
        taken = [await spool.take() for _ in range(10)]
        for spooled in [*taken[::-2], *taken[::-2]]:
            spool.done(spooled)
        assert spool.stats().items == 5
    assert await contents(disk) == [0, 2, 4, 6, 8]


async def test_an_item_to_be_retried_comes_again_later_and_counts_its_attempts() -> None:
    async with running(open_spool(Disk())) as spool:
        await append(spool, [1, 2])
        first = await spool.take()
        assert first.attempts == 0
        spool.retry(first, 0.05)
        assert number_of(await spool.take()) == 2
        async with asyncio.timeout(5):
            again = await spool.take()
        assert (number_of(again), again.attempts, again.body) == (1, 1, first.body)
        assert spool.stats().items == 2
        spool.done(first)
        assert spool.stats().items == 1


async def test_no_more_items_are_out_than_the_bound() -> None:
    bounds = ReadBounds(items=3, bytes=MIB)
    spool = Spool.open(ROOT, make_settings(), Listener(), files=Disk(), outstanding=bounds)
    async with running(spool):
        await append(spool, range(6))
        taken = [await spool.take() for _ in range(3)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(spool.take(), 0.05)
        spool.done(taken[1])
        assert number_of(await asyncio.wait_for(spool.take(), 5)) == 3


async def test_an_item_past_the_byte_bound_goes_out_alone() -> None:
    bounds = ReadBounds(items=10, bytes=5000)
    spool = Spool.open(ROOT, make_settings(), Listener(), files=Disk(), outstanding=bounds)
    async with running(spool):
        await append(spool, [1, 2], 9000)
        first = await spool.take()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(spool.take(), 0.05)
        spool.done(first)
        assert number_of(await asyncio.wait_for(spool.take(), 5)) == 2


async def test_the_age_is_that_of_the_oldest_item_not_done() -> None:
    clock = START + timedelta(seconds=100)
    spool = Spool.open(ROOT, make_settings(), Listener(), files=Disk(), clock=lambda: clock)
    async with running(spool):
        assert spool.stats().oldest_age_seconds is None
        await append(spool, [10, 20, 30])
        assert spool.stats().oldest_age_seconds == 90
        first = await spool.take()
        assert spool.stats().oldest_age_seconds == 90
        spool.done(first)
        assert spool.stats().oldest_age_seconds == 80
        await drain(spool)
        assert spool.stats().oldest_age_seconds is None


async def test_a_group_shares_one_sync() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, [0])
        before = disk.syncs
        await append(spool, range(1, 200))
        assert disk.syncs - before <= 3


async def test_an_appender_that_gave_up_leaves_the_others_alone() -> None:
    disk = Disk()
    spool = open_spool(disk)
    impatient = asyncio.gather(spool.append(make_header(1, 40), [make_body(1, 40)]))
    await asyncio.sleep(0)
    impatient.cancel()
    async with running(spool):
        await append(spool, [2])
    assert await contents(disk) == [2]


async def test_a_body_of_64_mib_in_pieces_comes_back_whole(tmp_path: Path) -> None:
    pieces = [os.urandom(64 * 1024) for _ in range(1024)]
    async with running(Spool.open(tmp_path, make_settings(), Listener())) as spool:
        await append(spool, [1])
        await spool.append(make_header(2, 64 * MIB), pieces)
        await append(spool, [3])
    async with running(Spool.open(tmp_path, make_settings(), Listener())) as spool:
        taken = await drain(spool)
    assert [number_of(spooled) for spooled in taken] == [1, 2, 3]
    assert taken[1].body == b"".join(pieces)


async def test_an_empty_body_is_an_item_too() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await spool.append(make_header(1), [])
        await spool.append(make_header(2), [b"", b""])
        assert [(await spool.take()).body for _ in range(2)] == [b"", b""]
    assert await contents(disk) == [1, 2]


async def test_a_long_backlog_is_not_held_in_memory(tmp_path: Path) -> None:
    size, count = 64 * 1024, 1500
    async with running(Spool.open(tmp_path, make_settings(), Listener())) as spool:
        tracemalloc.start()
        try:
            for start in range(0, count, 50):
                await append(spool, range(start, start + 50), size)
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert spool.stats().bytes > size * count
        assert held < 40 * MIB < size * count


async def test_recovery_reads_a_long_record_in_pieces(tmp_path: Path) -> None:
    async with running(Spool.open(tmp_path, make_settings(), Listener())) as spool:
        await spool.append(make_header(1, 48 * MIB), [bytes(MIB)] * 48)
    tracemalloc.start()
    try:
        spool = Spool.open(tmp_path, make_settings(), Listener())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert spool.stats().items == 1
    assert peak < 8 * MIB
    await spool.close()


async def test_a_second_owner_is_told_that_the_spool_is_in_use(tmp_path: Path) -> None:
    spool = Spool.open(tmp_path, make_settings(), Listener())
    with pytest.raises(UserError, match="in use by another congvu process"):
        Spool.open(tmp_path, make_settings(), Listener())
    await spool.close()
    await Spool.open(tmp_path, make_settings(), Listener()).close()


def test_a_place_that_cannot_hold_a_spool_is_the_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="cannot be opened"):
        Spool.open(tmp_path / "file", make_settings(), Listener())


async def test_nobody_else_can_look_into_the_spool(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        directory = tmp_path / "spool"
        async with running(Spool.open(directory, make_settings(), Listener())) as spool:
            await append(spool, range(3))
            await spool.quarantine(await spool.take(), "verifier_fault", "")
            spool.done(await spool.take())
        modes = {
            path.relative_to(directory).as_posix(): stat.S_IMODE(path.stat().st_mode)
            for path in [directory, *directory.rglob("*")]
        }
    finally:
        os.umask(previous)
    assert {suffix for name in modes for suffix in [Path(name).suffix]} >= {
        ".seg",
        ".ack",
        ".item",
        ".json",
    }
    for name, mode in modes.items():
        assert mode == (0o700 if (directory / name).is_dir() else 0o600), name


async def test_closing_twice_does_no_harm() -> None:
    spool = open_spool(Disk())
    async with running(spool):
        await append(spool, [1])
    await spool.close()
