"""One item in, one answer out: extraction and verification put together, inside a child.

Whatever the judgement of one file raises costs that file its verdict and nothing else.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from monitor.extract.classify import Nature, classify, is_mail, suffix
from monitor.extract.documents import Contents, Document, contents_of_file, contents_of_mail
from monitor.extract.journal import read_journal
from monitor.extract.mail import Mail, read_mail
from monitor.model import (
    AxisFacts,
    DocumentClass,
    DocumentFacts,
    Examined,
    Finding,
    ItemHeader,
    Journal,
    Judgement,
    KeptEvidence,
    Kind,
    Limits,
    Moment,
    PayloadKind,
    TrustMaterial,
    Verdict,
)
from monitor.verify import verdict
from monitor.verify.facts import FileFacts, Part, Shape, undecided, unreadable
from monitor.verify.judge import Judge
from monitor.verify.memory import Memory
from monitor.verify.smime_entity import Entity

_log = logging.getLogger("congvu.examine")

MAX_KEPT_BYTES = 8 * 1024 * 1024
"""Of evidence of one item, its documents included: half of what a child may answer, in base64."""

MAX_EXTRACTED_BYTES = 8 * 1024 * 1024
"""Of mails that are extracted and may be drawn for verification next."""

_AXIS_NAME = "message.edxml"
"""What a file of the axis is meant to be, whatever it was called there."""


class Examiner:
    """Examines items by one set of trust material and limits."""

    def __init__(self, material: TrustMaterial, limits: Limits) -> None:
        self._limits = limits
        self._judge = Judge(material)
        self._unjudged: tuple[Finding, ...] = ()
        self._extracted: Memory[tuple[Mail, Contents]] = Memory(MAX_EXTRACTED_BYTES)

    def examine(
        self, header: ItemHeader, body: bytes, moment: Moment, unjudged: tuple[Finding, ...] = ()
    ) -> Examined:
        """Everything there is to say of one spooled item.

        The verdict of a message carries forwarded signed messages as parts; documents stand in
        `documents` with judgements of their own. A document item is its own document, unless it
        is an archive or an edXML message. Of an item of the axis the header of its message is read
        as well. With `unjudged` nothing is judged: every verdict is `unreadable` with these
        findings, or `indeterminate` where it is just not drawn for verification.
        """
        self._unjudged = unjudged
        try:
            if header.kind is PayloadKind.MAIL:
                examined = self._examine_mail(header, body, moment)
            elif header.kind is PayloadKind.AXIS:
                examined = self._examine_axis(header, body, moment)
            else:
                examined = self._examine_document(header, body, moment)
        finally:
            self._unjudged = ()
        examined = _within_bounds(examined)
        met = tuple(each for each in unjudged if each is not Finding.NOT_SAMPLED)
        return examined.model_copy(update={"findings": (*examined.findings, *met)})

    def judge_file(
        self, name: str, data: bytes, moment: Moment, content: bytes | None = None
    ) -> Verdict:
        """What `congvu verify` prints of one file; content decides what it is, not its name.

        Parts are the documents of a mail or archive, and signed messages inside.
        """
        if is_mail(data, name):
            return self._judged_mail(name, data, moment)
        nature = classify(data, name)
        if nature.holds_others and nature.kind is not Kind.EDXML:
            facts = self._archive(nature.kind, contents_of_file(name, data, self._limits))
        else:
            facts = self._file(name, data, nature.kind, content)
        return self._concluded(facts, name, moment).verdict

    def rejudge(self, kept: KeptEvidence, name: str, moment: Moment) -> Verdict:
        """The verdict of a file or message whose content is gone, from what was kept of it.

        What `examine` would say now, `name` as the verdict's path. Raises `evidence.Unfit` for
        what was not kept by this product.
        """
        return self._judge.rejudge(kept, name, moment)

    # -- items ----------------------------------------------------------------------------------

    def _examine_mail(self, header: ItemHeader, body: bytes, moment: Moment) -> Examined:
        if header.oversize:
            facts = self._read(header, body).facts
            verdict = self._dropped(Kind.MAIL)
            return Examined(verdict=verdict, mail=facts, findings=(Finding.OVERSIZE,))
        mail, contents = self._extracted_mail(header, body)
        message = self._concluded(self._message(mail, contents), "", moment)
        return Examined(
            verdict=message.verdict,
            kept=message.kept,
            mail=mail.facts,
            documents=tuple(self._document(each, moment) for each in contents.documents),
            findings=tuple(sorted(contents.findings)),
        )

    def _extracted_mail(self, header: ItemHeader, body: bytes) -> tuple[Mail, Contents]:
        """What is extracted before it is known whether it is drawn is not extracted twice."""
        found = self._extracted.recall(header.item_id, body)
        if found is None:
            mail = self._read(header, body)
            found = mail, contents_of_mail(mail, self._limits)
            if self._unjudged == (Finding.NOT_SAMPLED,):
                self._extracted.keep(found, header.item_id, body)
        return found

    def _read(self, header: ItemHeader, body: bytes) -> Mail:
        """A report of Exchange is unwrapped only where its source was said to send them."""
        whole = not header.oversize
        if header.journal is Journal.EXCHANGE:
            return read_journal(body, self._limits, whole)
        # A pulled mail was handed over by no client: its envelope stands in its header.
        envelope = None if header.pulled else header.envelope
        return read_mail(body, envelope, self._limits, whole)

    def _examine_document(self, header: ItemHeader, body: bytes, moment: Moment) -> Examined:
        name = header.claim.file_name if header.claim else None
        if header.oversize:
            return Examined(verdict=self._dropped(Kind.OTHER), findings=(Finding.OVERSIZE,))
        nature = classify(body, name)
        if nature.holds_others and nature.kind is not Kind.MAIL:
            return self._examine_container(name, body, nature.kind, moment)
        document = Document.of(name, body, nature.kind, _class_in_folder(nature, name))
        facts = self._document(document, moment)
        return Examined(verdict=facts.judgement.verdict, documents=(facts,))

    def _examine_axis(self, header: ItemHeader, body: bytes, moment: Moment) -> Examined:
        """A message, or an archive that has one; whatever else lies there is seen as what it is.

        The verdict is that of the signature on the message alone: its documents carry their own.
        """
        if header.oversize:
            return Examined(verdict=self._dropped(Kind.EDXML), findings=(Finding.OVERSIZE,))
        nature = classify(body, _AXIS_NAME)
        if nature.kind not in {Kind.EDXML, Kind.ZIP}:
            document = Document.of(None, body, nature.kind, _class_in_folder(nature, None))
            facts = self._document(document, moment)
            return Examined(
                verdict=facts.judgement.verdict, documents=(facts,), findings=(Finding.NOT_EDXML,)
            )
        contents = contents_of_file(_AXIS_NAME, body, self._limits)
        whole = self._whole(_AXIS_NAME, body, nature.kind, contents)
        envelope = replace(whole, parts=(), complete=True)
        examined = self._examined_container(envelope, _AXIS_NAME, body, contents, moment)
        axis = _outermost(contents)
        if axis is None:
            findings = tuple(sorted({*examined.findings, Finding.NOT_EDXML}))
            return examined.model_copy(update={"findings": findings})
        return examined.model_copy(update={"axis": axis})

    def _examine_container(
        self, name: str | None, body: bytes, kind: Kind, moment: Moment
    ) -> Examined:
        contents = contents_of_file(name, body, self._limits)
        whole = self._whole(name or "", body, kind, contents)
        return self._examined_container(whole, name or "", body, contents, moment)

    def _whole(self, name: str, body: bytes, kind: Kind, contents: Contents) -> FileFacts:
        if kind is Kind.EDXML:
            return self._file(name, body, kind, None)
        return self._archive(kind, contents)

    def _examined_container(
        self, whole: FileFacts, name: str, body: bytes, contents: Contents, moment: Moment
    ) -> Examined:
        """An archive or edXML message, which is no document beside those in it."""
        return Examined(
            verdict=self._concluded(whole, name, moment).verdict,
            documents=tuple(
                self._document(_as_document(each, body), moment) for each in contents.documents
            ),
            findings=tuple(sorted(contents.findings)),
        )

    def _judged_mail(self, name: str, data: bytes, moment: Moment) -> Verdict:
        mail = read_mail(data, None, self._limits)
        contents = contents_of_mail(mail, self._limits)
        message = self._concluded(self._message(mail, contents), name, moment).verdict
        noted = {*message.findings, *mail.facts.findings, *contents.findings}
        documents = (self._document(each, moment).judgement.verdict for each in contents.documents)
        return message.model_copy(
            update={"findings": tuple(sorted(noted)), "parts": (*message.parts, *documents)}
        )

    # -- facts ----------------------------------------------------------------------------------

    def _message(self, mail: Mail, contents: Contents) -> FileFacts:
        """A message with the signed ones among those it forwards."""
        inside = (self._letter(each) for each in (*mail.forwarded(), *contents.messages))
        parts = tuple(Part("message", facts) for facts in inside if facts.kind is Kind.SMIME)
        return replace(self._letter(mail.root), parts=parts)

    def _letter(self, entity: Entity) -> FileFacts:
        return self._guarded(Kind.SMIME, lambda: self._judge.mail(entity))

    def _archive(self, kind: Kind, contents: Contents) -> FileFacts:
        parts = (Part(each.name or "", self._attached(each)) for each in contents.documents)
        findings = frozenset(contents.findings)
        return FileFacts(kind, findings=findings, shape=Shape.ARCHIVE, parts=tuple(parts))

    def _attached(self, document: Document) -> FileFacts:
        """A document with the detached signature that lay beside it."""
        if document.closed:
            return _closed(document)
        name = document.name or ""
        file = self._file(name, document.data, document.kind, None)
        if document.signature is None:
            return file
        beside = document.signature_name or name
        signature = self._file(beside, document.signature, Kind.CMS, document.data)
        parts = (Part(name, file), Part(beside, signature))
        return FileFacts(file.kind, shape=Shape.BESIDE, parts=parts)

    def _file(self, name: str, data: bytes, kind: Kind, content: bytes | None) -> FileFacts:
        return self._guarded(kind, lambda: self._judge.facts(data, name, content))

    def _guarded(self, kind: Kind, find: Callable[[], FileFacts]) -> FileFacts:
        """A fault of ours in one file is that file's verdict; what it was is logged by type."""
        if self._unjudged == (Finding.NOT_SAMPLED,):
            return undecided(kind, Finding.NOT_SAMPLED)
        if self._unjudged:
            return unreadable(kind, *self._unjudged)
        try:
            return find()
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 whatever a file raises, the item is still judged
            _log.error("%s while reading a part of kind %s", type(error).__name__, kind)
            return unreadable(kind, Finding.VERIFIER_FAULT)

    # -- verdicts -------------------------------------------------------------------------------

    def _document(self, document: Document, moment: Moment) -> DocumentFacts:
        facts = self._attached(document)
        return DocumentFacts(
            content_hash=document.content_hash,
            file_name=document.name,
            size=len(document.data),
            document_class=document.document_class,
            judgement=self._concluded(facts, document.name or "", moment),
            role=document.role,
        )

    def _dropped(self, kind: Kind) -> Verdict:
        """Past the size limit only the header was kept: our limit, so nothing is said of
        signatures.
        """
        undrawn = {Finding.NOT_SAMPLED}.intersection(self._unjudged)
        return verdict.undecided("", kind, Finding.OVERSIZE, *undrawn)

    def _concluded(self, facts: FileFacts, name: str, moment: Moment) -> Judgement:
        try:
            return self._judge.conclude(facts, name, moment)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 as above
            _log.error("%s while judging a part of kind %s", type(error).__name__, facts.kind)
            return Judgement(verdict=verdict.unreadable(name, facts.kind, Finding.VERIFIER_FAULT))


def _within_bounds(examined: Examined) -> Examined:
    """Past the bound the largest evidence is not kept: an answer must fit. What is lost is said."""
    held = [examined.kept, *(each.judgement.kept for each in examined.documents)]
    for at in sorted(range(len(held)), key=lambda at: _size(held[at]), reverse=True):
        if sum(map(_size, held)) <= MAX_KEPT_BYTES:
            break
        held[at] = None
    documents = tuple(
        each.model_copy(update={"judgement": each.judgement.model_copy(update={"kept": kept})})
        for each, kept in zip(examined.documents, held[1:], strict=True)
    )
    bounded = examined.model_copy(update={"kept": held[0], "documents": documents})
    if not _lost(bounded):
        return bounded
    findings = tuple(sorted({*examined.findings, Finding.LIMIT_REACHED}))
    return bounded.model_copy(update={"findings": findings})


def _lost(examined: Examined) -> bool:
    """Is there a signature that cannot be judged again without its file?"""
    judged = [(each.judgement.verdict, each.judgement.kept) for each in examined.documents]
    if examined.mail is not None:
        judged.append((examined.verdict, examined.kept))
    return any(found.signatures and kept is None for found, kept in judged)


def _size(kept: KeptEvidence | None) -> int:
    return 0 if kept is None else len(kept.facts) + sum(map(len, kept.blobs))


def _closed(document: Document) -> FileFacts:
    """An archive that gave nothing: past a limit of ours nothing is said of it, else it cannot be
    read by what it is.
    """
    if document.closed == {Finding.ARCHIVE_LIMIT}:
        return undecided(document.kind, Finding.ARCHIVE_LIMIT)
    return unreadable(document.kind, *document.closed)


def _as_document(document: Document, body: bytes) -> Document:
    """An archive that nothing opens is the document that a document system handed over."""
    if document.data is body:
        return replace(document, document_class=DocumentClass.FORMAL)
    return document


def _outermost(contents: Contents) -> AxisFacts | None:
    """The header of the message nearest to the surface: messages are sent in messages, as their
    payload. None where several lie side by side, for then it is not one message that was sent.
    """
    top = min((depth for depth, _ in contents.axis), default=0)
    found = [facts for depth, facts in contents.axis if depth == top]
    return found[0] if len(found) == 1 else None


def _class_in_folder(nature: Nature, name: str | None) -> DocumentClass:
    """In a document system every file is a document; scans and the like are final: formal."""
    if nature.document is not None:
        return nature.document
    return DocumentClass.EDITABLE if suffix(name) in (".txt", ".csv") else DocumentClass.FORMAL
