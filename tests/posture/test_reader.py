"""The reader of answers beside dnspython's, and what would hold a general one for seconds."""

import random
import struct

import dns.exception
import dns.flags
import dns.message
import dns.rrset
import pytest
from dns.rdtypes.ANY.TXT import TXT

from monitor.posture.message import Query, read, replies
from monitor.posture.names import Found, Kind, Why
from monitor.posture.reader import MAX_POINTERS, Malformed, Message

DATA = {
    Kind.A: ("192.0.2.1", "192.0.2.77"),
    Kind.AAAA: ("2001:db8::1", "2001:db8::77:1"),
    Kind.CNAME: ("Alias.X.vn.",),
    Kind.DNSKEY: ("257 3 13 " + "A" * 86 + "==",),
    Kind.DS: ("12345 13 2 " + "ab" * 32,),
    Kind.MX: ("10 mail.x.vn.", "0 ."),
    Kind.NS: ("ns1.x.vn.", "ns2.other.example."),
    Kind.PTR: ("host.x.vn.",),
    Kind.SOA: ("ns.x.vn. mail\\.box.x.vn. 2026010101 7200 900 1209600 300",),
    Kind.TXT: ('"v=spf1 " "-all"', '""', '"\\200\\"\\\\"'),
}


@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize("seed", range(5))
def test_what_dnspython_writes_is_read_as_it_reads_it(kind: Kind, seed: int) -> None:
    dice = random.Random(f"{kind}{seed}")
    message = dns.message.make_response(dns.message.make_query("x.vn", kind, use_edns=0))
    for owner in dice.sample(["x.vn.", "a.x.vn.", "B.c.x.VN.", "vn.", "y.example."], 4):
        section = dice.choice((message.answer, message.authority, message.additional))
        section.append(dns.rrset.from_text(owner, dice.randrange(9999), "IN", kind, *DATA[kind]))
    wire = message.to_wire()
    ours = Message(wire)
    theirs = dns.message.from_wire(wire)
    for found, expected in ((ours.answer, theirs.answer), (ours.authority, theirs.authority)):
        plain = [(one.name, one.ttl, _plain(ours.text(one, kind))) for one in found]
        assert sorted(plain) == sorted(_records(expected))


def _records(sets: list[dns.rrset.RRset]) -> list[tuple[str, int, str]]:
    return [
        (each.name.to_text(omit_final_dot=True).lower(), each.ttl, _plain(_told(record)))
        for each in sets
        for record in each
    ]


def _told(record: dns.rdata.Rdata) -> str:
    if isinstance(record, TXT):
        return b"".join(record.strings).decode("latin-1")
    return record.to_text()


def _plain(text: str) -> str:
    r"""Names of records without case and final dots; `\.` and `\046` are one sign."""
    return " ".join(
        word.removesuffix(".") for word in text.lower().replace("\\.", "\\046").split(" ")
    )


@pytest.mark.parametrize("seed", range(10))
def test_what_dnspython_cannot_read_is_malformed_or_lies_in_records_nobody_asked_for(
    seed: int,
) -> None:
    dice = random.Random(seed)
    query = Query(7, "x.vn", Kind.MX)
    reply = dns.message.make_response(dns.message.from_wire(query.wire))
    reply.answer.append(dns.rrset.from_text("x.vn.", 300, "IN", "MX", "10 mail.x.vn.", "20 b.vn."))
    good = reply.to_wire()
    for _ in range(300):
        wire = bytearray(good)
        at = dice.randrange(12 + len(query.question), len(wire))
        wire[at] = dice.randrange(256)
        try:
            theirs = dns.message.from_wire(bytes(wire))
        except dns.exception.DNSException:
            continue
        answer = read(bytes(wire), query).answer
        held = [one for one in theirs.answer if one.match(*_asked(theirs))]
        if answer.found is Found.FOUND:
            expected = {
                (mx.preference, mx.exchange.to_text().lower()) for one in held for mx in one
            }
            assert {(mx.preference, _escaped(mx.host)) for mx in answer.exchanges} == {
                (preference, _escaped(host.removesuffix("."))) for preference, host in expected
            }
        else:
            assert not held or answer.why in {Why.MALFORMED, Why.SERVFAIL}


def _asked(message: dns.message.Message) -> tuple[dns.name.Name, int, int, int]:
    question = message.question[0]
    return question.name, question.rdclass, question.rdtype, dns.rdatatype.NONE


def _escaped(host: str) -> str:
    """dnspython's way to write odd signs, as ours."""
    return dns.name.from_text(host).to_text().lower()


def test_long_names_that_stand_a_thousand_times_are_decoded_once() -> None:
    query = Query(7, "a.vn", Kind.TXT)
    start = 12 + len(query.question) + 12
    name = b"\x01b" * 110 + b"\xc0\x0c"
    for hop in range(10):
        name += struct.pack(">H", 0xC000 | (start if not hop else start + 220 + 2 * hop))
    last = start + len(name) - 2
    records = struct.pack(">HHHIH", 0xC00C, 65280, 1, 60, len(name)) + name
    one = struct.pack(">HHHIHHH", 0xC000 | last, 15, 1, 60, 4, 7, 0xC000 | last)
    wire = struct.pack(">HHHHHH", 7, 0x8180, 1, 999, 0, 0) + query.question + records + one * 998
    assert replies(wire, query)
    message = Message(wire)
    assert {record.name for record in message.answer[1:]} == {"b." * 110 + "a.vn"}
    assert len(message._known) < 20


def test_a_chain_of_pointers_ends() -> None:
    query = Query(7, "a.vn", Kind.TXT)
    start = 12 + len(query.question) + 12
    hops = b"\xc0\x0c" + b"".join(
        struct.pack(">H", 0xC000 | (start + 2 * hop)) for hop in range(MAX_POINTERS + 1)
    )
    owner = struct.pack(">HHHIH", 0xC000 | (start + len(hops) - 2), 1, 1, 60, 4) + bytes(4)
    records = struct.pack(">HHHIH", 0xC00C, 65280, 1, 60, len(hops)) + hops + owner
    wire = struct.pack(">HHHHHH", 7, 0x8180, 1, 2, 0, 0) + query.question + records
    with pytest.raises(Malformed):
        Message(wire)


def test_a_name_of_more_than_255_octets_is_malformed() -> None:
    query = Query(7, "a.vn", Kind.TXT)
    owner = (b"\x3f" + b"x" * 63) * 4 + b"\x00"
    record = owner + struct.pack(">HHIH", 1, 1, 60, 4) + bytes(4)
    wire = struct.pack(">HHHHHH", 7, 0x8180, 1, 1, 0, 0) + query.question + record
    assert read(wire, query).answer.why is Why.MALFORMED


@pytest.mark.parametrize("kind", [kind for kind in DATA if kind is not Kind.DNSKEY])
def test_a_record_that_breaks_off_is_malformed(kind: Kind) -> None:
    message = dns.message.make_response(dns.message.make_query("x.vn", kind))
    message.answer.append(dns.rrset.from_text("x.vn.", 300, "IN", kind, DATA[kind][0]))
    wire = message.to_wire()
    (record,) = Message(wire).answer
    size = struct.pack(">H", record.size - 1)
    cut = wire[: record.at - 2] + size + wire[record.at : record.at + record.size - 1]
    ours = Message(cut)
    with pytest.raises(Malformed):
        ours.text(ours.answer[0], kind)
