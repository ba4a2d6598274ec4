"""edXML messages as the standard has them and as they are met, made by code."""

import base64
import io
import zipfile
from collections.abc import Mapping

from monitor.extract.edxml import open_message
from monitor.model import AxisFacts

QCVN = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
FLAT = "http://www.go.vn/eDoc"
DOCUMENT_ID = "H53.31.20,2026/11/16,125/SYT-VP"

FROM = "<From><OrganId>000.20.31.H53</OrganId><OrganName>Sở Y tế</OrganName></From>"
TO = "<To><OrganId>000.00.00.H41</OrganId><OrganName>UBND tỉnh</OrganName></To>"
CODE = "<Code><CodeNumber>125</CodeNumber><CodeNotation>SYT-VP</CodeNotation></Code>"
ISSUED = (
    "<PromulgationInfo><Place>Hòa Bình</Place><PromulgationDate>2026/11/16</PromulgationDate>"
    "</PromulgationInfo>"
)
ID = f"<DocumentId>{DOCUMENT_ID}</DocumentId>"
TRACE = (
    "<TraceHeader><OrganId>000.20.31.H53</OrganId><Timestamp>2026/11/16 09:30:00</Timestamp>"
    "</TraceHeader>"
)
HEADER = f"{FROM}{TO}{ID}{CODE}{ISSUED}<Subject>V/v phòng bệnh</Subject>"


def message(
    header: str = HEADER, traces: str = TRACE, references: str = "", attachments: str = ""
) -> bytes:
    """A message in the form of the standard."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><edXML xmlns="{QCVN}"><edXMLEnvelope><edXMLHeader>'
        f"<MessageHeader>{header}</MessageHeader><TraceHeaderList>{traces}</TraceHeaderList>"
        f"</edXMLHeader><edXMLBody><edXMLManifest>{references}</edXMLManifest></edXMLBody>"
        f"</edXMLEnvelope><AttachmentEncoded>{attachments}</AttachmentEncoded></edXML>"
    ).encode()


def business(kind: str, inside: str = "", paper: str = "") -> str:
    flag = f"<Paper>{paper}</Paper>" if paper else ""
    return f"<Bussiness><BussinessDocType>{kind}</BussinessDocType>{flag}{inside}</Bussiness>"


def status(code: str = "01", at: str = "2026/11/16 17:25:11", answers: str | None = None) -> bytes:
    """A status of the document that `message` makes."""
    about = answers or (
        f"<OrganId>000.20.31.H53</OrganId><Code>125/SYT-VP</Code>{ID}"
        "<PromulgationDate>2026/11/16</PromulgationDate>"
    )
    return message(
        "<From><OrganId>000.00.00.H41</OrganId><OrganName>UBND tỉnh</OrganName></From>"
        f"<ResponseFor>{about}</ResponseFor><StaffInfo><Staff>Trâm</Staff></StaffInfo>"
        f"<StatusCode>{code}</StatusCode><Description>Đã đến</Description>"
        f"<Timestamp>{at}</Timestamp>",
        traces="",
    )


def attached(
    name: str, data: bytes, content_id: str = "", description: str = "", encoded: str | None = None
) -> str:
    text = base64.b64encode(data).decode() if encoded is None else encoded
    return (
        f"<Attachment><ContentId>{content_id}</ContentId><AttachmentName>{name}</AttachmentName>"
        f"<Description>{description}</Description>"
        f"<ContentTransferEncoded>{text}</ContentTransferEncoded></Attachment>"
    )


def reference(name: str, content_id: str = "", description: str = "") -> str:
    return (
        f"<Reference><ContentId>{content_id}</ContentId><AttachmentName>{name}</AttachmentName>"
        f"<Description>{description}</Description></Reference>"
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def facts(data: bytes) -> AxisFacts:
    """The header of a message that has one."""
    opened = open_message(data)
    assert opened is not None
    assert opened.facts is not None
    return opened.facts
