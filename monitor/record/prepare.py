"""From an Outcome to the rows of the schema: pure, without the database.

Every identity is computed here from the content, so a batch needs no answer of the database before
it can be written, and writing it twice writes the same rows.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from monitor.clock import vietnam_day
from monitor.model import (
    Cause,
    Direction,
    DocumentAttribution,
    DocumentClass,
    DocumentFacts,
    Evidence,
    Indication,
    MailFacts,
    Outcome,
    Overall,
    PayloadKind,
    Signature,
    Verdict,
)
from monitor.record import clean
from monitor.record.rows import (
    DocumentRow,
    EvidenceRow,
    ItemRow,
    MessageRow,
    Owned,
    Prepared,
    SignatureRow,
    UnknownRow,
)
from monitor.record.sealing import Sealer

MOST_SIGNATURES = 1000
MOST_RECIPIENTS = 5000
MOST_HOPS = 50

AgencyId = Callable[[str | None], int]
"""The id of an agency code; 0 for None."""


def prepare(outcome: Outcome, agency_id: AgencyId, sealer: Sealer) -> Prepared:
    """All rows of one outcome."""
    return _Preparation(outcome, agency_id, sealer).prepared()


def agency_codes(outcome: Outcome) -> set[str]:
    """Every agency code that an outcome names."""
    attribution = outcome.attribution
    codes: set[str | None] = {attribution.sender_agency, *attribution.recipient_agencies}
    for document in attribution.documents:
        codes.update((document.issuer, *document.signer_agencies))
    return {code for code in codes if code}


def document_uid(issuer: str | None, channel: str, content_hash: str) -> UUID:
    """Identity of a document: issuing agency, channel, content hash."""
    text = f"{clean.text(issuer, 200) or ''}\n{channel}\n{content_hash}"
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


class SignatureOwner(NamedTuple):
    """Where a signature row hangs."""

    owner: str
    uid: UUID
    day: date
    ordinal: int


class _Preparation:
    """One outcome on its way to rows."""

    def __init__(self, outcome: Outcome, agency_id: AgencyId, sealer: Sealer) -> None:
        self.outcome, self.agency_id, self.sealer = outcome, agency_id, sealer
        self.header, self.facts = outcome.header, outcome.examined.mail
        self.received = clean.instant(self.header.received_at) or outcome.decided_at
        self.dispatched = _dispatched_at(outcome, self.received)
        self.day = vietnam_day(self.dispatched)
        self.mail = self.header.kind is PayloadKind.MAIL
        self.direction = outcome.attribution.direction or Direction.IN
        self.automatic = bool(self.facts and self.facts.automatic)
        self.sealed_sender = sealer.seal(clean.text(self.sender()), "sender")
        self.sealed_subject = sealer.seal(
            clean.text(self.facts.subject if self.facts else None), "subject"
        )

    def prepared(self) -> Prepared:
        if not self.mail:
            item = self.item(UUID(hex=self.header.item_id))
            documents = self.documents(counted=True)
            return Prepared(item, self.dispatched, documents=documents, unknown=self.unknown_code())
        key = self.message_key()
        message = self.message(key)
        examined = self.outcome.examined
        recipients = {self.agency_id(c) for c in self.outcome.attribution.recipient_agencies}
        return Prepared(
            self.item(message.message_uid),
            self.dispatched,
            message,
            Owned(
                self.signatures("message", message.message_uid, examined.verdict, ()),
                _evidence(key, examined.evidence),
            ),
            tuple(sorted(recipients - {0})),
            self.documents(counted=self.direction is Direction.OUT and not self.automatic),
            self.unknown_domain(),
        )

    def sender(self) -> str | None:
        """The verified sender, else what the message claims."""
        envelope = self.header.envelope
        claimed = self.facts.from_addresses[0] if self.facts and self.facts.from_addresses else None
        reverse_path = envelope.mail_from if envelope else None
        return self.outcome.attribution.sender or claimed or reverse_path

    # -- the item and its message --------------------------------------------------------------

    def item(self, dispatch: UUID) -> ItemRow:
        header = self.header
        return ItemRow(
            UUID(hex=header.item_id),
            vietnam_day(self.received),
            header.kind.value,
            clean.text(header.source) or "",
            header.channel.value,
            header.live,
            self.received,
            clean.number(header.size),
            header.oversize,
            dispatch,
            len(header.envelope.rcpt_to) if header.envelope else 0,
            _hops(self.facts),
        )

    def message_key(self) -> bytes:
        if self.facts:
            return bytes.fromhex(self.facts.message_key)
        # Without facts (the child died over it) a copy can only stand for itself.
        return hashlib.sha256(self.header.item_id.encode()).digest()

    def message(self, key: bytes) -> MessageRow:
        outcome, header, verdict = self.outcome, self.header, self.outcome.examined.verdict
        formal, valid, ours = _formal(outcome)
        return MessageRow(
            UUID(bytes=key[:16]),
            self.day,
            key,
            self.dispatched,
            self.received,
            self.received,
            outcome.decided_at,
            header.channel.value,
            self.direction.value,
            self.agency_id(outcome.attribution.sender_agency),
            1,
            self.recipients(),
            clean.number(header.size),
            self.automatic,
            header.oversize,
            verdict.overall.value,
            verdict.cause and verdict.cause.value,
            verdict.integrity.value,
            verdict.trust.value,
            verdict.binding and verdict.binding.value,
            clean.words(
                (
                    *outcome.examined.findings,
                    *(self.facts.findings if self.facts else ()),
                    *verdict.findings,
                    *outcome.attribution.findings,
                )
            ),
            formal,
            valid,
            ours,
            self.sealed_sender,
            self.sealed_subject,
        )

    def recipients(self) -> list[int]:
        addresses = self.facts.recipients[:MOST_RECIPIENTS] if self.facts else ()
        return sorted({self.sealer.pseudonym(clean.text(each) or "") for each in addresses})

    # -- documents and signatures --------------------------------------------------------------

    def documents(self, *, counted: bool) -> tuple[tuple[int, DocumentRow, Owned], ...]:
        rows: dict[UUID, tuple[int, DocumentRow, Owned]] = {}
        for index, facts in enumerate(self.outcome.examined.documents):
            whose = _attribution(self.outcome, index)
            row = self.document(facts, whose, counted=counted)
            if row.document_uid not in rows:
                verdict = facts.judgement.verdict
                owned = Owned(
                    self.signatures("document", row.document_uid, verdict, whose.signer_agencies),
                    _evidence(row.content_hash, facts.judgement.evidence),
                )
                rows[row.document_uid] = (index, row, owned)
        return tuple(rows.values())

    def document(
        self, facts: DocumentFacts, whose: DocumentAttribution, *, counted: bool
    ) -> DocumentRow:
        header, verdict, claim = self.header, facts.judgement.verdict, self.header.claim
        remarks = self.outcome.attribution.findings if claim else ()
        return DocumentRow(
            document_uid(whose.issuer, header.channel.value, facts.content_hash),
            self.day,
            self.agency_id(whose.issuer),
            header.channel.value,
            bytes.fromhex(facts.content_hash),
            self.dispatched,
            self.outcome.decided_at,
            facts.document_class.value,
            verdict.kind.value,
            clean.number(facts.size),
            clean.text(facts.file_name or (claim.file_name if claim else None)),
            clean.text(claim.number if claim else None, 100),
            clean.text(claim.notation if claim else None, 100),
            claim.issued_on if claim else None,
            claim.paper.value if claim and claim.paper else None,
            counted,
            whose.relayed,
            _signed_by_issuer(verdict, whose),
            verdict.overall.value,
            verdict.cause and verdict.cause.value,
            verdict.integrity.value,
            verdict.trust.value,
            clean.words((*verdict.findings, *remarks)),
            self.sealed_sender,
            self.sealed_subject,
        )

    def signatures(
        self, owner: str, uid: UUID, verdict: Verdict, agencies: tuple[str | None, ...]
    ) -> tuple[SignatureRow, ...]:
        padded = (*agencies, *(None for _ in verdict.signatures[len(agencies) :]))
        whose = [self.agency_id(code) for code in padded[:MOST_SIGNATURES]]
        return tuple(
            self.signature(SignatureOwner(owner, uid, self.day, index), signature, agency)
            for index, (signature, agency) in enumerate(
                zip(verdict.signatures, whose, strict=False)
            )
        )

    def signature(self, of: SignatureOwner, signature: Signature, agency: int) -> SignatureRow:
        certificate = signature.certificate_sha256
        kind, trust_class = signature.signer_kind, signature.trust_class
        source, sub_indication = signature.signing_time_source, signature.sub_indication
        return SignatureRow(
            of.uid,
            of.day,
            of.ordinal,
            of.owner,
            clean.text(signature.format, 40),
            clean.text(signature.level, 40),
            signature.indication.value,
            sub_indication and sub_indication.value,
            signature.cause and signature.cause.value,
            signature.integrity.value,
            signature.trust.value,
            signature.counts,
            kind and kind.value,
            agency,
            clean.text(signature.signer_organisation),
            trust_class and trust_class.value,
            bytes.fromhex(certificate) if certificate else None,
            clean.instant(signature.certificate_not_after),
            clean.instant(signature.signing_time),
            source and source.value,
            signature.coverage.value,
            clean.words(signature.findings),
            _seal_signer(signature, self.sealer),
        )

    # -- who is not in the registry --------------------------------------------------------------

    def unknown_domain(self) -> UnknownRow | None:
        attribution = self.outcome.attribution
        if attribution.sender_agency:
            return None
        sender = clean.text(self.sender()) or ""
        domain = sender.rpartition("@")[2].lower()[:253]
        verified = attribution.sender is not None
        pseudonym = self.sealer.pseudonym(sender)
        return UnknownRow(self.day, "mail", domain, verified, pseudonym, 1, self.dispatched)

    def unknown_code(self) -> UnknownRow | None:
        claim, documents = self.header.claim, self.outcome.attribution.documents
        if claim is None or (documents and all(each.issuer for each in documents)):
            return None
        code = clean.text(claim.agency, 253) or ""
        pseudonym = self.sealer.pseudonym(code)
        return UnknownRow(self.day, "document", code, False, pseudonym, 1, self.dispatched)


def _dispatched_at(outcome: Outcome, received: datetime) -> datetime:
    """When it was sent: as far as a source that we trust says so, else when it came."""
    header, mail = outcome.header, outcome.examined.mail
    if header.claim:
        return clean.plausible(header.claim.sent_at, received) or received
    if header.live or mail is None:
        return received
    newest = mail.hops[0].at if mail.hops else None
    return clean.plausible(newest, received) or clean.plausible(mail.date, received) or received


def _hops(mail: MailFacts | None) -> str | None:
    """The path of a copy without client addresses, which may name a person's machine."""
    if mail is None or not mail.hops:
        return None
    hops = [
        {
            "by": clean.text(hop.by_host, 255),
            "with": clean.text(hop.protocol, 40),
            "at": at.isoformat() if (at := clean.instant(hop.at)) else None,
        }
        for hop in mail.hops[:MOST_HOPS]
    ]
    return json.dumps(hops, separators=(",", ":"))


def _formal(outcome: Outcome) -> tuple[int, int, int]:
    """Formal documents that are not relayed: how many, valid, undecided by our own lack."""
    verdicts = {
        facts.content_hash: facts.judgement.verdict
        for index, facts in enumerate(outcome.examined.documents)
        if facts.document_class is DocumentClass.FORMAL and not _attribution(outcome, index).relayed
    }
    valid = sum(each.overall is Overall.VALID for each in verdicts.values())
    ours = sum(
        each.overall is Overall.INDETERMINATE and each.cause is Cause.OURS
        for each in verdicts.values()
    )
    return len(verdicts), valid, ours


def _attribution(outcome: Outcome, index: int) -> DocumentAttribution:
    given = outcome.attribution.documents
    return given[index] if index < len(given) else DocumentAttribution(issuer=None)


def _signed_by_issuer(verdict: Verdict, whose: DocumentAttribution) -> bool:
    return whose.issuer is not None and any(
        signature.counts
        and signature.indication is Indication.TOTAL_PASSED
        and agency == whose.issuer
        for signature, agency in zip(verdict.signatures, whose.signer_agencies, strict=False)
    )


def _evidence(content_hash: bytes, evidence: tuple[Evidence, ...]) -> tuple[EvidenceRow, ...]:
    return tuple(
        EvidenceRow(
            content_hash,
            each.signature,
            clean.text(each.digest_algorithm, 40) or "",
            clean.text(each.content_digest, 256) or "",
            each.cms,
        )
        for each in evidence
        if 0 <= each.signature < MOST_SIGNATURES
    )


def _seal_signer(signature: Signature, sealer: Sealer) -> bytes | None:
    signer = {
        "subject": clean.text(signature.signer_subject, 4096),
        "emails": [clean.text(each) for each in signature.signer_emails[:20]],
        "uid": clean.text(signature.signer_uid),
    }
    if not any(signer.values()):
        return None
    return sealer.seal(json.dumps(signer, ensure_ascii=False), "signer")
