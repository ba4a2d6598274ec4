"""Every check of every domain, asked of a real validating Unbound with a real Knot behind it."""

import asyncio
from collections.abc import Mapping

import pytest

from monitor import clock
from monitor.model import Check, CheckStatus
from monitor.observe import Observer
from monitor.posture.desk import Desk, rules_of
from monitor.posture.domain import check_domain
from monitor.posture.model import DomainPosture
from monitor.posture.resolver import Resolver
from monitor.posture.words import Reason
from tests.support.dns_world import World
from tests.support.dns_zones import ABSENT, CASES, OFFICIAL, Case, Outcome
from tests.support.needs import needs

pytestmark = needs("knotd", "unbound")


@pytest.fixture(scope="module")
def postures(world: World) -> Mapping[str, DomainPosture]:
    """Of all domains, by one process at one time."""

    async def check() -> list[DomainPosture]:
        desk = Desk(world.settings(timeout_seconds=1, tries=2), Observer())
        async with asyncio.TaskGroup() as group:
            group.create_task(desk.run())
            domains = (*(case.domain for case in CASES), ABSENT)
            found = await asyncio.gather(*(desk.check(domain, OFFICIAL) for domain in domains))
            await desk.close()
        return found

    return {posture.domain: posture for posture in asyncio.run(check())}


def outcomes(posture: DomainPosture) -> dict[Check, Outcome]:
    return {each.check: (each.status, each.reason) for each in posture.results}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_check_of_a_domain_comes_to_what_its_zone_says(
    case: Case, postures: Mapping[str, DomainPosture]
) -> None:
    found = outcomes(postures[case.domain])
    differs = {
        check: (found[check], expected)
        for check, expected in case.outcomes.items()
        if found[check] != expected
    }
    assert not differs


def test_a_domain_that_is_not_there_fails_where_mail_should_go(
    postures: Mapping[str, DomainPosture],
) -> None:
    posture = postures[ABSENT]
    assert {each.reason for each in posture.results} == {Reason.NO_DOMAIN}
    failed = {each.check for each in posture.results if each.status is CheckStatus.FAIL}
    assert failed == {Check.MX_GATEWAY, Check.MX_RESOLVES}


def test_a_resolver_that_does_not_validate_leaves_dnssec_open_and_sees_what_is_bogus(
    world: World,
) -> None:
    """Knot itself, as a resolver without validation would answer."""
    posture = asyncio.run(_asked(world, "expired.gov.example"))
    found = outcomes(posture)
    assert found.pop(Check.DNSSEC) == (CheckStatus.UNKNOWN, Reason.NOT_VALIDATING)
    assert {status for status, _ in found.values()} == {CheckStatus.PASS}


async def _asked(world: World, domain: str) -> DomainPosture:
    resolver = Resolver(rules_of(world.settings(authoritative=True)))
    official = OFFICIAL.model_copy(update={"validating": False})
    return await check_domain(resolver, domain, official, clock.now())


def test_what_a_hostile_domain_says_comes_through_printable_and_bounded(
    postures: Mapping[str, DomainPosture],
) -> None:
    for posture in postures.values():
        assert len(posture.model_dump_json()) < 100_000
        for each in posture.results:
            for text in (*each.facts.values(), *each.evidence):
                assert text.isascii()
                assert text.isprintable()
