"""What a file is by its content, and whether it is a document (DESIGN "Words").

The declared type and the name decide only where the content leaves it open: gateways and clients
lie about both.
"""

import re
from dataclasses import dataclass
from posixpath import splitext

from monitor.extract import tnef
from monitor.extract.packed import Packing, packing_of
from monitor.model import DocumentClass, Kind
from monitor.verify.sniff import kind_of

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_EDITABLE = frozenset(
    {".doc", ".dot", ".xls", ".xlt", ".ppt", ".pps", ".pot", ".wps", ".et", ".dps"}
)
_RTF = b"{\\rtf"
_MAIL_FIELDS = re.compile(
    rb"^(from|to|cc|date|subject|message-id|received|return-path|mime-version|content-type"
    rb"|delivered-to|sender|x-[\w-]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|>?From ")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_MAIL_SUFFIXES = frozenset({".eml", ".mime", ".mht", ".mhtml"})
_HEADER_HEAD = 16 * 1024


@dataclass(frozen=True, slots=True)
class Nature:
    """Kind of a file and its document class; None is no document of its own."""

    kind: Kind
    document: DocumentClass | None = None
    packing: Packing | None = None
    """An archive that is no ZIP: documents are in it."""
    tnef: bool = False
    """What Outlook sends in place of MIME (winmail.dat): attachments are in it."""

    @property
    def holds_others(self) -> bool:
        """It is no document itself: those in it are."""
        return self.kind in HOLDERS or self.packing is not None or self.tnef


HOLDERS = (Kind.ZIP, Kind.MAIL, Kind.EDXML)
"""Kinds whose documents are in them."""
_CLASSES = {
    Kind.PDF: DocumentClass.FORMAL,
    Kind.CMS: DocumentClass.FORMAL,
    Kind.ASIC: DocumentClass.FORMAL,
    Kind.EDXML: DocumentClass.FORMAL,
    Kind.XMLDSIG: DocumentClass.FORMAL,
    Kind.OOXML: DocumentClass.EDITABLE,
    Kind.ODF: DocumentClass.EDITABLE,
}


def classify(data: bytes, name: str | None) -> Nature:
    """Kind and class of a file by its content, then by its name."""
    if suffix(name) != ".pdf" and (held := _holder(data)):  # a PDF may be stored near its beginning
        return held
    kind = kind_of(data, name or "")
    if kind is not Kind.OTHER:
        return Nature(kind, _CLASSES.get(kind))
    if data.startswith(_RTF) or (data.startswith(_OLE) and suffix(name) in _OLE_EDITABLE):
        return Nature(Kind.OTHER, DocumentClass.EDITABLE)
    if held := _holder(data):
        return held
    return Nature(Kind.MAIL) if is_mail(data, name) else Nature(Kind.OTHER)


def _holder(data: bytes) -> Nature | None:
    if packing := packing_of(data):
        return Nature(Kind.OTHER, packing=packing)
    return Nature(Kind.OTHER, tnef=True) if data.startswith(tnef.SIGNATURE) else None


def suffix(name: str | None) -> str:
    """Last extension of a file name, lower case, with its dot."""
    return splitext((name or "").lower().replace("\\", "/").strip())[1]


def is_mail(data: bytes, name: str | None = None) -> bool:
    """Does it begin with a message header (RFC 5322), or look close enough for its name?"""
    head = data[:_HEADER_HEAD].lstrip(b"\xef\xbb\xbf\r\n")
    if not _HEADER_LINE.match(head):
        return False  # most files end here: looking for the header's end costs more than a verdict
    header = _BLANK_LINE.split(head, maxsplit=1)[0]
    lines = header.split(b"\n")
    if len(header) == len(head) and len(data) > _HEADER_HEAD:
        lines.pop()
    if not lines or lines[0][:1] in (b" ", b"\t"):
        return False
    if not all(_HEADER_LINE.match(line) for line in lines if line.strip()):
        return False
    known = {match[1].lower() for match in _MAIL_FIELDS.finditer(header)}
    return len(known) >= (1 if suffix(name) in _MAIL_SUFFIXES else 2)
