"""CRLs at hand: who is revoked, since when, and what missing or stale data means."""

from datetime import datetime

from monitor.model import Finding, Overall, Revocation, SubIndication, Trust, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify.making import DAY, NOW


def verdict(
    crls: list[bytes],
    policy: Revocation = Revocation.REQUIRE,
    receipt: datetime | None = NOW,
) -> Verdict:
    judge = Judge(make.material(crls=crls, revocation=policy))
    data = make.cms(b"van ban", make.officer(), attached=True)
    return judge.judge(data, "a.p7m", make.moment(receipt=receipt)).verdict


def both(**dates: datetime) -> list[bytes]:
    return [make.crl(make.root(), **dates), make.crl(make.intermediate(), **dates)]


def test_fresh_lists_for_the_whole_chain_make_a_verdict_valid() -> None:
    found = verdict(both())
    assert found.overall is Overall.VALID
    assert Finding.REVOCATION_UNCHECKED not in found.findings


def test_missing_data_is_our_lack_when_it_is_required() -> None:
    found = verdict([make.crl(make.root())])
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, "ours")
    assert found.signatures[0].sub_indication is SubIndication.TRY_LATER


def test_missing_data_is_a_finding_under_the_soft_policy() -> None:
    found = verdict([], Revocation.SOFT)
    assert found.overall is Overall.VALID
    assert Finding.REVOCATION_UNCHECKED in found.findings


def test_a_list_that_ended_before_the_time_of_proof_is_stale() -> None:
    found = verdict(both(this_update=NOW - 3 * DAY, next_update=NOW - 2 * DAY))
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, "ours")
    assert Finding.REVOCATION_STALE in found.findings


def test_revoked_before_the_time_of_proof_is_invalid() -> None:
    revoked = make.crl(make.intermediate(), (make.officer(), NOW - DAY))
    found = verdict([make.crl(make.root()), revoked])
    assert (found.overall, found.trust) == (Overall.INVALID, Trust.REVOKED)
    assert found.signatures[0].sub_indication is SubIndication.REVOKED


def test_revoked_after_a_proven_time_is_still_valid() -> None:
    revoked = make.crl(
        make.intermediate(), (make.officer(), NOW), this_update=NOW, next_update=NOW + DAY
    )
    found = verdict([make.crl(make.root()), revoked], receipt=NOW - DAY)
    assert found.overall is Overall.VALID


def test_revoked_after_a_merely_claimed_time_has_no_proof() -> None:
    revoked = make.crl(make.intermediate(), (make.officer(), NOW + 10 * DAY))
    judge = Judge(make.material(crls=[make.crl(make.root()), revoked]))
    data = make.sign_pdf(make.page(), make.officer())
    found = judge.judge(data, "a.pdf", make.moment(now=NOW + 20 * DAY)).verdict
    assert (found.overall, found.trust) == (Overall.INDETERMINATE, Trust.REVOKED)
    assert found.signatures[0].sub_indication is SubIndication.REVOKED_NO_POE


def test_a_revoked_intermediate_revokes_what_it_issued() -> None:
    revoked = make.crl(make.root(), (make.intermediate(), NOW - DAY))
    found = verdict([revoked, make.crl(make.intermediate())])
    assert (found.overall, found.trust) == (Overall.INVALID, Trust.REVOKED)


def test_a_list_of_another_key_under_the_same_name_is_ignored() -> None:
    forged = make.issue(make.intermediate().certificate.subject, ca=True)
    found = verdict([*both(), make.crl(forged, (make.officer(), NOW - DAY))], Revocation.REQUIRE)
    assert found.overall is Overall.VALID


def test_an_entry_is_found_among_many_thousands() -> None:
    others = [(make.stranger(), NOW - DAY)]
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(make.intermediate().certificate.subject)
        .last_update(NOW - DAY)
        .next_update(NOW + DAY)
    )
    serials = [*range(10**9, 10**9 + 5000), make.officer().certificate.serial_number]
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - DAY)
        builder = builder.add_revoked_certificate(entry.build())
    long = builder.sign(make.intermediate().key, hashes.SHA256())
    found = verdict([make.crl(make.root(), *others), long.public_bytes(serialization.Encoding.DER)])
    assert found.trust is Trust.REVOKED


def test_what_is_no_list_is_no_list() -> None:
    assert verdict([*both(), b"", b"\x30\x80", b"no list at all"]).overall is Overall.VALID
