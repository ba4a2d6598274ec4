"""Where a message comes from: what the gateway's headers decide, and what answers make of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.agencies import attribute, reverse_path
from monitor.agencies.origin import KEYS_STAY, NOBODY, UNASKED, Answered, Asking, asking, concluded
from monitor.model import (
    Attribution,
    DkimResult,
    DkimSignature,
    Finding,
    Hop,
    ItemHeader,
    Journal,
    JournalReport,
    MailFacts,
    Origin,
    SpfResult,
)
from tests.agencies.attribution_samples import (
    BEFORE_MERGER,
    DURING,
    FROM_OUTSIDE,
    GATEWAY,
    OUTSIDER,
    PROVINCE,
    SOURCE,
    SUBMITTED,
    examined,
    facts,
    mail_header,
    province,
    registry_of,
)

REGISTRY = province()
OFFICIAL = "an@skhcn.tinh.gov.vn"
NOTHING = Answered(unknown=False)
SPOOFED, UNCHECKED = Finding.SENDER_SPOOFED, Finding.ORIGIN_UNCHECKED
SIGNED = DkimSignature(
    domain="skhcn.tinh.gov.vn", selector="mail", algorithm="rsa-sha256", digest="ab" * 32,
    signature="AAAA", body_intact=True,
)  # fmt: skip


def of_mail(mail: MailFacts, header: ItemHeader | None = None) -> Attribution:
    return attribute(header or mail_header("x@evil.test"), examined(mail), REGISTRY, SOURCE)


def outside(*authors: str, **more: Any) -> MailFacts:
    return facts(*(authors or (OFFICIAL,)), **({"hops": (FROM_OUTSIDE,)} | more))


def asked_of(mail: MailFacts, header: ItemHeader | None = None) -> Asking:
    header = header or mail_header("x@evil.test")
    found = asking(header, examined(mail), reverse_path(header, mail), SOURCE)
    assert found is not None
    return found


def origin_of(mail: MailFacts, answered: Answered, now: datetime = DURING) -> Attribution:
    return concluded(of_mail(mail), asked_of(mail), answered, now)


# -- inside or outside -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hops", "inside"),
    [
        ((SUBMITTED,), True),
        ((Hop(from_address="10.8.0.7", by_host="mx.tinh.gov.vn", protocol="ESMTP"),), True),
        ((Hop(by_host="mx.tinh.gov.vn"),), True),  # made by the gateway itself: a bounce
        ((Hop(by_host="mx.tinh.gov.vn"), SUBMITTED), True),
        ((FROM_OUTSIDE,), False),
        ((FROM_OUTSIDE, SUBMITTED), False),
        ((Hop(from_host="mx", by_host="mx.tinh.gov.vn"),), False),
        ((Hop(),), False),
        ((), False),
    ],
)
def test_the_gateways_own_headers_say_what_came_from_inside(
    hops: tuple[Hop, ...], inside: bool
) -> None:
    got = of_mail(facts(OFFICIAL, hops=hops))
    assert got.origin is (Origin.INTERNAL if inside else Origin.UNKNOWN)
    assert got.claimed_agency == (None if inside else "so-khcn")


PICKUP = Hop(by_host="store.tinh.gov.vn")
"""An alias, a `.forward` or a filter of one of the gateway's own servers handed it in again."""


def test_what_came_from_outside_and_was_handed_in_again_is_not_from_inside() -> None:
    got = of_mail(outside(hops=(PICKUP, FROM_OUTSIDE, SUBMITTED)))
    assert (got.origin, got.claimed_agency) == (Origin.UNKNOWN, "so-khcn")
    asked = asked_of(outside(hops=(PICKUP, FROM_OUTSIDE, SUBMITTED)))
    assert asked.client == OUTSIDER


def test_what_is_handed_in_again_lost_its_envelope_and_is_not_forged_by_its_new_one() -> None:
    mail = outside(hops=(PICKUP, FROM_OUTSIDE), dkim=(SIGNED,))
    failed = Answered((DkimResult.FAIL,), SpfResult.FAIL, None, unknown=False)
    assert origin_of(mail, failed).origin is Origin.UNKNOWN
    passed = Answered((DkimResult.PASS,), None, "dkim", unknown=False)
    assert origin_of(mail, passed).origin is Origin.ALIGNED


def test_who_submitted_what_was_handed_in_again_is_not_believed_to_have_written_it() -> None:
    mail = facts(OFFICIAL, hops=(PICKUP, SUBMITTED))
    assert of_mail(mail, mail_header(OFFICIAL)).sender_agency is None


def test_headers_of_a_client_that_is_not_the_gateway_say_nothing() -> None:
    header = mail_header(OFFICIAL, peer=OUTSIDER)
    assert of_mail(facts(OFFICIAL, hops=(Hop(by_host="mx"),)), header).origin is Origin.UNKNOWN


def test_a_sender_that_the_source_reports_is_inside() -> None:
    header = mail_header("x@evil.test", sender_reported=OFFICIAL)
    assert of_mail(outside(), header).origin is Origin.INTERNAL


# -- who is claimed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authors", "claimed"),
    [
        (("an@skhcn.tinh.gov.vn",), "so-khcn"),
        (("AN@SKHCN.TINH.GOV.VN",), "so-khcn"),
        (("x@nobodys.tinh.gov.vn",), "ubnd"),
        (("x@example.org", "an@skhcn.tinh.gov.vn"), "so-khcn"),
        (("a@x\u00e3a.tinh.gov.vn",), "xa-a"),
        (("x@example.org",), None),
        (("an@skhcn.tinh.gov.vn.evil.test",), None),
        (("an@stttt.tinh.gov.vn",), "ubnd"),  # abolished by then: the province's name all the same
        ((), None),
    ],
)
def test_any_author_claims_an_agency_in_force_that_day(
    authors: tuple[str, ...], claimed: str | None
) -> None:
    assert of_mail(facts(*authors, hops=(FROM_OUTSIDE,))).claimed_agency == claimed


ALONE = registry_of(PROVINCE.replace(', "*.tinh.gov.vn"', "").replace('"tinh.gov.vn"', ""))
"""Nobody holds the province's domain."""


def test_full_width_letters_claim_whoever_holds_all_names_below() -> None:
    assert of_mail(outside("x@nobodys.tinh\uff0egov.vn")).claimed_agency == "ubnd"


@pytest.mark.parametrize(
    ("author", "claimed"),
    [
        ("x@mail.skhcn.tinh.gov.vn", "so-khcn"),
        ("x@a.b.skhcn.tinh.gov.vn.", "so-khcn"),
        ("x@\uff53khcn.tinh.gov.vn", "so-khcn"),
        ("x@skhcn\u3002tinh.gov.vn", "so-khcn"),
        ("x@skhcn.tinh.gov.vn\u200b", "so-khcn"),
        ("x@tinh.gov.vn", None),
        ("x@other.tinh.gov.vn", None),
        ("x@notskhcn.tinh.gov.vn", None),
        ("x@skhcn.tinh.gov.vn.evil.test", None),
    ],
)
def test_a_name_below_an_agencys_domain_and_one_that_servers_map_to_it_claim_it(
    author: str, claimed: str | None
) -> None:
    mail = facts(author, hops=(FROM_OUTSIDE,))
    got = attribute(mail_header("x@evil.test"), examined(mail), ALONE, SOURCE)
    assert got.claimed_agency == claimed


@pytest.mark.parametrize(
    "written",
    [
        {"from_mentioned": (OFFICIAL,)},
        {"sender_address": OFFICIAL},
    ],
)
def test_without_an_author_whom_else_it_names_is_claimed(written: dict[str, Any]) -> None:
    mail = facts(hops=(FROM_OUTSIDE,), **written)
    assert of_mail(mail).claimed_agency == "so-khcn"
    assert origin_of(mail, NOTHING).origin is Origin.UNALIGNED
    beside = facts("x@example.org", hops=(FROM_OUTSIDE,), sender_address=OFFICIAL)
    assert of_mail(beside).claimed_agency is None


def test_an_author_whom_only_some_readers_see_has_to_be_proven_too() -> None:
    mail = outside("x@evil.test", from_mentioned=(OFFICIAL,))
    assert of_mail(mail).claimed_agency == "so-khcn"
    assert asked_of(mail).from_domains == ("evil.test", "skhcn.tinh.gov.vn")


def test_an_agency_since_abolished_is_claimed_in_its_day() -> None:
    header = mail_header("x@evil.test", received_at=BEFORE_MERGER)
    mail = outside("duong-day-nong@tinh.gov.vn")
    assert of_mail(mail, header).claimed_agency == "so-tttt"
    assert of_mail(mail).claimed_agency == "ubnd"


# -- what is asked ---------------------------------------------------------------------------------


def test_the_client_that_entered_the_gateway_is_asked_about() -> None:
    relay = Hop(from_address="10.0.0.3", from_host="in", by_host="mx.tinh.gov.vn", protocol="ESMTP")
    entry = Hop(from_address=OUTSIDER, from_host="Mail.Evil.test", by_host="in", protocol="ESMTP")
    forged = Hop(from_address="192.0.2.1", by_host="x", protocol="ESMTP")
    asked = asked_of(outside(hops=(relay, entry, forged)))
    assert (asked.client, asked.helo, asked.mail_from) == (
        OUTSIDER, "mail.evil.test", "x@evil.test",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("An@SKHCN.tinh.gov.vn", "An@skhcn.tinh.gov.vn"),
        ("", ""),
        ("x@ev\x00il.test", NOBODY),
        ("x@", NOBODY),
        ("x", NOBODY),
        ("x@" + "a." * 200 + "test", NOBODY),
        ("x" * 400 + "@evil.test", NOBODY),
    ],
)
def test_an_envelope_sender_that_is_no_address_is_nobodys(written: str, asked: str) -> None:
    found = asked_of(outside(), mail_header(written))
    assert (found.mail_from, found.client) == (asked, OUTSIDER)


@pytest.mark.parametrize("hops", [(), (Hop(from_address="10.0.0.3", by_host="mx"),)])
def test_without_a_believed_client_spf_is_not_asked(hops: tuple[Hop, ...]) -> None:
    asked = asked_of(outside(hops=hops))
    assert asked.client is None
    assert not asked.answerable


def test_signatures_that_the_message_itself_refutes_are_not_asked_about() -> None:
    cases: list[tuple[dict[str, Any], DkimResult | None]] = [
        ({}, None),
        ({"body_intact": False}, DkimResult.FAIL),
        ({"partial": True}, DkimResult.POLICY),
        ({"readable": False}, DkimResult.NEUTRAL),
        ({"expires": DURING - timedelta(seconds=1)}, DkimResult.POLICY),
        ({"expires": DURING + timedelta(seconds=1)}, None),
    ]
    bears = tuple(SIGNED.model_copy(update=changes) for changes, _ in cases)
    asked = asked_of(outside(dkim=bears))
    assert asked.decided == tuple(result for _, result in cases)
    assert asked.open == (bears[0], bears[5])


def test_of_a_message_whose_body_was_dropped_no_signature_is_judged() -> None:
    header = mail_header("x@evil.test").model_copy(update={"oversize": True})
    mail = outside(dkim=(SIGNED,), hops=())
    asked = asked_of(mail, header)
    assert asked.decided == (DkimResult.NEUTRAL,)
    got = concluded(of_mail(mail, header), asked, UNASKED, DURING)
    assert got.origin is Origin.UNKNOWN


def test_a_large_message_that_may_have_been_signed_well_is_never_called_spoofed() -> None:
    header = mail_header("x@evil.test").model_copy(update={"oversize": True})
    for bears, wanted in (((SIGNED,), Origin.UNKNOWN), ((), Origin.UNALIGNED)):
        mail = outside(dkim=bears)
        got = concluded(of_mail(mail, header), asked_of(mail, header), NOTHING, DURING)
        assert got.origin is wanted


@pytest.mark.parametrize(
    ("way", "client"),
    [((), OUTSIDER), ((Hop(from_address=OUTSIDER, protocol="ESMTP"),), None)],
)
def test_the_header_inside_a_report_that_a_stranger_mailed_is_not_believed(
    way: tuple[Hop, ...], client: str | None
) -> None:
    report = JournalReport(sender=OFFICIAL, by_exchange=True, hops=way)
    header = mail_header("x@evil.test").model_copy(update={"journal": Journal.EXCHANGE})
    asked = asked_of(outside(journal=report), header)
    assert asked.client == client


@pytest.mark.parametrize("authors", [(), ("x@",), ("x@localhost",), ("x@a_b",), ("x@\uff53o.vn",)])
def test_an_author_without_a_domain_is_asked_about_nobody(authors: tuple[str, ...]) -> None:
    assert asked_of(facts(*authors, hops=(FROM_OUTSIDE,), dkim=(SIGNED,))).from_domains == ()


# -- what becomes of it ----------------------------------------------------------------------------


def test_what_is_aligned_is_no_spoof() -> None:
    got = origin_of(outside(dkim=(SIGNED,)), Answered((DkimResult.PASS,), None, "dkim", False))
    assert got.origin is Origin.ALIGNED
    assert got.findings == (Finding.SENDER_UNVERIFIED,)
    assert got.origin_evidence is not None
    assert got.origin_evidence.dkim == (("skhcn.tinh.gov.vn", "mail", DkimResult.PASS),)
    assert got.origin_evidence.from_domain == "skhcn.tinh.gov.vn"
    assert got.origin_evidence.aligned_by == "dkim"


def test_an_agency_claimed_from_outside_without_proof_is_spoofed() -> None:
    got = origin_of(outside(), NOTHING)
    assert (got.origin, got.claimed_agency) == (Origin.UNALIGNED, "so-khcn")
    assert got.findings == (Finding.SENDER_UNVERIFIED, SPOOFED)


def test_a_stranger_without_proof_spoofs_no_agency() -> None:
    got = origin_of(outside("x@example.org"), NOTHING)
    assert (got.origin, got.claimed_agency) == (Origin.UNALIGNED, None)
    assert got.findings == (Finding.SENDER_UNKNOWN,)


def test_silence_is_unchecked_and_never_spoofed() -> None:
    answered = Answered((DkimResult.TEMPERROR,), None, None, unknown=True)
    got = origin_of(outside(dkim=(SIGNED,)), answered)
    assert got.origin is Origin.UNKNOWN
    assert got.findings == (Finding.SENDER_UNVERIFIED, UNCHECKED)


def test_without_a_signature_and_without_a_client_nothing_could_be_checked() -> None:
    got = origin_of(outside(hops=()), UNASKED)
    assert got.origin is Origin.UNKNOWN
    assert got.findings == (Finding.SENDER_UNVERIFIED, UNCHECKED)


@pytest.mark.parametrize("client", ["10.200.3.4", "192.168.9.9", "127.0.0.1", "fd00::1"])
def test_spf_refuses_nobody_whose_address_no_public_record_can_name(client: str) -> None:
    entry = FROM_OUTSIDE.model_copy(update={"from_address": client})
    got = origin_of(outside(hops=(entry,)), NOTHING)
    assert got.origin is Origin.UNKNOWN
    assert asked_of(outside(hops=(entry,))).client == client  # a record may name it all the same
    proven = Answered((), SpfResult.PASS, "spf", False)
    assert origin_of(outside(hops=(entry,)), proven).origin is Origin.ALIGNED


@pytest.mark.parametrize(
    ("mail_from", "wanted"),
    [
        ("x@skhcn.tinh.gov.vn", Origin.UNKNOWN),
        ("x@mail.tinh.gov.vn", Origin.UNKNOWN),
        ("", Origin.UNKNOWN),  # HELO of who handed it to that server is not known
        ("x@evil.test", Origin.UNALIGNED),
        ("x@evil.vn", Origin.UNALIGNED),
        ("x", Origin.UNALIGNED),
    ],
)
@pytest.mark.parametrize("client", ["10.200.3.4", None])
def test_a_useless_signature_proves_no_spoof_where_spf_of_a_hidden_client_might_have_passed(
    mail_from: str, wanted: Origin, client: str | None
) -> None:
    entry = FROM_OUTSIDE.model_copy(update={"from_address": client, "from_host": "relay"})
    mail = outside(hops=(entry,), dkim=(SIGNED.model_copy(update={"domain": "maker.example"}),))
    header = mail_header(mail_from)
    answered = Answered((DkimResult.PASS,), None, None, unknown=False)
    got = concluded(of_mail(mail, header), asked_of(mail, header), answered, DURING)
    assert got.origin is wanted


def test_a_body_that_was_changed_is_decided_without_asking() -> None:
    broken = SIGNED.model_copy(update={"body_intact": False})
    got = origin_of(outside(dkim=(broken,), hops=()), UNASKED)
    assert got.origin is Origin.UNALIGNED
    assert SPOOFED in got.findings


def test_results_stand_beside_their_signatures() -> None:
    broken = SIGNED.model_copy(update={"body_intact": False, "selector": "old"})
    answered = Answered((DkimResult.PASS,), SpfResult.FAIL, None, False)
    got = origin_of(outside(dkim=(broken, SIGNED)), answered)
    assert got.origin_evidence is not None
    assert [(each[1], each[2]) for each in got.origin_evidence.dkim] == [
        ("old", DkimResult.FAIL), ("mail", DkimResult.PASS),
    ]  # fmt: skip
    assert got.origin_evidence.spf is SpfResult.FAIL


def test_what_entered_long_ago_may_have_had_a_key_that_is_gone() -> None:
    answered = Answered((DkimResult.PERMERROR,), None, None, False)
    for later, wanted in (
        (KEYS_STAY - timedelta(minutes=1), Origin.UNALIGNED),
        (KEYS_STAY + timedelta(minutes=1), Origin.UNKNOWN),
    ):
        assert origin_of(outside(dkim=(SIGNED,)), answered, DURING + later).origin is wanted


def test_a_replayed_mail_is_as_old_as_the_gateway_says() -> None:
    old = FROM_OUTSIDE.model_copy(update={"at": datetime(2024, 1, 2, tzinfo=UTC)})
    got = origin_of(outside(hops=(old,), dkim=(SIGNED,)), NOTHING)
    assert got.origin is Origin.UNKNOWN
    proven = Answered((DkimResult.PASS,), None, "dkim", False)
    assert origin_of(outside(hops=(old,), dkim=(SIGNED,)), proven).origin is Origin.ALIGNED


def test_what_expired_after_it_entered_is_judged_as_it_entered() -> None:
    entered = FROM_OUTSIDE.model_copy(update={"at": DURING - timedelta(days=3)})
    expiring = SIGNED.model_copy(update={"expires": DURING - timedelta(days=2)})
    assert asked_of(outside(hops=(entered,), dkim=(expiring,))).decided == (None,)


def test_a_question_survives_being_kept() -> None:
    asked = asked_of(outside(dkim=(SIGNED,)))
    assert Asking.model_validate_json(asked.model_dump_json()) == asked
    assert asked.client == OUTSIDER
    assert GATEWAY != OUTSIDER
