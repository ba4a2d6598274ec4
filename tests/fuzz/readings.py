# mypy: allow-untyped-calls
"""What an independent reader finds in a file: the content that its signer signed.

Nothing here uses the code under test: the standard library, lxml, asn1crypto and poppler read the
file. A reading has a `core` that must be exactly a genuine file's, and `extras` of which a file may
have fewer, never others.
"""

import base64
import email
import email.policy
import email.utils
import hashlib
import io
import re
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from asn1crypto import cms
from lxml import etree

from tests.support.needs import find, program

_DS, _RELS = (
    "{http://www.w3.org/2000/09/xmldsig#}",
    "{http://schemas.openxmlformats.org/package/2006/relationships}",
)
ZIP_FAULTS = (
    zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, NotImplementedError,
    EOFError, KeyError, IndexError, OverflowError, struct.error,
)  # fmt: skip
"""What zipfile raises at a broken archive."""
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"


@dataclass(frozen=True)
class Reading:
    """What a reader sees, and what else is signed."""

    core: Hashable
    extras: frozenset[Hashable] = frozenset()

    def within(self, other: "Reading") -> bool:
        return self.core == other.core and self.extras <= other.extras


class Unread(ValueError):
    """The independent reader makes nothing of the file."""


def read(kind: str, data: bytes, content: bytes | None = None) -> Reading:
    """The reading of a file of a kind; raises `Unread`."""
    if kind == "cms":
        return _cms(data, content)
    return _READERS[kind](data)


# -- CMS ------------------------------------------------------------------------------------------


def _cms(data: bytes, content: bytes | None) -> Reading:
    """The content, and each signer's signed attributes by type and value."""
    try:
        if data[:1] != b"\x30":
            body = re.sub(rb"-----[^-]+-----", b"", data)
            data = base64.b64decode(b"".join(body.split()))
        return _attributed(data, content)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return Reading(_by_openssl(data, content, error))


def _attributed(data: bytes, content: bytes | None) -> Reading:
    signed = cms.ContentInfo.load(data)["content"]
    held = signed["encap_content_info"]["content"].native
    if isinstance(held, str):
        held = held.encode()
    extras: set[Hashable] = set()
    for signer in signed["signer_infos"]:
        for attribute in signer["signed_attrs"]:
            kind = attribute["type"].dotted
            extras |= {(kind, repr(value.native)) for value in attribute["values"]}
    return Reading(held if held is not None else content, frozenset(extras))


def contains(data: bytes, genuine: Reading) -> bool:
    """For a CMS that no other reader takes: is the genuine content in it, byte for byte?"""
    assert isinstance(genuine.core, bytes)
    if data[:1] != b"\x30":
        text = re.sub(rb"-----[^-]+-----", b"", data)
        data = base64.b64decode(b"".join(text.split()) + b"==")
    return genuine.core in data


def _by_openssl(data: bytes, content: bytes | None, error: Exception) -> bytes:
    """The content by a more tolerant reader, which also says that the signature fits."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a").write_bytes(data)
        (Path(folder) / "b").write_bytes(content or b"")
        call = [program("openssl"), "cms", "-verify", "-noverify", "-binary", "-inform", "DER",
                "-in", "a", "-out", "c"]  # fmt: skip
        for more in ([], ["-content", "b"]):
            done = subprocess.run([*call, *more], cwd=folder, capture_output=True, check=False)
            if done.returncode == 0:
                return (Path(folder) / "c").read_bytes()
    raise Unread from error


# -- mail -----------------------------------------------------------------------------------------


def _smime(data: bytes) -> Reading:
    """From, and every part a reader shows: its type, and its text without what ends it."""
    # the standard library takes `From :` for the line that begins an mbox message
    data = re.sub(rb"^([!-9;-~]+)[ \t]+:", rb"\1:", data, flags=re.MULTILINE)
    # nor does it leave out comments (RFC 2045 5.1)
    data = data.replace(b" (comment)", b"")
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    senders = message.get_all("From") or []
    addresses = tuple(a.lower() for _, a in email.utils.getaddresses([str(s) for s in senders]))
    return Reading((addresses, tuple(_shown(message, 0))))


def _shown(part: Message, depth: int) -> Iterator[tuple[str, bytes]]:
    kind = part.get_content_type()
    if depth > 9:
        raise Unread
    if kind == "multipart/signed":
        members = part.get_payload()
        if not isinstance(members, list) or len(members) != 2:
            raise Unread
        assert isinstance(members[0], Message)
        yield from _shown(members[0], depth + 1)
    elif part.is_multipart():
        for member in part.get_payload():
            assert isinstance(member, Message)
            yield from _shown(member, depth + 1)
    elif "pkcs7-mime" in kind or (part.get_filename() or "").lower().endswith(".p7m"):
        held = _enclosed(_binary(bytes(part.get_payload(decode=True) or b"")))
        yield from _shown(email.message_from_bytes(held), depth + 1)
    else:
        text = bytes(part.get_payload(decode=True) or b"").replace(b"\r\n", b"\n").rstrip()
        if text:
            yield kind, text


def _binary(data: bytes) -> bytes:
    """Base64 whose encoding the header does not tell."""
    if data.lstrip()[:2] != b"MI":
        return data
    try:
        return base64.b64decode(b"".join(data.split()))
    except ValueError as error:
        raise Unread from error


def _enclosed(data: bytes) -> bytes:
    """The entity in an opaque signature or a CompressedData (RFC 3274)."""
    try:
        info = cms.ContentInfo.load(data)
        if info["content_type"].native == "compressed_data":
            return bytes(info["content"].decompressed)
    except (ValueError, TypeError, KeyError) as error:
        raise Unread from error
    held = _cms(data, None).core
    if not isinstance(held, bytes):
        raise Unread
    return held


# -- XML ------------------------------------------------------------------------------------------


def _canonical(node: etree._Element | etree._ElementTree) -> bytes:
    return etree.tostring(node, method="c14n", exclusive=True, with_comments=False)


def _xmldsig(data: bytes) -> Reading:
    """The document without its signatures; the objects and signed properties inside them."""
    root = _root(data)
    named = _named(root)
    extras: set[Hashable] = set()
    for held in _objects(root):
        if not any(_local(node) == "SignedProperties" for node in held.iter()):
            extras.add(_canonical(held).strip())
    times = {(node.text or "").strip() for node in root.iter() if _local(node) == "SigningTime"}
    for signature in list(root.iter(f"{_DS}Signature")):
        _cut(signature)
    if root.tag == f"{_DS}Signature":
        return Reading(b"", frozenset(extras | times))
    if named and root not in named:
        return Reading((tuple(map(_canonical, named)), _said(root)), frozenset(extras | times))
    return Reading(_canonical(root.getroottree()), frozenset(extras | times))


def _named(root: etree._Element) -> list[etree._Element]:
    """The elements of the document that references name by their identifier."""
    told = {str(each.get("URI")) for each in root.iter(f"{_DS}Reference")}
    inside = {node for each in root.iter(f"{_DS}Signature") for node in each.iter()}
    return [n for n in root.iter() if f"#{n.get('Id')}" in told and n not in inside]


def _said(root: etree._Element) -> Hashable:
    """All text and attributes: identifiers and the root's name are nobody's word."""
    attributes = sorted((k, v) for n in root.iter() for k, v in n.attrib.items() if k != "Id")
    return "".join(map(str, root.itertext())).strip(), tuple(attributes)


def _objects(root: etree._Element) -> Iterator[etree._Element]:
    """Objects of signatures; what stands in a KeyInfo is no content."""
    for held in root.iter(f"{_DS}Object"):
        parent = held.getparent()
        if parent is not None and parent.tag == f"{_DS}Signature":
            yield held


def _root(data: bytes) -> etree._Element:
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unread from error


def _local(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _cut(node: etree._Element) -> None:
    """Takes an element out and leaves the text behind it, as the enveloped transform does."""
    parent = node.getparent()
    if parent is None:
        return
    before = node.getprevious()
    if node.tail and before is not None:
        before.tail = (before.tail or "") + node.tail
    elif node.tail:
        parent.text = (parent.text or "") + node.tail
    parent.remove(node)


# -- packages -------------------------------------------------------------------------------------


def _files(data: bytes, aside: tuple[str, ...] = ()) -> dict[str, bytes]:
    """The content of every entry by its name, without those whose names begin so."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            names = [i.filename for i in infos if i.file_size or not i.filename.endswith("/")]
            if len(names) != len(set(names)):
                raise Unread
            return {name: archive.read(name) for name in names if not name.startswith(aside)}
    except ZIP_FAULTS as error:
        raise Unread from error


def _normal(name: str, content: bytes) -> Hashable:
    return (name, _canonical(_root(content)) if name.endswith(".xml") else content)


def _odf(data: bytes) -> Reading:
    """Every file but the signatures; XML by its canonical form."""
    own = {"META-INF/documentsignatures.xml", "META-INF/macrosignatures.xml"}
    return Reading(frozenset(_normal(n, c) for n, c in _files(data).items() if n not in own))


def _asic(data: bytes) -> Reading:
    """Every file outside META-INF, byte by byte; the media type is nobody's content."""
    return Reading(frozenset(_files(data, ("META-INF/", "mimetype")).items()))


def _ooxml(data: bytes) -> Reading:
    """Parts with their content types, and relationships that lead to content.

    Part names are the same in either case (ECMA-376-2 6.2.2.3).
    """
    files = {name.lower(): content for name, content in _files(data).items()}
    aside = ("docprops/", "_xmlsignatures/", "package/services/digital-signature/", "[trash]/")
    parts = {n: c for n, c in files.items() if not n.startswith(aside)}
    types = _root(parts.pop("[content_types].xml", b"<none/>"))
    told: set[Hashable] = set()
    for name, content in parts.items():
        if name.endswith(".rels"):
            told |= {(name, link) for link in _links(content)}
        else:
            told.add((name, content, _content_type(types, name)))
    return Reading(frozenset(told))


def _links(content: bytes) -> Iterator[Hashable]:
    for node in _root(content).iter(f"{_RELS}Relationship"):
        kind = node.get("Type", "")
        if "digital-signature" not in kind and "properties" not in kind:
            yield node.get("Id"), kind, node.get("Target"), node.get("TargetMode", "Internal")


def _content_type(types: etree._Element, name: str) -> str | None:
    for node in types.iter(f"{_TYPES}Override"):
        if node.get("PartName", "").lower() == f"/{name}".lower():
            return node.get("ContentType")
    for node in types.iter(f"{_TYPES}Default"):
        if name.lower().endswith("." + node.get("Extension", "?").lower()):
            return node.get("ContentType")
    return None


_READERS: dict[str, Callable[[bytes], Reading]] = {
    "smime": _smime,
    "mail": _smime,
    "xmldsig": _xmldsig,
    "odf": _odf,
    "asic": _asic,
    "ooxml": _ooxml,
}


# -- PDF ------------------------------------------------------------------------------------------

_RANGE = re.compile(rb"/ByteRange ?\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


@dataclass(frozen=True)
class Revision:
    """The bytes of one signed revision, without the hole of its signature value."""

    before: bytes
    resumed: int
    after: bytes

    @property
    def end(self) -> int:
        return self.resumed + len(self.after)

    def begins(self, data: bytes) -> bool:
        """Does the file begin with exactly this revision, whatever stands in the hole?"""
        return data.startswith(self.before) and data[self.resumed : self.end] == self.after


def revisions(data: bytes) -> list[Revision]:
    """The signed revisions of a genuine file, longest first."""
    found = []
    for match in _RANGE.finditer(data):
        start, size, resumed, rest = map(int, match.groups())
        if start == 0:
            found.append(Revision(data[:size], resumed, data[resumed : resumed + rest]))
    return sorted(found, key=lambda each: each.end, reverse=True)


def drawn(data: bytes) -> str | None:
    """Digest of how poppler draws the pages; None where it is not at hand or draws nothing."""
    drawer = find("pdftoppm")
    if drawer is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.pdf"
        path.write_bytes(data)
        call = [drawer, "-r", "36", "-gray", str(path), str(Path(folder) / "p")]
        subprocess.run(call, capture_output=True, check=False, timeout=60)
        pages = sorted(Path(folder).glob("p*.pgm"))
        joined = b"".join(page.read_bytes() for page in pages)
    return hashlib.sha256(joined).hexdigest() if joined else None
