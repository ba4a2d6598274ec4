"""mbox files: split where mails begin, streamed, taken to their end or from where it stopped."""

import mailbox
from collections.abc import Awaitable, Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect import mbox as reading
from monitor.collect.mbox import NotAnMbox
from monitor.collect.pulled import PulledMail
from monitor.errors import SpoolFault
from monitor.model import ItemHeader
from tests.collect.pulling import LIMIT, mail
from tests.collect.test_maildir import Folder, stored
from tests.collect.wire import raising

LINE = b"From nguyen@mot.example Mon Nov 16 08:00:00 2026\n"


def box(*mails: bytes, end: bytes = b"\n") -> bytes:
    """As an archiver writes it: lines end with LF, an empty line before the next mail."""
    return b"".join(LINE + stored(each) + b"\n" for each in mails).replace(b"\n", end)


def split(data: bytes, limit: int = LIMIT) -> list[PulledMail]:
    return [each.mail for each in reading.mails(BytesIO(data).read, limit)]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "boxes").mkdir()
    return Folder(tmp_path / "boxes", "mbox")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_mails_come_out_as_they_were_sent(end: bytes) -> None:
    found = split(box(mail(1), mail(2), mail(3), end=end))
    assert [each.raw for each in found] == [mail(1), mail(2), mail(3)]
    assert [each.size for each in found] == [len(mail(number)) for number in (1, 2, 3)]


def test_a_from_in_a_text_begins_no_mail_and_its_quoting_is_undone() -> None:
    text = b"Subject: x\n\nKinh gui\nFrom here it goes on\n>From there\n>>From deep\n"
    [one] = split(LINE + text + b"\n")
    wanted = b"Kinh gui\nFrom here it goes on\nFrom there\n>From deep\n"
    assert one.raw.replace(b"\r\n", b"\n").endswith(wanted)


def test_it_splits_as_the_standard_library_does(tmp_path: Path) -> None:
    archive = mailbox.mbox(tmp_path / "archive")
    for number in range(20):
        archive.add(mail(number))
    archive.close()
    found = split((tmp_path / "archive").read_bytes())
    assert [each.raw for each in found] == [mail(number) for number in range(20)]


def test_no_empty_line_at_the_end_and_no_line_end_lose_nothing() -> None:
    assert [each.raw for each in split(box(mail(1), mail(2))[:-1])] == [mail(1), mail(2)]
    assert split(LINE + b"Subject: x\r\n\r\nlast")[0].raw == b"Subject: x\r\n\r\nlast"


def test_no_more_is_read_ahead_than_a_mail_needs() -> None:
    data = box(*(mail(number, 500_000) for number in range(20)))
    file = BytesIO(data)
    for found in reading.mails(file.read, LIMIT):
        assert file.tell() - found.end <= 2 * 1024 * 1024
    assert file.tell() == len(data)


def test_a_mail_past_the_limit_keeps_its_header_and_harms_no_other() -> None:
    large = mail(2, 3 * LIMIT)
    first, second, third = split(box(mail(1), large, mail(3)))
    assert (first.raw, third.raw) == (mail(1), mail(3))
    assert second.oversize
    assert second.raw.startswith(b"Return-Path")
    assert second.raw.endswith(b"\n\n")
    assert second.size == len(stored(large))


@pytest.mark.parametrize(
    "data", [b"\n" + LINE, b"%PDF-1.7", b"Subject: x\n\ny", b"F", b"From " * 20_000]
)
def test_what_is_no_mbox_is_said(data: bytes) -> None:
    with pytest.raises(NotAnMbox):
        split(data)


@given(
    st.lists(
        st.text("ab \nF>rom:", max_size=60).map(lambda text: b"Subject: x\n\n" + text.encode()),
        max_size=5,
    ),
    st.integers(1, 40),
)
def test_any_pieces_of_a_file_give_the_same_mails_from_any_of_their_ends(
    bodies: list[bytes], piece: int
) -> None:
    data = b"".join(LINE + body + b"\n\n" for body in bodies)
    whole = [*reading.mails(BytesIO(data).read, LIMIT)]
    in_pieces = [*reading.mails(lambda _: b"", LIMIT)]
    assert in_pieces == []
    file = BytesIO(data)
    assert [*reading.mails(lambda _: file.read(piece), LIMIT)] == whole
    for index, one in enumerate(whole):
        file = BytesIO(data)
        file.seek(one.end)
        assert [*reading.mails(file.read, LIMIT, one.end)] == whole[index + 1 :]
    assert not whole or whole[-1].end == len(data)


async def test_a_box_goes_to_done_when_all_its_mails_are_recorded(folder: Folder) -> None:
    folder.record.away = True
    (folder.path / "2025.mbox").write_bytes(box(*(mail(number) for number in range(200))))
    await folder.look(3)
    assert folder.sink.bodies == [mail(number) for number in range(200)]
    assert folder.tree() == ["2025.mbox"]
    folder.record.away = False
    await folder.look()
    [done] = folder.tree()
    assert done.startswith("done/")
    assert done.endswith("/2025.mbox")
    assert not any(header.live for header, _ in folder.sink.items)


async def test_what_the_spool_refuses_is_taken_later_from_there(folder: Folder) -> None:
    folder.record.away = True
    (folder.path / "a").write_bytes(box(*(mail(number) for number in range(200))))
    folder.sink.before = refusing_after(100, folder)
    await folder.look()
    assert 100 <= len(folder.sink.items) < 200
    folder.sink.before = None
    await folder.look()
    assert set(folder.sink.bodies) == {mail(number) for number in range(200)}
    assert len({header.item_id for header, _ in folder.sink.items}) == 200


def refusing_after(mails: int, folder: Folder) -> Callable[[ItemHeader], Awaitable[None]]:
    refuse = raising(SpoolFault("disk"))

    async def before(header: ItemHeader) -> None:
        if len(folder.sink.items) >= mails:
            await refuse(header)

    return before


async def test_what_is_no_box_is_rejected_and_a_lock_is_left_alone(folder: Folder) -> None:
    (folder.path / "index.msf").write_bytes(b"// <!-- <mdb:mork")
    (folder.path / "empty").write_bytes(b"")
    (folder.path / "a.lock").write_bytes(b"1")
    await folder.look()
    assert folder.rejected() == {"index.msf": "not_an_mbox", "empty": "empty"}
    assert (folder.path / "a.lock").exists()


async def test_a_box_that_grows_while_it_is_read_is_read_again(folder: Folder) -> None:
    path = folder.path / "a"
    path.write_bytes(box(mail(1)))
    folder.record.away = True
    await folder.look()
    path.write_bytes(box(mail(1), mail(2)))
    folder.record.away = False
    await folder.look(3)
    assert {*folder.sink.bodies} == {mail(1), mail(2)}
    assert len(folder.sink.items) == 2, "what is in the record is not taken again"
