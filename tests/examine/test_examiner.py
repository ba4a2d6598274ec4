"""The examiner: from the bytes of an item to everything that is recorded of it."""

from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.examine import Examiner
from monitor.model import (
    Binding,
    Cause,
    Channel,
    DocumentClaim,
    DocumentClass,
    Examined,
    Finding,
    Integrity,
    ItemHeader,
    KeptEvidence,
    Kind,
    Limits,
    MailEnvelope,
    Overall,
    PayloadKind,
)
from monitor.verify.facts import FileFacts
from tests.extract.mail_samples import PDF, archive, attachment, mail, mixed
from tests.extract.test_edxml_documents import attached
from tests.extract.test_edxml_documents import message as edxml
from tests.verify.smime_samples import (
    MOMENT,
    NOW,
    TEXT,
    clear_signed,
    header,
    material,
    opaque,
    pki,
    signed,
)

LEADER = pki().officer()
FROM = f"Lanh dao <{LEADER.email}>"
EXAMINER = Examiner(material(), Limits())
ENVELOPE = MailEnvelope(mail_from=LEADER.email, rcpt_to=("journal@localhost",), peer="10.0.0.1")
DETACHED = signed(PDF, LEADER)
DOCX = archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})


def item(size: int, *, oversize: bool = False, file_name: str | None = None) -> ItemHeader:
    claim = None
    if file_name:
        claim = DocumentClaim(agency="H99.1", file_name=file_name, issued_on=date(2026, 3, 2))
    return ItemHeader(
        item_id=uuid4().hex,
        kind=PayloadKind.DOCUMENT if claim else PayloadKind.MAIL,
        source="gateway",
        channel=Channel.DOCSYS if claim else Channel.MAIL,
        received_at=NOW,
        size=size,
        oversize=oversize,
        envelope=None if claim else ENVELOPE,
        claim=claim,
    )


def examine(raw: bytes, *, oversize: bool = False, file_name: str | None = None) -> Examined:
    given_header = item(len(raw), oversize=oversize, file_name=file_name)
    return EXAMINER.examine(given_header, raw, MOMENT)


def test_a_signed_mail_with_documents_is_examined_whole() -> None:
    content = mixed(TEXT, attachment(PDF, "a.pdf"), attachment(DOCX, "b.docx"))
    examined = examine(header(FROM) + clear_signed(content, LEADER))
    assert (examined.verdict.overall, examined.verdict.binding) == (Overall.VALID, Binding.OK)
    assert examined.kept is not None
    assert examined.mail is not None
    assert examined.mail.from_addresses == (LEADER.email,)
    assert [(d.file_name, d.document_class) for d in examined.documents] == [
        ("a.pdf", DocumentClass.FORMAL),
        ("b.docx", DocumentClass.EDITABLE),
    ]
    assert [d.size for d in examined.documents] == [len(PDF), len(DOCX)]


def test_the_signature_of_a_mail_says_nothing_of_its_documents() -> None:
    content = mixed(TEXT, attachment(DOCX, "b.docx"))
    examined = examine(header(FROM) + clear_signed(content, LEADER))
    assert examined.documents[0].judgement.verdict.overall is Overall.UNSIGNED


def test_a_signed_document_says_nothing_of_the_mail_around_it() -> None:
    for media_type in ("application/octet-stream", "application/pkcs7-mime"):
        cms = signed(PDF, LEADER, detached=False)
        examined = examine(mail(attachment(cms, "a.pdf.p7m", media_type)))
        assert examined.verdict.overall is Overall.UNSIGNED
        (document,) = examined.documents
        assert document.judgement.verdict.overall is Overall.VALID
        assert PDF in cms
        assert document.judgement.kept is not None
        assert not any(PDF in blob for blob in document.judgement.kept.blobs)


def test_a_detached_signature_is_the_verdict_of_the_file_beside_it() -> None:
    for content, overall in ((DOCX, Overall.VALID), (DOCX + b" ", Overall.INVALID)):
        raw = mail(attachment(content, "a.docx"), attachment(signed(DOCX, LEADER), "a.docx.p7s"))
        (document,) = examine(raw).documents
        assert document.judgement.verdict.overall is overall
        assert document.judgement.verdict.path == "a.docx"
        assert document.document_class is DocumentClass.FORMAL


def test_a_forwarded_signed_mail_is_a_part_with_a_verdict_of_its_own() -> None:
    content = mixed(TEXT, attachment(DOCX, "b.docx"), boundary="inner")
    inner = header(FROM) + clear_signed(content, LEADER)
    forwards = (
        b"Content-Type: message/rfc822\r\n\r\n" + inner,
        attachment(inner, "thu.eml"),
        attachment(archive({"thu.eml": inner}), "a.zip"),
    )
    for part in forwards:
        examined = examine(mail(TEXT, part))
        assert examined.verdict.overall is Overall.UNSIGNED
        assert [p.overall for p in examined.verdict.parts] == [Overall.VALID]
        assert [d.file_name for d in examined.documents] == ["b.docx"]


def test_a_broken_container_attached_is_a_matter_of_its_own() -> None:
    examined = examine(mail(attachment(b"0\x80broken", "a.p7m", "application/pkcs7-mime")))
    assert examined.verdict.overall is Overall.UNSIGNED


def test_an_oversize_mail_keeps_its_facts_and_is_undecided_by_our_limit() -> None:
    examined = examine(header(FROM), oversize=True)
    assert (examined.verdict.overall, examined.verdict.cause) == (
        Overall.INDETERMINATE,
        Cause.OURS,
    )
    assert examined.findings == (Finding.OVERSIZE,)
    assert examined.mail is not None
    assert examined.mail.subject == "Bao cao"


def test_a_document_item_is_its_own_document() -> None:
    examined = examine(signed(PDF, LEADER, detached=False), file_name="12.pdf.p7m")
    (document,) = examined.documents
    assert examined.verdict == document.judgement.verdict
    assert (document.file_name, examined.mail) == ("12.pdf.p7m", None)


def test_every_file_of_a_document_system_is_a_document() -> None:
    for data, name, expected in (
        (b"II*\x00scan", "scan.tif", DocumentClass.FORMAL),
        (b"a;b", "bang.csv", DocumentClass.EDITABLE),
        (DOCX, "a.docx", DocumentClass.EDITABLE),
    ):
        (document,) = examine(data, file_name=name).documents
        assert document.document_class is expected


def test_an_archive_in_a_document_folder_gives_its_documents() -> None:
    inside = signed(PDF, LEADER, detached=False)
    examined = examine(archive({"a.p7m": inside, "b.docx": DOCX}), file_name="ho-so.zip")
    assert [d.file_name for d in examined.documents] == ["a.p7m", "b.docx"]
    assert (examined.verdict.kind, examined.verdict.overall) == (Kind.ZIP, Overall.UNSIGNED)
    assert [p.overall for p in examined.verdict.parts] == [Overall.VALID, Overall.UNSIGNED]


def test_an_archive_of_which_something_stays_closed_is_not_valid() -> None:
    inside = signed(PDF, LEADER, detached=False)
    both = bytearray(archive({"a.p7m": inside, "b.p7m": signed(PDF + b"2", LEADER)}))
    limits = Limits(archive_entries=1)
    cut = Examiner(material(), limits).judge_file("a.zip", bytes(both), MOMENT)
    assert (cut.overall, cut.cause) == (Overall.INDETERMINATE, Cause.OURS)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        both[both.rindex(mark) + flags] |= 1  # says that it is encrypted
    found = EXAMINER.judge_file("a.zip", bytes(both), MOMENT)
    assert [part.overall for part in found.parts] == [Overall.VALID]
    assert (found.overall, found.integrity) == (Overall.UNREADABLE, Integrity.UNREADABLE)
    assert found.findings == (Finding.ARCHIVE_ENCRYPTED,)


def test_an_archive_nobody_can_open_is_never_called_unsigned() -> None:
    examined = examine(b"Rar!\x1a\x07\x00" + bytes(99), file_name="ho-so.rar")
    (document,) = examined.documents
    assert document.document_class is DocumentClass.FORMAL
    assert document.judgement.verdict.overall is Overall.UNREADABLE
    assert document.judgement.verdict.findings == (Finding.MALFORMED,)


def test_judge_file_tells_a_mail_by_its_content() -> None:
    raw = header(FROM) + opaque(
        signed(mixed(TEXT, attachment(DOCX, "b.docx")), LEADER, detached=False)
    )
    verdict = EXAMINER.judge_file("luu.bin", raw, MOMENT)
    assert (verdict.path, verdict.kind, verdict.overall) == ("luu.bin", Kind.SMIME, Overall.VALID)
    assert [(p.path, p.kind) for p in verdict.parts] == [("b.docx", Kind.OOXML)]
    assert EXAMINER.judge_file("a.eml", PDF, MOMENT).kind is Kind.PDF


def test_judge_file_takes_the_content_of_a_detached_signature() -> None:
    assert EXAMINER.judge_file("a.p7s", DETACHED, MOMENT, PDF).overall is Overall.VALID
    wrong = EXAMINER.judge_file("a.p7s", DETACHED, MOMENT, PDF + b" ")
    assert (wrong.overall, wrong.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_a_fault_while_judging_one_file_costs_only_its_verdict(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    examiner = Examiner(material(), Limits())
    facts = examiner._judge.facts

    def faulty(data: bytes, name: str, content: bytes | None = None) -> FileFacts:
        if name == "a.pdf":
            raise ZeroDivisionError("the content of a.pdf")
        return facts(data, name, content)

    monkeypatch.setattr(examiner._judge, "facts", faulty)
    raw = mail(attachment(PDF, "a.pdf"), attachment(DOCX, "b.docx"))
    examined = examiner.examine(item(len(raw)), raw, MOMENT)
    first, second = (d.judgement.verdict for d in examined.documents)
    assert (first.overall, first.findings) == (Overall.UNREADABLE, (Finding.VERIFIER_FAULT,))
    assert second.overall is Overall.UNSIGNED
    assert "ZeroDivisionError" in caplog.text
    assert "a.pdf" not in caplog.text


def test_a_fault_while_judging_a_message_keeps_its_documents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    examiner = Examiner(material(), Limits())

    def faulty(*_: object) -> FileFacts:
        raise RecursionError

    monkeypatch.setattr(examiner._judge, "mail", faulty)
    raw = mail(attachment(PDF, "a.pdf"))
    examined = examiner.examine(item(len(raw)), raw, MOMENT)
    assert examined.verdict.findings == (Finding.VERIFIER_FAULT,)
    assert len(examined.documents) == 1


def test_memory_that_runs_out_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    examiner = Examiner(material(), Limits())

    def hungry(*_: object) -> FileFacts:
        raise MemoryError

    monkeypatch.setattr(examiner._judge, "facts", hungry)
    with pytest.raises(MemoryError):
        examiner.judge_file("a.pdf", PDF, MOMENT)


SEEDS = (
    header(FROM) + clear_signed(mixed(TEXT, attachment(PDF, "a.pdf")), LEADER),
    header(FROM) + opaque(signed(mixed(TEXT, attachment(DOCX, "b.docx")), LEADER, detached=False)),
    mail(attachment(archive({"a.pdf": PDF, "a.pdf.p7s": DETACHED}), "x.zip")),
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_mails_are_examined_and_no_change_of_signed_text_stays_valid(
    seed: bytes, data: st.DataObject
) -> None:
    raw = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] ^= data.draw(st.integers(1, 255))
    examined = examine(bytes(raw))
    assert examined.mail is not None
    assert Finding.VERIFIER_FAULT not in examined.verdict.findings
    if examined.verdict.overall is Overall.VALID:
        assert TEXT[60:] in bytes(raw) or b"pkcs7-mime" in seed
    Examined.model_validate_json(examined.model_dump_json())


def test_an_item_that_killed_its_judge_keeps_its_sender_and_its_documents() -> None:
    raw = mail(TEXT, attachment(PDF, "a.pdf"))
    judged = EXAMINER.examine(item(len(raw)), raw, MOMENT)
    unjudged = EXAMINER.examine(item(len(raw)), raw, MOMENT, (Finding.VERIFIER_CRASHED,))
    assert unjudged.mail == judged.mail
    assert [d.content_hash for d in unjudged.documents] == [
        d.content_hash for d in judged.documents
    ]
    [document] = unjudged.documents
    assert document.judgement.verdict.overall is Overall.UNREADABLE
    assert document.judgement.verdict.findings == (Finding.VERIFIER_CRASHED,)
    assert unjudged.findings == (Finding.VERIFIER_CRASHED,)
    assert EXAMINER.examine(item(len(raw)), raw, MOMENT) == judged, "it was for that one item"


def test_evidence_that_is_too_large_together_is_left_out_largest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = mixed(TEXT, attachment(signed(DOCX, LEADER, detached=False), "a.docx.p7m"))
    raw = header(FROM) + clear_signed(content, LEADER)
    whole = examine(raw)
    sizes = [len(each.facts) + sum(map(len, each.blobs)) for each in _kept(whole)]
    assert len(sizes) == 2
    monkeypatch.setattr("monitor.examine.examiner.MAX_KEPT_BYTES", sum(sizes) - 1)
    bounded = examine(raw)
    assert len(_kept(bounded)) == 1
    assert Finding.LIMIT_REACHED in bounded.findings
    assert bounded.verdict == whole.verdict


def _kept(examined: Examined) -> list[KeptEvidence]:
    found = (examined.kept, *(each.judgement.kept for each in examined.documents))
    return [each for each in found if each is not None]


def test_a_mail_and_its_documents_are_judged_again_from_what_was_kept() -> None:
    content = mixed(TEXT, attachment(signed(PDF, LEADER, detached=False), "a.pdf.p7m"))
    examined = examine(header(FROM) + clear_signed(content, LEADER))
    (document,) = examined.documents
    mail_again, document_again = (
        EXAMINER.rejudge(kept, name, MOMENT)
        for kept, name in zip(_kept(examined), ("", "a.pdf.p7m"), strict=True)
    )
    assert mail_again == examined.verdict
    assert document_again == document.judgement.verdict


def test_an_edxml_message_is_judged_whole_and_its_documents_alone() -> None:
    pasted = "<Signature><SignedInfo/><SignatureValue>GbVb8n9</SignatureValue></Signature>"
    held = (("a.pdf.p7m", signed(PDF, LEADER, detached=False)), ("b.docx", DOCX))
    data = edxml(*(attached(name, document) for name, document in held), header=pasted)
    examined = examine(data, file_name="12.edxml")
    assert (examined.verdict.kind, examined.verdict.integrity) == (Kind.EDXML, Integrity.DESTROYED)
    assert [
        (d.file_name, d.document_class, d.judgement.verdict.overall) for d in examined.documents
    ] == [
        ("a.pdf.p7m", DocumentClass.FORMAL, Overall.VALID),
        ("b.docx", DocumentClass.FORMAL, Overall.UNSIGNED),
    ]
    assert examined.documents[0].judgement.kept is not None


def test_a_signature_whose_evidence_is_too_large_is_said_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("monitor.verify.evidence.MAX_BLOB_BYTES", 100)
    examined = Examiner(material(), Limits()).examine(
        item(len(DETACHED), file_name="a.p7m"), signed(PDF, LEADER, detached=False), MOMENT
    )
    assert _kept(examined) == []
    assert examined.findings == (Finding.LIMIT_REACHED,)
    assert examined.verdict.overall is Overall.VALID
