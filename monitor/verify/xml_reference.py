"""References of XML signatures (XML-DSig 4.4.3): what each one covers, and does its digest fit?

Transforms are a closed list. XSLT and free XPath are programs chosen by whoever wrote the file and
are never run; of XPath only the expressions that leave signatures out are known, by their text.
"""

import copy
import functools
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import unquote

from lxml import etree

from monitor.verify import xml_c14n
from monitor.verify.algorithms import Unsupported, compute
from monitor.verify.certificate import Certificate
from monitor.verify.xml_algorithms import digest_of
from monitor.verify.xml_tree import (
    DSIG,
    Beyond,
    Element,
    Refused,
    Tree,
    children,
    decoded,
    identified,
    is_element,
    named,
    parse,
    text_of,
)

ENVELOPED, BASE64 = DSIG + "enveloped-signature", DSIG + "base64"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
FILTER2 = "http://www.w3.org/2002/06/xmldsig-filter2"
MANIFEST = DSIG + "Manifest"
MAX_REFERENCES = 5000
MAX_TRANSFORMS = 8
MAX_OCTETS = 1024 * 1024 * 1024
"""Octets transformed and digested for the signatures of one document."""

_POINTER = re.compile(r"""#xpointer\(id\((['"])([^'"()]+)\1\)\)\Z""")
_NOT_SIGNATURE = re.compile(r"not\s*\(\s*ancestor-or-self::([\w.-]+):Signature(?:\[1\])?\s*\)\Z")
_COUNTED = re.compile(
    r"count\s*\(\s*ancestor-or-self::([\w.-]+):Signature\s*\|\s*"
    r"here\(\)/ancestor::\1:Signature\[1\]\s*\)\s*>\s*"
    r"count\s*\(\s*ancestor-or-self::\1:Signature\s*\)\Z"
)
_HERE = re.compile(r"here\(\)/ancestor::([\w.-]+):Signature\[1\]\Z")
"""Both leave the signature out that they stand in (XML-DSig 6.6.4, RFC 3653 4)."""
_SUBTRACTED = re.compile(r"/descendant(?:-or-self)?::([\w.-]+):Signature\Z|//([\w.-]+):Signature\Z")


class Outcome(Enum):
    FITS = "fits"
    DIFFERS = "differs"
    MISSING = "missing"
    """The element or file it names is not there."""
    AMBIGUOUS = "ambiguous"
    """Several elements bear the identifier."""
    UNKNOWN = "unknown"
    """A digest or transform that is not computed here."""


class Exceeded(Exception):
    """More to digest than the limits allow."""


@dataclass(frozen=True)
class Reference:
    uri: str | None
    type: str
    transforms: tuple[Element, ...]
    digest: str
    value: bytes
    element: Element


@dataclass(frozen=True)
class Covered:
    """What became of a reference and what it speaks for."""

    reference: Reference
    outcome: Outcome
    element: Element | None = None
    """The element whose subtree is covered; the root for the whole document."""
    document: bool = False
    """The whole document, with what stands outside its root."""
    entry: str | None = None
    """The file of the container, as the resolver names it."""
    digest: bytes = b""
    relationships: frozenset[str] | None = None
    """Identifiers that a relationship transform lets through; None without one."""
    pruned: bool = False
    """A signature was left out of what is covered."""


@dataclass(frozen=True)
class File:
    """A file beside the signature: its name in the container and its content."""

    name: str
    data: bytes


Resolver = Callable[[str], File | None]
Transform = Callable[[bytes, Element], tuple[bytes, frozenset[str]]]
"""A transform of octets by its element: the octets, and the identifiers it let through."""


def nothing_beside(uri: str) -> File | None:  # noqa: ARG001  # a resolver
    """The resolver where no file stands beside the signature."""
    return None


@dataclass
class Scene:
    """A document with signatures and what stands around it; keeps count of the work."""

    tree: Tree
    resolve: Resolver = nothing_beside
    transforms: dict[str, Transform] = field(default_factory=dict)
    """More transforms of octets, by their URI."""
    certificates: tuple[Certificate, ...] = ()
    """Certificates that stand beside the signatures."""
    package: bool = False
    """Everything a reference may mean is in the container: what is missing was taken out."""
    budget: int = MAX_OCTETS
    _index: dict[str, list[Element]] | None = None

    @property
    def index(self) -> dict[str, list[Element]]:
        if self._index is None:
            self._index = identified(self.tree)
        return self._index

    @functools.cached_property
    def weight(self) -> int:
        """About what a copy of the document costs, in octets."""
        return 100 * sum(1 for _ in self.tree.iter())

    def spend(self, octets: int) -> None:
        """Take work off the budget; raises `Exceeded`."""
        self.budget -= octets + 256
        if self.budget < 0:
            raise Exceeded

    def digest(self, name: str, octets: bytes) -> bytes:
        self.spend(len(octets))
        return compute(name, octets)


def references_of(parent: Element) -> tuple[Reference, ...]:
    """The references of a SignedInfo or Manifest.

    Raises `Refused` for malformed ones, `Exceeded` for too many.
    """
    found = children(parent, DSIG, "Reference")
    if len(found) > MAX_REFERENCES:
        raise Exceeded
    return tuple(map(_reference, found))


def _reference(element: Element) -> Reference:
    methods = children(element, DSIG, "DigestMethod")
    values = children(element, DSIG, "DigestValue")
    lists = children(element, DSIG, "Transforms")
    if len(methods) != 1 or len(values) != 1 or len(lists) > 1:
        raise Refused("a reference without its one digest")
    transforms = children(lists[0], DSIG, "Transform") if lists else []
    if len(transforms) > MAX_TRANSFORMS:
        raise Exceeded
    return Reference(
        uri=element.get("URI"),
        type=(element.get("Type") or "").strip(),
        transforms=tuple(transforms),
        digest=digest_of(methods[0]),
        value=decoded(text_of(values[0])),
        element=element,
    )


def check(scene: Scene, reference: Reference, signature: Element) -> Covered:
    """A reference of a signature against what is there. Raises `Exceeded`."""
    source = _source(scene, reference)
    if isinstance(source, Outcome):
        return Covered(reference, source)
    try:
        state = _transformed(scene, source, reference, signature)
        digest = scene.digest(reference.digest, state.octets())
    except (Unsupported, Beyond):
        return _covered(reference, Outcome.UNKNOWN, source)
    except Refused:
        return _covered(reference, Outcome.DIFFERS, source)
    if hmac.compare_digest(digest, reference.value):
        return _covered(reference, Outcome.FITS, state, digest)
    fragment = state.entry is not None and "#" in (reference.uri or "")  # it is not computed
    return _covered(reference, Outcome.UNKNOWN if fragment else Outcome.DIFFERS, state, digest)


def _covered(
    reference: Reference, outcome: Outcome, state: "_State", digest: bytes = b""
) -> Covered:
    return Covered(
        reference, outcome, state.origin, state.whole, state.entry, digest,
        state.relationships, state.pruned,
    )  # fmt: skip


# -- dereferencing --------------------------------------------------------------------------------


@dataclass
class _State:
    """A node-set or octets on their way through the transforms."""

    origin: Element | None = None
    """What the reference points to, in the document at hand."""
    whole: bool = False
    entry: str | None = None
    node: Element | Tree | None = None
    comments: bool = False
    data: bytes | None = None
    relationships: frozenset[str] | None = None
    pruned: bool = False

    def octets(self) -> bytes:
        if self.data is not None:
            return self.data
        if self.node is None:
            raise Refused("neither octets nor nodes")
        return xml_c14n.canonical(self.node, xml_c14n.DEFAULT, comments=self.comments)

    def text(self) -> str:
        if self.node is None:
            return (self.data or b"").decode("latin-1")
        return text_of(_root(self.node))

    def nodes(self) -> Element | Tree:
        if self.node is None:
            self.node, self.data, self.comments = parse(self.data or b""), None, True
        return self.node


def _source(scene: Scene, reference: Reference) -> _State | Outcome:
    uri = reference.uri
    if uri is None:
        file = scene.resolve("")
        return Outcome.MISSING if file is None else _State(entry=file.name, data=file.data)
    if uri in {"", "#xpointer(/)"}:
        return _State(scene.tree.getroot(), whole=True, node=scene.tree, comments=uri != "")
    if not uri.startswith("#"):
        file = scene.resolve(uri)
        return Outcome.MISSING if file is None else _State(entry=file.name, data=file.data)
    pointer = _POINTER.match(uri)
    found = scene.index.get(pointer[2] if pointer else uri[1:], [])
    if not found and not pointer:
        found = scene.index.get(unquote(uri[1:]), [])
    if len(found) != 1:
        return Outcome.AMBIGUOUS if found else Outcome.MISSING
    return _State(found[0], node=found[0], comments=pointer is not None)


# -- transforms -----------------------------------------------------------------------------------


def _transformed(scene: Scene, source: _State, reference: Reference, signature: Element) -> _State:
    state = _State(**vars(source))
    for transform in reference.transforms:
        scene.spend(len(state.data) if state.data is not None else scene.weight)
        uri = (transform.get("Algorithm") or "").strip()
        method = xml_c14n.METHODS.get(uri)
        if method is not None:
            state.data = xml_c14n.canonical(
                state.nodes(), method, comments=state.comments,
                prefixes=xml_c14n.prefixes_of(transform),
            )  # fmt: skip
            state.node = None
        elif (left_out := _left_out(state, transform, uri, signature)) is not None:
            _without(state, left_out)
        elif uri == BASE64:
            _decode(state)
        elif uri in scene.transforms:
            state.data, state.relationships = scene.transforms[uri](state.octets(), transform)
            state.node = None
        else:
            raise Unsupported(uri)
    return state


def _decode(state: _State) -> None:
    """Base64 of the text alone (XML-DSig 6.6.2): tags and attributes around it are left out.

    So nothing is covered but a file, or an object that is nothing but its text.
    """
    state.data = decoded(state.text())
    if state.node is not None and not _only_text(_root(state.node)):
        state.origin, state.whole = None, False
    state.node = None


def _only_text(element: Element) -> bool:
    described = {"Id", "Encoding", "MimeType"}
    inner = any(is_element(child) for child in element)
    return named(element, DSIG, "Object") and not inner and described.issuperset(element.attrib)


def _signatures(state: _State) -> list[Element]:
    """The outermost signatures in what is covered, or the one that it lies in."""
    root, name = _root(state.nodes()), f"{{{DSIG}}}Signature"
    found = [*root.iterancestors(name), *root.iter(name)]
    inside = set(found)
    return [s for s in found if not any(a in inside for a in s.iterancestors())]


def _without(state: _State, signatures: Sequence[Element]) -> None:
    """Leave subtrees of the document out; the work is done on a copy of it.

    Raises `Unsupported` for octets: a signature is in none (XML-DSig 6.6.4).
    """
    if state.node is None or state.origin is None:
        raise Unsupported("an enveloped signature in something that is no part of its document")
    root = _root(state.node)
    inside = [s for s in signatures if s is not root and root in s.iterancestors()]
    if any(s is root for s in signatures) or any(s in root.iterancestors() for s in signatures):
        _empty(state)
        return
    if not inside:
        return
    paths = [_path(s, root) for s in inside]
    document = root.getroottree()
    to_apex = _path(root, document.getroot())
    twin = copy.deepcopy(document)
    apex = _at(twin.getroot(), to_apex)
    for removed in [_at(apex, path) for path in paths]:
        _remove(removed)
    state.node, state.pruned = (apex if root is state.node else twin), True


def _empty(state: _State) -> None:
    """Nothing is left beside the signature: no octets, which speak for nothing (C14N 1.0 2.1)."""
    state.node, state.origin, state.whole = None, None, False
    state.data, state.pruned = b"", True


def _root(node: Element | Tree) -> Element:
    return node if isinstance(node, etree._Element) else node.getroot()


def _path(element: Element, root: Element) -> list[int]:
    path: list[int] = []
    while element is not root:
        parent = element.getparent()
        if parent is None:
            raise Refused("an element outside its document")
        path.append(parent.index(element))
        element = parent
    return path[::-1]


def _at(root: Element, path: Sequence[int]) -> Element:
    for step in path:
        root = root[step]
    return root


def _remove(element: Element) -> None:
    """Take a subtree out and leave the text behind it where it was."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        raise Refused("the root cannot be left out")
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
        element.tail = None
    parent.remove(element)


def _left_out(
    state: _State, transform: Element, uri: str, signature: Element
) -> list[Element] | None:
    """The signatures that a transform leaves out; None for one that is no known expression."""
    if uri == ENVELOPED:
        return [signature]
    elements = [e for e in transform if is_element(e)]
    if len(elements) != 1 or uri not in {XPATH, FILTER2}:
        return None
    only, text = elements[0], text_of(elements[0]).strip()
    if uri == XPATH:
        known = named(only, DSIG, "XPath")
        all_of, own = _NOT_SIGNATURE, _COUNTED
    else:
        known = named(only, FILTER2, "XPath") and only.get("Filter") == "subtract"
        all_of, own = _SUBTRACTED, _HERE
    found = (all_of.match(text) or own.match(text)) if known else None
    if found is None or only.nsmap.get(next(filter(None, found.groups()))) != DSIG:
        return None
    return [signature] if found.re is own else _signatures(state)
