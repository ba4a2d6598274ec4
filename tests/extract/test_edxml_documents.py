"""The documents of an edXML message are documents of their own, whatever the message is worth."""

import base64

from monitor.extract.documents import Contents, contents_of_file
from monitor.model import DocumentClass, Finding, Kind, Limits
from tests.extract.mail_samples import PDF, archive, attachment, contents, mail

SPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def attached(name: str, data: bytes | str) -> str:
    text = data if isinstance(data, str) else base64.b64encode(data).decode()
    return (
        f"<Attachment><AttachmentName>{name}</AttachmentName>"
        f"<ContentTransferEncoded>{text}</ContentTransferEncoded></Attachment>"
    )


def message(*attachments: str, header: str = "") -> bytes:
    return (
        f'<edXML xmlns="{SPACE}"><edXMLEnvelope><edXMLHeader>{header}</edXMLHeader>'
        f"</edXMLEnvelope><AttachmentEncoded>{''.join(attachments)}</AttachmentEncoded></edXML>"
    ).encode()


def found(data: bytes, limits: Limits | None = None) -> Contents:
    return contents_of_file("a.edxml", data, limits or Limits())


def listed(contents_: Contents) -> list[tuple[str | None, Kind, DocumentClass]]:
    return [(each.name, each.kind, each.document_class) for each in contents_.documents]


def test_every_attachment_is_a_formal_document_and_the_message_is_none() -> None:
    assert listed(found(message(attached("a.pdf", PDF), attached("quet.png", PNG)))) == [
        ("a.pdf", Kind.PDF, DocumentClass.FORMAL),
        ("quet.png", Kind.OTHER, DocumentClass.FORMAL),
    ]


def test_a_status_message_has_no_document() -> None:
    assert found(message()).documents == []


def test_messages_in_archives_in_messages_are_opened() -> None:
    inner = archive({"van-ban.edxml": message(attached("a.pdf", PDF))})
    assert [name for name, _, _ in listed(found(message(attached("goi.zip", inner))))] == ["a.pdf"]


def test_nesting_ends_at_the_limit() -> None:
    inner = message(attached("a.pdf", PDF))
    for _ in range(Limits().archive_depth):
        inner = message(attached("a.edxml", inner))
    contents_ = found(inner)
    assert (contents_.documents, contents_.findings) == ([], {Finding.ARCHIVE_LIMIT})


def test_no_more_attachments_than_the_limit_are_taken() -> None:
    many = message(*(attached(f"{n}.pdf", PDF + bytes([n])) for n in range(5)))
    contents_ = found(many, Limits(archive_entries=3))
    assert len(contents_.documents) == 3
    assert contents_.findings == {Finding.ARCHIVE_LIMIT}


def test_a_message_that_is_not_well_formed_still_gives_its_documents() -> None:
    """Seen in the wild: a From that is opened twice."""
    broken = message(attached("a.pdf", PDF), header="<From><From><OrganId>H53</OrganId></From>")
    assert [name for name, _, _ in listed(found(broken))] == ["a.pdf"]


def test_an_attachment_in_no_encoding_is_said_so() -> None:
    contents_ = found(message(attached("a.pdf", "?"), attached("b.pdf", PDF)))
    assert [name for name, _, _ in listed(contents_)] == ["b.pdf"]
    assert contents_.findings == {Finding.MALFORMED}


def test_a_message_that_cannot_be_read_stands_for_its_documents() -> None:
    data = b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + message(attached("a.pdf", PDF))
    assert listed(found(data)) == [("a.edxml", Kind.EDXML, DocumentClass.FORMAL)]


def test_a_message_sent_by_mail_is_opened_as_well() -> None:
    raw = mail(attachment(message(attached("a.pdf", PDF)), "a.edxml", "application/xml"))
    assert [name for name, _, _ in listed(contents(raw))] == ["a.pdf"]
