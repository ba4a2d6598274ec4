"""check_host beyond the published suite: its trace, limits, loops, and what is not answered."""

import asyncio
from ipaddress import IPv6Address, ip_address, ip_network

import pytest

from monitor.model import SpfResult
from monitor.posture.names import Answer, Kind, Why
from monitor.posture.spf.evaluation import check_host
from monitor.posture.spf.trace import Evaluation, Problem
from tests.posture.zones import Zone

D = "tinh.gov.vn"


def judged(
    zone: Zone, client: str = "192.0.2.1", sender: str = f"a@{D}", helo: str = "h.vn"
) -> Evaluation:
    return asyncio.run(check_host(zone, ip_address(client), D, sender, helo))


def spf(text: str, **others: str) -> Zone:
    """`_` in a name of `others` stands for a dot."""
    names = {name.replace("_", "."): {"TXT": [record]} for name, record in others.items()}
    return Zone({D: {"TXT": [text]}, **names})


def test_the_trace_shows_which_include_costs_how_much_and_what_decided() -> None:
    zone = Zone(
        {
            D: {"TXT": ["v=spf1 mx include:big.vn ip4:192.0.2.0/24 -all"], "MX": ["0 m.vn"]},
            "m.vn": {"A": ["198.51.100.1"]},
            "big.vn": {"TXT": ["v=spf1 a:m.vn include:small.vn -all"]},
            "small.vn": {"TXT": ["v=spf1 a:m.vn -all"]},
        }
    )
    evaluation = judged(zone)
    assert evaluation.result is SpfResult.PASS
    assert (evaluation.lookups, evaluation.voids) == (5, 0)
    told = [(step.depth, step.domain, step.term, step.cost) for step in evaluation.steps]
    assert told == [
        (0, D, "mx", 1),
        (0, D, "include:big.vn", 4),
        (1, "big.vn", "a:m.vn", 1),
        (1, "big.vn", "include:small.vn", 2),
        (2, "small.vn", "a:m.vn", 1),
        (2, "small.vn", "-all", 0),
        (1, "big.vn", "-all", 0),
        (0, D, "ip4:192.0.2.0/24", 0),
    ]
    assert evaluation.decided_by == evaluation.steps[-1]
    assert evaluation.compared[-1] == ip_network("192.0.2.0/24")


def test_what_decides_behind_a_redirect_is_told() -> None:
    evaluation = judged(spf("v=spf1 redirect=x.vn", x_vn="v=spf1 ~all"))
    assert evaluation.result is SpfResult.SOFTFAIL
    assert evaluation.decided_by is not None
    assert (evaluation.decided_by.domain, evaluation.decided_by.term) == ("x.vn", "~all")
    assert evaluation.lookups == 1


def test_nothing_decides_where_a_record_just_ends() -> None:
    evaluation = judged(spf("v=spf1 include:x.vn", x_vn="v=spf1 -all"))
    assert (evaluation.result, evaluation.decided_by) == (SpfResult.NEUTRAL, None)


LOOPS = {
    "itself": ("v=spf1 include:tinh.gov.vn -all", {}),
    "a circle": (
        "v=spf1 include:a.vn -all",
        {"a_vn": "v=spf1 redirect=b.vn", "b_vn": "v=spf1 include:A.vn."},
    ),
    "by a macro": ("v=spf1 redirect=%{d}", {}),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_record_that_is_part_of_itself_is_an_error_at_once(name: str) -> None:
    text, others = LOOPS[name]
    zone = spf(text, **others)
    evaluation = judged(zone)
    assert evaluation.result is SpfResult.PERMERROR
    assert evaluation.fault is not None
    assert evaluation.fault.problem is Problem.LOOP
    assert len(zone.asked) <= 3


def test_a_loop_behind_a_term_that_matches_is_never_reached() -> None:
    assert judged(spf("v=spf1 ip4:192.0.2.1 include:tinh.gov.vn")).result is SpfResult.PASS


@pytest.mark.parametrize(("terms", "result"), [(10, SpfResult.FAIL), (11, SpfResult.PERMERROR)])
def test_ten_terms_may_ask(terms: int, result: SpfResult) -> None:
    zone = Zone({D: {"TXT": ["v=spf1" + f" a:{D}" * terms + " -all"], "A": ["198.51.100.9"]}})
    evaluation = judged(zone)
    assert evaluation.result is result
    assert evaluation.lookups == terms
    if evaluation.fault:
        assert evaluation.fault.problem is Problem.LOOKUPS


def test_a_redirect_counts_as_a_term_that_asks() -> None:
    terms = f" a:{D}" * 10
    zone = Zone(
        {
            D: {"TXT": [f"v=spf1{terms} redirect=x.vn"], "A": ["198.51.100.9"]},
            "x.vn": {"TXT": ["v=spf1"]},
        }
    )
    assert judged(zone).fault is not None


@pytest.mark.parametrize(("names", "result"), [(2, SpfResult.FAIL), (3, SpfResult.PERMERROR)])
def test_two_terms_may_ask_in_vain(names: int, result: SpfResult) -> None:
    terms = " ".join(f"exists:{number}.gone.vn" for number in range(names))
    evaluation = judged(spf(f"v=spf1 {terms} -all"))
    assert (evaluation.result, evaluation.voids) == (result, names)


def test_an_mx_asks_in_vain_once_however_many_hosts_have_no_address() -> None:
    exchanges = [f"0 {number}.gone.vn" for number in range(10)]
    zone = Zone({D: {"TXT": ["v=spf1 mx -all"], "MX": exchanges}})
    evaluation = judged(zone)
    assert (evaluation.result, evaluation.voids) == (SpfResult.FAIL, 1)


def test_an_mx_of_eleven_hosts_is_an_error_though_the_first_would_match() -> None:
    exchanges = [f"{number} m.vn" for number in range(11)]
    zone = Zone({D: {"TXT": ["v=spf1 mx -all"], "MX": exchanges}, "m.vn": {"A": ["192.0.2.1"]}})
    evaluation = judged(zone)
    assert evaluation.fault is not None
    assert evaluation.fault.problem is Problem.MX_HOSTS


@pytest.mark.parametrize("why", [why for why in Why if why is not Why.BAD_NAME])
@pytest.mark.parametrize("term", ["a:x.vn", "mx:x.vn", "exists:x.vn", "include:x.vn", "mx"])
def test_a_question_without_an_answer_is_a_temporary_error_that_says_why(
    term: str, why: Why
) -> None:
    zone = Zone({D: {"TXT": [f"v=spf1 {term} -all"], "MX": ["0 x.vn"]}}, unknown={"x.vn": why})
    evaluation = judged(zone)
    assert evaluation.result is SpfResult.TEMPERROR
    assert evaluation.fault is not None
    assert (evaluation.fault.problem, evaluation.fault.why) == (Problem.UNANSWERED, why)
    assert evaluation.fault.term in {term, ""}


def test_the_domain_itself_unanswered_is_a_temporary_error_and_not_no_record() -> None:
    assert judged(Zone({}, unknown={D: Why.SERVFAIL})).result is SpfResult.TEMPERROR


def test_what_decides_before_a_question_without_an_answer_decides() -> None:
    zone = Zone({D: {"TXT": ["v=spf1 ip4:192.0.2.1 a:x.vn -all"]}}, unknown={"x.vn": Why.TIMEOUT})
    assert judged(zone).result is SpfResult.PASS


def test_names_of_the_client_that_are_not_answered_are_none_of_the_domains_doing() -> None:
    zone = Zone(
        {D: {"TXT": ["v=spf1 ptr:x.vn -all"]}}, unknown={"1.2.0.192.in-addr.arpa": Why.TIMEOUT}
    )
    assert judged(zone).result is SpfResult.FAIL


def test_a_name_of_the_client_counts_only_if_it_has_its_address() -> None:
    data = {
        D: {"TXT": ["v=spf1 ptr -all"]},
        "1.2.0.192.in-addr.arpa": {"PTR": [f"liar.{D}"]},
        f"liar.{D}": {"A": ["198.51.100.1"]},
    }
    assert judged(Zone(data)).result is SpfResult.FAIL
    data[f"liar.{D}"] = {"A": ["192.0.2.1"]}
    evaluation = judged(Zone(data))
    assert evaluation.result is SpfResult.PASS
    assert evaluation.varies


@pytest.mark.parametrize(("place", "result"), [(10, SpfResult.PASS), (11, SpfResult.FAIL)])
def test_ten_names_of_the_client_are_looked_at(place: int, result: SpfResult) -> None:
    named = [f"{number}.other.vn" for number in range(1, place)]
    data = {
        D: {"TXT": ["v=spf1 ptr -all"]},
        "1.2.0.192.in-addr.arpa": {"PTR": [*named, f"m.{D}"]},
        f"m.{D}": {"A": ["192.0.2.1"]},
    }
    assert judged(Zone(data)).result is result


def test_a_local_part_is_looked_at_as_far_as_256_characters_go() -> None:
    zone = Zone({D: {"TXT": ["v=spf1 exists:%{l1-}.x.vn -all"]}, "a.x.vn": {"A": ["127.0.0.2"]}})
    assert judged(zone, sender=f"{'b' * 254}-a@{D}").result is SpfResult.PASS
    assert judged(zone, sender=f"{'b' * 255}-a@{D}").result is SpfResult.FAIL


def test_a_name_that_only_ends_like_the_domain_is_not_below_it() -> None:
    data = {
        D: {"TXT": ["v=spf1 ptr -all"]},
        "1.2.0.192.in-addr.arpa": {"PTR": [f"not{D}"]},
        f"not{D}": {"A": ["192.0.2.1"]},
    }
    assert judged(Zone(data)).result is SpfResult.FAIL


def test_an_evaluation_that_takes_too_long_is_a_temporary_error() -> None:
    class Slow:
        async def ask(self, name: str, kind: Kind) -> Answer:
            await asyncio.sleep(3600)
            raise AssertionError

    evaluation = asyncio.run(check_host(Slow(), ip_address("192.0.2.1"), D, "", D, seconds=0.01))
    assert evaluation.result is SpfResult.TEMPERROR
    assert evaluation.fault is not None
    assert evaluation.fault.why is Why.TIMEOUT


def test_a_client_of_ipv4_in_ipv6_and_one_with_a_zone_are_what_they_are() -> None:
    zone = spf("v=spf1 ip4:192.0.2.1 ip6:fe80::1 -all")
    assert judged(zone, "::ffff:192.0.2.1").result is SpfResult.PASS
    evaluation = asyncio.run(check_host(zone, IPv6Address("fe80::1%eth0"), D, f"a@{D}", "h.vn"))
    assert evaluation.result is SpfResult.PASS


@pytest.mark.parametrize("domain", ["", "vn", "a..vn", "x" * 64 + ".vn", "[192.0.2.1]", "\x00.vn"])
def test_a_domain_that_is_none_has_no_record_and_most_are_not_even_asked_for(domain: str) -> None:
    zone = Zone({})
    evaluation = asyncio.run(check_host(zone, ip_address("192.0.2.1"), domain, "", "h.vn"))
    assert evaluation.result is SpfResult.NONE


def test_a_domain_with_letters_beyond_ascii_is_asked_for_as_an_a_label() -> None:
    zone = Zone({"xn--tnh-nma.vn": {"TXT": ["v=spf1 exists:%{d}"], "A": ["127.0.0.2"]}})
    evaluation = asyncio.run(check_host(zone, ip_address("192.0.2.1"), "tình.vn", "", "h.vn"))
    assert evaluation.result is SpfResult.PASS


def test_a_local_part_beyond_ascii_matches_nothing_by_a_macro() -> None:
    zone = Zone({D: {"TXT": ["v=spf1 exists:%{l}.x.vn -all"]}, "*.x.vn": {"A": ["127.0.0.2"]}})
    assert judged(zone, sender=f"bình@{D}").result is SpfResult.FAIL
    assert judged(zone, sender=f"binh@{D}").result is SpfResult.PASS
    assert judged(zone, sender="").result is SpfResult.PASS
