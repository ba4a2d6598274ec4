"""Whose a message and its documents are."""

from datetime import UTC, date, datetime

import pytest

from monitor.agencies import Registry, attribute
from monitor.model import (
    Attribution,
    Direction,
    DocumentFacts,
    Examined,
    Finding,
    Hop,
    ItemHeader,
    MailFacts,
    TimeSource,
)
from tests.agencies.attribution_samples import (
    BEFORE_MERGER,
    DURING,
    FOLDER,
    FROM_OUTSIDE,
    GATEWAY,
    OUTSIDER,
    SOURCE,
    SUBMITTED,
    document,
    examined,
    facts,
    folder_header,
    mail_header,
    province,
    signature,
)

REGISTRY = province()
OFFICIAL = "an@skhcn.tinh.gov.vn"
COLLEAGUE = "binh@skhcn.tinh.gov.vn"
OTHER_AGENCY = "chi@vp.tinh.gov.vn"


def of_mail(
    mail: MailFacts | None,
    header: ItemHeader | None = None,
    *documents: DocumentFacts,
    registry: Registry = REGISTRY,
) -> Attribution:
    return attribute(header or mail_header(OFFICIAL), examined(mail, *documents), registry, SOURCE)


def of_folder(header: ItemHeader, *documents: DocumentFacts) -> Attribution:
    return attribute(header, examined(None, *documents), REGISTRY, FOLDER)


# -- direction and ends -------------------------------------------------------------------------


def test_an_authenticated_officials_mail_is_out_for_its_agency() -> None:
    got = of_mail(facts(OFFICIAL))
    assert got.direction is Direction.OUT
    assert (got.sender, got.sender_agency) == (OFFICIAL, "so-khcn")
    assert got.recipient_agencies == ()
    assert got.findings == ()


def test_mail_between_two_agencies_is_out_for_one_and_names_the_other() -> None:
    got = of_mail(facts(OFFICIAL, to=(OTHER_AGENCY, COLLEAGUE, "x@example.org")))
    assert got.direction is Direction.OUT
    assert got.recipient_agencies == ("vp-ubnd",)


def test_mail_within_one_agency_is_internal() -> None:
    got = of_mail(facts(OFFICIAL, to=(COLLEAGUE,)))
    assert got.direction is Direction.INTERNAL
    assert (got.sender_agency, got.recipient_agencies) == ("so-khcn", ())


@pytest.mark.parametrize("to", [(COLLEAGUE, "x@example.org"), (COLLEAGUE, "broken"), ()])
def test_mail_is_not_internal_unless_every_recipient_is_of_the_agency(to: tuple[str, ...]) -> None:
    assert of_mail(facts(OFFICIAL, to=to)).direction is Direction.OUT


def test_envelope_recipients_count_beside_the_header_but_the_journal_address_does_not() -> None:
    header = mail_header(OFFICIAL, rcpt_to=(SOURCE.journal_address.upper(), OTHER_AGENCY))
    got = of_mail(facts(OFFICIAL, to=(COLLEAGUE,)), header)
    assert got.direction is Direction.OUT
    assert got.recipient_agencies == ("vp-ubnd",)


def test_mail_from_outside_is_in_for_every_agency_that_received_it() -> None:
    mail = facts("x@example.org", to=(OFFICIAL, OTHER_AGENCY, COLLEAGUE), hops=(FROM_OUTSIDE,))
    got = of_mail(mail, mail_header("x@example.org"))
    assert got.direction is Direction.IN
    assert got.recipient_agencies == ("so-khcn", "vp-ubnd")
    assert got.findings == (Finding.SENDER_UNKNOWN,)


# -- the sender ---------------------------------------------------------------------------------


def test_a_from_that_claims_an_agency_from_outside_is_in_and_unverified() -> None:
    got = of_mail(facts(OFFICIAL, to=(COLLEAGUE,), hops=(FROM_OUTSIDE,)))
    assert got.direction is Direction.IN
    assert (got.sender, got.sender_agency) == (None, None)
    assert got.findings == (Finding.SENDER_UNVERIFIED,)


def test_a_sender_header_that_claims_an_agency_is_unverified_too() -> None:
    mail = facts("x@example.org", hops=(FROM_OUTSIDE,), sender_address=OFFICIAL)
    assert of_mail(mail, mail_header("x@example.org")).findings == (Finding.SENDER_UNVERIFIED,)


def test_a_client_in_an_internal_network_submits_without_authentication() -> None:
    inside = Hop(from_address="10.8.3.4", protocol="ESMTP")
    assert of_mail(facts(OFFICIAL, hops=(inside,))).direction is Direction.OUT


@pytest.mark.parametrize("address", ["::ffff:10.8.3.4", "IPv6:::ffff:10.8.3.4", "[10.8.3.4]"])
def test_every_way_to_write_the_client_address_is_read(address: str) -> None:
    inside = Hop(from_address=address, protocol="ESMTP")
    assert of_mail(facts(OFFICIAL, hops=(inside,))).direction is Direction.OUT


@pytest.mark.parametrize("protocol", ["ESMTPA", "esmtpsa", "ASMTP", "UTF8SMTPSA", "HTTP", "MAPI"])
def test_every_word_for_an_authenticated_client_counts(protocol: str) -> None:
    hop = Hop(from_address=OUTSIDER, protocol=protocol)
    assert of_mail(facts(OFFICIAL, hops=(hop,))).direction is Direction.OUT


def test_hops_between_own_servers_are_walked_to_the_one_that_took_the_message() -> None:
    filtered = Hop(from_address="10.0.0.3", protocol="ESMTP")
    assert of_mail(facts(OFFICIAL, hops=(filtered, SUBMITTED))).direction is Direction.OUT
    assert of_mail(facts(OFFICIAL, hops=(filtered, FROM_OUTSIDE))).direction is Direction.IN


def test_authentication_between_own_servers_says_nothing_of_the_sender() -> None:
    relay = Hop(from_address="10.0.0.3", protocol="ESMTPSA")
    assert of_mail(facts(OFFICIAL, hops=(relay, FROM_OUTSIDE))).direction is Direction.IN


def test_a_web_client_on_an_own_server_submits_where_that_server_is_internal() -> None:
    zimbra = Hop(from_address="10.0.0.5", protocol="ESMTP")
    other = Hop(from_address="10.0.0.3", protocol="ESMTP")
    assert of_mail(facts(OFFICIAL, hops=(zimbra,))).direction is Direction.OUT
    assert of_mail(facts(OFFICIAL, hops=(zimbra, FROM_OUTSIDE))).direction is Direction.IN
    assert of_mail(facts(OFFICIAL, hops=(other,))).direction is Direction.IN


def test_a_received_header_below_the_gateways_own_is_never_believed() -> None:
    got = of_mail(facts(OFFICIAL, hops=(FROM_OUTSIDE, SUBMITTED)))
    assert got.direction is Direction.IN


def test_no_hop_is_believed_from_a_client_that_is_no_server_of_the_gateway() -> None:
    got = of_mail(facts(OFFICIAL), mail_header(OFFICIAL, peer=OUTSIDER))
    assert got.direction is Direction.IN


def test_no_hop_is_believed_where_none_is_configured() -> None:
    source = SOURCE.model_copy(update={"trusted_hops": ()})
    got = attribute(mail_header(OFFICIAL), examined(facts(OFFICIAL)), REGISTRY, source)
    assert got.direction is Direction.IN


@pytest.mark.parametrize("hop", [Hop(), Hop(protocol="ESMTP"), Hop(from_address="unknown")])
def test_a_hop_without_a_readable_client_proves_nothing(hop: Hop) -> None:
    assert of_mail(facts(OFFICIAL, hops=(hop,))).direction is Direction.IN


def test_a_shared_mailbox_of_the_senders_agency_in_from_is_aligned() -> None:
    header = mail_header("dung@stttt.tinh.gov.vn", received_at=BEFORE_MERGER)
    got = of_mail(facts("duong-day-nong@tinh.gov.vn"), header)
    assert (got.direction, got.sender_agency) == (Direction.OUT, "so-tttt")


@pytest.mark.parametrize(
    "authors", [(OTHER_AGENCY,), ("x@example.org",), (OFFICIAL, OTHER_AGENCY), (), ("nobody",)]
)
def test_an_authenticated_official_cannot_write_as_another_agency(authors: tuple[str, ...]) -> None:
    got = of_mail(facts(*authors))
    assert got.direction is Direction.IN
    assert got.sender is None
    assert got.findings == (Finding.SENDER_UNVERIFIED,)


def test_a_sender_that_the_source_reports_needs_no_hop() -> None:
    header = mail_header("", sender_reported="AN@skhcn.tinh.gov.vn")
    got = of_mail(facts(OTHER_AGENCY, hops=()), header)
    assert (got.direction, got.sender, got.sender_agency) == (Direction.OUT, OFFICIAL, "so-khcn")


def test_a_verified_sender_of_no_agency_is_unknown_and_in() -> None:
    got = of_mail(facts("x@example.org", to=(OFFICIAL,)), mail_header("x@example.org"))
    assert got.direction is Direction.IN
    assert (got.sender, got.sender_agency) == ("x@example.org", None)
    assert got.findings == (Finding.SENDER_UNKNOWN,)


def test_the_null_sender_never_counts_as_an_agencys_own_mail() -> None:
    reply = facts(OFFICIAL, automatic=True)
    assert of_mail(reply, mail_header("")).direction is Direction.IN
    assert of_mail(reply, mail_header("")).findings == ()
    spoofed = of_mail(facts(OFFICIAL, automatic=True, hops=(FROM_OUTSIDE,)), mail_header(""))
    assert spoofed.findings == (Finding.SENDER_UNVERIFIED,)


def test_a_message_that_no_child_could_read_is_in_with_what_the_envelope_claims() -> None:
    assert of_mail(None).findings == (Finding.SENDER_UNVERIFIED,)
    assert of_mail(None, mail_header("x@example.org")).findings == (Finding.SENDER_UNKNOWN,)


def test_without_an_envelope_nobody_is_verified() -> None:
    header = mail_header(OFFICIAL).model_copy(update={"envelope": None})
    assert of_mail(facts(OFFICIAL), header).direction is Direction.IN


# -- the day ------------------------------------------------------------------------------------


def test_a_message_counts_for_the_agency_of_the_day_it_was_received() -> None:
    sender = "dung@stttt.tinh.gov.vn"
    before = of_mail(facts(sender), mail_header(sender, received_at=BEFORE_MERGER))
    after = of_mail(facts(sender), mail_header(sender, received_at=DURING))
    assert (before.sender_agency, after.sender_agency) == ("so-tttt", "ubnd")


def test_days_are_vietnam_days() -> None:
    sender = "dung@stttt.tinh.gov.vn"
    late = datetime(2025, 2, 28, 17, 0, tzinfo=UTC)  # 1 March, 00:00 in Vietnam
    got = of_mail(facts(sender), mail_header(sender, received_at=late))
    assert got.sender_agency == "ubnd"


def test_a_replayed_message_counts_on_the_day_the_gateway_took_it() -> None:
    sender = "dung@stttt.tinh.gov.vn"
    hop = SUBMITTED.model_copy(update={"at": BEFORE_MERGER})
    replayed = of_mail(facts(sender, hops=(hop,)), mail_header(sender, live=False))
    live = of_mail(facts(sender, hops=(hop,)), mail_header(sender))
    assert (replayed.sender_agency, live.sender_agency) == ("so-tttt", "ubnd")


@pytest.mark.parametrize("at", [datetime.max.replace(tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)])
def test_a_replayed_hop_of_the_future_does_not_move_the_day(at: datetime) -> None:
    hop = SUBMITTED.model_copy(update={"at": at})
    got = of_mail(facts(OFFICIAL, hops=(hop,)), mail_header(OFFICIAL, live=False))
    assert got.sender_agency == "so-khcn"


# -- documents ----------------------------------------------------------------------------------


def test_documents_of_outgoing_mail_are_issued_by_the_sending_agency() -> None:
    got = of_mail(facts(OFFICIAL), None, document(signature("MNS:300")), document())
    assert [(d.issuer, d.signer_agencies, d.relayed) for d in got.documents] == [
        ("so-khcn", ("so-khcn",), False),
        ("so-khcn", (), False),
    ]
    assert got.findings == ()


def test_documents_of_incoming_mail_are_issued_by_nobody_but_their_signers_are_named() -> None:
    mail = facts("x@example.org", hops=(FROM_OUTSIDE,))
    got = of_mail(mail, mail_header("x@example.org"), document(signature("MNS:300")))
    (owned,) = got.documents
    assert (owned.issuer, owned.signer_agencies, owned.relayed) == (None, ("so-khcn",), False)
    assert got.findings == (Finding.SENDER_UNKNOWN,)


def test_a_document_whose_valid_signatures_are_all_of_others_is_relayed() -> None:
    got = of_mail(facts(OFFICIAL), None, document(signature("MNS:100"), signature("MNS:101")))
    assert got.documents[0].relayed
    assert got.findings == (Finding.RELAYED,)


def test_one_valid_signature_of_the_issuer_makes_the_document_its_own() -> None:
    got = of_mail(facts(OFFICIAL), None, document(signature("MNS:100"), signature("MNS:300")))
    assert not got.documents[0].relayed
    assert got.documents[0].signer_agencies == ("ubnd", "so-khcn")


def test_an_invalid_signature_neither_relays_nor_owns() -> None:
    broken = signature("MNS:300", valid=False)
    assert not of_mail(facts(OFFICIAL), None, document(broken)).documents[0].relayed
    got = of_mail(facts(OFFICIAL), None, document(broken, signature("MNS:100")))
    assert got.documents[0].relayed


def test_a_document_time_stamp_is_no_signature_of_anybody() -> None:
    stamp = signature("MNS:100", counts=False)
    assert not of_mail(facts(OFFICIAL), None, document(stamp)).documents[0].relayed


def test_a_valid_signature_of_nobody_known_is_said_and_not_called_relayed() -> None:
    got = of_mail(facts(OFFICIAL), None, document(signature("MNS:9"), signature("MNS:100")))
    assert not got.documents[0].relayed
    assert got.documents[0].signer_agencies == (None, "ubnd")
    assert got.findings == (Finding.SIGNER_UNATTRIBUTED,)


def test_a_unit_that_signs_for_its_superior_signs_as_the_superior() -> None:
    got = of_folder(folder_header("ubnd"), document(signature("MNS:101")))
    assert got.documents[0].signer_agencies == ("ubnd",)
    assert not got.documents[0].relayed
    # and the other way round it does not hold
    header = mail_header(OTHER_AGENCY)
    got = of_mail(facts(OTHER_AGENCY), header, document(signature("MNS:100")))
    assert got.documents[0].relayed


def test_what_the_predecessor_signed_and_the_successor_sends_is_the_successors() -> None:
    stamped = signature(
        "MNS:200", signing_time=BEFORE_MERGER, signing_time_source=TimeSource.TIMESTAMP
    )
    claimed = signature(
        "MNS:200", signing_time=BEFORE_MERGER, signing_time_source=TimeSource.CLAIMED
    )
    for one in (stamped, claimed):
        got = of_folder(folder_header("so-khcn"), document(one))
        assert got.documents[0].signer_agencies == ("so-khcn",)
        assert not got.documents[0].relayed


def test_before_the_merger_the_predecessors_document_is_another_agencys() -> None:
    header = folder_header("so-khcn", received_at=BEFORE_MERGER)
    got = of_folder(header, document(signature("MNS:200")))
    assert got.documents[0].signer_agencies == ("so-tttt",)
    assert got.documents[0].relayed


# -- folders ------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["so-khcn", "SO-KHCN", "H53.40"])
def test_a_folders_document_is_issued_by_the_agency_it_claims(written: str) -> None:
    got = of_folder(folder_header(written), document())
    assert (got.direction, got.sender_agency) == (None, "so-khcn")
    assert got.documents[0].issuer == "so-khcn"
    assert got.findings == ()


@pytest.mark.parametrize("claimed", ["vp-ubnd", "so-tttt", "nobody", ""])
def test_a_folder_cannot_speak_for_other_or_unknown_agencies(claimed: str) -> None:
    got = of_folder(folder_header(claimed), document())
    assert got.sender_agency is None
    assert got.documents[0].issuer is None
    assert got.findings == (Finding.AGENCY_UNKNOWN,)


def test_a_late_delivered_document_counts_for_the_agency_of_its_dispatch() -> None:
    folder = FOLDER.model_copy(update={"agencies": ("so-tttt",)})
    item: Examined = examined(None, document(signature("MNS:200")))
    sent = folder_header("so-tttt", sent_at=BEFORE_MERGER)
    issued = folder_header("so-tttt", issued_on=date(2025, 2, 28))
    for header in (sent, issued):
        got = attribute(header, item, REGISTRY, folder)
        assert got.documents[0].issuer == "so-tttt"


def test_a_document_cannot_be_dated_into_the_future() -> None:
    header = folder_header(
        "so-khcn", received_at=BEFORE_MERGER, sent_at=datetime.max.replace(tzinfo=UTC)
    )
    got = of_folder(header, document(signature("MNS:200")))
    assert got.documents[0].signer_agencies == ("so-tttt",)


def test_a_folder_item_without_a_claim_is_nobodys() -> None:
    header = folder_header("so-khcn").model_copy(update={"claim": None})
    assert of_folder(header, document()).findings == (Finding.AGENCY_UNKNOWN,)


def test_the_sample_gateway_is_one_of_the_trusted_hops() -> None:
    """Guards the tests above: were the peer not trusted, every `in` would prove nothing."""
    assert of_mail(facts(OFFICIAL), mail_header(OFFICIAL, peer=GATEWAY)).sender == OFFICIAL
