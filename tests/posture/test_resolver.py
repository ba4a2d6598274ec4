"""What the resolver makes of answers as they should be."""

import asyncio

import dns.flags
import pytest

from monitor.posture.names import Found, Kind, Mx, Why
from monitor.posture.resolver import Resolver
from monitor.posture.wire import Rules
from tests.posture.hostile import Clock, Heard, Said, hostile, rules

SOA = "vn 600 SOA ns.vn. host.vn. 1 2 3 4 60"


async def test_records_are_given_as_the_rules_expect_them() -> None:
    data = {
        "A": "192.0.2.1",
        "AAAA": "2001:db8::1",
        "MX": "10 Mail.X.vn.",
        "TXT": '"v=spf1 " "-all \\200"',
        "NS": "NS1.x.vn.",
        "PTR": "host.x.vn.",
        "CNAME": "other.vn.",
        "SOA": "ns.vn. host.vn. 1 2 3 4 60",
        "DS": "12345 13 2 " + "AB" * 32,
        "DNSKEY": "257 3 13 " + "A" * 86 + "==",
    }

    def speaks(heard: Heard) -> Said:
        kind = heard.message.question[0].rdtype.name
        return heard.answer(f"@ 300 {kind} {data[kind]}")

    async with hostile(speaks) as server:
        names = Resolver(server.rules())
        got = {kind: await names.ask("x.vn", kind) for kind in Kind}
    assert got[Kind.A].records == ("192.0.2.1",)
    assert got[Kind.MX].exchanges == (Mx(10, "mail.x.vn"),)
    assert got[Kind.TXT].records == ("v=spf1 -all \xc8",)
    assert got[Kind.NS].records == ("ns1.x.vn",)
    assert got[Kind.CNAME].records == ("other.vn",)
    assert got[Kind.DS].records[0].startswith("12345 13 2 abab")
    assert got[Kind.DNSKEY].records[0].startswith("257 3 13 AAAA")
    assert got[Kind.SOA].records[0].endswith("1 2 3 4 60")
    assert all(one.found is Found.FOUND for one in got.values())


async def test_the_null_mx_has_no_host() -> None:
    async with hostile(lambda heard: heard.answer("@ 300 MX 0 .")) as server:
        answer = await Resolver(server.rules()).ask("x.vn", Kind.MX)
    assert answer.exchanges == (Mx(0, ""),)


async def test_a_question_says_what_it_wants_of_the_resolver() -> None:
    async with hostile(lambda heard: heard.answer("@ 300 A 192.0.2.1")) as server:
        await Resolver(server.rules()).ask("TỈNH.vn.", Kind.A)
        await Resolver(server.rules(validating=True)).ask("x.vn", Kind.A)
    plain, validating = (one.message for one in server.heard)
    assert plain.question[0].name.to_text() == "xn--tnh-dlz.vn."
    assert plain.payload == 1232
    assert plain.flags == dns.flags.RD
    assert not plain.ednsflags & 0x8000
    assert validating.ednsflags & 0x8000


async def test_every_question_has_a_port_and_an_id_of_its_own() -> None:
    async with hostile(lambda heard: heard.answer("@ 300 A 192.0.2.1")) as server:
        names = Resolver(server.rules())
        await asyncio.gather(*(names.ask(f"n{i}.vn", Kind.A) for i in range(40)))
    assert len({one.sender for one in server.heard}) > 30
    assert len({one.message.id for one in server.heard}) > 30


async def test_absence_is_of_the_name_or_of_the_type() -> None:
    def speaks(heard: Heard) -> Said:
        if heard.name == "gone.vn":
            return heard.answer(rcode="NXDOMAIN", authority=[SOA])
        return heard.answer(authority=[SOA])

    async with hostile(speaks) as server:
        names = Resolver(server.rules())
        assert (await names.ask("gone.vn", Kind.A)).found is Found.NO_NAME
        there = await names.ask("there.vn", Kind.A)
        assert (there.found, there.ttl) == (Found.NO_DATA, 60)


async def test_a_referral_is_no_absence() -> None:
    """As an authoritative server gives it for a zone below: it was named as a resolver."""
    async with hostile(lambda heard: heard.answer(authority=["x.vn 60 NS ns.x.vn."])) as server:
        answer = await Resolver(server.rules()).ask("www.x.vn", Kind.A)
    assert (answer.found, answer.why) == (Found.UNKNOWN, Why.SERVFAIL)


async def test_aliases_are_followed_within_one_answer_and_over_several() -> None:
    def speaks(heard: Heard) -> Said:
        if heard.name == "a.vn":
            return heard.answer("a.vn 300 CNAME b.vn.", "b.vn 20 CNAME c.vn.")
        return heard.answer("c.vn 100 A 192.0.2.1")

    async with hostile(speaks) as server:
        names = Resolver(server.rules())
        answer = await names.ask("a.vn", Kind.A)
        alias = await names.ask("a.vn", Kind.CNAME)
    assert answer.aliases == ("b.vn", "c.vn")
    assert (answer.records, answer.ttl) == (("192.0.2.1",), 20)
    assert alias.records == ("b.vn",)


async def test_an_alias_to_nothing_is_absence_at_its_end() -> None:
    def speaks(heard: Heard) -> Said:
        return heard.answer("@ 300 CNAME gone.vn.", rcode="NXDOMAIN", authority=[SOA])

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules()).ask("www.x.vn", Kind.A)
    assert (answer.found, answer.aliases) == (Found.NO_NAME, ("gone.vn",))


async def test_only_a_validating_resolver_is_believed() -> None:
    def speaks(heard: Heard) -> Said:
        reply = heard.answer("@ 300 A 192.0.2.1")
        reply.flags |= 0x20
        return reply

    async with hostile(speaks) as server:
        assert (await Resolver(server.rules(validating=True)).ask("x.vn", Kind.A)).secure
        assert not (await Resolver(server.rules()).ask("x.vn", Kind.A)).secure


@pytest.mark.parametrize(("holds_unchecked", "why"), [(True, Why.BOGUS), (False, Why.SERVFAIL)])
async def test_broken_dnssec_is_told_from_a_server_that_fails(
    holds_unchecked: bool, why: Why
) -> None:
    def speaks(heard: Heard) -> Said:
        if heard.message.flags & 0x10 and holds_unchecked:
            return heard.answer("@ 300 A 192.0.2.1")
        return heard.answer(rcode="SERVFAIL")

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules(validating=True)).ask("x.vn", Kind.A)
        assert answer.why is why
        plain = await Resolver(server.rules()).ask("x.vn", Kind.A)
        assert plain.why is Why.SERVFAIL


async def test_servers_that_answer_now_and_then_are_not_bogus() -> None:
    def speaks(heard: Heard) -> Said:
        lost = len(server.heard) == 1
        return heard.answer(rcode="SERVFAIL") if lost else heard.answer("@ 300 A 192.0.2.1")

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules(validating=True, tries=2)).ask("x.vn", Kind.A)
    assert answer.found is Found.FOUND


async def test_the_next_resolver_is_asked_where_one_fails() -> None:
    async with (
        hostile(lambda _: None) as silent,
        hostile(lambda heard: heard.answer(rcode="REFUSED")) as refusing,
        hostile(lambda heard: heard.answer("@ 300 A 192.0.2.1")) as good,
    ):
        addresses = (silent.address, refusing.address, good.address)
        names = Resolver(rules(addresses, tries=3))
        assert (await names.ask("x.vn", Kind.A)).found is Found.FOUND
        assert (await names.ask("y.vn", Kind.A)).found is Found.FOUND
    assert len(silent.heard) == 1, "one that is silent is asked last for a while"


async def test_a_resolver_that_knows_no_edns_is_asked_without_it() -> None:
    def speaks(heard: Heard) -> Said:
        if heard.message.edns >= 0:
            return heard.answer(rcode="FORMERR").to_wire()[:2] + b"\x81\x81" + bytes(8)
        return heard.answer("@ 300 A 192.0.2.1")

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules()).ask("x.vn", Kind.A)
    assert answer.found is Found.FOUND


async def test_the_same_question_goes_out_once_however_many_ask() -> None:
    async with hostile(lambda heard: heard.answer("@ 300 A 192.0.2.1")) as server:
        names = Resolver(server.rules())
        answers = await asyncio.gather(*(names.ask("X.vn", Kind.A) for _ in range(50)))
        later = await names.ask("x.vn", Kind.A)
    assert len(server.heard) == 1
    assert [one.cached for one in answers].count(False) == 1
    assert later.cached
    assert names.statistics.questions == {"found": 1}
    assert names.statistics.cached == 50


async def test_who_gives_up_takes_nobody_elses_answer_away() -> None:
    def speaks(heard: Heard) -> Said:
        return None if heard.count == 1 else heard.answer("@ 300 A 192.0.2.1")

    async with hostile(speaks) as server:
        names = Resolver(server.rules(timeout_seconds=60))
        async with asyncio.TaskGroup() as group:
            first = group.create_task(names.ask("x.vn", Kind.A))
            while not server.heard:
                await asyncio.sleep(0.01)
            second = group.create_task(names.ask("x.vn", Kind.A))
            await asyncio.sleep(0)
            first.cancel()
    assert second.result().found is Found.FOUND
    assert len(server.heard) == 2


async def test_an_answer_holds_for_its_time_and_says_what_is_left_of_it() -> None:
    clock = Clock()
    async with hostile(lambda heard: heard.answer("@ 300 A 192.0.2.1")) as server:
        names = Resolver(server.rules(), clock)
        await names.ask("x.vn", Kind.A)
        clock.now += 299
        assert (await names.ask("x.vn", Kind.A)).ttl == 1
        assert len(server.heard) == 1
        clock.now += 2
        await names.ask("x.vn", Kind.A)
    assert len(server.heard) == 2


async def test_a_time_out_does_not_stick() -> None:
    clock = Clock()

    def speaks(heard: Heard) -> Said:
        return heard.answer("@ 300 A 192.0.2.1") if heard.count > 1 else None

    async with hostile(speaks) as server:
        names = Resolver(server.rules(tries=1), clock)
        assert (await names.ask("x.vn", Kind.A)).why is Why.TIMEOUT
        assert (await names.ask("x.vn", Kind.A)).why is Why.TIMEOUT
        assert len(server.heard) == 1
        clock.now += 6
        assert (await names.ask("x.vn", Kind.A)).found is Found.FOUND


async def test_no_more_questions_are_under_way_than_the_rules_say() -> None:
    async with hostile(lambda _: None) as server:
        names = Resolver(server.rules(concurrency=3, timeout_seconds=60))
        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(names.ask(f"n{i}.vn", Kind.A)) for i in range(10)]
            while len(server.heard) < 3:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            assert len(server.heard) == 3
            for one in asking:
                one.cancel()


async def test_a_lane_leaves_room_for_others() -> None:
    def speaks(heard: Heard) -> Said:
        return heard.answer("@ 300 A 192.0.2.1") if heard.name == "now.vn" else None

    async with hostile(speaks) as server:
        names = Resolver(server.rules(concurrency=2, timeout_seconds=60))
        lane = names.lane(1)
        async with asyncio.TaskGroup() as group:
            slow = [group.create_task(lane.ask(f"n{i}.vn", Kind.A)) for i in range(5)]
            while not server.heard:
                await asyncio.sleep(0.01)
            assert (await names.ask("now.vn", Kind.A)).found is Found.FOUND
            for one in slow:
                one.cancel()


async def test_without_resolvers_nobody_is_asked() -> None:
    answer = await Resolver(Rules()).ask("x.vn", Kind.A)
    assert (answer.found, answer.why) == (Found.UNKNOWN, Why.NO_RESOLVER)


@pytest.mark.parametrize(
    "name", ["", ".", "a..vn", "x" * 64 + ".vn", "a." * 127 + "a", "a\x00b.vn", "a\\.vn"]
)
async def test_what_cannot_be_asked_for_is_not_sent(name: str) -> None:
    async with hostile(lambda heard: heard.answer("@ 300 A 192.0.2.1")) as server:
        answer = await Resolver(server.rules()).ask(name, Kind.A)
    assert answer.why is Why.BAD_NAME
    assert not server.heard


async def test_an_absence_that_no_soa_speaks_for_is_not_proven() -> None:
    def speaks(heard: Heard) -> Said:
        return heard.answer(authority=[SOA] if heard.name == "x.vn" else [])

    async with hostile(speaks) as server:
        names = Resolver(server.rules())
        assert (await names.ask("x.vn", Kind.A)).proven
        assert not (await names.ask("y.vn", Kind.A)).proven
