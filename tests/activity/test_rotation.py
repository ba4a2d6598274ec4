"""Whatever is done to a log, each of its lines is read once."""

import bz2
import gzip
import lzma
import os
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest.mock import Mock

import pytest

from monitor.activity.blocks import Blocks
from monitor.activity.events import LogCaughtUp, LogFileDamaged, LogGap, LogLinesOverlong
from monitor.activity.files import OPENERS, FileChanged, LogUnreadable, find
from monitor.activity.folding import Folded
from monitor.activity.lines import Found
from monitor.activity.marks import FileMark
from tests.activity.small_logs import Bench, line


def renamed(path: Path, suffix: str = ".1") -> Path:
    return path.rename(path.with_name(path.name + suffix))


def packed(path: Path, suffix: str = ".gz") -> Path:
    """As gzip does it: the packed file has the time of the plain one, which goes last."""
    pack: dict[str, Callable[[bytes], bytes]] = {
        ".gz": gzip.compress,
        ".bz2": bz2.compress,
        ".xz": lzma.compress,
    }
    target = path.with_name(path.name + suffix)
    target.write_bytes(pack[suffix](path.read_bytes()))
    os.utime(target, ns=(path.stat().st_mtime_ns,) * 2)
    path.unlink()
    return target


async def test_lines_are_read_once_as_they_come(bench: Bench) -> None:
    for count in (3, 0, 5):
        bench.write(count) if count else None
        await bench.look()
    await bench.prove()


async def test_what_was_read_before_a_restart_is_not_read_again(bench: Bench) -> None:
    bench.write(5)
    await bench.look()
    bench.restart()
    bench.write(5)
    await bench.look()
    await bench.prove()


async def test_the_readers_memory_outlasts_a_restart_and_is_sealed(bench: Bench) -> None:
    bench.write(5)
    await bench.look()
    bench.restart()
    await bench.look()
    assert bench.follower._reading.state == '{"seen": 5}'
    async with bench.database.connection() as connection:
        stored = await connection.fetchval("SELECT position::text FROM log_checkpoint WHERE file=0")
    assert "seen" not in stored


async def test_an_unfinished_line_waits_for_its_end(bench: Bench) -> None:
    bench.write(2, end=line(2)[:20])
    await bench.look(2)
    assert bench.follower.totals.lines == 2
    with bench.path.open("ab") as log:
        log.write(line(2)[20:])
    bench.written += 1
    await bench.look()
    await bench.prove()


@pytest.mark.parametrize("suffix", [".1", "-20261122", ".2026-11-22", ".0", ".old"])
async def test_a_renamed_log_is_read_to_its_end_and_the_next_one_begun(
    bench: Bench, suffix: str
) -> None:
    bench.write(3)
    await bench.look()
    bench.write(2)
    old = renamed(bench.path, suffix)
    bench.write(4)
    await bench.look()
    bench.write(1, old)
    await bench.look()
    await bench.prove()
    assert not bench.events.named(LogGap)


async def test_a_date_before_the_ending_is_a_rotation_too(bench: Bench) -> None:
    bench.write(3)
    bench.path.rename(bench.path.with_name("mail-20261122.log"))
    bench.write(3)
    await bench.look()
    await bench.prove()


async def test_other_logs_of_the_folder_are_left_alone(bench: Bench) -> None:
    for name in ("mail.log.bak2", "mail.err", "mail.log-archive", "maillog", ".mail.log.1.swp"):
        bench.path.with_name(name).write_bytes(line(99))
    bench.write(3)
    await bench.look()
    await bench.prove()


async def test_several_rotations_while_nobody_looked(bench: Bench) -> None:
    bench.write(3)
    await bench.look()
    bench.restart()
    bench.write(2)
    for number in (4, 3, 2, 1):
        renamed(bench.path, f".{number}")
        bench.write(number)
    packed(bench.path.with_name("mail.log.4"))
    packed(bench.path.with_name("mail.log.3"), ".xz")
    packed(bench.path.with_name("mail.log.2"), ".bz2")
    await bench.look()
    await bench.prove()
    assert not bench.events.named(LogGap)


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
@pytest.mark.parametrize("unread", [0, 4])
async def test_a_compressed_successor_is_known_by_its_content(
    bench: Bench, suffix: str, unread: int
) -> None:
    bench.write(200)
    await bench.look()
    bench.write(unread)
    packed(renamed(bench.path), suffix)
    bench.write(2)
    await bench.look(2)
    bench.restart()
    await bench.look()
    await bench.prove()


async def test_a_file_that_is_being_compressed_is_read_from_the_plain_one(bench: Bench) -> None:
    bench.write(200)
    await bench.look()
    bench.write(5)
    old = renamed(bench.path)
    bench.write(1)
    half = gzip.compress(old.read_bytes())
    old.with_name("mail.log.1.gz").write_bytes(half[: len(half) // 2])
    await bench.look()
    old.with_name("mail.log.1.gz").write_bytes(half)
    await bench.look()
    old.unlink()
    await bench.look(2)
    await bench.prove()
    assert not bench.events.named(LogGap)


async def test_a_packed_file_that_is_cut_off_gives_what_it_has_and_says_so(bench: Bench) -> None:
    bench.write(2000)
    whole = gzip.compress(bench.path.read_bytes(), compresslevel=1)
    bench.path.with_name("mail.log.1.gz").write_bytes(whole[: len(whole) // 2])
    bench.path.write_bytes(b"")
    await bench.look(2)
    assert 200 < bench.follower.totals.lines < 2000
    assert len(bench.events.named(LogFileDamaged)) == 1


def truncated(path: Path, copy: str = ".1") -> Path:
    """As logrotate does it with copytruncate."""
    target = path.with_name(path.name + copy)
    shutil.copyfile(path, target)
    os.truncate(path, 0)
    return target


async def test_a_copied_and_truncated_log_is_read_on_in_its_copy(bench: Bench) -> None:
    bench.write(100)
    await bench.look()
    bench.write(7)
    truncated(bench.path)
    await bench.look(2)
    bench.write(3)
    await bench.look()
    await bench.prove()
    assert not bench.events.named(LogGap)


async def test_a_truncated_log_that_has_outgrown_the_old_place_is_noticed(bench: Bench) -> None:
    bench.write(20)
    await bench.look()
    truncated(bench.path)
    bench.write(100)
    await bench.look()
    await bench.prove()


async def test_a_copy_is_not_taken_for_a_new_file_before_the_truncation(bench: Bench) -> None:
    bench.settle_seconds = 3600
    bench.write(50)
    await bench.look()
    copy = bench.path.with_name("mail.log.1")
    content = bench.path.read_bytes()
    for part in (300, 2000, len(content)):
        copy.write_bytes(content[:part])
        await bench.look()
    bench.write(2)
    await bench.look()
    os.truncate(bench.path, 0)
    os.utime(copy, (0, 0))
    await bench.look(3)
    bench.write(5)
    await bench.look()
    await bench.prove()


async def test_a_copy_that_is_being_made_of_an_unread_log_is_left_alone(bench: Bench) -> None:
    bench.settle_seconds = 3600
    bench.write(50)
    bench.path.with_name("mail.log.1").write_bytes(bench.path.read_bytes()[:700])
    await bench.look(2)
    assert bench.follower.totals.lines == 0, "the live one waits for what may be older"


async def test_nul_where_a_writer_went_on_behind_a_truncation(bench: Bench) -> None:
    with bench.path.open("wb") as log:
        for number in range(40):
            log.write(line(number))
        log.flush()
        await bench.look()
        truncated(bench.path)
        for number in range(40, 45):
            log.write(line(number))
        log.flush()
        await bench.look()
        log.write(line(45))
        log.flush()
        await bench.look()
    bench.written = 46
    await bench.prove()


async def test_a_hole_of_many_blocks_is_passed_over(bench: Bench) -> None:
    with bench.path.open("wb") as log:
        log.seek(5_000_000)
        log.write(line(0))
    bench.written = 1
    await bench.look()
    await bench.prove()
    assert not bench.events.named(LogLinesOverlong)


async def test_a_file_that_vanished_unseen_is_told_as_a_gap(bench: Bench) -> None:
    bench.write(5)
    await bench.look()
    bench.restart()
    bench.path.unlink()
    bench.write(5)
    await bench.look(3)
    await bench.prove()
    [gap] = bench.events.named(LogGap)
    assert isinstance(gap, LogGap)
    assert gap.since is not None
    assert bench.follower.totals.gaps == 1
    bench.restart()
    await bench.look(3)
    assert len(bench.events.named(LogGap)) == 1


async def test_a_file_that_was_removed_while_it_was_held_is_read_to_its_end(bench: Bench) -> None:
    bench.write(5)
    await bench.look()
    bench.write(5)
    bench.path.unlink()
    bench.write(5)
    await bench.look(4)
    await bench.prove()
    assert not bench.events.named(LogGap)
    assert len(bench.follower._held._held) == 1


async def test_an_emptied_log_without_copy_is_told_as_a_gap(bench: Bench) -> None:
    bench.write(5)
    await bench.look()
    bench.path.write_bytes(b"")
    bench.write(5)
    await bench.look(3)
    await bench.prove()
    assert len(bench.events.named(LogGap)) == 1


async def test_an_old_file_that_was_read_may_vanish(bench: Bench) -> None:
    bench.write(5)
    old = renamed(bench.path)
    bench.write(5)
    await bench.look(2)
    old.unlink()
    await bench.look(3)
    await bench.prove()
    assert not bench.events.named(LogGap)


async def test_an_inode_that_is_used_again_is_another_file(bench: Bench) -> None:
    bench.write(30)
    await bench.look()
    old = renamed(bench.path)
    await bench.look()
    content, inode = old.read_bytes(), old.stat().st_ino
    gone = old.with_name("mail.log.2")
    gone.write_bytes(content)
    with old.open("r+b") as reused:  # same inode, new content, another name
        reused.truncate()
    old.rename(bench.path)
    assert bench.path.stat().st_ino == inode
    bench.write(40)
    await bench.look(3)
    await bench.prove()


async def test_an_editor_that_saves_the_same_lines_makes_nothing_twice(bench: Bench) -> None:
    bench.write(30)
    await bench.look()
    saved = bench.path.with_name("mail.log~")
    saved.write_bytes(bench.path.read_bytes() + line(30))
    saved.rename(bench.path)
    bench.written = 31
    await bench.look(3)
    await bench.prove()
    assert not bench.events.named(LogGap)
    assert len(bench.follower._held._held) == 1


async def test_the_last_line_of_a_rotated_file_needs_no_line_feed(bench: Bench) -> None:
    bench.write(2, end=line(2).rstrip(b"\n"))
    await bench.look()
    renamed(bench.path)
    bench.written = 3
    bench.write(2)
    await bench.look(2)
    await bench.prove()


async def test_the_last_line_is_not_taken_while_it_may_be_finished(bench: Bench) -> None:
    bench.settle_seconds = 3600
    bench.write(2, end=line(2)[:20])
    await bench.look()
    old = renamed(bench.path)
    await bench.look(2)
    assert bench.follower.totals.lines == 2
    with old.open("ab") as log:
        log.write(line(2)[20:])
    bench.written = 3
    await bench.look()
    await bench.prove()


async def test_a_line_of_absurd_length_is_left_out_and_counted(bench: Bench) -> None:
    bench.write(2, end=b"x" * 3_000_000)
    await bench.look()
    bench.write(0, end=b"y" * 100_000 + b"\n")
    bench.write(2)
    bench.restart()
    await bench.look()
    await bench.prove()
    assert bench.follower.totals.overlong == 1


async def test_a_log_that_is_not_there_yet_is_waited_for(bench: Bench) -> None:
    with pytest.raises(LogUnreadable) as refused:
        await bench.look()
    assert refused.value.reason == "missing"
    bench.write(2)
    await bench.look()
    await bench.prove()


async def test_a_log_that_may_not_be_read_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(2)
    with monkeypatch.context() as patched:
        patched.setattr("monitor.activity.files.os.open", Mock(side_effect=PermissionError))
        look = await bench.follower.catch_up()
    assert [each.reason for each in look.troubles] == ["permission"]
    await bench.look()
    await bench.prove()


async def test_a_folder_and_a_fifo_are_refused(bench: Bench) -> None:
    bench.path.mkdir()
    with pytest.raises(LogUnreadable, match="directory"):
        await bench.look()
    bench.path.rmdir()
    os.mkfifo(bench.path)
    with pytest.raises(LogUnreadable, match="not_regular"):
        await bench.look()


async def test_a_link_to_a_dated_file_is_followed_from_one_to_the_next(bench: Bench) -> None:
    first, second = (bench.path.with_name(f"mail.log-2026112{day}") for day in (1, 2))
    bench.write(3, first)
    bench.path.symlink_to(first.name)
    await bench.look()
    bench.write(2, first)
    bench.path.unlink()
    bench.write(2, second)
    bench.path.symlink_to(second.name)
    await bench.look(2)
    await bench.prove()
    assert not bench.events.named(LogGap)


async def test_a_backup_that_is_put_back_is_known(bench: Bench) -> None:
    bench.write(50)
    content = bench.path.read_bytes()
    old = renamed(bench.path)
    bench.write(5)
    await bench.look(2)
    old.unlink()
    await bench.look(3)
    bench.path.with_name("mail.log.3").write_bytes(content)
    await bench.look(2)
    await bench.prove()


async def test_files_of_a_pattern_are_read_once_each_and_late_lines_too(bench: Bench) -> None:
    folder = bench.path.parent
    bench.path, bench.copied = folder / "MSGTRK*.LOG", False
    first, second, third = (folder / f"MSGTRK2026112{n}.LOG" for n in (1, 2, 3))
    bench.write(3, first)
    bench.write(3, second)
    (folder / "OTHER.LOG").write_bytes(line(99))
    await bench.look()
    bench.write(2, first)
    bench.write(2, third)
    await bench.look()
    bench.restart()
    packed(first)
    await bench.look(2)
    await bench.prove()
    assert not bench.events.named(LogGap)


async def test_files_that_begin_with_the_same_lines_are_told_apart(bench: Bench) -> None:
    folder, heading = bench.path.parent, b"#Software: Mail\n#Fields: date-time,event\n"
    bench.path, bench.copied = folder / "T*.LOG", False
    for name in ("T1.LOG", "T2.LOG", "T3.LOG"):
        (folder / name).write_bytes(heading)
        await bench.look()
    for name in ("T2.LOG", "T3.LOG", "T1.LOG"):
        bench.write(3, folder / name)
        await bench.look()
    bench.restart()
    await bench.look()
    await bench.prove(lines=9 + 6)


async def test_files_are_read_the_oldest_first(bench: Bench) -> None:
    for age, suffix in ((10, ".1"), (20, ".2"), (30, ".3")):
        path = bench.path.with_name(bench.path.name + suffix)
        path.write_bytes(f"2026-11-22T03:00:00 login an{age}@mot.example\n".encode())
        at = time.time() - age * 3600
        os.utime(path, (at, at))
    bench.path.write_bytes(b"2026-11-22T03:00:00 login an0@mot.example\n")
    seen: list[str] = []
    begin = bench.follower._shared.folding.fold

    def fold(found):  # type: ignore[no-untyped-def]
        seen.extend(address for address, _ in found.activity)
        return begin(found)

    bench.follower._shared.folding.fold = fold  # type: ignore[method-assign]
    await bench.look()
    assert seen == [f"an{age}@mot.example" for age in (30, 20, 10, 0)]


async def test_a_packing_that_this_python_lacks_is_told_and_the_rest_is_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(OPENERS, ".zst", raising=False)
    bench.path.with_name("mail.log.1.zst").write_bytes(b"(\xb5/\xfd")
    bench.write(3)
    look = await bench.follower.catch_up()
    assert [each.reason for each in look.troubles] == ["compression"]
    await bench.prove()


async def test_a_log_that_is_truncated_between_two_blocks_is_noticed(bench: Bench) -> None:
    bench.write(20)
    blocks = Blocks(find(bench.path)[-1], FileMark(1), size=500)
    first = blocks.next(final=False)
    assert first is not None
    assert 1 < first.lines < 20
    bench.path.write_bytes(b"")
    bench.write(30)
    with pytest.raises(FileChanged):
        blocks.next(final=False)
    blocks.close()


async def test_many_blocks_are_read_one_after_the_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.activity.following.Blocks", partial(Blocks, size=300))
    monkeypatch.setattr("monitor.activity.following.LONG_SECONDS", -1.0)
    bench.write(100)
    await bench.look()
    packed(renamed(bench.path))
    bench.write(100)
    await bench.look(2)
    await bench.prove()
    assert bench.events.named(LogCaughtUp)[0].lines == 100  # type: ignore[attr-defined]


async def test_marks_of_files_that_are_gone_for_long_are_forgotten(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.activity.ledger.VANISHED_KEPT", 2)
    for _ in range(6):
        bench.write(1)
        await bench.look()
        old = renamed(bench.path)
        await bench.look()
        old.unlink()
    bench.write(1)
    await bench.look(2)
    await bench.prove()
    async with bench.database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM log_checkpoint") == 1 + 2 + 1


async def test_what_was_read_before_a_truncation_is_recorded_first(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.activity.following.Blocks", partial(Blocks, size=300))
    bench.write(50)
    fold, folds = bench.follower._shared.folding.fold, []

    def fold_and_truncate(found: Found) -> Folded:
        folds.append(found)
        if len(folds) == 2:
            truncated(bench.path)
            bench.write(60)
        return fold(found)

    monkeypatch.setattr(bench.follower._shared.folding, "fold", fold_and_truncate)
    await bench.look(3)
    await bench.prove()
    assert bench.follower._reading.state == '{"seen": 110}'


async def test_an_unread_file_that_is_being_compressed_is_read_from_the_plain_one(
    bench: Bench,
) -> None:
    bench.write(200)
    old = renamed(bench.path)
    bench.write(1)
    whole = gzip.compress(old.read_bytes(), compresslevel=1)
    old.with_name("mail.log.1.gz").write_bytes(whole[: len(whole) // 2])
    await bench.look()
    old.with_name("mail.log.1.gz").write_bytes(whole)
    old.unlink()
    await bench.look(2)
    await bench.prove()


async def test_a_truncated_log_with_the_same_long_heading_is_noticed(bench: Bench) -> None:
    heading = b"# a heading that never changes\n" * 60
    bench.path.write_bytes(heading)
    bench.write(20)
    await bench.look()
    truncated(bench.path)
    bench.path.write_bytes(heading)
    bench.write(40)
    await bench.look(3)
    await bench.prove(lines=60 + 60 + 60)
