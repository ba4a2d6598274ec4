"""Whether those who are to get reports agreed to (RFC 7489 7.1, RFC 9990 4) and can take mail."""

from enum import StrEnum

from monitor.posture.answers import silent
from monitor.posture.dmarc.record import is_record
from monitor.posture.dmarc.walk import Unknown, organisational_domain
from monitor.posture.names import Answer, Found, Kind, Names


class Destination(StrEnum):
    """What may be said of one."""

    GOOD = "good"
    UNAUTHORISED = "unauthorised"
    """It is another organisation's, which does not say that it takes reports."""
    NO_MAIL = "no_mail"
    """Its host takes no mail: neither MX nor address, or the null MX."""


def permit_name(domain: str, host: str) -> str:
    """Where `host` says that it takes reports of the record at `domain`."""
    return f"{domain}._report._dmarc.{host}"


async def destination(names: Names, domain: str, host: str) -> Destination | Unknown:
    """Of reports about the record at `domain` to a mailbox at `host`; nothing is sent there."""
    allowed = await _allowed(names, domain, host)
    if allowed is False:
        return Destination.UNAUTHORISED
    reachable = await _takes_mail(names, host)
    if reachable is False:
        return Destination.NO_MAIL
    return next((each for each in (allowed, reachable) if isinstance(each, Unknown)), _GOOD)


_GOOD = Destination.GOOD


async def _allowed(names: Names, domain: str, host: str) -> bool | Unknown:
    """The permit is asked for before the walks: where it is there, they decide nothing."""
    if host == domain:
        return True
    permit = await names.ask(permit_name(domain, host), Kind.TXT)
    if any(map(is_record, permit.records)):
        return True
    ours = await organisational_domain(names, domain)
    theirs = await organisational_domain(names, host)
    if isinstance(ours, Unknown):
        return ours
    if isinstance(theirs, Unknown):
        return theirs
    if ours == theirs:
        return True
    return Unknown(permit) if silent(permit) else False


async def _takes_mail(names: Names, host: str) -> bool | Unknown:
    exchange = await names.ask(host, Kind.MX)
    if silent(exchange):
        return Unknown(exchange)
    if exchange.found is Found.FOUND:
        hosts = [mx.host for mx in exchange.exchanges]
        return False if hosts == [""] else await _any_address(names, hosts[:_HOSTS])
    if exchange.found is Found.NO_NAME:
        return False
    return await _any_address(names, [host])


_HOSTS = 5
"""Of one destination, the preferred ones first."""


async def _any_address(names: Names, hosts: list[str]) -> bool | Unknown:
    unheard: list[Answer] = []
    for host in hosts:
        for kind in (Kind.A, Kind.AAAA):
            answer = await names.ask(host, kind)
            if answer.found is Found.FOUND:
                return True
            if silent(answer):
                unheard.append(answer)
    return Unknown(unheard[0]) if unheard else False
