"""The listener that speaks TLS from the first byte (RFC 8314 3.3)."""

import asyncio
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from monitor.settings import SmtpSettings
from tests.collect.certificates import Issued, Issuer, anonymous_context
from tests.collect.wire import JOURNAL, RawClient, Running, running, source
from tests.support.needs import needs, program

WIRE = b"Subject: x\r\n\r\nbody\r\n.\r\n"


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path)


@pytest.fixture
def server(issuer: Issuer) -> Issued:
    return issuer.issue("server")


def tls(server: Issued, **more: Any) -> dict[str, Any]:
    return {"tls_port": 0, "tls_certificate": server.certificate, "tls_key": server.key} | more


async def in_the_clear(run: Running) -> RawClient:
    """A connection to the TLS port that has not begun its handshake."""
    return RawClient(*await asyncio.open_connection("127.0.0.1", run.intake.tls_port))


async def test_a_message_comes_by_a_session_that_begins_with_tls(server: Issued) -> None:
    async with running(**tls(server)) as run:
        client = await run.tls_client(anonymous_context())
        assert (await client.deliver(WIRE)).startswith("250 ")
        body = b"x" * 300_000 + b"\r\n"
        assert (await client.deliver(body + b".\r\n")).startswith("250 ")
        assert run.sink.bodies == [WIRE[:-3], body]
        assert (await client.say(b"QUIT")).startswith("221 ")
        assert await client.is_closed()


async def test_starttls_is_neither_offered_nor_taken_within_tls(server: Issued) -> None:
    async with running(**tls(server)) as run:
        client = await run.tls_client(anonymous_context(), greet=False)
        await client.reply()
        assert "STARTTLS" not in await client.say(b"EHLO x")
        assert (await client.say(b"STARTTLS")).startswith("454 ")


async def test_required_tls_is_satisfied_by_it(server: Issued) -> None:
    async with running(**tls(server, require_tls=True)) as run:
        client = await run.tls_client(anonymous_context())
        assert (await client.deliver(WIRE)).startswith("250 ")


async def test_the_clients_certificate_is_known_from_the_handshake(
    issuer: Issuer, server: Issued
) -> None:
    right, wrong = issuer.issue("right"), issuer.issue("wrong")
    asking = source(client_certificates=(right.sha256,))
    async with running(asking, **tls(server, tls_client_ca=issuer.path)) as run:
        good = await run.tls_client(right.client_context())
        assert (await good.deliver(WIRE)).startswith("250 ")
        envelope = run.sink.items[0][0].envelope
        assert envelope is not None
        assert envelope.client_certificate == right.sha256
        bad = await run.tls_client(wrong.client_context())
        await bad.say(b"MAIL FROM:<a@b.example>")
        assert (await bad.say(b"RCPT TO:<" + JOURNAL.encode() + b">")).startswith("450 ")
        assert run.counts.dropped("certificate_unknown") == 1


async def test_clients_that_send_at_once_are_served(server: Issued) -> None:
    """The handshake's first record must reach the TLS layer however early it comes."""
    context = anonymous_context()
    async with running(**tls(server)) as run:
        for _ in range(60):
            client = await run.tls_client(context)
            await client.close()
        assert run.counts.dropped("tls_failed") == 0


async def test_strangers_are_closed_unheard(server: Issued) -> None:
    stranger = source(networks=("192.0.2.0/24",))
    async with running(stranger, **tls(server)) as run:
        client = await in_the_clear(run)
        assert await client.is_closed()
        assert run.counts.dropped("client_not_allowed") == 1


async def test_who_does_not_shake_hands_holds_a_place_and_gives_it_back(server: Issued) -> None:
    async with running(**tls(server, max_connections=1)) as run:
        silent = await in_the_clear(run)
        await asyncio.sleep(0.05)
        assert (await (await run.client(greet=False)).reply()).startswith("421 ")
        assert run.counts.dropped("connections") == 1
        await silent.send(b"EHLO in the clear\r\n" * 3)
        assert await silent.is_closed()
        await asyncio.sleep(0.05)
        assert run.counts.dropped("tls_failed") == 1
        assert (await (await run.client()).deliver(WIRE)).startswith("250 ")


async def test_a_stop_does_not_wait_for_a_handshake(server: Issued) -> None:
    async with running(**tls(server)) as run:
        port = run.intake.tls_port
        silent = await in_the_clear(run)
        await asyncio.sleep(0.05)
        async with asyncio.timeout(5):
            await run.intake.stop(0.05)
        assert await silent.is_closed()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)


async def test_a_session_within_tls_is_told_of_the_stop(server: Issued) -> None:
    async with running(**tls(server)) as run:
        client = await run.tls_client(anonymous_context())
        await run.intake.stop(2)
        assert (await client.reply()).startswith("421 ")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
async def test_old_tls_is_not_spoken(server: Issued) -> None:
    context = anonymous_context()
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    async with running(**tls(server)) as run:
        with pytest.raises(OSError):
            await run.tls_client(context)


async def test_a_port_in_use_is_said_at_the_start(server: Issued) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        async with running(**tls(server, tls_port=taken.getsockname()[1])):
            pass


def test_the_port_needs_a_certificate() -> None:
    with pytest.raises(ValidationError, match="tls_port needs tls_certificate and tls_key"):
        SmtpSettings(tls_port=465)


@needs("openssl")
async def test_openssl_speaks_to_it(issuer: Issuer, server: Issued) -> None:
    async with running(**tls(server)) as run:
        asked = b"EHLO openssl.example\r\nQUIT\r\n"
        done = await asyncio.to_thread(
            subprocess.run,
            [
                program("openssl"), "s_client", "-quiet", "-verify_return_error",
                "-CAfile", str(issuer.path), "-connect", f"127.0.0.1:{run.intake.tls_port}",
            ],
            input=asked, capture_output=True, timeout=30, check=False,
        )  # fmt: skip
    assert b"220 " in done.stdout
    assert b"250 " in done.stdout
    assert b"221 " in done.stdout


@needs("swaks")
async def test_swaks_delivers_on_connect(server: Issued) -> None:
    async with running(**tls(server)) as run:
        done = await asyncio.to_thread(
            subprocess.run,
            [
                program("swaks"), "--tls-on-connect", "--server", "127.0.0.1",
                "--port", str(run.intake.tls_port), "--from", "a@agency.example",
                "--to", JOURNAL, "--body", "x",
            ],
            capture_output=True, timeout=60, check=False, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(run.sink.items) == 1
