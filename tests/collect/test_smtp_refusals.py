"""Who and what is told to come back later, and that it is never a permanent refusal."""

import asyncio
import socket
from contextlib import suppress
from typing import Any

import pytest

from monitor.errors import SpoolFault, SpoolFull
from tests.collect.wire import (
    JOURNAL,
    OTHER_JOURNAL,
    MemorySink,
    Running,
    raising,
    running,
    source,
)

WIRE = b"Subject: x\r\n\r\nbody\r\n.\r\n"


async def outcome(run: Running) -> str:
    client = await run.client()
    return await client.deliver(WIRE)


@pytest.mark.parametrize(
    ("error", "answer", "reason"),
    [
        (SpoolFull("full"), "452 4.3.1 ", "spool_full"),
        (SpoolFault("disk"), "451 4.3.0 ", "spool_fault"),
        (asyncio.CancelledError(), "451 4.3.0 ", "shutting_down"),
    ],
)
async def test_what_the_spool_does_not_take_the_sender_keeps(
    error: BaseException, answer: str, reason: str
) -> None:
    async with running(sink=MemorySink(before=raising(error))) as run:
        client = await run.client()
        assert (await client.deliver(WIRE)).startswith(answer)
        assert run.counts.dropped(reason) == 1
        run.sink.before = None
        assert (await client.deliver(WIRE)).startswith("250 ")
        assert len(run.sink.items) == 1


async def test_an_error_nobody_foresaw_is_a_451_that_tells_nothing() -> None:
    error = RuntimeError("secret /var/lib/congvu a@b.example")
    async with running(sink=MemorySink(before=raising(error))) as run:
        client = await run.client()
        reply = await client.deliver(WIRE)
        assert reply == "451 4.3.0 Local error, try again later"
        assert run.counts.event("intake_fault") == 1
        assert await client.say(b"NOOP") == "250 2.0.0 OK"


async def test_an_error_in_the_protocol_itself_is_a_451(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as run:
        client = await run.client()
        monkeypatch.setattr("monitor.collect.dialogue.commands.path", lambda *_: 1 / 0)
        assert (await client.say(b"MAIL FROM:<a@b.example>")).startswith("451 ")
        assert await client.is_closed()
        monkeypatch.undo()
        assert (await outcome(run)).startswith("250 ")


async def test_the_acknowledgement_waits_for_durability() -> None:
    durable = asyncio.Event()

    async def wait(_: object) -> None:
        await durable.wait()

    async with running(sink=MemorySink(before=wait)) as run:
        client = await run.client()
        await client.envelope()
        await client.send(WIRE)
        assert await client.is_silent()
        durable.set()


async def test_one_of_two_sources_that_fails_refuses_the_whole_message() -> None:
    async def before(header: object) -> None:
        if getattr(header, "source", "") == "two":
            raise SpoolFull("full")

    two = (source("one"), source("two", OTHER_JOURNAL))
    async with running(*two, sink=MemorySink(before=before)) as run:
        client = await run.client()
        await client.envelope(JOURNAL, OTHER_JOURNAL)
        await client.send(WIRE)
        assert (await client.reply()).startswith("452 ")


async def test_a_client_outside_every_network_is_sent_away_for_now() -> None:
    async with running(source(networks=("192.0.2.0/24",))) as run:
        client = await run.client(greet=False)
        assert (await client.reply()).startswith("421 ")
        assert await client.is_closed()
        assert run.counts.dropped("client_not_allowed") == 1


async def test_an_address_of_another_source_is_not_for_this_client() -> None:
    sources = (source(), source("far", OTHER_JOURNAL, networks=("192.0.2.0/24",)))
    async with running(*sources) as run:
        client = await run.client()
        await client.say(b"MAIL FROM:<a@b.example>")
        far = await client.say(b"RCPT TO:<" + OTHER_JOURNAL.encode() + b">")
        nobody = await client.say(b"RCPT TO:<nobody@congvu.example>")
        assert far.startswith("450 ")
        # The same words: which addresses exist is nobody's business.
        assert far == nobody
        assert run.counts.dropped("address_other_client") == 1
        assert run.counts.dropped("address_unknown") == 1


async def test_connections_are_bounded_in_all_and_a_client() -> None:
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"max_connections": 2}, "connections"),
        ({"max_connections_per_client": 2}, "client_connections"),
    )
    for limits, reason in cases:
        async with running(**limits) as run:
            first, second = await run.client(), await run.client()
            third = await run.client(greet=False)
            assert (await third.reply()).startswith("421 ")
            assert run.counts.dropped(reason) == 1
            await first.say(b"QUIT")
            assert await first.is_closed()
            fourth = await run.client()
            assert (await fourth.deliver(WIRE)).startswith("250 ")
            assert (await second.deliver(WIRE)).startswith("250 ")


async def test_a_session_ends_with_its_last_message() -> None:
    async with running(max_messages_per_session=2) as run:
        client = await run.client()
        for _ in range(2):
            assert (await client.deliver(WIRE)).startswith("250 ")
        assert (await client.reply()).startswith("421 ")
        assert await client.is_closed()
        assert len(run.sink.items) == 2


async def test_a_client_above_its_rate_is_slowed_down() -> None:
    async with running(max_messages_per_minute=3) as run:
        client = await run.client()
        for _ in range(3):
            assert (await client.deliver(WIRE)).startswith("250 ")
        another = await run.client()
        assert (await another.say(b"MAIL FROM:<a@b.example>")).startswith("451 ")
        assert run.counts.dropped("message_rate") == 1


async def test_recipients_past_the_bound_wait_for_the_next_transaction() -> None:
    async with running(max_recipients=100) as run:
        client = await run.client()
        await client.say(b"MAIL FROM:<a@b.example>")
        command = b"RCPT TO:<" + JOURNAL.encode() + b">\r\n"
        await client.send(command * 150)
        codes = [(await client.reply())[:9] for _ in range(150)]
        assert codes == ["250 2.1.5"] * 100 + ["452 4.5.3"] * 50
        assert (await client.say(b"DATA")).startswith("354 ")
        await client.send(WIRE)
        assert (await client.reply()).startswith("250 ")
        assert run.counts.dropped("recipients") == 1


@pytest.mark.parametrize(("command", "times"), [(b"NONSENSE", 20), (b"NOOP", 120)])
async def test_a_client_that_only_chatters_is_sent_away(command: bytes, times: int) -> None:
    async with running() as run:
        client = await run.client()
        await client.send((command + b"\r\n") * (times + 10))
        replies = [await client.reply() for _ in range(times)]
        assert not any(reply.startswith("421") for reply in replies[: times - 2])
        assert any(
            reply.startswith("421 ") for reply in [*replies, *[await client.reply() for _ in "12"]]
        )
        assert run.counts.dropped("bad_commands") == 1


async def test_an_endless_command_line_is_not_kept() -> None:
    async with running() as run:
        client = await run.client()
        await client.send(b"NOOP " + b"x" * 20_000)
        assert (await client.reply()).startswith("421 ")
        assert run.counts.dropped("line_too_long") == 1


async def test_a_silent_client_is_sent_away() -> None:
    async with running(command_timeout_seconds=0.1) as run:
        client, another = await run.client(), await run.client()
        # Octets that make no line are silence too.
        for _ in range(30):
            try:
                await client.send(b"x")
            except ConnectionError:
                break
            await asyncio.sleep(0.02)
        assert await another.reply() == "421 4.4.2 Timeout"
        assert run.counts.dropped("command_timeout") == 2


async def test_a_message_that_stops_arriving_is_cut() -> None:
    async with running(data_timeout_seconds=0.1, min_data_rate_bytes=0) as run:
        client = await run.client()
        await client.envelope()
        await client.send(b"Subject: x\r\n")
        assert (await client.reply()).startswith("421 ")
        assert run.counts.dropped("data_timeout") == 1
        assert not run.sink.items


async def test_a_message_that_only_trickles_is_cut() -> None:
    async with running(data_timeout_seconds=1, min_data_rate_bytes=100_000) as run:
        client = await run.client()
        await client.envelope()
        for _ in range(500):
            try:
                await client.send(b"x")
            except ConnectionError:
                break
            await asyncio.sleep(0.02)
        assert run.counts.dropped("data_slow") == 1
        assert not run.sink.items


async def test_a_client_waiting_for_the_spool_is_not_timed_out() -> None:
    async def slow(_: object) -> None:
        await asyncio.sleep(0.4)

    sink = MemorySink(before=slow)
    async with running(sink=sink, command_timeout_seconds=0.1, data_timeout_seconds=0.1) as run:
        assert (await outcome(run)).startswith("250 ")


async def test_full_buffers_refuse_before_and_within_a_message() -> None:
    async with running(max_buffered_bytes=1_000_000) as run:
        holder = await run.client()
        await holder.envelope()
        await holder.send(b"h" * 900_000)
        await asyncio.sleep(0.1)
        within = await run.client()
        assert (await within.deliver(b"w" * 200_000 + b"\r\n.\r\n")).startswith("452 4.3.1 ")
        declared = await run.client()
        await declared.say(b"MAIL FROM:<a@b.example> SIZE=200000")
        await declared.say(b"RCPT TO:<" + JOURNAL.encode() + b">")
        assert (await declared.say(b"DATA")).startswith("452 4.3.1 ")
        assert run.counts.dropped("buffers_full") == 2
        await holder.send(b"\r\n.\r\n")
        assert (await holder.reply()).startswith("250 ")
        assert (await within.deliver(b"w" * 200_000 + b"\r\n.\r\n")).startswith("250 ")


async def test_a_client_that_never_reads_its_answers_holds_no_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitor.collect.connection._LAST_WORDS_SECONDS", 0.1)
    monkeypatch.setattr("monitor.collect.dialogue.MAX_JUNK_COMMANDS", 10**9)
    async with running(command_timeout_seconds=0.2, max_connections=1) as run:
        deaf = await asyncio.to_thread(send_and_never_read, run.intake.port)
        await asyncio.sleep(1)
        assert (await outcome(run)).startswith("250 ")
        deaf.close()


def send_and_never_read(port: int) -> socket.socket:
    """Send until the server takes no more, because its answers are stuck."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(2)
    client.connect(("127.0.0.1", port))
    with suppress(TimeoutError, ConnectionError):
        while True:
            client.sendall(b"EHLO x\r\n" * 10_000)
    return client
