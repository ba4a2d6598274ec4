"""Whether a host of the official gateway lives, as those see it who bring it mail.

Connect, hear its greeting, EHLO, STARTTLS (or TLS from the first octet), EHLO again, QUIT: no
sender or recipient is ever named. Nothing of the target stands in what is said.

What is `fail`: an own gateway that nobody reaches, that does not speak, refuses, or whose
certificate does not hold. What fails early is tried twice, within `timeout_seconds` in all. What is
`unknown`: its name was not resolved, or this machine has no network.
"""

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address

from cryptography import x509

from monitor.clock import vietnam_day
from monitor.model import CheckStatus
from monitor.posture.answers import silent
from monitor.posture.labels import asked_name
from monitor.posture.model import GatewayState, GatewayTarget
from monitor.posture.names import Answer, Found, Kind, Names, Why
from monitor.posture.results import printable
from monitor.posture.smtp import Garbled, Gone, Reply, Wire
from monitor.posture.words import Reason

TRIES = 2
PAUSE_SECONDS = 1.0
"""Between them."""
MAX_ADDRESSES = 4
ENDS_SOON_DAYS = 14
"""A certificate that holds for less is remarked; it passes."""

_OURS = {
    errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EMFILE,
    errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EACCES, errno.EPERM,
}  # fmt: skip
"""Errors of this machine, which say nothing of the gateway."""
_EXPIRED, _NOT_YET_VALID = 10, 9  # X509_V_ERR_* of OpenSSL
_OTHER_NAME = {62, 64}
_FOR_GOOD = {
    Reason.GATEWAY_NO_STARTTLS, Reason.GATEWAY_EXPIRED, Reason.GATEWAY_NOT_YET_VALID,
    Reason.GATEWAY_UNTRUSTED, Reason.GATEWAY_OTHER_NAME, Reason.GATEWAY_INJECTED,
}  # fmt: skip
"""Another try would see the same."""
_PASSING = {Reason.FINE, Reason.GATEWAY_ENDS_SOON}


async def probe(target: GatewayTarget, now: datetime, names: Names | None = None) -> GatewayState:
    """Look at one host; never raises for what it does. It takes `timeout_seconds` at most.

    Its name is asked of `names` where they have a resolver, else of the system.
    """
    end = asyncio.get_running_loop().time() + target.timeout_seconds
    try:
        async with asyncio.timeout(target.timeout_seconds / 2):
            addresses = await _addresses(target, names)
    except TimeoutError:
        addresses = _Look(Reason.UNANSWERED, {"why": Why.TIMEOUT})
    if isinstance(addresses, _Look):
        return _state(target, addresses, now)
    try:
        context = _context(target)
    except (ssl.SSLError, ValueError) as error:
        return _state(target, _misset(target, "ca", error), now)
    if asked_name(_server_name(target)) is None:
        return _state(target, _misset(target, "server_name", ValueError()), now)
    return _state(target, await _persistent(_Errand(target, context, end), addresses), now)


def _server_name(target: GatewayTarget) -> str:
    """Whom its certificate is to be of."""
    return target.server_name or target.host


@dataclass
class _Look:
    """What was seen of it."""

    reason: Reason = Reason.FINE
    facts: dict[str, str] = field(default_factory=dict)
    up: bool | None = None
    starttls: bool | None = None
    trusted: bool | None = None
    certificate: bytes | None = None
    connected: bool = False
    under_tls: bool = False


def _misset(target: GatewayTarget, setting: str, error: Exception) -> _Look:
    fault = {"error": type(error).__name__, "at": f"gateways.{target.name}.{setting}"}
    return _Look(Reason.FAULT, fault)


# -- where it is ----------------------------------------------------------------------------------


async def _addresses(target: GatewayTarget, names: Names | None) -> Sequence[str] | _Look:
    try:
        return (str(ip_address(target.host)),)
    except ValueError:
        pass
    answers = await _asked(names, target) if names else []
    if not answers or any(each.why is Why.NO_RESOLVER for each in answers):
        return await _of_the_system(target)
    return _of_answers(answers)


async def _asked(names: Names, target: GatewayTarget) -> Sequence[Answer]:
    """Of IPv4 and IPv6; where one is known, the other is not waited for long."""
    first = await names.ask(target.host, Kind.A)
    if first.found is not Found.FOUND:
        return first, await names.ask(target.host, Kind.AAAA)
    try:
        async with asyncio.timeout(target.timeout_seconds / 8):
            return first, await names.ask(target.host, Kind.AAAA)
    except TimeoutError:
        return (first,)


def _of_answers(answers: Sequence[Answer]) -> Sequence[str] | _Look:
    found = [record for each in answers if each.found is Found.FOUND for record in each.records]
    if found:
        return found[:MAX_ADDRESSES]
    unheard = [each for each in answers if silent(each)]
    if unheard:
        return _Look(Reason.UNANSWERED, {"why": unheard[0].why or Why.MALFORMED})
    return _Look(Reason.GATEWAY_NO_ADDRESS, up=False)


async def _of_the_system(target: GatewayTarget) -> Sequence[str] | _Look:
    """It does not tell a name that is not there from a network that is not there."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        return _Look(Reason.UNANSWERED, {"why": str(error)})
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return tuple(addresses)[:MAX_ADDRESSES]


# -- what it does ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Errand:
    """What is looked at, and until when, in the time of the loop."""

    target: GatewayTarget
    context: ssl.SSLContext
    end: float


async def _persistent(errand: _Errand, addresses: Sequence[str]) -> _Look:
    """One look, and a second where the first failed early: a server may be starting again.

    A slow one has the whole time for the first: it may let strangers wait before it greets.
    """
    look = await _any(errand, addresses)
    for _ in range(TRIES - 1):
        left = errand.end - asyncio.get_running_loop().time()
        if look.reason in _PASSING | _FOR_GOOD or left < 2 * PAUSE_SECONDS:
            break
        await asyncio.sleep(PAUSE_SECONDS)
        again = await _any(errand, addresses)
        look = again if again.reason in _PASSING | _FOR_GOOD else look
    return look


async def _any(errand: _Errand, addresses: Sequence[str]) -> _Look:
    """The first address that takes a connection; else the first that is known to take none."""
    looks: list[_Look] = []
    for index, address in enumerate(addresses):
        now = asyncio.get_running_loop().time()
        share = (errand.end - now) / (len(addresses) - index)
        look = await _one(errand, address, now + share)
        if look.connected:
            return look
        looks.append(look)
    return next((look for look in looks if look.reason is not Reason.UNANSWERED), looks[0])


async def _one(errand: _Errand, address: str, connect_by: float) -> _Look:
    look = _Look(facts={"address": address})
    try:
        async with asyncio.timeout_at(errand.end):
            await _seen(errand, address, connect_by, look)
    except TimeoutError:
        _unheard(look, "no answer in time")
    except Gone:
        _unheard(look, "it closed the connection")
    except OSError as error:
        _unheard(look, _because(error), error.errno)
    return look


def _because(error: OSError) -> str:
    """As the system says it: what asyncio makes of it names its own call."""
    if error.errno and error.errno > 0 and not isinstance(error, ssl.SSLError):
        return os.strerror(error.errno)
    return error.strerror or type(error).__name__


def _unheard(look: _Look, error: str, number: int | None = None) -> None:
    if look.reason in _FOR_GOOD:
        return  # while its certificate was fetched a second time
    look.facts["error"] = error
    if not look.connected and number in _OURS:
        look.reason, look.facts["why"] = Reason.UNANSWERED, error
        return
    look.up = bool(look.up)
    look.reason = Reason.GATEWAY_SILENT if look.connected else Reason.GATEWAY_UNREACHABLE


async def _seen(errand: _Errand, address: str, connect_by: float, look: _Look) -> None:
    try:
        await _talk(errand, address, connect_by, look)
    except Garbled as garbled:
        look.facts["reply"] = garbled.said
        look.up = bool(look.up)
        look.reason = Reason.GATEWAY_GARBLED
    except _Refused as refused:
        look.facts["reply"] = str(refused.reply)
        look.up = bool(look.up)
        look.reason = Reason.GATEWAY_REFUSED
    except _Ended as ended:
        look.reason = ended.reason
        look.up = bool(look.up)
    except ssl.SSLCertVerificationError as error:
        look.reason = _untrusted(error)
        look.facts["error"] = error.verify_message or ""
        look.trusted = False
        look.starttls = None if errand.target.tls else True
        await _fetch_certificate(errand.target, address, look)
    except ssl.SSLError as error:
        look.reason = Reason.GATEWAY_HANDSHAKE
        look.facts["error"] = error.reason or "TLS"
        look.up = bool(look.up)


class _Refused(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.code)
        self.reply = reply


class _Ended(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


async def _talk(errand: _Errand, address: str, connect_by: float, look: _Look) -> None:
    async with asyncio.timeout_at(connect_by):
        wire = await Wire.connect(address, errand.target.port)
    look.connected = True
    try:
        await _introduce(errand.target, wire, errand.context, look)
        if look.under_tls:
            look.certificate = wire.certificate
            look.facts["tls"] = wire.tls_version
            look.trusted = True
        await _leave(wire)
    finally:
        wire.close()


async def _introduce(
    target: GatewayTarget, wire: Wire, context: ssl.SSLContext, look: _Look
) -> None:
    """Up to where mail would begin, under TLS if that is wanted."""
    if target.tls:
        await _shake_hands(target, wire, context, look)
    _expect(await wire.reply(), 220)
    hello = await _greet(wire)
    look.up = True
    if target.tls or not target.starttls:
        return
    look.starttls = False  # until it led to TLS: whatever is in the way, mail goes in the clear
    if not hello.offers("STARTTLS"):
        raise _Ended(Reason.GATEWAY_NO_STARTTLS)
    agreed = await wire.ask("STARTTLS")
    if agreed.code != 220:
        look.facts["error"] = str(agreed)
        raise _Ended(Reason.GATEWAY_HANDSHAKE)
    if wire.unread:
        raise _Ended(Reason.GATEWAY_INJECTED)
    await _shake_hands(target, wire, context, look)
    look.starttls = True
    await _greet(wire)


async def _shake_hands(
    target: GatewayTarget, wire: Wire, context: ssl.SSLContext, look: _Look
) -> None:
    try:
        await wire.start_tls(context, asked_name(_server_name(target)) or "")
    except (Gone, Garbled, ConnectionError):
        look.facts["error"] = "it closed the connection"
        raise _Ended(Reason.GATEWAY_HANDSHAKE) from None
    look.under_tls = True


async def _greet(wire: Wire) -> Reply:
    return _expect(await wire.ask(f"EHLO {wire.literal}"), 250)


def _expect(reply: Reply, code: int) -> Reply:
    if reply.refuses:
        raise _Refused(reply)
    if reply.code != code:
        raise Garbled(str(reply).encode("latin-1"))
    return reply


async def _leave(wire: Wire) -> None:
    """All was seen: how it takes our good-bye changes nothing."""
    try:
        await wire.ask("QUIT")
    except (Garbled, Gone, OSError):
        return


# -- its certificate ------------------------------------------------------------------------------


def _context(target: GatewayTarget) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if target.ca is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(cadata=target.ca)
        # An authority that the operator names is trusted though it be below another.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    # Of what RFC 5280 asks and private authorities leave out, senders of mail mind nothing.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _untrusted(error: ssl.SSLCertVerificationError) -> Reason:
    if error.verify_code in _OTHER_NAME:
        return Reason.GATEWAY_OTHER_NAME
    if error.verify_code == _NOT_YET_VALID:
        return Reason.GATEWAY_NOT_YET_VALID
    return Reason.GATEWAY_EXPIRED if error.verify_code == _EXPIRED else Reason.GATEWAY_UNTRUSTED


async def _fetch_certificate(target: GatewayTarget, address: str, look: _Look) -> None:
    """What it showed: a handshake that failed does not say. Nothing more is said over this one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    again = _Look()
    wire = await Wire.connect(address, target.port)
    try:
        await _introduce(target, wire, context, again)
        look.certificate, look.up = wire.certificate, again.up
        await _leave(wire)
    except (Garbled, _Refused, _Ended):
        return
    finally:
        wire.close()


def _not_after(certificate: bytes | None) -> datetime | None:
    if certificate is None:
        return None
    try:
        return x509.load_der_x509_certificate(certificate).not_valid_after_utc
    except (ValueError, x509.InvalidVersion):
        return None


# -- what it comes to -----------------------------------------------------------------------------


def _state(target: GatewayTarget, look: _Look, now: datetime) -> GatewayState:
    ends = _not_after(look.certificate)
    reason = look.reason
    facts = {
        "host": target.host,
        "port": str(target.port),
        "server_name": _server_name(target),
        **look.facts,
    }
    if ends is not None:
        days = (ends - now).days
        facts |= {"not_after": vietnam_day(ends).isoformat(), "days": str(days)}
        if reason is Reason.FINE and days < ENDS_SOON_DAYS:
            reason = Reason.GATEWAY_ENDS_SOON
        if reason is Reason.GATEWAY_EXPIRED and ends > now:
            reason = Reason.GATEWAY_UNTRUSTED  # one above it is expired
    return GatewayState(
        name=target.name,
        checked_at=now,
        status=_status(reason),
        reason=reason,
        facts={name: printable(fact) for name, fact in facts.items()},
        certificate_not_after=ends,
        up=look.up,
        starttls=look.starttls,
        certificate_trusted=look.trusted,
    )


def _status(reason: Reason) -> CheckStatus:
    if reason in {Reason.UNANSWERED, Reason.FAULT}:
        return CheckStatus.UNKNOWN
    return CheckStatus.PASS if reason in _PASSING else CheckStatus.FAIL
