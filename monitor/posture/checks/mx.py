"""Where a domain's mail goes (RFC 5321 5.1): to the official gateway alone, and to hosts in DNS."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from monitor.model import Check, CheckStatus
from monitor.posture.answers import silent, takes_none
from monitor.posture.labels import asked_name
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Answer, Found, Kind, Names, Why
from monitor.posture.results import listed, result, seen, unanswered
from monitor.posture.words import Reason

MAX_TARGETS = 30
"""Hosts of one domain whose addresses are asked for; large providers publish five."""

# What no sender outside can reach (RFC 6890); those for documentation are left to documentation.
_UNREACHABLE = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
            "::/127", "::ffff:0:0/96", "fc00::/7", "fe80::/10", "ff00::/8",
        ),
    )
)  # fmt: skip

_Address = IPv4Address | IPv6Address


async def mx_gateway(names: Names, domain: str, official: Official) -> CheckResult:
    """Every host that takes its mail is the gateway: by its name, or by all its addresses."""
    check = Check.MX_GATEWAY
    if not (official.gateway_hosts or official.gateway_networks):
        return result(check, CheckStatus.NOT_APPLICABLE, Reason.NOT_CONFIGURED)
    mail = await _mail_of(names, domain)
    if settled := _settled(check, mail, official):
        return settled
    strange = [host for host in mail.hosts if not _is_named(host, official)]
    targets = await _look_up(names, strange[:MAX_TARGETS])
    outside = [each for each in targets if _is_outside(each, official)]
    if outside:
        reason = Reason.MX_IMPLICIT if mail.implicit else Reason.MX_ELSEWHERE
        return _fail(check, reason, mail, outside, official)
    if len(strange) > MAX_TARGETS:
        return _fail(check, Reason.MX_TOO_MANY, mail, targets, official)
    return _open(check, targets) or _pass(check, mail, targets)


async def mx_resolves(names: Names, domain: str, official: Official) -> CheckResult:
    """Every host that takes its mail is a name with addresses of its own that can be reached."""
    check = Check.MX_RESOLVES
    mail = await _mail_of(names, domain)
    if settled := _settled(check, mail, official):
        return settled
    targets = await _look_up(names, mail.hosts[:MAX_TARGETS])
    for reason in (Reason.MX_LITERAL, Reason.MX_DANGLING, Reason.MX_ALIAS, Reason.MX_UNREACHABLE):
        bad = [each for each in targets if _flaw(each, mail, official) is reason]
        if bad:
            return _fail(check, reason, mail, bad, official)
    if len(mail.hosts) > MAX_TARGETS:
        return _fail(check, Reason.MX_TOO_MANY, mail, targets, official)
    return _open(check, targets) or _pass(check, mail, targets)


@dataclass(frozen=True, slots=True)
class _Mail:
    """What a domain says of where its mail goes."""

    answer: Answer
    hosts: tuple[str, ...] = ()
    implicit: bool = False
    """No MX: the domain itself takes its mail by its address (RFC 5321 5.1)."""


async def _mail_of(names: Names, domain: str) -> _Mail:
    answer = await names.ask(domain, Kind.MX)
    if answer.found is Found.FOUND:
        return _Mail(answer, tuple(dict.fromkeys(mx.host for mx in answer.exchanges)))
    if answer.found is not Found.NO_DATA:
        return _Mail(answer)
    (itself,) = await _look_up(names, [domain])
    if itself.unknown:
        return _Mail(itself.unknown[0])
    return _Mail(answer, (domain,) if itself.addresses else (), implicit=True)


def _settled(check: Check, mail: _Mail, official: Official) -> CheckResult | None:
    """What is decided before any host is looked up."""
    answer = mail.answer
    if answer.found is Found.UNKNOWN and answer.why is not Why.LOOP:
        return unanswered(check, answer)
    reason = _nowhere(mail)
    if reason is None:
        return None
    status = CheckStatus.NOT_APPLICABLE if reason is Reason.NO_MAIL else CheckStatus.FAIL
    hosts = answer.aliases[-1] if answer.aliases else answer.name
    return result(check, status, reason, seen(answer), hosts=hosts, gateways=_gateways(official))


def _nowhere(mail: _Mail) -> Reason | None:
    """Why there is no host to look up."""
    if mail.answer.why is Why.LOOP:
        return Reason.MX_DANGLING
    if mail.answer.found is Found.NO_NAME:
        return Reason.MX_DANGLING if mail.answer.aliases else Reason.NO_DOMAIN
    if takes_none(mail.answer):
        return Reason.NO_MAIL
    if "" in mail.hosts:
        return Reason.MX_NULL_AMONG
    return None if mail.hosts else Reason.MX_NONE


@dataclass(frozen=True, slots=True)
class _Target:
    """A host and what its addresses came to."""

    host: str
    answers: tuple[Answer, ...]

    @property
    def addresses(self) -> tuple[_Address, ...]:
        return tuple(
            address
            for each in self.answers
            if each.found is Found.FOUND
            for address in each.addresses
        )

    @property
    def unknown(self) -> tuple[Answer, ...]:
        return tuple(filter(silent, self.answers))


async def _look_up(names: Names, hosts: Sequence[str]) -> list[_Target]:
    return await asyncio.gather(*(_addresses(names, host) for host in hosts))


async def _addresses(names: Names, host: str) -> _Target:
    first = await names.ask(host, Kind.A)
    if first.found is Found.NO_NAME:
        return _Target(host, (first,))
    return _Target(host, (first, await names.ask(host, Kind.AAAA)))


def _is_named(host: str, official: Official) -> bool:
    return host in _names_of(official.gateway_hosts)


@lru_cache(maxsize=4)
def _names_of(hosts: tuple[str, ...]) -> frozenset[str | None]:
    """As answers have them; the settings hardly ever change."""
    return frozenset(map(asked_name, hosts))


def _within(address: _Address, official: Official) -> bool:
    return any(address in each for each in _networks_of(official.gateway_networks))


@lru_cache(maxsize=4)
def _networks_of(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(each, strict=False) for each in networks)


def _is_outside(target: _Target, official: Official) -> bool:
    """Known to be no gateway; nowhere is no gateway, and whoever registers it gets the mail."""
    if not official.gateway_networks:
        return True
    addresses = target.addresses
    if not all(_within(each, official) for each in addresses):
        return True
    return not addresses and not target.unknown


def _flaw(target: _Target, mail: _Mail, official: Official) -> Reason | None:
    """The first of what is wrong with it, as far as it was answered."""
    if _is_literal(target.host):
        return Reason.MX_LITERAL
    if not target.addresses and not target.unknown:
        return Reason.MX_DANGLING
    if not mail.implicit and any(each.aliases for each in target.answers):
        return Reason.MX_ALIAS
    if _is_named(target.host, official):
        return None
    if any(_is_local(each) and not _within(each, official) for each in target.addresses):
        return Reason.MX_UNREACHABLE
    return None


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.strip("[]").removeprefix("ipv6:"))
    except ValueError:
        return False
    return True


def _is_local(address: _Address) -> bool:
    return any(address in network for network in _UNREACHABLE)


def _fail(
    check: Check, reason: Reason, mail: _Mail, bad: Sequence[_Target], official: Official
) -> CheckResult:
    answers = (answer for target in bad for answer in target.answers)
    return result(
        check, CheckStatus.FAIL, reason, seen(mail.answer, *answers),
        hosts=_some([each.host for each in bad]),
        addresses=_some([str(address) for each in bad for address in each.addresses]),
        count=len(mail.hosts), gateways=_gateways(official),
    )  # fmt: skip


def _gateways(official: Official) -> str:
    """What an MX of official mail is to point to: its names, else where it is."""
    return _some(official.gateway_hosts or official.gateway_networks)


def _some(items: Sequence[str]) -> str:
    return listed(tuple(dict.fromkeys(items)))


def _open(check: Check, targets: Sequence[_Target]) -> CheckResult | None:
    unknown = [answer for target in targets for answer in target.unknown]
    return unanswered(check, unknown[0]) if unknown else None


def _pass(check: Check, mail: _Mail, targets: Sequence[_Target]) -> CheckResult:
    answers = (answer for target in targets for answer in target.answers)
    return result(check, CheckStatus.PASS, Reason.FINE, seen(mail.answer, *answers))
