"""Whose a journaled message is: what Exchange reports counts, and nobody else's word does.

The messages are read by the child's own code from octets, so that a header of the sender's stands
where it would stand.
"""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from monitor.agencies import attribute
from monitor.extract.journal import read_journal
from monitor.extract.mail import read_mail
from monitor.model import Attribution, Direction, Finding, ItemHeader, Journal, Limits
from monitor.settings import ImapSource, MailOrigin, MailSource
from tests.agencies.attribution_samples import GATEWAY, OUTSIDER, examined, mail_header, province
from tests.extract.journal_samples import (
    ANONYMOUS,
    INTERNAL,
    journal,
    message_part,
    original,
    report,
    text_part,
)
from tests.extract.journal_samples import EXCHANGE as EXCHANGES

OURS = "an.nv@skhcn.tinh.gov.vn"
BOSS = "chutich@tinh.gov.vn"
STRANGER = "ban@example.org"
EXCHANGE = MailSource(
    name="gateway",
    journal=Journal.EXCHANGE,
    journal_address="journal@congvu.invalid",
    networks=(ip_network("10.0.0.4/32"),),
    trusted_hops=(ip_network("10.0.0.0/27"), ip_network("fe80::/10")),
    internal_networks=(ip_network("10.8.0.0/16"),),
    username="exchange",
    password_file=Path("exchange.password"),
)
MAILBOX = ImapSource(
    name="gateway",
    journal=Journal.EXCHANGE,
    trusted_hops=EXCHANGE.trusted_hops,
    host="imap.tinh.gov.vn",
    username="journal",
    password_file=Path("imap.password"),
)
BETWEEN_SERVERS = (
    "from mbx1.tinh.gov.vn (10.0.0.21) by hub1.tinh.gov.vn (10.0.0.4) with Microsoft SMTP Server"
    " id 15.2.1544.11; Mon, 2 Mar 2026 09:00:02 +0700"
)
LINK_LOCAL = (
    "from mbx1.tinh.gov.vn (fe80::1) by mbx1.tinh.gov.vn (fe80::1%12) with Microsoft SMTP Server"
    " id 15.2.1544.11; Mon, 2 Mar 2026 09:00:02 +0700"
)
BY_OUTLOOK = (
    "from mbx1.tinh.gov.vn (10.0.0.21) by mbx1.tinh.gov.vn (10.0.0.21) with mapi id"
    " 15.02.1544.011; Mon, 2 Mar 2026 09:00:00 +0700"
)
FROM_OUTSIDE = (
    f"from evil.example ({OUTSIDER}) by hub1.tinh.gov.vn (10.0.0.4) with Microsoft SMTP Server"
    " id 15.2.1544.11 via Frontend Transport; Mon, 2 Mar 2026 09:00:00 +0700"
)


def header(**more: Any) -> ItemHeader:
    """An item as the intake makes it of a source with `journal = "exchange"`."""
    return mail_header("").model_copy(update={"journal": Journal.EXCHANGE} | more)


def attributed(raw: bytes, source: MailOrigin = EXCHANGE, **more: Any) -> Attribution:
    mail = read_journal(raw, Limits())
    return attribute(header(**more), examined(mail.facts), province(), source)


def sent(sender: str = OURS, *recipients: str, marks: bytes = INTERNAL, **more: Any) -> bytes:
    """A report of a message of this sender, whom its From names as well."""
    text = report(*(recipients or (f"To: {STRANGER}",)), sender=sender)
    return journal(original(sender=sender, marks=marks), text, **more)


def test_the_reported_sender_is_the_agencys() -> None:
    found = attributed(sent(hops=(BETWEEN_SERVERS,)))
    assert (found.direction, found.sender, found.sender_agency) == (Direction.OUT, OURS, "so-khcn")
    assert found.findings == ()


@pytest.mark.parametrize("hops", [(), (LINK_LOCAL,), (BETWEEN_SERVERS, LINK_LOCAL)])
def test_the_report_may_come_over_any_of_the_own_servers(hops: tuple[str, ...]) -> None:
    assert attributed(sent(hops=hops)).sender == OURS


def test_an_outsider_is_reported_too_and_is_nobody_of_ours() -> None:
    raw = sent(STRANGER, f"Recipient: {OURS}", marks=ANONYMOUS)
    found = attributed(raw)
    assert (found.direction, found.sender_agency) == (Direction.IN, None)
    assert found.recipient_agencies == ("so-khcn",)
    assert found.findings == (Finding.SENDER_UNKNOWN,)


def test_a_delegate_writes_for_another_under_his_own_name() -> None:
    text = report(f"To: {STRANGER}", sender=OURS, more=(f"On-Behalf-Of: {BOSS}",))
    found = attributed(journal(original(sender=BOSS), text))
    assert (found.sender, found.sender_agency) == (OURS, "so-khcn")


def test_blind_copies_expanded_lists_and_forwardings_are_recipients() -> None:
    found = attributed(
        sent(
            OURS,
            f"To: {STRANGER}",
            "Bcc: hai@vp.tinh.gov.vn",
            "Cc: ba@xãa.tinh.gov.vn, Expanded: tat-ca@example.org",
            f"To: {BOSS}, Forwarded: tu@example.org",
        )
    )
    assert set(found.recipient_agencies) == {"vp-ubnd", "xa-a", "ubnd"}


def test_a_message_within_one_agency_is_internal_though_a_report_was_mailed() -> None:
    raw = journal(
        original(sender=OURS, to="hai@skhcn.tinh.gov.vn"),
        report("To: hai@skhcn.tinh.gov.vn", sender=OURS),
    )
    assert attributed(raw).direction is Direction.INTERNAL


# -- spoofing --------------------------------------------------------------------------------------


def test_a_forged_author_of_an_inbound_mail_never_counts() -> None:
    """Exchange reports the author that the header names, whoever wrote it."""
    raw = sent(OURS, f"Recipient: {BOSS}", marks=ANONYMOUS)
    found = attributed(raw)
    assert (found.direction, found.sender, found.sender_agency) == (Direction.IN, None, None)
    assert found.findings == (Finding.SENDER_UNVERIFIED,)


@pytest.mark.parametrize(
    "marks",
    [b"", INTERNAL + ANONYMOUS, ANONYMOUS + INTERNAL],
    ids=["no word of exchange", "the outsider's first", "the outsider's last"],
)
def test_a_mark_of_the_senders_own_does_not_help(marks: bytes) -> None:
    assert attributed(sent(marks=marks)).sender is None


def test_a_connector_that_believes_everybody_does_not_help() -> None:
    """`Externally secured` marks all mail internal; the report still says what nobody verified."""
    assert attributed(sent(OURS, f"Recipient: {BOSS}")).sender is None


@pytest.mark.parametrize("how", [FROM_OUTSIDE, BY_OUTLOOK])
def test_a_report_that_somebody_mailed_to_the_journal_is_believed_nothing(how: str) -> None:
    """An outsider, or a colleague, who learnt the address; Exchange relays it as any mail."""
    for hops in ((how,), (BETWEEN_SERVERS, how), (how, BETWEEN_SERVERS)):
        found = attributed(sent(BOSS, hops=hops))
        assert (found.direction, found.sender_agency) == (Direction.IN, None)
        assert found.findings == (Finding.SENDER_UNVERIFIED,)


@pytest.mark.parametrize("author", [f"Sender: {OURS}\r\n".encode(), EXCHANGES + ANONYMOUS])
def test_a_report_that_exchange_did_not_make_needs_no_hop_to_be_recognised(author: bytes) -> None:
    """A send connector may take all Received headers away."""
    assert attributed(sent(BOSS, author=author)).sender is None


def test_a_report_from_a_server_that_is_not_listed_is_believed_nothing() -> None:
    mail = read_journal(sent(), Limits())
    relayed = header().model_copy(update={"envelope": mail_header("", peer=OUTSIDER).envelope})
    assert attribute(relayed, examined(mail.facts), province(), EXCHANGE).sender is None


def test_hops_that_a_forger_wrote_below_his_own_do_not_hide_it() -> None:
    hops = (BETWEEN_SERVERS, FROM_OUTSIDE, BETWEEN_SERVERS, LINK_LOCAL)
    assert attributed(sent(BOSS, hops=hops)).sender is None


def test_without_trusted_hops_a_report_that_was_handed_on_proves_nothing() -> None:
    unset = EXCHANGE.model_copy(update={"trusted_hops": ()})
    assert attributed(sent(hops=(BETWEEN_SERVERS,)), unset).sender is None


def test_a_hop_without_an_address_proves_nothing() -> None:
    pickup = "from Pickup by hub1.tinh.gov.vn with Microsoft SMTP Server; 2 Mar 2026 09:00 +0700"
    assert attributed(sent(hops=(pickup,))).sender is None


def test_a_bare_mail_is_believed_nothing_whatever_its_headers_say() -> None:
    raw = original(sender=OURS)
    found = attributed(raw)
    assert (found.direction, found.sender) == (Direction.IN, None)
    assert Finding.SENDER_UNVERIFIED in found.findings
    by_login = b"Received: from pc (10.8.1.1) by hub1.tinh.gov.vn (10.0.0.4) with ESMTPSA; x\r\n"
    assert attributed(by_login + raw).sender is None


def test_a_malformed_report_is_believed_nothing() -> None:
    text = report(f"To: {STRANGER}", sender=OURS, message_id="another@x")
    assert attributed(journal(original(sender=OURS), text)).sender is None
    two = report(f"To: {STRANGER}", sender=STRANGER) + f"Sender: {OURS}\r\n".encode()
    assert attributed(journal(original(sender=OURS), two)).sender is None


def test_from_a_source_that_sends_copies_a_report_names_nobody() -> None:
    copies = EXCHANGE.model_copy(update={"journal": Journal.COPY})
    mail = read_mail(sent(BOSS), None, Limits())
    found = attribute(mail_header(OURS, peer=GATEWAY), examined(mail.facts), province(), copies)
    assert (found.direction, found.sender) == (Direction.IN, None)
    assert "chutich" not in str(found)


def test_the_journals_own_envelope_says_nothing_of_the_message() -> None:
    """Exchange sends reports from an address of its own domain, or from nobody."""
    raw = sent(STRANGER, f"Recipient: {OURS}", marks=ANONYMOUS)
    mail = read_journal(raw, Limits())
    enveloped = mail_header("journal-ndr@tinh.gov.vn", rcpt_to=("x@vp.tinh.gov.vn",))
    exchanged = enveloped.model_copy(update={"journal": Journal.EXCHANGE})
    found = attribute(exchanged, examined(mail.facts), province(), EXCHANGE)
    assert found.findings == (Finding.SENDER_UNKNOWN,)
    assert found.recipient_agencies == ("so-khcn",)


def test_an_automatic_notice_of_our_own_claims_nothing_falsely() -> None:
    raw = journal(original(sender=BOSS), report(f"To: {STRANGER}", sender="<>"))
    assert attributed(raw).findings == ()
    outside = journal(original(sender=BOSS, marks=ANONYMOUS), report(sender="<>"))
    assert attributed(outside).findings == (Finding.SENDER_UNVERIFIED,)


# -- reports in a mailbox --------------------------------------------------------------------------


def test_a_report_from_a_mailbox_needs_a_hop_of_an_own_server() -> None:
    assert attributed(sent(hops=(BETWEEN_SERVERS,)), MAILBOX, pulled=True).sender == OURS
    assert attributed(sent(), MAILBOX, pulled=True).sender is None
    assert attributed(sent(hops=(FROM_OUTSIDE,)), MAILBOX, pulled=True).sender is None


def test_return_path_and_delivered_to_inside_an_original_are_its_senders_words() -> None:
    words = f"Return-Path: <{OURS}>\r\nDelivered-To: hai@vp.tinh.gov.vn\r\n".encode()
    raw = journal(
        words + original(sender=OURS, marks=ANONYMOUS), report(f"Recipient: {BOSS}", sender=OURS)
    )
    found = attributed(raw, MAILBOX, pulled=True)
    assert found.sender is None
    assert "vp-ubnd" not in found.recipient_agencies


def test_an_original_may_carry_a_whole_report_of_its_own() -> None:
    """Somebody forwards a report that he made as an attachment: it is a part of his mail."""
    forged = sent(BOSS)
    outer = original(
        b"Content-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\n"
        + text_part(b"fyi\r\n")
        + b"\r\n--f\r\n"
        + message_part(forged)
        + b"\r\n--f--\r\n",
        sender=STRANGER,
        marks=ANONYMOUS,
    )
    found = attributed(journal(outer, report(f"Recipient: {OURS}", sender=STRANGER)))
    assert found.sender is None
    assert found.findings == (Finding.SENDER_UNKNOWN,)
