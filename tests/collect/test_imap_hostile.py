"""A server that means harm or is broken: bounded, said, and never the end of the daemon."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.collect.imap import MailboxIntake
from monitor.settings import ImapSource
from tests.collect.pulling import LIMIT, Record, Remembering, mail
from tests.collect.test_imap import until
from tests.collect.wire import MemorySink

Answer = Callable[["Server", bytes, bytes], Awaitable[bool]]
"""Given server, tag and command; True when it has answered."""


class Server:
    """Speaks just enough IMAP for one mailbox with one mail; `answer` may speak first."""

    def __init__(self, answer: Answer | None = None, greeting: bytes = b"* OK hello") -> None:
        self._answer = answer
        self._greeting = greeting
        self.commands: list[bytes] = []
        self.mail = mail(1)
        self.sessions = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        self.writer = writer
        with contextlib.suppress(ConnectionError):
            self.say(self._greeting)
            while line := await reader.readline():
                tag, _, command = line.strip().partition(b" ")
                self.commands.append(command)
                if not (self._answer and await self._answer(self, tag, command)):
                    self.behave(tag, command)
                await writer.drain()
        writer.close()

    def say(self, *lines: bytes) -> None:
        for line in lines:
            self.writer.write(line + b"\r\n")

    def behave(self, tag: bytes, command: bytes) -> None:
        word = command.upper()
        if word == b"CAPABILITY":
            self.say(b"* CAPABILITY IMAP4rev1 MOVE")
        elif word.startswith(b"SELECT"):
            self.say(b"* 1 EXISTS", b"* 0 RECENT", b"* OK [UIDVALIDITY 7] x", b"* OK [UIDNEXT 2] x")
        elif word == b"FETCH 1 (UID)":
            self.say(b"* 1 FETCH (UID 1)")
        elif b"RFC822.SIZE" in word:
            self.say(b"* 1 FETCH (UID 1 RFC822.SIZE %d)" % len(self.mail))
        elif b"BODY.PEEK" in word:
            self.say(b"* 1 FETCH (UID 1 BODY[]<0> {%d}" % len(self.mail), self.mail + b")")
        self.say(tag + b" OK done")


@contextlib.asynccontextmanager
async def reading(
    tmp_path: Path, server: Server, **settings: Any
) -> AsyncIterator[tuple[MemorySink, Remembering]]:
    password = tmp_path / "password"
    password.write_text("x")
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    values: dict[str, Any] = {
        "name": "journal", "host": "127.0.0.1", "security": "none", "username": "u",
        "port": listening.sockets[0].getsockname()[1], "password_file": password,
        "poll_seconds": 0.1,
    }  # fmt: skip
    sink, observer = MemorySink(), Remembering()
    intake = MailboxIntake(
        ImapSource(**(values | settings)), sink, Record(sink), lambda _: None, LIMIT, observer
    )
    async with asyncio.TaskGroup() as group:
        task = group.create_task(intake.run())
        try:
            yield sink, observer
        finally:
            task.cancel()
            listening.close()


def faults(observer: Remembering) -> list[str]:
    return [each.fault for each in observer.events if hasattr(each, "fault")]


async def test_a_server_that_behaves_is_read(tmp_path: Path) -> None:
    server = Server()
    async with reading(tmp_path, server) as (sink, _):
        await until(lambda: any(b"MOVE 1 " in each for each in server.commands))
    assert sink.bodies == [server.mail]


BODY = b"* 1 FETCH (UID 1 BODY[]<0> {"


def on(word: bytes, *lines: bytes, tagged: bytes | None = b"OK done") -> Answer:
    async def answer(server: Server, tag: bytes, command: bytes) -> bool:
        if word not in command.upper():
            return False
        server.say(*lines)
        if tagged:
            server.say(tag + b" " + tagged)
        return True

    return answer


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(on(b"BODY.PEEK", BODY + b"99999999999999}"), id="literal"),
        pytest.param(on(b"SELECT", b"* 1 EXISTS {999999999999}"), id="literal-anywhere"),
        pytest.param(on(b"BODY.PEEK", BODY + b"9" * 5000 + b"}"), id="digits"),
        pytest.param(on(b"RFC822.SIZE", b"* 1 FETCH " + b"(" * 5000), id="brackets"),
        pytest.param(on(b"RFC822.SIZE", b"* 1 FETCH (UID x RFC822.SIZE y)"), id="no-numbers"),
        pytest.param(on(b"SELECT", b"* 1 EXISTS", b"* 0 RECENT"), id="no-uids"),
        pytest.param(on(b"SELECT", b"\xff\x00 what"), id="nonsense"),
        pytest.param(on(b"SELECT", b"x" * 2_000_000), id="endless-line"),
        pytest.param(on(b"SELECT", b"* BYE too many connections", tagged=None), id="bye"),
    ],
)
async def test_an_answer_that_is_none_is_said_and_tried_again(
    tmp_path: Path, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.collect.imap.FIRST_PAUSE", 0.05)
    monkeypatch.setattr("monitor.collect.imap_session.SOCKET_SECONDS", 2.0)
    server = Server(answer)
    async with reading(tmp_path, server) as (sink, observer):
        await until(lambda: server.sessions >= 2)
    assert "timeout" not in faults(observer)
    assert sink.items == []


async def test_answers_without_end_are_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def flood(server: Server, tag: bytes, command: bytes) -> bool:
        if not command.startswith(b"SELECT"):
            return False
        with contextlib.suppress(ConnectionError):
            while True:
                server.say(b"* OK " + b"x" * 8000)
                await server.writer.drain()
        return True

    async with reading(tmp_path, Server(flood)) as (_, observer):
        await until(lambda: bool(faults(observer)))
    assert faults(observer)[0] == "misbehaved"


async def test_a_server_that_dribbles_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dribble(server: Server, tag: bytes, command: bytes) -> bool:
        if not command.startswith(b"SELECT"):
            return False
        with contextlib.suppress(ConnectionError):
            while True:
                server.writer.write(b"x")
                await server.writer.drain()
                await asyncio.sleep(0.05)
        return True

    monkeypatch.setattr("monitor.collect.imap.COMMAND_SECONDS", 1.0)
    async with reading(tmp_path, Server(dribble)) as (_, observer):
        await until(lambda: bool(faults(observer)))
    assert faults(observer)[0] == "timeout"


async def test_a_mail_that_the_server_does_not_give_keeps_no_other_waiting(tmp_path: Path) -> None:
    class Three(Server):
        def behave(self, tag: bytes, command: bytes) -> None:
            word = command.upper()
            if word.startswith(b"SELECT"):
                self.say(b"* 3 EXISTS", b"* 0 RECENT", b"* OK [UIDVALIDITY 7] x")
                self.say(b"* OK [UIDNEXT 4] x", tag + b" OK done")
            elif b"RFC822.SIZE" in word:
                low, _, high = word.split()[2].partition(b":")
                for uid in range(int(low), min(3, int(high)) + 1):
                    self.say(b"* %d FETCH (UID %d RFC822.SIZE 10)" % (uid, uid))
                self.say(tag + b" OK done")
            elif b"BODY.PEEK" in word:
                uids = [int(each) for each in word.split()[2].split(b",")]
                if 2 in uids:
                    self.say(tag + b" NO it is broken here")
                    return
                for uid in uids:
                    body = mail(uid)
                    self.say(b"* %d FETCH (UID %d BODY[]<0> {%d}" % (uid, uid, len(body)))
                    self.say(body + b")")
                self.say(tag + b" OK done")
            else:
                super().behave(tag, command)

    server = Three()
    async with reading(tmp_path, server) as (sink, observer):
        await until(lambda: any(b"MOVE 1,3" in each for each in server.commands))
    assert sink.bodies == [mail(1), mail(3)]
    assert [each.name() for each in observer.events].count("mailbox_mail_unreadable") == 1


async def test_a_mail_that_is_larger_than_was_said_is_kept_within_the_bound(
    tmp_path: Path,
) -> None:
    server = Server()
    server.mail = mail(1, LIMIT + 100)[: LIMIT + 1]

    async def lie(server: Server, tag: bytes, command: bytes) -> bool:
        if b"RFC822.SIZE" not in command:
            return False
        server.say(b"* 1 FETCH (UID 1 RFC822.SIZE 10)", tag + b" OK done")
        return True

    server._answer = lie
    async with reading(tmp_path, server) as (sink, _):
        await until(lambda: bool(sink.items))
    header, body = sink.items[0]
    assert (header.oversize, header.size) == (True, LIMIT + 1)
    assert body == server.mail[: server.mail.index(b"\r\n\r\n") + 4]


async def test_a_greeting_that_skips_the_login_is_not_taken(tmp_path: Path) -> None:
    server = Server(greeting=b"* PREAUTH come in")
    async with reading(tmp_path, server) as (sink, observer):
        await until(lambda: bool(faults(observer)))
    assert sink.items == []


async def test_starttls_that_is_not_offered_gives_away_no_password(tmp_path: Path) -> None:
    server = Server()
    async with reading(tmp_path, server, security="starttls") as (_, observer):
        await until(lambda: bool(faults(observer)))
    assert not any(word in each for each in server.commands for word in (b"LOGIN", b"AUTH"))
