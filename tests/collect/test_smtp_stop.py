"""The graceful stop: 421 to the idle, time for a message on its way, then the cut."""

import asyncio

import pytest

from monitor.collect import MailIntake
from monitor.model import ItemHeader
from monitor.observe import Observer
from monitor.settings import SmtpSettings
from tests.collect.wire import JOURNAL, OTHER_JOURNAL, MemorySink, running, source

WIRE = b"Subject: x\r\n\r\nbody\r\n.\r\n"


async def test_idle_sessions_are_told_and_new_ones_find_no_listener() -> None:
    async with running() as run:
        idle = await run.client()
        begun = await run.client()
        await begun.say(b"MAIL FROM:<a@b.example>")
        port = run.intake.port
        await run.intake.stop(5)
        for client in (idle, begun):
            assert (await client.reply()).startswith("421 4.3.2 ")
            assert await client.is_closed()
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_a_message_on_its_way_is_finished_within_the_grace_period() -> None:
    async with running() as run:
        client = await run.client()
        await client.envelope()
        await client.send(WIRE[:10])
        stopping = asyncio.gather(run.intake.stop(20))
        await asyncio.sleep(0.05)
        await client.send(WIRE[10:] + b"MAIL FROM:<next@b.example>\r\n")
        assert (await client.reply()).startswith("250 ")
        assert (await client.reply()).startswith("421 ")
        assert await client.is_closed()
        await stopping
        assert len(run.sink.items) == 1


async def test_after_the_grace_period_nothing_is_acknowledged() -> None:
    async def never(_: object) -> None:
        await asyncio.Event().wait()

    async with running(sink=MemorySink(before=never)) as run:
        waiting = await run.client()
        await waiting.envelope()
        await waiting.send(WIRE)
        sending = await run.client()
        await sending.envelope()
        await sending.send(WIRE[:10])
        await asyncio.sleep(0.05)
        await run.intake.stop(0.1)
        assert (await waiting.reply()).startswith("451 ")
        assert (await sending.reply()).startswith("421 ")
        assert not run.sink.items


async def test_a_cut_message_is_offered_to_no_further_source() -> None:
    asked = []

    async def never(header: ItemHeader) -> None:
        asked.append(header.source)
        await asyncio.Event().wait()

    two = (source("one"), source("two", OTHER_JOURNAL))
    async with running(*two, sink=MemorySink(before=never)) as run:
        client = await run.client(lmtp=True)
        await client.envelope(JOURNAL, OTHER_JOURNAL)
        await client.send(WIRE)
        await asyncio.sleep(0.05)
        await run.intake.stop(0.05)
        assert [(await client.reply())[:3] for _ in range(3)] == ["451", "451", "421"]
        assert asked == ["one"]


async def test_a_client_that_reads_nothing_does_not_hold_up_the_stop() -> None:
    async with running() as run:
        client = await run.client()
        client.reader._transport.pause_reading()  # type: ignore[attr-defined]  # a deaf client
        await run.intake.stop(0.1)
        assert run.counts.event("intake_stopped") == 1


async def test_a_stop_before_the_start_and_a_second_stop_do_nothing() -> None:
    intake = MailIntake(SmtpSettings(port=0), [source()], MemorySink(), Observer())
    await intake.stop(1)
    await intake.start()
    await intake.stop(1)
    await intake.stop(1)
    await intake.wait()


async def test_a_taken_port_is_an_error_at_the_start() -> None:
    async with running() as run:
        settings = SmtpSettings(port=run.intake.port)
        second = MailIntake(settings, [source()], MemorySink(), Observer())
        with pytest.raises(OSError, match="address already in use"):
            await second.start()
