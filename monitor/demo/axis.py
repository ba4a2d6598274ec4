"""What passes over the demo's exchange axis: edXML documents and statuses (QCVN 102:2016)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from monitor.clock import VIETNAM, vietnam_day
from monitor.demo.agencies import DemoAgency
from monitor.demo.documents import DemoDocument
from monitor.demo.files import appear

_SPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"


@dataclass(frozen=True)
class Dispatch:
    """One document on its way from an agency to others."""

    document: DemoDocument
    sender: DemoAgency
    receivers: tuple[DemoAgency, ...]
    sent_at: datetime
    paper: bool = False

    @property
    def document_id(self) -> str:
        """How the sender names it, and statuses after it."""
        day = vietnam_day(self.sent_at).strftime("%Y/%m/%d")
        return f"{_code(self.sender)},{day},{self.code}"

    @property
    def code(self) -> str:
        return f"{self.document.number}/{self.document.notation}"


def document_message(dispatch: Dispatch) -> bytes:
    """The message that carries the document."""
    day = vietnam_day(dispatch.sent_at).strftime("%Y/%m/%d")
    document = dispatch.document
    receivers = "".join(f"<To>{_organ(each)}</To>" for each in dispatch.receivers)
    header = (
        f"<From>{_organ(dispatch.sender)}</From>{receivers}"
        f"<DocumentId>{escape(dispatch.document_id)}</DocumentId>"
        f"<Code><CodeNumber>{document.number}</CodeNumber>"
        f"<CodeNotation>{escape(document.notation)}</CodeNotation></Code>"
        f"<PromulgationInfo><Place>Hoa Sen</Place>"
        f"<PromulgationDate>{day}</PromulgationDate></PromulgationInfo>"
        "<DocumentType><Type>1</Type><TypeName>Công văn</TypeName></DocumentType>"
        f"<Subject>Văn bản trình diễn số {escape(dispatch.code)}</Subject>"
    )
    trace = (
        f"<TraceHeader><OrganId>{_code(dispatch.sender)}</OrganId>"
        f"<Timestamp>{_stamp(dispatch.sent_at)}</Timestamp></TraceHeader>"
        "<Bussiness><BussinessDocType>0</BussinessDocType>"
        f"<Paper>{int(dispatch.paper)}</Paper></Bussiness>"
    )
    content = base64.encodebytes(document.data).decode()
    attached = (
        f"<AttachmentEncoded><Attachment><ContentId>cid:1</ContentId>"
        f"<AttachmentName>{escape(document.name)}</AttachmentName>"
        "<ContentType>application/pdf</ContentType>"
        f"<ContentTransferEncoded>{content}</ContentTransferEncoded>"
        "</Attachment></AttachmentEncoded>"
    )
    manifest = (
        '<edXMLBody><edXMLManifest version="1.0"><Reference><ContentId>cid:1</ContentId>'
        f"<AttachmentName>{escape(document.name)}</AttachmentName>"
        "</Reference></edXMLManifest></edXMLBody>"
    )
    return _message(header, f"<TraceHeaderList>{trace}</TraceHeaderList>", manifest, attached)


def status_message(dispatch: Dispatch, receiver: DemoAgency, code: str, at: datetime) -> bytes:
    """What a receiver says of it: `01` arrived, `02` rejected, `03` received, `06` done."""
    day = vietnam_day(dispatch.sent_at).strftime("%Y/%m/%d")
    header = (
        f"<From>{_organ(receiver)}</From>"
        f"<ResponseFor><OrganId>{_code(dispatch.sender)}</OrganId>"
        f"<Code>{escape(dispatch.code)}</Code><PromulgationDate>{day}</PromulgationDate>"
        f"<DocumentId>{escape(dispatch.document_id)}</DocumentId></ResponseFor>"
        f"<StatusCode>{code}</StatusCode><Timestamp>{_stamp(at)}</Timestamp>"
    )
    return _message(header, "", "", "")


def file_messages(folder: Path, messages: Sequence[bytes], stem: str) -> None:
    """Put messages into the axis's folder, each in one step."""
    for number, message in enumerate(messages):
        appear(folder / f"{stem}-{number}.edxml", message)


def _message(header: str, trace: str, body: str, attached: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{_SPACE}"><edXMLEnvelope>'
        f"<edXMLHeader><MessageHeader>{header}</MessageHeader>{trace}</edXMLHeader>{body}"
        f"</edXMLEnvelope>{attached}</edXML>\n"
    ).encode()


def _organ(agency: DemoAgency) -> str:
    return (
        f"<OrganId>{_code(agency)}</OrganId><OrganName>{escape(agency.name)}</OrganName>"
        f"<Email>{agency.mailbox}</Email>"
    )


def _code(agency: DemoAgency) -> str:
    """In the form of QĐ 20/2020, which the demo's registry lists."""
    return agency.organ_codes[1]


def _stamp(at: datetime) -> str:
    return at.astimezone(VIETNAM).strftime("%Y/%m/%d %H:%M:%S")
