"""OpenDocument packages (ODF 1.2 part 3, section 5): META-INF/documentsignatures.xml.

A document signature speaks for a document only if it covers every file of the package, the
manifest and the media type with it; a stream it leaves out was added later, or the signature is
one of macros that was renamed. Before ODF 1.2 manifest and media type were not signed.
"""

import re
from dataclasses import replace

from monitor.model import Finding, Integrity, Kind
from monitor.verify.facts import FileFacts, SignerFacts
from monitor.verify.package import Locked, changed, package_facts, partial, resolver, whole
from monitor.verify.xml_document import signatures
from monitor.verify.xml_reference import Scene
from monitor.verify.xml_signature import MAX_SIGNATURES, XmlSignature, verify
from monitor.verify.xml_tree import Refused, Tree, parse
from monitor.verify.zip_reader import Damaged, Package

_DOCUMENT, _MACROS = "META-INF/documentsignatures.xml", "META-INF/macrosignatures.xml"
_SIGNATURES = re.compile(r"META-INF/[^/]*signatures[^/]*\Z", re.IGNORECASE)
_MANIFEST, _TYPE = "META-INF/manifest.xml", "mimetype"
_UNSIGNED = frozenset({_MANIFEST, _TYPE})
"""What the first applications left out of their own accord; nobody can have added it later."""
_MANIFEST_SPACE = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_VERSION = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}version"


def odf_facts(data: bytes) -> FileFacts:
    """Everything about a document that does not depend on trust and time."""
    return package_facts(Kind.ODF, data, _facts)


def _tree(package: Package, name: str) -> Tree:
    return parse(package.read(name))


def _encrypted(package: Package) -> bool:
    """Does the manifest say that a stream is encrypted (ODF 1.2 part 3, 3.4)?"""
    if _MANIFEST not in package:
        return False
    try:
        manifest = _tree(package, _MANIFEST)
    except (Refused, Damaged):
        return False
    return next(manifest.iter(f"{{{_MANIFEST_SPACE}}}encryption-data"), None) is not None


def _facts(package: Package) -> list[SignerFacts]:
    """Facts of all signatures; those of macros count only where there are no others."""
    if _encrypted(package):
        raise Locked
    documents: list[SignerFacts] = []
    macros: list[SignerFacts] = []
    for name in [n for n in package.names if _SIGNATURES.match(n)]:
        tree = _tree(package, name)
        scene = Scene(tree, resolver(package), package=True)
        for element in signatures(tree)[:MAX_SIGNATURES]:
            checked = verify(scene, element)
            if name == _MACROS:
                macros.append(partial(checked.facts))
            else:
                documents += [_seen(package, checked), *checked.counters]
    if documents:
        macros = [replace(each, counts=False) for each in macros]
    return documents + macros


def _seen(package: Package, checked: XmlSignature) -> SignerFacts:
    """The signature with what it leaves out of the document."""
    facts = checked.facts
    if facts.integrity is Integrity.MODIFIED:
        return facts
    if package.ambiguous:
        return changed(facts, Finding.MALFORMED)
    left = {n for n in package.names if n not in checked.entries and not _is_signature(n)}
    if _before_1_2(package):
        left = {n for n in left if n not in _UNSIGNED and not n.startswith("Thumbnails/")}
    if left - _UNSIGNED:
        return changed(facts, Finding.PARTIALLY_SIGNED)
    return partial(facts) if left else whole(facts)


def _is_signature(name: str) -> bool:
    return name in {_DOCUMENT, _MACROS}


def _before_1_2(package: Package) -> bool:
    try:
        version = _tree(package, "content.xml").getroot().get(_VERSION) or ""
    except (Refused, Damaged, KeyError):
        return False
    return version in {"", "1.0", "1.1"}
