"""Whatever a log holds, reading it neither stops nor depends on where blocks end."""

import json
import random
import re
import sys
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.activity.formats import READERS, reader
from tests.activity.formats.reading import (
    ALL,
    WRITTEN,
    read,
    read_in_blocks,
    sample,
    source,
)

SAMPLES = pytest.mark.parametrize(("name", "format_", "known"), ALL)
FORMATS = pytest.mark.parametrize("format_", sorted(READERS))


def test_every_format_of_the_settings_has_its_reader() -> None:
    for format_ in ("postfix", "dovecot", "zimbra-audit", "zimbra-mailbox", "exchange-tracking"):
        assert reader(source(format_)).state() is not None


@SAMPLES
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_where_blocks_end_changes_nothing(
    name: str, format_: str, known: dict[str, Any], data: st.DataObject
) -> None:
    lines = sample(name).splitlines(keepends=True)
    cuts = data.draw(st.lists(st.integers(0, len(lines)), max_size=len(lines)).map(sorted))
    edges = [0, *cuts, len(lines)]
    blocks = [b"".join(lines[a:b]) for a, b in pairwise(edges)]
    assert read_in_blocks(format_, blocks, **known) == read(format_, sample(name), **known)


@SAMPLES
def test_a_block_a_line_says_the_same(name: str, format_: str, known: dict[str, Any]) -> None:
    blocks = sample(name).splitlines(keepends=True)
    assert read_in_blocks(format_, blocks, **known) == read(format_, sample(name), **known)


@SAMPLES
def test_a_last_line_without_its_end_is_a_line(
    name: str, format_: str, known: dict[str, Any]
) -> None:
    whole = sample(name)
    assert read(format_, whole.rstrip(b"\r\n"), **known) == read(format_, whole, **known)


@SAMPLES
def test_carriage_returns_change_nothing(name: str, format_: str, known: dict[str, Any]) -> None:
    unix = sample(name).replace(b"\r\n", b"\n")
    dos = unix.replace(b"\n", b"\r\n")
    assert read(format_, dos, **known) == read(format_, unix, **known)


def mutated(whole: bytes, chance: random.Random) -> bytes:
    """A log with bytes changed, cut out, doubled and put in, a few times."""
    log = bytearray(whole)
    for _ in range(chance.randrange(1, 12)):
        at, length = chance.randrange(len(log) + 1), chance.randrange(1, 80)
        piece = bytes(log[at : at + length])
        new = chance.choice((
            b"", piece * 2, chance.randbytes(length), b"\n", b'"', b"\0", b"] ", b"; ", b"<>",
            b"\xff\xfe", piece[::-1], b"29", b"Feb 30 99:99:99", b"9999-12-31 23:59",
            b"0001-01-01T00:00:00Z",
        ))  # fmt: skip
        log[at : at + length] = new
    return bytes(log)


@SAMPLES
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_no_changed_line_stops_a_reader(
    name: str, format_: str, known: dict[str, Any], seed: int
) -> None:
    log = mutated(sample(name), random.Random(seed))
    one = reader(source(format_, **known))
    found = one.read(log, WRITTEN)
    assert found.lines == len(re.findall(rb"[^\n]*\n|[^\n]+", log))
    assert found.unknown + found.failures <= found.lines
    kept = json.dumps(one.state(), ensure_ascii=False)
    assert "\\u0000" not in kept  # PostgreSQL's jsonb has none
    kept.encode()
    for address, _ in found.activity:
        assert re.fullmatch(r"[^@\s\x00-\x20]+@[^@\s\x00-\x20]+", address)
        assert "\ufffd" not in address
    for mail in found.sent:
        assert mail
        assert mail.isprintable()


@FORMATS
@settings(max_examples=100, deadline=None)
@given(block=st.binary(max_size=2000))
def test_no_bytes_stop_a_reader(format_: str, block: bytes) -> None:
    found = read(format_, block)
    assert found.unknown <= found.lines


def nasty_lines(size: int) -> dict[str, bytes]:
    """Long lines made to send regular expressions back and forth."""
    stamps = {
        "postfix": b"Nov  2 08:01:02 mail postfix/smtpd[1]: ",
        "cleanup": b"Nov  2 08:01:02 mail postfix/cleanup[1]: ABCDEF: message-id=",
        "dovecot": b"Nov  2 08:01:02 mail dovecot: imap-login: ",
        "lmtp": b"Nov  2 08:01:02 mail dovecot: lmtp(a@b.c)<1><2>: sieve: ",
        "audit": b"2026-11-02 08:00:00,001 INFO  [t] [",
        "csv": b"2026-11-02T08:00:00.123Z,,,STOREDRIVER,RECEIVE,",
        "roundcube": b"[22-Nov-2026 08:01:02 +0700]: <",
        "none": b"",
    }
    repeats = (
        b"] ", b"] [", b"; ", b"] security - cmd=Auth; account=a", b"] imap - user a", b"client=[",
        b"a/", b"a: ", b"a.", b"<>", b"(auth", b'"', b'"",', b"proxy(", b"[[", b" user=<",
        b"ABCDEF: ", b"warning: x: SASL ", b", rip=", b"] smtp - Sending message to MTA at ",
        b"sieve: ", b" ",
    )  # fmt: skip
    return {
        f"{name} {piece!r}": stamp + piece * (size // len(piece)) + b"\n"
        for name, stamp in stamps.items()
        for piece in repeats
    }


@FORMATS
def test_long_lines_of_nasty_repeats_cost_what_their_length_costs(format_: str) -> None:
    """Loosely, and only of what takes long enough to be measured: doubling a line may not cost
    four times as much, as it would if an expression went back over the line again and again."""

    def cost(line: bytes) -> float:
        best = sys.float_info.max
        for _ in range(3):
            before = time.process_time()
            read(format_, line, internal_networks=("10.0.0.0/8",), webmail_networks=("10.0.0.0/8",))
            best = min(best, time.process_time() - before)
        return best

    half, whole = nasty_lines(32 * 1024), nasty_lines(64 * 1024)
    for name, line in whole.items():
        taken = cost(line)
        if taken > 0.05:
            assert taken < 3.2 * cost(half[name]), name
