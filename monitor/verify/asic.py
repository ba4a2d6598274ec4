"""ASiC-S and ASiC-E containers (ETSI EN 319 162-1), BDOC among them, with XAdES or CAdES inside.

Every file outside META-INF is something the reader sees, `mimetype` apart; one that no signature
covers was added later. A signature over some of the files proves nothing for the others.
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from monitor.model import Finding, Integrity, Kind, SubIndication
from monitor.verify import ber
from monitor.verify.algorithms import Unsupported, Use, compute
from monitor.verify.cms import cms_facts
from monitor.verify.facts import FileFacts, SignerFacts
from monitor.verify.package import changed, package_facts, partial, resolver, whole
from monitor.verify.signed_data import NotSigned
from monitor.verify.timestamps import token
from monitor.verify.trust import Purpose
from monitor.verify.xml_algorithms import digest_of
from monitor.verify.xml_document import signatures
from monitor.verify.xml_reference import Scene
from monitor.verify.xml_signature import MAX_SIGNATURES, verify
from monitor.verify.xml_tree import DSIG, Refused, Tree, decoded, local_of, parse, text_of
from monitor.verify.zip_reader import Damaged, Package

_META = "meta-inf/"
_XML_SIGNATURES = re.compile(r"meta-inf/[^/]*signatures?[^/]*\.xml\Z", re.IGNORECASE)
_CMS_SIGNATURE = re.compile(r"meta-inf/[^/]*signature[^/]*\.p7[sm]\Z", re.IGNORECASE)
_MANIFEST = re.compile(r"meta-inf/[^/]*asic[^/]*manifest[^/]*\.xml\Z", re.IGNORECASE)
_TIMESTAMP = re.compile(r"meta-inf/[^/]*timestamp[^/]*\.tst\Z", re.IGNORECASE)
_OPEN_MANIFEST = "META-INF/manifest.xml"
_OPEN = "{urn:oasis:names:tc:opendocument:xmlns:manifest:1.0}"
_FULL_PATH, _MEDIA_TYPE = _OPEN + "full-path", _OPEN + "media-type"
_SPACE = "http://uri.etsi.org/02918/"


def asic_facts(data: bytes) -> FileFacts:
    """Everything about a container that does not depend on trust and time."""
    return package_facts(Kind.ASIC, data, lambda package: _Container(package).facts())


@dataclass(frozen=True)
class _Signed:
    """A signature and the files it covers."""

    facts: SignerFacts
    files: frozenset[str]
    types: Mapping[str, str] = field(default_factory=dict)
    """Media types that are signed with them."""


@dataclass(frozen=True)
class _Manifest:
    """An ASiCManifest: the file it is, the one it is signed by, and what it lists."""

    name: str
    signed_by: str | None
    files: frozenset[str]
    failure: SubIndication | None
    digests: frozenset[str]
    """Digests it lists files by."""


class _Container:
    def __init__(self, package: Package) -> None:
        self.package = package
        self.content = frozenset(
            n for n in package.names
            if not n.lower().startswith(_META) and n != "mimetype"
        )  # fmt: skip
        self._unreadable = False
        self._listed = self._listing()

    def facts(self) -> list[SignerFacts]:
        """Facts of all signatures; raises `Damaged` where the signature files are none."""
        found = [*self._xml(), *self._cms()]
        if self._unreadable and not found:
            raise Damaged("no signature can be read")
        intact = [s.files for s in found if s.facts.integrity is Integrity.INTACT]
        added = self.content - frozenset().union(*intact) if intact else frozenset()
        seen = [self._seen(each, added) for each in found]
        return seen + [stamp for stamp in self._stamps() if stamp is not None]

    def _seen(self, signed: _Signed, added: frozenset[str]) -> SignerFacts:
        if self.package.ambiguous or self._unreadable:
            return changed(signed.facts, Finding.MALFORMED)
        if not signed.facts.counts:
            return signed.facts
        if added:
            return changed(signed.facts, Finding.PARTIALLY_SIGNED)
        if not self.content or self.content - signed.files:
            return partial(signed.facts)
        if self._contradicted(signed.types):
            return partial(signed.facts, Finding.MANIFEST_MISMATCH)
        return whole(signed.facts)

    def _contradicted(self, types: Mapping[str, str]) -> bool:
        """Does META-INF/manifest.xml list other files or types than are there and signed?

        Nothing signs it, yet applications show files by it (EN 319 162-1 4.4.3.1, ODF 1.2-3).
        """
        if self._listed is None:
            return False
        differs = any(self._listed.get(name) not in {kind, ""} for name, kind in types.items())
        return differs or self._listed.keys() != self.content

    def _listing(self) -> dict[str, str] | None:
        """Media types by file in the OpenDocument manifest; None without one that can be read."""
        if _OPEN_MANIFEST not in self.package:
            return None
        try:
            tree = parse(self.package.read(_OPEN_MANIFEST))
        except (Refused, Damaged):
            return None
        entries = {
            e.get(_FULL_PATH) or "": (e.get(_MEDIA_TYPE) or "").strip().lower()
            for e in tree.iter("{*}file-entry")
        }
        return {
            name: kind for name, kind in entries.items()
            if not name.endswith("/") and not name.lower().startswith(_META) and name != "mimetype"
        }  # fmt: skip

    def _named(self, pattern: re.Pattern[str]) -> list[str]:
        return [n for n in self.package.names if pattern.match(n)][:MAX_SIGNATURES]

    def _content_of(self, name: str) -> bytes | None:
        try:
            return self.package.read(name)
        except Damaged:
            self._unreadable = True
            return None

    def _tree(self, name: str) -> Tree | None:
        content = self._content_of(name)
        try:
            return None if content is None else parse(content)
        except Refused:
            self._unreadable = True
            return None

    # -- XAdES -----------------------------------------------------------------------------------

    def _xml(self) -> list[_Signed]:
        found: list[_Signed] = []
        for name in self._named(_XML_SIGNATURES):
            tree = self._tree(name)
            if tree is None:
                continue
            scene = Scene(tree, resolver(self.package), package=True)
            for element in signatures(tree)[:MAX_SIGNATURES]:
                checked = verify(scene, element)
                types = checked.media_types
                found.append(_Signed(checked.facts, checked.entries, types))
                found += [_Signed(counter, frozenset()) for counter in checked.counters]
        return found

    # -- CAdES -----------------------------------------------------------------------------------

    def _cms(self) -> list[_Signed]:
        names = self._named(_CMS_SIGNATURE)
        if not names:
            return []
        manifests = [m for m in map(self._manifest, self._named(_MANIFEST)) if m is not None]
        return [signed for name in names for signed in self._cades(name, manifests)]

    def _cades(self, name: str, manifests: Sequence[_Manifest]) -> list[_Signed]:
        content = self._content_of(name)
        if content is None:
            return []
        mine = [m for m in manifests if m.signed_by == name]
        covered, files = None, frozenset[str]()
        if len(mine) == 1:
            covered, files = self._content_of(mine[0].name), mine[0].files
        elif not mine and len(self.content) == 1:
            files = self.content
            covered = self._content_of(next(iter(files)))
        try:
            report = cms_facts(content, covered)
        except (NotSigned, ber.Malformed):
            self._unreadable = True
            return []
        signers = report.signers
        if covered is None:
            return [_Signed(changed(s, Finding.SIGNED_CONTENT_MISSING), files) for s in signers]
        if mine:
            signers = tuple(_by(signer, mine[0]) for signer in signers)
        return [_Signed(signer, files) for signer in signers]

    def _manifest(self, name: str) -> _Manifest | None:
        """EN 319 162-1 A.4; None for what is none."""
        tree = self._tree(name)
        root = tree.getroot() if tree is not None else None
        if root is None or not str(root.tag).startswith(f"{{{_SPACE}"):
            return None
        references = [e for e in root if local_of(e) == "SigReference"]
        signed_by = self.package.meant(references[0].get("URI") or "") if references else None
        files: set[str] = set()
        digests: set[str] = set()
        failure: SubIndication | None = None
        for element in root:
            if local_of(element) != "DataObjectReference":
                continue
            digest = digest_of(element.find(f"{{{DSIG}}}DigestMethod"))
            digests.add(digest)
            file = self.package.meant(element.get("URI") or "")
            try:
                wanted = decoded(text_of(element.find(f"{{{DSIG}}}DigestValue")))
                fits = file is not None and hmac.compare_digest(
                    compute(digest, self.package.read(file)), wanted
                )
            except (Damaged, Refused):
                fits = False
            except Unsupported:
                failure = failure or SubIndication.CRYPTO_CONSTRAINTS_FAILURE
                continue
            if fits and file is not None:
                files.add(file)
            else:
                failure = SubIndication.HASH_FAILURE
        return _Manifest(name, signed_by, frozenset(files), failure, frozenset(digests))

    # -- time-stamps -----------------------------------------------------------------------------

    def _stamps(self) -> list[SignerFacts | None]:
        """Time-stamps of the container: no signatures of a signer, so they count for nothing."""
        if not self._named(_TIMESTAMP):
            return []
        manifests = [m for m in map(self._manifest, self._named(_MANIFEST)) if m is not None]
        return [self._stamp(name, manifests) for name in self._named(_TIMESTAMP)]

    def _stamp(self, name: str, manifests: Sequence[_Manifest]) -> SignerFacts | None:
        mine = [m.name for m in manifests if m.signed_by == name]
        covers = mine or (list(self.content) if len(self.content) == 1 else [])
        content = self._content_of(name)
        stamped = self._content_of(covers[0]) if covers else None
        if content is None or stamped is None:
            return None
        read = token(content, stamped)
        intact = read is not None and all(
            m.failure is None for m in manifests if m.signed_by == name
        )
        return SignerFacts(
            integrity=Integrity.INTACT if intact else Integrity.MODIFIED,
            failure=None if intact else SubIndication.HASH_FAILURE,
            certificate=read.authority if read else None,
            extras=read.extras if read else (),
            evidence=read.evidence if read else SignerFacts(Integrity.NONE).evidence,
            uses=read.uses if read else frozenset(),
            claimed=read.time if read else None,
            format="RFC3161",
            counts=False,
            purpose=Purpose.TIMESTAMP,
            raw=content,
        )


def _by(facts: SignerFacts, manifest: _Manifest) -> SignerFacts:
    """A signature of a manifest speaks for the files it lists, if they are what it lists."""
    facts = replace(facts, uses=facts.uses | {Use(d) for d in manifest.digests})
    if manifest.failure is None or facts.integrity is not Integrity.INTACT:
        return facts
    if manifest.failure is SubIndication.HASH_FAILURE:
        return changed(facts, Finding.DIGEST_MISMATCH)
    return replace(
        facts,
        integrity=Integrity.UNREADABLE,
        failure=manifest.failure,
        unsupported=True,
        findings=facts.findings | {Finding.ALGORITHM_UNSUPPORTED},
    )
