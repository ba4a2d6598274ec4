"""A real gateway: Postfix with `always_bcc` and a transport of its own for the journal."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import SpoolFull
from tests.collect.certificates import Issuer
from tests.collect.wire import JOURNAL, MemorySink, raising, running, source
from tests.support.daemon import free_port
from tests.support.postfix import Postfix, with_postfix

DESTINATION = "destination@agency.example"


def gateway(
    port: int | None, parameters: Mapping[str, str] | None = None, *, client: str = "smtp"
) -> Postfix:
    """A gateway that journals to us and delivers officials' mail to nowhere, saying `sent`."""
    journal = {
        "always_bcc": JOURNAL,
        "transport_maps": f"inline:{{{JOURNAL}=journal:[127.0.0.1]:{port}}}",
        "default_transport": "discard",
    }
    return Postfix(journal | dict(parameters or {}), services=[f"journal unix - - n - - {client}"])


def mail(number: int, body: bytes = b"body\r\n") -> bytes:
    return (
        b"From: a@agency.example\r\nDate: Mon, 16 Nov 2026 08:00:00 +0700\r\n"
        b"Message-ID: <%d@agency.example>\r\nSubject: mail %d\r\n\r\n%b" % (number, number, body)
    )


def send(port: int, *messages: bytes, sender: str = "a@agency.example") -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        for message in messages:
            client.sendmail(sender, [DESTINATION], message)


async def until(true: Callable[[], bool], what: str, seconds: float = 60) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"not within {seconds} s: {what}")


def subjects(sink: MemorySink) -> list[bytes]:
    """Subject of each captured mail, in order of number."""
    lines = (line for body in sink.bodies for line in body.splitlines())
    found = [line for line in lines if line.startswith(b"Subject: ")]
    return sorted(found, key=lambda line: int(line.rsplit(b" ", 1)[1]))


def originals_sent(postfix: Postfix) -> int:
    return sum(
        f"to=<{DESTINATION}>" in line and "status=sent" in line
        for line in postfix.log().splitlines()
    )


@pytest.fixture(params=["smtp", "lmtp"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Any, Postfix]]:
    lmtp = request.param == "lmtp"
    async with running() as run:
        port = run.intake.lmtp_port if lmtp else run.intake.port
        with gateway(port, client=request.param) as postfix:
            yield run, postfix


@with_postfix
async def test_every_mail_is_copied_once_with_its_sender(pair: tuple[Any, Postfix]) -> None:
    run, postfix = pair
    bodies = [b".\r\n..\r\n.x\r\n", b"x" * 990 + b"\r\n", b"\xe1\xba\xa1\r\n", b"y\r\n" * 300_000]
    messages = [mail(number, body) for number, body in enumerate(bodies)]
    await asyncio.to_thread(send, postfix.port, *messages)
    await until(lambda: len(run.sink.items) >= 4, "four copies")
    await until(lambda: originals_sent(postfix) == 4, "four originals")
    assert subjects(run.sink) == [b"Subject: mail %d" % number for number in range(4)]
    by_subject = {body.split(b"Subject: ")[1].split(b"\r")[0]: body for body in run.sink.bodies}
    for number, message in enumerate(messages):
        copy = by_subject[b"mail %d" % number]
        # Postfix puts its Received header before the message and changes nothing else.
        assert copy.endswith(message)
    for header, _ in run.sink.items:
        assert header.envelope.mail_from == "a@agency.example"
        assert header.envelope.rcpt_to == (JOURNAL,)
    assert postfix.queue() == []


@with_postfix
async def test_the_null_sender_and_utf8_addresses_are_copied(pair: tuple[Any, Postfix]) -> None:
    run, postfix = pair

    def talk() -> None:
        with smtplib.SMTP("127.0.0.1", postfix.port, timeout=30) as client:
            client.sendmail("", [DESTINATION], mail(0))
            client.ehlo()
            client.sendmail(
                "nguyễn@agency.example", [DESTINATION], mail(1), mail_options=["SMTPUTF8"]
            )

    await asyncio.to_thread(talk)
    await until(lambda: len(run.sink.items) == 2, "two copies")
    senders = {header.envelope.mail_from for header, _ in run.sink.items}
    assert senders == {"", "nguyễn@agency.example"}


@with_postfix
async def test_copies_wait_in_the_gateway_while_the_intake_is_away() -> None:
    sink = MemorySink()
    port = free_port()
    with gateway(port) as postfix:
        await asyncio.to_thread(send, postfix.port, *(mail(number) for number in range(5)))
        await until(lambda: originals_sent(postfix) == 5, "originals are not held up")
        await until(lambda: "status=deferred" in postfix.log(), "the copies are deferred")
        assert len(postfix.queue()) == 5
        async with running(sink=sink, port=port):
            await asyncio.to_thread(send, postfix.port, mail(5))
            await until(lambda: len(sink.items) >= 6 and not postfix.queue(), "six copies")
        await asyncio.to_thread(send, postfix.port, mail(6))
        await until(lambda: originals_sent(postfix) == 7, "the original goes out again")
        async with running(sink=sink, port=port):
            await until(lambda: len(sink.items) >= 7 and not postfix.queue(), "the seventh")
    assert subjects(sink) == [b"Subject: mail %d" % number for number in range(7)]


@with_postfix
async def test_whatever_is_wrong_delays_a_copy_and_bounces_none() -> None:
    sink = MemorySink(before=raising(SpoolFull("full")))
    stranger = source(networks=("192.0.2.0/24",))
    other_address = source(address="another@congvu.example")
    port = free_port()
    with gateway(port) as postfix:
        await asyncio.to_thread(send, postfix.port, mail(0))
        for wrong, answer in (
            (source(), "452 4.3.1"),
            (stranger, "421 4.7.1"),
            (other_address, "450 4.7.1"),
        ):
            async with running(wrong, sink=sink, port=port):
                await until(lambda answer=answer: answer in postfix.log(), answer)  # type: ignore[misc]  # bound now
        sink.before = None
        async with running(sink=sink, port=port):
            await until(lambda: not postfix.queue(), "the copy arrives in the end")
        log = postfix.log()
        assert len(sink.items) == 1
        assert originals_sent(postfix) == 1
        assert "status=bounced" not in log
        assert "sender non-delivery notification" not in log


@with_postfix
async def test_a_mail_past_our_limit_is_no_mail_past_the_gateways(tmp_path: Path) -> None:
    async with running(max_message_bytes=100_000) as run:
        with gateway(run.intake.port) as postfix:
            await asyncio.to_thread(send, postfix.port, mail(0, b"x" * 70 + b"\r\n" * 200_000))
            await until(lambda: len(run.sink.items) == 1, "the header of the copy")
            header, kept = run.sink.items[0]
            assert header.oversize
            assert header.size > 400_000
            assert kept.endswith(b"Subject: mail 0\r\n\r\n")
            assert postfix.queue() == []


@with_postfix
async def test_the_gateway_shows_its_certificate(tmp_path: Path) -> None:
    issuer = Issuer(tmp_path)
    server, client = issuer.issue("server"), issuer.issue("client")
    asking = source(client_certificates=(client.sha256,))
    tls: dict[str, Any] = {
        "tls_certificate": server.certificate,
        "tls_key": server.key,
        "tls_client_ca": issuer.path,
        "require_tls": True,
    }
    async with running(asking, **tls) as run:
        shown = {
            "smtp_tls_security_level": "encrypt",
            "smtp_tls_cert_file": str(client.certificate),
            "smtp_tls_key_file": str(client.key),
        }
        with gateway(run.intake.port, shown) as postfix:
            await asyncio.to_thread(send, postfix.port, mail(0))
            await until(lambda: len(run.sink.items) == 1, "the copy over TLS")
            envelope = run.sink.items[0][0].envelope
            assert envelope is not None
            assert envelope.client_certificate == client.sha256


@with_postfix
async def test_the_end_of_a_session_puts_no_copy_off() -> None:
    async with running(max_messages_per_session=2, max_connections_per_client=2) as run:
        # Connections are kept, and no copy that was put off would come within the test.
        kept = {"smtp_connection_cache_destinations": "127.0.0.1", "minimal_backoff_time": "300s"}
        port = run.intake.port
        with gateway(port, kept | {"journal_destination_concurrency_limit": "1"}) as postfix:
            await asyncio.to_thread(send, postfix.port, *(mail(number) for number in range(20)))
            await until(lambda: len(run.sink.items) == 20, "twenty copies")
            assert "conn_use=2" in postfix.log()
            assert "status=deferred" not in postfix.log()
