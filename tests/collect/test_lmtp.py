"""LMTP (RFC 2033): one reply a recipient, one item a source."""

import asyncio

from monitor.errors import SpoolFull
from monitor.model import ItemHeader
from tests.collect.wire import JOURNAL, OTHER_JOURNAL, MemorySink, running, source

WIRE = b"Subject: x\r\n\r\nbody\r\n.\r\n"
TWO = (source("one"), source("two", OTHER_JOURNAL))


async def test_each_recipient_gets_its_own_answer() -> None:
    async def before(header: ItemHeader) -> None:
        if header.source == "two":
            raise SpoolFull("full")

    async with running(*TWO, sink=MemorySink(before=before)) as run:
        client = await run.client(lmtp=True)
        await client.envelope(JOURNAL, OTHER_JOURNAL, JOURNAL)
        await client.send(WIRE)
        replies = [(await client.reply())[:3] for _ in range(3)]
        assert replies == ["250", "452", "250"]
        assert await client.is_silent()
        assert [header.source for header, _ in run.sink.items] == ["one"]


async def test_full_buffers_refuse_each_recipient() -> None:
    async with running(*TWO, max_buffered_bytes=1000) as run:
        holder = await run.client()
        await holder.envelope()
        await holder.send(b"h" * 900)
        await asyncio.sleep(0.05)
        client = await run.client(lmtp=True)
        await client.envelope(JOURNAL, OTHER_JOURNAL)
        await client.send(b"x" * 500 + b"\r\n.\r\n")
        assert [(await client.reply())[:3] for _ in range(2)] == ["452", "452"]
        assert await client.is_silent()


async def test_smtp_greetings_are_not_lmtp() -> None:
    async with running() as run:
        client = await run.client(lmtp=True, greet=False)
        assert (await client.reply()).endswith(" LMTP")
        assert (await client.say(b"EHLO x")).startswith("500 ")
        assert (await client.say(b"HELO x")).startswith("500 ")
        assert (await client.say(b"LHLO x")).startswith("250-")
        smtp = await run.client()
        assert (await smtp.say(b"LHLO x")).startswith("500 ")
