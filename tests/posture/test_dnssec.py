"""What the rule of DNSSEC makes of a resolver's word; real signatures: test_world.py."""

import asyncio
from typing import Any

from monitor.model import CheckStatus
from monitor.posture.checks.dnssec import dnssec
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Answer, Kind, Why
from monitor.posture.words import Reason
from tests.posture.zones import Zone

D = "so.tinh.example"
SOA = ["ns.tinh.example admin.tinh.example 1 3600 600 86400 300"]


def judged(data: Any, validating: bool = True, **zone: Any) -> CheckResult:
    return asyncio.run(dnssec(Zone(data, **zone), D, Official(validating=validating)))


def test_what_is_vouched_for_passes_whether_it_is_a_zone_of_its_own_or_within_one() -> None:
    for data in ({D: {"SOA": SOA}}, {D: {"MX": ["10 a.example"]}}):
        assert judged(data, secure=True).status is CheckStatus.PASS


def test_a_resolver_that_does_not_validate_cannot_tell() -> None:
    result = judged({D: {"SOA": SOA}}, validating=False)
    assert (result.status, result.reason) == (CheckStatus.UNKNOWN, Reason.NOT_VALIDATING)


def test_what_a_resolver_refuses_as_bogus_fails_and_what_it_could_not_get_is_unknown() -> None:
    for why in Why:
        result = judged({}, unknown={D: why})
        bogus = why is Why.BOGUS
        assert result.status is (CheckStatus.FAIL if bogus else CheckStatus.UNKNOWN)
        assert result.reason is (Reason.DNSSEC_BOGUS if bogus else Reason.UNANSWERED)


def test_a_zone_without_signatures_fails_by_its_name() -> None:
    data = {D: {"MX": ["10 a.example"]}, "tinh.example": {"SOA": SOA}}
    result = judged(data)
    assert (result.status, result.reason) == (CheckStatus.FAIL, Reason.DNSSEC_UNSIGNED)
    assert result.facts == {"zone": "tinh.example"}


def test_an_unsigned_zone_fails_though_a_record_of_it_is_not_answered() -> None:
    silent = {(D, "TXT"): Why.TIMEOUT, f"_dmarc.{D}": Why.SERVFAIL}
    data = {D: {"SOA": SOA}, "example": {"SOA": SOA}}
    assert judged(data, unknown=silent).reason is Reason.DNSSEC_UNSIGNED
    assert judged(data, unknown=silent, secure=True).status is CheckStatus.UNKNOWN


def test_keys_without_a_ds_are_to_be_given_to_the_parent_if_it_is_signed() -> None:
    data = {D: {"SOA": SOA, "DNSKEY": ["257 3 13 AAAA"]}}
    assert judged(data).reason is Reason.DNSSEC_PARENT_UNSIGNED


def test_keys_whose_ds_a_signed_parent_denies_lack_it() -> None:
    data = {D: {"SOA": SOA, "DNSKEY": ["257 3 13 AAAA"]}}
    zone = Zone(data)
    signed = Zone(data, secure=True)

    class Names:
        async def ask(self, name: str, kind: Kind) -> Answer:
            return await (signed if kind is Kind.DS else zone).ask(name, kind)

    result = asyncio.run(dnssec(Names(), D, Official(validating=True)))
    assert result.reason is Reason.DNSSEC_NO_DS


def test_a_ds_that_still_is_not_vouched_for_is_not_followed() -> None:
    data = {D: {"SOA": SOA, "DS": ["1 5 1 AA"], "DNSKEY": ["257 3 5 AAAA"]}}
    assert judged(data).reason is Reason.DNSSEC_NOT_FOLLOWED


def test_a_question_on_the_way_that_is_not_answered_leaves_it_open() -> None:
    data = {D: {"SOA": SOA}}
    for kind in ("DS", "DNSKEY"):
        result = judged(data, unknown={(D, kind): Why.TIMEOUT})
        assert (result.status, result.facts["kind"]) == (CheckStatus.UNKNOWN, kind)


def test_a_name_of_a_hundred_labels_does_not_ask_for_each_above_it() -> None:
    deep = ".".join("a" * 100)
    zone = Zone({deep: {"MX": ["10 a.example"]}})
    asyncio.run(dnssec(zone, deep, Official(validating=True)))
    assert len(zone.asked) < 15


def test_an_alias_is_as_weak_as_the_first_zone_on_its_way_that_is_not_signed() -> None:
    data = {
        D: {"CNAME": ["mail.thue.example"]},
        "tinh.example": {"SOA": SOA},
        "mail.thue.example": {"MX": ["10 a.example"]},
        "thue.example": {"SOA": SOA},
    }
    for secure, zone in (("tinh.example", "thue.example"), ("thue.example", "tinh.example")):
        result = judged(data, secure=[secure])
        assert (result.reason, result.facts) == (Reason.DNSSEC_UNSIGNED, {"zone": zone})
    assert judged(data, secure=["tinh.example", "thue.example"]).status is CheckStatus.PASS
