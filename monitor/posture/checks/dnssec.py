"""Whether a validating resolver vouches for what a domain says (RFC 4033 5, RFC 4035 4.3)."""

import asyncio
from collections.abc import Iterable

from monitor.model import Check, CheckStatus
from monitor.posture.answers import silent
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Answer, Found, Kind, Names, Why
from monitor.posture.results import result, seen, unanswered
from monitor.posture.words import Reason

_MAX_LABELS = 8
"""How far up the zone is looked for that a domain stands in."""
_CHECK = Check.DNSSEC


async def dnssec(names: Names, domain: str, official: Official) -> CheckResult:
    """Secure passes; insecure and bogus fail; a resolver that does not validate cannot tell."""
    if not official.validating:
        return result(_CHECK, CheckStatus.UNKNOWN, Reason.NOT_VALIDATING)
    answers = await asyncio.gather(*(names.ask(*each) for each in _asked(domain)))
    for each in answers:
        if each.why is Why.BOGUS:
            return await _bogus(names, domain, each)
    zone, *_ = answers
    if not (silent(zone) or zone.secure):  # the others could only make it worse
        return await _insecure(names, await _weak_link(names, domain, zone.aliases))
    for each in answers:
        if silent(each):
            return unanswered(_CHECK, each)
    return result(_CHECK, CheckStatus.PASS, Reason.FINE, seen(zone))


def _asked(domain: str) -> tuple[tuple[str, Kind], ...]:
    """The zone is signed or not as a whole, but single records of it may be broken."""
    return (
        (domain, Kind.SOA),
        (domain, Kind.MX),
        (domain, Kind.TXT),
        (f"_dmarc.{domain}", Kind.TXT),
    )


async def _weak_link(names: Names, domain: str, aliases: tuple[str, ...]) -> str:
    """The first name on the way from the domain that nobody vouches for."""
    chain = (domain, *aliases)
    for name in chain[:-1]:
        if not (await names.ask(name, Kind.CNAME)).secure:
            return name
    return chain[-1]


async def _insecure(names: Names, name: str) -> CheckResult:
    """Who is to do what: sign the zone, hand its key to the parent, or wait for the parent."""
    zone = await _zone_of(names, name)
    if isinstance(zone, CheckResult):
        return zone
    signer = await names.ask(zone, Kind.DS)
    keys = await names.ask(zone, Kind.DNSKEY)
    for each in (signer, keys):
        if each.found is Found.UNKNOWN:
            return unanswered(_CHECK, each)
    if signer.found is Found.FOUND:
        reason = Reason.DNSSEC_NOT_FOLLOWED
    elif keys.found is not Found.FOUND:
        reason = Reason.DNSSEC_UNSIGNED
    else:
        reason = Reason.DNSSEC_NO_DS if signer.secure else Reason.DNSSEC_PARENT_UNSIGNED
    return result(_CHECK, CheckStatus.FAIL, reason, seen(signer, keys), zone=zone)


async def _zone_of(names: Names, domain: str) -> str | CheckResult:
    """The zone that the domain stands in: the nearest name above it with a SOA of its own."""
    for name in _upwards(domain):
        answer = await names.ask(name, Kind.SOA)
        if answer.found is Found.UNKNOWN:
            return unanswered(_CHECK, answer)
        if answer.found is Found.FOUND and not answer.aliases:
            return name
    return domain


def _upwards(name: str) -> Iterable[str]:
    for _ in range(_MAX_LABELS):
        yield name
        name = name.partition(".")[2]
        if not name:
            return


async def _bogus(names: Names, domain: str, answer: Answer) -> CheckResult:
    """Validating receivers and senders take the domain as not there."""
    signer = await names.ask(domain, Kind.DS)
    return result(_CHECK, CheckStatus.FAIL, Reason.DNSSEC_BOGUS, seen(answer, signer))
