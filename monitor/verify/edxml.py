"""edXML messages (QCVN 102:2016/BTTTT) and the flat variant of document systems.

The envelope's own signature is often the standard's sample pasted in outside the XML-DSig
namespace: it covers nothing and nothing can be checked, a destroyed one. The documents inside
carry the real signatures; they are the verdict's parts, and the verdict where the envelope itself
bears no signature.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from monitor.model import Finding, Kind
from monitor.verify.facts import Answer, FileFacts, Part, Shape, unreadable
from monitor.verify.sniff import is_zip
from monitor.verify.xml_document import signatures, signers_of
from monitor.verify.xml_reference import Scene
from monitor.verify.xml_signature import MAX_SIGNATURES
from monitor.verify.xml_tree import (
    DSIG,
    Element,
    Refused,
    Tree,
    decoded,
    is_element,
    local_of,
    parse,
    recovered,
    space_of,
    text_of,
)
from monitor.verify.zip_reader import Bomb, Broken, Damaged, Package

MAX_DOCUMENTS = 100
_CONTENT = frozenset({"ContentTransferEncoded", "AttachmentContent", "Content"})
_NAME = frozenset({"AttachmentName", "FileName"})
_REWRITTEN = 64 * 1024 * 1024
"""Octets up to which a message is put into UTF-8 that is not in the encoding it declares."""
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_NO_XML = {code: None for code in range(32) if chr(code) not in "\t\n\r"}
_ENCODINGS = tuple(codecs.lookup(name).name for name in ("utf-8", "cp1258"))
"""Looked up here: a child may not import a codec's module later."""
_WIDE = codecs.lookup("utf-16").name
PartFacts = Callable[[str, bytes], FileFacts]


@dataclass(frozen=True, slots=True)
class Attached:
    """A document of a message; `data` is None where its encoding is broken."""

    name: str
    data: bytes | None
    content_id: str = ""
    description: str = ""


def edxml_facts(data: bytes, part: PartFacts | None) -> FileFacts:
    """Everything about a message that does not depend on trust and time.

    `part` finds out about a document in it; None leaves the documents out.
    """
    tree, whole = message_tree(data)
    if tree is None:
        return unreadable(Kind.EDXML, Finding.MALFORMED)
    found = list(_documents(tree))
    parts = tuple(_part(each, part) for each in found[:MAX_DOCUMENTS]) if part else ()
    own = _envelope(tree) if whole else unreadable(Kind.EDXML, Finding.MALFORMED)
    complete = len(parts) == len(found)
    return replace(own, shape=Shape.ENVELOPE, parts=parts, complete=complete)


def message_tree(data: bytes) -> tuple[Tree | None, bool]:
    """The message, and whether it is well-formed; some producers write what is not.

    One that is not is read in the encoding that it is really in, else as far as it can be.
    """
    try:
        return parse(data), True
    except Refused:
        pass
    for reader, octets in ((parse, _rewritten(data)), (recovered, data)):
        try:
            return reader(octets), False
        except Refused:
            continue
    return None, False


def _rewritten(data: bytes) -> bytes:
    """The message in UTF-8, without its declaration and what XML may not hold; else empty."""
    if len(data) > _REWRITTEN:
        return b""
    wide = data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    for encoding in (_WIDE,) if wide else _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeError:
            continue
        plain = text.removeprefix("\ufeff").translate(_NO_XML)
        return _DECLARATION.sub("", plain, count=1).encode("utf-8", "replace")
    return b""


def _envelope(tree: Tree) -> FileFacts:
    if any(_pasted(element) for element in tree.iter("{*}Signature")):
        return FileFacts(Kind.EDXML, Answer.DESTROYED)
    signers = signers_of(Scene(tree), signatures(tree)[:MAX_SIGNATURES])
    return FileFacts(Kind.EDXML, signers=signers)


def _pasted(signature: Element) -> bool:
    """A signature with content in another namespace than that of XML-DSig."""
    return space_of(signature) != DSIG and any(is_element(child) for child in signature)


# -- documents ------------------------------------------------------------------------------------


def name_of(element: Element) -> str:
    """The name without prefix, whether that is declared or, in what is no XML then, is not."""
    return local_of(element).rpartition(":")[2]


def attachments_of(tree: Tree) -> Iterator[Attached]:
    """The attachments of a message as they are; those without content are left out.

    One with several contents is as many: another reader may show the last.
    """
    for holder in tree.iter():
        if name_of(holder) != "Attachment":
            continue
        for content in holder:
            if name_of(content) in _CONTENT and text_of(content).strip():
                yield Attached(
                    _said(holder, *_NAME),
                    _content(content),
                    _said(holder, "ContentId"),
                    _said(holder, "Description"),
                )


def _said(holder: Element, *names: str) -> str:
    """What an attachment says of itself in a child of one of these names; else empty."""
    return next((text_of(e).strip() for e in holder if name_of(e) in names), "")


def _content(element: Element) -> bytes | None:
    try:
        return decoded(text_of(element))
    except Refused:
        return None


def _documents(tree: Tree) -> Iterator[Attached]:
    """The attachments of a message, those in a ZIP one by one, with their names."""
    for attached in attachments_of(tree):
        if attached.data is None:
            yield attached
        else:
            yield from _unpacked(attached.name, attached.data)


def _unpacked(name: str, data: bytes) -> Iterator[Attached]:
    """An attachment, or what is in it where it is a plain archive."""
    if not is_zip(data, name):
        yield Attached(name, data)
        return
    try:
        package = Package(data)
        for inner in package.names[: MAX_DOCUMENTS + 1]:
            yield Attached(f"{name}/{inner}"[:4096], _read(package, inner))
    except (Broken, Bomb):
        yield Attached(name, None)


def _read(package: Package, name: str) -> bytes | None:
    try:
        return package.read(name)
    except Damaged:
        return None


def _part(attached: Attached, facts: PartFacts) -> Part:
    if attached.data is None:
        return Part(attached.name, unreadable(Kind.OTHER, Finding.MALFORMED))
    return Part(attached.name, facts(attached.name, attached.data))
