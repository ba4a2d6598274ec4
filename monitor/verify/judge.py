"""The judge of files: finds out what a file is and hands it to the format's own module."""

from monitor.model import Finding, Judgement, Kind, Moment, TrustMaterial
from monitor.verify import asic, ber, edxml, odf, ooxml, traces, verdict, xml_document
from monitor.verify.cms import CmsVerifier
from monitor.verify.memory import Memory
from monitor.verify.pdf import PdfFacts, PdfVerifier
from monitor.verify.signed_data import NotSigned
from monitor.verify.sniff import cms_of, kind_of
from monitor.verify.trust import TrustStore

_ENVELOPED = {
    "1.2.840.113549.1.7.3",
    "1.2.840.113549.1.7.6",
    "1.2.840.113549.1.9.16.1.23",
}
"""CMS types whose content only a recipient's key opens (RFC 5652, RFC 5083)."""

_MAX_DEPTH = 3
"""Messages inside messages."""


class Judge:
    """Judges files by one set of trust material; keeps what it may keep between files."""

    def __init__(self, material: TrustMaterial) -> None:
        self.store = TrustStore(material)
        self.cms = CmsVerifier(self.store)
        self._pdf = PdfVerifier(self.cms)
        self._seen: Memory[PdfFacts] = Memory()
        self._depth = 0

    def judge(
        self, data: bytes, name: str, moment: Moment, content: bytes | None = None
    ) -> Judgement:
        """The verdict of a file that is no mail; `content` is what a detached signature covers.

        `name` is repeated as the verdict's path. Bytes decide what a file is, not its name.
        """
        if not data:
            return Judgement(verdict=verdict.unsigned(name, Kind.OTHER, (Finding.EMPTY_FILE,)))
        seen = self._seen.recall(data)
        if seen is not None:
            return self._pdf.judge(seen, name, moment)
        kind = kind_of(data, name)
        if kind is Kind.CMS:
            return self._cms(data, name, moment, content)
        if kind is Kind.PDF:
            facts = self._pdf.facts(data)
            self._seen.keep(data, facts)
            return self._pdf.judge(facts, name, moment)
        return self._other(kind, data, name, moment, content)

    def _other(
        self, kind: Kind, data: bytes, name: str, moment: Moment, content: bytes | None
    ) -> Judgement:
        if kind is Kind.XMLDSIG:
            return xml_document.judge(name, kind, data, self.store, moment, content)
        if kind is Kind.ASIC:
            return asic.judge(name, data, self.cms, moment)
        if kind is Kind.ODF:
            return odf.judge(name, data, self.store, moment)
        if kind is Kind.OOXML and not traces.is_ole(data):
            return ooxml.judge(name, data, self.store, moment)
        if kind is Kind.EDXML:
            return self._message(data, name, moment)
        return Judgement(verdict=traces.judge(name, kind, data))

    def _message(self, data: bytes, name: str, moment: Moment) -> Judgement:
        """An edXML message with its documents, which may be messages again."""
        if self._depth >= _MAX_DEPTH:
            return edxml.judge(name, data, self.store, moment, None)
        self._depth += 1
        try:
            return edxml.judge(
                name, data, self.store, moment,
                lambda inner, content: self.judge(content, inner, moment).verdict,
            )  # fmt: skip
        finally:
            self._depth -= 1

    def _cms(self, data: bytes, name: str, moment: Moment, content: bytes | None) -> Judgement:
        try:
            report = self.cms.verify(cms_of(data) or data, content, moment)
        except NotSigned as other:
            if other.content_type in _ENVELOPED:
                found = verdict.unreadable(name, Kind.CMS, Finding.ENCRYPTED)
            else:
                found = verdict.unsigned(name, Kind.CMS)
            return Judgement(verdict=found)
        except ber.Malformed:
            return Judgement(verdict=verdict.unreadable(name, Kind.CMS, Finding.MALFORMED))
        return Judgement(
            verdict=verdict.of_signatures(name, Kind.CMS, report.signatures),
            evidence=report.evidence,
        )
