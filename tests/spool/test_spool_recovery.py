"""What a spool finds again after a crash or with corrupt files: exhaustively, byte by byte."""

import struct
import warnings
from datetime import timedelta

import pytest

from monitor.spool import Quarantine, Spool
from tests.spool.disk import Disk, Loss
from tests.spool.samples import (
    ROOT,
    START,
    Listener,
    append,
    contents,
    drain,
    make_header,
    make_settings,
    number_of,
    open_spool,
    running,
)

SEGMENT_HEADER = 36


async def spooled_disk(numbers: range = range(3), size: int = 40) -> Disk:
    """A disk with these items in one segment."""
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        for number in numbers:
            await append(spool, [number], size)
    return disk


def record_bytes(disk: Disk, items: int) -> int:
    (segment,) = disk.paths(".seg")
    return (len(disk.content(segment)) - SEGMENT_HEADER) // items


async def test_a_reopened_spool_hands_out_what_it_held_in_order() -> None:
    disk = await spooled_disk(range(50))
    assert await contents(disk) == list(range(50))


async def test_a_segment_cut_at_any_byte_keeps_exactly_the_whole_records_before_the_cut() -> None:
    disk = await spooled_disk()
    (segment,) = disk.paths(".seg")
    whole = disk.content(segment)
    length = record_bytes(disk, 3)
    for cut in range(len(whole)):
        broken = disk.copy()
        broken.put(segment, whole[:cut])
        listener = Listener()
        spool = open_spool(broken, listener)
        expected = max(0, cut - SEGMENT_HEADER) // length
        assert spool.stats().items == expected, cut
        assert spool.stats().bytes == expected * length
        assert spool.stats().quarantine_items == 0, cut
        on_edge = cut == 0 or (cut >= SEGMENT_HEADER and (cut - SEGMENT_HEADER) % length == 0)
        assert ("spool_tail_torn" in listener.names()) == (not on_edge), cut
        assert not listener.dropped("corrupt")
        await spool.close()


async def test_after_a_cut_new_items_follow_the_old_ones() -> None:
    disk = await spooled_disk()
    (segment,) = disk.paths(".seg")
    disk.put(segment, disk.content(segment)[:-7])
    async with running(open_spool(disk)) as spool:
        await append(spool, [7, 8])
    assert await contents(disk) == [0, 1, 7, 8]


async def test_any_flipped_byte_costs_one_record_which_is_set_aside_and_counted() -> None:
    disk = await spooled_disk()
    (segment,) = disk.paths(".seg")
    whole = disk.content(segment)
    length = record_bytes(disk, 3)
    for at in range(len(whole)):
        broken = disk.copy()
        flipped = bytearray(whole)
        flipped[at] ^= 0x20
        broken.put(segment, bytes(flipped))
        listener = Listener()
        in_header = at < SEGMENT_HEADER
        hit = None if in_header else (at - SEGMENT_HEADER) // length
        survivors = [number for number in range(3) if number != hit]
        if at % 16:
            spool = open_spool(broken, listener)
            assert spool.stats().items == len(survivors), at
            await spool.close()
        else:
            assert await contents(broken, listener) == survivors, at
        (entry,) = Quarantine(ROOT, broken).list()
        start = 0 if in_header else SEGMENT_HEADER + (hit or 0) * length
        raw = Quarantine(ROOT, broken).show(entry.item_id).body
        assert entry.reason == "corrupt"
        assert raw == bytes(flipped[start : start + (SEGMENT_HEADER if in_header else length)])
        assert listener.dropped("corrupt") == 1
        assert "spool_tail_torn" not in listener.names(), at


async def test_a_flipped_byte_in_an_earlier_segment_is_found_when_the_item_is_read() -> None:
    disk = await spooled_disk()
    (first,) = disk.paths(".seg")
    length = record_bytes(disk, 3)
    async with running(open_spool(disk)) as spool:
        await append(spool, [3])
    whole = disk.content(first)
    for at in range(SEGMENT_HEADER, len(whole), 7):
        broken = disk.copy()
        flipped = bytearray(whole)
        flipped[at] ^= 0x01
        broken.put(first, bytes(flipped))
        listener = Listener()
        hit = (at - SEGMENT_HEADER) // length
        assert await contents(broken, listener) == [n for n in range(4) if n != hit], at
        assert listener.dropped("corrupt") == 1
        assert len(Quarantine(ROOT, broken).list()) == 1


async def test_damage_is_set_aside_once_however_often_the_spool_is_opened() -> None:
    disk = await spooled_disk()
    (segment,) = disk.paths(".seg")
    flipped = bytearray(disk.content(segment))
    flipped[SEGMENT_HEADER + 60] ^= 1
    disk.put(segment, bytes(flipped))
    listener = Listener()
    for _ in range(3):
        spool = open_spool(disk, listener)
        assert spool.stats().items == 2
        await spool.close()
    assert listener.dropped("corrupt") == 1


async def test_a_flipped_byte_in_a_big_earlier_record_is_found_when_it_is_read() -> None:
    disk = await spooled_disk(range(2), 600_000)
    (first,) = disk.paths(".seg")
    length = record_bytes(disk, 2)
    async with running(open_spool(disk)) as spool:
        await append(spool, [2])
    whole = disk.content(first)
    for at in (5, 13, 40, 100, length // 2, length - 1):
        broken = disk.copy()
        flipped = bytearray(whole)
        flipped[SEGMENT_HEADER + at] ^= 0x01
        broken.put(first, bytes(flipped))
        assert await contents(broken) == [1, 2], at
        assert len(Quarantine(ROOT, broken).list()) == 1


async def test_a_record_inside_a_body_is_never_taken_for_one() -> None:
    disk = await spooled_disk(range(1))
    (segment,) = disk.paths(".seg")
    record = disk.content(segment)[SEGMENT_HEADER:]
    other = Disk()
    header = make_header(5, len(record))
    async with running(open_spool(other)) as spool:
        await spool.append(header, [record])
        await append(spool, [6])
    (segment,) = other.paths(".seg")
    broken = bytearray(other.content(segment))
    broken[SEGMENT_HEADER + 8] ^= 1
    other.put(segment, bytes(broken))
    assert await contents(other) == [6]


async def test_what_lies_past_the_durable_length_of_an_earlier_segment_is_cut() -> None:
    disk = await spooled_disk()
    (first,) = disk.paths(".seg")
    async with running(open_spool(disk)) as spool:
        await append(spool, [3])
    whole = disk.content(first)
    disk.put(first, whole + whole[SEGMENT_HEADER:])
    listener = Listener()
    assert await contents(disk, listener) == [0, 1, 2, 3]
    assert "spool_tail_torn" in listener.names()


async def test_an_earlier_segment_that_lost_its_end_is_reported_as_loss() -> None:
    disk = await spooled_disk()
    (first,) = disk.paths(".seg")
    async with running(open_spool(disk)) as spool:
        await append(spool, [3])
    disk.put(first, disk.content(first)[:-10])
    listener = Listener()
    assert await contents(disk, listener) == [0, 1, 3]
    assert listener.dropped("missing") == 1
    assert listener.dropped("corrupt") == 1


async def test_what_was_done_is_not_handed_out_again_after_a_restart() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, range(6))
        taken = [await spool.take() for _ in range(6)]
        for spooled in taken[1::2]:
            spool.done(spooled)
    assert await contents(disk) == [0, 2, 4]


async def test_a_damaged_side_file_repeats_work_and_loses_nothing() -> None:
    disk = Disk()
    async with running(open_spool(disk)) as spool:
        await append(spool, range(4))
        for _ in range(2):
            spool.done(await spool.take())
    (acks,) = disk.paths(".ack")
    whole = disk.content(acks)
    for at in range(len(whole)):
        broken = disk.copy()
        flipped = bytearray(whole)
        flipped[at] ^= 4
        broken.put(acks, bytes(flipped))
        spool = open_spool(broken)
        assert spool.stats().items == 3, at
        await spool.close()
    waiting = SEGMENT_HEADER + 2 * record_bytes(disk, 4)
    disk.put(acks, whole + struct.pack("<QI", waiting, 0))
    spool = open_spool(disk)
    assert spool.stats().items == 2
    await spool.close()
    disk.put(acks, whole[:-1])
    assert len(await contents(disk)) == 3


async def test_a_finished_segment_leaves_no_file() -> None:
    disk = Disk()
    async with running(open_spool(disk, segment_bytes=2000)) as spool:
        await append(spool, range(4), 900)
        await append(spool, range(4, 8), 900)
        await append(spool, range(8, 12), 900)
        await drain(spool)
    assert await contents(disk) == []
    assert len(disk.paths(".seg")) <= 1


async def test_figures_after_a_crash_are_those_before_it() -> None:
    disk = Disk()
    spool = open_spool(disk)
    async with running(spool):
        await append(spool, range(5))
        spool.done(await spool.take())
        before = spool.stats()
    disk.reboot(Loss.LOST)
    clock = START + timedelta(seconds=100)
    spool = Spool.open(ROOT, make_settings(), Listener(), files=disk, clock=lambda: clock)
    after = spool.stats()
    # The side file is not synced: what was done may come back, nothing else differs.
    assert before.items == 4
    assert (after.items, after.oldest_age_seconds) in {(4, 99.0), (5, 100.0)}
    assert after.quarantine_items == 0
    async with running(spool):
        taken = await drain(spool)
    assert [number_of(spooled) for spooled in taken][-4:] == [1, 2, 3, 4]
    assert spool.stats().oldest_age_seconds is None
    assert spool.stats().bytes == 0


@pytest.mark.parametrize("name", ["readme.txt", "000000000001.seg", "x.ack"])
async def test_a_file_that_is_none_of_the_spools_is_left_alone(name: str) -> None:
    disk = await spooled_disk()
    disk.put(ROOT / "segments" / name, b"hello")
    listener = Listener()
    assert await contents(disk, listener) == [0, 1, 2]
    assert disk.content(ROOT / "segments" / name) == b"hello"
    assert "spool_foreign_file" in listener.names()


async def test_a_killed_process_and_then_a_power_cut_are_no_loss() -> None:
    disk = await spooled_disk()
    (first,) = disk.paths(".seg")
    whole = disk.content(first)
    last = whole[-record_bytes(disk, 3) :]
    disk.put(first, whole[: -len(last)])
    descriptor = disk.open(first, write=True)
    disk.write(descriptor, [last], disk.size(descriptor))
    disk.reboot(Loss.KEPT)
    async with running(open_spool(disk)) as spool:
        assert spool.stats().items == 3
        await append(spool, [3])
    disk.reboot(Loss.LOST)
    listener = Listener()
    assert await contents(disk, listener) == [0, 1, 2, 3]
    assert not listener.dropped("missing")


async def test_a_record_of_another_release_is_set_aside_whole() -> None:
    disk = Disk()
    header = make_header(1).model_copy(update={"channel": "pigeon"})
    async with running(open_spool(disk)) as spool:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await spool.append(header, [b"body"])
        await append(spool, [2])
    listener = Listener()
    assert await contents(disk, listener) == [2]
    assert listener.dropped("header_unknown") == 1
    (entry,) = Quarantine(ROOT, disk).list()
    assert entry.reason == "header_unknown"
    assert b"pigeon" in Quarantine(ROOT, disk).show(entry.item_id).body
