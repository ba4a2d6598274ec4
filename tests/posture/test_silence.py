"""A question that is not answered never makes a result another one, only `unknown`."""

import asyncio
from collections.abc import Iterator

import pytest

from monitor.model import Check, CheckStatus
from monitor.posture.checks import CHECKS
from monitor.posture.names import Kind, Why
from tests.posture.zones import Zone
from tests.support.dns_world import Served, Signing
from tests.support.dns_zones import CASES, GOOD, OFFICIAL, RECORDS, Case

ASKABLE = [
    case for case in CASES if case.served is Served.WELL and case.signing is Signing.GOOD
]  # fmt: skip


def told(check: Check, domain: str, zone: Zone) -> CheckStatus:
    async def asked() -> CheckStatus:
        return (await CHECKS[check](zone, domain, OFFICIAL)).status

    return asyncio.run(asked())


def silences(zone: Zone) -> Iterator[tuple[str, Kind]]:
    """Each question that was asked."""
    yield from sorted(set(zone.asked))


@pytest.mark.parametrize("case", ASKABLE, ids=lambda case: case.name)
def test_any_one_silent_name_leaves_a_result_as_it_is_or_unknown(case: Case) -> None:
    for check in case.expected or GOOD:
        whole = Zone(RECORDS, secure=True)
        status = told(check, case.domain, whole)
        for silent in silences(whole):
            zone = Zone(RECORDS, {silent: Why.TIMEOUT}, secure=True)
            assert told(check, case.domain, zone) in {status, CheckStatus.UNKNOWN}, (check, silent)
