"""Journal messages of Exchange: what the report says, and the original as it was ([MS-XJRNL])."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.journal import read_journal
from monitor.extract.mail import MAX_RECIPIENTS, read_mail
from monitor.model import Finding, JournalReport, Limits, MailFacts
from tests.extract.journal_samples import (
    ANONYMOUS,
    BOUNDARY,
    EXCHANGE,
    INTERNAL,
    MESSAGE_ID,
    PARTNER,
    SENDER,
    journal,
    message_part,
    original,
    report,
    text_part,
)

LIMITS = Limits()
BOSS = "chutich@tinh.gov.vn"
SYSTEM = b"MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@tinh.gov.vn"


def facts(raw: bytes) -> MailFacts:
    return read_journal(raw, LIMITS).facts


def reported(raw: bytes) -> JournalReport:
    found = facts(raw).journal
    assert found is not None
    return found


def refused(raw: bytes) -> tuple[Finding, ...]:
    """What is said of a message whose report is not believed."""
    found = facts(raw)
    assert found.journal is None
    return found.findings


# -- the original ----------------------------------------------------------------------------------


def test_all_facts_are_those_of_the_original() -> None:
    bare = read_mail(original(), None, LIMITS).facts
    found = facts(journal())
    assert found.message_key == bare.message_key
    assert found.model_copy(update={"journal": None}) == bare
    assert found.message_id == MESSAGE_ID
    assert not found.automatic


def test_the_original_is_the_same_octet_for_octet() -> None:
    message = original(b"\r\n-- \r\ntrailing blanks \t\r\n.\r\n\xe1\xba\xa1\r\n\r\n")
    mail = read_journal(journal(message), LIMITS)
    assert mail.root.raw() == message


def test_reports_of_several_servers_are_copies_of_one_message() -> None:
    first = journal(text=report(f"To: {PARTNER}"), hops=("from a (10.0.0.21) by b; x",))
    second = journal(text=report(f"Bcc: {BOSS}"), hops=("from c (10.0.0.22) by d; x",))
    assert facts(first).message_key == facts(second).message_key
    assert facts(first).message_key == read_mail(original(), None, LIMITS).facts.message_key


def test_bounds_are_those_of_the_bare_message() -> None:
    limits = Limits(mime_depth=3)
    inner = b"Content-Type: message/rfc822\r\n\r\n"
    message = original(inner + inner + b"Subject: deep\r\n\r\nx\r\n")
    bare = read_mail(message, None, limits).facts
    assert read_journal(journal(message), limits).facts.findings == bare.findings


def test_an_original_that_was_made_a_file_is_found() -> None:
    file = (
        b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="Bao cao.EML"\r\n\r\n'
    ) + base64.encodebytes(original()).replace(b"\n", b"\r\n")
    raw = journal(parts=(text_part(report()), file))
    assert read_journal(raw, LIMITS).root.raw() == original()
    assert reported(raw).sender == SENDER


def test_of_two_attached_messages_the_named_one_is_the_original() -> None:
    other = original(message_id="other@so.tinh.gov.vn")
    raw = journal(parts=(text_part(report()), message_part(other), message_part(original())))
    assert facts(raw).message_id == MESSAGE_ID


# -- the report ------------------------------------------------------------------------------------


def test_every_field_of_the_specification_is_read() -> None:
    text = report(
        f"To: {PARTNER}",
        "Cc: <AN.NV@so.tinh.gov.vn>, Forwarded: nghi.phep@so.tinh.gov.vn",
        "Bcc: hai@so.tinh.gov.vn, Expanded: tat-ca@so.tinh.gov.vn",
        "Recipient: ba@so.tinh.gov.vn",
        more=(f"On-Behalf-Of: <{BOSS}>",),
    ) + b"Label: Mat\r\nMailbox: x\r\nSentUtc: x\r\nReceivedUtc: x\r\n"  # fmt: skip
    found = reported(journal(text=text))
    assert (found.sender, found.on_behalf_of, found.message_id) == (SENDER, BOSS, MESSAGE_ID)
    assert [
        (each.address, each.expanded_from, each.forwarded_from) for each in found.recipients
    ] == [
        (PARTNER, None, None),
        ("an.nv@so.tinh.gov.vn", None, "nghi.phep@so.tinh.gov.vn"),
        ("hai@so.tinh.gov.vn", "tat-ca@so.tinh.gov.vn", None),
        ("ba@so.tinh.gov.vn", None, None),
    ]


def test_recipients_of_the_report_join_those_of_the_header() -> None:
    found = facts(journal(text=report(f"To: {PARTNER}", f"Bcc: {BOSS}")))
    assert set(found.recipients) == {PARTNER, BOSS}
    assert found.journal is not None
    assert [each.named for each in found.journal.recipients] == [True, False]


def test_directory_names_are_no_addresses() -> None:
    name = "[EX:/o=Tinh/ou=Exchange/cn=Recipients/cn=an.nv]"
    found = reported(journal(text=report(f"To: {name}", f"To: {PARTNER}", sender=name)))
    assert found.sender == ""
    assert [each.address for each in found.recipients] == [PARTNER]


def test_folded_lines_belong_together() -> None:
    text = report(f"To: {PARTNER},\r\n\tExpanded: tat-ca@so.tinh.gov.vn")
    assert reported(journal(text=text)).recipients[0].expanded_from == "tat-ca@so.tinh.gov.vn"


@pytest.mark.parametrize("content_type", ['text/plain; charset="iso-8859-1"', "text/plain"])
def test_the_words_of_the_subject_do_no_harm(content_type: str) -> None:
    text = report().replace(b"Bao cao", "Báo cáo số 1: quý".encode())
    raw = journal(parts=(text_part(text, content_type), message_part(original())))
    assert reported(raw).sender == SENDER


def test_the_plain_one_of_alternatives_is_read() -> None:
    inner = b"".join(
        b"--alt\r\n" + part + b"\r\n"
        for part in (text_part(b"<p>Sender: x@y.vn</p>", "text/html"), text_part(report()))
    )
    alternative = b"Content-Type: multipart/alternative; boundary=alt\r\n\r\n" + inner + b"--alt--"
    raw = journal(parts=(alternative, message_part(original())))
    assert reported(raw).sender == SENDER


def test_the_null_sender_is_nobody_and_automatic() -> None:
    found = facts(journal(text=report(sender="<>")))
    assert found.journal is not None
    assert found.journal.sender == ""
    assert found.automatic


def test_what_exchange_itself_sends_is_automatic() -> None:
    system = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@tinh.gov.vn"
    found = facts(journal(original(sender=system), report(sender=system)))
    assert found.automatic


def test_thousands_of_recipients_are_read_and_bounded() -> None:
    many = [f"Bcc: nguoi{n}@so.tinh.gov.vn, Expanded: tat-ca@tinh.gov.vn" for n in range(6000)]
    found = facts(journal(text=report(*many)))
    assert found.journal is not None
    assert len(found.journal.recipients) == len(found.recipients) == MAX_RECIPIENTS
    assert Finding.MIME_LIMIT in found.findings


# -- did somebody log in? --------------------------------------------------------------------------


def test_exchange_says_that_the_sender_had_logged_in() -> None:
    assert reported(journal()).internal


@pytest.mark.parametrize(
    "marks",
    [b"", ANONYMOUS, INTERNAL + ANONYMOUS, ANONYMOUS + INTERNAL, INTERNAL + INTERNAL,
     INTERNAL.replace(b"Internal", b"Internal, Anonymous"), INTERNAL.replace(b"AuthAs", b"Auth-As"),
     b"X-Note: x\r\n X-MS-Exchange-Organization-AuthAs: Internal\r\n"],
)  # fmt: skip
def test_anything_but_one_clear_word_of_exchange_is_no_login(marks: bytes) -> None:
    assert not reported(journal(original(marks=marks))).internal


SMUGGLED = INTERNAL.rstrip()


@pytest.mark.parametrize(
    "marks",
    [
        b"X-Note: x\r" + SMUGGLED + b"\r\n",
        b"X-Note: x\n" + SMUGGLED + b"\n\nX-Note: x\r\n",
        b"X-Note: x\r\r" + SMUGGLED + b"\r\n",
        SMUGGLED + b"\r\r\n\r\nX-Note: x\r\n",
        SMUGGLED + b"\r\nno field at all\r\n",
        b"X-Note: x\r\n " + SMUGGLED + b"\r\n",
        SMUGGLED.replace(b":", b" :") + b"\r\n",
    ],
    ids=[
        "bare CR",
        "bare LF",
        "two CR",
        "CR at the end",
        "no field",
        "folded",
        "blank",
    ],
)
def test_a_word_that_a_header_firewall_may_have_missed_is_none_of_exchange(marks: bytes) -> None:
    """The sender's own, followed by what Exchange wrote behind it."""
    raw = journal(original(marks=marks + ANONYMOUS))
    assert not reported(raw).internal


def test_a_report_with_line_feeds_alone_is_read_alike() -> None:
    assert reported(journal().replace(b"\r\n", b"\n")).internal


def test_the_word_in_the_body_or_in_a_part_is_none_of_exchange() -> None:
    for body in (
        b"\r\n" + INTERNAL + b"\r\nx\r\n",
        b"Content-Type: message/rfc822\r\n\r\n" + original(),
    ):
        assert not reported(journal(original(body, marks=b""))).internal


def test_recipients_whose_addressing_exchange_could_not_verify_are_no_login() -> None:
    """It writes `Recipient:` for what a server or an unknown client handed to it."""
    assert not reported(journal(text=report(f"Recipient: {PARTNER}"))).internal


# -- did Exchange make the report? -----------------------------------------------------------------


@pytest.mark.parametrize(
    "author", [EXCHANGE, EXCHANGE.replace(b"Sender", b"sender"), EXCHANGE + INTERNAL]
)
def test_a_report_is_in_the_name_of_exchange(author: bytes) -> None:
    assert reported(journal(author=author)).by_exchange


def test_older_reports_name_exchange_as_their_author() -> None:
    raw = journal(author=b"").replace(b"From: Van thu <" + SENDER.encode(), b"From: <" + SYSTEM, 1)
    assert reported(raw).by_exchange


@pytest.mark.parametrize(
    "author",
    [
        b"",
        f"Sender: {BOSS}\r\n".encode(),
        f"Sender: <{BOSS}>\r\n".encode() + EXCHANGE,
        EXCHANGE.replace(b"<", f"<{BOSS}>, <".encode()),
        EXCHANGE + ANONYMOUS,
        EXCHANGE + INTERNAL + ANONYMOUS,
        EXCHANGE + b"X-Note: x\r" + INTERNAL,
    ],
)
def test_a_report_in_anybody_elses_name_or_hand_is_none_of_exchange(author: bytes) -> None:
    assert not reported(journal(author=author)).by_exchange


# -- no report, or none that can be read -----------------------------------------------------------


def test_a_bare_mail_is_said_to_lack_its_report() -> None:
    assert Finding.JOURNAL_REPORT_MISSING in refused(original())
    assert facts(original()).message_id == MESSAGE_ID


def test_a_mail_that_only_looks_like_a_report_is_not_unwrapped() -> None:
    raw = journal(mark=b"")
    assert refused(raw) == (Finding.JOURNAL_REPORT_MISSING,)
    assert facts(raw).message_id == "4c75620b-707a-4cd8-acb1-879ddbc36331@journal.report.generator"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"Dear colleague,\r\n",
        report().replace(b"Sender:", b"From:"),
        report().replace(b"Message-Id:", b"Nachrichten-ID:"),
        report(message_id="another@so.tinh.gov.vn"),
        report() + f"Sender: {BOSS}\r\n".encode(),
        report() + b"Message-ID: <2@x>\r\n",
        f"To: {PARTNER}\r\n".encode() + report(),
        f"On-Behalf-Of: {BOSS}\r\n".encode() + report(),
    ],
)
def test_a_report_that_does_not_say_what_it_has_to_is_malformed(text: bytes) -> None:
    raw = journal(text=text)
    assert refused(raw) == (Finding.JOURNAL_REPORT_MALFORMED,)
    # What it is about is still counted, as what it is.
    assert facts(raw).message_key == read_mail(original(), None, LIMITS).facts.message_key


@pytest.mark.parametrize("separator", ["\u2028", "\x0b", "\x0c", "\x85", "\r"])
def test_a_subject_cannot_write_a_line_of_the_report(separator: str) -> None:
    forged = f"Bao cao{separator}To: {BOSS}{separator}Sender: {BOSS}"
    text = report(f"Recipient: {PARTNER}").replace(b"Bao cao", forged.encode())
    found = facts(journal(text=text))
    assert found.journal is None or not found.journal.internal
    assert BOSS not in found.recipients


@pytest.mark.parametrize(
    "raw",
    [
        journal(parts=(text_part(report()),)),
        journal(parts=(message_part(original()),)),
        journal(parts=(text_part(report()), b"Content-Type: application/ms-tnef\r\n\r\n\x78")),
        journal(parts=(text_part(report(), "text/html"), message_part(original()))),
        journal().replace(BOUNDARY, b"x", 1),
        b"X-MS-Journal-Report:\r\n\r\n" + report(),
        journal()[: len(journal()) // 3],
    ],
)
def test_a_report_without_its_text_or_original_is_malformed(raw: bytes) -> None:
    assert Finding.JOURNAL_REPORT_MALFORMED in refused(raw)


def test_only_the_header_of_a_report_is_read_as_it_stands() -> None:
    header = journal().split(b"\r\n\r\n")[0] + b"\r\n\r\n"
    found = read_journal(header, LIMITS, whole=False).facts
    assert found.journal is None
    assert found.automatic


def test_a_report_inside_a_report_is_not_unwrapped_twice() -> None:
    inner = journal()
    message_id = "4c75620b-707a-4cd8-acb1-879ddbc36331@journal.report.generator"
    found = facts(journal(inner, report(message_id=message_id)))
    assert found.message_id == message_id
    assert found.journal is not None
    assert not found.journal.internal


def test_megabytes_of_the_worst_lines_are_read_to_their_end() -> None:
    for text in (
        b"Sender: " + b"<" * 500_000,
        b"To: " + b"a,Expanded:" * 100_000,
        b" x\r\n" * 99_999,
    ):
        assert facts(journal(text=report() + text)).message_id == MESSAGE_ID
        assert Finding.JOURNAL_REPORT_MALFORMED in refused(journal(text=text))


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_no_bytes_raise(noise: bytes, at: int) -> None:
    raw = journal()
    facts(raw[:at] + noise + raw[at + len(noise) :])
