"""Reading XML that may be hostile: no DTD subset, no entity, nothing fetched, bounded depth.

Signatures point to elements by identifier, so the one index of identifiers is made here: a name
that two elements bear points to neither (signature wrapping).
"""

import base64
import binascii
import re
from typing import Any, cast

from lxml import etree

Element = etree._Element
Tree = etree._ElementTree

DSIG = "http://www.w3.org/2000/09/xmldsig#"
DSIG11 = "http://www.w3.org/2009/xmldsig11#"
XADES_PREFIX = "http://uri.etsi.org/01903/"
XML = "{http://www.w3.org/XML/1998/namespace}"

MAX_BYTES = 256 * 1024 * 1024
_PLAIN_LIMIT = 8 * 1024 * 1024
"""Above it libxml2 must be told to accept long text nodes, which also ends its other guards."""
_SUBSET = re.compile(rb"""<!DOCTYPE(?:[^>\["']|"[^"]*"|'[^']*')*\[""")
_DECLARED = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)"""
)
_ASCII_LIKE = re.compile(rb"(?i)\A(?:utf-?8|us-ascii|ascii|iso-8859-\d+|windows-125\d)\Z")
_PLAIN_STARTS = frozenset({b"<", b"\xef", b" ", b"\t", b"\r", b"\n"})
_OURS = frozenset({
    etree.ErrorTypes.ERR_INTERNAL_ERROR,
    etree.ErrorTypes.ERR_NO_MEMORY,
    etree.ErrorTypes.ERR_RESOURCE_LIMIT,  # too deep, a text too long
    etree.ErrorTypes.ERR_NAME_TOO_LONG,
    etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
    etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
})  # fmt: skip
"""What libxml2 says of a document that it does not read, broken or not."""
_IDENTIFIERS = frozenset({"Id", "ID", "id", XML + "id"})
_WSU_ID = re.compile(r"\{[^}]*wss-wssecurity-utility[^}]*\}Id\Z")


class Refused(ValueError):
    """Not well-formed, past a limit, or with declarations that no signed file needs."""


class Beyond(Refused):
    """Not read here, whoever wrote it: declarations of a DTD, past a limit, an unknown encoding.

    It says nothing about whether a file is as it was signed.
    """


def parse(data: bytes) -> Tree:
    """The document of some bytes; raises `Refused`."""
    return _parsed(data, recover=False)


def recovered(data: bytes) -> Tree:
    """As much of a document as can be read that is not well-formed: nothing to verify by.

    Raises `Refused` where nothing can.
    """
    return _parsed(data, recover=True)


def _parsed(data: bytes, *, recover: bool) -> Tree:
    if len(data) > MAX_BYTES or _SUBSET.search(data):
        raise Beyond("too large, or with an internal DTD subset")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        attribute_defaults=False, strip_cdata=False, huge_tree=_may_be_huge(data), recover=recover,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        known = vars(error).get("code") in _OURS  # the stubs know no code
        refused = Beyond if known else Refused
        raise refused(str(error)[:200]) from error
    except ValueError as error:
        raise Refused(str(error)[:200]) from error
    if root is None:
        raise Refused("nothing can be read")
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None and not _shows_declarations(data, tree):
        raise Beyond("declarations in an encoding that may hide a DTD subset")
    return tree


def _shows_declarations(data: bytes, tree: Tree) -> bool:
    """Would `_SUBSET` have been seen? Not in UTF-16 and the like, whatever is declared."""
    if data[:1] not in _PLAIN_STARTS or b"\0" in data[:4]:
        return False
    encoding = tree.docinfo.encoding
    return encoding is None or _ASCII_LIKE.match(encoding.encode()) is not None


def declares_elsewhere(tree: Tree) -> bool:
    """Does a document type declaration name a DTD beside the file?"""
    info = cast("Any", tree.docinfo)  # the stubs have another name for it
    return info.public_id is not None or info.system_url is not None


def _may_be_huge(data: bytes) -> bool:
    """Long base64 texts are fine where no declaration can hide in another encoding."""
    if len(data) < _PLAIN_LIMIT or b"<!DOCTYPE" in data or data[:1] not in {b"<", b"\xef"}:
        return False
    declared = _DECLARED.match(data[:200])
    return declared is None or _ASCII_LIKE.match(declared[1]) is not None


def named(element: Element, space: str, local: str) -> bool:
    return element.tag == f"{{{space}}}{local}"


def is_element(node: Element) -> bool:
    """Comments and processing instructions have a function for a tag."""
    return bool(_tag(node))


def space_of(element: Element) -> str:
    tag = _tag(element)
    return tag[1:].partition("}")[0] if tag[:1] == "{" else ""


def local_of(element: Element) -> str:
    return _tag(element).rpartition("}")[2]


def _tag(element: Element) -> str:
    tag = cast("object", element.tag)
    return tag if isinstance(tag, str) else ""


def is_xades(element: Element, *locals_: str) -> bool:
    """An element of any version of XAdES with one of the names."""
    return space_of(element).startswith(XADES_PREFIX) and local_of(element) in locals_


def children(element: Element, space: str, local: str) -> list[Element]:
    return [child for child in element if named(child, space, local)]


_BLANKS = b" \t\r\n"
_STRING = etree.XPath("string()")


def text_of(element: Element | None) -> str:
    """The string value (XPath 1.0 5.2), comments left out."""
    return "" if element is None else str(_STRING(element))


def decoded(text: str) -> bytes:
    """Base64 with white space (XML 1.0 2.3) anywhere; raises `Refused`."""
    try:
        return base64.b64decode(text.encode("ascii").translate(None, _BLANKS), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("no base64") from error


def identifiers_of(element: Element) -> list[str]:
    """Values of the attributes by which a reference may mean an element."""
    return [
        str(value)
        for name, value in element.attrib.items()
        if name in _IDENTIFIERS or _WSU_ID.match(str(name))
    ]


def identified(tree: Tree) -> dict[str, list[Element]]:
    """Elements by identifier; more than one element for a value is an ambiguity."""
    found: dict[str, list[Element]] = {}
    for element in tree.iter("*"):
        for value in dict.fromkeys(identifiers_of(element)):
            found.setdefault(value, []).append(element)
    return found
