"""Setting items aside with a reason, and taking them back while the spool runs."""

import asyncio
import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.errors import SpoolFull, UserError
from monitor.spool import Quarantine, Spool
from tests.spool.disk import Disk, Fault, Loss
from tests.spool.samples import (
    ROOT,
    Listener,
    append,
    contents,
    make_body,
    make_header,
    make_settings,
    number_of,
    open_spool,
    running,
)


async def set_aside(spool: Spool, reason: str = "verifier_fault") -> None:
    await spool.quarantine(await spool.take(), reason, "three attempts failed")


async def test_a_quarantined_item_leaves_the_spool_and_can_be_shown_whole() -> None:
    disk = Disk()
    listener = Listener()
    async with running(open_spool(disk, listener)) as spool:
        await append(spool, [1, 2], 500)
        await set_aside(spool)
        assert spool.stats().items == 1
        assert spool.stats().quarantine_items == 1
    (entry,) = Quarantine(ROOT, disk).list()
    assert (entry.item_id, entry.reason, entry.source) == (f"{1:032x}", "verifier_fault", "gateway")
    assert entry.detail == "three attempts failed"
    shown = Quarantine(ROOT, disk).show(entry.item_id)
    assert shown.header == make_header(1, 500)
    assert shown.body == make_body(1, 500)
    assert "spool_quarantined" in listener.names()
    assert await contents(disk) == [2]


async def test_the_reason_file_says_why_when_and_how_big() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, [1])
        await set_aside(spool)
    (path,) = disk.paths(".json")
    said = json.loads(disk.content(path))
    assert said.keys() == {"reason", "detail", "at", "source", "size"}
    (item,) = disk.paths(".item")
    assert said["size"] == len(disk.content(item))


@pytest.mark.parametrize(
    ("loss", "seed"), [(Loss.LOST, 0), *((Loss.CUT, seed) for seed in range(8))]
)
async def test_a_quarantined_item_is_durable_before_it_leaves_the_spool(
    loss: Loss, seed: int
) -> None:
    for operations in range(30):
        disk = Disk()
        spool = open_spool(disk)
        try:
            async with running(spool):
                await append(spool, [1])
                disk.operations_left = operations
                await set_aside(spool)
        except* Exception:  # noqa: BLE001  the power goes somewhere in there
            pass
        disk.reboot(loss, seed)
        left = await contents(disk)
        quarantine = Quarantine(ROOT, disk)
        kept = [quarantine.show(entry.item_id).body for entry in quarantine.list()]
        assert left == [1] or kept == [make_body(1, 40)], operations


async def test_a_full_quarantine_keeps_the_item_and_pushes_back_until_there_is_room() -> None:
    disk = Disk()
    listener = Listener()
    async with running(open_spool(disk, listener, quarantine_max_bytes=1500)) as spool:
        await append(spool, range(3), 500)
        await set_aside(spool)
        await set_aside(spool)
        assert spool.stats().items == 2
        assert spool.stats().quarantine_items == 1
        assert "spool_quarantine_full" in listener.names()
        with pytest.raises(SpoolFull):
            await append(spool, [9])
        Quarantine(ROOT, disk).requeue(f"{0:032x}")
        async with asyncio.timeout(10):
            while [e.item_id for e in Quarantine(ROOT, disk).list()] != [f"{1:032x}"]:
                await asyncio.sleep(0.02)
            assert {number_of(await spool.take()) for _ in range(2)} == {2, 0}
        await append(spool, [9])


async def test_damage_found_on_opening_waits_for_room_in_the_quarantine() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, range(3), 500)
    (segment,) = disk.paths(".seg")
    flipped = bytearray(disk.content(segment))
    flipped[200] ^= 1
    disk.put(segment, bytes(flipped))
    listener = Listener()
    async with running(open_spool(disk, listener, quarantine_max_bytes=10)) as spool:
        assert spool.stats().items == 2
        for _ in range(2):
            spool.done(await spool.take())
        with pytest.raises(SpoolFull):
            await append(spool, [9])
    assert disk.paths(".seg") == [segment]
    assert not listener.dropped("corrupt")
    assert await contents(disk, listener) == []
    assert listener.dropped("corrupt") == 1
    assert disk.paths(".seg") == []


async def test_a_disk_error_on_the_way_into_the_quarantine_is_tried_again() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, [1])
        spooled = await spool.take()
        disk.faults.append(Fault("create", errno.ENOSPC))
        await spool.quarantine(spooled, "verifier_fault", "")
        assert spool.stats().items == 1
        async with asyncio.timeout(5):
            while spool.stats().items:
                await asyncio.sleep(0.02)
    assert len(Quarantine(ROOT, disk).list()) == 1


async def test_a_requeued_item_comes_back_with_its_id_while_the_spool_runs() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, [1, 2])
        await set_aside(spool)
        Quarantine(ROOT, disk).requeue(f"{1:032x}")
        async with asyncio.timeout(5):
            taken = [await spool.take(), await spool.take()]
        assert [number_of(spooled) for spooled in taken] == [2, 1]
        assert taken[1].body == make_body(1, 40)
        async with asyncio.timeout(5):
            while disk.paths(".item") or disk.paths(".json"):
                await asyncio.sleep(0.01)


async def test_an_item_requeued_while_nothing_runs_comes_back_at_the_next_start() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, [1])
        await set_aside(spool)
    Quarantine(ROOT, disk).requeue(f"{1:032x}")
    async with running(open_spool(disk)) as spool:
        async with asyncio.timeout(5):
            assert number_of(await spool.take()) == 1


async def test_what_was_requeued_stays_so_through_a_power_cut() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, [1])
        await set_aside(spool)
    Quarantine(ROOT, disk).requeue(f"{1:032x}")
    disk.reboot(Loss.LOST)
    assert Quarantine(ROOT, disk).list() == []
    assert len(disk.paths(".item")) == 1


async def test_requeuing_all_by_the_listing_brings_all_back() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, range(5))
        for _ in range(5):
            await set_aside(spool)
        quarantine = Quarantine(ROOT, disk)
        for entry in quarantine.list():
            quarantine.requeue(entry.item_id)
        async with asyncio.timeout(5):
            assert {number_of(await spool.take()) for _ in range(5)} == set(range(5))
        assert quarantine.list() == []


@pytest.mark.parametrize("loss", [Loss.KEPT, Loss.LOST])
async def test_a_crash_at_any_moment_of_a_requeue_keeps_the_item(loss: Loss) -> None:
    for operations in range(20):
        disk = Disk()
        async with running(open_spool(disk)) as spool:
            await append(spool, [1])
            await set_aside(spool)
        disk.operations_left = operations
        try:
            Quarantine(ROOT, disk).requeue(f"{1:032x}")
            async with running(open_spool(disk)) as spool:
                await asyncio.sleep(0.05)
        except* Exception:  # noqa: BLE001  the power goes somewhere in there
            pass
        disk.reboot(loss)
        async with running(open_spool(disk)) as spool:
            await asyncio.sleep(0.05)
            in_spool = spool.stats().items
        in_quarantine = len(Quarantine(ROOT, disk).list())
        assert in_spool or in_quarantine, operations


async def test_corrupt_bytes_cannot_be_requeued_and_the_message_says_why() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, [1])
    (segment,) = disk.paths(".seg")
    disk.put(segment, disk.content(segment)[:-1] + b"?")
    await open_spool(disk).close()
    quarantine = Quarantine(ROOT, disk)
    (entry,) = quarantine.list()
    with pytest.raises(UserError, match="cannot be requeued"):
        quarantine.requeue(entry.item_id)
    assert len(quarantine.list()) == 1


async def test_a_file_put_into_requeue_that_is_no_record_goes_to_the_quarantine() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        disk.put(ROOT / "requeue" / "hello.item", b"hello")
        async with asyncio.timeout(5):
            while not Quarantine(ROOT, disk).list():
                await asyncio.sleep(0.02)
        assert spool.stats().items == 0


@pytest.mark.parametrize("item_id", ["f" * 32, "../lock", "", "a/b", "x" * 200])
async def test_an_unknown_id_is_the_users_mistake(item_id: str) -> None:
    disk = Disk()
    await open_spool(disk).close()
    with pytest.raises(UserError, match="no such item"):
        Quarantine(ROOT, disk).show(item_id)
    with pytest.raises(UserError, match="no such item"):
        Quarantine(ROOT, disk).requeue(item_id)


def test_a_folder_without_a_spool_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be used"):
        Quarantine(tmp_path).list()


async def test_another_process_lists_and_requeues_while_the_spool_runs(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from monitor.spool import Quarantine\n"
        "quarantine = Quarantine(Path(sys.argv[1]))\n"
        "for entry in quarantine.list():\n"
        "    print(entry.item_id, entry.reason); quarantine.requeue(entry.item_id)\n"
    )
    async with running(Spool.open(tmp_path, make_settings(), Listener())) as spool:
        await append(spool, [1, 2], 3000)
        await set_aside(spool)
        command = [sys.executable, "-c", code, str(tmp_path)]
        answer = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, text=True, check=True
        )
        assert answer.stdout == f"{1:032x} verifier_fault\n"
        async with asyncio.timeout(10):
            assert [number_of(await spool.take()) for _ in range(2)] == [2, 1]
