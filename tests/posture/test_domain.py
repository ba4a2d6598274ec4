"""All checks of one domain, whatever one of them does."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.model import Check, CheckStatus
from monitor.observe import Observer
from monitor.posture.checks import CHECKS, Rule
from monitor.posture.desk import Desk
from monitor.posture.domain import AT_ONCE, check_domain
from monitor.posture.events import NamesRuleFailed
from monitor.posture.model import CheckResult, DomainPosture, Official
from monitor.posture.names import Answer, Found, Kind, Names, Why
from monitor.posture.results import printable, result
from monitor.posture.wire import Reply, Request
from monitor.posture.words import Reason
from monitor.settings import DnsSettings
from tests.posture.zones import Zone
from tests.support.dns_zones import good

D = "xa.tinh.example"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
THERE = Zone({D: {"MX": ["10 a.example"]}})


async def fine(names: Names, domain: str, official: Official) -> CheckResult:
    await names.ask(domain, Kind.MX)
    await names.ask(f"_dmarc.{domain}", Kind.TXT)
    return result(Check.DNSSEC, CheckStatus.PASS, Reason.FINE)


async def broken(names: Names, domain: str, official: Official) -> CheckResult:
    raise KeyError(domain)


async def late(names: Names, domain: str, official: Official) -> CheckResult:
    await asyncio.sleep(60)
    raise AssertionError


def checked(checks: dict[Check, Rule], names: Names = THERE, **more: Any) -> DomainPosture:
    return asyncio.run(check_domain(names, D, Official(), NOW, checks, **more))


def test_every_check_has_exactly_one_rule_in_its_order() -> None:
    assert list(CHECKS) == list(Check)


def test_each_check_gives_a_result_under_its_own_name() -> None:
    posture = asyncio.run(check_domain(THERE, D, Official(), NOW))
    assert [each.check for each in posture.results] == list(CHECKS)
    assert (posture.domain, posture.checked_at) == (D, NOW)


def test_a_rule_that_raises_is_unknown_and_says_where_and_loses_no_other() -> None:
    posture = checked({Check.MX_GATEWAY: broken, Check.DNSSEC: fine})
    fault, other = posture.results
    assert (fault.check, fault.status) == (Check.MX_GATEWAY, CheckStatus.UNKNOWN)
    assert fault.reason is Reason.FAULT
    assert fault.facts["error"] == "KeyError"
    assert fault.facts["at"].startswith("test_domain.py:")
    assert other.status is CheckStatus.PASS


def test_the_daemon_tells_which_rule_failed_and_where() -> None:
    posture = checked({Check.MX_GATEWAY: broken, Check.DNSSEC: fine})

    class Saying(Desk):
        async def _ask(self, request: Request, kind: object) -> Reply:
            return Reply(id=request.id, check=posture)

    observer = Observer()
    asyncio.run(Saying(DnsSettings(), observer).check(D, Official()))
    labels = {"event": NamesRuleFailed.name()}
    assert observer.registry.get_sample_value("congvu_events_total", labels) == 1


def test_a_rule_that_is_late_is_unknown_and_loses_no_other() -> None:
    first, other = checked({Check.MX_GATEWAY: late, Check.DNSSEC: fine}, seconds=0.05).results
    assert (first.status, first.reason) == (CheckStatus.UNKNOWN, Reason.UNANSWERED)
    assert first.facts["why"] == "timeout"
    assert other.status is CheckStatus.PASS


def test_mail_to_a_domain_that_is_not_there_goes_nowhere_and_the_rest_does_not_apply() -> None:
    posture = checked({Check.MX_RESOLVES: broken, Check.DNSSEC: broken}, Zone({}))
    assert {each.reason for each in posture.results} == {Reason.NO_DOMAIN}
    assert [each.status for each in posture.results] == ["fail", "not_applicable"]
    assert posture.results[0].evidence == (f"{D} MX: no_name",)


def test_questions_out_of_the_cache_are_not_counted() -> None:
    class Cached:
        def __init__(self) -> None:
            self.held: set[tuple[str, Kind]] = set()

        async def ask(self, name: str, kind: Kind) -> Answer:
            cached = (name, kind) in self.held
            self.held.add((name, kind))
            return Answer(name, kind, Found.NO_DATA, cached=cached)

    names = Cached()
    assert checked({Check.DNSSEC: fine}, names).questions == 2
    assert checked({Check.DNSSEC: fine}, names).questions == 0


@pytest.mark.parametrize(
    "why", [why for why in Why if why not in {Why.BOGUS, Why.LOOP, Why.BAD_NAME}]
)
def test_nothing_fails_and_nothing_passes_where_nobody_answers(why: Why) -> None:
    class Nobody:
        async def ask(self, name: str, kind: Kind) -> Answer:
            return Answer(name, kind, Found.UNKNOWN, why=why)

    official = Official(
        gateway_hosts=("a.example",), gateway_networks=("192.0.2.0/24",), selectors=("s",),
        validating=True,
    )  # fmt: skip
    posture = asyncio.run(check_domain(Nobody(), D, official, NOW))
    assert {each.status for each in posture.results} == {CheckStatus.UNKNOWN}
    assert {each.reason for each in posture.results} == {Reason.UNANSWERED}


def test_servers_that_do_not_answer_are_not_asked_all_there_is_to_ask() -> None:
    zone = Zone({}, unknown={D: Why.TIMEOUT})
    posture = asyncio.run(check_domain(zone, D, Official(), NOW))
    assert {each.reason for each in posture.results} == {Reason.UNANSWERED}
    assert zone.asked == [(D, Kind.MX), (D, Kind.TXT)]


def test_one_type_that_is_not_answered_keeps_nothing_else_from_being_asked() -> None:
    zone = Zone({D: {"TXT": ["v=spf1 -all"]}}, unknown={(D, "MX"): Why.TIMEOUT})
    posture = asyncio.run(check_domain(zone, D, Official(), NOW))
    found = {each.check: each.status for each in posture.results}
    assert found[Check.MX_RESOLVES] is CheckStatus.UNKNOWN
    assert found[Check.SPF_VALID] is CheckStatus.PASS


def test_a_domain_that_has_nothing_while_no_zone_says_so_is_one_that_nobody_answered_for() -> None:
    class Led:
        def __init__(self, **proven: bool) -> None:
            self.proven = proven

        async def ask(self, name: str, kind: Kind) -> Answer:
            return Answer(name, kind, Found.NO_DATA, proven=self.proven.get(kind, False))

    official = Official(gateway_hosts=("a.example",))
    lame = asyncio.run(check_domain(Led(), D, official, NOW))
    assert {each.reason for each in lame.results} == {Reason.UNANSWERED}
    assert {each.facts["why"] for each in lame.results} == {"servfail"}
    one = asyncio.run(check_domain(Led(TXT=True), D, official, NOW))
    assert one.results[0].reason is Reason.MX_NONE


def test_what_dns_says_is_shown_printable_and_bounded() -> None:
    assert printable("a\x1b[31m\u202eb\u0430\\") == "a\\x1b[31m\\u202eb\\u0430\\\\"
    assert len(printable("\x00" * 1000)) == 300
    assert printable("y" * 300) == "y" * 300
    flood = result(
        Check.DNSSEC, CheckStatus.FAIL, Reason.NO_DOMAIN, ("z" * 70_000,) * 500, x="\x07" * 70_000
    )
    assert len(flood.evidence) == 20
    assert {len(line) for line in flood.evidence} == {1000}
    assert len(flood.facts["x"]) == 300


class Crowded(Zone):
    """Answers late, and counts how many wait for it."""

    waiting = most = 0

    async def ask(self, name: str, kind: Kind) -> Answer:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        for _ in range(5):
            await asyncio.sleep(0)
        self.waiting -= 1
        return await super().ask(name, kind)


def test_one_domain_does_not_take_all_questions_that_may_be_under_way() -> None:
    """Its servers may be slow on purpose, so that others are not looked at meanwhile."""
    names = Crowded({f"{at}.{D}" if at else D: kinds for at, kinds in good(D).items()})
    official = Official(selectors=tuple(f"s{number}" for number in range(20)))
    asyncio.run(check_domain(names, D, official, NOW))
    assert 1 < names.most <= AT_ONCE
