"""The data phase against a reference that reads the whole message at once."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.collect.data import HEADER_BYTES, Budget, DataReader, _find_line_dot

END = b"\r\n.\r\n"
PLENTY = 1 << 40


def unstuffed(stuffed: bytes) -> bytes:
    """RFC 5321 4.5.2, line by line, a line ending in CRLF and nothing else."""
    lines = stuffed.split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)


def stuff(message: bytes) -> bytes:
    lines = message.split(b"\r\n")
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)


def read(wire: bytes, cuts: list[int], max_bytes: int = PLENTY) -> tuple[DataReader, bytes | None]:
    reader = DataReader(max_bytes, Budget(PLENTY))
    places = sorted({cut % (len(wire) + 1) for cut in cuts} | {0, len(wire)})
    rest: bytes | None = None
    for start, stop in itertools.pairwise(places):
        if rest is None:
            rest = reader.feed(wire[start:stop])
        else:
            rest += wire[start:stop]
    return reader, rest


# Mostly the octets that matter.
fragments = st.lists(st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"a", b"..", b"\r\n."])).map(
    b"".join
)
cuts = st.lists(st.integers(0, 1 << 16), max_size=12)


@given(message=fragments | st.binary(max_size=200), cuts=cuts)
@example(message=b".\r\n..\r\n.", cuts=[])
def test_any_message_comes_out_as_it_went_in_however_it_is_cut(
    message: bytes, cuts: list[int]
) -> None:
    # A message over SMTP ends its last line (RFC 5321 4.1.1.4).
    message += b"\r\n"
    reader, rest = read(stuff(message) + b".\r\nQUIT\r\n", cuts)
    assert rest == b"QUIT\r\n"
    assert b"".join(reader.chunks()) == message
    assert reader.size == len(message)


@given(wire=fragments | st.binary(max_size=200), cuts=cuts)
@example(wire=b".\r\n", cuts=[])
@example(wire=b"a\r\n.\r\r\n.\r\n", cuts=[4])
def test_only_crlf_dot_crlf_ends_a_message(wire: bytes, cuts: list[int]) -> None:
    end = (b"\r\n" + wire).find(END)
    reader, rest = read(wire, cuts)
    if end < 0:
        assert rest is None
    else:
        assert rest == wire[end + 3 :]
        assert b"".join(reader.chunks()) == unstuffed(wire[:end])
        assert reader.received == end + 3


@given(wire=fragments, cuts=cuts, max_bytes=st.integers(0, 40))
def test_the_size_is_counted_to_the_end_even_if_the_body_is_dropped(
    wire: bytes, cuts: list[int], max_bytes: int
) -> None:
    wire = b"A: b\r\n\r\n" + wire.replace(END, b"") + END
    wire = wire[: wire.find(END) + 5]
    reader, rest = read(wire, cuts, max_bytes)
    message = unstuffed(wire[:-3])
    assert rest == b""
    assert reader.size == len(message)
    assert reader.oversize == (len(message) > max_bytes)
    kept = b"".join(reader.chunks())
    assert message.startswith(kept)
    if not reader.oversize:
        assert kept == message


def test_an_oversize_message_keeps_its_header_section_and_frees_its_body() -> None:
    budget = Budget(PLENTY)
    reader = DataReader(1000, budget)
    header = b"Subject: x\r\nFrom: a@b\r\n\r\n"
    reader.feed(header + b"y" * 500)
    assert budget.used == len(header) + 500
    for _ in range(100):
        reader.feed(b"z" * 10_000)
    assert budget.used == len(header)
    assert reader.feed(END) == b""
    assert reader.size == len(header) + 500 + 1_000_000 + 2
    assert b"".join(reader.chunks()) == header
    reader.release()
    assert budget.used == 0


def test_a_header_without_end_is_kept_up_to_its_bound() -> None:
    reader = DataReader(1000, Budget(PLENTY))
    reader.feed(b"X: " + b"y" * (3 * HEADER_BYTES))
    assert len(b"".join(reader.chunks())) == HEADER_BYTES


def test_a_message_that_finds_no_room_gives_back_what_it_held() -> None:
    budget = Budget(10_000)
    reader = DataReader(PLENTY, budget)
    reader.feed(b"a" * 9000)
    assert not reader.starved
    reader.feed(b"a" * 9000)
    assert reader.starved
    assert budget.used == 0
    assert reader.feed(b"a" * 50 + END + b"RSET") == b"RSET"
    assert reader.chunks() == ()


def test_single_octets_are_gathered_into_few_objects() -> None:
    reader = DataReader(PLENTY, Budget(PLENTY))
    for _ in range(200_000):
        reader.feed(b"a")
    reader.feed(END)
    chunks = reader.chunks()
    assert len(chunks) <= 4
    assert b"".join(chunks) == b"a" * 200_000 + b"\r\n"


@pytest.mark.parametrize("times", [1, 2])
def test_releasing_twice_gives_back_once(times: int) -> None:
    budget = Budget(PLENTY)
    budget.take(7)
    reader = DataReader(PLENTY, budget)
    reader.feed(b"abc")
    for _ in range(times):
        reader.release()
    assert budget.used == 7


@given(
    pieces=st.lists(st.sampled_from([b"\r\n.", b".", b"\r", b"\n", b"a"]), max_size=30),
    block=st.integers(1, 9),
    dots=st.integers(1, 3),
)
def test_the_search_for_line_dots_finds_the_first_at_any_density(
    pieces: list[bytes], block: int, dots: int
) -> None:
    window = b"".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor.collect.data._BLOCK_BYTES", block)
        patch.setattr("monitor.collect.data._DOTS_A_BLOCK", dots)
        assert _find_line_dot(window) == window.find(b"\r\n.")
