"""A disk that is full, fails, or lies: what is acknowledged stays, what is not is refused."""

import asyncio
import errno

import pytest

from monitor.errors import SpoolFault, SpoolFull
from monitor.spool import Spool
from tests.spool.disk import Disk, Fault, Loss
from tests.spool.samples import (
    Listener,
    append,
    contents,
    drain,
    make_body,
    make_header,
    number_of,
    open_spool,
    running,
)


async def test_a_spool_over_its_bound_refuses_and_accepts_again_once_drained() -> None:
    disk = Disk()
    listener = Listener()
    async with running(open_spool(disk, listener, max_bytes=20_000)) as spool:
        accepted = await _fill(spool)
        assert 10 < accepted < 20
        assert spool.stats().disk_bytes <= 20_000
        await drain(spool)
        await _until_accepted(spool, 99)
        assert "spool_pushes_back" in listener.names()
        assert "spool_accepts_again" in listener.names()


async def _fill(spool: Spool) -> int:
    """Append until the spool refuses; how many it took."""
    for number in range(1000):
        try:
            await append(spool, [number], 1000)
        except SpoolFull:
            return number
    raise AssertionError("the spool never refuses")


async def _until_accepted(spool: Spool, number: int, size: int = 1000) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                await append(spool, [number], size)
            except SpoolFull:
                await asyncio.sleep(0.05)
            else:
                return


async def test_items_on_their_way_count_against_the_bound() -> None:
    async with running(open_spool(Disk(), max_bytes=20_000)) as spool:
        results = await asyncio.gather(
            *(spool.append(make_header(n), [make_body(n, 1000)]) for n in range(50)),
            return_exceptions=True,
        )
        full = [result for result in results if isinstance(result, SpoolFull)]
        assert 30 < len(full) < 40
        assert spool.stats().items == 50 - len(full)
        assert spool.stats().disk_bytes <= 20_000


async def test_a_disk_with_too_little_free_space_refuses_until_there_is_more() -> None:
    disk = Disk(capacity=100_000)
    async with running(open_spool(disk, min_free_bytes=95_000)) as spool:
        assert await _fill(spool) < 10
        disk.capacity = 200_000
        await _until_accepted(spool, 50)
        assert spool.stats().free_bytes > 90_000


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("written", [0, 1, 50, 400])
async def test_a_write_that_the_disk_has_no_room_for_leaves_nothing_behind(
    number: int, written: int
) -> None:
    disk = Disk()
    listener = Listener()
    async with running(open_spool(disk, listener)) as spool:
        await append(spool, [1])
        disk.faults.append(Fault("write", number, written=written))
        with pytest.raises(SpoolFull):
            await append(spool, [2, 3], 300)
        await append(spool, [4])
    for loss in Loss:
        after = disk.copy()
        after.reboot(loss)
        again = Listener()
        assert await contents(after, again) == [1, 4]
        assert "spool_tail_torn" not in again.names()
        assert not again.dropped("corrupt")


async def test_a_full_disk_is_survived_and_intake_resumes_by_itself() -> None:
    disk = Disk(capacity=5_000)
    async with running(open_spool(disk)) as spool:
        kept = []
        for number in range(30):
            try:
                await append(spool, [number], 500)
                kept.append(number)
            except SpoolFull:
                pass
        assert 0 < len(kept) < 10
        disk.capacity = 100_000
        await _until_accepted(spool, 99, 500)
    assert await contents(disk) == [*kept, 99]


async def test_a_segment_whose_half_record_cannot_be_cut_off_is_left_for_good() -> None:
    disk = Disk()
    listener = Listener()
    async with running(open_spool(disk, listener)) as spool:
        await append(spool, [1])
        disk.faults += [
            Fault("write", errno.ENOSPC, written=100),
            Fault("truncate", errno.EIO, times=2),
        ]
        with pytest.raises(SpoolFull):
            await append(spool, [2])
        await append(spool, [3])
    assert "spool_segment_abandoned" in listener.names()
    again = Listener()
    assert await contents(disk, again) == [1, 3]
    assert not again.dropped("corrupt")


async def test_a_failing_write_is_a_fault_and_the_next_item_goes_elsewhere() -> None:
    disk = Disk()
    listener = Listener()
    async with running(open_spool(disk, listener)) as spool:
        await append(spool, [1])
        disk.faults.append(Fault("write", errno.EIO, written=77))
        with pytest.raises(SpoolFault):
            await append(spool, [2])
        await append(spool, [3])
        assert len(disk.paths(".seg")) == 2
    assert {"spool_segment_abandoned", "spool_write_failed"} <= set(listener.names())
    assert await contents(disk) == [1, 3]


@pytest.mark.parametrize("loss", list(Loss))
@pytest.mark.parametrize("cut_fails", [False, True])
async def test_after_a_failed_sync_the_group_is_made_durable_in_another_segment(
    loss: Loss, cut_fails: bool
) -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, [1])
        disk.faults.append(Fault("sync", errno.EIO))
        if cut_fails:
            disk.faults.append(Fault("truncate", errno.EIO))
        await append(spool, [2, 3])
        await append(spool, [4])
        assert len(disk.paths(".seg")) == 2
        assert spool.stats().items == 4
    disk.reboot(loss)
    assert await contents(disk) == [1, 2, 3, 4]


async def test_a_failed_sync_is_never_repeated_on_the_same_file() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, [1])
        before = disk.syncs
        disk.faults.append(Fault("sync", errno.EIO, times=2))
        with pytest.raises(SpoolFault):
            await append(spool, [2])
        assert disk.syncs == before + 2
        assert len(disk.paths(".seg")) == 1
        await append(spool, [3])
    disk.reboot(Loss.LOST)
    assert await contents(disk) == [1, 3]


@pytest.mark.parametrize("operation", ["create", "sync_directory"])
async def test_a_new_segment_that_cannot_be_made_durable_acknowledges_nothing(
    operation: str,
) -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        disk.faults.append(Fault(operation, errno.EIO, times=2))
        with pytest.raises(SpoolFault):
            await append(spool, [1])
        disk.faults.clear()
        await append(spool, [2])
    disk.reboot(Loss.LOST)
    assert await contents(disk) == [2]


async def test_short_writes_are_completed() -> None:
    disk = Disk()
    disk.short_write = 13
    async with running(open_spool(disk)) as spool:
        chunks = [make_body(1, 500)[at : at + 7] for at in range(0, 500, 7)]
        await spool.append(make_header(1, 500), chunks)
        await append(spool, range(2, 20))
    disk.reboot(Loss.LOST)
    assert await contents(disk) == list(range(1, 20))


async def test_an_item_that_cannot_be_read_now_is_read_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitor.spool.reader.REREAD_SECONDS", 0.01)
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, range(3))
    listener = Listener()
    spool = open_spool(disk, listener)
    disk.faults.append(Fault("read", errno.EIO, times=2))
    async with running(spool):
        taken = await drain(spool)
    assert sorted(map(number_of, taken)) == [0, 1, 2]
    assert "spool_read_failed" in listener.names()


async def test_a_closing_spool_refuses_and_finishes_what_it_had() -> None:
    disk = Disk()
    spool = open_spool(disk)
    async with asyncio.TaskGroup() as group:
        group.create_task(spool.run())
        waiting = [
            group.create_task(spool.append(make_header(n, 40), [make_body(n, 40)]))
            for n in range(5)
        ]
        await asyncio.sleep(0)
        await spool.close()
        await asyncio.gather(*waiting)
        with pytest.raises(SpoolFault):
            await append(spool, [9])
        with pytest.raises(SpoolFault):
            await spool.take()
    assert await contents(disk) == list(range(5))


async def test_whoever_waits_is_told_when_the_spool_closes_without_having_run() -> None:
    spool = open_spool(Disk())
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(_outcome(spool, 1))
        await asyncio.sleep(0)
        await spool.close()
    assert isinstance(await waiting, SpoolFault)


async def test_whoever_waits_is_told_when_the_committer_is_cancelled() -> None:
    disk = Disk()
    spool = open_spool(disk)
    async with asyncio.TaskGroup() as group:
        run = group.create_task(spool.run())
        await asyncio.sleep(0)
        waiting = [group.create_task(_outcome(spool, number)) for number in range(3)]
        await asyncio.sleep(0)
        run.cancel()
    outcomes = [await each for each in waiting]
    await spool.close()
    assert all(outcome is None or isinstance(outcome, SpoolFault) for outcome in outcomes)
    kept = await contents(disk)
    assert {number for number in range(3) if outcomes[number] is None} <= set(kept)


async def _outcome(spool: Spool, number: int) -> Exception | None:
    try:
        await append(spool, [number])
    except SpoolFault as error:
        return error
    return None


async def test_side_file_errors_do_not_stop_the_spool() -> None:
    disk = Disk()
    listener = Listener()
    async with running(open_spool(disk, listener)) as spool:
        await append(spool, range(3))
        disk.faults.append(Fault("write", errno.ENOSPC))
        spool.done(await spool.take())
        async with asyncio.timeout(5):
            while "spool_upkeep_failed" not in listener.names():
                await asyncio.sleep(0.02)
        await append(spool, [3])
    assert await contents(disk) == [1, 2, 3]
