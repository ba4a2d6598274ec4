"""Canonical XML (1.0, 1.1, exclusive) of a document or of one element with all it holds.

libxml2 does the writing and renders the namespaces in scope. What it cannot know of a subtree is
done here: the xml: attributes that inclusive canonicalisation takes over from ancestors (all of
them in C14N 1.0 section 2.4; lang, space and a joined base in C14N 1.1 section 2.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

from monitor.verify.xml_tree import XML, Beyond, Element, Tree

_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_DEFAULT_PREFIX = "#default"
_LANG, _SPACE, _BASE = XML + "lang", XML + "space", XML + "base"


@dataclass(frozen=True, slots=True)
class Method:
    """One canonicalisation algorithm."""

    exclusive: bool = False
    comments: bool = False
    version11: bool = False


DEFAULT = Method()
"""What a node-set becomes octets by where nothing else is said (XML-DSig 4.4.3.2)."""

METHODS = {
    _C14N: DEFAULT,
    _C14N + "#WithComments": Method(comments=True),
    _C14N11: Method(version11=True),
    _C14N11 + "#WithComments": Method(comments=True, version11=True),
    _EXCLUSIVE: Method(exclusive=True),
    _EXCLUSIVE + "WithComments": Method(exclusive=True, comments=True),
}


def prefixes_of(algorithm: Element) -> tuple[str, ...]:
    """The InclusiveNamespaces PrefixList of an exclusive method; "" is the default namespace."""
    for child in algorithm:
        if child.tag == f"{{{_EXCLUSIVE}}}InclusiveNamespaces":
            names = (child.get("PrefixList") or "").split()
            return tuple("" if name == "#default" else name for name in names)
    return ()


def canonical(
    node: Element | Tree, method: Method, *, comments: bool, prefixes: Sequence[str] = ()
) -> bytes:
    """Canonical octets of a whole document or of one element's subtree.

    `comments` says whether the node-set has them at all. Raises `Beyond` for what libxml2 has no
    canonical form of (relative namespace names, C14N 1.0 section 1.3).
    """
    inclusive = [prefix or _DEFAULT_PREFIX for prefix in prefixes] if method.exclusive else None
    try:
        alone = _standing_alone(node, method)
        return bytes(
            etree.tostring(
                alone, method="c14n", exclusive=method.exclusive,
                with_comments=method.comments and comments, inclusive_ns_prefixes=inclusive,
            )
        )  # fmt: skip
    except (etree.C14NError, etree.XMLSyntaxError, ValueError) as error:
        raise Beyond(f"no canonical form: {error}") from error


def _standing_alone(node: Element | Tree, method: Method) -> Element | Tree:
    """A subtree as a document of its own, with the namespaces in scope declared at its root.

    lxml's own way to canonicalise a subtree copies its root only, and libxml2 then finds
    inherited namespaces no longer by identity: it writes `xmlns=""` where there is none.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, strip_cdata=False, huge_tree=True
    )
    # lxml passes on only those prefixes whose text the parser's dictionary holds, and this one,
    # which no document can declare, only gets there as the name of a namespace
    etree.fromstring(f'<x xmlns:x="{_DEFAULT_PREFIX}"/>', parser)
    if not isinstance(node, etree._Element):
        return node
    apex = node
    alone = etree.fromstring(etree.tostring(apex, with_tail=False), parser)
    if not method.exclusive:
        for name, value in _from_ancestors(apex, version11=method.version11).items():
            alone.set(name, value)
    return alone


def _from_ancestors(apex: Element, *, version11: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    bases: list[str] = []
    for ancestor in apex.iterancestors():
        for name, value in ancestor.attrib.items():
            if not str(name).startswith(XML):
                continue
            if version11 and name == _BASE:
                bases.append(str(value))
            elif not version11 or name in {_LANG, _SPACE}:
                found.setdefault(str(name), str(value))
    if bases:
        joined = ""
        for base in (*reversed(bases), apex.get(_BASE) or ""):
            joined = urljoin(joined, base)
        found[_BASE] = joined
    return {n: v for n, v in found.items() if apex.get(n) is None or (version11 and n == _BASE)}
