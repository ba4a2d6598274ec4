"""Changes of XML by node: moved, doubled, wrapped, renamed; identifiers, algorithms, base64."""

import copy
import random
from collections.abc import Sequence

from lxml import etree

from tests.fuzz.mutate import Mutator, composed
from tests.fuzz.mutate.der import der
from tests.fuzz.mutate.octets import base64_text, octets

_DS = "http://www.w3.org/2000/09/xmldsig#"
_ALGORITHMS = (
    _DS + "sha1", _DS + "rsa-sha1", _DS + "hmac-sha1", _DS + "enveloped-signature",
    _DS + "base64", "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/TR/1999/REC-xpath-19991116", "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#md5",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://schemas.openxmlformats.org/package/2006/RelationshipTransform",
)  # fmt: skip
_URIS = ("", "#", "#sig", "#content", "#sp-sig", "#a", "#xpointer(/)", "#xpointer(id('a'))", "a",
         "/", "../x", "http://h/", "file:///etc/passwd", "%00", "content.xml")  # fmt: skip
_NAMES = ("Signature", "SignedInfo", "Object", "Reference", "Manifest", "KeyInfo", "Transforms",
          "SignedProperties", "QualifyingProperties", "SignatureProperties")  # fmt: skip
_FRONTS = (
    b'<?xml version="1.0" encoding="UTF-16"?>', b"<?xml-stylesheet href='a'?>", b"<!-- c -->",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"\xef\xbb\xbf", b"<!DOCTYPE a SYSTEM 'file:///x'>",
)  # fmt: skip


def xml(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The document after one to four changes."""
    ways: tuple[Mutator, ...] = (_node, _node, _node, _node, _base64, octets, _front)
    return composed(data, chance, others, *ways)


def _tree(data: bytes) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _base64(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    return base64_text(data, chance, others, der)


def _front(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    return chance.choice(_FRONTS) + data


def _node(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    root = _tree(data)
    if root is None:
        return octets(data, chance, others)
    nodes = list(root.iter("{*}*"))
    node, target = chance.choice(nodes), chance.choice(nodes)
    try:
        _change(node, target, chance, others)
        return etree.tostring(root)
    except (ValueError, TypeError):  # a node cannot be put below itself, a text may be refused
        return octets(data, chance, others)


def _change(
    node: etree._Element, target: etree._Element, chance: random.Random, others: Sequence[bytes]
) -> None:
    match chance.randrange(10):
        case 0:
            target.insert(chance.randrange(len(target) + 1), copy.deepcopy(node))
        case 1:
            if target not in node.iter():
                target.insert(chance.randrange(len(target) + 1), node)
        case 2:
            _removed(node)
        case 3:
            _wrapped(node, chance)
        case 4:
            _borrowed(target, chance, others)
        case 5 | 6:
            _attribute(node, chance)
        case _:
            _reworded(node, chance)


def _reworded(node: etree._Element, chance: random.Random) -> None:
    """Another text or name, or something beside the text that most readers pass over."""
    match chance.randrange(4):
        case 0:
            node.text = octets((node.text or "x").encode(), chance, ()).decode(errors="ignore")
        case 1:
            more = (etree.Comment("c"), etree.ProcessingInstruction("p", "q"))
            node.insert(chance.randrange(len(node) + 1), chance.choice(more))
        case 2:
            name = etree.QName(node)
            space = chance.choice((name.namespace or "", _DS, "urn:x"))
            local = chance.choice((*_NAMES, name.localname, name.localname))
            node.tag = f"{{{space}}}{local}" if space else local
        case _:
            node.tail = (node.tail or "") + chance.choice((" ", "\n", "x", "\u200b"))


def _removed(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def _wrapped(node: etree._Element, chance: random.Random) -> None:
    """An element around it; the new one may be of the signature's own kind."""
    parent = node.getparent()
    if parent is None:
        return
    around = etree.Element(chance.choice(("Wrap", f"{{{_DS}}}Object", f"{{{_DS}}}Signature")))
    parent.replace(node, around)
    around.append(node)


def _borrowed(target: etree._Element, chance: random.Random, others: Sequence[bytes]) -> None:
    other = _tree(chance.choice(others)) if others else None
    if other is not None:
        nodes = list(other.iter("{*}*"))
        target.insert(chance.randrange(len(target) + 1), copy.deepcopy(chance.choice(nodes)))


def _attribute(node: etree._Element, chance: random.Random) -> None:
    names = [str(name) for name in node.attrib] or ["Id"]
    name = chance.choice((*names, "Id", "ID", "id"))
    match name:
        case "Algorithm":
            node.set(name, chance.choice(_ALGORITHMS))
        case "URI":
            node.set(name, chance.choice(_URIS))
        case _ if chance.random() < 0.3 and name in node.attrib:
            del node.attrib[name]
        case _:
            node.set(name, chance.choice(("a", "sig", "content", "sp-sig", "idPackageObject", "")))
