"""Whose a mail is that was taken from a mailbox: its own server's header, and nobody else's."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from monitor.agencies import attribute
from monitor.extract.mail import read_mail
from monitor.model import (
    Attribution,
    Direction,
    Finding,
    Hop,
    ItemHeader,
    Limits,
    MailFacts,
)
from tests.agencies.attribution_samples import (
    DURING,
    FROM_OUTSIDE,
    OUTSIDER,
    SOURCE,
    SUBMITTED,
    examined,
    facts,
    mail_header,
    province,
)
from tests.agencies.test_spoofed_headers import (
    ADDRESSES,
    MAILS,
    OWN_RELAYS,
    TAKEN_FROM_OUTSIDE,
    WRITTEN_HOPS,
)

REGISTRY = province()
OFFICIAL = "an@skhcn.tinh.gov.vn"
OWN_RELAY = Hop(from_address="10.0.0.4", protocol="ESMTPS")
LOCAL_LMTP = Hop(from_host="mx.tinh.gov.vn", by_host="mx.tinh.gov.vn", protocol="LMTP")
FORGED = Hop(from_address="10.8.1.1", by_host="mx.tinh.gov.vn", protocol="ESMTPSA")


def pulled(**changes: object) -> ItemHeader:
    header = mail_header("", rcpt_to=(), peer="")
    return header.model_copy(update={"pulled": True} | changes)


def whose(mail: MailFacts, header: ItemHeader | None = None) -> Attribution:
    return attribute(header or pulled(), examined(mail), REGISTRY, SOURCE)


def sent(*hops: Hop, return_path: str | None = OFFICIAL, **more: Any) -> MailFacts:
    return facts(OFFICIAL, hops=hops, return_path=return_path, **more)


@pytest.mark.parametrize(
    "hops",
    [
        pytest.param((SUBMITTED,), id="submitted to the mailbox's own server"),
        pytest.param((OWN_RELAY, SUBMITTED), id="passed on by a server of ours"),
        pytest.param((LOCAL_LMTP, SUBMITTED), id="delivered on the machine itself"),
        pytest.param((LOCAL_LMTP, OWN_RELAY, SUBMITTED), id="both"),
        pytest.param((Hop(from_address="10.8.1.1", protocol="ESMTP"),), id="internal network"),
    ],
)
def test_what_an_official_submitted_is_his_agencys(hops: Sequence[Hop]) -> None:
    got = whose(sent(*hops))
    assert (got.sender, got.sender_agency, got.direction) == (OFFICIAL, "so-khcn", Direction.OUT)


@pytest.mark.parametrize(
    "hops",
    [
        pytest.param((), id="no trace at all"),
        pytest.param((FROM_OUTSIDE,), id="from outside"),
        pytest.param((FROM_OUTSIDE, FORGED), id="with a forged submission below"),
        pytest.param((LOCAL_LMTP, FROM_OUTSIDE, FORGED), id="delivered locally"),
        pytest.param((OWN_RELAY, FROM_OUTSIDE, SUBMITTED), id="passed on by a server of ours"),
        pytest.param((Hop(protocol="ESMTP"), FORGED), id="a client without an address"),
        pytest.param((Hop(from_address=OUTSIDER, protocol="LMTP"), FORGED), id="strange LMTP"),
    ],
)
def test_what_came_from_outside_is_nobodys_of_ours(hops: Sequence[Hop]) -> None:
    got = whose(sent(*hops))
    assert (got.sender, got.direction) == (None, Direction.IN)
    assert got.findings == (Finding.SENDER_UNVERIFIED,)


def test_without_a_return_path_nobody_is_proven_and_it_is_said() -> None:
    got = whose(sent(SUBMITTED, return_path=None))
    assert (got.sender, got.findings) == (None, (Finding.SENDER_UNVERIFIED,))


def test_the_null_sender_is_nobody_and_claims_nothing_falsely() -> None:
    got = whose(sent(SUBMITTED, return_path="", automatic=True))
    assert (got.sender, got.findings) == (None, ())


def test_a_return_path_of_another_agency_does_not_speak_for_the_author() -> None:
    assert whose(sent(SUBMITTED, return_path="chi@vp.tinh.gov.vn")).sender is None


def test_a_replay_without_return_path_has_its_operators_word_for_the_author() -> None:
    header = pulled(envelope=mail_header(OFFICIAL).envelope, live=False)
    assert whose(sent(SUBMITTED, return_path=None), header).sender == OFFICIAL
    assert whose(sent(FROM_OUTSIDE, return_path=None), header).sender is None
    assert whose(sent(SUBMITTED, return_path="x@example.org"), header).sender is None


def test_the_peer_of_an_envelope_says_nothing_of_pulled_mail() -> None:
    header = pulled(envelope=mail_header("", peer="10.0.0.4").envelope)
    assert whose(sent(FROM_OUTSIDE, FORGED), header).sender is None


def test_who_it_was_delivered_to_is_a_recipient_but_the_mailbox_is_not() -> None:
    hidden = ("x@vp.tinh.gov.vn", SOURCE.journal_address)
    got = whose(sent(SUBMITTED, delivered_to=hidden))
    assert got.recipient_agencies == ("vp-ubnd",)
    unnamed = SOURCE.model_copy(update={"journal_address": None})
    mail = sent(SUBMITTED, delivered_to=("journal@tinh.gov.vn",))
    got = attribute(pulled(), examined(mail), REGISTRY, unnamed)
    assert got.recipient_agencies == (), "which of them is the mailbox is not known"


def test_a_backlog_counts_for_the_agencies_of_the_day_its_own_server_took_it() -> None:
    before = datetime(2025, 1, 15, 3, 0, tzinfo=UTC)
    hops = (LOCAL_LMTP, SUBMITTED.model_copy(update={"at": before}))
    mail = facts("an@stttt.tinh.gov.vn", hops=hops, return_path="an@stttt.tinh.gov.vn")
    assert whose(mail, pulled(live=False)).sender_agency == "so-tttt"
    assert whose(mail, pulled(live=True)).sender_agency == "so-tttt" or before < DURING
    forged = (FROM_OUTSIDE.model_copy(update={"at": DURING}), *hops)
    later = mail.model_copy(update={"hops": forged})
    assert whose(later, pulled(live=False)).sender_agency is None


@given(MAILS, OWN_RELAYS, TAKEN_FROM_OUTSIDE, WRITTEN_HOPS, ADDRESSES)
def test_no_header_of_an_outsider_makes_pulled_mail_an_agencys_own(
    mail: MailFacts, relays: list[Hop], taken: Hop, written: list[Hop], return_path: str
) -> None:
    """Whatever he gives as envelope sender too, which our server writes down."""
    hops = (*relays, taken, *written)
    got = whose(mail.model_copy(update={"hops": hops, "return_path": return_path}))
    assert got.direction is Direction.IN
    assert (got.sender, got.sender_agency) == (None, None)


# -- what is read from the bytes ------------------------------------------------------------------

OURS = b"Received: from x (x [203.0.113.9]) by mx.tinh.gov.vn with ESMTPS id 1; "
DATE = DURING.strftime("%a, %d %b %Y %H:%M:%S +0000").encode()
FORGERY = (
    b"Return-Path: <an@skhcn.tinh.gov.vn>\r\nDelivered-To: chi@vp.tinh.gov.vn\r\n"
    b"Received: from pc ([10.8.1.1]) by mx.tinh.gov.vn with ESMTPSA id 2; " + DATE + b"\r\n"
    b"From: an@skhcn.tinh.gov.vn\r\nTo: b@example.org\r\nMessage-ID: <1@x>\r\n\r\nx\r\n"
)  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "wanted"),
    [
        (OURS + DATE + b"\r\n", None),
        (b"Return-Path: <a@example.org>\r\n" + OURS + DATE + b"\r\n", "a@example.org"),
        (b"Return-Path: <>\r\nDelivered-To: j@tinh.vn\r\n" + OURS + DATE + b"\r\n", ""),
        (b"Return-Path: <a@x.vn>, <b@x.vn>\r\n" + OURS + DATE + b"\r\n", None),
    ],
)
def test_only_what_stands_above_our_own_servers_header_is_its_word(
    ours: bytes, wanted: str | None
) -> None:
    mail = read_mail(ours + FORGERY, None, Limits()).facts
    assert mail.return_path == wanted
    assert "chi@vp.tinh.gov.vn" not in mail.delivered_to
    assert mail.automatic is (wanted == "")
    assert whose(mail).direction is Direction.IN


def test_a_real_delivery_is_read_to_sender_and_recipients() -> None:
    raw = (
        b"Return-Path: <an@skhcn.tinh.gov.vn>\r\nX-Original-To: phong@vp.tinh.gov.vn\r\n"
        b"Delivered-To: journal@congvu.invalid\r\n"
        b"Received: from mail.tinh.gov.vn\r\n\tby mail.tinh.gov.vn with LMTP\r\n\tid hd4f\r\n"
        b"\t(envelope-from <an@skhcn.tinh.gov.vn>)\r\n"
        b"\tfor <journal@congvu.invalid>; " + DATE + b"\r\n"
        b"Received: from pc (unknown [198.51.100.7])\r\n\t(using TLSv1.3)\r\n"
        b"\tby mail.tinh.gov.vn (Postfix) with ESMTPSA id 4C; " + DATE + b"\r\n"
        b"From: An <an@skhcn.tinh.gov.vn>\r\nTo: b@example.org\r\nMessage-ID: <1@x>\r\n\r\nx\r\n"
    )  # fmt: skip
    mail = read_mail(raw, None, Limits()).facts
    assert mail.delivered_to == ("phong@vp.tinh.gov.vn", "journal@congvu.invalid")
    got = whose(mail)
    assert (got.sender_agency, got.recipient_agencies) == ("so-khcn", ("vp-ubnd",))
    assert timedelta() <= DURING - (mail.hops[0].at or DURING) < timedelta(seconds=1)
