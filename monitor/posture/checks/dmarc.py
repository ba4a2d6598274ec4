"""DMARC of a domain: a record that can be read, a policy that protects, reports that arrive.

What passes and why: docs/decisions/0030-mail-policy-records.md.
"""

import asyncio
from collections.abc import Iterable, Sequence

from monitor.model import Check, CheckStatus
from monitor.posture.answers import sends_none, silent, takes_none
from monitor.posture.checks.dkim_key import published as published_keys
from monitor.posture.dmarc import (
    Destination,
    Discovery,
    Fault,
    Policy,
    Record,
    Unknown,
    destination,
    discover,
    organisational_domain,
    permit_name,
)
from monitor.posture.dmarc.walk import Published
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Answer, Found, Kind, Names
from monitor.posture.results import listed, result, seen, unanswered
from monitor.posture.words import Reason

MAX_DESTINATIONS = 10
"""Hosts of one record that are asked about; receivers serve two URIs (RFC 7489 6.2)."""

_FLAWS = {
    Fault.VALUE: Reason.DMARC_VALUE,
    Fault.NO_POLICY: Reason.DMARC_NO_POLICY,
    Fault.TWICE: Reason.DMARC_SYNTAX,
    Fault.NO_EQUALS: Reason.DMARC_SYNTAX,
    Fault.CHARACTERS: Reason.DMARC_SYNTAX,
}


# -- the record -----------------------------------------------------------------------------------


async def dmarc_valid(names: Names, domain: str, official: Official) -> CheckResult:  # noqa: ARG001
    """One record holds for it, its own or its organisation's, and nothing in it is lost."""
    check = Check.DMARC_VALID
    found = await discover(names, domain)
    if isinstance(found, Unknown):
        return unanswered(check, found.answer)
    if reason := _lost(found.seen[0]):
        return _failed(check, reason, found, count=len(found.seen[0].texts))
    if found.record is None or found.at is None:
        return _missing(check, found)
    if flaw := found.record.broken:
        return _failed(check, _FLAWS[flaw.fault], found, tag=flaw.tag, fault=flaw.fault)
    reason = Reason.DMARC_INHERITED if found.inherited else Reason.FINE
    return result(
        check, CheckStatus.PASS, reason, _evidence(found), at=found.at, notes=_notes(found.record)
    )


def _lost(own: Published) -> Reason | None:
    """What stands at the domain itself and no receiver heeds."""
    if len(own.texts) > 1:
        return Reason.DMARC_SEVERAL
    return Reason.DMARC_UNRECOGNISED if own.nearly and not own.texts else None


def _notes(record: Record) -> str:
    return listed([f"{flaw.fault} {flaw.tag}" for flaw in record.flaws])


# -- the policy -----------------------------------------------------------------------------------


async def dmarc_policy(names: Names, domain: str, official: Official) -> CheckResult:
    """Mail that fails is to be quarantined or rejected, all of it, of names below as well."""
    check = Check.DMARC_POLICY
    found = await discover(names, domain)
    if isinstance(found, Unknown):
        return unanswered(check, found.answer)
    if found.record is None or found.at is None:
        return _missing(check, found)
    there = await names.ask(domain, Kind.TXT)
    if found.inherited and silent(there):
        return unanswered(check, there)
    absent = there.found is Found.NO_NAME
    if failure := _open(found, found.record, absent=absent):
        return failure
    if weak := _weak_below(found, found.record):
        return await _below(names, found, weak)
    policy, tag = _effective(found, found.record, absent=absent)
    facts = await _alignment(names, domain, official, found.record)
    evidence = _evidence(found)
    return result(
        check, CheckStatus.PASS, Reason.FINE, evidence, policy=policy, tag=tag, at=found.at, **facts
    )


def _open(found: Discovery, record: Record, *, absent: bool) -> CheckResult | None:
    """What leaves the domain itself unprotected."""
    check = Check.DMARC_POLICY
    policy, tag = _effective(found, record, absent=absent)
    if (several := len(found.seen[0].texts)) > 1:  # RFC 7489 6.6.3: nobody looks above then
        return _failed(check, Reason.DMARC_SEVERAL, found, count=several)
    if record.void:
        flaw = record.broken
        return _failed(check, Reason.DMARC_VALUE, found, tag=flaw.tag if flaw else "p")
    if not policy.protects:
        return _failed(check, Reason.DMARC_POLICY_NONE, found, policy=policy, tag=tag)
    if record.t:
        return _failed(check, Reason.DMARC_TESTING, found, policy=policy)
    if record.pct < 100:
        return _failed(check, Reason.DMARC_PARTIAL, found, policy=policy, pct=record.pct)
    return None


def _effective(found: Discovery, record: Record, *, absent: bool) -> tuple[Policy, str]:
    """What is asked for with mail of this very domain, and the tag that says so."""
    if not found.inherited:
        return record.own, "p"
    if absent and record.np is not None:
        return record.missing, "np"
    return record.below, "p" if record.sp is None else "sp"


def _weak_below(found: Discovery, record: Record) -> str | None:
    """The tag that leaves names below the domain unprotected; of an own record alone, since
    whoever inherits does not decide for those below.
    """
    if found.inherited:
        return None
    if not record.below.protects:
        return "sp"
    return None if record.missing.protects else "np"


async def _below(names: Names, found: Discovery, tag: str) -> CheckResult:
    """`sp` and `np` are heeded at an organisation's record alone (RFC 9989 4.7)."""
    check = Check.DMARC_POLICY
    organisation = await organisational_domain(names, found.domain)
    if isinstance(organisation, Unknown):
        return unanswered(check, organisation.answer)
    if organisation == found.domain:
        return _failed(check, Reason.DMARC_BELOW_NONE, found, tag=tag)
    policy = found.record.own if found.record else Policy.NONE
    return result(
        check, CheckStatus.PASS, Reason.FINE, _evidence(found), policy=policy, tag="p", at=found.at
    )


async def _alignment(
    names: Names, domain: str, official: Official, record: Record
) -> dict[str, str]:
    """How domains are to match, and whether a key of the gateway's is there that matches in any
    case, since it is the domain's own: a fact, which decides nothing here.
    """
    keys = await published_keys(names, domain, official.selectors)
    usable = [one.selector for one in keys if one.usable]
    unheard = any(silent(one.answer) for one in keys)
    return {
        "adkim": "strict" if record.adkim == "s" else "relaxed",
        "aspf": "strict" if record.aspf == "s" else "relaxed",
        "aligned_key": usable[0] if usable else "?" if unheard or not keys else "-",
    }


# -- reports --------------------------------------------------------------------------------------


async def dmarc_reports(names: Names, domain: str, official: Official) -> CheckResult:  # noqa: ARG001
    """Aggregate reports are asked for by mail, and each destination takes them."""
    check = Check.DMARC_REPORTS
    found = await discover(names, domain)
    if isinstance(found, Unknown):
        return unanswered(check, found.answer)
    if found.record is None or found.at is None:
        return _missing(check, found)
    if not found.record.rua:
        return await _without_reports(names, found, found.record)
    hosts = list(dict.fromkeys(uri.host for uri in found.record.rua if uri.host))
    if not hosts:
        return _failed(check, Reason.DMARC_REPORTS_SCHEME, found, uri=found.record.rua[0].text)
    return await _destinations(names, found, found.at, hosts[:MAX_DESTINATIONS])


async def _without_reports(names: Names, found: Discovery, record: Record) -> CheckResult:
    check = Check.DMARC_REPORTS
    if any(flaw.tag == "rua" for flaw in record.flaws):
        return _failed(check, Reason.DMARC_VALUE, found, tag="rua")
    closed = await _closed(names, found.domain)
    if isinstance(closed, Answer):
        return unanswered(check, closed)
    if closed:
        return result(check, CheckStatus.NOT_APPLICABLE, Reason.NO_MAIL, _evidence(found))
    return _failed(check, Reason.DMARC_REPORTS_NONE, found)


async def _closed(names: Names, domain: str) -> bool | Answer:
    """It has no mail at all, neither way: who reports on it, reports on forgers alone."""
    exchange = await names.ask(domain, Kind.MX)
    texts = await names.ask(domain, Kind.TXT)
    if takes_none(exchange) and sends_none(texts):
        return True
    return next((each for each in (exchange, texts) if silent(each)), False)


async def _destinations(
    names: Names, found: Discovery, at: str, hosts: Sequence[str]
) -> CheckResult:
    check = Check.DMARC_REPORTS
    came = await asyncio.gather(*(destination(names, at, host) for host in hosts))
    for reason, what in (
        (Reason.DMARC_REPORTS_UNAUTHORISED, Destination.UNAUTHORISED),
        (Reason.DMARC_REPORTS_HOST, Destination.NO_MAIL),
    ):
        bad = [host for host, each in zip(hosts, came, strict=True) if each is what]
        if bad:
            permit = permit_name(at, bad[0])
            return _failed(check, reason, found, hosts=listed(bad), permit=permit)
    unknown = [each for each in came if isinstance(each, Unknown)]
    if unknown:
        return unanswered(check, unknown[0].answer)
    return result(
        check, CheckStatus.PASS, Reason.FINE, _evidence(found), hosts=listed(hosts), at=at
    )


# -- common ---------------------------------------------------------------------------------------


def _missing(check: Check, found: Discovery) -> CheckResult:
    """No record holds: `dmarc_valid` says why, and what to do, for all three."""
    if check is not Check.DMARC_VALID:
        return _failed(check, Reason.DMARC_UNUSABLE, found)
    reason = _lost(found.seen[0]) or Reason.DMARC_MISSING
    return _failed(check, reason, found, count=len(found.seen[0].texts))


def _failed(check: Check, reason: Reason, found: Discovery, **facts: object) -> CheckResult:
    at = found.at or found.domain
    return result(
        check, CheckStatus.FAIL, reason, _evidence(found), at=at, name=f"_dmarc.{at}", **facts
    )


def _evidence(found: Discovery) -> Iterable[str]:
    return seen(*(one.answer for one in found.seen))
