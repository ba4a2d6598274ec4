"""The judge of files: what a file is, what its format's module finds out, and the conclusion."""

from collections.abc import Callable

from monitor.model import Finding, Judgement, KeptEvidence, Kind, Moment, TrustMaterial, Verdict
from monitor.verify import ber
from monitor.verify.asic import asic_facts
from monitor.verify.cms import cms_facts
from monitor.verify.edxml import edxml_facts
from monitor.verify.evidence import facts_of, kept_of
from monitor.verify.facts import FileFacts, SignerFacts, unreadable
from monitor.verify.file_verdict import conclude_file
from monitor.verify.memory import Memory
from monitor.verify.odf import odf_facts
from monitor.verify.ooxml import ooxml_facts
from monitor.verify.pdf import pdf_facts
from monitor.verify.signed_data import NotSigned
from monitor.verify.smime import mail_facts
from monitor.verify.smime_entity import Entity
from monitor.verify.sniff import cms_of, kind_of, reading_of
from monitor.verify.traces import is_ole, trace_facts
from monitor.verify.trust import TrustStore
from monitor.verify.xml_document import xml_facts

_ENVELOPED = {
    "1.2.840.113549.1.7.3",
    "1.2.840.113549.1.7.6",
    "1.2.840.113549.1.9.16.1.23",
}
"""CMS types whose content only a recipient's key opens (RFC 5652, RFC 5083)."""

_LAYER = Kind.SMIME
"""How the memory knows the structures in mails, which are told by their place, not their bytes."""

_MAX_DEPTH = 3
"""Messages inside messages."""

_READERS: dict[Kind, Callable[[bytes], FileFacts]] = {
    Kind.PDF: pdf_facts,
    Kind.ASIC: asic_facts,
    Kind.ODF: odf_facts,
}


class Judge:
    """Judges files by one set of trust material; keeps what it may keep between files."""

    def __init__(self, material: TrustMaterial) -> None:
        self.store = TrustStore(material)
        self._seen: Memory[FileFacts] = Memory()
        self._depth = 0

    def judge(
        self, data: bytes, name: str, moment: Moment, content: bytes | None = None
    ) -> Judgement:
        """The verdict of a file that is no mail; `content` is what a detached signature covers.

        `name` is repeated as the verdict's path. Bytes decide what a file is, not its name.
        """
        return self.conclude(self.facts(data, name, content), name, moment)

    def conclude(self, facts: FileFacts, name: str, moment: Moment) -> Judgement:
        """The verdict of facts, with what is kept of them."""
        found = conclude_file(facts, self.store, name, moment)
        return Judgement(verdict=found, kept=kept_of(facts))

    def rejudge(self, kept: KeptEvidence, name: str, moment: Moment) -> Verdict:
        """The verdict of facts that were kept; raises `evidence.Unfit` for what is none."""
        return conclude_file(facts_of(kept), self.store, name, moment)

    def facts(self, data: bytes, name: str, content: bytes | None = None) -> FileFacts:
        """What is known of a file whatever the trust store and the time (cached by content)."""
        if not data:
            return FileFacts(Kind.OTHER, findings=frozenset({Finding.EMPTY_FILE}))
        reading = reading_of(name)
        beside = () if content is None else (content,)
        seen = self._seen.recall(reading, data, *beside)
        if seen is None:
            seen = self._read(data, name, content)
            if self._depth == 0 or seen.kind is not Kind.EDXML:  # inside, its parts may be left out
                self._seen.keep(seen, reading, data, *beside)
        return seen

    def mail(self, message: Entity) -> FileFacts:
        """The same of one message; its signed layers are cached by content."""
        return mail_facts(message, self._signers)

    def _signers(self, cms: bytes, content: bytes | None) -> tuple[SignerFacts, ...]:
        data = (cms,) if content is None else (cms, content)
        seen = self._seen.recall(_LAYER, *data)
        if seen is None:
            seen = FileFacts(Kind.CMS, signers=cms_facts(cms, content).signers)
            self._seen.keep(seen, _LAYER, *data)
        return seen.signers

    def _read(self, data: bytes, name: str, content: bytes | None) -> FileFacts:
        kind = kind_of(data, name)
        if kind is Kind.CMS:
            return _cms_file(cms_of(data) or data, content)
        if kind is Kind.XMLDSIG:
            return xml_facts(data, content)
        if kind is Kind.EDXML:
            return self._message(data)
        if kind is Kind.OOXML and not is_ole(data):
            return ooxml_facts(data)
        reader = _READERS.get(kind)
        return reader(data) if reader else trace_facts(kind, data)

    def _message(self, data: bytes) -> FileFacts:
        """An edXML message with its documents, which may be messages again."""
        if self._depth >= _MAX_DEPTH:
            return edxml_facts(data, None)
        self._depth += 1
        try:
            return edxml_facts(data, lambda name, content: self.facts(content, name))
        finally:
            self._depth -= 1


def _cms_file(cms: bytes, content: bytes | None) -> FileFacts:
    try:
        return FileFacts(Kind.CMS, signers=cms_facts(cms, content).signers)
    except NotSigned as other:
        if other.content_type in _ENVELOPED:
            return unreadable(Kind.CMS, Finding.ENCRYPTED)
        return FileFacts(Kind.CMS)
    except ber.Malformed:
        return unreadable(Kind.CMS, Finding.MALFORMED)
