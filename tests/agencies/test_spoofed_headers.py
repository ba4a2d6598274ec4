"""Nothing that an outsider can write makes a message an agency's own."""

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from monitor.agencies import attribute
from monitor.agencies.hops import SUBMISSION_PROTOCOLS
from monitor.model import Direction, Finding, Hop, MailFacts
from tests.agencies.attribution_samples import (
    OUTSIDER,
    SOURCE,
    document,
    examined,
    mail_header,
    province,
    signature,
)

REGISTRY = province()
ADDRESSES = st.one_of(
    st.sampled_from([
        "an@skhcn.tinh.gov.vn", "chi@vp.tinh.gov.vn", "x@tinh.gov.vn", "x@example.org",
        "AN@SKHCN.TINH.GOV.VN", "an@skhcn.tinh.gov.vn ", "", SOURCE.journal_address,
    ]),
    st.text(max_size=30),
)  # fmt: skip
IPS = st.one_of(
    st.sampled_from([
        "10.0.0.4", "10.0.0.5", "10.8.1.1", "127.0.0.1", "::ffff:10.0.0.4", "[10.0.0.5]",
        "IPv6:::ffff:10.8.0.1", "198.51.100.7",
    ]),
    st.text(max_size=20),
    st.none(),
)  # fmt: skip
PROTOCOLS = st.one_of(st.sampled_from([*SUBMISSION_PROTOCOLS, "ESMTP"]), st.text(max_size=9))
WRITTEN_HOPS = st.lists(
    st.builds(
        Hop,
        from_host=st.text(max_size=9) | st.none(),
        from_address=IPS,
        by_host=st.sampled_from(["mx.tinh.gov.vn", "x"]) | st.none(),
        protocol=PROTOCOLS | st.none(),
        at=st.datetimes(timezones=st.just(UTC)) | st.none(),
    ),
    max_size=5,
)
OWN_RELAYS = st.lists(
    st.builds(
        Hop,
        from_address=st.sampled_from(["10.0.0.1", "10.0.0.4", "10.0.0.5"]),
        protocol=st.sampled_from(["ESMTP", "ESMTPS", "ESMTPSA", "LMTP"]),
    ),
    max_size=3,
)
TAKEN_FROM_OUTSIDE = st.builds(
    Hop,
    from_address=st.sampled_from([OUTSIDER, "2001:db8::9", "unknown", ""]) | st.none(),
    from_host=st.text(max_size=20) | st.none(),
    protocol=st.sampled_from(["ESMTP", "ESMTPS", "SMTP", "UTF8SMTP", "UTF8SMTPS"]) | st.none(),
)
MAILS = st.builds(
    MailFacts,
    message_key=st.just("0" * 64),
    message_id=st.text(max_size=9) | st.none(),
    date=st.datetimes(timezones=st.just(UTC)) | st.none(),
    from_addresses=st.lists(ADDRESSES, max_size=3).map(tuple),
    sender_address=ADDRESSES | st.none(),
    recipients=st.lists(ADDRESSES, max_size=4).map(tuple),
    automatic=st.booleans(),
)


@given(MAILS, OWN_RELAYS, TAKEN_FROM_OUTSIDE, WRITTEN_HOPS, ADDRESSES, st.booleans())
def test_no_header_of_an_outsider_ever_makes_mail_an_agencys_own(
    mail: MailFacts,
    relays: list[Hop],
    taken: Hop,
    written: list[Hop],
    mail_from: str,
    live: bool,
) -> None:
    """The gateway's servers wrote the hops down to `taken`; the outsider wrote all else."""
    mail = mail.model_copy(update={"hops": (*relays, taken, *written)})
    item = examined(mail, document(signature("MNS:300")))
    got = attribute(mail_header(mail_from, live=live), item, REGISTRY, SOURCE)
    assert got.direction is Direction.IN
    assert (got.sender, got.sender_agency) == (None, None)
    assert all(owned.issuer is None and not owned.relayed for owned in got.documents)
    assert set(got.findings) <= {Finding.SENDER_UNKNOWN, Finding.SENDER_UNVERIFIED}


@given(MAILS, WRITTEN_HOPS, ADDRESSES, st.sampled_from([OUTSIDER, "::1", "", "10.0.0.99"]))
def test_a_copy_from_an_unlisted_server_is_believed_in_nothing(
    mail: MailFacts, written: list[Hop], mail_from: str, peer: str
) -> None:
    mail = mail.model_copy(update={"hops": tuple(written)})
    got = attribute(mail_header(mail_from, peer=peer), examined(mail), REGISTRY, SOURCE)
    assert got.direction is Direction.IN
    assert got.sender is None


@given(MAILS, WRITTEN_HOPS, ADDRESSES)
def test_an_authenticated_official_never_speaks_for_an_agency_but_the_envelope_senders(
    mail: MailFacts, written: list[Hop], mail_from: str
) -> None:
    submitted = Hop(from_address=OUTSIDER, protocol="ESMTPSA")
    mail = mail.model_copy(update={"hops": (submitted, *written)})
    header = mail_header(mail_from)
    got = attribute(header, examined(mail), REGISTRY, SOURCE)
    owner = REGISTRY.at(header.received_at.date()).by_address(mail_from)
    assert got.sender_agency in {None, owner.code if owner else None}
