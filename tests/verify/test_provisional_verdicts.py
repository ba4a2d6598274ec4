"""A good verdict stays provisional until data from after the time of proof has been seen."""

from datetime import datetime, timedelta

import pytest
from cryptography.x509 import ReasonFlags

from monitor.model import (
    Cause,
    Finding,
    Indication,
    Moment,
    Revocation,
    Signature,
    SubIndication,
    TimeSource,
)
from monitor.verify.cms import cms_facts
from monitor.verify.conclusion import conclude
from monitor.verify.facts import SignerFacts
from monitor.verify.trust import TrustStore
from tests.verify import making as make
from tests.verify.list_making import Revoked, answer, listing
from tests.verify.making import DAY, NOW

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def facts() -> SignerFacts:
    (found,) = cms_facts(make.cms(b"van ban", attached=True), None).signers
    return found


@pytest.fixture(scope="module")
def stamped() -> SignerFacts:
    (found,) = cms_facts(
        make.cms(b"van ban", attached=True, stamp=make.timestamper(when=NOW)), None
    ).signers
    return found


def both(issued: datetime) -> list[bytes]:
    ends = max(issued, NOW) + 9 * DAY
    return [listing(ca, issued=issued, until=ends) for ca in (make.root(), make.intermediate())]


def judged(
    facts: SignerFacts,
    crls: list[bytes],
    revocation: Revocation = Revocation.REQUIRE,
    receipt: datetime | None = NOW,
) -> Signature:
    store = TrustStore(make.material(crls=crls, revocation=revocation))
    return conclude(facts, store, Moment(now=NOW + 5 * DAY, receipt=receipt))


def test_lists_from_before_the_receipt_leave_a_verdict_provisional(facts: SignerFacts) -> None:
    found = judged(facts, both(NOW - DAY))
    assert found.indication is Indication.TOTAL_PASSED
    assert found.provisional


def test_lists_issued_at_that_very_time_are_not_from_after_it(facts: SignerFacts) -> None:
    assert judged(facts, both(NOW)).provisional


def test_later_lists_of_the_whole_chain_make_it_final(facts: SignerFacts) -> None:
    found = judged(facts, both(NOW + HOUR))
    assert found.indication is Indication.TOTAL_PASSED
    assert not found.provisional
    assert found.revoked_at is None


def test_a_later_list_of_one_ca_alone_does_not(facts: SignerFacts) -> None:
    old, new = both(NOW - DAY), both(NOW + HOUR)
    assert judged(facts, [old[0], new[1]]).provisional
    assert judged(facts, [new[0], old[1]]).provisional
    assert not judged(facts, [*old, *new]).provisional


def test_a_later_ocsp_response_makes_it_final_too(facts: SignerFacts) -> None:
    old = both(NOW - DAY)
    later = [
        answer(who, ca, ca, issued=NOW + HOUR, until=NOW + DAY)
        for who, ca in (
            (make.officer(), make.intermediate()), (make.intermediate(), make.root()),
        )
    ]  # fmt: skip
    material = make.material(crls=old, revocation=Revocation.REQUIRE)
    store = TrustStore(material.model_copy(update={"ocsps": tuple(later)}))
    assert not conclude(facts, store, Moment(now=NOW + DAY, receipt=NOW)).provisional


def test_without_data_the_soft_policys_verdict_is_provisional(facts: SignerFacts) -> None:
    found = judged(facts, [], Revocation.SOFT)
    assert found.indication is Indication.TOTAL_PASSED
    assert found.provisional


def test_what_did_not_pass_is_not_provisional(facts: SignerFacts) -> None:
    found = judged(facts, [])
    assert found.indication is Indication.INDETERMINATE
    assert not found.provisional


def test_a_pinned_signer_has_no_data_to_wait_for() -> None:
    pinned = make.stranger()
    (facts,) = cms_facts(make.cms(b"x", pinned, attached=True), None).signers
    store = TrustStore(make.material(pinned, revocation=Revocation.REQUIRE))
    found = conclude(facts, store, make.moment())
    assert (found.indication, found.provisional) == (Indication.TOTAL_PASSED, False)


def test_a_later_list_reopens_what_a_revocation_from_before_concerns(facts: SignerFacts) -> None:
    early = listing(make.intermediate(), [Revoked(make.officer(), NOW - HOUR)], issued=NOW + HOUR)
    found = judged(facts, [*both(NOW - DAY), early])
    assert (found.indication, found.sub_indication) == (
        Indication.TOTAL_FAILED, SubIndication.REVOKED,
    )  # fmt: skip
    assert found.revoked_at == NOW - HOUR


def test_a_revocation_from_after_a_proven_time_changes_nothing(facts: SignerFacts) -> None:
    late = listing(
        make.intermediate(), [Revoked(make.officer(), NOW + HOUR)], issued=NOW + 2 * HOUR
    )
    found = judged(facts, [late, listing(make.root(), issued=NOW + HOUR)])
    assert found.indication is Indication.TOTAL_PASSED
    assert not found.provisional


# -- the time-stamp's own path --------------------------------------------------------------------


def test_a_time_stamp_is_provisional_until_its_authoritys_data_came(stamped: SignerFacts) -> None:
    """The authority is under the root, the signer under the intermediate."""
    old, new = both(NOW - DAY), both(NOW + HOUR)
    found = judged(stamped, [old[0], new[1]], receipt=None)
    assert found.signing_time_source is TimeSource.TIMESTAMP
    assert found.provisional
    assert not judged(stamped, new, receipt=None).provisional


def test_an_authority_without_data_leaves_a_verdict_to_us(stamped: SignerFacts) -> None:
    tsa = make.authority()
    chain = [answer(make.intermediate(), make.root(), make.root()), both(NOW)[1]]
    material = make.material(crls=[chain[1]], revocation=Revocation.REQUIRE)
    store = TrustStore(material.model_copy(update={"ocsps": (chain[0],)}))
    found = conclude(stamped, store, Moment(now=NOW + HOUR))
    assert (found.indication, found.cause) == (Indication.INDETERMINATE, Cause.OURS)
    assert Finding.REVOCATION_UNCHECKED in found.findings
    answered = (*store.material.ocsps, answer(tsa, make.root(), make.root()))
    whole = TrustStore(store.material.model_copy(update={"ocsps": answered}))
    assert conclude(stamped, whole, Moment(now=NOW + HOUR)).indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize(
    ("reason", "trusted"),
    [
        (None, False),
        (ReasonFlags.key_compromise, False),
        (ReasonFlags.superseded, True),
        (ReasonFlags.cessation_of_operation, True),
    ],
)
def test_stamps_of_a_revoked_authority_count_if_its_key_was_kept(
    stamped: SignerFacts, reason: ReasonFlags | None, trusted: bool
) -> None:
    """RFC 3161 4.1."""
    gone = listing(make.root(), [Revoked(make.authority(), NOW + HOUR, reason)], issued=NOW + DAY)
    found = judged(stamped, [gone, both(NOW + HOUR)[1]], receipt=None)
    assert (found.signing_time_source is TimeSource.TIMESTAMP) is trusted


def test_stamps_received_before_their_authoritys_key_was_lost_count(stamped: SignerFacts) -> None:
    lost = Revoked(make.authority(), NOW + HOUR, ReasonFlags.key_compromise)
    gone = listing(make.root(), [lost], issued=NOW + DAY)
    found = judged(stamped, [gone, both(NOW + HOUR)[1]], receipt=NOW + HOUR / 2)
    assert found.signing_time_source is TimeSource.TIMESTAMP
