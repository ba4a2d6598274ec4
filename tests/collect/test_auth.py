"""Logins of sources (RFC 4954): only within TLS, only where asked for, and never a lost copy."""

import asyncio
import base64
import smtplib
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.collect import MailIntake
from monitor.collect.admission import WRONG_LOGINS_PER_MINUTE
from monitor.errors import UserError
from monitor.extract.journal import read_journal
from monitor.model import Journal, Limits
from monitor.observe import Observer
from monitor.settings import MailSource, SmtpSettings
from tests.collect.certificates import Issued, Issuer, anonymous_context
from tests.collect.wire import (
    JOURNAL,
    OTHER_JOURNAL,
    MemorySink,
    RawClient,
    Running,
    running,
    source,
)
from tests.extract.journal_samples import journal, original
from tests.support.needs import needs, program
from tests.support.postfix import Postfix, with_postfix

WIRE = b"Subject: x\r\n\r\nbody\r\n.\r\n"
USER, PASSWORD = "exchange", "mật khẩu 1"
TO = b"RCPT TO:<" + JOURNAL.encode() + b">"


@pytest.fixture
def server(tmp_path: Path) -> Issued:
    return Issuer(tmp_path).issue("server")


def asking(folder: Path, username: str = USER, password: str = PASSWORD, **more: Any) -> MailSource:
    path = folder / f"{username}.{more.get('name', 'gateway')}.password"
    path.write_text(password + "\n", encoding="utf-8")
    return source(username=username, password_file=path, **more)


def tls(server: Issued, **more: Any) -> dict[str, Any]:
    return {"tls_port": 0, "tls_certificate": server.certificate, "tls_key": server.key} | more


@pytest.fixture
async def run(tmp_path: Path, server: Issued) -> AsyncIterator[Running]:
    async with running(asking(tmp_path), **tls(server)) as found:
        yield found


def plain(username: str = USER, password: str = PASSWORD, authorize: str = "") -> bytes:
    return base64.b64encode(f"{authorize}\0{username}\0{password}".encode())


def b64(text: str) -> bytes:
    return base64.b64encode(text.encode())


async def talk(run: Running) -> RawClient:
    return await run.tls_client(anonymous_context())


async def test_it_is_offered_within_tls_and_never_in_the_clear(run: Running) -> None:
    client = await run.client(greet=False)
    await client.reply()
    assert "AUTH" not in await client.say(b"EHLO x")
    assert (await client.say(b"AUTH PLAIN " + plain())).startswith("454 ")
    await client.say(b"STARTTLS")
    await client.start_tls(anonymous_context())
    assert "AUTH PLAIN LOGIN" in await client.say(b"EHLO x")
    assert (await client.say(b"AUTH PLAIN " + plain())).startswith("235 ")
    assert (await client.deliver(WIRE)).startswith("250 ")


async def test_it_is_not_offered_to_clients_whose_sources_ask_for_none(server: Issued) -> None:
    async with running(**tls(server)) as run:
        client = await run.tls_client(anonymous_context(), greet=False)
        await client.reply()
        assert "AUTH" not in await client.say(b"EHLO x")
        assert (await client.say(b"AUTH PLAIN " + plain())).startswith("502 ")
        assert (await client.deliver(WIRE)).startswith("250 ")


async def test_plain_and_login_are_spoken_in_all_their_forms(run: Running) -> None:
    dialogues = (
        (b"AUTH PLAIN " + plain(),),
        (b"auth plain " + plain(authorize=USER),),
        (b"AUTH PLAIN", plain()),
        (b"AUTH LOGIN", b64(USER), b64(PASSWORD)),
        (b"AUTH LOGIN " + b64(USER), b64(PASSWORD)),
    )
    for lines in dialogues:
        client = await talk(run)
        for line in lines[:-1]:
            assert (await client.say(line)).startswith("334")
        assert (await client.say(lines[-1])).startswith("235 "), lines
        assert (await client.deliver(WIRE)).startswith("250 ")
    assert len(run.sink.items) == len(dialogues)


async def test_without_a_login_the_copy_waits(run: Running) -> None:
    client = await talk(run)
    await client.say(b"MAIL FROM:<a@b.example>")
    assert (await client.say(TO)).startswith("450 4.7.1 ")
    assert run.counts.dropped("login_missing") == 1
    assert run.sink.items == []


async def test_a_wrong_login_is_refused_for_now_and_gives_nothing(run: Running) -> None:
    client = await talk(run)
    for credentials in (plain(password="wrong"), plain(username="somebody")):
        assert (await client.say(b"AUTH PLAIN " + credentials)).startswith("454 4.7.0 ")
    await client.say(b"MAIL FROM:<a@b.example>")
    assert (await client.say(TO)).startswith("450 ")
    await client.say(b"RSET")
    assert (await client.say(b"AUTH PLAIN " + plain())).startswith("235 ")
    assert (await client.deliver(WIRE)).startswith("250 ")
    assert run.counts.dropped("login_wrong") == 2


async def test_three_wrong_ones_end_the_session(run: Running) -> None:
    client = await talk(run)
    replies = [await client.say(b"AUTH PLAIN " + plain(password=str(n))) for n in range(3)]
    assert [reply[:3] for reply in replies] == ["454", "454", "421"]
    assert await client.is_closed()


async def test_passwords_are_not_found_by_trying(run: Running) -> None:
    refused = 0
    while refused < WRONG_LOGINS_PER_MINUTE:
        client = await talk(run)
        for _ in range(2):
            await client.say(b"AUTH PLAIN " + plain(password="guess"))
            refused += 1
        await client.close()
    client = await talk(run)
    # Even the right one is not looked at now: a guesser learns nothing more.
    assert (await client.say(b"AUTH PLAIN " + plain())).startswith("454 ")
    assert run.counts.dropped("login_rate") == 1


async def test_what_is_no_login_is_said_so_and_gives_nothing(run: Running) -> None:
    client = await talk(run)
    assert (await client.say(b"AUTH")).startswith("504 ")
    assert (await client.say(b"AUTH CRAM-MD5")).startswith("504 ")
    assert (await client.say(b"AUTH PLAIN not*base64")).startswith("501 ")
    assert (await client.say(b"AUTH PLAIN " + base64.b64encode(b"a\0b"))).startswith("501 ")
    assert (await client.say(b"AUTH PLAIN =")).startswith("501 ")
    assert (await client.say(b"AUTH PLAIN " + plain(authorize="root"))).startswith("501 ")
    await client.say(b"AUTH LOGIN")
    assert (await client.say(b"*")).startswith("501 ")
    await client.say(b"MAIL FROM:<a@b.example>")
    assert (await client.say(b"AUTH PLAIN " + plain())).startswith("503 ")
    assert (await client.say(TO)).startswith("450 ")


async def test_a_session_logs_in_once(run: Running) -> None:
    client = await talk(run)
    await client.say(b"AUTH PLAIN " + plain())
    assert (await client.say(b"AUTH PLAIN " + plain())).startswith("503 ")
    await client.say(b"EHLO again")
    assert (await client.deliver(WIRE)).startswith("250 ")


async def test_a_login_counts_for_its_own_source_alone(tmp_path: Path, server: Issued) -> None:
    sources = (
        asking(tmp_path),
        asking(tmp_path, "other", "other password", name="other", address=OTHER_JOURNAL),
    )
    async with running(*sources, **tls(server)) as run:
        client = await talk(run)
        await client.say(b"AUTH PLAIN " + plain("other", "other password"))
        await client.say(b"MAIL FROM:<a@b.example>")
        assert (await client.say(TO)).startswith("450 ")
        assert (await client.say(b"RCPT TO:<" + OTHER_JOURNAL.encode() + b">")).startswith("250 ")
        # Whose password it is counts, not who says so.
        mixed = await talk(run)
        given = plain(USER, "other password")
        assert (await mixed.say(b"AUTH PLAIN " + given)).startswith("454 ")


async def test_the_item_says_how_its_source_wraps_mail(tmp_path: Path, server: Issued) -> None:
    async with running(asking(tmp_path, journal=Journal.EXCHANGE), **tls(server)) as run:
        client = await talk(run)
        await client.say(b"AUTH PLAIN " + plain())
        await client.deliver(WIRE)
        assert run.sink.items[0][0].journal is Journal.EXCHANGE


async def test_no_event_tells_a_name_or_a_password(
    run: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    client = await talk(run)
    await client.say(b"AUTH PLAIN " + plain("somebody-else", "their-secret"))
    said = capsys.readouterr()
    assert "login_wrong" in said.out + said.err
    for word in ("somebody-else", "their-secret", USER, PASSWORD):
        assert word not in said.out + said.err


def test_a_login_needs_a_certificate_of_ours(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"over TLS alone: set smtp\.tls_certificate"):
        MailIntake(SmtpSettings(), [asking(tmp_path)], MemorySink(), Observer())


def test_a_password_that_cannot_be_read_is_said_at_the_start(
    tmp_path: Path, server: Issued
) -> None:
    wanting = asking(tmp_path)
    assert wanting.password_file is not None
    wanting.password_file.write_text(" \n")
    settings = SmtpSettings(tls_certificate=server.certificate, tls_key=server.key)
    with pytest.raises(UserError, match="is empty: write the password into it"):
        MailIntake(settings, [wanting], MemorySink(), Observer())


@needs("swaks")
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
async def test_swaks_logs_in(tmp_path: Path, server: Issued, mechanism: str) -> None:
    async with running(asking(tmp_path, password="p4ss"), **tls(server)) as run:
        done = await asyncio.to_thread(
            subprocess.run,
            [
                program("swaks"), "--tls-on-connect", "--server", "127.0.0.1",
                "--port", str(run.intake.tls_port), "--from", "a@agency.example",
                "--to", JOURNAL, "--body", "x", "--auth", mechanism,
                "--auth-user", USER, "--auth-password", "p4ss",
            ],
            capture_output=True, timeout=60, check=False, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(run.sink.items) == 1


@with_postfix
async def test_a_smarthost_that_logs_in_keeps_a_report_until_its_password_is_right(
    tmp_path: Path, server: Issued
) -> None:
    """Exchange's send connector does what this Postfix does: STARTTLS, AUTH LOGIN, and queue."""
    async with running(asking(tmp_path, password="p4ss"), **tls(server)) as run:
        host = f"[127.0.0.1]:{run.intake.port}"

        def smarthost(password: str) -> dict[str, str]:
            return {
                "relayhost": host,
                "smtp_tls_security_level": "encrypt",
                "smtp_sasl_auth_enable": "yes",
                "smtp_sasl_password_maps": f"inline:{{{{{host} = {USER}:{password}}}}}",
                "smtp_sasl_security_options": "noanonymous",
                "smtp_sasl_tls_security_options": "noanonymous",
            }

        with Postfix(smarthost("wrong")) as postfix:
            await asyncio.to_thread(_submit, postfix.port)
            await _until(lambda: "status=deferred" in postfix.log())
            assert len(postfix.queue()) == 1
            assert run.sink.items == []
            assert "status=bounced" not in postfix.log()
        with Postfix(smarthost("p4ss")) as postfix:
            await asyncio.to_thread(_submit, postfix.port)
            await _until(lambda: bool(run.sink.items))
            await _until(lambda: not postfix.queue())
        (body,) = run.sink.bodies
        assert read_journal(body, Limits()).root.raw() == original()


def _submit(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.sendmail("a@agency.example", [JOURNAL], journal())


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.05)
