"""edXML messages: a pasted signature is a destroyed one, and documents bear the real ones."""

import base64
import io
import zipfile

from monitor.model import Cause, Finding, Integrity, Kind, Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify import xml_making as xml
from tests.verify.xml_making import ENVELOPED, EXCLUSIVE, Ref

_JUDGE = Judge(make.material())
SPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
PASTED = "<Signature><SignedInfo/><SignatureValue>GbVb8n9</SignatureValue></Signature>"


def verdict(text: str | bytes) -> Verdict:
    data = text.encode() if isinstance(text, str) else text
    return _JUDGE.judge(data, "a.edxml", make.moment()).verdict


def attachment(name: str, data: bytes) -> str:
    return (
        f"<Attachment><AttachmentName>{name}</AttachmentName><e:ContentTransferEncoded"
        f' xmlns:e="{SPACE}">{base64.b64encode(data).decode()}</e:ContentTransferEncoded>'
        "</Attachment>"
    )


def message(*attachments: str, signature: str = "") -> str:
    return (
        f'<edXML xmlns="{SPACE}"><edXMLEnvelope><edXMLHeader>{signature}</edXMLHeader>'
        f"</edXMLEnvelope><AttachmentEncoded>{''.join(attachments)}</AttachmentEncoded></edXML>"
    )


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, data)
    return out.getvalue()


def test_a_message_without_signature_or_documents_is_unsigned() -> None:
    found = verdict(message())
    assert (found.kind, found.overall, found.parts) == (Kind.EDXML, Overall.UNSIGNED, ())


def test_the_sample_signature_is_a_destroyed_one_and_its_documents_are_still_judged() -> None:
    found = verdict(message(attachment("a.pdf", make.signed_page()), signature=PASTED))
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.DESTROYED)
    assert [part.overall for part in found.parts] == [Overall.VALID]


def test_without_its_own_signature_it_is_what_its_documents_are() -> None:
    good, plain = attachment("a.pdf", make.signed_page()), attachment("b.pdf", make.page())
    assert verdict(message(good)).overall is Overall.VALID
    assert verdict(message(good, plain)).overall is Overall.UNSIGNED
    broken = "<Attachment><ContentTransferEncoded>?</ContentTransferEncoded></Attachment>"
    found = verdict(message(good, broken))
    assert found.overall is Overall.UNREADABLE


def test_documents_in_an_archive_and_in_messages_inside_are_parts() -> None:
    inner = message(attachment("a.pdf", make.signed_page())).encode()
    found = verdict(message(attachment("b.doc", zipped("x.edxml", inner))))
    assert found.overall is Overall.VALID
    assert found.parts[0].path == "b.doc/x.edxml"
    assert found.parts[0].parts[0].kind is Kind.PDF


def test_every_content_of_an_attachment_is_judged() -> None:
    """Which of them another reader shows is its own affair."""
    good, plain = attachment("a.pdf", make.signed_page()), attachment("a.pdf", make.page())
    second = plain.partition("</AttachmentName>")[2]
    found = verdict(message(good.replace("</Attachment>", second)))
    assert [part.overall for part in found.parts] == [Overall.VALID, Overall.UNSIGNED]
    assert found.overall is Overall.UNSIGNED


def test_messages_inside_messages_end() -> None:
    data = message(attachment("a.pdf", make.signed_page()))
    for _ in range(8):
        data = message(attachment("m.edxml", data.encode()))
    found = verdict(data)
    while found.parts:
        found = found.parts[0]
    assert Finding.LIMIT_REACHED in found.findings
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, Cause.OURS)


def test_a_real_signature_over_the_message_counts() -> None:
    plain = message(attachment("a.txt", b"a"))
    made = xml.signature(Ref("", plain.encode(), (ENVELOPED, EXCLUSIVE)))
    # the content element declares its prefix where it stands, as its canonical form does
    signed = message(attachment("a.txt", b"a"), signature=made)
    assert verdict(signed).overall is Overall.VALID
    assert verdict(signed.replace("a.txt", "b.txt")).overall is Overall.INVALID


def test_a_message_that_is_not_well_formed_is_unreadable() -> None:
    found = verdict(message() + "<")
    assert (found.overall, found.findings) == (Overall.UNREADABLE, (Finding.MALFORMED,))
