"""Aliases of a domain that point to nowhere: whoever takes the target speaks for the domain."""

import asyncio
from dataclasses import replace

from monitor.model import Check, CheckStatus
from monitor.posture.answers import silent
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import MAX_ALIASES, Answer, Found, Kind, Names, Why
from monitor.posture.results import result, seen, unanswered
from monitor.posture.words import Reason

MAX_NAMES = 40
_CHECK = Check.NAMES_RESOLVE
_HOSTS = ("mail", "www", "webmail", "autodiscover", "autoconfig", "mta-sts")
"""Names that mail programs and people ask for below a mail domain."""
_RECORDS = ("_dmarc", "_mta-sts", "_smtp._tls")


async def names_resolve(names: Names, domain: str, official: Official) -> CheckResult:
    """No usual name of the domain is an alias of a name that is not there, or of itself."""
    asked = _asked(domain, official)
    first = await asyncio.gather(*(names.ask(name, kind) for name, kind in asked))
    # Where the domain itself is not answered, nothing below it can be either.
    followed = first[:1] if silent(first[0]) else first
    answers = [*await asyncio.gather(*(_followed(names, each) for each in followed))]
    answers += first[len(followed) :]
    for reason, bad in (
        (Reason.ALIAS_DANGLING, [each for each in answers if _dangles(each)]),
        (Reason.ALIAS_LOOP, [each for each in answers if each.why is Why.LOOP]),
    ):
        if bad:
            return _fail(reason, bad)
    unknown = [each for each in answers if silent(each)]
    if unknown:
        return unanswered(_CHECK, unknown[0])
    aliases = (each for each in answers if each.aliases)
    return result(_CHECK, CheckStatus.PASS, Reason.FINE, seen(*aliases))


async def _followed(names: Names, answer: Answer) -> Answer:
    """A resolver that is led in a circle gives up as it does on dead servers: SERVFAIL. So the
    aliases are then asked for one by one.
    """
    if answer.why is not Why.SERVFAIL:
        return answer
    chain = [answer.name]
    while len(chain) <= MAX_ALIASES:
        step = await names.ask(chain[-1], Kind.CNAME)
        if step.found is not Found.FOUND:
            return answer
        chain.append(step.records[0])
        if chain[-1] in chain[:-1]:
            break
    return replace(answer, aliases=tuple(chain[1:]), why=Why.LOOP)


def _asked(domain: str, official: Official) -> list[tuple[str, Kind]]:
    """The kinds are those that other checks ask for anyway; an alias shows at any kind."""
    keys = (f"{selector}._domainkey" for selector in official.selectors)
    asked = [
        (domain, Kind.MX),
        *((f"{label}.{domain}", Kind.A) for label in _HOSTS),
        *((f"{label}.{domain}", Kind.TXT) for label in (*_RECORDS, *keys)),
    ]
    return asked[:MAX_NAMES]


def _dangles(answer: Answer) -> bool:
    return answer.found is Found.NO_NAME and bool(answer.aliases)


def _fail(reason: Reason, bad: list[Answer]) -> CheckResult:
    first = bad[0]
    return result(
        _CHECK, CheckStatus.FAIL, reason, seen(*bad),
        name=first.name, target=first.aliases[-1] if first.aliases else first.name,
        names=", ".join(each.name for each in bad[:5]), count=len(bad),
    )  # fmt: skip
