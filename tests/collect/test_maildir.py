"""A Maildir and a folder of single mails as sources."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from monitor.collect.mail_folder import MailFolderIntake
from monitor.errors import SpoolFull
from monitor.settings import MailFolderSource
from tests.collect.pulling import LIMIT, Record, Remembering, mail
from tests.collect.wire import Counts, MemorySink, raising


@dataclass
class Folder:
    """A mail folder, the intake that watches it, its sink and its record."""

    path: Path
    format: Literal["maildir", "mbox", "eml"]
    sink: MemorySink = field(default_factory=MemorySink)
    looks: list[str] = field(default_factory=list)
    at: datetime | None = None

    def __post_init__(self) -> None:
        self.record = Record(self.sink)
        self.restart()

    def restart(self) -> None:
        """A new process on the same folder."""
        self.observer = Remembering()
        self.counts = Counts(self.observer)
        source = MailFolderSource(name="box", path=self.path, format=self.format, settle_seconds=0)
        self.intake = MailFolderIntake(
            source, self.sink, self.record, self.looks.append, LIMIT, self.observer,
            lambda: self.at or datetime.now(UTC),
        )  # fmt: skip

    async def look(self, times: int = 2) -> None:
        for _ in range(times):
            await self.intake.look()

    def tree(self) -> list[str]:
        """What lies below the folder, without times in names."""
        found = (path for path in self.path.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(self.path)) for path in found)

    def rejected(self) -> dict[str, str]:
        reasons = self.path.glob("rejected/*/*.reason.txt")
        return {
            path.name.removesuffix(".reason.txt"): path.read_text().splitlines()[0]
            for path in reasons
        }


@pytest.fixture
def maildir(tmp_path: Path) -> Folder:
    for name in ("tmp", "new", "cur"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    return Folder(tmp_path / "Maildir", "maildir")


@pytest.fixture
def single(tmp_path: Path) -> Folder:
    (tmp_path / "mails").mkdir()
    return Folder(tmp_path / "mails", "eml")


def name(number: int, at: float | None = None) -> str:
    return f"{int(at or time.time())}.M{number}P1.host"


def stored(raw: bytes) -> bytes:
    """As most delivery agents write a mail."""
    return raw.replace(b"\r\n", b"\n")


async def test_a_delivered_mail_is_taken_and_filed_in_the_archive_once_it_is_recorded(
    maildir: Folder,
) -> None:
    maildir.record.away = True
    (maildir.path / "new" / name(1)).write_bytes(stored(mail(1)))
    (maildir.path / "cur" / (name(2) + ":2,S")).write_bytes(stored(mail(2)))
    (maildir.path / "tmp" / name(3)).write_bytes(b"half a mai")
    before = maildir.tree()
    await maildir.look(3)
    assert maildir.tree() == before
    assert maildir.sink.bodies == [mail(1), mail(2)], "as sent, not as stored; each once"
    maildir.record.away = False
    await maildir.look()
    assert maildir.tree() == sorted([
        ".Archive/cur/" + name(1) + ":2,", ".Archive/cur/" + name(2) + ":2,S",
        ".Archive/maildirfolder", "tmp/" + name(3),
    ])  # fmt: skip
    assert {path.name for path in (maildir.path / ".Archive").iterdir() if path.is_dir()} == {
        "cur", "new", "tmp",
    }  # fmt: skip
    assert maildir.looks


async def test_a_mail_that_a_mail_program_opens_and_flags_meanwhile_is_taken_once(
    maildir: Folder,
) -> None:
    maildir.record.away = True
    path = maildir.path / "new" / name(1)
    path.write_bytes(stored(mail(1)))
    await maildir.look()
    opened = path.rename(maildir.path / "cur" / (name(1) + ":2,S"))
    await maildir.look()
    opened.rename(maildir.path / "cur" / (name(1) + ":2,FS"))
    maildir.record.away = False
    await maildir.look()
    assert len(maildir.sink.items) == 1
    assert (maildir.path / ".Archive" / "cur" / (name(1) + ":2,FS")).is_file()


async def test_after_a_restart_what_was_taken_has_its_identifier(maildir: Folder) -> None:
    maildir.record.away = True
    (maildir.path / "new" / name(1)).write_bytes(stored(mail(1)))
    await maildir.look()
    maildir.restart()
    await maildir.look()
    assert len(maildir.sink.items) == 2
    assert len({header.item_id for header, _ in maildir.sink.items}) == 1


async def test_after_a_restart_what_is_recorded_is_filed_without_being_taken(
    maildir: Folder,
) -> None:
    (maildir.path / "new" / name(1)).write_bytes(stored(mail(1)))
    await maildir.look(1)
    maildir.restart()
    await maildir.look()
    assert len(maildir.sink.items) == 1
    assert not list((maildir.path / "new").iterdir())


async def test_a_hard_link_is_a_mail_and_a_symbolic_link_is_none(
    maildir: Folder, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "stored-once"
    elsewhere.write_bytes(stored(mail(1)))
    os.link(elsewhere, maildir.path / "new" / name(1))
    (tmp_path / "secret").write_bytes(stored(mail(2)))
    (maildir.path / "new" / name(2)).symlink_to(tmp_path / "secret")
    (maildir.path / "new" / name(3)).write_bytes(b"")
    await maildir.look()
    assert maildir.sink.bodies == [mail(1)]
    assert maildir.rejected() == {name(2): "not_regular", name(3): "empty"}
    assert maildir.counts.dropped("not_regular") == 1


async def test_live_is_what_its_server_delivered_just_now_by_name_and_by_file(
    maildir: Folder,
) -> None:
    old = time.time() - 3 * 86400
    (maildir.path / "new" / name(1)).write_bytes(stored(mail(1)))
    (maildir.path / "new" / name(2, old)).write_bytes(stored(mail(2)))  # copied without its time
    late = maildir.path / "new" / name(3)
    late.write_bytes(stored(mail(3)))
    os.utime(late, (old, old))
    await maildir.look()
    live = {body: header.live for header, body in maildir.sink.items}
    assert live == {mail(1): True, mail(2): False, mail(3): False}


async def test_a_large_mail_keeps_its_header(maildir: Folder) -> None:
    raw = mail(1, LIMIT + 10)
    (maildir.path / "new" / name(1)).write_bytes(raw)
    await maildir.look()
    [(header, body)] = maildir.sink.items
    assert (header.oversize, header.size) == (True, len(raw))
    assert body == raw[: raw.index(b"\r\n\r\n") + 4]
    assert not list((maildir.path / "new").iterdir())


async def test_a_full_spool_leaves_the_mail_and_says_so_once(maildir: Folder) -> None:
    maildir.sink.before = raising(SpoolFull("full"))
    (maildir.path / "new" / name(1)).write_bytes(stored(mail(1)))
    await maildir.look(3)
    assert maildir.counts.event("folder_waiting") == 1
    assert maildir.looks == []
    maildir.sink.before = None
    await maildir.look()
    assert maildir.sink.bodies == [mail(1)]


async def test_a_folder_that_is_away_is_said_and_tried_again(maildir: Folder) -> None:
    gone = maildir.path.rename(maildir.path.with_name("away"))
    await maildir.look(1)
    assert maildir.counts.event("folder_unavailable") == 1
    gone.rename(maildir.path)
    (maildir.path / "new" / name(1)).write_bytes(stored(mail(1)))
    await maildir.look()
    assert maildir.sink.bodies == [mail(1)]


async def test_an_archive_that_is_a_link_is_not_followed(maildir: Folder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (maildir.path / ".Archive").symlink_to(tmp_path / "elsewhere")
    (maildir.path / "new" / name(1)).write_bytes(stored(mail(1)))
    await maildir.look()
    assert maildir.counts.event("folder_unavailable") >= 1
    assert not list((tmp_path / "elsewhere").iterdir())
    assert (maildir.path / "new" / name(1)).exists()


# -- single mails ---------------------------------------------------------------------------------


async def test_single_mails_go_to_done_and_what_is_none_is_rejected_with_its_reason(
    single: Folder,
) -> None:
    single.at = datetime(2026, 11, 16, 20, 0, tzinfo=UTC)
    (single.path / "a.eml").write_bytes(mail(1))
    (single.path / "b.eml").write_bytes(
        b"From nguyen@mot.example Mon Nov 16 08:00:00 2026\n" + stored(mail(2))
    )
    (single.path / "report.pdf").write_bytes(b"%PDF-1.7\n...")
    (single.path / "nothing.eml").write_bytes(b"")
    for name in (".rsync.x3f", "c.eml.5a81.partial", "d.eml.part"):
        (single.path / name).write_bytes(mail(3)[:-20])
    await single.look()
    assert [body.count(b"\r\n") for body in single.sink.bodies] == [
        mail(1).count(b"\r\n"), mail(2).count(b"\r\n") + 1,
    ]  # fmt: skip
    assert single.rejected() == {"report.pdf": "not_a_mail", "nothing.eml": "empty"}
    done = single.path / "done" / "2026-11-17"
    assert sorted(path.name for path in done.iterdir()) == ["a.eml", "b.eml"]
    assert [header.live for header, _ in single.sink.items] == [False, False]


async def test_a_single_mail_is_left_alone_until_it_rests(
    single: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("monitor.collect.watch.monotonic", lambda: clock[0])
    source = MailFolderSource(name="box", path=single.path, format="eml", settle_seconds=2)
    intake = MailFolderIntake(
        source, single.sink, single.record, single.looks.append, LIMIT, single.observer
    )
    raw = mail(1, 5000)
    for end in (100, 2000, len(raw)):
        (single.path / "a.eml").write_bytes(raw[:end])
        clock[0] += 1
        await intake.look()
    assert single.sink.items == []
    clock[0] += 2
    await intake.look()
    assert single.sink.bodies == [raw]


@pytest.mark.parametrize("change", [lambda raw: raw, stored])
async def test_the_same_mail_out_of_another_file_is_the_same_item(
    single: Folder, change: Callable[[bytes], bytes]
) -> None:
    (single.path / "a.eml").write_bytes(mail(1))
    (single.path / "b.eml").write_bytes(change(mail(1)))
    await single.look()
    assert len({header.item_id for header, _ in single.sink.items}) == 1
