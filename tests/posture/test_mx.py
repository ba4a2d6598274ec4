"""Where the mail of a domain goes."""

import asyncio
from typing import Any

import pytest

from monitor.model import CheckStatus
from monitor.posture.checks.mx import MAX_TARGETS, mx_gateway, mx_resolves
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Why
from monitor.posture.words import Reason
from tests.posture.zones import Zone

D = "xa.tinh.example"
GATEWAY = {
    "mx1.cong.example": {"A": ["203.0.113.5"]},
    "mx2.cong.example": {"AAAA": ["2001:db8::5"]},
}
ELSEWHERE = {"mx.hosting.example": {"A": ["198.51.100.7"]}}
BY_NAME = Official(gateway_hosts=("mx1.cong.example", "MX2.cong.example."))
BY_ADDRESS = Official(gateway_networks=("203.0.113.0/24", "2001:db8::/64"))


def gateway(data: Any, official: Official = BY_NAME, **zone: Any) -> CheckResult:
    return asyncio.run(mx_gateway(Zone(data, **zone), D, official))


def resolves(data: Any, official: Official = BY_NAME, **zone: Any) -> CheckResult:
    return asyncio.run(mx_resolves(Zone(data, **zone), D, official))


def outcome(result: CheckResult) -> tuple[CheckStatus, Reason]:
    return result.status, result.reason


PASS = (CheckStatus.PASS, Reason.FINE)
UNKNOWN = (CheckStatus.UNKNOWN, Reason.UNANSWERED)


def fails(reason: Reason) -> tuple[CheckStatus, Reason]:
    return CheckStatus.FAIL, reason


def mx(*hosts: str) -> dict[str, dict[str, list[str]]]:
    return {D: {"MX": [f"{10 * (n + 1)} {host}" for n, host in enumerate(hosts)]}}


class TestGateway:
    def test_hosts_named_in_the_settings_are_the_gateway_whatever_their_case(self) -> None:
        data = mx("MX1.CONG.example.", "mx2.cong.example") | GATEWAY
        assert outcome(gateway(data)) == PASS

    def test_another_name_is_the_gateway_when_all_its_addresses_are(self) -> None:
        data = mx("a.example") | {"a.example": {"A": ["203.0.113.9"], "AAAA": ["2001:db8::9"]}}
        assert outcome(gateway(data, BY_ADDRESS)) == PASS
        data["a.example"]["AAAA"] = ["2001:db9::9"]
        result = gateway(data, BY_ADDRESS)
        assert outcome(result) == fails(Reason.MX_ELSEWHERE)
        assert result.facts["hosts"] == "a.example"
        assert "a.example AAAA 2001:db9::9" in result.evidence

    def test_one_host_elsewhere_beside_the_gateway_is_one_too_many(self) -> None:
        result = gateway(mx("mx1.cong.example", "mx.hosting.example") | GATEWAY | ELSEWHERE)
        assert outcome(result) == fails(Reason.MX_ELSEWHERE)
        assert result.facts["hosts"] == "mx.hosting.example"

    def test_a_name_that_only_begins_or_ends_like_the_gateway_is_not_it(self) -> None:
        for host in ("mx1.cong.example.evil.example", "evil-mx1.cong.example", "cong.example"):
            assert outcome(gateway(mx(host))) == fails(Reason.MX_ELSEWHERE)

    def test_a_homograph_of_the_gateway_is_shown_as_what_it_is(self) -> None:
        result = gateway(mx("xn--mx1-5cd.cong.example"))
        assert outcome(result) == fails(Reason.MX_ELSEWHERE)
        assert result.facts["hosts"] == "xn--mx1-5cd.cong.example"

    def test_a_target_that_is_nowhere_is_not_the_gateway(self) -> None:
        assert outcome(gateway(mx("gone.example"), BY_ADDRESS)) == fails(Reason.MX_ELSEWHERE)

    def test_without_mx_the_mail_goes_to_the_address_of_the_domain(self) -> None:
        result = gateway({D: {"A": ["198.51.100.1"]}})
        assert outcome(result) == fails(Reason.MX_IMPLICIT)
        assert result.facts["addresses"] == "198.51.100.1"
        assert outcome(gateway({D: {"A": ["203.0.113.1"]}}, BY_ADDRESS)) == PASS

    def test_neither_mx_nor_address_takes_no_mail_and_does_not_say_so(self) -> None:
        for check in (gateway, resolves):
            assert outcome(check({D: {"TXT": ["v=spf1 -all"]}})) == fails(Reason.MX_NONE)

    def test_the_null_mx_says_that_no_mail_is_wanted(self) -> None:
        for check in (gateway, resolves):
            nothing = (CheckStatus.NOT_APPLICABLE, Reason.NO_MAIL)
            assert outcome(check({D: {"MX": ["0 ."]}})) == nothing
            both = {D: {"MX": ["0 .", "10 mx1.cong.example"]}} | GATEWAY
            assert outcome(check(both)) == fails(Reason.MX_NULL_AMONG)

    def test_nothing_is_official_where_no_gateway_is_named(self) -> None:
        result = gateway(mx("a.example"), Official())
        assert outcome(result) == (CheckStatus.NOT_APPLICABLE, Reason.NOT_CONFIGURED)

    def test_what_was_not_answered_is_no_failure(self) -> None:
        for unknown in ({D: Why.TIMEOUT}, {(D, "MX"): Why.SERVFAIL}):
            assert outcome(gateway(mx("a.example"), unknown=unknown)) == UNKNOWN
        result = gateway({D: {}}, unknown={(D, "AAAA"): Why.REFUSED})
        assert outcome(result) == UNKNOWN
        assert result.facts == {"name": D, "kind": "AAAA", "why": "refused"}

    def test_an_address_family_that_was_not_answered_leaves_it_open(self) -> None:
        data = mx("a.example") | {"a.example": {"A": ["203.0.113.9"]}}
        unknown = {("a.example", "AAAA"): Why.TIMEOUT}
        assert outcome(gateway(data, BY_ADDRESS, unknown=unknown)) == UNKNOWN

    def test_an_address_elsewhere_decides_whatever_else_was_not_answered(self) -> None:
        data = mx("a.example", "b.example") | {"a.example": {"A": ["198.51.100.9"]}}
        unknown = {"b.example": Why.TIMEOUT, ("a.example", "AAAA"): Why.TIMEOUT}
        assert outcome(gateway(data, BY_ADDRESS, unknown=unknown)) == fails(Reason.MX_ELSEWHERE)

    def test_hosts_without_number_are_not_all_asked_for(self) -> None:
        hosts = [f"h{n}.example" for n in range(500)]
        zone = Zone(mx(*hosts) | {host: {"A": ["203.0.113.9"]} for host in hosts})
        result = asyncio.run(mx_gateway(zone, D, BY_ADDRESS))
        assert outcome(result) == fails(Reason.MX_TOO_MANY)
        assert len(zone.asked) <= 2 * MAX_TARGETS + 1
        assert len(result.evidence) <= 20


class TestResolves:
    def test_hosts_with_addresses_are_fine(self) -> None:
        assert outcome(resolves(mx("mx1.cong.example", "mx2.cong.example") | GATEWAY)) == PASS

    def test_a_host_without_addresses_is_named(self) -> None:
        for hosts in ({}, {"gone.example": {"TXT": ["x"]}}):
            result = resolves(mx("mx1.cong.example", "gone.example") | GATEWAY | hosts)
            assert outcome(result) == fails(Reason.MX_DANGLING)
            assert result.facts["hosts"] == "gone.example"

    def test_a_domain_that_is_an_alias_of_nothing_has_no_mail(self) -> None:
        result = resolves({D: {"CNAME": ["gone.example"]}})
        assert outcome(result) == fails(Reason.MX_DANGLING)
        assert result.facts["hosts"] == "gone.example"

    def test_aliases_in_a_circle_lead_nowhere(self) -> None:
        circle = {"a.example": {"CNAME": ["b.example"]}, "b.example": {"CNAME": ["a.example"]}}
        assert outcome(resolves(mx("a.example") | circle)) == fails(Reason.MX_DANGLING)
        assert outcome(resolves({D: {"CNAME": [D]}})) == fails(Reason.MX_DANGLING)

    def test_an_alias_as_target_is_against_the_standard(self) -> None:
        data = mx("alias.example") | {"alias.example": {"CNAME": ["mx1.cong.example"]}} | GATEWAY
        result = resolves(data)
        assert outcome(result) == fails(Reason.MX_ALIAS)
        assert "alias.example CNAME mx1.cong.example A 203.0.113.5" in result.evidence

    def test_a_domain_that_is_itself_an_alias_is_not_an_alias_as_target(self) -> None:
        data = {D: {"CNAME": ["other.example"]}, "other.example": {"A": ["198.51.100.1"]}}
        assert outcome(resolves(data)) == PASS

    @pytest.mark.parametrize("host", ["192.0.2.1", "[192.0.2.1]", "2001:db8::1"])
    def test_an_address_in_place_of_a_name_is_no_host(self, host: str) -> None:
        assert outcome(resolves(mx(host))) == fails(Reason.MX_LITERAL)

    @pytest.mark.parametrize(
        "address", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.0.1", "100.64.1.1", "0.0.0.0"]
    )
    def test_an_internal_address_is_out_of_reach_unless_it_is_the_gateway(
        self, address: str
    ) -> None:
        data = mx("a.example") | {"a.example": {"A": [address]}}
        assert outcome(resolves(data)) == fails(Reason.MX_UNREACHABLE)
        closed = Official(gateway_networks=(f"{address}/32",))
        assert outcome(resolves(data, closed)) == PASS
        assert outcome(resolves(data, Official(gateway_hosts=("a.example",)))) == PASS

    @pytest.mark.parametrize("address", ["::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1"])
    def test_so_is_one_of_the_newer_family(self, address: str) -> None:
        data = mx("a.example") | {"a.example": {"A": ["198.51.100.1"], "AAAA": [address]}}
        assert outcome(resolves(data)) == fails(Reason.MX_UNREACHABLE)

    def test_what_was_not_answered_is_no_failure(self) -> None:
        assert outcome(resolves(mx("a.example"), unknown={"a.example": Why.SERVFAIL})) == UNKNOWN

    def test_one_host_that_is_nowhere_decides_whatever_else_was_not_answered(self) -> None:
        data = mx("a.example", "gone.example")
        assert outcome(resolves(data, unknown={"a.example": Why.TIMEOUT})) == fails(
            Reason.MX_DANGLING
        )

    def test_a_name_that_cannot_be_asked_for_has_no_address(self) -> None:
        assert outcome(resolves(mx("a..example"))) == fails(Reason.MX_DANGLING)

    def test_signs_of_a_terminal_do_not_come_through(self) -> None:
        result = resolves(mx("a\x1b[2J\u202e.example"))
        assert result.status is CheckStatus.FAIL
        text = " ".join((*result.facts.values(), *result.evidence))
        assert text.isprintable()
        assert text.isascii()
