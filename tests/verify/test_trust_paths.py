"""Paths to pinned keys: what reaches an anchor, and what only looks as if it did."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from monitor.model import Finding, Indication, Overall, Trust, TrustClass, TrustMaterial, Verdict
from monitor.verify.cms import cms_facts
from monitor.verify.conclusion import conclude
from monitor.verify.judge import Judge
from monitor.verify.trust import TrustStore
from tests.verify import making as make

CONTENT = b"van ban"


def verdict(signer: make.Identity, material: TrustMaterial) -> Verdict:
    data = make.cms(CONTENT, signer, attached=True)
    return Judge(material).judge(data, "a.p7m", make.moment()).verdict


def leaf(issuer: make.Identity, **extra: object) -> make.Identity:
    subject = make.name("Người Ký", o="Sở Thử nghiệm")
    return make.issue(subject, issuer, usage=make.usages(sign=True), **extra)  # type: ignore[arg-type]  # passed through


def test_a_chain_to_a_pinned_root_is_trusted_with_the_anchors_class() -> None:
    found = verdict(make.officer(), make.material(trust_class=TrustClass.CONG_VU))
    assert (found.overall, found.trust) == (Overall.VALID, Trust.TRUSTED)
    assert found.signatures[0].trust_class is TrustClass.CONG_VU


def test_a_forged_ca_under_the_anchors_very_name_leads_nowhere() -> None:
    forged_root = make.issue(make.root().certificate.subject, ca=True)
    forged_sub = make.issue(make.intermediate().certificate.subject, forged_root, ca=True)
    found = verdict(leaf(forged_sub), make.material(intermediates=[make.intermediate()]))
    assert (found.overall, found.trust) == (Overall.INDETERMINATE, Trust.UNTRUSTED)


def test_a_forged_leaf_that_names_the_real_ca_as_issuer_leads_nowhere() -> None:
    forged = make.issue(make.intermediate().certificate.subject, ca=True)
    signer = leaf(forged)
    found = verdict(
        make.Identity(signer.certificate, signer.key, make.officer().chain),
        make.material(intermediates=[make.intermediate()]),
    )
    assert found.overall is Overall.INDETERMINATE
    assert Finding.CHAIN_INCOMPLETE in found.findings


def test_an_anchor_is_recognised_by_its_key_in_a_certificate_made_anew() -> None:
    renewed = make.issue(make.root().certificate.subject, own_key=make.root().key, ca=True)
    assert verdict(make.officer(), make.material(renewed)).overall is Overall.VALID


def test_a_pinned_leaf_is_trusted_but_issues_nothing() -> None:
    pinned = make.stranger()
    assert verdict(pinned, make.material(pinned)).overall is Overall.VALID
    below = leaf(pinned)
    assert verdict(below, make.material(pinned)).overall is Overall.INDETERMINATE


def test_a_local_intermediate_completes_a_leaf_only_chain() -> None:
    data = make.cms(CONTENT, make.officer(), attached=True, leaf_only=True)
    without = Judge(make.material()).judge(data, "a", make.moment()).verdict
    completed = Judge(make.material(intermediates=[make.intermediate()]))
    found = completed.judge(data, "a", make.moment()).verdict
    assert Finding.CHAIN_INCOMPLETE in without.findings
    assert found.overall is Overall.VALID
    assert Finding.LEAF_ONLY_CHAIN_COMPLETED in found.findings


def test_a_certificate_that_is_no_ca_issues_nothing() -> None:
    found = verdict(leaf(make.officer()), make.material())
    assert (found.overall, found.trust) == (Overall.INDETERMINATE, Trust.UNTRUSTED)


def test_a_ca_without_the_right_to_sign_certificates_issues_nothing() -> None:
    mute = make.issue(make.name("Mute CA"), make.root(), ca=True, usage=make.usages(sign=True))
    assert verdict(leaf(mute), make.material()).trust is Trust.UNTRUSTED


def test_a_path_longer_than_a_ca_allows_is_refused() -> None:
    short = make.issue(make.name("Short CA"), make.root(), ca=True, path_length=0)
    below = make.issue(make.name("Below CA"), short, ca=True)
    assert verdict(leaf(short), make.material()).overall is Overall.VALID
    assert verdict(leaf(below), make.material()).trust is Trust.UNTRUSTED


def test_an_unknown_critical_extension_refuses_the_path() -> None:
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.32473.7.7"), b"\x05\x00")
    assert verdict(leaf(make.root(), extensions=[(odd, True)]), make.material()).trust is (
        Trust.UNTRUSTED
    )
    assert verdict(leaf(make.root(), extensions=[(odd, False)]), make.material()).trust is (
        Trust.TRUSTED
    )


@pytest.mark.parametrize(
    ("address", "allowed"), [("a@so.example", True), ("a@x.so.example", False), ("a@evil", False)]
)
def test_name_constraints_bind_mail_addresses(address: str, allowed: bool) -> None:
    constraint = x509.NameConstraints([x509.RFC822Name("so.example")], None)
    bound = make.issue(make.name("Bound"), make.root(), ca=True, extensions=[(constraint, True)])
    names = x509.SubjectAlternativeName([x509.RFC822Name(address)])
    found = verdict(leaf(bound, extensions=[(names, False)]), make.material())
    assert (found.trust is Trust.TRUSTED) is allowed


def test_a_web_server_certificate_signs_no_document() -> None:
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    found = verdict(leaf(make.root(), extensions=[(server, False)]), make.material())
    assert found.overall is Overall.INDETERMINATE
    assert Finding.KEY_USAGE in found.findings


def test_cross_signed_cas_in_a_circle_end_at_the_anchor_or_nowhere() -> None:
    left, right = make.key(), make.key()
    one, two = make.name("CA One"), make.name("CA Two")
    first = make.issue(one, own_key=left, ca=True)
    second = make.issue(two, own_key=right, ca=True)
    one_by_two = make.issue(one, second, own_key=left, ca=True)
    two_by_one = make.issue(two, first, own_key=right, ca=True)
    signer = leaf(one_by_two)
    circle = [one_by_two, two_by_one]
    lost = verdict(signer, make.material(make.root(), intermediates=circle))
    found = verdict(signer, make.material(second, intermediates=circle))
    assert lost.overall is Overall.INDETERMINATE
    assert found.overall is Overall.VALID


def test_many_cas_of_one_name_do_not_hide_the_right_one() -> None:
    subject = make.name("Twin CA")
    twins = [make.issue(subject, ca=True) for _ in range(8)]
    signer = leaf(twins[5])
    bare = make.Identity(signer.certificate, signer.key)
    assert verdict(bare, make.material(*twins)).overall is Overall.VALID
    assert verdict(bare, make.material(*twins[:5])).overall is Overall.INDETERMINATE


def test_without_anchors_a_complete_chain_is_our_lack_not_the_signers() -> None:
    found = verdict(make.officer(), make.nothing_trusted())
    assert (found.overall, found.cause, found.trust) == (
        Overall.INDETERMINATE, "ours", Trust.UNKNOWN,
    )  # fmt: skip


def test_a_short_key_is_weak_also_in_an_intermediate() -> None:
    small = make.issue(make.name("Small CA"), make.root(), own_key=make.key(1024), ca=True)
    found = verdict(leaf(small), make.material())
    assert (found.overall, found.cause, found.trust) == (
        Overall.INDETERMINATE, "signer", Trust.WEAK,
    )  # fmt: skip
    assert Finding.WEAK_KEY in found.findings


# -- the day public-service certificates became due -----------------------------------------------

CUTOFF = date(2025, 12, 31)


def cut_off(when: datetime, trust_class: TrustClass, *, proven: bool) -> bool:
    """Is a signature of a time remarked as made by a public CA after the day?"""
    signer = leaf(make.root(), not_before=when - 99 * make.DAY, not_after=when + 99 * make.DAY)
    material = make.material(trust_class=trust_class)
    store = TrustStore(material.model_copy(update={"public_ca_cutoff": CUTOFF}))
    (facts,) = cms_facts(make.cms(CONTENT, signer, attached=True), None).signers
    later = make.moment(now=when + make.DAY, receipt=when if proven else None)
    return Finding.PUBLIC_CA_AFTER_CUTOFF in (
        conclude(replace(facts, claimed=when), store, later).findings
    )


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize(
    ("instant", "after"),
    [("2025-12-31T16:59:59Z", False), ("2025-12-31T17:00:00Z", True), ("2025-12-31T00:00Z", False)],
)
def test_the_cut_off_is_the_end_of_a_vietnam_day(instant: str, after: bool, proven: bool) -> None:
    when = datetime.fromisoformat(instant)
    assert cut_off(when, TrustClass.CONG_CONG, proven=proven) is after


@pytest.mark.parametrize("other", [TrustClass.CONG_VU, TrustClass.INTERNAL, TrustClass.OTHER])
def test_the_cut_off_concerns_public_cas_alone(other: TrustClass) -> None:
    assert not cut_off(datetime(2026, 6, 1, tzinfo=UTC), other, proven=True)


def test_a_receipt_after_the_cut_off_goes_before_a_claim_from_before() -> None:
    when = datetime(2025, 12, 30, tzinfo=UTC)
    signer = leaf(make.root(), not_before=when - 99 * make.DAY, not_after=when + 99 * make.DAY)
    material = make.material(trust_class=TrustClass.CONG_CONG)
    store = TrustStore(material.model_copy(update={"public_ca_cutoff": CUTOFF}))
    (facts,) = cms_facts(make.cms(CONTENT, signer, attached=True), None).signers
    received = make.moment(now=when + 9 * make.DAY, receipt=when + 5 * make.DAY)
    found = conclude(replace(facts, claimed=when), store, received)
    assert found.indication is Indication.TOTAL_PASSED
    assert Finding.PUBLIC_CA_AFTER_CUTOFF in found.findings
