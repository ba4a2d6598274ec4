"""What was not drawn for verification is extracted as what is: only verdicts are missing."""

import pytest

from monitor.examine import Examiner
from monitor.model import (
    Cause,
    DocumentClass,
    DocumentFacts,
    Examined,
    Finding,
    ItemHeader,
    Limits,
    Overall,
)
from tests.examine.test_examiner import DOCX, EXAMINER, FROM, LEADER, item
from tests.extract.mail_samples import PDF, attachment, mail, mixed
from tests.extract.test_edxml_documents import attached
from tests.extract.test_edxml_documents import message as edxml
from tests.support.corpus import corpus, with_corpus
from tests.verify.smime_samples import (
    MOMENT,
    TEXT,
    clear_signed,
    header,
    material,
    opaque,
    signed,
)

CONTENT = mixed(TEXT, attachment(PDF, "a.pdf"), attachment(DOCX, "b.docx"))
MAILS = {
    "plain": mail(attachment(PDF, "a.pdf"), attachment(DOCX, "b.docx")),
    "signed": header(FROM) + clear_signed(CONTENT, LEADER),
    "opaque": header(FROM) + opaque(signed(CONTENT, LEADER)),
    "signature beside": mail(
        attachment(DOCX, "a.docx"), attachment(signed(DOCX, LEADER), "a.docx.p7s")
    ),
    "edXML": mail(attachment(edxml(attached("a.pdf", PDF)), "a.edxml")),
    "rubbish": b"\x00\xff",
}


def both(given: ItemHeader, raw: bytes, examiner: Examiner = EXAMINER) -> tuple[Examined, Examined]:
    whole = examiner.examine(given, raw, MOMENT)
    return whole, examiner.examine(given, raw, MOMENT, (Finding.NOT_SAMPLED,))


def counted(document: DocumentFacts) -> tuple[object, ...]:
    """All that counting takes of a document; its kind may be known better once it is verified."""
    named = (document.content_hash, document.file_name, document.size)
    return (*named, document.document_class, document.role)


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_counted_alike_whether_it_is_drawn_or_not(name: str) -> None:
    raw = MAILS[name]
    whole, extracted = both(item(len(raw)), raw)
    assert extracted.mail == whole.mail
    assert extracted.findings == whole.findings
    assert list(map(counted, extracted.documents)) == list(map(counted, whole.documents))


@pytest.mark.parametrize("name", MAILS)
def test_nothing_is_judged_or_kept_of_it(name: str) -> None:
    raw = MAILS[name]
    _, extracted = both(item(len(raw)), raw)
    judged = [extracted.verdict, *(each.judgement.verdict for each in extracted.documents)]
    for verdict in judged:
        assert (verdict.overall, verdict.cause) == (Overall.INDETERMINATE, Cause.OURS)
        assert verdict.findings == (Finding.NOT_SAMPLED,)
        assert verdict.signatures == ()
    assert extracted.kept is None
    assert [each.judgement.kept for each in extracted.documents] == [None] * len(
        extracted.documents
    )


def test_a_file_of_a_document_system_is_counted_alike() -> None:
    given = item(len(PDF), file_name="a.pdf")
    whole, extracted = both(given, PDF)
    assert list(map(counted, extracted.documents)) == list(map(counted, whole.documents))
    assert extracted.documents[0].document_class is DocumentClass.FORMAL
    assert extracted.verdict.findings == (Finding.NOT_SAMPLED,)


def test_of_a_mail_past_the_size_limit_both_are_said() -> None:
    raw = header(FROM)
    _, extracted = both(item(len(raw), oversize=True), raw)
    assert set(extracted.verdict.findings) == {Finding.OVERSIZE, Finding.NOT_SAMPLED}


def test_the_next_item_is_judged_again() -> None:
    both(item(len(PDF), file_name="a.pdf"), PDF)
    whole = EXAMINER.examine(item(len(PDF), file_name="a.pdf"), PDF, MOMENT)
    assert Finding.NOT_SAMPLED not in whole.verdict.findings


@pytest.mark.parametrize("name", MAILS)
def test_what_is_drawn_after_it_was_extracted_is_judged_as_if_it_had_not_been(name: str) -> None:
    raw = MAILS[name]
    given = item(len(raw))
    alone = Examiner(material(), Limits()).examine(given, raw, MOMENT)
    examiner = Examiner(material(), Limits())
    for _ in range(2):
        examiner.examine(given, raw, MOMENT, (Finding.NOT_SAMPLED,))
        assert examiner.examine(given, raw, MOMENT) == alone


def test_other_bytes_under_one_id_are_read_anew() -> None:
    one, other = MAILS["plain"], MAILS["signed"]
    given = item(len(one))
    examiner = Examiner(material(), Limits())
    examiner.examine(given, one, MOMENT, (Finding.NOT_SAMPLED,))
    assert examiner.examine(given, other, MOMENT).verdict.overall is Overall.VALID


@with_corpus
def test_the_corpus_is_counted_alike() -> None:
    files = sorted(path for path in (corpus() / "files").rglob("*") if path.is_file())
    examiner = Examiner(material(), Limits())
    for number, path in enumerate(files):
        data = path.read_bytes()
        for name in (None, f"{number}{path.suffix}"):
            whole, extracted = both(item(len(data), file_name=name), data, examiner)
            assert extracted.mail == whole.mail
            assert list(map(counted, extracted.documents)) == list(map(counted, whole.documents))
