"""Mail of an agency's own mailbox, signed by somebody whom the registry lets sign for it."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from monitor.demo.agencies import AGENCIES, PROVINCE_OFFICE
from monitor.demo.pki import Identity
from monitor.extract.mail import read_mail
from monitor.model import (
    Binding,
    Finding,
    Limits,
    MailboxRight,
    Moment,
    Overall,
    TimeSource,
    Verdict,
)
from monitor.verify.judge import Judge
from monitor.verify.mailbox_rights import lent_mailboxes
from tests.support.outcomes import signature
from tests.verify.smime_samples import (
    MOMENT,
    NOW,
    TEXT,
    clear_signed,
    header,
    judge,
    material,
    pki,
)

LEADER, OFFICE = pki().officer(), pki().organisation()
OTHER_OFFICE = pki().organisation(AGENCIES[1])
MAILBOX = "lienhe@vpub.hoasen.demo.example"
TODAY = date(2026, 3, 2)


def fingerprint(identity: Identity) -> str:
    return sha256(identity.der).hexdigest()


def judged(
    signer: Identity, *rights: MailboxRight, sender: str = MAILBOX, moment: Moment = MOMENT
) -> Verdict:
    verifier = Judge(material().model_copy(update={"mailboxes": rights}))
    root = read_mail(header(sender) + clear_signed(TEXT, signer), None, Limits()).root
    return verifier.conclude(verifier.mail(root), "mail", moment).verdict


BY_FINGERPRINT = MailboxRight(address=MAILBOX, certificates=(fingerprint(LEADER),))
BY_ADDRESS = MailboxRight(address=MAILBOX, emails=(LEADER.email.upper(),))
BY_UID = MailboxRight(address=MAILBOX, uids=(f" {PROVINCE_OFFICE.uid.lower()}",))


@pytest.mark.parametrize(
    ("signer", "right"), [(LEADER, BY_FINGERPRINT), (LEADER, BY_ADDRESS), (OFFICE, BY_UID)]
)
def test_whom_the_registry_lets_sign_is_bound_and_it_is_said(
    signer: Identity, right: MailboxRight
) -> None:
    verdict = judged(signer, right)
    assert (verdict.overall, verdict.binding) == (Overall.VALID, Binding.OK)
    assert Finding.SIGNED_FOR_MAILBOX in verdict.findings
    assert judged(signer).binding is Binding.FROM_MISMATCH


def test_an_own_address_needs_no_right_and_says_none() -> None:
    verdict = judged(LEADER, BY_FINGERPRINT, sender=LEADER.email)
    assert verdict.overall is Overall.VALID
    assert Finding.SIGNED_FOR_MAILBOX not in verdict.findings


@pytest.mark.parametrize(
    ("signer", "right"),
    [
        (OTHER_OFFICE, BY_UID),
        (OTHER_OFFICE, BY_FINGERPRINT),
        (OTHER_OFFICE, BY_ADDRESS),
        (pki().forged(), BY_ADDRESS),  # the right address under a CA of the right name
        (pki().forged(), BY_FINGERPRINT),
        # names are no identities
        (LEADER, MailboxRight(address=MAILBOX, uids=("Lãnh đạo DEMO 01",))),
        (OFFICE, MailboxRight(address=MAILBOX, uids=(PROVINCE_OFFICE.name,))),
        (LEADER, MailboxRight(address=MAILBOX, emails=("hoasen.demo.example",))),
        (LEADER, MailboxRight(address=MAILBOX)),
    ],
)
def test_nobody_else_may_sign_for_the_mailbox(signer: Identity, right: MailboxRight) -> None:
    verdict = judged(signer, right)
    assert (verdict.overall, verdict.binding) == (Overall.INVALID, Binding.FROM_MISMATCH)


@pytest.mark.parametrize(
    "sender",
    [
        "lienhe@vpub.hoasen.demo.example.org",
        "xlienhe@vpub.hoasen.demo.example",
        f"{MAILBOX}, other@example.org",
        f'"{MAILBOX}" <other@example.org>',
        "liеnhe@vpub.hoasen.demo.example",  # a Cyrillic letter
        f"{MAILBOX}.",
    ],
)
def test_a_right_is_to_one_address(sender: str) -> None:
    assert judged(LEADER, BY_FINGERPRINT, sender=sender).binding is Binding.FROM_MISMATCH


def test_an_international_mailbox_is_one_in_either_spelling() -> None:
    right = BY_FINGERPRINT.model_copy(update={"address": "liên.hệ@tỉnh.example"})
    verdict = judged(LEADER, right, sender="Lien he <liên.hệ@xn--tnh-dlz.example>")
    assert verdict.binding is Binding.OK


def test_a_right_cannot_make_an_untrusted_signature_valid() -> None:
    forged = pki().forged()
    verdict = judged(forged, MailboxRight(address=MAILBOX, certificates=(fingerprint(forged),)))
    assert (verdict.overall, verdict.binding) == (Overall.INDETERMINATE, Binding.OK)


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (TODAY + timedelta(days=1), None, False),
        (None, TODAY - timedelta(days=1), False),
    ],
)
def test_a_right_holds_from_its_first_to_its_last_day(
    first: date | None, last: date | None, holds: bool
) -> None:
    right = BY_FINGERPRINT.model_copy(update={"first_day": first, "last_day": last})
    assert (judged(LEADER, right).binding is Binding.OK) is holds


def test_a_claimed_time_brings_no_right_back_and_a_time_stamp_does() -> None:
    right = MailboxRight(
        address=MAILBOX, certificates=(fingerprint(LEADER),), last_day=date(2026, 2, 28)
    )
    before = datetime(2026, 2, 20, tzinfo=UTC)
    received = Moment(now=NOW + timedelta(days=9), receipt=NOW)
    for source, lent in [
        (TimeSource.CLAIMED, set()), (None, set()), (TimeSource.TIMESTAMP, {MAILBOX}),
    ]:  # fmt: skip
        signed = signature(
            certificate_sha256=fingerprint(LEADER), signing_time=before, signing_time_source=source
        )
        assert lent_mailboxes(signed, [right], received) == lent


def test_days_are_vietnam_days() -> None:
    right = BY_FINGERPRINT.model_copy(update={"first_day": date(2026, 3, 3)})
    late = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert judged(LEADER, right, moment=Moment(now=late, at=late)).binding is Binding.OK
    early = late - timedelta(seconds=1)
    moment = Moment(now=early, at=early)
    assert judged(LEADER, right, moment=moment).binding is Binding.FROM_MISMATCH


def test_a_right_that_is_given_later_mends_the_verdict_without_the_mail() -> None:
    raw = header(MAILBOX) + clear_signed(TEXT, LEADER)
    first = judge(raw)
    assert first.verdict.binding is Binding.FROM_MISMATCH
    assert first.kept is not None
    assert MAILBOX not in first.kept.facts
    later = Judge(material().model_copy(update={"mailboxes": (BY_FINGERPRINT,)}))
    again = later.rejudge(first.kept, "mail", MOMENT)
    assert (again.overall, again.binding) == (Overall.VALID, Binding.OK)
