"""XML documents with signatures in them, around them or beside them.

A digest that fits says that some element is as it was signed; a verdict says that the document is.
So what no signature covers is looked for: text, attributes, empty elements, style sheets. A
signature may stand in the document or the document in a signature; elements that only lead to
signatures or to what they cover carry no statement of their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from monitor.model import Coverage, Finding, Integrity, Kind, SubIndication
from monitor.verify.facts import Answer, FileFacts, SignerFacts, undecided, unreadable
from monitor.verify.package import partial
from monitor.verify.xml_reference import File, Outcome, Resolver, Scene, nothing_beside
from monitor.verify.xml_signature import MAX_SIGNATURES, XmlSignature, verify
from monitor.verify.xml_tree import (
    DSIG,
    XADES_PREFIX,
    XML,
    Element,
    Refused,
    Tree,
    declares_elsewhere,
    is_element,
    local_of,
    named,
    parse,
    space_of,
)

_SIGNATURE = f"{{{DSIG}}}Signature"
_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_INCLUDED = "{http://www.w3.org/2001/XInclude}include"
_SILENT = frozenset({
    "Id", "ID", "id", XML + "id", XML + "lang", XML + "space",
    _SCHEMA_INSTANCE + "schemaLocation", _SCHEMA_INSTANCE + "noNamespaceSchemaLocation",
})  # fmt: skip
"""Attributes that state nothing: identifiers, language, where a schema lies."""


def xml_facts(data: bytes, content: bytes | None = None) -> FileFacts:
    """Everything about an XML document that does not depend on trust and time.

    `content` is what a detached signature covers.
    """
    try:
        tree = parse(data)
    except Refused:
        return unreadable(Kind.XMLDSIG, Finding.MALFORMED)
    found = signatures(tree)
    if not found and any(_remnant(each) for each in tree.iter("{*}Signature")):
        return FileFacts(Kind.XMLDSIG, Answer.DESTROYED)
    if len(found) > MAX_SIGNATURES:
        return undecided(Kind.XMLDSIG, Finding.LIMIT_REACHED)
    return FileFacts(Kind.XMLDSIG, signers=signers_of(Scene(tree, _only(content)), found))


def signers_of(scene: Scene, found: Sequence[Element]) -> tuple[SignerFacts, ...]:
    """Signatures of a document with what they cover of it, then their counter-signatures."""
    checked = [verify(scene, each) for each in found]
    seen = [each.facts for each in shown(scene.tree, checked)]
    return (*seen, *(counter for each in checked for counter in each.counters))


def _remnant(signature: Element) -> bool:
    """The parts of an XML signature under another namespace: nothing can be checked by it."""
    parts = {local_of(child) for child in signature}
    return space_of(signature) != DSIG and {"SignedInfo", "SignatureValue"} <= parts


def _only(content: bytes | None) -> Resolver:
    """The resolver of a detached signature: whatever it names is the one content given."""
    if content is None:
        return nothing_beside
    return lambda uri: File(uri, content)


def signatures(tree: Tree) -> list[Element]:
    """The signatures of a document in document order, without counter-signatures.

    A signature that stands in another one's qualifying properties is no signature of the document.
    """
    return [s for s in tree.iter(_SIGNATURE) if not _in_properties(s)]


def _in_properties(signature: Element) -> bool:
    parent = signature.getparent()
    return parent is not None and space_of(parent).startswith(XADES_PREFIX)


# -- what the reader sees -------------------------------------------------------------------------


def shown(tree: Tree, checked: Sequence[XmlSignature]) -> list[XmlSignature]:
    """The signatures with their coverage of the document, and what a gap in it means."""
    view = _View.of(tree, checked)
    gap = view.anything and view.gap()
    return [_seen(each, view, gap) for each in checked]


def _seen(signature: XmlSignature, view: "_View", gap: bool) -> XmlSignature:
    facts = signature.facts
    if facts.integrity is not Integrity.INTACT:
        return signature
    if not gap and signature.says_something:
        facts = replace(facts, coverage=Coverage.WHOLE)
    elif gap and view.wrapped():
        facts = replace(
            facts,
            integrity=Integrity.MODIFIED,
            failure=SubIndication.HASH_FAILURE,
            coverage=Coverage.PARTIAL,
            findings=facts.findings | {Finding.CHANGED_AFTER_SIGNING, Finding.PARTIALLY_SIGNED},
        )
    else:
        facts = partial(facts)
    return replace(signature, facts=facts)


@dataclass(frozen=True)
class _View:
    tree: Tree
    whole: bool
    covered: frozenset[Element]
    leading: frozenset[Element]
    """Elements above a signature or above something covered."""
    framing: frozenset[Element]
    """Elements above something covered."""
    anything: bool

    @classmethod
    def of(cls, tree: Tree, checked: Sequence[XmlSignature]) -> "_View":
        fitting = [
            c for s in checked for c in s.covered
            if c.outcome is Outcome.FITS and c.element is not None
        ]  # fmt: skip
        covered = frozenset(c.element for c in fitting if c.element is not None)
        framed = {element for signature in checked for element in _framed(signature)}
        marks = {*covered, *tree.iter(_SIGNATURE)}
        return cls(
            tree=tree,
            whole=any(c.document for c in fitting),
            covered=covered,
            leading=frozenset(a for mark in marks for a in mark.iterancestors()),
            framing=frozenset(a for mark in framed for a in mark.iterancestors()),
            anything=bool(covered),
        )

    def gap(self) -> bool:
        """Is there something a reader may see that nothing covers?"""
        return self._elsewhere() or any(True for _ in self.uncovered())

    def _elsewhere(self) -> bool:
        """Does a file that nobody signed decide what is seen?

        A style sheet outside the root, a DTD beside the file with its default attributes and
        entities, or what XInclude brings in. A declaration is in no canonical form.
        """
        if not self.whole and self._styled():
            return True
        return declares_elsewhere(self.tree) or any(True for _ in self.tree.iter(_INCLUDED))

    def _styled(self) -> bool:
        """Is a style sheet named outside the root?"""
        root = self.tree.getroot()
        outside = (*root.itersiblings(preceding=True), *root.itersiblings())
        return any(
            isinstance(n, etree._ProcessingInstruction) and n.target == "xml-stylesheet"
            for n in outside
        )

    def uncovered(self) -> Iterable[Element]:
        """Elements with a statement of their own that no reference covers."""
        waiting = [self.tree.getroot()]
        while waiting:
            node = waiting.pop()
            if not is_element(node):
                continue
            if named(node, DSIG, "Signature"):
                waiting += self._objects(node)
                continue
            if node in self.covered:
                continue
            if node not in self.leading or _speaks(node) or self._moved(node):
                if not _empty_object(node):
                    yield node
                continue
            waiting += list(node)

    def _moved(self, node: Element) -> bool:
        """Is it an uncovered element between the root and something covered?

        The root, whose name no reference by an identifier covers either, is what makes a file of
        the parts; any further element says of them what their signer did not (`<Rejected>`), and
        they can be taken out of it and away with it.
        """
        root = self.tree.getroot()
        return node in self.framing and node is not root and not named(node, DSIG, "Object")

    def _objects(self, signature: Element) -> list[Element]:
        """What an enveloping signature shows; nobody reads the objects of one in a document.

        Its objects, and what has no place in a signature.
        """
        if signature.getparent() is not None:
            return []
        return [o for o in signature if is_element(o) and not _formal(o) and not _qualifies(o)]

    def wrapped(self) -> bool:
        """Does something uncovered stand in the place of what was signed?

        An element outside everything covered then bears the name of a signed one.
        """
        names = {
            name.tag
            for c in self.covered
            for name in (c if named(c, DSIG, "Object") else (c,))
            if is_element(name) and space_of(name) != DSIG
            and not space_of(name).startswith(XADES_PREFIX)
        }  # fmt: skip
        return any(node.tag in names for node in self._outside())

    def _outside(self) -> Iterable[Element]:
        """All elements that are in nothing covered and in no signature."""
        waiting = [self.tree.getroot()]
        while waiting:
            node = waiting.pop()
            if not is_element(node) or node in self.covered:
                continue
            if named(node, DSIG, "Signature"):
                waiting += self._objects(node)
                continue
            yield node
            waiting += list(node)


def _framed(signature: XmlSignature) -> list[Element]:
    """What a signature covers in the document; of one that covers nothing but itself, all that.

    An invoice's signature covers the invoice and, in an object of its own, the time: the elements
    above that object only lead to the signature.
    """
    covered = [
        c.element for c in signature.covered
        if c.outcome is Outcome.FITS and c.element is not None
    ]  # fmt: skip
    beside = [each for each in covered if signature.element not in each.iterancestors()]
    return beside or covered


def _formal(element: Element) -> bool:
    """What a signature is made of (XML-DSig 4.2)."""
    return any(named(element, DSIG, part) for part in ("SignedInfo", "SignatureValue", "KeyInfo"))


def _qualifies(holder: Element) -> bool:
    """An object that holds nothing but qualifying properties."""
    if not named(holder, DSIG, "Object"):
        return False
    inner = [child for child in holder if is_element(child)]
    texts = [holder.text, *(child.tail for child in holder)]
    return (
        len(inner) > 0
        and all(space_of(child).startswith(XADES_PREFIX) for child in inner)
        and not any(text and text.strip() for text in texts)
    )


def _empty_object(node: Element) -> bool:
    """An object without content says nothing."""
    return named(node, DSIG, "Object") and len(node) == 0 and not (node.text or "").strip()


def _speaks(element: Element) -> bool:
    """Has an element text or attributes of its own?"""
    texts = [element.text, *(child.tail for child in element)]
    if any(text and text.strip() for text in texts):
        return True
    return any(name not in _SILENT for name in element.attrib)
