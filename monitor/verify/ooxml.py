"""Office Open XML packages (ECMA-376 part 2, section 13): signatures over parts and relationships.

An Office signature lists parts by name and content type and, of each relationships part, the
relationships it covers. What a reader sees is what relationships lead to, so a part or relationship
that no signature lists was put in later: that is how content is injected into signed files. Only
document properties, thumbnails and the signatures themselves stand outside by design. Some
producers leave out newer Microsoft extensions, links that lead outside and custom XML (of which the
relationship alone is signed) as well, which nothing can tell from an addition: then the signature
is partial.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import quoteattr

from monitor.model import Finding, Integrity, Kind
from monitor.verify.certificate import Certificate
from monitor.verify.facts import FileFacts, SignerFacts
from monitor.verify.package import changed, package_facts, partial, whole
from monitor.verify.trust import read_certificates
from monitor.verify.xml_document import signatures
from monitor.verify.xml_reference import File, Outcome, Scene
from monitor.verify.xml_signature import MAX_SIGNATURES, XmlSignature, verify
from monitor.verify.xml_tree import Element, Refused, is_element, local_of, parse
from monitor.verify.zip_reader import Damaged, Package

RELATIONSHIP_TRANSFORM = "http://schemas.openxmlformats.org/package/2006/RelationshipTransform"
_TYPES = "[content_types].xml"
_RELS_SPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES_SPACE = "http://schemas.openxmlformats.org/package/2006/content-types"
_SIGNATURE_SPACE = "http://schemas.openxmlformats.org/package/2006/digital-signature"
_ORIGIN = _RELS_SPACE + "/digital-signature/origin"
_SIGNATURE = _RELS_SPACE + "/digital-signature/signature"
_CERTIFICATE = _RELS_SPACE + "/digital-signature/certificate"
_FOLDER = "_xmlsignatures/"
_TRASH = "[trash]/"
"""Space that Office freed and left in the file; no part can have such a name."""
_MAX_CERTIFICATES = 16
_RELS = re.compile(r"(?:(.*)/)?_rels/([^/]*)\.rels\Z")
_BESIDE = frozenset({
    _ORIGIN,
    _SIGNATURE,
    _CERTIFICATE,
    _RELS_SPACE + "/metadata/core-properties",
    _RELS_SPACE + "/metadata/thumbnail",
    "http://schemas.openxmlformats.org/officedocument/2006/relationships/metadata/core-properties",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/extendedProperties",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/customProperties",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/metadata/thumbnail",
})  # fmt: skip
"""Relationships of a package that lead to no content: properties, thumbnail, signatures."""
_EXTENSION = "http://schemas.microsoft.com/"
_QUOTE = {'"': "&quot;"}


def ooxml_facts(data: bytes) -> FileFacts:
    """Everything about a document that does not depend on trust and time."""
    return package_facts(Kind.OOXML, data, lambda package: _Office(package).facts())


@dataclass(frozen=True, slots=True)
class Relationship:
    """One relationship of a part; `target` is a lower-case part name, None outside the package."""

    identifier: str
    type: str
    target: str | None


class _Office:
    def __init__(self, package: Package) -> None:
        self.package = package
        self.parts = {name.lower(): name for name in package.names}
        """Part names are compared without case (ECMA-376-2 9.1.1.3)."""
        self.formal: set[str] = set()
        self.ambiguous = package.ambiguous or len(self.parts) < len(package.names)

    def facts(self) -> list[SignerFacts]:
        found: list[SignerFacts] = []
        names = self._signature_parts()
        if not names:
            return found
        types = _ContentTypes(self._read(_TYPES))
        for name in names[:MAX_SIGNATURES]:
            scene = Scene(
                parse(self._read(name)),
                lambda uri: self._meant(uri, types),
                {RELATIONSHIP_TRANSFORM: relationship_transform},
                certificates=self._certificates(name),
                package=True,
            )
            for element in signatures(scene.tree)[:MAX_SIGNATURES]:
                checked = verify(scene, element)
                found += [self._seen(checked), *checked.counters]
        return found

    def _read(self, part: str) -> bytes:
        return self.package.read(self.parts[part]) if part in self.parts else b""

    def _signature_parts(self) -> list[str]:
        """Parts that the signature origin leads to, and what else lies in their usual folder.

        The origin, the signatures and the certificates beside them are no content.
        """
        found = {n for n in self.parts if n.startswith(_FOLDER) and n.endswith(".xml")}
        for origin in self._led_to("", _ORIGIN):
            self.formal.add(origin)
            found |= self._led_to(origin, _SIGNATURE)
        for name in found:
            self.formal |= {name, *self._led_to(name, _CERTIFICATE)}
        return sorted(found)

    def _led_to(self, part: str, kind: str) -> set[str]:
        try:
            targets = [r.target for r in self._relationships(part) if r.type == kind]
        except Refused:
            return set()
        return {target for target in targets if target in self.parts}

    def _certificates(self, name: str) -> tuple[Certificate, ...]:
        """Certificates in parts of their own (ECMA-376-2 13.2.3)."""
        parts = sorted(self._led_to(name, _CERTIFICATE))[:_MAX_CERTIFICATES]
        return tuple(read_certificates(self._read(part) for part in parts))

    def _relationships(self, part: str) -> list[Relationship]:
        return relationships(self._read(_beside(part)), part)

    def _meant(self, uri: str, types: "_ContentTypes") -> File | None:
        """The part a reference names, if it still has the content type that was signed."""
        path, _, query = uri.partition("?")
        part = unquote(path).lstrip("/").lower()
        if part not in self.parts:
            return None
        wanted = dict(parse_qsl(query.replace("+", "%2B"))).get("ContentType")
        if wanted is not None and wanted.lower() != types.of(part):
            return None
        try:
            return File(part, self._read(part))
        except Damaged:
            return None

    # -- what the reader sees --------------------------------------------------------------------

    def _seen(self, checked: XmlSignature) -> SignerFacts:
        facts = checked.facts
        if facts.integrity is Integrity.MODIFIED:
            return facts
        if self.ambiguous:
            return changed(facts, Finding.MALFORMED)
        added, left_out = self._outside(checked)
        if added:
            return changed(facts, Finding.PARTIALLY_SIGNED)
        return partial(facts) if left_out else whole(facts)

    def _outside(self, checked: XmlSignature) -> tuple[bool, bool]:
        """Was something added that a reader may see, and did the signer leave something out?"""
        covered = _Covered.of(checked)
        every = list(self._all_relationships())
        signed = {e.target for source, e in every if covered.relationship(source, e.identifier)}
        skipped = signed - covered.parts
        beside: set[str | None] = set()
        strange: set[str | None] = set()
        added = False
        for source, each in every:
            if covered.relationship(source, each.identifier):
                continue
            if each.type in _BESIDE:
                beside.add(each.target)
            elif (
                each.target is None
                or each.type.startswith(_EXTENSION)
                or source in skipped
                or not covered.relationships_signed
            ):
                strange.add(each.target)
            else:
                added = True
        content = signed | strange
        uncovered = {
            part for part in set(self.parts) - covered.parts
            if part != _TYPES and not _RELS.match(part)
            and (part in content or not self._formal(part))
        }  # fmt: skip
        left_out = bool(strange) or bool(uncovered & signed)
        return added or bool(uncovered - signed - strange - beside), left_out

    def _formal(self, part: str) -> bool:
        return part in self.formal or part.startswith((_FOLDER, _TRASH))

    def _all_relationships(self) -> Iterator[tuple[str, Relationship]]:
        """Every relationship of the package with the part that it starts from."""
        for part in self.parts:
            match = _RELS.match(part)
            if match is None:
                continue
            source = posixpath.join(match[1] or "", match[2])
            for each in relationships(self._read(part), source):
                yield source, each


@dataclass(frozen=True)
class _Covered:
    parts: frozenset[str]
    relationships: dict[str, frozenset[str] | None]
    """Identifiers per relationships part; None for all of them."""

    @classmethod
    def of(cls, checked: XmlSignature) -> "_Covered":
        found: dict[str, frozenset[str] | None] = {}
        for item in checked.covered:
            if item.entry is None or item.outcome is not Outcome.FITS:
                continue
            known = found.get(item.entry, frozenset())
            more = item.relationships
            found[item.entry] = None if known is None or more is None else known | more
        return cls(checked.entries, found)

    @property
    def relationships_signed(self) -> bool:
        """Does the signer sign relationships at all? Some tools list parts only."""
        return any(_RELS.match(part) for part in self.relationships)

    def relationship(self, source: str, identifier: str) -> bool:
        known = self.relationships.get(_beside(source), frozenset())
        return known is None or identifier in known


class _ContentTypes:
    """[Content_Types].xml: the type of a part by its name, else by its extension (10.1.2)."""

    def __init__(self, data: bytes) -> None:
        self._names: dict[str, str] = {}
        self._extensions: dict[str, str] = {}
        for element in parse(data).getroot():
            kind = (element.get("ContentType") or "").lower()
            if element.tag == f"{{{_TYPES_SPACE}}}Override":
                name = unquote(element.get("PartName") or "").lstrip("/").lower()
                self._names[name] = kind if name not in self._names else ""
            elif element.tag == f"{{{_TYPES_SPACE}}}Default":
                extension = (element.get("Extension") or "").lower()
                self._extensions[extension] = kind if extension not in self._extensions else ""

    def of(self, part: str) -> str | None:
        return self._names.get(part) or self._extensions.get(part.rpartition(".")[2])


def _beside(source: str) -> str:
    """The relationships part of a part."""
    folder, base = posixpath.split(source)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def relationships(data: bytes, source: str) -> list[Relationship]:
    """The relationships in a relationships part of a source part; raises `Refused`."""
    if not data:
        return []
    return [
        Relationship(
            identifier=element.get("Id") or "",
            type=(element.get("Type") or "").strip(),
            target=_target(element, source),
        )
        for element in _listed(data)
    ]


def _listed(data: bytes) -> list[Element]:
    root = parse(data).getroot()
    found = [e for e in root.iter("*") if local_of(e) == "Relationship"]
    identifiers = [e.get("Id") for e in found]
    if len(set(identifiers)) < len(identifiers):
        raise Refused("two relationships with one identifier")
    return found


def _target(element: Element, source: str) -> str | None:
    if (element.get("TargetMode") or "").lower() == "external":
        return None
    target = unquote((element.get("Target") or "").partition("#")[0]).replace("\\", "/")
    folder = "/" + posixpath.dirname(source)
    return posixpath.normpath(posixpath.join(folder, target)).lstrip("/").lower()


def relationship_transform(data: bytes, transform: Element) -> tuple[bytes, frozenset[str]]:
    """The relationships a signature names, in canonical order (ECMA-376-2 13.2.4.24)."""
    identifiers, types = set(), set()
    for element in transform:
        if not is_element(element) or not str(element.tag).startswith(f"{{{_SIGNATURE_SPACE}}}"):
            continue
        if local_of(element) == "RelationshipReference":
            identifiers.add(element.get("SourceId"))
        elif local_of(element) == "RelationshipsGroupReference":
            types.add(element.get("SourceType"))
    kept = [e for e in _listed(data) if e.get("Id") in identifiers or e.get("Type") in types]
    kept.sort(key=lambda e: e.get("Id") or "")
    lines = "".join(f"<Relationship{_attributes(e)}></Relationship>" for e in kept)
    text = f'<Relationships xmlns="{_RELS_SPACE}">{lines}</Relationships>'
    return text.encode(), frozenset(e.get("Id") or "" for e in kept)


def _attributes(element: Element) -> str:
    values = {str(name): str(value) for name, value in element.attrib.items()}
    values.setdefault("TargetMode", "Internal")
    return "".join(
        f" {name}={quoteattr(values[name], _QUOTE)}" for name in sorted(values) if name[:1] != "{"
    )
