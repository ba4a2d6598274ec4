"""Answers that are meant to mislead, to hang or to exhaust: each costs its question at most."""

import asyncio
import random
import struct

import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rrset
import pytest

from monitor.posture.message import Query, read, replies
from monitor.posture.names import MAX_ALIASES, Found, Kind, Why
from monitor.posture.resolver import Resolver
from tests.posture.hostile import Heard, Said, hostile

GOOD = "@ 300 A 192.0.2.1"
EVIL = "@ 300 A 203.0.113.66"
SOA = "vn 600 SOA ns.vn. host.vn. 1 2 3 4 60"


async def test_an_answer_with_another_id_is_passed_over() -> None:
    def speaks(heard: Heard) -> list[bytes]:
        forged = heard.answer(EVIL)
        forged.id ^= 1
        return [forged.to_wire(), heard.answer(GOOD).to_wire()]

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules()).ask("x.vn", Kind.A)
    assert answer.records == ("192.0.2.1",)


async def test_an_answer_to_another_question_is_passed_over() -> None:
    def speaks(heard: Heard) -> list[bytes]:
        other = dns.message.make_query("y.vn", "A", id=heard.message.id)
        forged = Heard(other, False, heard.sender, 1).answer("x.vn 300 A 203.0.113.66")
        type_ = dns.message.make_query("x.vn", "MX", id=heard.message.id)
        of_mx = Heard(type_, False, heard.sender, 1).answer(EVIL)
        echo = heard.message.to_wire()
        return [forged.to_wire(), of_mx.to_wire(), echo, heard.answer(GOOD).to_wire()]

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules()).ask("x.vn", Kind.A)
    assert answer.records == ("192.0.2.1",)


async def test_an_answer_from_another_port_never_arrives() -> None:
    loop = asyncio.get_running_loop()
    other, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )

    def speaks(heard: Heard) -> Said:
        other.sendto(heard.answer(EVIL).to_wire(), heard.sender)
        return None

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules(tries=1)).ask("x.vn", Kind.A)
    other.close()
    assert answer.why is Why.TIMEOUT


async def test_a_flood_of_wrong_answers_ends_the_wait() -> None:
    def speaks(heard: Heard) -> list[bytes]:
        forged = heard.answer(EVIL)
        forged.id ^= 1
        return [forged.to_wire()] * 150

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules(timeout_seconds=60, tries=1)).ask("x.vn", Kind.A)
    assert answer.why is Why.MALFORMED


@pytest.mark.parametrize(
    ("rcode", "why"),
    [("REFUSED", Why.REFUSED), ("NOTIMP", Why.REFUSED), ("FORMERR", Why.REFUSED),
     ("SERVFAIL", Why.SERVFAIL), ("YXDOMAIN", Why.SERVFAIL), ("BADVERS", Why.SERVFAIL)],
)  # fmt: skip
async def test_a_refusal_is_unknown(rcode: str, why: Why) -> None:
    async with hostile(lambda heard: heard.answer(EVIL, rcode=rcode)) as server:
        answer = await Resolver(server.rules()).ask("x.vn", Kind.A)
    assert (answer.found, answer.why, answer.records) == (Found.UNKNOWN, why, ())


async def test_no_answer_and_a_resolver_that_is_not_there_are_unknown() -> None:
    async with hostile(lambda _: None) as server:
        answer = await Resolver(server.rules()).ask("x.vn", Kind.A)
        assert answer.why is Why.TIMEOUT
    gone = await Resolver(server.rules()).ask("x.vn", Kind.A)
    assert gone.why is Why.TIMEOUT


def _pointed(heard: Heard, *pointers: int) -> bytes:
    """A reply whose one record has a name of these compression pointers."""
    empty = heard.answer().to_wire()
    question = dns.message.from_wire(empty).question[0].name.to_wire()
    assert question
    end = 12 + len(question) + 4
    chain = b"".join(struct.pack(">H", 0xC000 | (end + at)) for at in pointers)
    head = struct.pack(">HHHHHH", heard.message.id, 0x8180, 1, 1, 0, 0)
    return head + empty[12:end] + chain + struct.pack(">HHIH", 1, 1, 60, 4) + bytes(4)


@pytest.mark.parametrize("pointers", [(0,), (2, 0), (200,), (16000,)])
async def test_a_loop_of_compression_pointers_is_malformed(pointers: tuple[int, ...]) -> None:
    async with hostile(lambda heard: _pointed(heard, *pointers)) as server:
        answer = await Resolver(server.rules()).ask("x.vn", Kind.A)
    assert answer.why is Why.MALFORMED


async def test_an_answer_that_breaks_off_is_malformed() -> None:
    def speaks(heard: Heard) -> Said:
        return heard.answer("@ 300 TXT " + "x" * 200).to_wire()[:-20]

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules()).ask("x.vn", Kind.TXT)
    assert answer.why is Why.MALFORMED


async def test_a_record_of_the_wrong_size_is_malformed() -> None:
    def speaks(heard: Heard) -> Said:
        wire = heard.answer(GOOD).to_wire()
        at = wire.index(bytes((0, 4, 192, 0, 2, 1)))
        return wire[:at] + bytes((0, 3, 192, 0, 2)) + wire[at + 6 :]

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules()).ask("x.vn", Kind.A)
    assert answer.why is Why.MALFORMED


async def test_a_loop_of_aliases_is_found_within_one_answer() -> None:
    def speaks(heard: Heard) -> Said:
        return heard.answer("@ 300 CNAME b.vn.", "b.vn 300 CNAME c.vn.", "c.vn 300 CNAME b.vn.")

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules()).ask("a.vn", Kind.A)
    assert (answer.why, len(server.heard)) == (Why.LOOP, 1)


async def test_a_loop_of_aliases_is_found_over_several_answers() -> None:
    after = {"a.vn": "b.vn", "b.vn": "c.vn", "c.vn": "a.vn"}
    async with hostile(lambda heard: heard.answer(f"@ 300 CNAME {after[heard.name]}.")) as server:
        names = Resolver(server.rules())
        answers = await asyncio.gather(*(names.ask(name, Kind.A) for name in after))
    assert {one.why for one in answers} == {Why.LOOP}
    assert len(server.heard) == 3


async def test_a_chain_of_aliases_without_end_is_left() -> None:
    def speaks(heard: Heard) -> Said:
        number = int(heard.name.split(".")[0])
        return heard.answer(f"@ 300 CNAME {number + 1}.vn.")

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules()).ask("0.vn", Kind.A)
    assert answer.why is Why.LOOP
    assert len(server.heard) <= MAX_ALIASES + 1
    assert len(answer.aliases) == MAX_ALIASES


async def test_a_long_chain_in_one_answer_is_left() -> None:
    def speaks(heard: Heard) -> Said:
        return heard.answer(*(f"{i}.vn 300 CNAME {i + 1}.vn." for i in range(30)))

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules()).ask("0.vn", Kind.A)
    assert (answer.why, len(answer.aliases)) == (Why.LOOP, MAX_ALIASES)


async def test_records_of_other_names_and_types_do_not_count() -> None:
    def speaks(heard: Heard) -> Said:
        return heard.answer(
            "bank.vn 300 A 203.0.113.66", "@ 300 TXT hello", "sub.x.vn 300 A 203.0.113.66",
            authority=[SOA],
        )  # fmt: skip

    async with hostile(speaks) as server:
        names = Resolver(server.rules())
        assert (await names.ask("x.vn", Kind.A)).found is Found.NO_DATA
        await names.ask("bank.vn", Kind.A)
    assert len(server.heard) == 2, "what was said beside the answer is not kept"


async def test_records_of_another_class_do_not_count() -> None:
    def speaks(heard: Heard) -> Said:
        reply = heard.answer(authority=[SOA])
        chaos = dns.rrset.from_text("x.vn.", 300, "CH", "TXT", "v=spf1")
        reply.answer.append(chaos)
        return reply

    async with hostile(speaks) as server:
        assert (await Resolver(server.rules()).ask("x.vn", Kind.TXT)).found is Found.NO_DATA


async def test_a_text_of_64_kb_comes_whole_over_tcp() -> None:
    strings = " ".join('"' + "x" * 255 + '"' for _ in range(255))

    async with hostile(lambda heard: heard.answer(f"@ 300 TXT {strings}")) as server:
        answer = await Resolver(server.rules(timeout_seconds=10)).ask("x.vn", Kind.TXT)
    assert len(answer.records[0]) == 255 * 255
    assert [one.tcp for one in server.heard] == [False, True]


async def test_hundreds_of_records_are_too_many() -> None:
    def speaks(heard: Heard) -> Said:
        return heard.answer(*(f"@ 300 A 192.0.{i // 200}.{i % 200}" for i in range(300)))

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules(timeout_seconds=10)).ask("x.vn", Kind.A)
    assert (answer.why, answer.records) == (Why.TOO_LARGE, ())
    assert len(server.heard) == 2


async def test_an_answer_that_announces_thousands_of_records_is_not_read() -> None:
    query = Query(7, "x.vn", Kind.A)
    wire = struct.pack(">HHHHHH", 7, 0x8180, 1, 65535, 65535, 65535) + query.question
    assert replies(wire, query)
    assert read(wire, query).answer.why is Why.TOO_LARGE


async def test_an_answer_that_stays_truncated_is_too_large() -> None:
    def speaks(heard: Heard) -> Said:
        reply = heard.answer(GOOD)
        reply.flags |= dns.flags.TC
        return reply

    async with hostile(speaks) as server:
        answer = await Resolver(server.rules()).ask("x.vn", Kind.A)
    assert answer.why is Why.TOO_LARGE


def _cut(heard: Heard) -> Said:
    reply = heard.answer()
    reply.flags |= dns.flags.TC
    return reply


async def test_a_connection_that_drips_is_left_in_time() -> None:
    closed = asyncio.Event()

    async def writes(heard: Heard, writer: asyncio.StreamWriter) -> None:
        wire = heard.answer(GOOD).to_wire()
        try:
            for octet in struct.pack(">H", len(wire)) + wire:
                writer.write(bytes((octet,)))
                await writer.drain()
                await asyncio.sleep(0.2)
        finally:
            closed.set()

    async with hostile(_cut, writes) as server:
        answer = await Resolver(server.rules(tries=1)).ask("x.vn", Kind.A)
        assert answer.why is Why.TIMEOUT
        await asyncio.wait_for(closed.wait(), 30)


async def test_a_connection_that_ends_early_is_malformed() -> None:
    async def writes(heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\xff\xff" + heard.answer(GOOD).to_wire())

    async with hostile(_cut, writes) as server:
        answer = await Resolver(server.rules(tries=1)).ask("x.vn", Kind.A)
    assert answer.why is Why.MALFORMED


async def test_another_answer_over_tcp_is_malformed() -> None:
    async def writes(heard: Heard, writer: asyncio.StreamWriter) -> None:
        forged = heard.answer(EVIL)
        forged.id ^= 1
        wire = forged.to_wire()
        writer.write(struct.pack(">H", len(wire)) + wire)

    async with hostile(_cut, writes) as server:
        answer = await Resolver(server.rules(tries=1)).ask("x.vn", Kind.A)
    assert answer.why is Why.MALFORMED


async def test_odd_octets_in_names_are_written_by_their_numbers() -> None:
    def speaks(heard: Heard) -> Said:
        reply = heard.answer()
        host = dns.name.Name((b"a.b\x1b[31m\xc3\x84", b"X", b"vn", b""))
        plain = dns.rdata.from_text("IN", "MX", "10 a.")
        reply.answer.append(dns.rrset.from_rdata("x.vn.", 300, plain.replace(exchange=host)))
        return reply

    async with hostile(speaks) as server:
        names = Resolver(server.rules())
        host = (await names.ask("x.vn", Kind.MX)).exchanges[0].host
        assert host == "a\\046b\\027[31m\\195\\132.x.vn"
        assert (await names.ask(host, Kind.A)).why is Why.BAD_NAME


async def test_a_name_that_looks_like_another_is_asked_for_as_what_it_is() -> None:
    async with hostile(lambda heard: heard.answer(GOOD)) as server:
        answer = await Resolver(server.rules()).ask("bаnk.vn", Kind.A)
    assert answer.name == "xn--bnk-6cd.vn"
    assert server.heard[0].name == "xn--bnk-6cd.vn"


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_changed_in_an_answer_it_is_read_without_an_exception(seed: int) -> None:
    dice = random.Random(seed)
    query = Query(7, "x.vn", Kind.MX, dnssec=True)
    heard = Heard(dns.message.from_wire(query.wire), False, ("", 0), 1)
    good = heard.answer(
        "@ 300 CNAME y.vn.", "y.vn 300 MX 10 mail.x.vn.", authority=[SOA]
    ).to_wire()  # fmt: skip
    assert read(good, query).answer.found is Found.FOUND
    for _ in range(300):
        wire = bytearray(good)
        for _ in range(dice.randint(1, 6)):
            wire[dice.randrange(2, len(wire))] = dice.randrange(256)
        cut = bytes(wire[: dice.choice((len(wire), dice.randint(12, len(wire))))])
        if replies(cut, query):
            answer = read(cut, query).answer
            assert (answer.found is Found.UNKNOWN) == (answer.why is not None)
