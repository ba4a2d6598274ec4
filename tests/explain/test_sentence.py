"""One sentence for every verdict there can be: true to it, whole, harmless."""

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.explain import report, sentence
from monitor.explain.reason import decide
from monitor.explain.vocabulary import Reason
from monitor.model import (
    Binding,
    Cause,
    Coverage,
    Finding,
    Indication,
    Integrity,
    Kind,
    Language,
    Overall,
    Signature,
    SignerKind,
    SubIndication,
    TimeSource,
    Trust,
    TrustClass,
    Verdict,
)
from tests.explain.making import signature, verdict

LEADS = {
    (Overall.VALID, None): "Hợp lệ: ",
    (Overall.INVALID, None): "Không hợp lệ: ",
    (Overall.INDETERMINATE, Cause.OURS): "Chưa kiểm tra được: ",
    (Overall.INDETERMINATE, Cause.SIGNER): "Chưa xác nhận được: ",
    (Overall.UNSIGNED, None): "Chưa ký số: ",
    (Overall.UNREADABLE, None): "Không đọc được: ",
}
QUOTED = re.compile(r"«[^«»]*»|“[^“”]*”")
INDICATIONS = {
    Overall.VALID: Indication.TOTAL_PASSED,
    Overall.INVALID: Indication.TOTAL_FAILED,
    Overall.INDETERMINATE: Indication.INDETERMINATE,
}


def assert_whole(text: str) -> None:
    """One line, one sentence, no placeholder left, no slip of composition."""
    own = QUOTED.sub("«»", text)
    assert "\n" not in text
    assert text.endswith(".")
    assert ". " not in own
    assert not set("{}") & set(own)
    for slip in ("  ", " ,", " ;", ",,", "()", "của của", "by by", "the the", "None", ", ."):
        assert slip not in own, text


def all_invalid_in(judged: Verdict) -> bool:
    return judged.overall is Overall.INVALID or any(all_invalid_in(p) for p in judged.parts)


def check(judged: Verdict) -> None:
    vietnamese = sentence(judged, Language.VI)
    cause = judged.cause or Cause.OURS if judged.overall is Overall.INDETERMINATE else None
    assert vietnamese.startswith(LEADS[judged.overall, cause])
    if not all_invalid_in(judged):
        assert "không hợp lệ" not in vietnamese.lower()
    assert_whole(vietnamese)
    assert_whole(sentence(judged, Language.EN))


def situations() -> Iterator[Verdict]:
    """Every overall word × cause × integrity × trust × binding, without any signature."""
    for (overall, cause), integrity, trust, binding, kind in itertools.product(
        LEADS, Integrity, Trust, [None, *Binding], (Kind.PDF, Kind.SMIME, Kind.ZIP)
    ):
        yield verdict(
            overall=overall, cause=cause, integrity=integrity, trust=trust, binding=binding,
            kind=kind,
        )  # fmt: skip


def test_every_situation_has_its_sentence_though_no_signature_explains_it() -> None:
    for judged in situations():
        check(judged)


@pytest.mark.parametrize("sub_indication", [None, *SubIndication])
@pytest.mark.parametrize("overall", list(INDICATIONS))
def test_every_sub_indication_has_its_sentence(
    overall: Overall, sub_indication: SubIndication | None
) -> None:
    causes = Cause if overall is Overall.INDETERMINATE else (None,)
    for cause, integrity, trust in itertools.product(causes, Integrity, Trust):
        one = signature(
            indication=INDICATIONS[overall], sub_indication=sub_indication, cause=cause,
            integrity=integrity, trust=trust,
        )  # fmt: skip
        check(verdict(one, overall=overall, cause=cause, integrity=integrity, trust=trust))


@pytest.mark.parametrize("finding", list(Finding))
def test_every_finding_may_stand_beside_every_verdict(finding: Finding) -> None:
    for overall, cause in LEADS:
        check(verdict(overall=overall, cause=cause, findings=(finding,)))
        if overall in INDICATIONS:
            one = signature(
                indication=INDICATIONS[overall], cause=cause, findings=(finding,),
                integrity=Integrity.MODIFIED if overall is Overall.INVALID else Integrity.INTACT,
            )  # fmt: skip
            check(verdict(one, one, overall=overall, cause=cause, findings=(finding,)))


NAMES = st.none() | st.text(max_size=200)
TIMES = st.none() | st.datetimes(
    datetime(1950, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
SIGNATURES = st.builds(
    Signature,
    format=st.text(max_size=20),
    level=st.sampled_from([None, "B-B", "B-LTA", "B-X"]),
    indication=st.sampled_from(Indication),
    sub_indication=st.none() | st.sampled_from(SubIndication),
    cause=st.none() | st.sampled_from(Cause),
    integrity=st.sampled_from(Integrity),
    trust=st.sampled_from(Trust),
    signer_subject=NAMES,
    signer_name=NAMES,
    signer_unit=NAMES,
    signer_organisation=NAMES,
    signer_emails=st.lists(st.text(max_size=80), max_size=2).map(tuple),
    signer_uid=st.none(),
    signer_kind=st.none() | st.sampled_from(SignerKind),
    signer_issuer=NAMES,
    trust_class=st.none() | st.sampled_from(TrustClass),
    certificate_sha256=st.sampled_from([None, "b" * 64]),
    certificate_not_after=TIMES,
    revoked_at=TIMES,
    signing_time=TIMES,
    signing_time_source=st.none() | st.sampled_from(TimeSource),
    coverage=st.sampled_from(Coverage),
    counts=st.booleans(),
    provisional=st.booleans(),
    findings=st.lists(st.sampled_from(Finding), max_size=3).map(tuple),
)


def verdicts(parts: st.SearchStrategy[Verdict]) -> st.SearchStrategy[Verdict]:
    return st.builds(
        Verdict,
        path=st.text(max_size=300),
        kind=st.sampled_from(Kind),
        overall=st.sampled_from(Overall),
        cause=st.none() | st.sampled_from(Cause),
        integrity=st.sampled_from(Integrity),
        trust=st.sampled_from(Trust),
        binding=st.none() | st.sampled_from(Binding),
        signatures=st.lists(SIGNATURES, max_size=5).map(tuple),
        findings=st.lists(st.sampled_from(Finding), max_size=4).map(tuple),
        parts=st.lists(parts, max_size=2).map(tuple),
    )


ANY_VERDICT = st.recursive(st.just(verdict()), verdicts, max_leaves=4)


@settings(max_examples=150, deadline=None)
@given(ANY_VERDICT)
def test_whatever_a_verdict_holds_sentence_and_report_are_whole_and_harmless(
    judged: Verdict,
) -> None:
    check(judged)
    for language in Language:
        page = report(judged, language)
        for line in page.split("\n"):
            assert line.isprintable()
            assert len(line) <= 80


# -- which reason decides ---------------------------------------------------------------------


def reason_of(*signatures: Signature, **more: object) -> Reason:
    return decide(verdict(*signatures, **more)).reason


def failed(sub: SubIndication | None, integrity: Integrity = Integrity.INTACT) -> Signature:
    return signature(indication=Indication.TOTAL_FAILED, sub_indication=sub, integrity=integrity)


def undecided(sub: SubIndication | None, cause: Cause, *findings: Finding) -> Signature:
    return signature(
        indication=Indication.INDETERMINATE, sub_indication=sub, cause=cause, findings=findings
    )


def test_a_changed_document_is_said_before_a_revoked_certificate_and_a_foreign_sender() -> None:
    revoked = failed(SubIndication.REVOKED)
    changed = failed(SubIndication.HASH_FAILURE, Integrity.MODIFIED)
    judged = verdict(
        revoked, changed, overall=Overall.INVALID, integrity=Integrity.MODIFIED, kind=Kind.SMIME,
        binding=Binding.FROM_MISMATCH, findings=(Finding.DIGEST_MISMATCH,),
    )  # fmt: skip
    decision = decide(judged)
    assert (decision.reason, decision.index) == (Reason.DIGEST_MISMATCH, 1)
    assert "đồng thời địa chỉ người gửi (From) không thuộc về người ký" in sentence(
        judged, Language.VI
    )


def test_what_one_signer_caused_is_said_before_what_we_lack() -> None:
    ours = undecided(SubIndication.TRY_LATER, Cause.OURS)
    theirs = undecided(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, Cause.SIGNER, Finding.SHA1)
    judged = verdict(ours, theirs, overall=Overall.INDETERMINATE, cause=Cause.SIGNER)
    assert decide(judged).reason is Reason.WEAK_SHA1
    assert decide(judged).index == 1


@pytest.mark.parametrize(
    ("sub", "cause", "findings", "reason"),
    [
        (SubIndication.TRY_LATER, Cause.OURS, (), Reason.REVOCATION_MISSING),
        (
            SubIndication.TRY_LATER, Cause.OURS, (Finding.REVOCATION_STALE,),
            Reason.REVOCATION_STALE,
        ),
        (SubIndication.NO_CERTIFICATE_CHAIN_FOUND, Cause.OURS, (), Reason.CHAIN_INCOMPLETE),
        (
            SubIndication.NO_CERTIFICATE_CHAIN_FOUND, Cause.OURS, (Finding.ANCHOR_UNKNOWN,),
            Reason.NO_ANCHORS,
        ),
        (SubIndication.NO_CERTIFICATE_CHAIN_FOUND, Cause.SIGNER, (), Reason.UNTRUSTED),
        (
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE, Cause.OURS, (),
            Reason.ALGORITHM_UNSUPPORTED,
        ),
        (
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE, Cause.SIGNER, (Finding.WEAK_KEY,),
            Reason.WEAK_KEY,
        ),
        (SubIndication.OUT_OF_BOUNDS_NO_POE, Cause.SIGNER, (), Reason.EXPIRED_UNPROVEN),
        (
            SubIndication.OUT_OF_BOUNDS_NO_POE, Cause.SIGNER,
            (Finding.CERTIFICATE_NOT_YET_VALID,), Reason.NOT_YET_UNPROVEN,
        ),
        (SubIndication.REVOKED_NO_POE, Cause.SIGNER, (), Reason.REVOKED_UNPROVEN),
        (SubIndication.REVOKED_CA_NO_POE, Cause.SIGNER, (), Reason.REVOKED_ISSUER),
        (SubIndication.SIGNED_DATA_NOT_FOUND, Cause.OURS, (), Reason.CONTENT_MISSING),
        (SubIndication.CHAIN_CONSTRAINTS_FAILURE, Cause.SIGNER, (), Reason.KEY_USAGE),
        (SubIndication.SIG_CONSTRAINTS_FAILURE, Cause.SIGNER, (), Reason.UNATTRIBUTED),
    ],
)  # fmt: skip
def test_an_open_signature_says_why(
    sub: SubIndication, cause: Cause, findings: tuple[Finding, ...], reason: Reason
) -> None:
    one = undecided(sub, cause, *findings)
    assert reason_of(one, overall=Overall.INDETERMINATE, cause=cause) is reason


@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        (Finding.ENCRYPTED, Reason.ENCRYPTED),
        (Finding.CANNOT_OPEN, Reason.CANNOT_OPEN),
        (Finding.VERIFIER_CRASHED, Reason.VERIFIER_CRASHED),
        (Finding.LIMIT_REACHED, Reason.TOO_LARGE),
        (Finding.MALFORMED, Reason.MALFORMED),
    ],
)
def test_an_unreadable_file_says_why(finding: Finding, reason: Reason) -> None:
    assert reason_of(overall=Overall.UNREADABLE, findings=(finding,)) is reason


# -- names are untrusted ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "Sở Y tế\x1b[31m", "Sở\nHợp lệ: mọi thứ đều tốt.", "a\u202eb", "a\u2066b", "a\x00\x07b",
        "» là thật. Hợp lệ: «", "a\u0085b\u2028c", "x" * 5000, "o" + "\u0301" * 500, "{signer}",
    ],
)  # fmt: skip
def test_no_name_breaks_out_of_its_quotation_marks(name: str) -> None:
    judged = verdict(signature(signer_name=name[:400], signer_organisation=None))
    text = sentence(judged, Language.VI)
    assert text.isprintable()
    assert text.count("«") == text.count("»") == 1
    assert len(text) < 400
    assert_whole(text)


def test_an_expired_issuer_is_not_laid_at_the_signers_door() -> None:
    one = undecided(SubIndication.OUT_OF_BOUNDS_NO_POE, Cause.SIGNER, Finding.CERTIFICATE_EXPIRED)
    text = sentence(verdict(one, overall=Overall.INDETERMINATE, cause=Cause.SIGNER), Language.VI)
    assert "chứng thư của nơi cấp cho cơ quan «Sở Y tế (DEMO)» đã hết hạn" in text
    assert "(ngày" not in text
