"""edXML messages (QCVN 102:2016/BTTTT): what the header says, and the files that come with it.

Everything in it is somebody's word: nothing here proves who sent it or that it is whole. The
signature on the message itself is `monitor.verify.edxml`'s business, the documents' signatures are
the documents'.

Which message it is where messages lie in messages: docs/axis.md.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TypeVar

from monitor.extract import edxml_values as values
from monitor.extract.edxml_blocks import MAX_LISTED, Block, Message, read_blocks
from monitor.extract.edxml_dates import Implausible, day_of, instant_of
from monitor.extract.words import tidy
from monitor.model import (
    AxisFacts,
    AxisKind,
    AxisReference,
    Business,
    Finding,
    Organ,
)
from monitor.verify.edxml import Attached, attachments_of, message_tree
from monitor.verify.xml_tree import declares_elsewhere

MAX_RECEIVERS = MAX_LISTED
MAX_CONCERNS = 100
MAX_APPENDIXES = 100
MAX_ATTACHMENTS = 1000
_MAX_LINE = 500
_T = TypeVar("_T", date, datetime)


@dataclass(frozen=True, slots=True)
class Opened:
    """An edXML message: its header, None where it says nothing of itself, and its files."""

    facts: AxisFacts | None
    attached: tuple[Attached, ...]


def open_message(data: bytes) -> Opened | None:
    """What a message says and holds; None for one that cannot be read.

    One with a document type declaration says nothing: another reader would read something else.
    """
    tree, whole = message_tree(data)
    if tree is None:
        return None
    attached = tuple(attachments_of(tree))
    if declares_elsewhere(tree):
        return Opened(None, attached)
    return Opened(_Header(read_blocks(tree), attached, whole=whole).facts(), attached)


class _Header:
    """One header on its way to facts; what is remarked on the way is collected."""

    def __init__(self, message: Message, attached: Sequence[Attached], *, whole: bool) -> None:
        self._message, self._root, self._attached = message, message.root, attached
        self._findings: set[Finding] = set() if whole else {Finding.REPAIRED}

    def facts(self) -> AxisFacts | None:
        """None for a header that names neither a sender nor a document nor a status."""
        own = self._document()
        status_code = tidy(self._root.one("statuscode")) or None
        if not (own.organ or own.document_id or own.code or status_code):
            return None
        answers = list(self._answers())
        if status_code and self._is_status(answers):
            facts = self._status(status_code, answers)
        else:
            facts = self._sent(own, answers)
        self._check_doubles()
        return facts.model_copy(update={"findings": tuple(sorted(self._findings))})

    def _document(self) -> AxisReference:
        """The message itself, as others would name it."""
        reference = AxisReference(
            organ=self._sender().code,
            document_id=tidy(self._root.one("documentid")) or None,
            code=values.joined_code(*self._code(self._root)),
            issued_on=self._day(self._first_date()),
        )
        return _identified(reference)

    def _is_status(self, answers: Sequence[AxisReference]) -> bool:
        """A status comes without files, and about a document; some documents bear a code too."""
        return not self._attached and bool(answers or not self._root.one("subject"))

    def _status(self, code: str, answers: Sequence[AxisReference]) -> AxisFacts:
        return AxisFacts(
            kind=AxisKind.STATUS,
            sender=self._sender(),
            receivers=self._receivers(),
            answers=answers[0] if answers else None,
            status=values.status(code),
            status_code=code,
            said_at=self._instant(self._root.one("timestamp")),
        )

    def _sent(self, own: AxisReference, answers: Sequence[AxisReference]) -> AxisFacts:
        number, notation = self._code(self._root)
        business = self._business()
        return AxisFacts(
            kind=AxisKind.DOCUMENT,
            sender=self._sender(),
            receivers=self._receivers(),
            document_id=own.document_id,
            number=number,
            notation=notation,
            issued_on=own.issued_on,
            document_type=self._document_type(),
            subject=tidy(self._root.one("subject")) or None,
            signer=self._signer(),
            due_on=self._day(self._root.one("duedate")),
            business=business,
            concerns=self._concerns(own, business, answers),
            paper=self._paper(),
            appendixes=self._appendixes(),
            answers=answers[0] if answers else None,
            said_at=self._newest_trace(),
            attachments=self._listed(),
        )

    # -- agencies --------------------------------------------------------------------------------

    def _sender(self) -> Organ:
        named = [block for block in self._message.named("from") if block.fields]
        return _organ(named[0]) if named else Organ()

    def _receivers(self) -> tuple[Organ, ...]:
        found = dict.fromkeys(
            organ for block in self._message.named("to") for organ in _organs(block)
        )
        if len(found) > MAX_RECEIVERS:
            self._findings.add(Finding.LIMIT_REACHED)
        return tuple(islice(found, MAX_RECEIVERS))

    # -- the document ----------------------------------------------------------------------------

    def _code(self, block: Block) -> tuple[str | None, str | None]:
        """Number and notation of the message or of a reference in it."""
        inner = self._message.within(block, "code") if block.name else self._own("code")
        where = inner if inner is not None and inner.fields else block
        return values.number_and_notation(
            where.one("codenumber"), where.one("codenotation"), block.one("code")
        )

    def _own(self, name: str) -> Block | None:
        """The message's own block of a name: not one inside a reference to another document."""
        found = self._message.named(name)
        return next((b for b in found if not _inside(b, "responsefor") and b.fields), None)

    def _first_date(self) -> str:
        info = self._own("promulgationinfo")
        return (info.one("promulgationdate") if info else "") or self._root.one("promulgationdate")

    def _document_type(self) -> str | None:
        kind = self._own("documenttype")
        name = tidy((kind.one("typename") if kind else "") or self._root.one("typename"))
        plain = tidy(self._root.one("documenttype"))
        return name or (None if plain.isdigit() else plain or None)

    def _signer(self) -> str | None:
        block = next((b for b in self._message.named("signerinfo") if b.fields), None)
        if block is None:
            return None
        name = block.one("fullname") or block.one("signer")
        parts = map(tidy, (block.one("competence"), block.one("position"), name))
        return ", ".join(part for part in parts if part)[:_MAX_LINE] or None

    def _appendixes(self) -> tuple[str, ...]:
        found = (tidy(text)[:_MAX_LINE] for text in self._root.all("appendix"))
        return tuple(islice(dict.fromkeys(filter(None, found)), MAX_APPENDIXES))

    # -- what it is about ------------------------------------------------------------------------

    def _businesses(self) -> Iterator[Block]:
        yield from self._message.named("bussiness", "business")
        yield self._root

    def _business(self) -> Business | None:
        """Of several the last one that is known: traces are written one behind the other."""
        found = [
            meaning
            for block in self._businesses()
            for text in block.all("bussinessdoctype", "businessdoctype")
            if (meaning := values.business(text)) is not None
        ]
        return found[-1] if found else None

    def _paper(self) -> bool | None:
        """One that says that paper is sent as well is enough."""
        said = {values.paper(text) for block in self._businesses() for text in block.all("paper")}
        return True if True in said else False if False in said else None

    def _answers(self) -> Iterator[AxisReference]:
        for block in self._message.named("responsefor"):
            reference = self._reference(block)
            if reference.document_id or reference.code:
                yield reference

    def _reference(self, block: Block) -> AxisReference:
        given = tidy(block.one("documentid")) or None
        reference = AxisReference(
            organ=values.organ_code(block.one("organid")) or values.issuer_in(given),
            document_id=given,
            code=values.joined_code(*self._code(block)),
            issued_on=self._day(block.one("promulgationdate")),
        )
        return _identified(reference)

    def _concerns(
        self, own: AxisReference, business: Business | None, answers: Sequence[AxisReference]
    ) -> tuple[AxisReference, ...]:
        """What it revokes, updates or replaces.

        Replaced documents are listed, a revocation names its documents by ResponseFor, an update
        its document by the identifier beside the business type; without any it is the message's
        own identifier that says which document is meant.
        """
        if business not in {Business.REVOKE, Business.UPDATE, Business.REPLACE}:
            return ()
        found = [
            self._mentioned(text, own)
            for block in self._message.named("replacementinfo", "bussiness", "business")
            for text in block.all("documentid")
        ]
        if business is Business.REVOKE or not found:
            found += answers
        kept = dict.fromkeys(each for each in found if each.document_id)
        if not kept and own.document_id:
            kept = {own: None}
        if len(kept) > MAX_CONCERNS:
            self._findings.add(Finding.LIMIT_REACHED)
        return tuple(islice(kept, MAX_CONCERNS))

    def _mentioned(self, document_id: str, own: AxisReference) -> AxisReference:
        """A document that only its identifier is given of: of the sender unless that says whose."""
        plain = tidy(document_id) or None
        return AxisReference(organ=values.issuer_in(plain) or own.organ, document_id=plain)

    # -- days and times --------------------------------------------------------------------------

    def _day(self, text: str) -> date | None:
        return self._read(day_of, text)

    def _instant(self, text: str) -> datetime | None:
        return self._read(instant_of, text)

    def _newest_trace(self) -> datetime | None:
        traces = self._message.named("traceheader")
        texts = (text for block in traces for text in block.all("timestamp", "time"))
        return max((at for text in texts if (at := self._instant(text))), default=None)

    def _read(self, reader: Callable[[str], _T], text: str) -> _T | None:
        if not text.strip():
            return None
        try:
            return reader(text)
        except Implausible:
            self._findings.add(Finding.DATE_IMPLAUSIBLE)
            return None

    # -- files -----------------------------------------------------------------------------------

    def _listed(self) -> tuple[str, ...]:
        """Names in the manifest, else of the attachments; one that is not there is remarked."""
        references = [block for block in self._message.named("reference") if block.fields]
        there = {key for each in self._attached for key in _keys(each.content_id, each.name)}
        wanted = (
            _keys(block.one("contentid"), block.one("attachmentname", "filename"))
            for block in references
        )
        if len(references) > self._unnamed() and any(not keys & there for keys in wanted):
            self._findings.add(Finding.ATTACHMENT_MISSING)
        names = (b.one("attachmentname", "filename", "description") for b in references)
        found = [values.file_name(name) for name in names]
        found = found or [values.file_name(each.name) for each in self._attached]
        return tuple(islice(filter(None, found), MAX_ATTACHMENTS))

    def _unnamed(self) -> int:
        """Attachments that no reference can mean by identifier or name: they count by number."""
        return sum(not (each.content_id or each.name) for each in self._attached)

    # -- what is ambiguous -----------------------------------------------------------------------

    def _check_doubles(self) -> None:
        if self._message.cut:
            self._findings.add(Finding.LIMIT_REACHED)
        senders = {
            values.organ_code(text)
            for block in self._message.named("from")
            for text in block.all("organid")
        }
        single = ("documentid", "statuscode", "subject")
        doubled = any(len(set(self._root.all(name))) > 1 for name in single)
        if doubled or len(senders) > 1 or self._message.headers > 1:
            self._findings.add(Finding.HEADER_DUPLICATE)


def _identified(reference: AxisReference) -> AxisReference:
    """With the identifier that follows from organ code, day and code where none is given."""
    if reference.document_id:
        return reference
    return reference.model_copy(update={"document_id": values.derived_id(reference)})


def _inside(block: Block, name: str) -> bool:
    above = block.parent
    while above is not None:
        if above.name == name:
            return True
        above = above.parent
    return False


def _organ(block: Block) -> Organ:
    name = block.one("organname") or block.one("organizationincharge")
    return Organ(code=values.organ_code(block.one("organid")), name=values.organ_name(name))


def _organs(block: Block) -> Iterator[Organ]:
    """The receivers of a `To`; some list several codes in one."""
    codes = block.all("organid")
    if len(codes) > 1:
        yield from (Organ(code=values.organ_code(code)) for code in codes)
    elif block.fields:
        yield _organ(block)


def _keys(content_id: str, name: str) -> set[str]:
    """By what a reference and its attachment know each other; `cid:` is sometimes missing."""
    bare = tidy(content_id).casefold().strip("<>").removeprefix("cid:")
    label = values.file_name(name).casefold()
    return {key for key in (f"id {bare}" if bare else "", f"name {label}" if label else "") if key}
