"""What goes in comes out: data, envelopes, pipelining, smuggling, sizes."""

import asyncio
import re

import pytest

from monitor.model import Channel, PayloadKind
from tests.collect.wire import JOURNAL, OTHER_JOURNAL, RawClient, running, source

MESSAGE = b"Subject: x\r\n\r\nbody\r\n"


async def test_a_message_is_handed_over_with_its_envelope() -> None:
    async with running() as run:
        client = await run.client()
        assert (await client.deliver(MESSAGE + b".\r\n")).startswith("250 ")
        header, body = run.sink.items[0]
    assert body == MESSAGE
    assert re.fullmatch("[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}", header.item_id)
    assert (header.kind, header.source, header.channel) == (
        PayloadKind.MAIL,
        "gateway",
        Channel.MAIL,
    )
    assert header.size == len(MESSAGE)
    assert not header.oversize
    assert header.live
    assert header.envelope is not None
    assert header.envelope.mail_from == "a@agency.example"
    assert header.envelope.rcpt_to == (JOURNAL,)
    assert header.envelope.peer == "127.0.0.1"
    assert header.envelope.helo == "test.example"


async def test_each_message_has_its_own_identifier() -> None:
    async with running() as run:
        client = await run.client()
        for _ in range(50):
            await client.deliver(MESSAGE + b".\r\n")
        ids = [header.item_id for header, _ in run.sink.items]
    assert len(set(ids)) == 50


@pytest.mark.parametrize(
    "trick",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r.\r\n",
        b"\r\n.\n",
        b"\r\n.\r",
        b"\r.\r",
        b"\n.\r",
        b"\r\n\x00.\r\n",
        b"\r\n.\x00\r\n",
    ],
)
async def test_nothing_but_crlf_dot_crlf_ends_a_message(trick: bytes) -> None:
    smuggled = b"MAIL FROM:<evil@agency.example>\r\nRCPT TO:<" + JOURNAL.encode() + b">\r\n"
    wire = b"Subject: x\r\n\r\nbody" + trick + smuggled + b"DATA\r\n\r\nsmuggled\r\n"
    async with running() as run:
        client = await run.client()
        await client.envelope()
        await client.send(wire)
        assert await client.is_silent()
        await client.send(b".\r\n")
        assert (await client.reply()).startswith("250 ")
        assert await client.is_silent()
        assert len(run.sink.items) == 1
        # Only the dot that begins a CRLF line is transparency (RFC 5321 4.5.2).
        assert run.sink.bodies == [wire.replace(b"\r\n.", b"\r\n")]


async def test_a_bare_lf_message_is_taken_octet_for_octet() -> None:
    async with running() as run:
        client = await run.client()
        body = b"Subject: x\n\nline\n.\nline\r\r\n\x00\xff\r\n"
        assert (await client.deliver(body + b".\r\n")).startswith("250 ")
        assert run.sink.bodies == [body]


async def test_lines_of_any_length_are_taken() -> None:
    async with running() as run:
        client = await run.client()
        body = b"a" * 3_000_000 + b"\r\n"
        assert (await client.deliver(body + b".\r\n")).startswith("250 ")
        assert run.sink.bodies == [body]


async def test_an_empty_message_is_a_message() -> None:
    async with running() as run:
        client = await run.client()
        assert (await client.deliver(b".\r\n")).startswith("250 ")
        assert run.sink.bodies == [b""]


async def test_a_message_cut_into_single_octets_is_the_same_message() -> None:
    async with running() as run:
        client = await run.client()
        await client.envelope()
        for octet in b"Subject: x\r\n\r\n..\r\n...\r\n.\r\n":
            await client.send(bytes([octet]))
            await asyncio.sleep(0)
        assert (await client.reply()).startswith("250 ")
        assert run.sink.bodies == [b"Subject: x\r\n\r\n.\r\n..\r\n"]


async def test_pipelined_commands_and_messages_are_answered_in_order() -> None:
    to = b"RCPT TO:<" + JOURNAL.encode() + b">\r\n"
    async with running() as run:
        client = await run.client()
        await client.send(
            b"MAIL FROM:<a@b.example>\r\n" + to + b"RCPT TO:<no@where.example>\r\nDATA\r\n"
            b"one\r\n.\r\n"
            b"MAIL FROM:<c@d.example>\r\n" + to + b"DATA\r\ntwo\r\n.\r\nQUIT\r\n"
        )
        codes = [(await client.reply())[:3] for _ in range(9)]
        assert codes == ["250", "250", "450", "354", "250", "250", "250", "354", "250"]
        assert (await client.reply()).startswith("221 ")
        assert await client.is_closed()
        assert run.sink.bodies == [b"one\r\n", b"two\r\n"]


async def test_a_client_that_closes_its_half_still_gets_the_answer() -> None:
    async with running() as run:
        client = await run.client()

        async def slow(_: object) -> None:
            await asyncio.sleep(0.1)

        run.sink.before = slow
        await client.envelope()
        await client.send(MESSAGE + b".\r\nQUIT\r\n")
        client.writer.write_eof()
        assert (await client.reply()).startswith("250 ")
        assert (await client.reply()).startswith("221 ")


async def test_a_client_that_vanishes_does_not_stop_the_hand_over() -> None:
    going_on = asyncio.Event()
    async with running() as run:
        client = await run.client()

        async def wait(_: object) -> None:
            await going_on.wait()

        run.sink.before = wait
        await client.envelope()
        await client.send(MESSAGE + b".\r\n")
        await asyncio.sleep(0.05)
        client.writer.transport.abort()
        await asyncio.sleep(0.05)
        going_on.set()
        await asyncio.sleep(0.05)
        assert run.sink.bodies == [MESSAGE]


async def test_a_message_that_breaks_off_is_not_handed_over() -> None:
    async with running(max_buffered_bytes=3_000_000) as run:
        for _ in range(5):
            client = await run.client()
            await client.envelope()
            await client.send(b"a" * 1_000_000)
            await client.close()
        await asyncio.sleep(0.1)
        # And its memory is free again.
        client = await run.client()
        assert (await client.deliver(b"b" * 2_500_000 + b"\r\n.\r\n")).startswith("250 ")
        assert len(run.sink.items) == 1


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"<>", ""),
        (b" <> SIZE=10 BODY=8BITMIME", ""),
        (b"<a@b.example> SMTPUTF8", "a@b.example"),
        ("<nguyễn.văn@sở.example> SMTPUTF8".encode(), "nguyễn.văn@sở.example"),
        (b'<"a>b@c"@d.example>', '"a>b@c"@d.example'),
        (b"<@relay.example,@two.example:a@b.example>", "a@b.example"),
        (b"a@b.example SIZE=1", "a@b.example"),
        (b"<not an address at all>", "not an address at all"),
        (b"<MAILER-DAEMON>", "MAILER-DAEMON"),
        (b'<"unclosed@b.example>', '"unclosed@b.example'),
        (b"<caf\xe9@b.example>", "caf\\xe9@b.example"),
        (b"<a\x00\tb@c.example>", "a??b@c.example"),
        (b"<a@b.example> RET=HDRS ENVID=x AUTH=<> X-NEW=1", "a@b.example"),
    ],
)
async def test_any_reverse_path_is_taken(sent: bytes, kept: str) -> None:
    async with running() as run:
        client = await run.client()
        await client.envelope(sender=sent)
        await client.send(MESSAGE + b".\r\n")
        assert (await client.reply()).startswith("250 ")
        envelope = run.sink.items[0][0].envelope
        assert envelope is not None
        assert envelope.mail_from == kept
        # It has to survive being written as JSON.
        run.sink.items[0][0].model_dump_json()


async def test_an_oversize_message_is_acknowledged_with_its_header_and_real_size() -> None:
    header = b"From: a@b.example\r\nSubject: big\r\n\r\n"
    body = b"x" * 76 + b"\r\n"
    async with running(max_message_bytes=10_000) as run:
        client = await run.client()
        assert (await client.deliver(header + body * 5000 + b".\r\n")).startswith("250 ")
        item, kept = run.sink.items[0]
        assert item.oversize
        assert item.size == len(header + body * 5000)
        assert kept == header
        assert run.counts.dropped("oversize") == 1
        assert (await client.deliver(MESSAGE + b".\r\n")).startswith("250 ")
        assert run.sink.bodies[1] == MESSAGE


async def test_a_message_above_the_whole_budget_is_oversize_and_not_refused_for_ever() -> None:
    async with running(max_message_bytes=10_000_000, max_buffered_bytes=100_000) as run:
        client = await run.client()
        message = b"Subject: x\r\n\r\n" + b"y" * 5_000_000 + b"\r\n.\r\n"
        assert (await client.say(b"MAIL FROM:<a@b.example> SIZE=5000000")).startswith("250 ")
        assert (await client.say(b"RCPT TO:<" + JOURNAL.encode() + b">")).startswith("250 ")
        assert (await client.say(b"DATA")).startswith("354 ")
        await client.send(message)
        assert (await client.reply()).startswith("250 ")
        assert run.sink.items[0][0].oversize


async def test_no_maximum_is_advertised_and_no_size_is_refused() -> None:
    async with running(max_message_bytes=1000) as run:
        client = await run.client(greet=False)
        await client.reply()
        words = (await client.say(b"EHLO x")).splitlines()
        assert [word[4:] for word in words[1:]] == [
            "PIPELINING",
            "SIZE 0",
            "8BITMIME",
            "SMTPUTF8",
            "ENHANCEDSTATUSCODES",
        ]
        assert (await client.say(b"MAIL FROM:<a@b.example> SIZE=99999999999")).startswith("250 ")


async def test_one_item_a_source_and_one_answer_for_all() -> None:
    two = (source("one"), source("two", OTHER_JOURNAL))
    async with running(*two) as run:
        client = await run.client()
        await client.envelope(JOURNAL, OTHER_JOURNAL, JOURNAL.upper())
        await client.send(MESSAGE + b".\r\n")
        assert (await client.reply()).startswith("250 ")
        assert await client.is_silent()
        envelopes = {header.source: header.envelope for header, _ in run.sink.items}
        assert set(envelopes) == {"one", "two"}
        assert envelopes["one"] is not None
        assert envelopes["one"].rcpt_to == (JOURNAL, JOURNAL.upper())
        assert len(run.sink.items) == 2


async def speak(client: RawClient, *commands: bytes) -> list[str]:
    return [(await client.say(command))[:3] for command in commands]


async def test_nothing_is_verified_expanded_relayed_or_authenticated() -> None:
    async with running() as run:
        client = await run.client()
        assert await speak(
            client,
            b"VRFY " + JOURNAL.encode(),
            b"VRFY nobody",
            b"EXPN list",
            b"AUTH PLAIN AGEAYg==",
            b"BDAT 3 LAST",
            b"ETRN x",
            b"NONSENSE",
        ) == ["252", "252", "502", "502", "502", "502", "500"]
        await client.say(b"MAIL FROM:<a@b.example>")
        assert await speak(client, b"RCPT TO:<someone@gmail.example>", b"RCPT TO:<>") == [
            "450",
            "451",
        ]


async def test_what_is_out_of_order_is_never_a_permanent_refusal() -> None:
    async with running() as run:
        client = await run.client(greet=False)
        await client.reply()
        to = b"RCPT TO:<" + JOURNAL.encode() + b">"
        assert await speak(
            client,
            b"MAIL FROM:<a@b.example>",
            to,
            b"DATA",
            b"HELO x",
            b"DATA",
            b"MAIL FRM:<a@b.example>",
            b"MAIL FROM:",
            b"MAIL FROM:<a@b.example>",
            b"MAIL FROM:<a@b.example>",
            b"DATA",
            b"RCPT TO",
            to,
            b"DATA now",
            b"RSET",
            b"DATA",
            b"NOOP",
        ) == [
            *("451", "451", "451", "250", "451", "451", "451", "250"),
            *("451", "451", "451", "250", "451", "250", "451", "250"),
        ]


async def test_a_bare_lf_never_ends_a_command() -> None:
    async with running() as run:
        client = await run.client()
        await client.send(b"NOOP\nMAIL FROM:<a@b.example>\n")
        assert await client.is_silent()
        await client.send(b"\r\n")
        assert (await client.reply()).startswith("500 ")
