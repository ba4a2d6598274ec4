"""When a signature is judged at, and what that proves (DESIGN.md, "Time of proof")."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import (
    Finding,
    Integrity,
    Kind,
    Moment,
    Overall,
    SubIndication,
    TimeSource,
    Trust,
    TrustMaterial,
    Verdict,
)
from monitor.verify.facts import FileFacts
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify.making import DAY, NOW

HOUR = timedelta(hours=1)


def signer(**validity: object) -> make.Identity:
    subject = make.name("Người Ký", o="Sở")
    return make.issue(subject, make.root(), usage=make.usages(sign=True), **validity)  # type: ignore[arg-type]  # passed through


def verdict(
    data: bytes, moment: Moment | None = None, material: TrustMaterial | None = None
) -> Verdict:
    judge = Judge(material or make.material())
    return judge.judge(data, "a.pdf", moment or make.moment()).verdict


def short_lived() -> make.Identity:
    return signer(not_after=NOW + HOUR)


def test_a_claimed_time_is_used_and_said_so() -> None:
    found = verdict(make.sign_pdf(make.page()))
    assert found.signatures[0].signing_time_source is TimeSource.CLAIMED
    assert {Finding.TIME_CLAIMED_ONLY, Finding.NOT_TIMESTAMPED} <= set(found.findings)


def test_a_trusted_timestamp_proves_the_time_for_ever() -> None:
    data = make.sign_pdf(make.page(), short_lived(), stamp=make.timestamper())
    found = verdict(data, make.moment(now=NOW + 300 * DAY))
    assert found.overall is Overall.VALID
    assert found.signatures[0].signing_time_source is TimeSource.TIMESTAMP
    assert found.signatures[0].level == "B-T"


def test_an_untrusted_timestamp_proves_nothing() -> None:
    forged = make.issue(make.name("TSA"), own_key=make.key(2048), usage=make.usages(sign=True))
    data = make.sign_pdf(make.page(), short_lived(), stamp=make.timestamper(forged))
    late = make.moment(now=NOW + 3 * DAY, receipt=NOW + 2 * DAY)
    found = verdict(data, late)
    assert Finding.TIMESTAMP_UNTRUSTED in found.findings
    assert found.overall is Overall.INDETERMINATE
    assert found.signatures[0].sub_indication is SubIndication.OUT_OF_BOUNDS_NO_POE


def test_an_authority_without_the_timestamping_purpose_is_no_authority() -> None:
    plain = signer(own_key=make.key(2048))
    data = make.sign_pdf(make.page(), stamp=make.timestamper(plain))
    assert Finding.TIMESTAMP_UNTRUSTED in verdict(data).findings


def test_a_timestamp_over_another_signature_is_invalid() -> None:
    first = make.cms(b"a", attached=True, stamp=make.timestamper())
    second = make.cms(b"b", attached=True, stamp=make.timestamper())
    swapped = _with_token_of(first, second)
    found = verdict(swapped)
    assert Finding.TIMESTAMP_INVALID in found.findings
    assert found.signatures[0].signing_time_source is not TimeSource.TIMESTAMP
    assert (found.overall, found.integrity) == (Overall.INDETERMINATE, Integrity.INTACT)


def test_a_timestamp_at_the_end_of_time_costs_no_verdict() -> None:
    judge = Judge(make.material())
    (signer,) = judge.facts(make.sign_pdf(make.page(), stamp=make.timestamper()), "a").signers
    for when in (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        late = replace(signer, tokens=(replace(signer.tokens[0], time=when),), claimed=when)
        found = judge.conclude(FileFacts(Kind.PDF, signers=(late,)), "a", make.moment()).verdict
        assert Finding.TIMESTAMP_UNTRUSTED in found.findings
        assert found.signatures[0].signing_time_source is not TimeSource.TIMESTAMP


def _with_token_of(data: bytes, other: bytes) -> bytes:
    from asn1crypto import cms

    one, two = cms.ContentInfo.load(data), cms.ContentInfo.load(other)
    info = one["content"]["signer_infos"][0]
    info["unsigned_attrs"] = two["content"]["signer_infos"][0]["unsigned_attrs"]
    return bytes(one.dump(force=True))


def test_expired_between_claim_and_receipt_is_without_proof() -> None:
    data = make.sign_pdf(make.page(), short_lived())
    found = verdict(data, make.moment(now=NOW + 3 * DAY, receipt=NOW + 2 * DAY))
    assert (found.overall, found.cause, found.trust) == (
        Overall.INDETERMINATE, "signer", Trust.EXPIRED,
    )  # fmt: skip
    assert found.signatures[0].sub_indication is SubIndication.OUT_OF_BOUNDS_NO_POE


def test_signed_with_an_expired_certificate_and_proven_so_is_invalid() -> None:
    past = signer(not_before=NOW - 30 * DAY, not_after=NOW - DAY)
    data = make.sign_pdf(make.page(), past)
    found = verdict(data, make.moment(receipt=NOW + timedelta(minutes=1)))
    assert (found.overall, found.trust) == (Overall.INVALID, Trust.EXPIRED)
    assert found.signatures[0].sub_indication is SubIndication.EXPIRED


def test_expired_at_the_claimed_time_without_any_proof_is_indeterminate() -> None:
    past = signer(not_before=NOW - 30 * DAY, not_after=NOW - DAY)
    found = verdict(make.sign_pdf(make.page(), past))
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, "signer")
    assert Finding.CERTIFICATE_EXPIRED in found.findings


def test_a_certificate_that_is_not_yet_valid_at_a_proven_time_is_invalid() -> None:
    future = signer(not_before=NOW + DAY, not_after=NOW + 30 * DAY)
    found = verdict(
        make.sign_pdf(make.page(), future), make.moment(receipt=NOW + timedelta(minutes=1))
    )
    assert found.overall is Overall.INVALID
    assert Finding.CERTIFICATE_NOT_YET_VALID in found.findings


def test_a_receipt_goes_before_the_claim() -> None:
    found = verdict(make.sign_pdf(make.page()), make.moment(receipt=NOW + timedelta(minutes=2)))
    assert found.signatures[0].signing_time_source is TimeSource.RECEIPT
    assert Finding.TIME_CLAIMED_ONLY not in found.findings


def test_a_fixed_validation_time_keeps_the_proof_of_earlier_timestamps() -> None:
    data = make.sign_pdf(make.page(), short_lived(), stamp=make.timestamper())
    later = make.moment(now=NOW + 300 * DAY, at=NOW + 200 * DAY)
    assert verdict(data, later).overall is Overall.VALID
    unstamped = make.sign_pdf(make.page(), short_lived())
    assert verdict(unstamped, later).overall is Overall.INDETERMINATE


@pytest.mark.parametrize("hours", [7, 48])
def test_a_claim_after_its_timestamp_is_noted_as_skew(hours: int) -> None:
    data = make.sign_pdf(make.page(), stamp=make.timestamper(when=NOW - timedelta(hours=hours)))
    assert Finding.SIGNING_TIME_SKEW in verdict(data).findings
