"""What the header of a message says."""

from datetime import UTC, datetime

import pytest

from monitor.extract.mail import MAX_RECIPIENTS, read_mail
from monitor.model import Finding
from tests.extract.mail_samples import HEADER, LIMITS, envelope, facts, mixed, with_header

SOUND = (
    b"From: =?utf-8?Q?V=C4=83n_th=C6=B0?= <VanThu@So.Tinh.gov.vn>",
    b"Sender: May chu <mta@so.tinh.gov.vn>",
    "To: Sở A <a@huyen.vn>, b@huyen.vn".encode(),
    b"Cc: nhom: c@huyen.vn, A@huyen.vn;",
    b"Bcc: d@huyen.vn",
    b"Subject: =?utf-8?B?Q8O0bmcgdsSDbg==?=",
    b"Message-ID:  <id.1@so.tinh.gov.vn> (chu thich)",
    b"Date: Mon, 2 Mar 2026 09:00:00 +0700",
)


def test_a_sound_header_is_read_without_a_finding() -> None:
    found = facts(with_header(*SOUND))
    assert found.from_addresses == ("vanthu@so.tinh.gov.vn",)
    assert found.sender_address == "mta@so.tinh.gov.vn"
    assert found.recipients == ("a@huyen.vn", "b@huyen.vn", "c@huyen.vn", "d@huyen.vn")
    assert (found.subject, found.message_id) == ("Công văn", "id.1@so.tinh.gov.vn")
    assert found.date == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert (found.findings, found.automatic, found.hops) == ((), False, ())


def test_hops_stand_newest_first() -> None:
    hops = (b"Received: from a by mx2; x", b"Received: from b by mx1; x")
    assert [hop.by_host for hop in facts(with_header(*hops, *SOUND)).hops] == ["mx2", "mx1"]


@pytest.mark.parametrize("again", range(len(SOUND)))
def test_a_field_given_twice_is_a_finding(again: int) -> None:
    assert Finding.HEADER_DUPLICATE in facts(with_header(*SOUND, SOUND[again])).findings


@pytest.mark.parametrize(
    "line", [b"", b"From: a@b.vn, c@d.vn", b"From: nobody", b"From: <a@b.vn> c@d.vn", b"From: "]
)
def test_a_from_that_names_no_single_author_is_ambiguous(line: bytes) -> None:
    lines = [each for each in (line, *SOUND[1:]) if each]
    assert Finding.FROM_AMBIGUOUS in facts(with_header(*lines)).findings


OFFICIAL = "an@so.tinh.gov.vn"


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?q?an=40so.tinh.gov.vn?=",
        "=?utf-8?b?YW5Ac28udGluaC5nb3Yudm4=?=",
        "<=?utf-8?q?an=40so.tinh.gov.vn?=>",
        "an@=?utf-8?q?so.tinh.gov.vn?=",
        "<AN@so.tinh.gov.vn@evil.test>",
        "an@so.tinh.gov.vn\x00@evil.test",
        "an@so.tinh.gov.vn <>",
        "an@so.tinh.gov.vn>",
        "(an@so.tinh.gov.vn)",
        "an@so.tinh.gov.vn:<x@evil.test>",
        "an\uff20so.tinh.gov.vn",
    ],
)
def test_whom_some_reader_takes_for_the_author_is_mentioned(value: str) -> None:
    found = facts(with_header(f"From: {value}".encode(), *SOUND[1:]))
    assert OFFICIAL in found.from_mentioned
    assert OFFICIAL not in found.from_addresses


@pytest.mark.parametrize(
    "value",
    [
        "an@so.tinh.gov.vn",
        '"vanthu@so.tinh.gov.vn" <x@evil.test>',  # the name of a mailbox is no author
        "vanthu@so.tinh.gov.vn <x@evil.test>",
        "Nguy\xe2\xe2n <an@so.tinh.gov.vn>",
    ],
)
def test_an_author_whom_all_read_alike_is_the_only_one(value: str) -> None:
    found = facts(with_header(b"From: " + value.encode("latin-1"), *SOUND[1:]))
    assert found.from_mentioned == ()


def test_no_more_mentioned_addresses_are_kept_than_are_looked_at() -> None:
    line = b"From: " + b" ".join(b"x%d@y.vn" % each for each in range(3000))
    assert len(facts(with_header(line, *SOUND[1:])).from_mentioned) == 10


def test_all_authors_of_a_doubled_from_are_kept() -> None:
    found = facts(with_header(b"From: x@y.vn", *SOUND))
    assert found.from_addresses == ("x@y.vn", "vanthu@so.tinh.gov.vn")
    assert Finding.FROM_AMBIGUOUS in found.findings


def test_a_guessed_charset_is_a_finding() -> None:
    lines = [*SOUND[:5], b"Subject: s\xf4\xec 12", *SOUND[6:]]
    assert Finding.CHARSET_GUESSED in facts(with_header(*lines)).findings


def test_a_mail_without_any_header_is_a_mail_with_findings() -> None:
    found = facts(b"")
    assert (found.from_addresses, found.recipients, found.subject, found.date) == (
        (),
        (),
        None,
        None,
    )
    assert set(found.findings) == {Finding.FROM_AMBIGUOUS, Finding.MESSAGE_ID_MISSING}


@pytest.mark.parametrize(
    "line",
    [
        b"Auto-Submitted: auto-replied",
        b"Auto-Submitted: auto-generated; x=y",
        b"Precedence: bulk",
        b"Precedence: List",
        b"List-Id: <can-bo.so.tinh.gov.vn>",
        b"List-Unsubscribe: <mailto:x@y.vn>",
        b"X-Autoreply: yes",
        b'Content-Type: multipart/report; boundary="r"',
    ],
)
def test_mail_of_machines_and_lists_is_automatic(line: bytes) -> None:
    assert facts(with_header(*SOUND, line)).automatic


@pytest.mark.parametrize("line", [b"Auto-Submitted: no", b"Precedence: first-class", b"X-List: 1"])
def test_mail_of_people_is_not_automatic(line: bytes) -> None:
    assert not facts(with_header(*SOUND, line)).automatic


def test_the_null_sender_is_automatic() -> None:
    raw = with_header(*SOUND)
    assert read_mail(raw, envelope(""), LIMITS).facts.automatic
    assert read_mail(b"Return-Path: <>\r\n" + raw, None, LIMITS).facts.automatic
    assert not read_mail(b"Return-Path: <>\r\n" + raw, envelope(), LIMITS).facts.automatic


def test_a_mailer_daemon_is_automatic() -> None:
    assert facts(with_header(b"From: MAILER-DAEMON@mx.vn", *SOUND[1:])).automatic


def test_recipients_and_texts_are_bounded() -> None:
    many = b"To: " + b", ".join(b"u%d@huyen.vn" % n for n in range(20_000))
    found = facts(with_header(*SOUND, many, b"Subject: " + b"x" * 500_000))
    assert len(found.recipients) == MAX_RECIPIENTS
    assert Finding.MIME_LIMIT in found.findings
    long = facts(
        with_header(b"From: " + b"a" * 100_000 + b"@b.vn", b"Message-ID: <" + b"i" * 99_999)
    )
    assert len(long.message_id or "") <= 4096


def test_damaged_structure_is_a_finding() -> None:
    raw = HEADER + mixed(b"\r\nx")[:-6]
    assert Finding.MIME_MALFORMED in facts(raw).findings
