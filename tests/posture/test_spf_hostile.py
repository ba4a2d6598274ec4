"""Whatever a record says: no error, an end, and few questions."""

import asyncio
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import CheckStatus, SpfResult
from monitor.posture.checks.spf import spf_closed, spf_gateway, spf_valid
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Answer, Found, Kind, Names, Why
from monitor.posture.spf.evaluation import check_host
from monitor.posture.spf.record import SpfSyntaxError, read_record
from monitor.posture.spf.survey import survey
from monitor.posture.spf.trace import MAX_LOOKUPS, Problem
from monitor.posture.words import Reason
from tests.posture.zones import Zone

DOMAINS = ("a.vn", "b.vn", "c.vn", "d.vn", "e.vn")
MAX_QUESTIONS = 130
MAX_SURVEY_QUESTIONS = 260
MAX_GATEWAY_QUESTIONS = 1000
GATEWAY = Official(gateway_networks=("192.0.2.0/29", "2001:db8::/64"))

known = st.sampled_from(DOMAINS)
strange = st.sampled_from((
    "gone.vn", "%{d}", "%{i}.x.vn", "%{l}.x.vn", "%{p}", "%{s}.%{o}.%{h}.vn", "%{ir}.%{v}.x.vn",
    "%{d1r-}.vn", "%{L99}.x.vn", "%%.%_.%-.vn", "x..vn", "y" * 64 + ".vn", "z." * 200 + "vn",
))  # fmt: skip
wrong = st.one_of(
    st.sampled_from(("a:vn", "mx:%{q}", "exists:", "a/33", "ip4:0/0", "redirect=vn")),
    st.text(max_size=8),
)
names = st.one_of(known, known, known, strange)
lengths = st.sampled_from(("", "", "/0", "/24", "//64", "/24//0"))
asking = st.one_of(
    st.builds("{}:{}{}".format, st.sampled_from(("a", "mx", "-a", "~MX")), names, lengths),
    st.builds("{}:{}".format, st.sampled_from(("include", "?include")), known),
    st.builds("{}:{}".format, st.sampled_from(("include", "-exists", "exists", "ptr")), names),
    st.sampled_from(("a", "mx", "ptr")),
)
others = st.sampled_from(
    (
        "ip4:192.0.2.0/30",
        "ip6:2001:db8::/65",
        "-ip4:198.51.100.1",
        "x-y=%{c}",
        "?all",
        "-all",
        "all",
    )
)
directives = st.lists(st.one_of(asking, asking, asking, others), max_size=12)
ends = st.one_of(
    st.sampled_from(("", "-all", "~all", "exp=%{i}.x.vn")), st.builds("redirect={}".format, names)
)
sound = st.builds(lambda parts, end: " ".join(("v=spf1", *parts, end)), directives, ends)
broken = st.builds(lambda record, term: f"{record} {term}", sound, wrong)
published = st.sampled_from("oooooooobnt").flatmap(
    {
        "o": st.tuples(sound),
        "b": st.tuples(broken),
        "n": st.just(()),
        "t": st.tuples(sound, st.one_of(sound, st.text(max_size=40))),
    }.__getitem__
)
addresses = st.lists(st.sampled_from(("192.0.2.1", "192.0.2.5", "198.51.100.1")), max_size=3)
hosts = st.lists(st.sampled_from((*DOMAINS, "gone.vn", "")), max_size=4) | st.just(["b.vn"] * 11)


@st.composite
def zones(draw: st.DrawFn) -> Zone:
    data: dict[str, dict[str, list[str]]] = {
        domain: {
            "TXT": list(draw(published)),
            "A": draw(addresses),
            "AAAA": draw(st.sampled_from(([], ["2001:db8::1"]))),
            "MX": [f"0 {host}" for host in draw(hosts)],
        }
        for domain in DOMAINS
    }
    data["1.2.0.192.in-addr.arpa"] = {"PTR": draw(hosts.map(lambda each: [h for h in each if h]))}
    data["*.x.vn"] = {"A": ["127.0.0.2"]}
    unknown: dict[str | tuple[str, str], Why] = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(DOMAINS), st.sampled_from(("A", "AAAA", "MX", "TXT"))),
            st.sampled_from(list(Why)),
            max_size=1,
        )
    )
    return Zone(data, unknown)


clients = st.sampled_from(
    (IPv4Address("192.0.2.1"), IPv4Address("198.51.100.9"), IPv6Address("2001:db8::1"))
)


@settings(max_examples=250, deadline=None)
@given(zones(), clients, st.text(max_size=20), st.text(max_size=20))
def test_any_record_comes_to_a_result_in_few_questions(
    zone: Zone, client: IPv4Address | IPv6Address, sender: str, helo: str
) -> None:
    evaluation = asyncio.run(check_host(zone, client, "a.vn", sender, helo))
    assert len(set(zone.asked)) <= MAX_QUESTIONS
    assert evaluation.lookups <= MAX_LOOKUPS + 1
    assert (evaluation.fault is not None) == (
        evaluation.result in {SpfResult.NONE, SpfResult.TEMPERROR, SpfResult.PERMERROR}
    )


@settings(max_examples=120, deadline=None)
@given(zones())
def test_any_record_is_surveyed_and_checked_in_few_questions(zone: Zone) -> None:

    async def checked() -> list[CheckStatus]:
        rules = (spf_valid, spf_closed, spf_gateway)
        return [(await rule(zone, "a.vn", GATEWAY)).status for rule in rules]

    assert set(asyncio.run(checked())) <= set(CheckStatus)
    before = len(zone.asked)
    asyncio.run(survey(zone, "a.vn"))
    assert len(zone.asked) - before <= MAX_SURVEY_QUESTIONS


@settings(max_examples=120, deadline=None)
@given(zones(), clients)
def test_a_survey_without_a_fault_promises_that_no_client_meets_an_error(
    zone: Zone, client: IPv4Address | IPv6Address
) -> None:
    found = asyncio.run(survey(zone, "a.vn"))
    evaluation = asyncio.run(check_host(zone, client, "a.vn", "u@a.vn", "h.vn"))
    if not found.faults and not found.broken and not found.unfollowed and client.version == 4:
        met = evaluation.fault.problem if evaluation.fault else None
        assert met in {None, Problem.VOIDS}
    if found.closing and not found.faults and evaluation.fault is None:
        assert evaluation.decided_by is not None


@settings(max_examples=120, deadline=None)
@given(zones())
def test_the_gateway_passes_if_and_only_if_each_of_its_addresses_does(zone: Zone) -> None:
    official = Official(gateway_networks=("192.0.2.0/28",))

    async def one_by_one() -> set[SpfResult]:
        network = ip_network("192.0.2.0/28")
        asked = [check_host(zone, each, "a.vn", "postmaster@a.vn", "a.vn") for each in network]
        return {(await each).result for each in asked}

    status = asyncio.run(_status_of_gateway(zone, official))
    results = asyncio.run(one_by_one())
    if status is CheckStatus.PASS:
        assert results == {SpfResult.PASS}
    elif status is CheckStatus.UNKNOWN:
        assert SpfResult.TEMPERROR in results
    elif status is CheckStatus.FAIL:
        assert results - {SpfResult.PASS, SpfResult.TEMPERROR}


async def _status_of_gateway(zone: Zone, official: Official) -> CheckStatus:
    return (await spf_gateway(zone, "a.vn", official)).status


@given(st.text(max_size=200))
def test_any_text_is_a_record_or_names_the_term_that_is_wrong(text: str) -> None:
    try:
        read_record(f"v=spf1 {text}")
    except SpfSyntaxError as error:
        term = str(error)
    else:
        term = ""
    assert term in text


GIANT = {
    "single addresses": "ip4:198.51.100.7 " * 3800,
    "terms that ask": "a " * 32_000,
    "spaces": " " * 65_000,
    "one label": f"a:{'x' * 65_000}.vn",
    "macros in one name": f"exists:{'%{l}' * 16_000}.x.vn",
    "macros that leave nothing": f"exists:{'%{l1-}' * 10_000}.x.vn",
    "delimiters": f"exists:%{{l{'-' * 65_000}}}.x.vn",
    "digits": f"exists:%{{l{'9' * 65_000}}}.x.vn",
    "slashes": f"a:x{'/' * 65_000}",
    "numbers": f"a:x.vn/{'1' * 65_000}",
    "percent signs": "x=" + "%%" * 32_000,
    "a modifier's name": "x" * 65_000 + "=y",
    "octets beyond ASCII": "\xff" * 65_000,
}


@pytest.mark.parametrize("name", GIANT)
def test_a_record_of_64_kib_is_no_work(name: str) -> None:
    zone = Zone({"a.vn": {"TXT": [f"v=spf1 {GIANT[name]}"]}, "*.x.vn": {"A": ["127.0.0.2"]}})
    sender = "-" * 300 + "@a.vn"
    evaluation = asyncio.run(check_host(zone, IPv4Address("192.0.2.1"), "a.vn", sender, "h.vn"))
    assert evaluation.result in SpfResult
    found = asyncio.run(survey(zone, "a.vn"))
    assert found.lookups <= 30
    assert len(zone.asked) <= 80
    assert all(len(name) <= 253 for name, kind in zone.asked if kind is not Kind.TXT)


def test_includes_of_giant_records_that_include_each_other_come_to_an_end() -> None:
    padding = "ip4:198.51.100.7 " * 200
    data = {
        f"{number}.vn": {
            "TXT": [
                "v=spf1 " + padding + " ".join(f"include:{n}.vn" for n in range(12) if n != number)
            ]
        }
        for number in range(12)
    }
    zone = Zone(data)
    found = asyncio.run(survey(zone, "0.vn"))
    assert not found.complete
    assert found.broken is not None
    assert len(zone.asked) <= 31
    evaluation = asyncio.run(check_host(zone, IPv4Address("192.0.2.1"), "0.vn", "", "h.vn"))
    assert evaluation.result is SpfResult.PERMERROR
    assert len(zone.asked) <= 31 + 12


def test_records_that_are_too_long_together_are_read_no_further() -> None:
    long = "v=spf1 " + "ip4:198.51.100.7 " * 1900
    data = {f"{n}.vn": {"TXT": [f"{long} include:{n + 1}.vn -all"]} for n in range(5)}
    zone = Zone(data)
    evaluation = asyncio.run(check_host(zone, IPv4Address("192.0.2.1"), "0.vn", "", "h.vn"))
    assert evaluation.result is SpfResult.PERMERROR
    assert evaluation.fault is not None
    assert (evaluation.fault.problem, evaluation.fault.domain) == (Problem.TOO_LONG, "2.vn")
    result = asyncio.run(_checked_valid(zone))
    assert (result.reason, result.facts["where"]) == (Reason.SPF_TOO_LONG, "2.vn")


async def _checked_valid(zone: Zone) -> CheckResult:
    return await spf_valid(zone, "0.vn", GATEWAY)


def test_names_that_look_alike_are_shown_as_what_they_are() -> None:
    zone = Zone({"xn--tnh-nma.vn": {"TXT": ["v=spf1 -all"]}})
    found = asyncio.run(survey(zone, "tình.vn"))
    assert found.branches[0].domain == "xn--tnh-nma.vn"


class Endless(Names):
    """Every name has ten mail servers that nobody has heard of, in a domain of somebody else."""

    def __init__(self, record: str) -> None:
        self._record = record
        self.asked: set[tuple[str, Kind]] = set()

    async def ask(self, name: str, kind: Kind) -> Answer:
        cached = (name, kind) in self.asked
        self.asked.add((name, kind))
        told: dict[Kind, tuple[str, ...]] = {
            Kind.TXT: (self._record,),
            Kind.MX: tuple(f"{n} h{n}.{len(self.asked)}.victim.vn" for n in range(10)),
            Kind.A: ("198.51.100.1",),
        }
        if kind in told:
            return Answer(name, kind, Found.FOUND, told[kind], cached=cached)
        return Answer(name, kind, Found.NO_DATA, cached=cached)


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 " + " ".join(f"mx:%{{i}}.a{n}.vn" for n in range(9)) + " +all",
        "v=spf1 mx:%{i}.a.vn ip4:203.0.113.0/24 ip6:2001:db8::/32 -all",
        "v=spf1 " + " ".join(f"exists:%{{i}}.{n}.%{{l}}.vn -exists:%{{i}}.a.vn" for n in range(5)),
        "v=spf1 " + " ".join(f"mx:m{n}.vn" for n in range(29)) + " -all",
    ],
)
def test_no_record_makes_us_ask_thousands_of_questions_of_others(record: str) -> None:
    official = Official(
        gateway_networks=("203.0.113.0/26", "203.0.113.64/28", "203.0.113.96/30", "2001:db8::/48")
    )
    names = Endless(record)
    asyncio.run(spf_gateway(names, "a.vn", official))
    assert len(names.asked) < MAX_GATEWAY_QUESTIONS


def test_a_survey_of_too_many_terms_counts_them_and_asks_no_more() -> None:
    names = Endless("v=spf1 " + " ".join(f"mx:m{n}.vn" for n in range(29)) + " -all")
    found = asyncio.run(survey(names, "a.vn"))
    assert found.lookups == 29
    assert len(names.asked) <= MAX_SURVEY_QUESTIONS
