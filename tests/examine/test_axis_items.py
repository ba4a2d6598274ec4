"""Items of the exchange axis: the message's header, its documents, and what is no message."""

import pytest

from monitor.examine import Examiner
from monitor.isolate.wire import MAX_ANSWER_BYTES
from monitor.model import (
    AxisKind,
    Channel,
    DocumentClaim,
    DocumentClass,
    DocumentRole,
    Examined,
    Finding,
    Integrity,
    ItemHeader,
    Kind,
    Limits,
    Overall,
    PayloadKind,
)
from tests.extract import edxml_making as edxml
from tests.verify import making as make
from tests.verify.test_edxml_messages import PASTED

EXAMINER = Examiner(make.material(), Limits())


def examine(
    data: bytes, *, oversize: bool = False, kind: PayloadKind = PayloadKind.AXIS
) -> Examined:
    claim = DocumentClaim(agency="a", file_name="a.edxml") if kind is PayloadKind.DOCUMENT else None
    header = ItemHeader(
        item_id="0" * 32,
        kind=kind,
        source="axis",
        channel=Channel.AXIS,
        received_at=make.NOW,
        size=len(data),
        oversize=oversize,
        claim=claim,
    )
    return EXAMINER.examine(header, data, make.moment())


def roles(data: bytes) -> dict[str | None, DocumentRole | None]:
    return {each.file_name: each.role for each in examine(data).documents}


def sent(*names: str, header: str = edxml.HEADER, descriptions: tuple[str, ...] = ()) -> bytes:
    """A message with a file of each name."""
    said = dict(zip(names, descriptions, strict=False))
    files = "".join(
        edxml.attached(name, b"%PDF-1.7 " + name.encode(), description=said.get(name, ""))
        for name in names
    )
    return edxml.message(header, attachments=files)


def test_the_header_the_documents_and_the_containers_verdict_are_told_apart() -> None:
    files = edxml.attached("a.pdf", make.signed_page()) + edxml.attached("b.pdf", make.page())
    data = edxml.message(attachments=files).replace(
        b"</edXMLHeader>", f"{PASTED}</edXMLHeader>".encode()
    )
    found = examine(data)
    assert (found.verdict.kind, found.verdict.overall, found.verdict.integrity) == (
        Kind.EDXML, Overall.INVALID, Integrity.DESTROYED,
    )  # fmt: skip
    assert found.axis is not None
    assert found.axis.document_id == edxml.DOCUMENT_ID
    assert [
        (each.file_name, each.document_class, each.judgement.verdict.overall)
        for each in found.documents
    ] == [
        ("a.pdf", DocumentClass.FORMAL, Overall.VALID),
        ("b.pdf", DocumentClass.FORMAL, Overall.UNSIGNED),
    ]
    assert found.findings == ()


def test_a_status_has_no_document_and_no_signature() -> None:
    found = examine(edxml.status())
    assert found.axis is not None
    assert (found.axis.kind, found.documents) == (AxisKind.STATUS, ())
    assert (found.verdict.overall, found.findings) == (Overall.UNSIGNED, ())


def test_a_message_that_nobody_signed_is_not_called_valid_for_its_documents() -> None:
    """A reader is told of the signature on the message by this verdict alone."""
    data = edxml.message(attachments=edxml.attached("a.pdf", make.signed_page()))
    for each in (data, edxml.zipped({"x.edxml": data})):
        found = examine(each)
        assert found.axis is not None
        assert [one.judgement.verdict.overall for one in found.documents] == [Overall.VALID]
        assert (found.verdict.overall, found.verdict.parts) == (Overall.UNSIGNED, ())


def test_the_outer_message_is_the_one_and_documents_come_from_its_payload() -> None:
    other = edxml.message("<From><OrganId>H99</OrganId></From><DocumentId>inner</DocumentId>",
                          attachments=edxml.attached("a.pdf", make.signed_page()))  # fmt: skip
    payload = edxml.zipped({"x.edxml": other})
    found = examine(edxml.message(attachments=edxml.attached("van-ban.doc", payload)))
    assert found.axis is not None
    assert found.axis.document_id == edxml.DOCUMENT_ID
    assert [each.judgement.verdict.overall for each in found.documents] == [Overall.VALID]


def test_a_message_within_an_empty_one_or_an_archive_is_the_one() -> None:
    inner = edxml.message()
    for data in (
        edxml.message("", "", attachments=edxml.attached("x.edxml", inner)),
        edxml.message("", "", attachments=edxml.attached("x", edxml.zipped({"x.edxml": inner}))),
        edxml.zipped({"x.edxml": inner}),
        edxml.zipped({"x.xml": inner, "note.txt": b"x"}),
    ):
        found = examine(data)
        assert found.axis is not None
        assert found.axis.document_id == edxml.DOCUMENT_ID


@pytest.mark.parametrize(
    "data",
    [
        edxml.message().decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        b"\xef\xbb\xbf" + edxml.message(),
        b"\r\n\r\n" + edxml.message(),
        edxml.message().replace(b"<edXML ", b"<!-- " + b"x" * 3000 + b" --><edXML "),
        edxml.message().replace(edxml.QCVN.encode(), edxml.FLAT.encode()),
    ],
)
def test_a_message_is_known_however_its_file_begins(data: bytes) -> None:
    found = examine(data)
    assert found.verdict.kind is Kind.EDXML
    assert found.axis is not None
    assert found.axis.sender.name == "Sở Y tế"


def test_several_messages_side_by_side_are_not_one_message() -> None:
    found = examine(edxml.zipped({"a.edxml": edxml.message(), "b.edxml": edxml.status()}))
    assert (found.axis, found.findings) == (None, (Finding.NOT_EDXML,))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (make.page(), Kind.PDF),
        (b"", Kind.OTHER),
        (b"no message at all", Kind.EDXML),
        (b"<html><body/></html>", Kind.OTHER),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + edxml.message(), Kind.EDXML),
        (b'<!DOCTYPE a SYSTEM "x">' + edxml.message().partition(b"?>")[2], Kind.EDXML),
        (edxml.message(""), Kind.EDXML),
        (edxml.zipped({"a.txt": b"x"}), Kind.ZIP),
        (b"PK\x03\x04 cut off", Kind.EDXML),
        (b"From: a@b.vn\r\nSubject: x\r\n\r\nhello", Kind.EDXML),
    ],
)
def test_what_is_no_message_is_said_so_and_lost_nowhere(data: bytes, kind: Kind) -> None:
    found = examine(data)
    assert found.axis is None
    assert Finding.NOT_EDXML in found.findings
    assert found.verdict.kind is kind
    assert found.verdict.overall is not Overall.VALID


def test_a_file_past_the_limit_is_said_so() -> None:
    found = examine(b"", oversize=True)
    assert (found.verdict.kind, found.findings) == (Kind.EDXML, (Finding.OVERSIZE,))


def test_a_message_in_a_document_folder_keeps_its_documents_and_has_no_header() -> None:
    found = examine(sent("a.pdf"), kind=PayloadKind.DOCUMENT)
    assert found.axis is None
    assert [each.file_name for each in found.documents] == ["a.pdf"]


def test_an_answer_with_as_much_as_can_be_fits() -> None:
    long = "\u1ec7" * 5000
    many = "".join(
        f"<To><OrganId>{n}{'X' * 90}</OrganId><OrganName>{n}{long[:300]}</OrganName></To>"
        for n in range(6000)
    )
    files = "".join(edxml.reference(f"{n}{long[:400]}") for n in range(2000))
    appendixes = "".join(f"<Appendix>{n}{long}</Appendix>" for n in range(200))
    found = examine(edxml.message(edxml.HEADER + many + appendixes, references=files))
    assert found.axis is not None
    assert len(found.axis.receivers) == 5000
    assert len(found.model_dump_json().encode()) < MAX_ANSWER_BYTES / 2


# -- what a file is beside the others --------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Phụ lục I.pdf", "phu luc.pdf", "PL01.pdf", "PL 2.pdf", "02_Phu_luc_kem_theo.pdf",
     "125-SYT_phuluc2.pdf", "125-SYT (phụ lục II).pdf", "Appendix A.pdf", "PHULUC3.PDF"],
)  # fmt: skip
def test_a_file_that_calls_itself_an_appendix_is_one_beside_its_document(name: str) -> None:
    assert roles(sent("125-SYT.pdf", name)) == {"125-SYT.pdf": None, name: DocumentRole.APPENDIX}


@pytest.mark.parametrize(
    "name",
    ["QĐ ban hành kèm phụ lục.pdf", "Công văn.pdf", "plan.pdf", "Phuong an.pdf", "supply.pdf",
     "Quyết định và phụ lục.pdf", "Quyết định ban hành phụ lục 1.pdf", "12.pdf"],
)  # fmt: skip
def test_other_names_say_nothing(name: str) -> None:
    assert roles(sent("125-SYT.pdf", name)) == {"125-SYT.pdf": None, name: None}


def test_what_the_message_lists_or_describes_as_an_appendix_is_one() -> None:
    listed = edxml.HEADER + "<Appendixes><Appendix>Danh sách kèm theo</Appendix></Appendixes>"
    by_list = sent("a.pdf", "Danh sach kem theo.pdf", header=listed)
    assert roles(by_list)["Danh sach kem theo.pdf"] is DocumentRole.APPENDIX
    by_description = sent("a.pdf", "b.pdf", descriptions=("Công văn", "Phụ lục 1"))
    assert roles(by_description) == {"a.pdf": None, "b.pdf": DocumentRole.APPENDIX}


def test_an_appendix_alone_is_the_document() -> None:
    assert roles(sent("Phụ lục.pdf")) == {"Phụ lục.pdf": None}
    assert roles(sent("Phụ lục 1.pdf", "Phụ lục 2.pdf")) == {
        "Phụ lục 1.pdf": None, "Phụ lục 2.pdf": None,
    }  # fmt: skip


def test_appendixes_in_an_archive_are_told_apart_as_well() -> None:
    payload = edxml.zipped({"125.pdf": b"%PDF-1.7 a", "PL1.pdf": b"%PDF-1.7 b"})
    data = edxml.message(attachments=edxml.attached("a.zip", payload))
    assert roles(data) == {"125.pdf": None, "PL1.pdf": DocumentRole.APPENDIX}


@pytest.mark.parametrize(
    "header",
    [
        edxml.HEADER.replace("SYT-VP", "SY-SYT"),
        edxml.HEADER.replace("SYT-VP", "SL-UBND"),
        edxml.HEADER + "<DocumentType><TypeName>Bản sao y</TypeName></DocumentType>",
    ],
)
def test_a_message_that_sends_a_copy_says_so_of_its_document(header: str) -> None:
    assert roles(sent("a.pdf", "Phụ lục.pdf", header=header)) == {
        "a.pdf": DocumentRole.COPY, "Phụ lục.pdf": DocumentRole.APPENDIX,
    }  # fmt: skip
