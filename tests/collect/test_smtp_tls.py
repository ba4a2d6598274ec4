"""STARTTLS (RFC 3207): the handshake, client certificates, and what was said in the clear."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from monitor.collect import MailIntake
from monitor.errors import UserError
from monitor.observe import Observer
from monitor.settings import SmtpSettings
from tests.collect.certificates import Issued, Issuer, anonymous_context
from tests.collect.wire import JOURNAL, MemorySink, RawClient, Running, running, source

WIRE = b"Subject: x\r\n\r\nbody\r\n.\r\n"


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path)


@pytest.fixture
def server(issuer: Issuer) -> Issued:
    return issuer.issue("server")


def tls(server: Issued, **more: Any) -> dict[str, Any]:
    return {"tls_certificate": server.certificate, "tls_key": server.key} | more


async def secured(run: Running, context: ssl.SSLContext) -> RawClient:
    client = await run.client()
    assert (await client.say(b"STARTTLS")).startswith("220 ")
    await client.start_tls(context)
    return client


async def test_a_message_comes_through_tls(server: Issued) -> None:
    async with running(**tls(server)) as run:
        client = await secured(run, anonymous_context())
        words = await client.say(b"EHLO again.example")
        assert "STARTTLS" not in words
        body = b"x" * 300_000 + b"\r\n"
        assert (await client.deliver(body + b".\r\n")).startswith("250 ")
        assert (await client.deliver(WIRE)).startswith("250 ")
        assert run.sink.bodies[0] == body
        assert (await client.say(b"STARTTLS")).startswith("454 ")
        assert (await client.say(b"QUIT")).startswith("221 ")
        assert await client.is_closed()


async def test_what_was_said_in_the_clear_is_forgotten(server: Issued) -> None:
    async with running(**tls(server)) as run:
        client = await run.client()
        await client.say(b"MAIL FROM:<a@b.example>")
        await client.say(b"STARTTLS")
        await client.start_tls(anonymous_context())
        assert (await client.say(b"RCPT TO:<" + JOURNAL.encode() + b">")).startswith("451 ")
        assert (await client.say(b"MAIL FROM:<a@b.example>")).startswith("451 ")


async def test_commands_injected_behind_starttls_are_thrown_away(server: Issued) -> None:
    async with running(**tls(server)) as run:
        client = await run.client()
        await client.send(
            b"STARTTLS\r\nEHLO evil\r\nMAIL FROM:<evil@b.example>\r\nRCPT TO:<"
            + JOURNAL.encode()
            + b">\r\n"
        )
        assert (await client.reply()).startswith("220 ")
        await client.start_tls(anonymous_context())
        assert await client.is_silent()
        assert run.counts.dropped("plaintext_injected") == 1
        await client.say(b"EHLO good")
        assert (await client.deliver(WIRE)).startswith("250 ")
        envelope = run.sink.items[0][0].envelope
        assert envelope is not None
        assert (envelope.helo, envelope.mail_from) == ("good", "a@agency.example")


async def test_a_client_that_is_faster_than_the_handshake_is_served(server: Issued) -> None:
    context = anonymous_context()
    async with running(**tls(server)) as run:
        for _ in range(20):
            client = await run.client()
            # The first TLS record may be there before the server has changed its protocol.
            await client.say(b"STARTTLS")
            await client.start_tls(context)
            assert (await client.say(b"EHLO x")).startswith("250-")
            await client.close()


async def test_required_tls_refuses_mail_in_the_clear_for_now(server: Issued) -> None:
    async with running(**tls(server, require_tls=True)) as run:
        client = await run.client()
        assert (await client.say(b"MAIL FROM:<a@b.example>")).startswith("454 4.7.0 ")
        assert run.counts.dropped("tls_required") == 1
        await client.say(b"STARTTLS")
        await client.start_tls(anonymous_context())
        await client.say(b"EHLO x")
        assert (await client.deliver(WIRE)).startswith("250 ")


async def test_a_source_with_certificates_takes_those_alone(
    issuer: Issuer, server: Issued, tmp_path: Path
) -> None:
    right, wrong = issuer.issue("right"), issuer.issue("wrong")
    asking = source(client_certificates=(right.sha256,))
    to = b"RCPT TO:<" + JOURNAL.encode() + b">"
    async with running(asking, **tls(server, tls_client_ca=issuer.path)) as run:
        good = await secured(run, right.client_context())
        await good.say(b"EHLO x")
        assert (await good.deliver(WIRE)).startswith("250 ")
        envelope = run.sink.items[0][0].envelope
        assert envelope is not None
        assert envelope.client_certificate == right.sha256

        bad = await secured(run, wrong.client_context())
        none = await secured(run, anonymous_context())
        plain = await run.client()
        for client in (bad, none, plain):
            await client.say(b"EHLO x")
            await client.say(b"MAIL FROM:<a@b.example>")
            assert (await client.say(to)).startswith("450 ")
        assert run.counts.dropped("certificate_unknown") == 1
        assert run.counts.dropped("certificate_missing") == 2


async def test_a_certificate_of_another_ca_ends_in_the_handshake(
    issuer: Issuer, server: Issued, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    stranger = Issuer(tmp_path / "other", "Other CA").issue("stranger")
    limits = tls(server, tls_client_ca=issuer.path, max_connections=1)
    async with running(**limits) as run:
        for _ in range(3):
            client = await run.client()
            assert (await client.say(b"STARTTLS")).startswith("220 ")
            # TLS 1.3 tells a client of its refusal only after the client's handshake is done.
            with suppress(OSError):
                await client.start_tls(stranger.client_context())
                assert await client.say(b"EHLO x") == ""
            await client.close()
            await asyncio.sleep(0.05)
        # The failed ones hold no place.
        assert run.counts.dropped("tls_failed") == 3
        assert (await (await run.client()).deliver(WIRE)).startswith("250 ")


async def test_no_handshake_at_all_ends_only_that_session(server: Issued) -> None:
    async with running(**tls(server, max_connections=1)) as run:
        client = await run.client()
        await client.say(b"STARTTLS")
        await client.send(b"EHLO in the clear\r\n" * 3)
        assert await client.is_closed()
        await asyncio.sleep(0.05)
        assert (await (await run.client()).deliver(WIRE)).startswith("250 ")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
async def test_old_tls_is_not_spoken(server: Issued) -> None:
    context = anonymous_context()
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    async with running(**tls(server)) as run:
        client = await run.client()
        await client.say(b"STARTTLS")
        with pytest.raises(OSError):
            await client.start_tls(context)


async def test_sessions_over_tls_are_stopped_like_others(server: Issued) -> None:
    async with running(**tls(server)) as run:
        client = await secured(run, anonymous_context())
        await client.say(b"EHLO x")
        await run.intake.stop(2)
        assert (await client.reply()).startswith("421 ")


def test_a_source_that_asks_for_certificates_needs_a_ca() -> None:
    with pytest.raises(UserError, match=r"set smtp\.tls_client_ca"):
        MailIntake(
            SmtpSettings(), [source(client_certificates=("0" * 64,))], MemorySink(), Observer()
        )


def test_files_that_are_no_certificates_are_named(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing")
    settings = SmtpSettings(tls_certificate=nothing, tls_key=nothing)
    with pytest.raises(UserError, match=r"nothing\.pem"):
        MailIntake(settings, [source()], MemorySink(), Observer())
