"""DKIM keys of the selectors that are known: one at least is to be of use to a receiver.

What is of use: RFC 6376 3.6.1 and 6.1.2, RFC 8301 for sizes, RFC 8463 for Ed25519. Selectors cannot
be listed from outside: they are the gateway's and those that captured mail bore.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from monitor.model import Check, CheckStatus
from monitor.posture.answers import sends_none, silent
from monitor.posture.keys import KeyFault, KeyRecord, KeyType, read_key
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Answer, Found, Kind, Names
from monitor.posture.results import listed, result, seen, unanswered
from monitor.posture.words import Reason

MAX_SELECTORS = 50
GOOD_RSA = 2048
"""Bits: signers should use no less (RFC 8301 3.2)."""
_CHECK = Check.DKIM_KEY


@dataclass(frozen=True)
class Published:
    """What stands at one selector."""

    selector: str
    answer: Answer

    @cached_property
    def key(self) -> KeyRecord | None:
        """None where there is no record, or several: which one holds is undefined (RFC 6376
        3.6.2.2).
        """
        records = self.answer.records
        return read_key(records[0]) if len(records) == 1 else None

    @property
    def usable(self) -> bool:
        """A receiver may rely on it. On a test key (`t=y`) none may (RFC 6376 3.6.1)."""
        return self.key is not None and self.key.usable and not self.key.testing

    @property
    def short(self) -> bool:
        """It can be computed by anybody with some machines: who has it signs as the domain."""
        return self.key is not None and KeyFault.KEY_SHORT in self.key.faults


async def dkim_key(names: Names, domain: str, official: Official) -> CheckResult:
    """A key that is of use is published, and none that can be broken."""
    texts = await names.ask(domain, Kind.TXT)
    if silent(texts):
        return unanswered(_CHECK, texts)
    if sends_none(texts):
        return result(_CHECK, CheckStatus.NOT_APPLICABLE, Reason.NO_MAIL, seen(texts))
    if not official.selectors:
        return await _without_selectors(names, domain)
    return _judged(await published(names, domain, official.selectors))


async def published(names: Names, domain: str, selectors: Sequence[str]) -> tuple[Published, ...]:
    """What stands at each selector of a domain."""
    chosen = list(dict.fromkeys(selectors))[:MAX_SELECTORS]
    questions = (names.ask(f"{one}._domainkey.{domain}", Kind.TXT) for one in chosen)
    return tuple(map(Published, chosen, await asyncio.gather(*questions)))


async def _without_selectors(names: Names, domain: str) -> CheckResult:
    """Nobody said which to ask for. Only that there are none at all can be seen: where a name is
    not there, nothing is below it (RFC 8020).
    """
    answer = await names.ask(f"_domainkey.{domain}", Kind.TXT)
    if silent(answer):
        return unanswered(_CHECK, answer)
    if answer.found is Found.NO_NAME and not answer.aliases:
        return result(_CHECK, CheckStatus.FAIL, Reason.DKIM_NONE, seen(answer))
    return result(_CHECK, CheckStatus.NOT_APPLICABLE, Reason.NOT_CONFIGURED, seen(answer))


def _judged(keys: Sequence[Published]) -> CheckResult:
    usable = [one for one in keys if one.usable]
    if short := [one for one in keys if one.short]:
        return _about(CheckStatus.FAIL, Reason.DKIM_SHORT, short, keys)
    # Beside a good key too: it may be the short one for which the domain failed before.
    if unheard := [one for one in keys if silent(one.answer)]:
        return unanswered(_CHECK, unheard[0].answer)
    return _passing(usable, keys) if usable else _failing(keys)


def _passing(usable: Sequence[Published], keys: Sequence[Published]) -> CheckResult:
    rsa = [one for one in usable if one.key is not None and one.key.type is KeyType.RSA]
    weak = [one for one in rsa if one.key is not None and one.key.bits < GOOD_RSA]
    if weak:
        return _about(CheckStatus.PASS, Reason.DKIM_WEAK, weak, keys)
    reason = Reason.FINE if rsa else Reason.DKIM_ED25519_ONLY
    return _about(CheckStatus.PASS, reason, usable, keys)


def _failing(keys: Sequence[Published]) -> CheckResult:
    testing = [one for one in keys if one.key and one.key.usable and one.key.testing]
    revoked = [one for one in keys if one.key and KeyFault.REVOKED in one.key.faults]
    broken = [one for one in keys if one.answer.records]
    for reason, those in (
        (Reason.DKIM_TESTING, testing),
        (Reason.DKIM_BROKEN, [one for one in broken if one not in revoked]),
        (Reason.DKIM_REVOKED, revoked),
        (Reason.DKIM_MISSING, keys),
    ):
        if those:
            return _about(CheckStatus.FAIL, reason, those, keys)
    raise AssertionError("no selectors")


def _about(
    status: CheckStatus, reason: Reason, those: Sequence[Published], keys: Sequence[Published]
) -> CheckResult:
    first = those[0]
    return result(
        _CHECK, status, reason, seen(*(one.answer for one in (*those, *_others(those, keys)))),
        selector=first.selector,
        selectors=listed([one.selector for one in keys]),
        name=first.answer.name,
        bits=first.key.bits if first.key else "",
        fault=_fault(first),
    )  # fmt: skip


def _others(those: Sequence[Published], keys: Sequence[Published]) -> list[Published]:
    return [one for one in keys if one not in those]


def _fault(one: Published) -> str:
    if one.key is None:
        return "several" if one.answer.records else ""
    return one.key.faults[0] if one.key.faults else ""
