"""What `congvu doctor` finds of mail domains: who answers, what is not known; and of gateways."""

import asyncio
import secrets
import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import clock
from monitor.commands.observation import Observation
from monitor.errors import CongvuError
from monitor.explain import safe
from monitor.model import CheckStatus
from monitor.observe import Observer
from monitor.posture.labels import asked_name
from monitor.record import attached
from monitor.record.posture_standing import (
    GatewayStanding,
    PostureCounts,
    counts,
    gateways,
    unanswered,
)
from monitor.settings import DnsSettings, GatewaySettings, Settings
from monitor.settings.names import resolver_address

PAGE = "docs/posture.md"
NAMED = 5
ENDS_SOON = timedelta(days=30)
QUIET = timedelta(minutes=15)
"""A gateway that was not looked at for so long, or two intervals, is looked at by nobody."""
HEADER = struct.Struct("!HHHHHH")
ROOT = ""
SOA = struct.pack("!HH", 6, 1)
ASKS, ANSWERS, SECURE = 0x0120, 0x8000, 0x0020
"""Flags: recursion desired and AD wanted (RFC 6840 5.7), QR, AD."""
SERVFAIL, REFUSED = 2, 5
WHAT_TO_DO = {
    "no_resolver": "name them in dns.resolvers",
    "not_configured": "set posture.gateway_hosts and posture.gateway_networks",
    "refused": "let this machine ask the resolvers (their access list)",
    "timeout": "the way to the resolvers, and from them to the domains' servers",
    "servfail": "the domains' servers do not answer the resolvers, or their delegation is wrong",
    "bogus": "DNSSEC of these domains is broken: tell their operators",
    "not_asked": "the daemon's log says why (names_process_lost)",
}
"""Of what becomes of questions, for the operator; of domains `congvu posture` has the advice."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the record says, asked once."""

    now: datetime
    counts: PostureCounts
    unanswered: Sequence[tuple[str, str, int, int]]
    """Reason, what became of the question, checks, domains."""
    gateways: Sequence[GatewayStanding]


def named(settings: Settings) -> Iterator[Observation]:
    """Resolvers, what is official, the domains and gateways of the record."""
    if settings.dns.resolvers:
        yield from (_resolver(each, settings) for each in settings.dns.resolvers)
        yield from _official(settings)
    else:
        seen = "none is named: mail domains and origins are not looked at"
        yield Observation("resolvers", "look", seen, f"set dns.resolvers: {PAGE}")
    try:
        found = asyncio.run(_ask(settings))
    except CongvuError:
        return  # said under record
    yield from judged(found, settings)


async def _ask(settings: Settings) -> Found:
    now = clock.now()
    late = now - 2 * timedelta(seconds=settings.posture.interval_seconds)
    async with attached(settings, Observer()) as database, database.connection() as connection:
        return Found(
            now, await counts(connection, now, late), await unanswered(connection),
            await gateways(connection),
        )  # fmt: skip


def judged(found: Found, settings: Settings) -> Iterator[Observation]:
    """How domains and gateways stand."""
    if settings.dns.resolvers:
        yield from _domains(found)
    standing = {each.name: each for each in found.gateways}
    for gateway in settings.gateways:
        yield _gateway(gateway, standing.get(gateway.name), found.now)


# -- who answers -----------------------------------------------------------------------------------


def _resolver(text: str, settings: Settings) -> Observation:
    """One question of one datagram: of the answer nothing but its first twelve octets is read.

    Of the root, and of the gateway where it does not know that: as in a closed network.
    """
    what, dns = f"resolver {text}", settings.dns
    try:
        flags, asked = _answer(text, settings)
    except TimeoutError:
        seen = f"no answer in {dns.tries} × {dns.timeout_seconds:g} s"
        advice = "is it running, does the firewall let UDP and TCP to its port through?"
        return Observation(what, "bad", seen, advice)
    except OSError as error:
        return Observation(what, "bad", error.strerror or str(error), "check dns.resolvers")
    if flags & 0xF == REFUSED:
        return Observation(what, "bad", "refuses to answer", WHAT_TO_DO["refused"])
    if flags & 0xF == SERVFAIL:
        seen = f"reports a failure for {asked or 'the root'}"
        return Observation(what, "look", seen, WHAT_TO_DO["servfail"])
    if dns.validating and not flags & SECURE:
        seen = f"answers, and vouches for nothing (no AD flag on {asked or 'the root'})"
        return Observation(what, "look", seen, "switch validation on there, or dns.validating off")
    said = "answers and validates" if dns.validating else "answers"
    if asked:
        said += f" for {asked}, and not for the root: a closed network ({PAGE})"
    return Observation(what, "ok", said)


def _answer(resolver: str, settings: Settings) -> tuple[int, str]:
    """Flags, and of what name. Raises TimeoutError, OSError."""
    address, port = resolver_address(resolver)
    own = next(filter(None, map(asked_name, settings.posture.gateway_hosts)), ROOT)
    try:
        flags = _flags(str(address), port, settings.dns, ROOT)
    except TimeoutError:
        if not own:
            raise
        flags = SERVFAIL
    if own and flags & 0xF == SERVFAIL:
        return _flags(str(address), port, settings.dns, own), own
    return flags, ROOT


def _question(name: str) -> bytes:
    labels = [each.encode("ascii") for each in name.split(".") if each]
    return b"".join(bytes((len(each),)) + each for each in labels) + b"\0" + SOA


def _flags(address: str, port: int, dns: DnsSettings, name: str) -> int:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.settimeout(dns.timeout_seconds)
        asking.connect((address, port))
        for _ in range(dns.tries):
            number = secrets.randbelow(1 << 16)
            asking.send(HEADER.pack(number, ASKS, 1, 0, 0, 0) + _question(name))
            try:
                answer = asking.recv(512)
            except TimeoutError:
                continue
            if len(answer) >= HEADER.size:
                said, flags, *_ = HEADER.unpack(answer[: HEADER.size])
                if said == number and flags & ANSWERS:
                    return int(flags)
    raise TimeoutError


def _official(settings: Settings) -> Iterator[Observation]:
    posture = settings.posture
    missing = [name for name in ("gateway_hosts", "gateway_networks") if not getattr(posture, name)]
    if missing:
        seen = f"{' and '.join(missing)} not set: nobody knows which gateway is official"
        advice = f"set {' and '.join(f'posture.{name}' for name in missing)}: {PAGE}"
        yield Observation("official gateway", "look", seen, advice)
    if not settings.gateways:
        seen = "no [[gateways]]: nobody looks whether it answers"
        yield Observation("gateways", "look", seen, f"add its hosts: {PAGE}")


# -- what the record says --------------------------------------------------------------------------


def _domains(found: Found) -> Iterator[Observation]:
    known = found.counts
    if not known.domains:
        seen = "none: the registry names no domain, or the daemon has not looked yet"
        yield Observation(
            "mail domains", "look", seen, "is agencies.registry set? docs/agencies.md"
        )
        return
    failing = sum(
        domains for (_, status), domains in known.checks.items() if status == CheckStatus.FAIL
    )
    fallen = "; some passed until lately" if any(known.fallen.values()) else ""
    seen = f"{known.domains} under watch; {failing} checks fail{fallen}"
    advice = "congvu posture" if failing else ""
    yield Observation("mail domains", "look" if failing else "ok", seen, advice)
    if known.late:
        more = "" if len(known.late) <= NAMED else f" and {len(known.late) - NAMED} more"
        seen = f"nothing decided for two intervals: {', '.join(known.late[:NAMED])}{more}"
        advice = "is the daemon running, do the resolvers answer? then congvu posture DOMAIN"
        yield Observation("mail domains", "bad", seen, advice)
    for reason, why, checks, domains in found.unanswered:
        seen = f"{checks} checks of {domains} domains not decided: {reason}"
        seen += f", {why}" if why else ""
        advice = WHAT_TO_DO.get(why or reason, "congvu posture says of which")
        yield Observation("questions", "look", seen, advice)


def _gateway(
    gateway: GatewaySettings, standing: GatewayStanding | None, now: datetime
) -> Observation:
    what = f"gateway {gateway.name}"
    quiet = max(QUIET, 2 * timedelta(seconds=gateway.interval_seconds))
    if standing is None or now - standing.last.at > quiet:
        return Observation(what, "look", "not looked at lately", "is the daemon running?")
    ends = standing.certificate_not_after
    if standing.last.status is CheckStatus.FAIL:
        advice = f"congvu posture says what to do; {PAGE}"
        return Observation(what, "bad", f"does not answer well: {standing.last.reason}", advice)
    if standing.last.status is CheckStatus.UNKNOWN:
        why = standing.last.facts.get("why", "")
        seen = f"not known: {standing.last.reason}" + (f", {safe(why)}" if why else "")
        return Observation(what, "look", seen, WHAT_TO_DO.get(why, "see the daemon's log"))
    if ends and ends - now < ENDS_SOON:
        seen = f"its certificate ends on {clock.vietnam_day(ends):%d/%m/%Y}"
        return Observation(what, "look", seen, "ask its issuer for a new one")
    return Observation(what, "ok", "answers")
