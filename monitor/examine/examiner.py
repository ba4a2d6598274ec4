"""One item in, one answer out: extraction and verification put together, inside a child.

Whatever the judgement of one file raises costs that file its verdict and nothing else.
"""

import logging
from collections.abc import Callable, Iterable

from monitor.extract.classify import Nature, classify, is_mail, suffix
from monitor.extract.documents import Contents, Document, contents_of_file, contents_of_mail
from monitor.extract.mail import Mail, read_mail
from monitor.model import (
    Cause,
    DocumentClass,
    DocumentFacts,
    Examined,
    Finding,
    Integrity,
    ItemHeader,
    Judgement,
    Kind,
    Limits,
    Moment,
    Overall,
    PayloadKind,
    Trust,
    TrustMaterial,
    Verdict,
)
from monitor.verify import verdict
from monitor.verify.judge import Judge
from monitor.verify.smime import SmimeVerifier
from monitor.verify.smime_entity import Entity
from monitor.verify.smime_open import contentless

_log = logging.getLogger("congvu.examine")

_WORST = (
    Overall.INVALID, Overall.UNREADABLE, Overall.INDETERMINATE, Overall.UNSIGNED, Overall.VALID,
)  # fmt: skip
_TRUST = (
    Trust.REVOKED, Trust.EXPIRED, Trust.WEAK, Trust.UNTRUSTED, Trust.UNKNOWN, Trust.TRUSTED,
)  # fmt: skip
_INTEGRITY = (
    Integrity.MODIFIED, Integrity.DESTROYED, Integrity.UNREADABLE, Integrity.NONE, Integrity.INTACT,
)  # fmt: skip


class Examiner:
    """Examines items by one set of trust material and limits."""

    def __init__(self, material: TrustMaterial, limits: Limits) -> None:
        self._limits = limits
        self._judge = Judge(material)
        self._smime = SmimeVerifier(self._judge.cms)
        self._unjudged: tuple[Finding, ...] = ()

    def examine(
        self, header: ItemHeader, body: bytes, moment: Moment, unjudged: tuple[Finding, ...] = ()
    ) -> Examined:
        """Everything there is to say of one spooled item.

        The verdict of a message carries forwarded signed messages as parts; documents stand in
        `documents` with judgements of their own. A document item is its own document. With
        `unjudged` nothing is judged: every verdict is `unreadable` with these findings.
        """
        self._unjudged = unjudged
        try:
            if header.kind is PayloadKind.MAIL:
                examined = self._examine_mail(header, body, moment)
            else:
                examined = self._examine_document(header, body, moment)
        finally:
            self._unjudged = ()
        return examined.model_copy(update={"findings": (*examined.findings, *unjudged)})

    def judge_file(
        self, name: str, data: bytes, moment: Moment, content: bytes | None = None
    ) -> Verdict:
        """What `congvu verify` prints of one file; content decides what it is, not its name.

        Parts are the documents of a mail or archive, and signed messages inside.
        """
        if is_mail(data, name):
            mail = read_mail(data, None, self._limits)
            contents = contents_of_mail(mail, self._limits)
            message = self._message(mail, contents, name, moment).verdict
            noted = {*message.findings, *mail.facts.findings, *contents.findings}
            message = message.model_copy(update={"findings": tuple(sorted(noted))})
            return _with_parts(message, self._documents(contents, moment))
        nature = classify(data, name)
        if nature.kind is Kind.ZIP:
            return self._archive(name, data, moment).verdict
        if nature.unopened:
            return _unopened(name)
        return self._file(name, data, nature.kind, moment, content).verdict

    # -- items ----------------------------------------------------------------------------------

    def _examine_mail(self, header: ItemHeader, body: bytes, moment: Moment) -> Examined:
        mail = read_mail(body, header.envelope, self._limits, whole=not header.oversize)
        if header.oversize:
            return Examined(
                verdict=_dropped(Kind.MAIL), mail=mail.facts, findings=(Finding.OVERSIZE,)
            )
        contents = contents_of_mail(mail, self._limits)
        message = self._message(mail, contents, "", moment)
        return Examined(
            verdict=message.verdict,
            evidence=message.evidence,
            mail=mail.facts,
            documents=tuple(self._documents(contents, moment)),
            findings=tuple(sorted(contents.findings)),
        )

    def _examine_document(self, header: ItemHeader, body: bytes, moment: Moment) -> Examined:
        name = header.claim.file_name if header.claim else None
        if header.oversize:
            return Examined(verdict=_dropped(Kind.OTHER), findings=(Finding.OVERSIZE,))
        nature = classify(body, name)
        if nature.kind is Kind.ZIP:
            contents = contents_of_file(name, body, self._limits)
            return Examined(
                verdict=self._archive(name or "", body, moment).verdict,
                documents=tuple(self._documents(contents, moment)),
                findings=tuple(sorted(contents.findings)),
            )
        document = Document.of(name, body, nature.kind, _class_in_folder(nature, name))
        facts = self._document(document, moment)
        if nature.unopened:
            facts = facts.model_copy(update={"judgement": Judgement(verdict=_unopened(name or ""))})
        return Examined(
            verdict=facts.judgement.verdict,
            evidence=facts.judgement.evidence,
            documents=(facts,),
        )

    # -- parts ----------------------------------------------------------------------------------

    def _message(self, mail: Mail, contents: Contents, name: str, moment: Moment) -> Judgement:
        judgement = self._judged_message(mail.root, name, moment)
        inside = [*mail.forwarded(), *contents.messages]
        parts = [self._judged_message(entity, "message", moment).verdict for entity in inside]
        signed = [part for part in parts if part.kind is Kind.SMIME]
        return Judgement(
            verdict=_with_parts(judgement.verdict, (), signed), evidence=judgement.evidence
        )

    def _judged_message(self, entity: Entity, name: str, moment: Moment) -> Judgement:
        return self._guarded(name, Kind.SMIME, lambda: self._smime.judge(entity, name, moment))

    def _documents(self, contents: Contents, moment: Moment) -> Iterable[DocumentFacts]:
        return [self._document(document, moment) for document in contents.documents]

    def _document(self, document: Document, moment: Moment) -> DocumentFacts:
        name = document.name or ""
        judgement = self._file(name, document.data, document.kind, moment, None)
        if document.signature is not None:
            beside = self._file(
                document.signature_name or name,
                document.signature,
                Kind.CMS,
                moment,
                document.data,
            )
            judgement = _joined(judgement, beside)
        return DocumentFacts(
            content_hash=document.content_hash,
            file_name=document.name,
            size=len(document.data),
            document_class=document.document_class,
            judgement=judgement,
        )

    def _file(
        self, name: str, data: bytes, kind: Kind, moment: Moment, content: bytes | None
    ) -> Judgement:
        judgement = self._guarded(
            name, kind, lambda: self._judge.judge(data, name, moment, content)
        )
        if judgement.verdict.kind is not Kind.CMS:
            return judgement
        evidence = tuple(contentless(item) for item in judgement.evidence)
        return judgement.model_copy(update={"evidence": evidence})

    def _guarded(self, name: str, kind: Kind, judge: Callable[[], Judgement]) -> Judgement:
        """A fault of ours in one file is that file's verdict; what it was is logged by type."""
        if self._unjudged:
            return Judgement(verdict=verdict.unreadable(name, kind, *self._unjudged))
        try:
            return judge()
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 whatever a file raises, the item is still judged
            _log.error("%s while judging a part of kind %s", type(error).__name__, kind)
            return Judgement(verdict=verdict.unreadable(name, kind, Finding.VERIFIER_FAULT))

    def _archive(self, name: str, data: bytes, moment: Moment) -> Judgement:
        """An archive is as good as the worst document in it; without one it is unsigned."""
        contents = contents_of_file(name, data, self._limits)
        parts = [facts.judgement.verdict for facts in self._documents(contents, moment)]
        base = verdict.unsigned(name, Kind.ZIP, contents.findings)
        if not parts:
            return Judgement(verdict=base)
        overall = min((part.overall for part in parts), key=_WORST.index)
        causes = {part.cause for part in parts}
        cause = Cause.SIGNER if Cause.SIGNER in causes else Cause.OURS
        update = {
            "overall": overall,
            "cause": cause if overall is Overall.INDETERMINATE else None,
            "integrity": min((part.integrity for part in parts), key=_INTEGRITY.index),
            "trust": min((part.trust for part in parts), key=_TRUST.index),
            "parts": tuple(parts),
        }
        return Judgement(verdict=base.model_copy(update=update))


def _joined(file: Judgement, beside: Judgement) -> Judgement:
    """A file with the verdict of the detached signature beside it.

    An unsigned file takes that verdict; one with signatures of its own keeps its verdict unless
    the one beside it is worse, and shows the other as a part.
    """
    if file.verdict.overall is Overall.UNSIGNED:
        joined = beside.verdict.model_copy(update={"path": file.verdict.path})
        return Judgement(verdict=joined, evidence=beside.evidence)
    ranks = [_WORST.index(each.verdict.overall) for each in (file, beside)]
    first, second = (file, beside) if ranks[0] <= ranks[1] else (beside, file)
    joined = first.verdict.model_copy(update={"parts": (*first.verdict.parts, second.verdict)})
    return Judgement(verdict=joined, evidence=first.evidence)


def _with_parts(
    message: Verdict, documents: Iterable[DocumentFacts], messages: Iterable[Verdict] = ()
) -> Verdict:
    parts = [*message.parts, *messages, *(facts.judgement.verdict for facts in documents)]
    return message.model_copy(update={"parts": tuple(parts)})


def _unopened(name: str) -> Verdict:
    """An archive of a format that cannot be opened may hold anything."""
    return verdict.undecided(name, Kind.OTHER, Finding.FORMAT_UNSUPPORTED)


def _class_in_folder(nature: Nature, name: str | None) -> DocumentClass:
    """In a document system every file is a document; scans and the like are final: formal."""
    if nature.document is not None:
        return nature.document
    return DocumentClass.EDITABLE if suffix(name) in (".txt", ".csv") else DocumentClass.FORMAL


def _dropped(kind: Kind) -> Verdict:
    """Past the size limit only the header was kept: our limit, so nothing is said of signatures."""
    return verdict.undecided("", kind, Finding.OVERSIZE)
