"""What a file is, by its content; formats that nobody verifies yet say so."""

import io
import zipfile

import pytest

from monitor.model import Cause, Finding, Integrity, Kind, Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make

_JUDGE = Judge(make.material())
DSIG = "http://www.w3.org/2000/09/xmldsig#"


def verdict(data: bytes, name: str = "a.bin") -> Verdict:
    return _JUDGE.judge(data, name, make.moment()).verdict


def _container(kind: str, *more: str) -> bytes:
    first = {
        "ooxml": {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"},
        "odf": {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<o/>"},
        "asic": {"mimetype": "application/vnd.etsi.asic-e+zip", "a.txt": "a"},
        "zip": {"a.txt": "a"},
    }[kind]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in [*first.items(), *((extra, "<x/>") for extra in more)]:
            archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (make.page(), Kind.PDF),
        (b"\n\n" + make.page(), Kind.PDF),
        (make.cms(b"x", attached=True), Kind.CMS),
        (make.cms(make.page(), attached=True), Kind.CMS),
        (_container("ooxml"), Kind.OOXML),
        (_container("odf"), Kind.ODF),
        (_container("asic"), Kind.ASIC),
        (_container("zip"), Kind.ZIP),
        (b"<edXML xmlns='http://www.mic.gov.vn/TBT/QCVN_102_2016'/>", Kind.EDXML),
        (f"<a><Signature xmlns='{DSIG}'><x/></Signature></a>".encode(), Kind.XMLDSIG),
        (b"plain text", Kind.OTHER),
        (make.root().der, Kind.OTHER),
        (b"", Kind.OTHER),
    ],
)
def test_the_content_decides_the_kind(data: bytes, kind: Kind) -> None:
    assert verdict(data).kind is kind


def test_an_old_office_document_with_a_signature_is_our_lack() -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
    assert verdict(old).overall is Overall.UNSIGNED
    found = verdict(old + "_xmlsignatures".encode("utf-16-le"))
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.OURS)
    assert Finding.FORMAT_UNSUPPORTED in found.findings
    encrypted = verdict(old + "EncryptedPackage".encode("utf-16-le"))
    assert (encrypted.kind, encrypted.overall) == (Kind.OOXML, Overall.UNREADABLE)


@pytest.mark.parametrize("kind", ["ooxml", "odf", "asic", "zip"])
def test_without_a_trace_they_are_unsigned(kind: str) -> None:
    assert verdict(_container(kind)).overall is Overall.UNSIGNED


def test_the_standards_sample_signature_in_edxml_is_a_destroyed_one() -> None:
    head = "<edXML xmlns='http://www.mic.gov.vn/TBT/QCVN_102_2016'>"
    found = verdict(
        (head + "<Signature><SignatureValue>x</SignatureValue></Signature></edXML>").encode()
    )
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.DESTROYED)
    assert verdict((head + "<a/></edXML>").encode()).overall is Overall.UNSIGNED


def test_xml_entities_are_never_expanded() -> None:
    bomb = (
        '<!DOCTYPE a [<!ENTITY x "lol">' + "".join(
            f'<!ENTITY x{n} "{f"&x{n - 1 or str()};" * 10}">' for n in range(1, 10)
        ) + f"]><a xmlns='{DSIG}'><Signature><b>&x9;</b></Signature></a>"
    )  # fmt: skip
    assert verdict(bomb.encode()).overall is not Overall.VALID


def test_a_pdf_by_name_that_is_none_is_unreadable() -> None:
    found = verdict(b"not a pdf at all", "quyet-dinh.pdf")
    assert (found.kind, found.overall) == (Kind.PDF, Overall.UNREADABLE)


def test_an_empty_file_says_so() -> None:
    assert verdict(b"").findings == (Finding.EMPTY_FILE,)


def test_the_same_file_again_is_judged_by_its_own_time() -> None:
    data = make.sign_pdf(make.page())
    first = _JUDGE.judge(data, "a.pdf", make.moment()).verdict
    later = make.moment(now=make.NOW + 900 * make.DAY, receipt=make.NOW + 800 * make.DAY)
    again = _JUDGE.judge(bytes(bytearray(data)), "b.pdf", later).verdict
    assert first.overall is Overall.VALID
    assert (again.path, again.overall) == ("b.pdf", Overall.INDETERMINATE)


def test_a_changed_copy_is_not_taken_for_the_file_seen_before() -> None:
    data = make.sign_pdf(make.page())
    assert verdict(data).overall is Overall.VALID
    at = data.index(b"Van ban")
    changed = data[:at] + b"Sua doi" + data[at + 7 :]
    assert len(changed) == len(data)
    assert verdict(changed).overall is Overall.INVALID
