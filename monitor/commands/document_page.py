"""Everything recorded of one document as a page for a reader."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.explain import Catalogue, Line, Page, explained, instant, safe
from monitor.explain.sentence import lead
from monitor.explain.vocabulary import Change, Met, RecordLabel, RoleBy, Rule, Stands
from monitor.model import (
    Cause,
    Channel,
    Direction,
    DocumentClass,
    DocumentRole,
    Language,
    Overall,
    Signature,
    Verdict,
)
from monitor.record.queries import (
    ChangeRecord,
    DocumentRecord,
    Explained,
    MetEntry,
    Revealed,
    SendingRecord,
    SignatureRecord,
)

SHOWN = 300
"""Characters shown of one sealed text."""


def document_page(
    record: Explained, revealed: Revealed | None, words: Catalogue, page: Page
) -> Iterator[Line]:
    """What it is, its verdict with all reasons, how that changed, where it was sent."""
    writer = _Writer(words, page)
    yield from writer.head(record.document)
    yield from writer.register(record)
    yield from explained(verdict_of(record), words, page)
    yield from writer.standing(record)
    yield from writer.sendings(record)
    if revealed:
        yield from writer.revealed(revealed)


def verdict_of(record: Explained) -> Verdict:
    """The verdict as recorded; names of signers are sealed, their organisation is not."""
    document = record.document
    return Verdict.model_validate(
        {
            "path": document.file_name or document.content_hash,
            "kind": document.kind,
            "overall": document.overall,
            "cause": document.cause,
            "integrity": document.integrity,
            "trust": document.trust,
            "findings": document.findings,
            "signatures": tuple(_signature(each) for each in record.signatures),
        }
    )


def _signature(record: SignatureRecord) -> Signature:
    shared = Signature.model_fields.keys() & record.__dataclass_fields__.keys()
    values = {name: getattr(record, name) for name in shared}
    values["signer_organisation"] = record.signer_organisation or record.signer_agency
    return Signature.model_validate(values)


def plain_number(document: DocumentRecord) -> str:
    """`12/UBND-VP`, or empty."""
    return safe("/".join(filter(None, (document.number, document.notation))), SHOWN)


@dataclass(frozen=True)
class _Writer:
    words: Catalogue
    page: Page

    def head(self, document: DocumentRecord) -> Iterator[Line]:
        words = self.words
        number = plain_number(document)
        if number and document.issued_on:
            issued = document.issued_on.strftime("%d/%m/%Y")
            number += f", {words.word(RecordLabel.ISSUED, day=issued)}"
        size = words.number(document.size)
        kind = words.word(DocumentClass(document.document_class))
        agency = document.agency or words.word(RecordLabel.UNKNOWN_AGENCY)
        name = document.file_name or words.word(RecordLabel.NO_NAME)
        yield from self.page.heading(f"{words.word(RecordLabel.TITLE)}: {safe(name, SHOWN)}")
        yield from self._field(RecordLabel.HASH, document.content_hash)
        if number:
            yield from self._field(RecordLabel.NUMBER, number)
        yield from self._field(RecordLabel.AGENCY, agency)
        yield from self._field(RecordLabel.CHANNEL, words.word(Channel(document.channel)))
        if document.origin:
            yield from self._field(RecordLabel.ORIGIN, safe(document.origin, SHOWN))
        first = RecordLabel.FIRST_SENT if document.dispatch_known else RecordLabel.FIRST_MET
        yield from self._field(first, instant(document.first_at))
        yield from self._field(RecordLabel.COUNTS, self._counts(document))
        if document.document_class != DocumentClass.ARCHIVE:
            yield from self._field(RecordLabel.RULE, self._rule(document))
        if document.document_class != DocumentClass.ARCHIVE and not document.unverified:
            yield from self._field(RecordLabel.PAIR, words.word(_complete_as(document)))
        yield from self._field(
            RecordLabel.SIZE, words.word(RecordLabel.BYTES, size=size, kind=kind)
        )

    def _counts(self, document: DocumentRecord) -> str:
        share = f"{document.sampled_rate:g}"
        if self.words.language is Language.VI:
            share = share.replace(".", ",")
        return self.words.word(_counts_as(document), rate=share)

    def _rule(self, document: DocumentRecord) -> str:
        """By which rule it is complete, and who says what it is."""
        rule = self.words.word(Rule(document.role))
        by = document.role_by
        return f"{rule}; {self.words.word(RoleBy(by))}" if by else rule

    def register(self, record: Explained) -> Iterator[Line]:
        for entry in record.entries:
            yield from self._field(RecordLabel.REGISTER, self._entry(entry))

    def _entry(self, entry: MetEntry) -> str:
        words = self.words
        how = words.word(Met(entry.how))
        if entry.gone:
            how += f"; {words.word(RecordLabel.GONE)}"
        number = "/".join(filter(None, (entry.number, entry.notation))) or "–"
        return words.word(
            RecordLabel.ENTRY, entry=entry.entry_id, number=safe(number, SHOWN),
            agency=entry.agency, day=entry.day.strftime("%d/%m/%Y"), how=how,
        )  # fmt: skip

    def standing(self, record: Explained) -> Iterator[Line]:
        words = self.words
        if record.standing:
            state = words.word(Stands(record.standing.state))
            due = record.standing.due_at
            if due:
                state += f"; {words.word(RecordLabel.DUE, when=instant(due))}"
            yield Line()
            yield from self._field(RecordLabel.STANDING, state)
        if record.changes:
            yield from self._heading(RecordLabel.CHANGES)
        for change in record.changes:
            yield from self.page.text(self._change(change), "  - ")

    def _change(self, change: ChangeRecord) -> str:
        words = self.words
        old, new = (
            words.word(lead(Overall(overall), Cause(cause) if cause else None)).lower()
            for overall, cause in (
                (change.old_overall, change.old_cause),
                (change.new_overall, change.new_cause),
            )
        )
        reason = words.word(Change(change.reason))
        return words.word(
            RecordLabel.CHANGE, when=instant(change.at), old=old, new=new, reason=reason
        )

    def sendings(self, record: Explained) -> Iterator[Line]:
        if record.sendings:
            yield from self._heading(RecordLabel.SENDINGS)
        for sending in record.sendings:
            yield from self.page.text(self._sending(sending, record.document), "  - ")

    def _sending(self, sending: SendingRecord, document: DocumentRecord) -> str:
        words = self.words
        to = ", ".join(sending.recipient_agencies) or words.word(RecordLabel.OUTSIDE)
        how = Direction(sending.direction) if sending.direction else Channel(document.channel)
        return words.word(
            RecordLabel.SENDING, when=instant(sending.at), direction=words.word(how), recipients=to
        )

    def revealed(self, revealed: Revealed) -> Iterator[Line]:
        yield from self._heading(RecordLabel.REVEALED)
        yield from self._field(RecordLabel.SENDER, safe(revealed.sender or "–", SHOWN))
        yield from self._field(RecordLabel.SUBJECT, safe(revealed.subject or "–", SHOWN))
        for number, signer in enumerate(revealed.signers, 1):
            name = self.words.word(RecordLabel.SIGNER, number=number)
            yield from self.page.field(name, safe(_subject(signer), SHOWN))

    def _heading(self, label: RecordLabel) -> Iterator[Line]:
        yield Line()
        yield from self.page.heading(self.words.word(label))

    def _field(self, label: RecordLabel, value: str) -> Iterator[Line]:
        yield from self.page.field(self.words.word(label), value)


def _subject(sealed: str | None) -> str:
    """The distinguished name from what `reveal` opened."""
    if not sealed:
        return "–"
    return str(json.loads(sealed).get("subject") or "–")


def _counts_as(document: DocumentRecord) -> RecordLabel:
    if document.relayed and document.sampled:
        return RecordLabel.RELAYED
    if not document.counted:
        return RecordLabel.UNCOUNTED
    if document.document_class == DocumentClass.ARCHIVE:
        return RecordLabel.UNOPENED
    if not document.sampled:
        return RecordLabel.NOT_DRAWN if document.unverified else RecordLabel.SEEN_LATER
    return RecordLabel.SIGNED if document.signed_by_issuer else RecordLabel.UNSIGNED


def _complete_as(document: DocumentRecord) -> RecordLabel:
    """Whether the signatures that its rule asks for are there."""
    if document.role == DocumentRole.MAIN:
        return RecordLabel.PAIRED if document.paired else RecordLabel.UNPAIRED
    if document.paired or document.organisation_signed:
        return RecordLabel.ORGANISATION_SIGNED
    return RecordLabel.ORGANISATION_MISSING
