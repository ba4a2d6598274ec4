"""A gateway's liveness, against real servers and against those that mean harm."""

import asyncio
import contextlib
import functools
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from monitor.clock import vietnam_day
from monitor.model import CheckStatus
from monitor.observe import Observer
from monitor.posture.desk import Desk
from monitor.posture.gateway import probe
from monitor.posture.model import GatewayState, GatewayTarget
from monitor.posture.names import Answer, Kind, Why
from monitor.posture.smtp import Wire
from monitor.posture.words import Reason
from monitor.settings import DnsSettings
from tests.posture import mail_servers as servers
from tests.posture.mail_servers import HOST, Line, certificate, polite, serving, target, tls
from tests.posture.zones import Zone
from tests.support.daemon import free_port
from tests.support.postfix import Postfix, with_postfix
from tests.verify import making
from tests.verify.making import DAY, NOW, Identity

GARBAGE = bytes(range(128, 256))


async def look(asked: GatewayTarget, names: Zone | None = None) -> GatewayState:
    state = await probe(asked, datetime.now(UTC), names)
    assert state.name == asked.name
    for fact in state.facts.values():
        assert fact.isascii()
        assert fact.isprintable()
        assert len(fact) <= 300
    return state


# -- a server that does as it should --------------------------------------------------------------


async def test_a_good_gateway_passes_and_is_told_no_sender() -> None:
    with serving(polite(tls(certificate()))) as server:
        state = await look(target(server.port))
    assert (state.status, state.reason) == (CheckStatus.PASS, Reason.FINE)
    assert (state.up, state.starttls, state.certificate_trusted) == (True, True, True)
    assert state.facts["tls"].startswith("TLSv1.")
    assert state.certificate_not_after is not None
    assert state.facts["days"] == "90"
    assert server.heard == ["EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]", "QUIT"]


async def test_tls_from_the_first_octet() -> None:
    with serving(polite(tls(certificate()), implicit=True)) as server:
        state = await look(target(server.port, tls=True))
    assert (state.status, state.reason) == (CheckStatus.PASS, Reason.FINE)
    assert (state.up, state.starttls, state.certificate_trusted) == (True, None, True)
    assert server.heard == ["EHLO [127.0.0.1]", "QUIT"]


async def test_where_starttls_is_not_wanted_it_is_not_asked_for() -> None:
    with serving(polite(None)) as server:
        state = await look(target(server.port, starttls=False))
    assert (state.status, state.reason) == (CheckStatus.PASS, Reason.FINE)
    assert state.certificate_not_after is None
    assert (state.up, state.starttls, state.certificate_trusted) == (True, None, None)


# -- its certificate ------------------------------------------------------------------------------


def below_an_expired_one() -> Identity:
    above = making.issue(making.name("Old CA"), servers.authority(), ca=True, not_after=NOW - DAY)
    return certificate(issuer=above)


CERTIFICATES = {
    Reason.GATEWAY_EXPIRED: functools.partial(certificate, days=-1),
    Reason.GATEWAY_NOT_YET_VALID: functools.partial(certificate, since=2 * DAY),
    Reason.GATEWAY_OTHER_NAME: functools.partial(certificate, "mx.tinhkhac.gov.vn"),
    Reason.GATEWAY_UNTRUSTED: functools.partial(certificate, alone=True),
}


@pytest.mark.parametrize("implicit", [False, True])
@pytest.mark.parametrize("reason", list(CERTIFICATES))
async def test_a_certificate_that_does_not_hold_is_named(reason: Reason, implicit: bool) -> None:
    made = CERTIFICATES[reason]()
    with serving(polite(tls(made), implicit=implicit)) as server:
        state = await look(target(server.port, tls=implicit))
    assert (state.status, state.reason) == (CheckStatus.FAIL, reason)
    assert state.certificate_not_after == made.certificate.not_valid_after_utc
    offered = None if implicit else True
    assert (state.up, state.starttls, state.certificate_trusted) == (True, offered, False)
    assert server.connections == 2  # the second to see what it showed
    assert not any("MAIL" in line.upper() for line in server.heard)


async def test_another_authority_is_not_trusted_nor_is_that_of_the_system() -> None:
    other = making.issue(making.name("Other CA"), ca=True)
    with serving(polite(tls(certificate()))) as server:
        for ca in (servers.pem(other), None):
            state = await look(target(server.port, ca=ca))
            assert state.reason is Reason.GATEWAY_UNTRUSTED
            assert state.up


async def test_an_authority_that_is_expired_is_not_the_gateways_certificate_that_is() -> None:
    with serving(polite(tls(below_an_expired_one()))) as server:
        state = await look(target(server.port))
    assert (state.status, state.reason) == (CheckStatus.FAIL, Reason.GATEWAY_UNTRUSTED)


async def test_ten_days_left_are_remarked_and_pass() -> None:
    with serving(polite(tls(certificate(days=10.5)))) as server:
        state = await look(target(server.port))
    assert (state.status, state.reason) == (CheckStatus.PASS, Reason.GATEWAY_ENDS_SOON)
    assert state.facts["days"] == "10"


async def test_a_certificate_without_an_end_passes() -> None:
    """RFC 5280 4.1.2.5: its last day is one of the year 10000 in Vietnam."""
    last = datetime(9999, 12, 31, 20, tzinfo=UTC)
    endless = certificate(days=(last - NOW) / timedelta(days=1))
    with serving(polite(tls(endless))) as server:
        state = await look(target(server.port))
    assert (state.status, state.reason) == (CheckStatus.PASS, Reason.FINE)
    assert state.certificate_not_after is not None
    assert vietnam_day(state.certificate_not_after).year == 9999


async def test_a_certificate_of_no_known_version_is_a_fault_of_the_gateway(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TLS takes it where nobody verifies it, as for its date; its reader raises what is its own."""
    odd = certificate(alone=True).certificate.public_bytes(serialization.Encoding.DER)
    version = bytes.fromhex("a003020102")
    assert odd.count(version) == 1
    odd = odd.replace(version, version[:-1] + b"\x05")
    monkeypatch.setattr(Wire, "certificate", property(lambda _: odd))
    with serving(polite(tls(certificate(alone=True)))) as server:
        state = await look(target(server.port))
    assert (state.status, state.reason) == (CheckStatus.FAIL, Reason.GATEWAY_UNTRUSTED)
    assert state.certificate_not_after is None


async def test_an_intermediate_that_the_operator_names_is_trusted() -> None:
    middle = making.issue(making.name("Middle CA"), servers.authority(), ca=True)
    with serving(polite(tls(certificate(issuer=middle)))) as server:
        state = await look(target(server.port, ca=servers.pem(middle)))
    assert state.reason is Reason.FINE


async def test_an_address_is_the_name_where_no_other_is_given() -> None:
    with serving(polite(tls(certificate("127.0.0.1")))) as server:
        state = await look(target(server.port, server_name=None))
    assert state.reason is Reason.FINE


# -- servers that do not do as they should --------------------------------------------------------


def flood(piece: bytes, begin: bytes = b"") -> servers.Script:
    def script(line: Line) -> None:
        line.say(begin)
        while True:
            line.say(piece)

    return script


def after_greeting(*replies: str | bytes) -> servers.Script:
    def script(line: Line) -> None:
        line.say("220 mx ESMTP")
        for reply in replies:
            line.hear()
            line.say(reply)
        line.wait()

    return script


def drip(line: Line) -> None:
    line.say(b"220-")
    line.sock.settimeout(0.05)
    while True:
        try:
            if not line.sock.recv(10):
                return
        except TimeoutError:
            line.say(b"x")


HOSTILE: dict[str, tuple[servers.Script, Reason]] = {
    "it closes at once": (lambda line: None, Reason.GATEWAY_SILENT),
    "it says nothing": (Line.wait, Reason.GATEWAY_SILENT),
    "it drips": (drip, Reason.GATEWAY_SILENT),
    "half a line": (lambda line: line.say(b"220 mx"), Reason.GATEWAY_SILENT),
    "a line of a megabyte": (flood(b"x" * 65536, b"220 "), Reason.GATEWAY_GARBLED),
    "lines without end": (flood(b"220-more\r\n" * 500), Reason.GATEWAY_GARBLED),
    "zeros without end": (flood(b"\0" * 4096), Reason.GATEWAY_GARBLED),
    "eight bits": (lambda line: line.say(GARBAGE + b"\r\n"), Reason.GATEWAY_GARBLED),
    "another protocol": (lambda line: line.say("SSH-2.0-OpenSSH_9.2"), Reason.GATEWAY_GARBLED),
    "an escape": (lambda line: line.say("220\x1b[2J hello"), Reason.GATEWAY_GARBLED),
    "code 354": (lambda line: line.say("354 go on"), Reason.GATEWAY_GARBLED),
    "code 999": (lambda line: line.say("999 go on"), Reason.GATEWAY_GARBLED),
    "two codes": (lambda line: line.say("220-a\r\n250 b"), Reason.GATEWAY_GARBLED),
    "it is busy": (lambda line: line.say("421 too busy"), Reason.GATEWAY_REFUSED),
    "it wants nobody": (lambda line: line.say("554 go away"), Reason.GATEWAY_REFUSED),
    "EHLO is refused": (after_greeting("502 what?"), Reason.GATEWAY_REFUSED),
    "EHLO is answered by 220": (after_greeting("220 yes"), Reason.GATEWAY_GARBLED),
    "no STARTTLS": (after_greeting("250-mx\r\n250 XSTARTTLS"), Reason.GATEWAY_NO_STARTTLS),
    "STARTTLS in the name alone": (after_greeting("250 STARTTLS"), Reason.GATEWAY_NO_STARTTLS),
    "STARTTLS is not to be had": (
        after_greeting("250-mx\r\n250 STARTTLS", "454 not now"), Reason.GATEWAY_HANDSHAKE,
    ),
    "plain text after STARTTLS": (
        after_greeting("250-mx\r\n250 STARTTLS", "220 go\r\n250-mx\r\n250 AUTH PLAIN"),
        Reason.GATEWAY_INJECTED,
    ),
    "no TLS after STARTTLS": (
        after_greeting("250-mx\r\n250 STARTTLS", "220 go", b"hello\r\n" * 9),
        Reason.GATEWAY_HANDSHAKE,
    ),
}  # fmt: skip


GREETED = {Reason.GATEWAY_NO_STARTTLS, Reason.GATEWAY_HANDSHAKE, Reason.GATEWAY_INJECTED}


@pytest.mark.parametrize("what", HOSTILE)
async def test_what_a_server_does_wrong_is_named(what: str) -> None:
    script, reason = HOSTILE[what]
    with serving(script) as server:
        state = await look(target(server.port, timeout_seconds=2))
    assert (state.status, state.reason) == (CheckStatus.FAIL, reason)
    assert state.up is (reason in GREETED)
    assert state.starttls is (False if reason in GREETED else None), "TLS did not come of it"


async def test_what_it_said_is_shown_escaped() -> None:
    with serving(lambda line: line.say("554 \x1b]0;owned\x07 café")) as server:
        state = await look(target(server.port))
    assert state.reason is Reason.GATEWAY_REFUSED
    assert state.facts["reply"].startswith("554 \\x1b]0;owned\\x07")
    assert state.up is False


async def test_a_gateway_without_starttls_is_up_all_the_same() -> None:
    with serving(polite(None)) as server:
        state = await look(target(server.port))
    assert state.reason is Reason.GATEWAY_NO_STARTTLS
    assert (state.up, state.starttls, state.certificate_trusted) == (True, False, None)
    assert server.connections == 1  # asking again would show the same


async def test_a_second_try_is_made_where_the_first_was_refused() -> None:
    context = tls(certificate())
    seen: list[Line] = []

    def script(line: Line) -> None:
        seen.append(line)
        if len(seen) == 1:
            line.say("421 restarting")
        else:
            polite(context)(line)

    with serving(script) as server:
        state = await look(target(server.port))
    assert (state.status, state.reason) == (CheckStatus.PASS, Reason.FINE)
    assert server.connections == 2


async def test_a_gateway_that_lets_strangers_wait_is_no_silent_one() -> None:
    context = tls(certificate())

    def script(line: Line) -> None:
        line.say("220-wait")
        line.sock.settimeout(1.5)
        with contextlib.suppress(TimeoutError):
            line.sock.recv(1)
        line.sock.settimeout(None)
        polite(context)(line)

    with serving(script) as server:
        state = await look(target(server.port, timeout_seconds=6))
    assert (state.status, state.reason) == (CheckStatus.PASS, Reason.FINE)
    assert server.connections == 1


async def test_junk_under_tls_is_garbled_too() -> None:
    context = tls(certificate())

    def script(line: Line) -> None:
        line.secure(context)
        flood(b"x" * 65536, b"220 ")(line)

    with serving(script) as server:
        state = await look(target(server.port, tls=True))
    assert state.reason is Reason.GATEWAY_GARBLED


async def test_a_server_that_leaves_after_the_handshake_is_silent() -> None:
    context = tls(certificate())
    with serving(lambda line: line.secure(context)) as server:
        state = await look(target(server.port, tls=True))
    assert (state.status, state.reason) == (CheckStatus.FAIL, Reason.GATEWAY_SILENT)


async def test_a_server_of_old_tls_alone_is_a_failed_handshake() -> None:
    def script(line: Line) -> None:
        line.say(b"\x15\x03\x01\x00\x02\x02\x46")  # fatal alert protocol_version
        line.wait()

    with serving(script) as server:
        state = await look(target(server.port, tls=True))
    assert (state.status, state.reason) == (CheckStatus.FAIL, Reason.GATEWAY_HANDSHAKE)
    assert "ALERT" in state.facts["error"]
    assert (state.up, state.certificate_trusted) == (False, None)


# -- where it is ----------------------------------------------------------------------------------


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


async def test_an_own_gateway_that_nobody_listens_at_is_down(closed_port: int) -> None:
    state = await look(target(closed_port))
    assert (state.status, state.reason) == (CheckStatus.FAIL, Reason.GATEWAY_UNREACHABLE)
    assert state.up is False
    assert state.facts["error"] == "Connection refused"


async def test_its_name_is_asked_of_the_resolvers_and_the_next_address_is_tried() -> None:
    zone = Zone({HOST: {"A": ["127.0.0.9", "127.0.0.1"]}})
    with serving(polite(tls(certificate()))) as server:
        state = await look(target(server.port, host=HOST, server_name=None), zone)
    assert (state.reason, state.facts["address"]) == (Reason.FINE, "127.0.0.1")


class SlowSixes(Zone):
    """Says nothing of IPv6 addresses."""

    async def ask(self, name: str, kind: Kind) -> Answer:
        if kind is Kind.AAAA:
            await asyncio.Event().wait()
        return await super().ask(name, kind)


async def test_an_address_that_is_known_is_looked_at_while_another_is_not_answered() -> None:
    with serving(polite(tls(certificate()))) as server:
        zone = SlowSixes({HOST: {"A": ["127.0.0.1"]}})
        assert (await look(target(server.port, host=HOST), zone)).reason is Reason.FINE
        silent = await look(target(server.port, host=HOST, timeout_seconds=1), SlowSixes({}))
        assert (silent.status, silent.reason) == (CheckStatus.UNKNOWN, Reason.UNANSWERED)


@pytest.mark.parametrize("why", [Why.TIMEOUT, Why.SERVFAIL, Why.BOGUS])
async def test_a_name_that_is_not_answered_is_unknown(why: Why, closed_port: int) -> None:
    state = await look(target(closed_port, host=HOST), Zone(unknown={HOST: why}))
    assert (state.status, state.reason) == (CheckStatus.UNKNOWN, Reason.UNANSWERED)
    assert state.facts["why"] == why
    assert state.up is None


async def test_a_name_that_is_not_there_is_a_failure(closed_port: int) -> None:
    state = await look(target(closed_port, host=HOST), Zone({}))
    assert (state.status, state.reason) == (CheckStatus.FAIL, Reason.GATEWAY_NO_ADDRESS)


async def test_without_resolvers_the_system_is_asked() -> None:
    zone = Zone(unknown={"localhost": Why.NO_RESOLVER})
    with serving(polite(None)) as server:
        asked = target(server.port, host="localhost", starttls=False)
        assert (await look(asked, zone)).reason is Reason.FINE
        assert (await look(asked)).reason is Reason.FINE


async def test_a_name_that_the_system_does_not_know_is_unknown(closed_port: int) -> None:
    state = await look(target(closed_port, host="nowhere.invalid"))
    assert (state.status, state.reason) == (CheckStatus.UNKNOWN, Reason.UNANSWERED)


async def test_settings_that_cannot_be_used_are_no_failure_of_the_gateway(closed_port: int) -> None:
    for wrong in ({"ca": "no PEM"}, {"ca": ""}, {"server_name": "a..b\r\nMAIL"}):
        state = await look(target(closed_port, **wrong))
        assert (state.status, state.reason) == (CheckStatus.UNKNOWN, Reason.FAULT)


# -- a real one -----------------------------------------------------------------------------------


def keys(made: Identity, folder: Path) -> dict[str, str]:
    file = servers.write_pem(made, folder)
    return {
        "smtpd_tls_chain_files": str(file),
        "smtpd_tls_security_level": "may",
        "smtpd_tls_loglevel": "1",
    }


@with_postfix
async def test_postfix_with_tls_passes_and_queues_nothing(tmp_path: Path) -> None:
    with Postfix(keys(certificate(), tmp_path)) as gateway:
        state = await look(target(gateway.port))
        # It writes down what came once we have gone; that it listens was another connection.
        async with asyncio.timeout(30):
            while "starttls=1" not in (log := gateway.log()):
                await asyncio.sleep(0.05)
    assert (state.status, state.reason) == (CheckStatus.PASS, Reason.FINE)
    assert (state.up, state.starttls, state.certificate_trusted) == (True, True, True)
    assert "TLS connection established" in log
    assert "ehlo=2 starttls=1 quit=1 commands=4" in log


@with_postfix
async def test_postfix_with_an_expired_certificate_and_postfix_without_any(tmp_path: Path) -> None:
    with Postfix(keys(certificate(days=-3), tmp_path)) as gateway:
        state = await look(target(gateway.port))
        assert state.reason is Reason.GATEWAY_EXPIRED
        assert state.facts["days"] == "-4"  # three and a bit
    with Postfix({}) as gateway:
        state = await look(target(gateway.port))
        assert state.reason is Reason.GATEWAY_NO_STARTTLS


@with_postfix
async def test_postfix_under_tls_from_the_first_octet(tmp_path: Path) -> None:
    port = free_port()
    service = f"127.0.0.1:{port} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes"
    with Postfix(keys(certificate(), tmp_path), services=(service,)):
        state = await look(target(port, tls=True))
    assert (state.status, state.reason) == (CheckStatus.PASS, Reason.FINE)


def test_the_test_certificates_are_what_they_are_called() -> None:
    made = certificate(days=10)
    names = made.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert names.value.get_values_for_type(x509.DNSName) == [HOST]


# -- in the process for names ---------------------------------------------------------------------


@contextlib.asynccontextmanager
async def confined() -> AsyncIterator[Desk]:
    desk = Desk(DnsSettings(), Observer())
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.run())
        try:
            yield desk
        finally:
            await desk.close()


async def test_the_confined_process_has_what_a_look_needs() -> None:
    """TLS by an authority that is given, TLS by the system's, and names of the system."""
    with serving(polite(tls(certificate()))) as server:
        async with confined() as desk:
            asked = target(server.port, host="localhost")
            assert (await desk.probe(asked)).reason is Reason.FINE
            untrusted = await desk.probe(asked.model_copy(update={"ca": None}))
    assert untrusted.reason is Reason.GATEWAY_UNTRUSTED
    assert untrusted.certificate_not_after is not None
