"""What kind of file this is, by its content; the name only helps where the content says nothing."""

import base64
import binascii
import re
from posixpath import splitext

from monitor.model import Kind
from monitor.verify.zip_reader import MAX_ENTRIES, Archive, Bomb, Broken

_BY_SUFFIX = {
    ".pdf": Kind.PDF,
    ".edxml": Kind.EDXML,
    **dict.fromkeys((".asice", ".asics", ".sce", ".scs", ".bdoc"), Kind.ASIC),
}
"""What a file was meant to be whose content is nothing known: it is broken, not unsigned."""
_CMS_OID = bytes.fromhex("06092a864886f70d0107")
_PEM_CMS = re.compile(rb"-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----")
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\r\n\t ]{64,}\Z")
_XML_START = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<[\0]*[?!A-Za-z_]")
_EDXML_ROOT = re.compile(rb"<(?:[\w.-]+:)?edXML(?:Envelope)?[\s>]|<edXML:\w", re.IGNORECASE)
"""Its root, or its prefix: some stand in an envelope of SOAP."""
XMLDSIG = b"http://www.w3.org/2000/09/xmldsig#"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_MAGIC = frozenset({b"PK\x03\x04", b"PK\x05\x06"})
_HEAD = 4096


def kind_of(data: bytes, name: str) -> Kind:
    """Kind of a file that is no mail."""
    head = data[:_HEAD]
    if data[:1] == b"\x30" and cms_of(data) is not None:
        return Kind.CMS
    suffix = splitext(name)[1].lower()
    archive = head[:4] in _ZIP_MAGIC and suffix != ".pdf"  # a PDF may be stored in it
    if b"%PDF-" in head[:1024] and not archive:
        return Kind.PDF
    container = _container(data)
    if container is not None:
        return container
    if cms_of(data) is not None:
        return Kind.CMS
    return _BY_SUFFIX.get(suffix, Kind.ZIP if archive else Kind.OTHER)


def reading_of(name: str) -> str:
    """All that a name has to say in `kind_of`: files alike in it and in content are alike."""
    suffix = splitext(name)[1].lower()
    return suffix if suffix in _BY_SUFFIX else ""


def _container(data: bytes) -> Kind | None:
    if data[:4] in _ZIP_MAGIC:
        return _kind_of_zip(data)
    if data[:8] == _OLE:
        return Kind.OOXML if _encrypted_package(data) else Kind.OTHER
    return _kind_of_xml(data) if _XML_START.match(data[:_HEAD]) else None


def cms_of(data: bytes) -> bytes | None:
    """The CMS structure in DER, PEM or bare base64; None where there is none."""
    if data[:1] == b"\x30":
        return data if _CMS_OID in data[:32] else None
    armour = _PEM_CMS.search(data[:_HEAD])
    if armour is not None:  # searched for once: a file of armour lines costs no more than any other
        end = data.find(b"-----END", armour.end())
        return _decoded(data[armour.end() : end]) if end >= 0 else None
    if data[:2] == b"MI" and _BASE64.match(data):
        found = _decoded(data)
        return found if found is not None and _CMS_OID in found[:32] else None
    return None


def _decoded(text: bytes) -> bytes | None:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _encrypted_package(data: bytes) -> bool:
    """An encrypted Office document is an OLE file with this stream ([MS-OFFCRYPTO] 2.3.4.4)."""
    return "EncryptedPackage".encode("utf-16-le") in data[: 4 * 1024 * 1024]


def _kind_of_zip(data: bytes) -> Kind | None:
    try:
        names = [entry.name for entry in Archive(data).entries[:MAX_ENTRIES]]
    except (Broken, Bomb):
        return None
    if "[Content_Types].xml" in names:
        return Kind.OOXML
    mimetype = _mimetype(data)
    if mimetype.startswith(b"application/vnd.etsi.asic"):
        return Kind.ASIC
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        return Kind.ODF
    if "META-INF/manifest.xml" in names and "content.xml" in names:
        return Kind.ODF
    inside = [n.lower() for n in names if n.startswith("META-INF/")]
    signed = any("signature" in n and n.endswith((".xml", ".p7s")) for n in inside)
    return Kind.ASIC if signed else Kind.ZIP


def is_zip(data: bytes, name: str) -> bool:
    """Is it a plain archive, not a document that is one inside?"""
    return data[:4] in _ZIP_MAGIC and kind_of(data, name) is Kind.ZIP


def _mimetype(data: bytes) -> bytes:
    """The stored `mimetype` entry at the start of ODF and ASiC files."""
    if data[30:38] != b"mimetype":
        return b""
    return data[38:138]


def _kind_of_xml(data: bytes) -> Kind:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        data = data.replace(b"\0", b"")
    head = data[:_HEAD]
    if _EDXML_ROOT.search(head) or b"QCVN_102_2016" in head or b"www.go.vn/eDoc" in head:
        return Kind.EDXML
    return Kind.XMLDSIG if XMLDSIG in data or b"<Signature" in data else Kind.OTHER
