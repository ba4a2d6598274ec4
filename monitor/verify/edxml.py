"""edXML messages (QCVN 102:2016/BTTTT) and the flat variant of document systems.

The envelope's own signature is often the standard's sample pasted in outside the XML-DSig
namespace: it covers nothing and nothing can be checked, a destroyed one. The documents inside
carry the real signatures; they are the verdict's parts, and the verdict where the envelope itself
bears no signature.
"""

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
_CONTENT = frozenset({"ContentTransferEncoded", "AttachmentContent"})
_NAME = frozenset({"AttachmentName"})
PartFacts = Callable[[str, bytes], FileFacts]


@dataclass(frozen=True, slots=True)
class Attached:
    """A document of a message; `data` is None where its encoding is broken."""

    name: str
    data: bytes | None


def edxml_facts(data: bytes, part: PartFacts | None) -> FileFacts:
    """Everything about a message that does not depend on trust and time.

    `part` finds out about a document in it; None leaves the documents out.
    """
    tree, whole = _tree(data)
    if tree is None:
        return unreadable(Kind.EDXML, Finding.MALFORMED)
    found = list(_documents(tree))
    parts = tuple(_part(each, part) for each in found[:MAX_DOCUMENTS]) if part else ()
    own = _envelope(tree) if whole else unreadable(Kind.EDXML, Finding.MALFORMED)
    complete = len(parts) == len(found)
    return replace(own, shape=Shape.ENVELOPE, parts=parts, complete=complete)


def _tree(data: bytes) -> tuple[Tree | None, bool]:
    """The message, and whether it is well-formed; some producers write what is not."""
    try:
        return parse(data), True
    except Refused:
        pass
    try:
        return recovered(data), False
    except Refused:
        return None, False


def _envelope(tree: Tree) -> FileFacts:
    if any(_pasted(element) for element in tree.iter("{*}Signature")):
        return FileFacts(Kind.EDXML, Answer.DESTROYED)
    signers = signers_of(Scene(tree), signatures(tree)[:MAX_SIGNATURES])
    return FileFacts(Kind.EDXML, signers=signers)


def _pasted(signature: Element) -> bool:
    """A signature with content in another namespace than that of XML-DSig."""
    return space_of(signature) != DSIG and any(is_element(child) for child in signature)


# -- documents ------------------------------------------------------------------------------------


def attachments(data: bytes) -> list[Attached] | None:
    """The attachments of a message as they are; None for a message that cannot be read."""
    tree, _ = _tree(data)
    return None if tree is None else list(_attachments(tree))


def _attachments(tree: Tree) -> Iterator[Attached]:
    for holder in tree.iter("{*}Attachment"):
        content = next((e for e in holder if local_of(e) in _CONTENT), None)
        if content is None or not text_of(content).strip():
            continue
        name = next((text_of(e).strip() for e in holder if local_of(e) in _NAME), "")
        try:
            yield Attached(name, decoded(text_of(content)))
        except Refused:
            yield Attached(name, None)


def _documents(tree: Tree) -> Iterator[Attached]:
    """The attachments of a message, those in a ZIP one by one, with their names."""
    for attached in _attachments(tree):
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
