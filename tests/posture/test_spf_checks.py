"""What the three checks of SPF come to, and what they name."""

import asyncio
import re

import pytest

from monitor.model import CheckStatus, Language
from monitor.posture.checks import Rule
from monitor.posture.checks.spf import spf_closed, spf_gateway, spf_valid
from monitor.posture.explaining import posture_words
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Why
from monitor.posture.words import Reason
from tests.posture.zones import Data, Zone

D = "tinh.gov.vn"
GATEWAY = Official(gateway_hosts=("mx.gateway.vn",), gateway_networks=("203.0.113.8/30",))
PASS, FAIL, UNKNOWN, DOES_NOT_APPLY = (
    CheckStatus.PASS, CheckStatus.FAIL, CheckStatus.UNKNOWN, CheckStatus.NOT_APPLICABLE,
)  # fmt: skip


def came_to(rule: Rule, zone: Zone, official: Official = GATEWAY) -> CheckResult:
    async def asked() -> CheckResult:
        return await rule(zone, D, official)

    result = asyncio.run(asked())
    for language in Language:
        said = posture_words(language).explain(result.reason, D, result.facts)
        assert not {"(không rõ)", "(not known)"} & set(re.findall(r"\([\w ]+\)", f"{said}"))
    return result


def spf(text: str | list[str], more: Data | None = None, **kinds: list[str]) -> Zone:
    texts = [text] if isinstance(text, str) else text
    return Zone({D: {"TXT": texts, **kinds}, **(more or {})})


# -- spf_valid


def test_a_record_within_its_limits_says_how_many_look_ups_it_needs() -> None:
    zone = spf(
        "v=spf1 mx include:x.vn -all",
        {"x.vn": {"TXT": ["v=spf1 a ~all"], "A": ["192.0.2.9"]}},
        MX=["0 x.vn"],
    )
    result = came_to(spf_valid, zone)
    assert (result.status, result.reason) == (PASS, Reason.SPF_WITHIN_LIMITS)
    assert (result.facts["lookups"], result.facts["limit"]) == ("3", "10")
    assert result.evidence == (
        f"{D} TXT v=spf1 mx include:x.vn -all",
        "  include:x.vn [2] x.vn TXT v=spf1 a ~all",
    )


BROKEN: dict[str, tuple[str | list[str], Reason, str]] = {
    "none": ([], Reason.SPF_MISSING, ""),
    "other texts alone": (["google-site-verification=x", "v=spf10"], Reason.SPF_MISSING, ""),
    "two": (["v=spf1 -all", "v=spf1 mx -all"], Reason.SPF_SEVERAL, ""),
    "a wrong term": ("v=spf1 ip4:192.0.2.1:25 -all", Reason.SPF_SYNTAX, "ip4:192.0.2.1:25"),
    "no such include": ("v=spf1 include:gone.vn -all", Reason.SPF_NO_TARGET, "include:gone.vn"),
    "no such redirect": ("v=spf1 redirect=gone.vn", Reason.SPF_NO_TARGET, "redirect=gone.vn"),
    "a loop": ("v=spf1 include:tinh.gov.vn -all", Reason.SPF_LOOP, "include:tinh.gov.vn"),
    "many terms": ("v=spf1" + " a" * 11 + " -all", Reason.SPF_LOOKUPS_OWN, ""),
    "more than are counted": ("v=spf1" + " a" * 99 + " -all", Reason.SPF_LOOKUPS_OWN, ""),
    "names that are gone": ("v=spf1 a:a.vn mx:b.vn exists:c.vn -all", Reason.SPF_VOIDS, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_receivers_take_for_an_error_fails_and_is_named(name: str) -> None:
    text, reason, term = BROKEN[name]
    result = came_to(spf_valid, spf(text, A=["192.0.2.1"]))
    assert (result.status, result.reason) == (FAIL, reason)
    assert result.facts["term"] == term


def test_what_stands_in_place_of_a_record_is_evidence() -> None:
    two = ["v=spf1 -all", "v=spf1 mx -all", "google-site-verification=x"]
    assert came_to(spf_valid, spf(two)).evidence == tuple(f"{D} TXT {text}" for text in two)
    assert came_to(spf_valid, spf([])).evidence == (f"{D} TXT: no_data",)


def test_advice_of_a_missing_record_names_the_gateways_addresses() -> None:
    facts = came_to(spf_valid, spf([])).facts
    assert facts["record"] == "v=spf1 ip4:203.0.113.8/30 -all"
    assert came_to(spf_valid, spf([]), Official()).facts["record"] == "v=spf1 mx -all"


def test_an_mx_of_eleven_hosts_fails() -> None:
    zone = spf(
        "v=spf1 mx -all", {"m.vn": {"A": ["192.0.2.1"]}}, MX=[f"{n} m.vn" for n in range(11)]
    )
    assert came_to(spf_valid, zone).reason is Reason.SPF_MX_HOSTS


def test_the_include_that_burns_the_look_ups_is_named_with_the_whole_count() -> None:
    more: Data = {
        "small.vn": {"TXT": ["v=spf1 a ~all"], "A": ["192.0.2.1"]},
        "big.vn": {"TXT": ["v=spf1" + " include:small.vn" * 5 + " ~all"]},
    }
    result = came_to(
        spf_valid, spf("v=spf1 include:small.vn a include:big.vn -all", more, A=["192.0.2.1"])
    )
    assert result.reason is Reason.SPF_LOOKUPS
    assert result.facts["lookups"] == "14"
    assert (result.facts["heaviest"], result.facts["heaviest_lookups"]) == ("include:big.vn", "11")


def test_where_no_include_costs_more_than_itself_none_is_named() -> None:
    more: Data = {f"{n}.vn": {"TXT": ["v=spf1 ip4:192.0.2.1"]} for n in range(11)}
    terms = " ".join(f"include:{name}" for name in more)
    assert came_to(spf_valid, spf(f"v=spf1 {terms} -all", more)).reason is Reason.SPF_LOOKUPS_OWN


def test_a_name_with_addresses_of_one_kind_is_not_asked_for_in_vain() -> None:
    more: Data = {"four.vn": {"A": ["192.0.2.1"]}, "six.vn": {"AAAA": ["2001:db8::1"]}}
    zone = spf("v=spf1 a:four.vn a:six.vn mx:four.vn exists:gone.vn -all", more)
    assert came_to(spf_valid, zone).status is PASS


def test_a_fault_below_says_whose_record_it_is_in() -> None:
    zone = spf("v=spf1 include:x.vn -all", {"x.vn": {"TXT": ["v=spf1 ipv4:192.0.2.1 -all"]}})
    result = came_to(spf_valid, zone)
    assert (result.facts["where"], result.facts["term"]) == ("x.vn", "ipv4:192.0.2.1")


def test_terms_behind_all_are_never_reached_and_cost_nothing() -> None:
    assert came_to(spf_valid, spf("v=spf1 -all" + " a:gone.vn" * 20)).status is PASS


@pytest.mark.parametrize("rule", [spf_valid, spf_closed, spf_gateway])
def test_a_domain_that_does_not_answer_is_unknown(rule: Rule) -> None:
    result = came_to(rule, Zone({}, unknown={D: Why.TIMEOUT}))
    assert (result.status, result.facts["why"]) == (UNKNOWN, "timeout")


@pytest.mark.parametrize("rule", [spf_valid, spf_closed])
def test_an_include_that_does_not_answer_leaves_it_unknown(rule: Rule) -> None:
    data: Data = {D: {"TXT": ["v=spf1 include:x.vn -all"]}}
    assert came_to(rule, Zone(data, unknown={"x.vn": Why.SERVFAIL})).status is UNKNOWN


def test_what_is_wrong_already_fails_though_an_include_does_not_answer() -> None:
    data: Data = {D: {"TXT": ["v=spf1 include:x.vn include:gone.vn +all"]}}
    zone = Zone(data, unknown={"x.vn": Why.SERVFAIL})
    assert came_to(spf_valid, zone).reason is Reason.SPF_NO_TARGET
    assert came_to(spf_closed, zone).reason is Reason.SPF_OPEN


# -- spf_closed


ENDS = {
    "v=spf1 mx -all": (PASS, Reason.SPF_REFUSES),
    "v=spf1 mx ~all": (PASS, Reason.SPF_SOFT),
    "v=spf1 mx ?all": (FAIL, Reason.SPF_NEUTRAL),
    "v=spf1 mx +all": (FAIL, Reason.SPF_OPEN),
    "v=spf1 mx ALL": (FAIL, Reason.SPF_OPEN),
    "v=spf1 mx": (FAIL, Reason.SPF_UNENDED),
    "v=spf1": (FAIL, Reason.SPF_UNENDED),
    "v=spf1 redirect=closed.vn": (PASS, Reason.SPF_REFUSES),
    "v=spf1 redirect=open.vn": (FAIL, Reason.SPF_OPEN),
    "v=spf1 redirect=open.vn -all": (PASS, Reason.SPF_REFUSES),
    "v=spf1 redirect=gone.vn": (FAIL, Reason.SPF_UNUSABLE),
    "v=spf1 ~all +all": (PASS, Reason.SPF_SOFT),
    "v=spf1 include:closed.vn": (FAIL, Reason.SPF_UNENDED),
    "v=spf1 include:open.vn -all": (FAIL, Reason.SPF_OPEN),
    "v=spf1 -include:open.vn": (PASS, Reason.SPF_REFUSES),
    "v=spf1 ?include:open.vn -all": (FAIL, Reason.SPF_NEUTRAL),
    "v=spf1 exists:closed.vn -all": (FAIL, Reason.SPF_OPEN),
    "v=spf1 exists:%{i}.closed.vn -all": (PASS, Reason.SPF_REFUSES),
    "v=spf1 ip4:0.0.0.0/0 -all": (FAIL, Reason.SPF_WIDE),
    "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all": (FAIL, Reason.SPF_WIDE),
    "v=spf1 ip6:::/0 -all": (FAIL, Reason.SPF_WIDE),
    "v=spf1 a/0 -all": (FAIL, Reason.SPF_WIDE),
    "v=spf1 mx:m.vn//8 -all": (FAIL, Reason.SPF_WIDE),
    "v=spf1 include:wide.vn -all": (FAIL, Reason.SPF_WIDE),
    "v=spf1 ?include:wide.vn -all": (PASS, Reason.SPF_REFUSES),
    "v=spf1 -ip4:0.0.0.0/0 -all": (PASS, Reason.SPF_REFUSES),
    "v=spf1 ip4:10.0.0.0/8 ip6:fc00::/7 -all": (PASS, Reason.SPF_REFUSES),
    "v=spf1 ip4:203.0.0.0/11 -all": (PASS, Reason.SPF_REFUSES),
    "v=spf1 ip4:203.0.0.0/10 -all": (FAIL, Reason.SPF_WIDE),
    "v=spf1 ip4:203.0.0.0/11 ip4:203.0.0.0/12 -all": (PASS, Reason.SPF_REFUSES),
}  # fmt: skip
OTHERS: Data = {
    "closed.vn": {"TXT": ["v=spf1 -all"], "A": ["192.0.2.1"]},
    "open.vn": {"TXT": ["v=spf1 all"]},
    "wide.vn": {"TXT": ["v=spf1 ip4:203.0.0.0/6 ~all"]},
    "m.vn": {"MX": ["0 m.vn"], "A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]},
}  # fmt: skip


@pytest.mark.parametrize("text", ENDS)
def test_how_a_record_ends_decides_whether_it_is_closed(text: str) -> None:
    zone = spf(text, OTHERS, A=["192.0.2.1"], MX=["0 m.vn"])
    result = came_to(spf_closed, zone)
    assert (result.status, result.reason) == ENDS[text], result


@pytest.mark.parametrize("text", [[], ["v=spf1 -all", "v=spf1 -all"], ["v=spf1 -all moo"]])
def test_a_domain_without_a_record_that_counts_is_not_closed(text: list[str]) -> None:
    assert came_to(spf_closed, spf(text)).status is FAIL


@pytest.mark.parametrize("rule", [spf_closed, spf_gateway])
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_said_once_and_lets_no_other_check_pass(rule: Rule, name: str) -> None:
    """No stranger comes to the `-all` of a record that is an error, nor does the gateway pass."""
    result = came_to(rule, spf(BROKEN[name][0], A=["192.0.2.1"]))
    assert (result.status, result.reason) == (FAIL, Reason.SPF_UNUSABLE)


def test_a_record_that_is_wrong_is_not_closed_though_a_macro_leads_to_silence() -> None:
    zone = Zone({D: {"TXT": ["v=spf1 exists:%{i}.x.vn include:gone.vn -all"]}},
                unknown={"240.0.0.1.x.vn": Why.TIMEOUT})  # fmt: skip
    assert came_to(spf_closed, zone).reason is Reason.SPF_UNUSABLE


@pytest.mark.parametrize(
    "term", ["exists:%{i}.any.vn", "include:%{ir}.inc.vn", "exists:%{l}.%{i}.any.vn"]
)
def test_a_macro_that_lets_everybody_pass_leaves_it_open(term: str) -> None:
    more = {"*.any.vn": {"A": ["127.0.0.2"]}, "*.inc.vn": {"TXT": ["v=spf1 +all"]}}
    result = came_to(spf_closed, spf(f"v=spf1 {term} -all", more))
    assert (result.status, result.reason) == (FAIL, Reason.SPF_OPEN)
    assert result.facts["term"] == term


@pytest.mark.parametrize(
    ("end", "status", "reason"),
    [
        ("-all", PASS, Reason.SPF_REFUSES),
        ("~all", PASS, Reason.SPF_SOFT),
        ("?all", FAIL, Reason.SPF_UNENDED),
        ("", FAIL, Reason.SPF_UNENDED),
        ("+all", FAIL, Reason.SPF_OPEN),
    ],
)
def test_a_redirect_that_depends_on_the_client_ends_as_it_does_for_a_stranger(
    end: str, status: CheckStatus, reason: Reason
) -> None:
    more = {"*.red.vn": {"TXT": [f"v=spf1 ip4:203.0.113.8/30 {end}"]}}
    result = came_to(spf_closed, spf("v=spf1 redirect=%{i}.red.vn", more))
    assert (result.status, result.reason) == (status, reason)


def test_a_list_that_a_stranger_stands_in_does_not_close_a_record_without_an_end() -> None:
    zone = spf("v=spf1 mx -exists:%{ir}.bl.vn", {"*.bl.vn": {"A": ["127.0.0.2"]}})
    assert came_to(spf_closed, zone).reason is Reason.SPF_UNENDED


def test_a_macro_that_lets_some_pass_leaves_it_closed() -> None:
    more = {"203.0.113.8.some.vn": {"A": ["127.0.0.2"]}}
    assert came_to(spf_closed, spf("v=spf1 exists:%{i}.some.vn -all", more)).status is PASS
    silent = Zone(
        {D: {"TXT": ["v=spf1 exists:%{i}.some.vn -all"]}},
        unknown={"240.0.0.1.some.vn": Why.TIMEOUT},
    )
    assert came_to(spf_closed, silent).status is UNKNOWN


# -- spf_gateway


GATEWAYS = {
    "v=spf1 ip4:203.0.113.8/30 -all": PASS,
    "v=spf1 ip4:203.0.113.0/24 ~all": PASS,
    "v=spf1 ip4:203.0.113.8/31 ip4:203.0.113.10 ip4:203.0.113.11 -all": PASS,
    "v=spf1 ip4:203.0.113.8/31 ip4:203.0.113.10 -all": FAIL,
    "v=spf1 -ip4:203.0.113.11 ip4:203.0.113.0/24 -all": FAIL,
    "v=spf1 a:mx.gateway.vn -all": FAIL,
    "v=spf1 a:mx.gateway.vn/29 -all": PASS,
    "v=spf1 mx/30 -all": PASS,
    "v=spf1 include:gateway.vn -all": PASS,
    "v=spf1 redirect=gateway.vn": PASS,
    "v=spf1 exists:%{i}.ok.vn -all": PASS,
    "v=spf1 exists:%{i}.some.vn -all": FAIL,
    "v=spf1 exists:%{l}.user.vn ip4:203.0.113.8/30 -all": PASS,
    "v=spf1 ?ip4:203.0.113.8/30 -all": FAIL,
    "v=spf1 ~all": FAIL,
    "v=spf1 moo ip4:203.0.113.8/30": FAIL,
    "v=spf1 ip4:203.0.113.8/30 include:gone.vn -all": PASS,
    "v=spf1 include:gone.vn ip4:203.0.113.8/30 -all": FAIL,
    "v=spf1 +all": PASS,
}  # fmt: skip
GATEWAY_NAMES: Data = {
    "mx.gateway.vn": {"A": ["203.0.113.9"]},
    "gateway.vn": {"TXT": ["v=spf1 ip4:203.0.113.8/30 -all"]},
    "*.ok.vn": {"A": ["127.0.0.2"]},
    **{f"203.0.113.{n}.some.vn": {"A": ["127.0.0.2"]} for n in (8, 9, 11)},
}  # fmt: skip


@pytest.mark.parametrize("text", GATEWAYS)
def test_every_address_of_the_gateway_has_to_pass(text: str) -> None:
    result = came_to(spf_gateway, spf(text, GATEWAY_NAMES, MX=["0 mx.gateway.vn"]))
    assert result.status is GATEWAYS[text], result


def test_the_address_that_does_not_pass_is_named_with_what_to_add() -> None:
    result = came_to(spf_gateway, spf("v=spf1 ip4:203.0.113.8/31 ip4:203.0.113.10 ~all"))
    assert result.reason is Reason.SPF_GATEWAY_REFUSED
    assert (result.facts["address"], result.facts["result"]) == ("203.0.113.11", "softfail")
    assert result.facts["add"] == "ip4:203.0.113.8/30"


def test_the_way_of_the_address_that_does_not_pass_is_evidence() -> None:
    record = "v=spf1 include:x.vn ip4:203.0.113.8 -all"
    more: Data = {"x.vn": {"TXT": ["v=spf1 a:m.vn -all"]}, "m.vn": {"A": ["192.0.2.1"]}}
    assert came_to(spf_gateway, spf(record, more)).evidence == (
        f"{D} TXT {record}",
        f"  {D} include:x.vn [2]: no_match",
        "    x.vn a:m.vn [1]: no_match",
        "    x.vn -all: match",
        f"  {D} -all: match",
    )


def test_an_include_that_depends_on_the_client_is_evidence_of_what_was_not_seen() -> None:
    result = came_to(spf_valid, spf("v=spf1 include:%{ir}.x.vn -all"))
    assert result.status is PASS
    assert result.evidence[1:] == ("  include:%{ir}.x.vn [1+]",)


@pytest.mark.parametrize("hole", [0, 1, 77, 65534, 65535])
def test_a_single_hole_in_a_large_network_is_found(hole: int) -> None:
    address = f"198.18.{hole // 256}.{hole % 256}"
    zone = spf(f"v=spf1 -ip4:{address} ip4:198.18.0.0/16 -all")
    result = came_to(spf_gateway, zone, Official(gateway_networks=("198.18.0.0/16",)))
    assert (result.status, result.facts["address"]) == (FAIL, address)


def test_a_large_network_of_ipv6_is_asked_for_once_where_one_term_covers_it() -> None:
    zone = spf("v=spf1 ip4:198.18.0.0/16 ip6:2001:db8::/32 -all")
    result = came_to(spf_gateway, zone, Official(gateway_networks=("2001:db8:1::/48",)))
    assert result.reason is Reason.SPF_GATEWAY_PASSES
    assert len(zone.asked) <= 3


def test_a_large_network_whose_addresses_differ_by_a_macro_is_sampled_and_says_so() -> None:
    zone = spf("v=spf1 exists:%{i}.ok.vn -all", GATEWAY_NAMES)
    result = came_to(spf_gateway, zone, Official(gateway_networks=("203.0.113.0/24",)))
    assert (result.status, result.reason) == (PASS, Reason.SPF_GATEWAY_SAMPLED)
    assert len(zone.asked) < 60
    both = Official(gateway_networks=("203.0.113.0/24", "203.0.113.8/30"))
    assert came_to(spf_gateway, zone, both).reason is Reason.SPF_GATEWAY_SAMPLED


def test_a_record_of_thousands_of_single_addresses_is_sampled_within_bounds() -> None:
    terms = " ".join(f"ip4:198.18.{n // 256}.{n % 256}" for n in range(3000))
    zone = spf(f"v=spf1 {terms} -all")
    result = came_to(spf_gateway, zone, Official(gateway_networks=("198.18.0.0/21",)))
    assert result.reason is Reason.SPF_GATEWAY_SAMPLED
    assert zone.questions < 10


def test_a_gateway_that_cannot_be_judged_is_unknown_unless_another_network_fails() -> None:
    data: Data = {D: {"TXT": ["v=spf1 ip4:203.0.113.8/30 a:x.vn -all"]}}
    zone = Zone(data, unknown={("x.vn", "AAAA"): Why.TIMEOUT})
    both = ("203.0.113.8/30", "2001:db8::1/128")
    assert came_to(spf_gateway, zone, Official(gateway_networks=both)).status is UNKNOWN
    third = (*both, "198.51.100.1/32")
    assert came_to(spf_gateway, zone, Official(gateway_networks=third)).status is FAIL


def test_without_networks_of_a_gateway_it_does_not_apply() -> None:
    result = came_to(spf_gateway, spf("v=spf1 -all"), Official(gateway_hosts=("mx.gateway.vn",)))
    assert (result.status, result.reason) == (DOES_NOT_APPLY, Reason.NOT_CONFIGURED)


@pytest.mark.parametrize("exchanges", [[], ["0 "]])
def test_a_domain_that_says_it_sends_no_mail_need_not_let_the_gateway(exchanges: list[str]) -> None:
    result = came_to(spf_gateway, spf("v=spf1 -all", MX=exchanges))
    assert (result.status, result.reason) == (DOES_NOT_APPLY, Reason.NO_MAIL)


def test_one_that_takes_mail_and_refuses_all_senders_fails() -> None:
    assert came_to(spf_gateway, spf("v=spf1 -all", MX=["0 mx.gateway.vn"])).status is FAIL


def test_whether_it_takes_mail_unanswered_is_unknown() -> None:
    zone = Zone({D: {"TXT": ["v=spf1 -all"]}}, unknown={(D, "MX"): Why.TIMEOUT})
    assert came_to(spf_gateway, zone).status is UNKNOWN


@pytest.mark.parametrize("rule", [spf_valid, spf_closed, spf_gateway])
def test_what_is_shown_of_hostile_records_is_printable_and_bounded(rule: Rule) -> None:
    zone = spf(["v=spf1 \x1b[31m\x00\u00ff" + "x" * 60_000 + " -all"])
    result = came_to(rule, zone)
    assert result.status is FAIL
    for text in (*result.facts.values(), *result.evidence):
        assert text.isascii()
        assert text.isprintable()
        assert len(text) <= 1000
