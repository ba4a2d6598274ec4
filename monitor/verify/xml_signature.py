"""One XML signature (XML-DSig 1.1 with XAdES): structure, references, value and signer.

Nothing is judged by what merely stands in the file: properties, manifests and times count only
where a reference of SignedInfo covers the very element they are read from.
"""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from monitor.model import Coverage, Finding, Integrity, SubIndication
from monitor.verify import xml_c14n, xml_keys, xml_xades
from monitor.verify.algorithms import Algorithm, Unsupported, Use
from monitor.verify.ber import Malformed
from monitor.verify.certificate import Certificate
from monitor.verify.facts import SignerFacts, Sought, Token
from monitor.verify.revocation import Evidence
from monitor.verify.sought import means
from monitor.verify.xml_algorithms import encodings, fits, signature_algorithm
from monitor.verify.xml_reference import (
    MANIFEST,
    Covered,
    Exceeded,
    Outcome,
    Scene,
    check,
    references_of,
)
from monitor.verify.xml_tree import (
    DSIG,
    XADES_PREFIX,
    Beyond,
    Element,
    Refused,
    children,
    decoded,
    is_xades,
    local_of,
    named,
    space_of,
    text_of,
)

MAX_SIGNATURES = 100
_CANDIDATES = 32


@dataclass(frozen=True)
class Parts:
    """The elements of a well-formed ds:Signature."""

    element: Element
    signed_info: Element
    value_element: Element
    value: bytes
    method: Element
    canonicalization: Element
    key_info: Element | None


@dataclass(frozen=True)
class XmlSignature:
    """A signature as checked: its facts, and what its references speak for."""

    element: Element
    facts: SignerFacts
    covered: tuple[Covered, ...] = ()
    """References of SignedInfo and of the manifests it covers."""
    counters: tuple[SignerFacts, ...] = ()

    @property
    def entries(self) -> frozenset[str]:
        """Files of the container that it covers as they are."""
        return frozenset(
            c.entry for c in self.covered if c.entry is not None and c.outcome is Outcome.FITS
        )

    @property
    def media_types(self) -> dict[str, str]:
        """Media type of each covered file, as signed in DataObjectFormat."""
        named = xml_xades.media_types(xml_xades.properties(self.element))
        return {
            c.entry: named[identifier]
            for c in self.covered
            if c.entry is not None and (identifier := c.reference.element.get("Id") or "") in named
        }

    @property
    def says_something(self) -> bool:
        """Does it cover anything but its own properties, keys and lists?"""
        return any(
            c.outcome is Outcome.FITS
            and (c.entry is not None or (c.element is not None and not _formal(c.element)))
            for c in self.covered
        )


_FORMAL = frozenset({"KeyInfo", "SignatureProperties", "SignatureProperty", "Manifest"})


def _formal(element: Element) -> bool:
    """An element about the signature itself."""
    space = space_of(element)
    return space.startswith(XADES_PREFIX) or (space == DSIG and local_of(element) in _FORMAL)


def parts_of(signature: Element) -> Parts:
    """The parts of a signature element; raises `Refused` where one is missing or double."""
    info = _only(signature, "SignedInfo")
    value = _only(signature, "SignatureValue")
    if not text_of(value).strip():
        raise Refused("an emptied signature")
    keys = children(signature, DSIG, "KeyInfo")
    if len(keys) > 1:
        raise Refused("several KeyInfo")
    return Parts(
        element=signature,
        signed_info=info,
        value_element=value,
        value=decoded(text_of(value)),
        method=_only(info, "SignatureMethod"),
        canonicalization=_only(info, "CanonicalizationMethod"),
        key_info=keys[0] if keys else None,
    )


def _only(parent: Element, local: str) -> Element:
    found = children(parent, DSIG, local)
    if len(found) != 1:
        raise Refused(f"{len(found)} {local}")
    return found[0]


def verify(scene: Scene, signature: Element, *, counts: bool = True) -> XmlSignature:
    """What a signature proves about the document and the files beside it."""
    work = _Work(scene, signature, counts)
    try:
        return work.run()
    except Beyond:
        work.unsupported = True
        work.findings.add(Finding.ALGORITHM_UNSUPPORTED)
        return work.result(Integrity.UNREADABLE, SubIndication.CRYPTO_CONSTRAINTS_FAILURE)
    except Refused:
        empty = not text_of(signature.find(f"{{{DSIG}}}SignatureValue")).strip()
        work.findings.add(Finding.REMNANT_DESTROYED if empty else Finding.SIGNATURE_MALFORMED)
        integrity = Integrity.DESTROYED if empty else Integrity.MODIFIED
        return work.result(integrity, SubIndication.FORMAT_FAILURE)
    except Exceeded:
        work.findings.add(Finding.LIMIT_REACHED)
        return work.result(Integrity.UNREADABLE, SubIndication.SIGNED_DATA_NOT_FOUND)


@dataclass
class _Work:
    scene: Scene
    element: Element
    counts: bool
    findings: set[Finding] = field(default_factory=set)
    uses: set[Use] = field(default_factory=set)
    covered: list[Covered] = field(default_factory=list)
    keys: xml_keys.KeyInfo = field(default_factory=xml_keys.KeyInfo)
    properties: xml_xades.Properties = field(default_factory=xml_xades.Properties)
    certificate: Certificate | None = None
    attributable: bool = True
    unsupported: bool = False
    sought: Sought | None = None
    extras: tuple[Certificate, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    tokens: tuple[Token, ...] = ()
    level: str | None = None
    counters: tuple[SignerFacts, ...] = ()

    def run(self) -> XmlSignature:
        parts = parts_of(self.element)
        self.keys = xml_keys.read(parts.key_info)
        self.properties = xml_xades.properties(self.element)
        values = xml_xades.certificate_values(self.properties)
        self.extras = tuple(
            dict.fromkeys((*self.keys.certificates, *values, *self.scene.certificates))
        )
        self.evidence = xml_xades.revocation_values(self.properties)
        self._references(parts)
        self.tokens, bad = xml_xades.tokens(
            self.properties, parts.value_element, self.extras, self.evidence
        )
        if bad:
            self.findings.add(Finding.TIMESTAMP_INVALID)
        self.level = xml_xades.level(self.properties, self.tokens, self.evidence)
        if self.counts:
            self.counters = tuple(
                _counter(self.scene, counter, parts.value_element)
                for counter in xml_xades.counter_signatures(self.properties)[:8]
            )
        return self.result(*self._judged(parts))

    # -- references ------------------------------------------------------------------------------

    def _references(self, parts: Parts) -> None:
        references = references_of(parts.signed_info)
        if not references:
            raise Refused("a signature without a reference")
        self.covered = [check(self.scene, each, self.element) for each in references]
        for item in tuple(self.covered):
            if item.outcome is Outcome.FITS and item.element is not None:
                self._manifest(item)

    def _manifest(self, item: Covered) -> None:
        """The references of manifests inside what is covered (XML-DSig 5.1)."""
        element = item.element
        if element is None or item.document:
            return
        inside = [element] if named(element, DSIG, "Manifest") else []
        if named(element, DSIG, "Object"):
            inside = children(element, DSIG, "Manifest")
        for manifest in inside:
            if item.reference.type == MANIFEST or manifest in _objects(self.element):
                self.covered += [
                    check(self.scene, each, self.element) for each in references_of(manifest)
                ]

    # -- judging ---------------------------------------------------------------------------------

    def _judged(self, parts: Parts) -> tuple[Integrity, SubIndication | None]:
        outcomes = {c.outcome for c in self.covered}
        self.uses |= {Use(c.reference.digest) for c in self.covered}
        keyed, lacking = self._keyed(parts)
        if keyed is False:
            self.findings.add(Finding.SIGNATURE_MISMATCH)
            return Integrity.MODIFIED, SubIndication.SIG_CRYPTO_FAILURE
        if self._misplaced():
            self.findings.add(Finding.SIGNATURE_MALFORMED)
            return Integrity.MODIFIED, SubIndication.FORMAT_FAILURE
        failure = self._failed(outcomes)
        if failure is not None:
            return failure
        return self._unbroken(lacking=lacking or Outcome.UNKNOWN in outcomes)

    def _unbroken(self, *, lacking: bool) -> tuple[Integrity, SubIndication | None]:
        """Nothing speaks against the references and the value: what is still missing?"""
        if lacking:
            self.unsupported = True
            self.findings.add(Finding.ALGORITHM_UNSUPPORTED)
            known = Integrity.INTACT if self.keys.foreign else Integrity.UNREADABLE
            return known, SubIndication.CRYPTO_CONSTRAINTS_FAILURE
        if not xml_xades.targeted(self.properties, self.element):
            self.findings.add(Finding.SIGNATURE_MALFORMED)
            return Integrity.INTACT, SubIndication.SIG_CONSTRAINTS_FAILURE
        if self.certificate is None:
            return Integrity.INTACT, SubIndication.NO_SIGNING_CERTIFICATE_FOUND
        return Integrity.INTACT, None

    def _failed(self, outcomes: set[Outcome]) -> tuple[Integrity, SubIndication] | None:
        if outcomes & {Outcome.DIFFERS, Outcome.AMBIGUOUS}:
            self.findings.add(Finding.DIGEST_MISMATCH)
            return Integrity.MODIFIED, SubIndication.HASH_FAILURE
        missing = [c.reference for c in self.covered if c.outcome is Outcome.MISSING]
        if not missing:
            return None
        self.findings.add(Finding.SIGNED_CONTENT_MISSING)
        inside = any((r.uri or "").startswith("#") for r in missing)
        if inside or self.scene.package:
            return Integrity.MODIFIED, SubIndication.HASH_FAILURE
        return Integrity.NONE, SubIndication.SIGNED_DATA_NOT_FOUND

    def _misplaced(self) -> bool:
        """Signed properties that are double, or that no reference covers (EN 319 132-1 4.4)."""
        signed = self.properties.signed
        if len(signed) > 1:
            return True
        covered = {
            id(c.element) for c in self.covered
            if c.element is not None and not c.document and c.outcome is not Outcome.AMBIGUOUS
        }  # fmt: skip
        return any(
            id(node) not in covered and not any(id(a) in covered for a in _up(node, self.element))
            for node in signed
        )

    # -- the key ---------------------------------------------------------------------------------

    def _keyed(self, parts: Parts) -> tuple[bool | None, bool]:
        """Does the value fit a key at hand (None: no key), and was something not computable?"""
        method = xml_c14n.METHODS.get((parts.canonicalization.get("Algorithm") or "").strip())
        candidates = self._candidates()
        try:
            algorithm = signature_algorithm(parts.method)
        except Unsupported:
            self.certificate = candidates[0] if candidates else None
            return None, True
        self.uses.add(Use(algorithm.digest or ""))
        if method is None:
            return None, True
        signed = xml_c14n.canonical(
            parts.signed_info, method, comments=True,
            prefixes=xml_c14n.prefixes_of(parts.canonicalization),
        )  # fmt: skip
        lacking = False
        for candidate in candidates:
            try:
                if fits(candidate.key, algorithm, signed, parts.value):
                    self._attributed(candidate)
                    return True, False
            except (Unsupported, Malformed):
                lacking = True
        pairs = xml_xades.referenced(self.properties)
        if candidates and (lacking or any(means(pairs, c) for c in candidates)):
            self.certificate = candidates[0]
            return (None, True) if lacking else (False, False)
        self.sought = self._sought(algorithm, signed, parts.value, pairs)
        return self._bare(algorithm, signed, parts.value)

    def _sought(
        self, algorithm: Algorithm, signed: bytes, value: bytes, pairs: list[tuple[str, bytes]]
    ) -> Sought | None:
        """How to know the certificate, should the trust store have it."""
        numbers = frozenset[int]() if pairs or self.keys.certificates else self.keys.serials
        if not pairs and not numbers:
            return None
        values = encodings(algorithm, value)
        return Sought(algorithm, values, (signed,), references=tuple(pairs), numbers=numbers)

    def _bare(self, algorithm: Algorithm, signed: bytes, value: bytes) -> tuple[bool | None, bool]:
        """Without a certificate: does at least the bare key fit?"""
        key = self.keys.key
        if key is None:
            return None, self.keys.foreign
        self.uses.add(key.use)
        try:
            return fits(key, algorithm, signed, value), False
        except (Unsupported, Malformed):
            return None, True

    def _candidates(self) -> list[Certificate]:
        """Certificates the signature brings, those its signed reference names first."""
        pairs = xml_xades.referenced(self.properties)
        return sorted(self.extras, key=lambda c: not means(pairs, c))[:_CANDIDATES]

    def _attributed(self, certificate: Certificate) -> None:
        self.certificate = certificate
        pairs = xml_xades.referenced(self.properties)
        if pairs:
            self.attributable = means(pairs, certificate)
        else:
            self.attributable = self._alone(certificate)
        key = self.keys.key
        if key is not None and key.spki != certificate.spki and not _same_numbers(key, certificate):
            self.attributable = False
        if not self.attributable:
            self.findings.add(Finding.SIGNER_UNATTRIBUTED)

    def _alone(self, certificate: Certificate) -> bool:
        """Without a signed reference: is it the only certificate, but for those above it?

        A second end certificate is how "certificate doubling" shows one signer and uses another.
        """
        serials = self.keys.serials
        if serials and not any(
            c.serial in serials for c in (certificate, *_above(certificate, self.extras))
        ):
            return False
        above = _above(certificate, self.keys.certificates)
        return all(c == certificate or c in above for c in self.keys.certificates)

    # -- the result ------------------------------------------------------------------------------

    def result(self, integrity: Integrity, failure: SubIndication | None = None) -> XmlSignature:
        facts = SignerFacts(
            integrity=integrity,
            failure=failure,
            certificate=self.certificate,
            attributable=self.attributable,
            unsupported=self.unsupported,
            extras=self.extras,
            evidence=self.evidence,
            uses=frozenset(self.uses),
            claimed=self._claimed(),
            tokens=self.tokens,
            findings=frozenset(self.findings),
            format="XAdES" if self.properties.signed else "XMLDSig",
            level=self.level,
            coverage=Coverage.UNKNOWN,
            counts=self.counts,
            digest_algorithm=self.covered[0].reference.digest if self.covered else "",
            content_digest=self.covered[0].digest.hex() if self.covered else "",
            raw=kept(self.element),
            sought=self.sought,
        )
        return XmlSignature(self.element, facts, tuple(self.covered), self.counters)

    def _claimed(self) -> datetime | None:
        """SigningTime, else the time in a covered SignatureProperty (ODF 1.2-3 5.3, OPC 13.2)."""
        if self.properties.signed:
            return xml_xades.claimed_time(self.properties)
        for item in self.covered:
            if item.outcome is Outcome.FITS and item.element is not None and not item.document:
                found = xml_xades.property_time(item.element)
                if found is not None:
                    return found
        return None


def _counter(scene: Scene, element: Element, value: Element) -> SignerFacts:
    """A counter-signature: of the value it stands at, or of nothing (EN 319 132-1 5.2.7)."""
    found = verify(scene, element, counts=False)
    covers = any(
        c.outcome is Outcome.FITS and c.element is value and not c.pruned for c in found.covered
    )
    if covers or found.facts.integrity is not Integrity.INTACT:
        return found.facts
    work = _Work(scene, element, counts=False)
    work.findings.add(Finding.SIGNATURE_MALFORMED)
    return work.result(Integrity.MODIFIED, SubIndication.FORMAT_FAILURE).facts


def _objects(signature: Element) -> list[Element]:
    """Manifests that are direct content of the signature's objects."""
    return [
        manifest
        for holder in children(signature, DSIG, "Object")
        for manifest in children(holder, DSIG, "Manifest")
    ]


def _up(node: Element, top: Element) -> Iterable[Element]:
    for ancestor in node.iterancestors():
        if ancestor is top:
            return
        yield ancestor


def _above(leaf: Certificate, known: Sequence[Certificate]) -> set[Certificate]:
    """The certificates among some that issued a leaf, directly or not."""
    found: set[Certificate] = set()
    waiting = [leaf]
    while waiting:
        child = waiting.pop()
        for other in known:
            if other not in found and other != leaf and child.issued_by(other):
                found.add(other)
                waiting.append(other)
    return found


def _same_numbers(key: object, certificate: Certificate) -> bool:
    """The same RSA numbers under another algorithm identifier."""
    mine = (getattr(key, "modulus", 0), getattr(key, "exponent", 0))
    return mine[0] > 0 and mine == (certificate.key.modulus, certificate.key.exponent)


def kept(signature: Element) -> bytes:
    """The signature element as evidence: of its objects the qualifying properties alone."""
    twin = copy.deepcopy(signature)
    for holder in children(twin, DSIG, "Object"):
        for child in list(holder):
            if not is_xades(child, "QualifyingProperties"):
                holder.remove(child)
            else:
                child.tail = None
        holder.text = None
        if len(holder) == 0:
            twin.remove(holder)
    twin.tail = None
    return bytes(etree.tostring(twin))
