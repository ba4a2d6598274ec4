"""The demo's mail domains, its resolver and the hosts of its gateway answer as real ones would."""

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import dkim
import dns.asyncquery
import dns.flags
import dns.message
import dns.rcode
import pytest

from monitor import settings
from monitor.demo.agencies import AGENCIES, DOMAIN
from monitor.demo.gateway_hosts import AUTHORITY, greeting
from monitor.demo.mail_key import dkim_signed, mail_key
from monitor.demo.mails import GATEWAY
from monitor.demo.name_server import DemoNames, serving
from monitor.demo.province import DemoPlan, prepare
from monitor.demo.zone import OLD_DOMAIN, SELECTOR, SILENT, published, zone_text

NOW = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)


@pytest.fixture
async def plan(tmp_path: Path) -> AsyncIterator[DemoPlan]:
    made = prepare(tmp_path, 1)  # certificates are judged by the clock on the wall
    names = DemoNames(zone_text(made.mail_key.public_key()))
    async with serving(names, made.names_port), greeting(made.state_dir, made.gateways):
        yield made


async def ask(plan: DemoPlan, name: str, kind: str, *, tcp: bool = False) -> dns.message.Message:
    question = dns.message.make_query(name, kind, want_dnssec=True)
    query = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
    return await query(question, "127.0.0.1", timeout=5, port=plan.names_port)


@pytest.mark.parametrize("tcp", [False, True])
async def test_the_resolver_answers_over_both_transports(plan: DemoPlan, tcp: bool) -> None:
    answer = await ask(plan, f"vpub.{DOMAIN}", "MX", tcp=tcp)
    assert answer.flags & dns.flags.AD
    assert str(answer.answer[0][0]) == f"10 mail.{DOMAIN}."


async def test_what_is_not_there_is_denied_and_what_is_elsewhere_refused(plan: DemoPlan) -> None:
    async def code(name: str, kind: str) -> int:
        return (await ask(plan, name, kind)).rcode()

    assert await code(f"_dmarc.donglua.{DOMAIN}", "TXT") == dns.rcode.NXDOMAIN
    assert await code(f"_domainkey.vpub.{DOMAIN}", "TXT") == dns.rcode.NOERROR
    assert await code("gmail.com", "MX") == dns.rcode.REFUSED
    assert await code("_dmarc.example", "TXT") == dns.rcode.NXDOMAIN  # the walk of RFC 9989 ends
    assert await code(OLD_DOMAIN, "MX") == dns.rcode.SERVFAIL


async def test_the_doctor_finds_that_it_answers_and_validates(plan: DemoPlan) -> None:
    answer = await ask(plan, ".", "SOA")
    assert (answer.rcode(), bool(answer.flags & dns.flags.AD)) == (dns.rcode.NOERROR, True)


async def test_it_keeps_silent_where_the_servers_would(plan: DemoPlan) -> None:
    question = dns.message.make_query(SILENT[0], "TXT").to_wire()
    assert DemoNames(zone_text(plan.mail_key.public_key())).answer(question, 1232) is None


def test_every_agency_in_force_has_its_domain() -> None:
    assert set(published()) == {each.label for each in AGENCIES if each.valid_to is None}


async def test_the_gateway_greets_and_shows_its_certificate(plan: DemoPlan) -> None:
    context = ssl.create_default_context(cafile=str(plan.state_dir / AUTHORITY))

    def look(port: int) -> bool:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as session:
            session._host = GATEWAY  # type: ignore[attr-defined]  # whom smtplib expects
            session.starttls(context=context)
            session.ehlo()
            refused, _ = session.docmd("MAIL FROM:<>")
            return refused == 502 and not session.has_extn("starttls")

    for host in plan.gateways:
        assert await asyncio.to_thread(look, host.port)


def test_mail_is_signed_by_the_key_that_is_published(tmp_path: Path) -> None:
    key = mail_key(tmp_path)
    assert mail_key(tmp_path).private_numbers() == key.private_numbers()
    raw = b"From: a@stc.hoasen.demo.example\r\nTo: b@x.example\r\nSubject: y\r\n\r\nz\r\n"
    signed = dkim_signed(raw, f"stc.{DOMAIN}", key)
    names = DemoNames(zone_text(key.public_key()))

    def published_key(name: bytes, timeout: int = 5) -> bytes:
        wire = dns.message.make_query(name.decode(), "TXT").to_wire()
        answer = dns.message.from_wire(names.answer(wire, 0xFFFF) or b"")
        return b"".join(answer.answer[0][0].strings)

    assert f"s={SELECTOR}".encode() in signed
    assert dkim.verify(signed, dnsfunc=published_key)
    assert not dkim.verify(signed.replace(b"z\r\n", b"w\r\n"), dnsfunc=published_key)


def test_the_settings_of_the_demo_name_its_resolver_and_gateways(tmp_path: Path) -> None:
    plan = prepare(tmp_path, 1, lambda: NOW)
    loaded = settings.load(plan.config_path)
    assert loaded.dns.resolvers == (f"127.0.0.1:{plan.names_port}",)
    assert [each.port for each in loaded.gateways] == [each.port for each in plan.gateways]
    assert all(each.ca == plan.state_dir / AUTHORITY for each in loaded.gateways)
