"""Who uses free mail, by the way it does; and what strangers may write without accusing anybody."""

import unicodedata
from datetime import date
from typing import Any

import pytest

from monitor.agencies import (
    FreemailList,
    attribute,
    freemail_uses,
    mail_day,
    reverse_path,
    with_freemail,
)
from monitor.agencies.freemail import proven
from monitor.agencies.srs import Rewritten, rewritten
from monitor.model import (
    Attribution,
    Direction,
    Finding,
    Forwarding,
    ForwardMark,
    FreemailWay,
    Hop,
    Journal,
    JournalRecipient,
    JournalReport,
    MailFacts,
    Origin,
)
from monitor.settings import FreemailSettings
from tests.agencies.attribution_samples import (
    FROM_OUTSIDE,
    GATEWAY,
    PROVINCE,
    SOURCE,
    SUBMITTED,
    document,
    examined,
    facts,
    mail_header,
    registry_of,
)

REGISTRY = registry_of(
    PROVINCE
    + """
[[agencies]]
code = "xa-b"
name = "UBND xã B"
level = "commune"
parent = "ubnd"
domains = ["xab.tinh.gov.vn", "xab.vnn.vn"]
addresses = ["ubnd.xab@gmail.com"]
"""
)
LISTED = FreemailList.load(FreemailSettings())
STORE = "10.0.0.3"
"""The server of the mailboxes: one of the gateway's own."""
OFFICER = "a@skhcn.tinh.gov.vn"
OTHER = "vanthu@vp.tinh.gov.vn"
STRANGER = "ban@example.org"
PRIVATE = "rieng@gmail.com"


def hop(client: str, recipient: str | None = None, protocol: str = "ESMTP") -> Hop:
    return Hop(
        from_host="h", from_address=client, by_host="mx", protocol=protocol, recipient=recipient
    )


def delivered(recipient: str | None) -> tuple[Hop, ...]:
    """A message from outside on its way into the store."""
    return (hop(GATEWAY, protocol="LMTP"), hop("203.0.113.9", recipient, "ESMTPS"))


def sent_on(recipient: str | None, first: str | None = None) -> tuple[Hop, ...]:
    """The same, handed in again by the store."""
    return (hop(STORE, recipient), *delivered(first))


def attributed(
    mail: MailFacts,
    mail_from: str = STRANGER,
    *,
    documents: int = 1,
    origin: Origin | None = None,
    listed: FreemailList = LISTED,
    **envelope: Any,
) -> Attribution:
    header = mail_header(mail_from, **envelope)
    said = examined(mail, *[document() for _ in range(documents)])
    found = attribute(header, said, REGISTRY, SOURCE)
    if origin:
        found = found.model_copy(update={"origin": origin})
    uses = freemail_uses(
        header,
        said,
        found,
        reverse_path(header, mail),
        REGISTRY.at(mail_day(header, mail, SOURCE)),
        listed,
        SOURCE,
    )
    return with_freemail(found, uses)


def uses(*given: Any, **more: Any) -> set[tuple[str | None, str]]:
    return {(use.agency, use.way.value) for use in attributed(*given, **more).freemail}


# -- to and from -----------------------------------------------------------------------------------


def test_an_agencys_documents_to_a_free_mail_address_go_by_free_mail() -> None:
    assert uses(facts(OFFICER, to=(PRIVATE,)), OFFICER) == {("so-khcn", "to")}


def test_without_a_document_it_is_no_official_correspondence() -> None:
    assert uses(facts(OFFICER, to=(PRIVATE,)), OFFICER, documents=0) == set()


def test_a_spoofed_sender_accuses_no_agency_of_writing_to_free_mail() -> None:
    spoofed = facts(OFFICER, to=(PRIVATE, OTHER), hops=(FROM_OUTSIDE,))
    assert uses(spoofed, OFFICER) == set()


def test_a_hidden_recipient_that_the_gateway_was_told_is_the_authors_choice() -> None:
    sent = Hop(
        from_host="h", from_address="198.51.100.7", by_host="mx", protocol="ESMTPSA",
        recipient=PRIVATE,
    )  # fmt: skip
    assert uses(facts(OFFICER, to=(OTHER,), hops=(sent,)), OFFICER) == {("so-khcn", "to")}


def test_a_hidden_free_address_beside_the_authors_own_agency_is_no_internal_mail() -> None:
    sent = hop("198.51.100.7", PRIVATE, "ESMTPSA")
    mail = facts(OFFICER, to=("b@skhcn.tinh.gov.vn",), hops=(sent,))
    assert attributed(mail, OFFICER).direction is Direction.INTERNAL
    assert uses(mail, OFFICER) == {("so-khcn", "to")}


def test_documents_from_free_mail_count_for_each_agency_that_gets_them() -> None:
    mail = facts(PRIVATE, to=(OFFICER, OTHER, STRANGER), hops=(FROM_OUTSIDE,))
    assert uses(mail, PRIVATE) == {("so-khcn", "from"), ("vp-ubnd", "from")}
    assert uses(mail, PRIVATE, documents=0) == set()


def test_what_claims_to_be_free_mail_is_counted_as_it_claims_even_if_unaligned() -> None:
    mail = facts(PRIVATE, to=(OFFICER,), hops=(FROM_OUTSIDE,))
    assert uses(mail, PRIVATE, origin=Origin.UNALIGNED) == {("so-khcn", "from")}


def test_automatic_and_internal_mail_is_out() -> None:
    assert uses(facts(OFFICER, to=(PRIVATE,), automatic=True), OFFICER) == set()
    assert uses(facts(PRIVATE, to=(OFFICER,), hops=(FROM_OUTSIDE,), automatic=True)) == set()
    inside = facts(OFFICER, to=("b@skhcn.tinh.gov.vn",))
    assert uses(inside, OFFICER) == set()


# -- an agency's own address at free mail ----------------------------------------------------------


@pytest.mark.parametrize("origin", [Origin.ALIGNED, Origin.UNKNOWN])
def test_an_agency_that_writes_from_its_free_address_is_known(origin: Origin) -> None:
    mail = facts("ubnd.xab@gmail.com", to=(OFFICER,), hops=(FROM_OUTSIDE,))
    known = {("xa-b", "account")}
    assert uses(mail, documents=0, origin=origin) == known
    assert uses(mail, origin=origin) == known | {("so-khcn", "from")}


def test_somebody_of_another_agency_who_logs_in_accuses_none_by_its_free_address() -> None:
    mail = facts("ubnd.xab@gmail.com", to=(OTHER,), hops=(SUBMITTED,))
    assert attributed(mail, OFFICER).origin is Origin.INTERNAL
    assert uses(mail, OFFICER, documents=0) == set()
    own = facts("ubnd.xab@gmail.com", to=(OTHER,), hops=(SUBMITTED,))
    assert uses(own, "vanthu@xab.tinh.gov.vn", documents=0) == {("xa-b", "account")}


def test_an_agency_is_not_accused_of_what_is_proven_not_to_come_from_its_address() -> None:
    mail = facts("ubnd.xab@gmail.com", to=(OFFICER,), hops=(FROM_OUTSIDE,))
    assert uses(mail, documents=0, origin=Origin.UNALIGNED) == set()
    found = attributed(mail)
    assert proven(found.freemail, Origin.UNALIGNED) == tuple(
        use for use in found.freemail if use.way is FreemailWay.FROM
    )


# -- the list --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "x@GMAIL.com",
        "x@yahoo.com.vn",
        "x@hcm.vnn.vn",
        "x@mail.yandex.ru",
        "x@gmail.com.",
        "x@\uff47mail.com",
        "x@gmail\u3002com",
        "x@gm\u00adail.com",
    ],
)
def test_free_mail_is_known_in_any_case_and_below_a_listed_domain(address: str) -> None:
    assert LISTED.is_free(address, REGISTRY.at(date(2026, 3, 10)))


@pytest.mark.parametrize(
    "address",
    [
        "x@gmail.com.example.org", "x@notgmail.com", "x@gmial.com", "x@vnpt.vn", "x@gov.vn", "x@vn",
        "x@gma\u0131l.com", "gmail.com", "", "x@" + "a." * 500 + "gmail.com", "x@xab.vnn.vn",
        "x@thu.skhcn.tinh.gov.vn",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_is_not(address: str) -> None:
    assert not LISTED.is_free(address, REGISTRY.at(date(2026, 3, 10)))


def test_settings_add_domains_and_take_them_away_the_nearest_decides() -> None:
    listed = FreemailList.load(
        FreemailSettings(domains=("thu.example.vn",), official=("hcm.vnn.vn", "qq.com"))
    )
    said = {domain: listed.lists(domain) for domain in ("a.thu.example.vn", "example.vn")}
    assert said == {"a.thu.example.vn": True, "example.vn": False}
    said = {domain: listed.lists(domain) for domain in ("q1.hcm.vnn.vn", "hn.vnn.vn", "vip.qq.com")}
    assert said == {"q1.hcm.vnn.vn": False, "hn.vnn.vn": True, "vip.qq.com": False}


def test_an_internationalised_domain_is_one_with_its_a_label() -> None:
    listed = FreemailList.load(FreemailSettings(domains=("xn--thring-lva59m.example",)))
    view = REGISTRY.at(date(2026, 3, 10))
    composed = "thưriêng.example"
    for spelled in (composed, "THƯRIÊNG.Example.", unicodedata.normalize("NFD", composed)):
        assert listed.is_free(f"x@{spelled}", view)


# -- sent on by itself -----------------------------------------------------------------------------

SIEVE = Forwarding(marks=(ForwardMark(by=(OFFICER,), hops_above=1),))


def from_outside(*, to: tuple[str, ...] = (OFFICER,), hops: tuple[Hop, ...], **more: Any) -> Any:
    return facts(STRANGER, to=to, hops=hops, **more)


def test_a_mailbox_that_redirects_is_named_by_the_field_that_its_own_server_wrote() -> None:
    mail = from_outside(to=(OFFICER, OTHER), hops=sent_on(PRIVATE), forwarding=SIEVE)
    assert uses(mail, documents=0) == {("so-khcn", "forwarded")}
    assert Finding.FORWARDED_PRIVATELY in attributed(mail).findings


def test_a_redirect_to_another_official_mailbox_is_no_free_mail() -> None:
    mail = from_outside(hops=sent_on(OTHER, OFFICER), forwarding=SIEVE)
    assert uses(mail) == set()


def test_who_redirects_to_an_official_mailbox_is_not_accused_of_where_that_redirects_to() -> None:
    marks = (ForwardMark(by=(OTHER,), hops_above=1), ForwardMark(by=(OFFICER,), hops_above=3))
    hops = (hop(STORE, PRIVATE), hop(GATEWAY, protocol="LMTP"), hop(STORE, OTHER), *delivered(None))
    mail = from_outside(hops=hops, forwarding=Forwarding(marks=marks))
    assert uses(mail) == {("vp-ubnd", "forwarded")}


def test_an_alias_or_a_forward_file_names_its_mailbox_by_delivered_to() -> None:
    passed_on = Hop(by_host="store")  # Postfix local(8): no client; Delivered-To right below it
    hops = (hop(STORE, PRIVATE), passed_on, hop(GATEWAY), hop("203.0.113.9", None, "ESMTPS"))
    mark = Forwarding(marks=(ForwardMark(by=(OFFICER,), hops_above=2),))
    mail = from_outside(to=("danh-sach@example.org",), hops=hops, forwarding=mark)
    assert uses(mail, documents=0) == {("so-khcn", "forwarded")}
    # Without the field nobody says who; the sender is the stranger's still.
    assert uses(from_outside(hops=hops), documents=0) == {(None, "forwarded")}


def test_the_last_mailbox_that_had_it_led_out_whatever_field_says_so() -> None:
    """An alias of one agency leads to a mailbox of another, which redirects without a mark."""
    hops = (
        hop(STORE, PRIVATE), hop(GATEWAY, protocol="LMTP"), hop(STORE, OTHER), *delivered(OFFICER)
    )  # fmt: skip
    older = Forwarding(marks=(ForwardMark(by=(OFFICER,), hops_above=3),))
    assert uses(from_outside(hops=hops, forwarding=older)) == {("vp-ubnd", "forwarded")}
    newer = Forwarding(marks=(ForwardMark(by=(OFFICER,), hops_above=1),))
    assert uses(from_outside(hops=hops, forwarding=newer)) == {("so-khcn", "forwarded")}
    nobodys = Forwarding(marks=(ForwardMark(by=("kho@example.net",), hops_above=1),))
    assert uses(from_outside(hops=hops, forwarding=nobodys)) == set()


def test_delivered_inside_first_and_to_free_mail_after_it_was_sent_on() -> None:
    mail = from_outside(to=("danh-sach@example.org",), hops=sent_on(PRIVATE, OFFICER))
    assert uses(mail, documents=0) == {("so-khcn", "forwarded")}


def test_internal_mail_that_is_redirected_accuses_the_mailbox_and_not_the_author() -> None:
    submitted = hop("198.51.100.7", OTHER, "ESMTPSA")
    hops = (hop(STORE, PRIVATE), hop(GATEWAY, protocol="LMTP"), submitted)
    found = uses(facts(OFFICER, to=(OTHER,), hops=hops), OFFICER)
    assert found == {("vp-ubnd", "forwarded")}


def test_whom_a_stranger_puts_into_to_is_not_accused_by_one_copy_alone() -> None:
    mail = from_outside(hops=sent_on(PRIVATE))
    assert uses(mail, documents=0) == {(None, "forwarded")}


def test_of_several_agencies_nobody_can_say_which_sent_it_on() -> None:
    mail = from_outside(to=(OFFICER, OTHER), hops=sent_on(PRIVATE))
    assert uses(mail, documents=0) == {(None, "forwarded")}


LIST = "tat-ca@tinh.gov.vn"
AT_THE_END = Forwarding(marks=(ForwardMark(by=(OFFICER,), hops_above=3),))


@pytest.mark.parametrize(
    ("mail_from", "forwarding"),
    [
        (OFFICER, None),
        ("SRS0=HHH=TT=example.org=ban@skhcn.tinh.gov.vn", None),
        (STRANGER, AT_THE_END),
        (OFFICER, AT_THE_END),
    ],
)
def test_who_may_have_sent_it_on_keeps_whom_it_was_addressed_to_from_being_accused(
    mail_from: str, forwarding: Forwarding | None
) -> None:
    """As Zimbra does for a member of a list: its field at the end, its sender on the envelope."""
    mail = from_outside(to=(LIST,), hops=sent_on(PRIVATE), forwarding=forwarding)
    assert uses(mail, mail_from, documents=0) == {(None, "forwarded")}
    assert set(attributed(mail, mail_from).recipient_agencies) == {"ubnd", "so-khcn"}
    alone = from_outside(to=(LIST,), hops=sent_on(PRIVATE))
    assert attributed(alone).recipient_agencies == ("ubnd",)


def test_who_claims_to_be_an_agency_is_no_recipient_of_what_did_not_leave() -> None:
    mail = from_outside(to=(OTHER,), hops=(FROM_OUTSIDE,), forwarding=AT_THE_END)
    assert attributed(mail, OFFICER).recipient_agencies == ("vp-ubnd",)


def test_what_the_sender_himself_addressed_to_free_mail_was_not_sent_on() -> None:
    mail = from_outside(to=(OFFICER, PRIVATE), hops=sent_on(PRIVATE))
    assert uses(mail) == set()


def test_who_hands_in_anothers_message_by_a_rewritten_sender_sent_it_on() -> None:
    outside_store = "10.8.1.1"  # an internal network, not a hop that is believed
    mail = from_outside(to=(OFFICER, OTHER), hops=(hop(outside_store, PRIVATE),))
    by_login = from_outside(to=(OFFICER, OTHER), hops=(hop(outside_store, PRIVATE, "ESMTPSA"),))
    rewriting = "SRS0=HHH=TT=example.org=ban@skhcn.tinh.gov.vn"
    assert uses(by_login, rewriting) == {("so-khcn", "forwarded")}
    assert uses(by_login, OFFICER) == {("so-khcn", "forwarded")}
    # A server that only redirects leaves the sender as a stranger may have written it.
    assert uses(mail, rewriting) == {(None, "forwarded")}
    assert uses(mail, OFFICER) == {(None, "forwarded")}
    assert uses(mail, STRANGER) == set()


def test_a_message_resent_by_an_account_is_of_that_account_alone() -> None:
    def resent(by: str) -> MailFacts:
        mark = ForwardMark(by=(by,), to=(PRIVATE,), hops_above=1, resent=True)
        forwarding = Forwarding(marks=(mark,))
        return facts(STRANGER, to=(OFFICER,), hops=(SUBMITTED,), forwarding=forwarding)

    assert uses(resent(OFFICER), OFFICER) == {("so-khcn", "forwarded")}
    assert uses(resent(OTHER), OFFICER) == set()  # somebody logged in accuses another


def test_a_rule_that_writes_a_new_message_says_so_of_its_own_mailbox() -> None:
    by_rule = Forwarding(marks=(ForwardMark(),))
    mail = facts(OFFICER, to=(PRIVATE,), automatic=True, forwarding=by_rule)
    assert uses(mail, OFFICER) == {("so-khcn", "forwarded")}
    outside = facts(OFFICER, to=(PRIVATE,), hops=(FROM_OUTSIDE,), forwarding=by_rule)
    assert uses(outside, OFFICER) == set()


def test_newsletters_that_are_sent_on_are_no_official_correspondence() -> None:
    automatic = SIEVE.model_copy(update={"otherwise_automatic": True})
    mail = from_outside(hops=sent_on(PRIVATE), automatic=True, forwarding=automatic)
    assert uses(mail) == set()


# -- what strangers write --------------------------------------------------------------------------

FORGED = (
    ForwardMark(by=(OFFICER,), to=(PRIVATE,), hops_above=1, resent=True),
    ForwardMark(by=(OFFICER,), to=(PRIVATE,), hops_above=2),
    ForwardMark(by=(OFFICER,), to=(PRIVATE,), hops_above=3, resent=True),
    ForwardMark(),
)


@pytest.mark.parametrize("mark", FORGED)
def test_fields_that_came_with_a_message_accuse_nobody(mark: ForwardMark) -> None:
    forged = Forwarding(marks=(mark,))
    mail = from_outside(to=(OTHER,), hops=(FROM_OUTSIDE,), forwarding=forged)
    assert uses(mail, OFFICER) == set()
    assert uses(mail, "SRS0=HHH=TT=gmail.com=rieng@skhcn.tinh.gov.vn") == set()


def test_received_fields_that_came_with_a_message_accuse_nobody() -> None:
    forged = (FROM_OUTSIDE, hop(STORE, PRIVATE), hop(GATEWAY, OFFICER))
    assert uses(from_outside(to=(OTHER,), hops=forged)) == set()


def test_a_client_that_is_no_gateway_proves_nothing_by_its_header() -> None:
    mail = from_outside(hops=sent_on(PRIVATE, OFFICER), forwarding=SIEVE)
    assert uses(mail, peer="203.0.113.9") == set()


def test_a_forged_field_does_not_lead_away_from_the_mailbox_that_sent_it_on() -> None:
    forged = ForwardMark(by=(OTHER,), to=(PRIVATE,), hops_above=3, resent=True)
    mail = from_outside(
        to=(OFFICER, OTHER), hops=sent_on(PRIVATE, OFFICER), forwarding=Forwarding(marks=(forged,))
    )
    assert uses(mail, "SRS0=HHH=TT=example.org=ban@vp.tinh.gov.vn") == {("so-khcn", "forwarded")}


# -- Exchange --------------------------------------------------------------------------------------


def journaled(*recipients: JournalRecipient, internal: bool, **more: Any) -> JournalReport:
    values: dict[str, Any] = {"sender": STRANGER, "by_exchange": True, "internal": internal}
    return JournalReport(recipients=recipients, **(values | more))


def by_exchange(mail: MailFacts, mail_from: str = STRANGER) -> set[tuple[str | None, str]]:
    header = mail_header(mail_from).model_copy(update={"journal": Journal.EXCHANGE})
    source = SOURCE.model_copy(update={"journal": Journal.EXCHANGE})
    said = examined(mail, document())
    found = attribute(header, said, REGISTRY, source)
    view = REGISTRY.at(date(2026, 3, 10))
    written = reverse_path(header, mail)
    given = freemail_uses(header, said, found, written, view, LISTED, source)
    return {(use.agency, use.way.value) for use in given}


def test_exchange_reports_which_mailbox_forwarded() -> None:
    report = journaled(
        JournalRecipient(address=OFFICER),
        JournalRecipient(address=PRIVATE, forwarded_from=OFFICER),
        internal=False,
    )
    mail = facts(STRANGER, to=(OFFICER, OTHER, PRIVATE), hops=(), journal=report)
    assert by_exchange(mail) == {("so-khcn", "forwarded")}


@pytest.mark.parametrize(("named", "found"), [(True, set()), (False, {(None, "forwarded")})])
def test_whom_an_application_wrote_to_by_exchange_without_a_login_was_not_forwarded_to(
    *, named: bool, found: set[tuple[str | None, str]]
) -> None:
    report = journaled(
        JournalRecipient(address=PRIVATE, named=named),
        JournalRecipient(address=OFFICER, named=True),
        internal=False,
        sender="mot-cua@dichvu.example",
    )
    mail = facts("mot-cua@dichvu.example", to=(PRIVATE, OFFICER), hops=(), journal=report)
    assert by_exchange(mail) == found


def test_an_internal_author_is_not_blamed_for_whom_a_rule_forwarded_to() -> None:
    report = journaled(
        JournalRecipient(address=OTHER),
        JournalRecipient(address=PRIVATE, forwarded_from=OTHER),
        internal=True,
        sender=OFFICER,
    )
    mail = facts(OFFICER, to=(OTHER, PRIVATE), hops=(), journal=report)
    assert by_exchange(mail) == {("vp-ubnd", "forwarded")}


def test_a_report_that_a_stranger_wrote_accuses_nobody() -> None:
    report = journaled(
        JournalRecipient(address=PRIVATE, forwarded_from=OFFICER), internal=False, by_exchange=False
    )
    mail = facts(STRANGER, to=(OFFICER, PRIVATE), hops=(), journal=report)
    assert by_exchange(mail) == set()
    mailed = journaled(
        JournalRecipient(address=PRIVATE, forwarded_from=OFFICER),
        internal=False,
        hops=(FROM_OUTSIDE,),
    )
    assert by_exchange(facts(STRANGER, to=(OFFICER,), hops=(), journal=mailed)) == set()


# -- rewritten senders -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("SRS0=Hx=TT=example.org=ban@so.vn", Rewritten("ban@example.org", "so.vn")),
        ("srs0+Hx=TT=example.org=ban=x@so.vn", Rewritten("ban=x@example.org", "so.vn")),
        ("SRS1=Hx=a.vn==HHH=TT=example.org=ban@so.vn", Rewritten("ban@example.org", "so.vn")),
        ("SRS0=Hx=TT=example.org@so.vn", None),
        ("SRS0=Hx=TT=example.org=ban", None),
        ("ban@example.org", None),
        ("SRS0=" + "=" * 5000 + "@so.vn", None),
        ("", None),
    ],
)
def test_rewritten_senders_are_read(address: str, expected: Rewritten | None) -> None:
    assert rewritten(address) == expected
