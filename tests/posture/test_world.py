"""Every check of every domain, asked of a real validating Unbound with a real Knot behind it."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from monitor.model import Check, CheckStatus
from monitor.posture.desk import rules_of
from monitor.posture.domain import check_domain
from monitor.posture.model import DomainPosture
from monitor.posture.resolver import Resolver
from monitor.posture.words import Reason
from tests.support.dns_world import World, with_names
from tests.support.dns_zones import ABSENT, CASES, OFFICIAL, Case, Outcome

pytestmark = with_names

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def postures(world: World) -> Mapping[str, DomainPosture]:
    """Of all domains, by one process at one time."""

    async def check() -> list[DomainPosture]:
        resolver = Resolver(rules_of(world.settings(timeout_seconds=1, tries=2, concurrency=20)))
        domains = (*(case.domain for case in CASES), ABSENT)
        return await asyncio.gather(
            *(check_domain(resolver, domain, OFFICIAL, NOW) for domain in domains)
        )

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
        if check in found and found[check] != expected
    }
    assert not differs


def test_a_domain_that_is_not_there_fails_where_mail_should_go(
    postures: Mapping[str, DomainPosture],
) -> None:
    posture = postures[ABSENT]
    assert {each.reason for each in posture.results} == {Reason.NO_DOMAIN}
    failed = {each.check for each in posture.results if each.status is CheckStatus.FAIL}
    assert failed == {Check.MX_GATEWAY, Check.MX_RESOLVES}
