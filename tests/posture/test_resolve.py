"""Aliases that point to nowhere."""

import asyncio
from typing import Any

import pytest

from monitor.model import CheckStatus
from monitor.posture.checks.resolve import MAX_NAMES, names_resolve
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Why
from monitor.posture.words import Reason
from tests.posture.zones import Zone

D = "xa.tinh.example"
THERE = {D: {"MX": ["10 a.example"]}}
OFFICIAL = Official(selectors=("cong2026",))


def judged(data: Any, **zone: Any) -> CheckResult:
    return asyncio.run(names_resolve(Zone(THERE | data, **zone), D, OFFICIAL))


def test_a_domain_without_aliases_and_one_whose_aliases_lead_somewhere_pass() -> None:
    assert judged({}).status is CheckStatus.PASS
    data = {f"www.{D}": {"CNAME": ["web.example"]}, "web.example": {"A": ["192.0.2.1"]}}
    result = judged(data)
    assert result.status is CheckStatus.PASS
    assert result.evidence == (f"www.{D} CNAME web.example A 192.0.2.1",)


def test_an_alias_of_a_name_with_other_records_is_not_dangling() -> None:
    data = {f"mail.{D}": {"CNAME": ["a.example"]}, "a.example": {"TXT": ["x"]}}
    assert judged(data).status is CheckStatus.PASS


@pytest.mark.parametrize(
    "name",
    ["www", "mail", "autodiscover", "autoconfig", "mta-sts", "_dmarc", "_mta-sts",
     "cong2026._domainkey"],
)  # fmt: skip
def test_an_alias_of_nothing_is_named_with_its_target(name: str) -> None:
    result = judged({f"{name}.{D}": {"CNAME": ["gone.cloud.example"]}})
    assert (result.status, result.reason) == (CheckStatus.FAIL, Reason.ALIAS_DANGLING)
    assert result.facts["name"] == f"{name}.{D}"
    assert result.facts["target"] == "gone.cloud.example"


def test_the_end_of_a_chain_is_what_is_missing() -> None:
    data = {f"www.{D}": {"CNAME": ["a.example"]}, "a.example": {"CNAME": ["b.example"]}}
    result = judged(data)
    assert result.facts["target"] == "b.example"
    assert result.evidence == (f"www.{D} CNAME a.example CNAME b.example A: no_name",)


def test_a_domain_that_is_itself_an_alias_of_nothing_fails() -> None:
    zone = Zone({D: {"CNAME": ["gone.example"]}})
    result = asyncio.run(names_resolve(zone, D, OFFICIAL))
    assert result.reason is Reason.ALIAS_DANGLING


def test_an_alias_of_itself_has_no_end() -> None:
    result = judged({f"www.{D}": {"CNAME": [f"www.{D}"]}})
    assert (result.status, result.reason) == (CheckStatus.FAIL, Reason.ALIAS_LOOP)


def test_what_was_not_answered_is_unknown_unless_another_name_decides() -> None:
    unknown = {f"mail.{D}": Why.TIMEOUT}
    assert judged({}, unknown=unknown).status is CheckStatus.UNKNOWN
    dangling = {f"www.{D}": {"CNAME": ["gone.example"]}}
    assert judged(dangling, unknown=unknown).status is CheckStatus.FAIL


def test_selectors_without_number_are_not_all_asked_for() -> None:
    zone = Zone(THERE)
    official = Official(selectors=tuple(f"s{n}" for n in range(500)))
    asyncio.run(names_resolve(zone, D, official))
    assert len(zone.asked) == MAX_NAMES


def test_names_too_long_to_be_asked_for_leave_nothing_open() -> None:
    long = ".".join((*("a" * 61 for _ in range(3)), "b" * 50, D))[-250:]
    zone = Zone({long: {"MX": ["10 a.example"]}})
    assert asyncio.run(names_resolve(zone, long, OFFICIAL)).status is CheckStatus.PASS
