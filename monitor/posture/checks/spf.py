"""SPF of a domain: well-formed and within limits, closed, and open to the official gateway."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_network,
)
from itertools import islice

from monitor.model import Check, CheckStatus, SpfResult
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Counted, Found, Kind, Names
from monitor.posture.results import listed, result, seen, unanswered
from monitor.posture.spf.evaluation import Client, check_host
from monitor.posture.spf.record import Mech, Network, SpfSyntaxError, read_mechanism, read_record
from monitor.posture.spf.survey import Passing, Survey, survey
from monitor.posture.spf.trace import (
    MAX_ADDRESSED,
    MAX_LOOKUPS,
    MAX_VOIDS,
    Evaluation,
    Fault,
    Problem,
)
from monitor.posture.words import Reason

WIDE = {4: 2**22, 6: 2**108}
"""So many addresses that may send, and more, are everybody: an IPv4 /10, an IPv6 /20. The record
of a worldwide mail service holds half a million of IPv4."""
MAX_EVALUATIONS = 64
"""Of one network of the gateway; what is left of it then is sampled."""
EVERY_ADDRESS = 64
"""A network of so many is asked for address by address where the answer may differ for each."""
SAMPLED = 16
MAX_QUESTIONS = 300
"""About all networks of the gateway: past that those are sampled that pass so far. Each evaluation
may ask for 110 names of its own, of anybody's servers, where the record has macros."""
STRANGER = IPv4Address("240.0.0.1")
"""Nobody has it (RFC 1112 4): whose SPF lets it pass lets everybody."""

# Nobody sends from these over the internet (RFC 1918, 6598, 1122, 4193).
_INSIDE_4 = tuple(
    map(
        IPv4Network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8"),
    )
)
_INSIDE_6 = (IPv6Network("fc00::/7"),)

_REASONS = {
    Problem.BAD_DOMAIN: Reason.SPF_MISSING,
    Problem.NO_RECORD: Reason.SPF_MISSING,
    Problem.SEVERAL_RECORDS: Reason.SPF_SEVERAL,
    Problem.SYNTAX: Reason.SPF_SYNTAX,
    Problem.LOOKUPS: Reason.SPF_LOOKUPS,
    Problem.VOIDS: Reason.SPF_VOIDS,
    Problem.MX_HOSTS: Reason.SPF_MX_HOSTS,
    Problem.NO_TARGET: Reason.SPF_NO_TARGET,
    Problem.LOOP: Reason.SPF_LOOP,
    Problem.TOO_LONG: Reason.SPF_TOO_LONG,
}


_CLOSING = {SpfResult.FAIL: Reason.SPF_REFUSES, SpfResult.SOFTFAIL: Reason.SPF_SOFT}


async def spf_valid(names: Names, domain: str, official: Official) -> CheckResult:
    """One record, well-formed with all that it includes, within the limits of RFC 7208 4.6.4."""
    check, found = Check.SPF_VALID, await survey(names, domain)
    if fault := found.broken:
        told = () if found.branches else await _published(names, fault)
        return _broken(check, found, fault, official, told)
    if found.unanswered:
        return _unanswered(check, found, found.unanswered)
    return result(
        check, CheckStatus.PASS, Reason.SPF_WITHIN_LIMITS, _tree(found),
        lookups=found.lookups, limit=MAX_LOOKUPS,
    )  # fmt: skip


async def spf_closed(names: Names, domain: str, official: Official) -> CheckResult:  # noqa: ARG001
    """Who is not named is refused: by `-all`, or softly by `~all`.

    What is wrong stands before the end (none looks behind it), so with a record that is wrong a
    stranger never comes to its `-all`: receivers give an error, and refuse nobody.
    """
    check, found = Check.SPF_CLOSED, await survey(names, domain)
    if failed := _open(check, found):
        return failed
    if found.broken:
        return _unusable(check, found)
    if settled := await _stranger(check, names, found):
        return settled
    if found.unanswered:
        return _unanswered(check, found, found.unanswered)
    if found.closing is None:
        return result(check, CheckStatus.FAIL, Reason.SPF_UNENDED, _tree(found), where=found.domain)
    return result(
        check, CheckStatus.PASS, _CLOSING[found.closing.result], _tree(found),
        term=found.closing.term, where=found.closing.domain,
    )  # fmt: skip


async def spf_gateway(names: Names, domain: str, official: Official) -> CheckResult:
    """Mail from every address of the official gateway passes."""
    check = Check.SPF_GATEWAY
    if not official.gateway_networks:
        return result(check, CheckStatus.NOT_APPLICABLE, Reason.NOT_CONFIGURED)
    found = await survey(names, domain)
    if settled := await _without_mail(check, names, found):
        return settled
    counted = Counted(names)
    trials = [
        await _trial(counted, domain, ip_network(network), official)
        for network in official.gateway_networks
    ]
    for trial in trials:
        if trial.evaluation.result not in {SpfResult.PASS, SpfResult.TEMPERROR}:
            return _refused(check, found, trial)
    for trial in trials:
        if fault := trial.evaluation.fault:
            return _unanswered(check, found, fault)
    sampled = any(trial.sampled for trial in trials)
    return result(
        check, CheckStatus.PASS,
        Reason.SPF_GATEWAY_SAMPLED if sampled else Reason.SPF_GATEWAY_PASSES, _tree(found),
        networks=listed(official.gateway_networks),
    )  # fmt: skip


async def _published(names: Names, fault: Fault) -> tuple[str, ...]:
    """Where no record holds, what stands in its place."""
    if fault.problem is Problem.BAD_DOMAIN:
        return ()
    return seen(await names.ask(fault.domain, Kind.TXT))


def _broken(
    check: Check, found: Survey, fault: Fault, official: Official, told: Iterable[str] = ()
) -> CheckResult:
    """`fail`: receivers take such a record for none, or give an error."""
    heaviest, reason = found.heaviest, _REASONS[fault.problem]
    if reason is Reason.SPF_LOOKUPS and heaviest is None:
        reason = Reason.SPF_LOOKUPS_OWN
    return result(
        check, CheckStatus.FAIL, reason, (*_tree(found), *told),
        term=fault.term, where=fault.domain, hosts=MAX_ADDRESSED,
        lookups=found.lookups if found.complete else f">{found.lookups}", limit=MAX_LOOKUPS,
        heaviest=heaviest.via if heaviest else "",
        heaviest_lookups=heaviest.lookups if heaviest else 0,
        voids=len(found.voids), void_limit=MAX_VOIDS, names=listed(found.voids),
        record=_proposal(official),
    )  # fmt: skip


def _unusable(check: Check, found: Survey) -> CheckResult:
    """`fail` by what `spf_valid` says, and advises, once."""
    return result(check, CheckStatus.FAIL, Reason.SPF_UNUSABLE, islice(_tree(found), 1))


def _unanswered(check: Check, found: Survey, fault: Fault) -> CheckResult:
    return result(
        check, CheckStatus.UNKNOWN, Reason.UNANSWERED, _tree(found),
        name=fault.domain, kind=fault.term or Kind.TXT, why=fault.why or "",
    )  # fmt: skip


def _tree(found: Survey) -> Iterator[str]:
    """Each record with its look-ups, those below it further in; then what a client decides."""
    for branch in found.branches:
        via = f"{branch.via} [{branch.lookups}] " if branch.via else ""
        yield f"{'  ' * branch.depth}{via}{branch.domain} TXT {branch.text}"
    for term in found.unfollowed:
        yield f"  {term} [1+]"


def _way(evaluation: Evaluation) -> Iterator[str]:
    """The terms that one client came by: what each cost, and whether it matched."""
    for step in evaluation.steps:
        cost = f" [{step.cost}]" if step.cost else ""
        yield f"{'  ' * (step.depth + 1)}{step.domain} {step.term}{cost}: {step.outcome}"


def _terms(official: Official) -> str:
    """The gateway's networks as terms of a record."""
    return " ".join(f"ip{ip_network(each).version}:{each}" for each in official.gateway_networks)


def _proposal(official: Official) -> str:
    """A record for a domain that sends by the gateway alone."""
    return f"v=spf1 {_terms(official) or 'mx'} -all"


def _open(check: Check, found: Survey) -> CheckResult | None:
    """`fail` for what lets strangers pass, or leaves them be."""
    if found.closing and found.closing.result in {SpfResult.PASS, SpfResult.NEUTRAL}:
        passes = found.closing.result is SpfResult.PASS
        return result(
            check, CheckStatus.FAIL, Reason.SPF_OPEN if passes else Reason.SPF_NEUTRAL,
            _tree(found), term=found.closing.term, where=found.closing.domain,
        )  # fmt: skip
    if wide := _wide(found.passing):
        most, addresses = wide
        return result(
            check, CheckStatus.FAIL, Reason.SPF_WIDE, _tree(found),
            term=most.term, where=most.domain, addresses=addresses,
        )  # fmt: skip
    return None


async def _stranger(check: Check, names: Names, found: Survey) -> CheckResult | None:
    """What terms that depend on the client make of one that nobody can be: `fail` where they let
    it through, and how the record ends where they decide that.
    """
    if not found.unfollowed:
        return None
    domain = found.domain
    evaluation = await check_host(names, STRANGER, domain, f"postmaster@{domain}", domain)
    if evaluation.result is SpfResult.TEMPERROR and evaluation.fault:
        return _unanswered(check, found, evaluation.fault)
    decided = evaluation.decided_by
    if decided is None:
        return None
    evidence = (*islice(_tree(found), 1), *_way(evaluation))
    if evaluation.result is SpfResult.PASS:
        return result(
            check, CheckStatus.FAIL, Reason.SPF_OPEN, evidence,
            term=decided.term, where=decided.domain,
        )  # fmt: skip
    ends = read_mechanism(decided.term).kind is Mech.ALL
    if found.closing is None and ends and evaluation.result in _CLOSING:
        return result(
            check, CheckStatus.PASS, _CLOSING[evaluation.result], evidence,
            term=decided.term, where=decided.domain,
        )  # fmt: skip
    return None


def _wide(passing: tuple[Passing, ...]) -> tuple[Passing, str] | None:
    """The widest term, where all together let through a good part of the internet."""
    for version, limit in WIDE.items():
        outside = [each for each in passing if _is_outside(each.network, version)]
        total = _addresses(outside)
        if total >= limit:
            widest = min(outside, key=lambda each: each.network.prefixlen)
            return widest, f"2^{total.bit_length() - 1}" if version == 6 else str(total)
    return None


def _is_outside(network: Network, version: int) -> bool:
    if isinstance(network, IPv4Network):
        return version == 4 and not any(map(network.subnet_of, _INSIDE_4))
    return version == 6 and not any(map(network.subnet_of, _INSIDE_6))


def _addresses(passing: list[Passing]) -> int:
    four = [each.network for each in passing if isinstance(each.network, IPv4Network)]
    six = [each.network for each in passing if isinstance(each.network, IPv6Network)]
    return sum(network.num_addresses for network in collapse_addresses(four)) + sum(
        network.num_addresses for network in collapse_addresses(six)
    )


async def _without_mail(check: Check, names: Names, found: Survey) -> CheckResult | None:
    """`v=spf1 -all` alone says that it sends none (RFC 7208 10.1.2); who takes mail sends some."""
    if not (found.branches and _only_refuses(found.branches[0].text)):
        return None
    mail = await names.ask(found.domain, Kind.MX)
    if mail.found is Found.UNKNOWN:
        return unanswered(check, mail)
    if any(exchange.host for exchange in mail.exchanges):
        return None
    return result(check, CheckStatus.NOT_APPLICABLE, Reason.NO_MAIL, _tree(found))


def _only_refuses(text: str) -> bool:
    try:
        record = read_record(text)
    except SpfSyntaxError:
        return False
    first = record.mechanisms[:1]
    return bool(first) and first[0].kind is Mech.ALL and first[0].qualifier is SpfResult.FAIL


@dataclass(frozen=True, slots=True)
class _Trial:
    """What became of one network of the gateway: of the first address that does not pass."""

    network: Network
    address: Client
    evaluation: Evaluation
    sampled: bool = False
    """Not all of its addresses are accounted for."""


async def _trial(names: Counted, domain: str, network: Network, official: Official) -> _Trial:
    """Address by address, and at once past all those that no term tells apart.

    An evaluation says which networks the client was compared with. Up to the next border of one of
    them every other client fares alike; unless macros come in, then each address is its own case.
    """
    first, last = int(network[0]), int(network[-1])
    at = first
    for _ in range(MAX_EVALUATIONS):
        trial = await _try(names, domain, network, at, official)
        evaluation = trial.evaluation
        if evaluation.result is not SpfResult.PASS:
            return trial
        if evaluation.varies and network.num_addresses > EVERY_ADDRESS:
            return await _sample(names, domain, network, official)
        at = at + 1 if evaluation.varies else _next_border(evaluation.compared, network, at)
        if at > last:
            return trial
        if names.questions > MAX_QUESTIONS:
            return replace(trial, sampled=True)
    return await _sample(names, domain, network, official)


async def _sample(names: Counted, domain: str, network: Network, official: Official) -> _Trial:
    """First, last and some between."""
    first, span = int(network[0]), network.num_addresses - 1
    for part in range(SAMPLED - 1):
        at = first + span * part // (SAMPLED - 1)
        trial = await _try(names, domain, network, at, official, sampled=True)
        if trial.evaluation.result is not SpfResult.PASS or names.questions > MAX_QUESTIONS:
            return trial
    return await _try(names, domain, network, first + span, official, sampled=True)


async def _try(
    names: Names, domain: str, network: Network, at: int, official: Official, sampled: bool = False
) -> _Trial:
    await asyncio.sleep(0)  # answers out of a cache do not let others come up
    address = IPv4Address(at) if network.version == 4 else IPv6Address(at)
    helo = official.gateway_hosts[0] if official.gateway_hosts else domain
    evaluation = await check_host(names, address, domain, f"postmaster@{domain}", helo)
    return _Trial(network, address, evaluation, sampled)


def _next_border(compared: tuple[Network, ...], within: Network, at: int) -> int:
    """The first address behind `at` where one of the networks begins or has ended."""
    end = int(within.broadcast_address) + 1
    borders = (
        border
        for network in compared
        for border in (int(network.network_address), int(network.broadcast_address) + 1)
        if at < border < end
    )
    return min(borders, default=end)


def _refused(check: Check, found: Survey, trial: _Trial) -> CheckResult:
    evaluation = trial.evaluation
    if found.broken and evaluation.result in {SpfResult.PERMERROR, SpfResult.NONE}:
        return _unusable(check, found)
    decided = evaluation.decided_by
    return result(
        check, CheckStatus.FAIL, Reason.SPF_GATEWAY_REFUSED,
        (*islice(_tree(found), 1), *_way(evaluation)),
        address=trial.address, network=trial.network, result=evaluation.result,
        term=decided.term if decided else "", where=decided.domain if decided else found.domain,
        add=f"ip{trial.network.version}:{trial.network}",
    )  # fmt: skip
