"""A journal mailbox on a real Dovecot: taken, recorded, moved; whatever happens in between."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor.collect.events import MailboxFault, MailboxUnavailable
from monitor.collect.imap import MailboxIntake
from monitor.errors import SpoolFull
from monitor.model import Channel, ItemHeader, PayloadKind
from monitor.settings import ImapSource
from tests.collect.certificates import Issuer
from tests.collect.pulling import LIMIT, Record, Remembering, mail
from tests.collect.wire import Counts, MemorySink, raising
from tests.support.dovecot import PASSWORD, Dovecot, with_dovecot

pytestmark = with_dovecot


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with Dovecot() as server:
        yield server


@dataclass
class Reader:
    """An intake on a mailbox, with its sink and record in hand."""

    source: ImapSource
    sink: MemorySink = field(default_factory=MemorySink)
    looks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.record = Record(self.sink)
        self.observer = Remembering()
        self.counts = Counts(self.observer)

    def intake(self) -> MailboxIntake:
        """One with an empty memory, as after a start of the daemon."""
        return MailboxIntake(
            self.source, self.sink, self.record, self.looks.append, LIMIT, self.observer
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.intake().run())
            try:
                yield
            finally:
                task.cancel()

    def unavailable(self) -> list[MailboxUnavailable]:
        return [each for each in self.observer.events if isinstance(each, MailboxUnavailable)]

    def faults(self) -> list[str]:
        return [each.fault for each in self.unavailable()]

    def ids(self) -> set[str]:
        return {header.item_id for header, _ in self.sink.items}


def _has(reader: Reader, mails: int) -> bool:
    return len(reader.sink.items) >= mails


async def until(happened: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(happened):
            await asyncio.sleep(0.05)


async def test_a_mail_is_taken_as_it_lies_there_and_moved_once_it_is_recorded(
    dovecot: Dovecot,
) -> None:
    reader = Reader(dovecot.source())
    reader.record.away = True
    dovecot.put(mail(1))
    async with reader.running():
        await until(lambda: bool(reader.sink.items))
        await until(lambda: len(reader.looks) >= 3)
        assert dovecot.holds("INBOX") == 1
        assert dovecot.holds("Archive") == -1
        assert len(reader.sink.items) == 1, "what waits for the record is not taken each time"
        reader.record.away = False
        await until(lambda: dovecot.holds("Archive") == 1)
        assert dovecot.holds("INBOX") == 0
    [(header, body)] = reader.sink.items
    assert body == mail(1)
    assert (header.kind, header.source, header.channel, header.size, header.live) == (
        PayloadKind.MAIL, "journal", Channel.MAIL, len(body), True,
    )  # fmt: skip
    assert header.pulled
    assert reader.counts.event("message_captured") == 1


async def test_a_new_mail_is_told_by_the_server_and_not_waited_for(dovecot: Dovecot) -> None:
    reader = Reader(dovecot.source(poll_seconds=3000))
    async with reader.running():
        await until(lambda: len(reader.looks) == 1)
        await asyncio.sleep(0.3)  # it idles by now
        dovecot.put(mail(1))
        await until(lambda: len(reader.sink.items) == 1)


async def test_without_an_archive_a_recorded_mail_is_deleted(dovecot: Dovecot) -> None:
    reader = Reader(dovecot.source(archive=None))
    dovecot.put(mail(1), mail(2))
    async with reader.running():
        await until(lambda: dovecot.holds() == 0)
    assert len(reader.sink.items) == 2


@pytest.mark.parametrize("security", ["starttls", "none"])
async def test_it_speaks_by_starttls_and_to_this_machine_in_the_clear(
    dovecot: Dovecot, security: str
) -> None:
    reader = Reader(dovecot.source(security=security, port=dovecot.port))
    dovecot.put(mail(1))
    async with reader.running():
        await until(lambda: dovecot.holds("Archive") == 1)


async def test_folders_may_have_vietnamese_names(dovecot: Dovecot) -> None:
    reader = Reader(dovecot.source(archive="Đã ghi nhận"))
    dovecot.put(mail(1))
    async with reader.running():
        await until(lambda: dovecot.holds("INBOX") == 0)
    assert dovecot.holds('"&ARAA4w- ghi nh&Hq0-n"') == 1


@pytest.mark.parametrize(
    "capability", ["IMAP4rev1 UIDPLUS SASL-IR", "IMAP4rev1 MOVE"], ids=["no-move", "no-uidplus"]
)
async def test_a_server_that_lacks_one_way_to_move_is_served_the_other(capability: str) -> None:
    with Dovecot(capability) as dovecot:
        reader = Reader(dovecot.source(poll_seconds=0.2))
        dovecot.put(mail(1), mail(2))
        async with reader.running():
            await until(lambda: dovecot.holds("Archive") == 2)
            assert dovecot.holds() == 0


async def test_a_server_that_can_take_no_single_mail_out_keeps_them_all_and_it_is_said() -> None:
    with Dovecot("IMAP4rev1") as dovecot:
        reader = Reader(dovecot.source(poll_seconds=0.2))
        dovecot.put(mail(1))
        async with reader.running():
            await until(lambda: reader.counts.event("mailbox_not_cleared") >= 2)
        assert dovecot.holds() == 1
        assert len(reader.sink.items) == 1


async def test_a_thousand_mails_are_taken_each_once_and_all_moved(dovecot: Dovecot) -> None:
    reader = Reader(dovecot.source())
    dovecot.deliver(mail(number, 2000) for number in range(1000))
    async with reader.running():
        await until(lambda: dovecot.holds("Archive") == 1000, 120)
        assert dovecot.holds() == 0
    assert len(reader.sink.items) == 1000
    assert set(reader.sink.bodies) == {mail(number, 2000) for number in range(1000)}


async def test_a_mail_past_the_size_limit_keeps_its_header_and_is_not_refused(
    dovecot: Dovecot,
) -> None:
    reader = Reader(dovecot.source())
    large = mail(2, LIMIT + 5000)
    dovecot.put(mail(1), large, mail(3))
    async with reader.running():
        await until(lambda: dovecot.holds("Archive") == 3)
    by_size = sorted(reader.sink.items, key=lambda item: item[0].size)
    header, body = by_size[-1]
    assert (header.oversize, header.size) == (True, len(large))
    assert body == large[: large.index(b"\r\n\r\n") + 4]
    assert [each.oversize for each, _ in by_size[:2]] == [False, False]
    assert reader.counts.dropped("oversize") == 1


async def test_a_backlog_keeps_its_own_days_and_fresh_mail_is_live(dovecot: Dovecot) -> None:
    reader = Reader(dovecot.source())
    dovecot.put(mail(1), at=datetime.now(UTC) - timedelta(days=3))
    dovecot.put(mail(2))
    async with reader.running():
        await until(lambda: dovecot.holds("Archive") == 2)
    live = {body: header.live for header, body in reader.sink.items}
    assert live == {mail(1): False, mail(2): True}


async def test_a_full_spool_leaves_mail_where_it_is_until_there_is_room(dovecot: Dovecot) -> None:
    reader = Reader(dovecot.source(poll_seconds=0.2))
    reader.sink.before = raising(SpoolFull("full"))
    dovecot.put(mail(1), mail(2))
    async with reader.running():
        await until(lambda: reader.counts.event("mailbox_waiting") == 1)
        assert dovecot.holds() == 2
        reader.sink.before = None
        await until(lambda: dovecot.holds("Archive") == 2)
    assert set(reader.sink.bodies) == {mail(1), mail(2)}


async def test_a_mail_that_is_taken_again_after_a_restart_has_the_same_identifier(
    dovecot: Dovecot,
) -> None:
    reader = Reader(dovecot.source())
    reader.record.away = True
    dovecot.put(mail(1), mail(2))
    async with reader.running():
        await until(lambda: len(reader.sink.items) == 2)
    async with reader.running():
        await until(lambda: len(reader.sink.items) == 4)
        reader.record.away = False
        await until(lambda: dovecot.holds("Archive") == 2)
    assert len(reader.ids()) == 2


async def test_what_is_in_the_record_already_is_moved_and_not_taken_again(
    dovecot: Dovecot,
) -> None:
    reader = Reader(dovecot.source())
    dovecot.put(mail(1))
    async with reader.running():
        await until(lambda: dovecot.holds("Archive") == 1)
    dovecot.put(mail(1))
    async with reader.running():
        await until(lambda: dovecot.holds("Archive") == 2)
    assert len(reader.sink.items) == 1


async def test_new_numbers_of_the_server_make_no_new_items(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("FIRST_PAUSE", "MISTAKE_PAUSE"):
        monkeypatch.setattr(f"monitor.collect.imap.{pause}", 0.1)
    reader = Reader(dovecot.source(poll_seconds=0.2))
    reader.record.away = True
    dovecot.put(mail(1))
    async with reader.running():
        await until(lambda: len(reader.sink.items) == 1)
        dovecot.stop()
        uids = dovecot.root / "mail" / "dovecot-uidlist"
        for path in (*dovecot.root.joinpath("mail").glob("dovecot*index*"), uids):
            path.unlink()  # what an administrator does to a broken index: UIDVALIDITY changes
        dovecot.start()
        await until(lambda: len(reader.sink.items) >= 2)
        reader.record.away = False
        await until(lambda: dovecot.holds("Archive") == 1)
    assert len(reader.ids()) == 1


async def test_mail_that_others_take_out_or_flag_meanwhile_disturbs_nothing(
    dovecot: Dovecot,
) -> None:
    reader = Reader(dovecot.source(poll_seconds=0.2))
    reader.record.away = True
    dovecot.put(*(mail(number) for number in range(4)))
    async with reader.running():
        await until(lambda: len(reader.sink.items) == 4)
        other = dovecot.client()
        other.select("INBOX")
        other.store("1", "+FLAGS", "(\\Deleted \\Seen)")
        other.store("3", "+FLAGS", "(\\Flagged)")
        other.expunge()
        other.logout()
        dovecot.put(mail(9))
        await until(lambda: len(reader.sink.items) == 5)
        reader.record.away = False
        await until(lambda: dovecot.holds() == 0)
    assert dovecot.holds("Archive") == 4
    assert reader.counts.event("mailbox_unavailable") == 0


async def test_a_server_that_is_killed_at_any_moment_and_started_again_loses_nothing(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.collect.imap.LONGEST_PAUSE", 0.5)
    monkeypatch.setattr("monitor.collect.imap.FIRST_PAUSE", 0.1)
    reader = Reader(dovecot.source(poll_seconds=0.2))
    sent = {mail(number, 20_000) for number in range(300)}
    dovecot.deliver(sent)
    gate = asyncio.Semaphore(0)

    async def slowly(header: ItemHeader) -> None:
        await gate.acquire()

    reader.sink.before = slowly
    async with reader.running():
        for kills in (1, 2, 3):
            for _ in range(70):
                gate.release()
            wanted = 70 * kills - 20
            await until(partial(_has, reader, wanted))
            dovecot.kill()
            await asyncio.sleep(0.2)
            dovecot.start()
        reader.sink.before = None
        for _ in range(1000):
            gate.release()
        await until(lambda: dovecot.holds("Archive") >= 300 and dovecot.holds() == 0, 120)
    assert set(reader.sink.bodies) == sent
    assert len(reader.ids()) == 300
    assert reader.counts.event("mailbox_connected") >= 3


async def test_a_refused_password_is_not_hammered_and_a_new_one_is_tried_at_once(
    dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.collect.imap.PASSWORD_LOOK", 0.05)
    dovecot.password_file.write_text("sai mật khẩu\n", encoding="utf-8")
    dovecot.put(mail(1))
    reader = Reader(dovecot.source())
    async with reader.running():
        await until(lambda: reader.faults() == ["login_refused"])
        assert reader.unavailable()[0].seconds >= 300
        await asyncio.sleep(1)
        assert dovecot.log().count("Password mismatch") == 1
        dovecot.password_file.write_text(PASSWORD, encoding="utf-8")
        await until(lambda: dovecot.holds("Archive") == 1)


def test_pauses_grow_and_those_after_a_refused_password_are_long(dovecot: Dovecot) -> None:
    intake = Reader(dovecot.source()).intake()
    pauses: dict[MailboxFault, list[float]] = {}
    for failures in (1, 2, 3, 50):
        intake._failures = failures
        for one in MailboxFault:
            pauses.setdefault(one, []).append(intake._pause_after(one))
    assert pauses[MailboxFault.UNREACHABLE] == [1, 2, 4, 60]
    assert pauses[MailboxFault.FOLDER_MISSING] == [30, 60, 120, 600]
    assert pauses[MailboxFault.LOGIN_REFUSED] == [300, 600, 1200, 3600]


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"ca": Path("/nonexistent/ca.pem")}, "certificate"),
        ({"port": 1}, "unreachable"),
        ({"folder": "Nowhere"}, "folder_missing"),
        ({"password_file": Path("/nonexistent/password")}, "password_unreadable"),
    ],
)
async def test_each_fault_has_its_word_and_ends_nothing(
    dovecot: Dovecot, change: dict[str, Any], wanted: str
) -> None:
    reader = Reader(dovecot.source(**change))
    async with reader.running():
        await until(lambda: bool(reader.faults()))
    assert reader.faults()[0] == wanted
    assert not reader.looks


async def test_a_server_without_tls_or_with_a_strangers_certificate_is_told_no_password(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    plain = Reader(dovecot.source(port=dovecot.port))
    strange = Reader(dovecot.source(ca=Issuer(tmp_path, "Stranger").path))
    async with plain.running(), strange.running():
        await until(lambda: bool(plain.faults() and strange.faults()))
    assert (plain.faults()[0], strange.faults()[0]) == ("tls", "certificate")
    assert dovecot.log().count("Login: user") == 1, "that of the test's own client"


async def test_nothing_of_the_mailbox_is_in_the_log_of_a_fault(dovecot: Dovecot) -> None:
    reader = Reader(dovecot.source(folder="bí mật"))
    async with reader.running():
        await until(lambda: bool(reader.faults()))
    [said] = reader.unavailable()
    assert (said.fault, said.detail) == ("folder_missing", "")


async def test_it_stops_at_once_while_the_server_is_silent(dovecot: Dovecot) -> None:
    reader = Reader(dovecot.source(poll_seconds=3000))
    async with asyncio.timeout(20):
        async with reader.running():
            await until(lambda: len(reader.looks) == 1)
            await asyncio.sleep(0.2)
