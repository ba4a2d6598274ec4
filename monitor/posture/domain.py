"""All checks of one domain, side by side: each within a time limit, none lost by another."""

import asyncio
import traceback
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath

from monitor.model import Check, CheckStatus
from monitor.posture.checks import CHECKS, Rule
from monitor.posture.model import CheckResult, DomainPosture, Official
from monitor.posture.names import Answer, Counted, Found, Kind, Names, Why
from monitor.posture.resolver import Lane
from monitor.posture.results import result, seen, unanswered
from monitor.posture.words import Reason

RULE_SECONDS = 60.0
"""Of one check: a few questions that each ask every resolver several times."""

AT_ONCE = 12
"""Questions of one domain that may be under way: servers that are slow on purpose leave the others
room in the lane of all checks (`dns.concurrency`)."""

_DEAD = frozenset((Why.NO_RESOLVER, Why.TIMEOUT, Why.REFUSED, Why.SERVFAIL))
_WITHOUT_DOMAIN = (Check.MX_GATEWAY, Check.MX_RESOLVES)
"""Mail to a domain that is not there goes nowhere; nothing else can be asked of it."""


async def check_domain(
    names: Names,
    domain: str,
    official: Official,
    now: datetime,
    checks: Mapping[Check, Rule] = CHECKS,
    seconds: float = RULE_SECONDS,
) -> DomainPosture:
    """What its names say. Never raises: a rule that does or is late is `unknown`."""
    counted = Counted(Lane(names, asyncio.Semaphore(AT_ONCE)))
    there = await counted.ask(domain, Kind.MX)
    if there.found is Found.NO_NAME and not there.aliases:
        results = [_absent(check, there) for check in checks]
    elif unheard := await _unheard(counted, domain, there):
        results = [unanswered(check, unheard) for check in checks]
    else:
        rules = (_run(counted, domain, official, *each, seconds) for each in checks.items())
        results = await asyncio.gather(*rules)
    return DomainPosture(
        domain=domain, checked_at=now, results=tuple(results), questions=counted.questions
    )


async def _unheard(names: Names, domain: str, there: Answer) -> Answer | None:
    """What was not answered, where nothing that is asked of the domain would be: it is not asked
    a dozen questions more, each of them as often as there are tries.
    """
    if there.why in _DEAD:
        return there if (await names.ask(domain, Kind.TXT)).why in _DEAD else None
    if await _is_lame(names, domain, there):
        return replace(there, found=Found.UNKNOWN, why=Why.SERVFAIL)
    return None


async def _is_lame(names: Names, domain: str, there: Answer) -> bool:
    """Servers that point to themselves for a zone that they do not have: Unbound makes of them a
    domain that has nothing at all, and no SOA that says so.
    """
    if there.found is not Found.NO_DATA or there.proven:
        return False
    kinds = (Kind.SOA, Kind.A, Kind.TXT)
    others = [await names.ask(domain, kind) for kind in kinds]
    return all(each.found is Found.NO_DATA and not each.proven for each in others)


async def _run(
    names: Names, domain: str, official: Official, check: Check, rule: Rule, seconds: float
) -> CheckResult:
    try:
        async with asyncio.timeout(seconds):
            return await rule(names, domain, official)
    except TimeoutError:
        return result(
            check, CheckStatus.UNKNOWN, Reason.UNANSWERED, name=domain, kind="", why=Why.TIMEOUT
        )
    except Exception as error:  # noqa: BLE001 - a fault of one rule is not the domain's
        return result(
            check, CheckStatus.UNKNOWN, Reason.FAULT, error=type(error).__name__, at=_place(error)
        )


def _place(error: Exception) -> str:
    """`spf.py:120`: where it was raised, without what it was raised for."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _absent(check: Check, answer: Answer) -> CheckResult:
    status = CheckStatus.FAIL if check in _WITHOUT_DOMAIN else CheckStatus.NOT_APPLICABLE
    return result(check, status, Reason.NO_DOMAIN, seen(answer), domain=answer.name)
