"""Every kind of demo document gets the verdict that it was made to get."""

import io
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.demo.agencies import AGENCIES
from monitor.demo.documents import LOCKED, DocumentKind, DocumentMaker
from monitor.demo.pki import Pki
from monitor.demo.signing import Manner, sign_cms
from monitor.examine import Examiner
from monitor.model import DocumentClass, Limits, Moment, SignerKind, TrustClass
from tests.support.needs import needs, program

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
MOMENT = Moment(now=NOW + timedelta(minutes=5), receipt=NOW + timedelta(minutes=1))


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki.create(7, NOW)


@pytest.fixture(scope="module")
def examiner(pki: Pki) -> Examiner:
    return Examiner(pki.material(), Limits())


@pytest.mark.parametrize("kind", DocumentKind)
def test_the_verdict_is_what_the_kind_deserves(
    pki: Pki, examiner: Examiner, kind: DocumentKind
) -> None:
    document = DocumentMaker(pki).make(kind, AGENCIES[2])
    verdict = examiner.judge_file(document.name, document.data, MOMENT)
    assert (verdict.overall, verdict.cause) == (document.truth.overall, document.truth.cause)


def test_a_pair_has_a_person_and_the_organisation(pki: Pki, examiner: Examiner) -> None:
    document = DocumentMaker(pki).make(DocumentKind.PAIR, AGENCIES[2])
    verdict = examiner.judge_file(document.name, document.data, MOMENT)
    assert [s.signer_kind for s in verdict.signatures] == [
        SignerKind.PERSON,
        SignerKind.ORGANISATION,
    ]
    assert {s.trust_class for s in verdict.signatures} == {TrustClass.CONG_VU}
    assert verdict.signatures[1].signer_uid == AGENCIES[2].uid


def test_a_public_pair_is_of_the_other_class(pki: Pki, examiner: Examiner) -> None:
    document = DocumentMaker(pki).make(DocumentKind.PUBLIC_CA)
    verdict = examiner.judge_file(document.name, document.data, MOMENT)
    assert {s.trust_class for s in verdict.signatures} == {TrustClass.CONG_CONG}


def test_the_same_seed_gives_the_same_letters(pki: Pki) -> None:
    first = [DocumentMaker(pki, 3).make(DocumentKind.UNSIGNED).data for _ in range(2)]
    assert first[0] == first[1]


def test_no_two_documents_are_the_same(pki: Pki) -> None:
    maker = DocumentMaker(pki, 3)
    made = [maker.make(DocumentKind.UNSIGNED, agency) for agency in AGENCIES for _ in range(20)]
    assert len({document.content_hash for document in made}) == len(made)


def test_files_have_the_size_of_real_letters(pki: Pki) -> None:
    maker = DocumentMaker(pki, 3)
    sizes = [len(maker.make(DocumentKind.PAIR).data) for _ in range(12)]
    assert all(5_000 < size < 130_000 for size in sizes)
    assert len(set(sizes)) > 2


def test_an_editable_document_is_a_whole_docx(pki: Pki) -> None:
    document = DocumentMaker(pki).make(DocumentKind.EDITABLE)
    assert document.document_class is DocumentClass.EDITABLE
    with zipfile.ZipFile(io.BytesIO(document.data)) as archive:
        assert archive.testzip() is None
        assert "DEMO" in archive.read("word/document.xml").decode()


async def test_hundreds_of_timestamped_signatures_take_no_exponential_time(pki: Pki) -> None:
    """The encoder's trap (see monitor.demo.signing) made one in a hundred take 5 to 20 s."""
    for number in range(200):
        await sign_cms(b"%d" % number, pki.officer(), Manner(NOW, pki.tsa))


def test_rsa_keys_sign_and_stamp_as_well() -> None:
    pki = Pki.create(1, NOW, "rsa")
    document = DocumentMaker(pki).make(DocumentKind.PERSON)
    verdict = Examiner(pki.material(), Limits()).judge_file(document.name, document.data, MOMENT)
    assert verdict.overall == document.truth.overall


PDFSIG_SAYS = [
    (DocumentKind.PAIR, "Signature is Valid"),
    (DocumentKind.TAMPERED, "Digest Mismatch"),
    (DocumentKind.EXPIRED, "Certificate has Expired"),
    (DocumentKind.FORGED_CA, "isn't Trusted"),
    (DocumentKind.UNSIGNED, "does not contain any signatures"),
]


@needs("pdfsig")
@pytest.mark.parametrize(("kind", "says"), PDFSIG_SAYS)
def test_pdfsig_agrees(tmp_path: Path, kind: DocumentKind, says: str) -> None:
    now = datetime.now(UTC)
    document = DocumentMaker(Pki.create(7, now)).make(kind)
    path = tmp_path / "letter.pdf"
    path.write_bytes(document.data)
    result = subprocess.run([program("pdfsig"), str(path)], capture_output=True, check=False)
    assert says in (result.stdout + result.stderr).decode(errors="replace")


@needs("pdftotext")
def test_the_text_of_a_letter_can_be_copied_in_vietnamese(pki: Pki, tmp_path: Path) -> None:
    document = DocumentMaker(pki).make(DocumentKind.ENCRYPTED, AGENCIES[6])
    path = tmp_path / "letter.pdf"
    path.write_bytes(document.data)
    result = subprocess.run(
        [program("pdftotext"), "-upw", LOCKED, str(path), "-"], capture_output=True, check=True
    )
    text = result.stdout.decode()
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "UBND XÃ ĐỒNG LÚA (DEMO)" in text
    assert "KHÔNG CÓ GIÁ TRỊ" in text
