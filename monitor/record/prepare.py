"""From an Outcome to the rows of the schema: pure, without the database.

Every identity is computed here from the content, so a batch needs no answer of the database before
it can be written, and writing it twice writes the same rows.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from monitor.clock import vietnam_day
from monitor.model import (
    Business,
    Cause,
    Direction,
    DkimResult,
    DocumentAttribution,
    DocumentClass,
    DocumentFacts,
    DocumentRole,
    KeptEvidence,
    MailFacts,
    Organ,
    Origin,
    Outcome,
    Overall,
    PaperFlag,
    PayloadKind,
    Verdict,
)
from monitor.record import axis, clean, judging
from monitor.record.message_ref import message_ref
from monitor.record.origins import DueRow, SelectorRow
from monitor.record.rows import (
    CertificateRow,
    DocumentRow,
    Evidence,
    ItemRow,
    JudgementRow,
    MessageRow,
    Owned,
    Prepared,
    UnknownRow,
)
from monitor.record.sealing import Sealer
from monitor.record.signatures import AgencyId, SignatureOwner, signature_rows, signed_by_issuer

MOST_RECIPIENTS = 5000
MOST_HOPS = 50
MOST_EVIDENCE = 20_000
ASKED_AGAIN = timedelta(minutes=1)
"""Until the first further look at an origin that was not answered."""


def prepare(
    outcome: Outcome, agency_id: AgencyId, sealer: Sealer, sender_address_id: int | None = None
) -> Prepared:
    """All rows of one outcome; the id is that of its `own_sender`."""
    return _Preparation(outcome, agency_id, sealer, sender_address_id).prepared()


def own_sender(outcome: Outcome) -> str | None:
    """The verified sender, if it is one of our agencies': others' addresses are not kept."""
    attribution = outcome.attribution
    return attribution.sender if attribution.sender_agency else None


def agency_codes(outcome: Outcome) -> set[str]:
    """Every agency code that an outcome names."""
    attribution = outcome.attribution
    codes: set[str | None] = {
        attribution.sender_agency, attribution.claimed_agency,
        *attribution.recipient_agencies, *attribution.receiver_agencies,
        *(use.agency for use in attribution.freemail),
    }  # fmt: skip
    for document in attribution.documents:
        codes.update((document.issuer, *document.signer_agencies))
    return {code for code in codes if code}


def document_uid(issuer: str | None, channel: str, content_hash: str) -> UUID:
    """Identity of a document: issuing agency, channel, content hash."""
    text = f"{clean.text(issuer, 200) or ''}\n{channel}\n{content_hash}"
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


@dataclass(frozen=True, slots=True)
class _Said:
    """What the source of a document says of it, beside the file itself."""

    file_name: str | None = None
    number: str | None = None
    notation: str | None = None
    issued_on: date | None = None
    paper: PaperFlag | None = None
    role: DocumentRole | None = None
    origin: str | None = None


class _Preparation:
    """One outcome on its way to rows."""

    def __init__(
        self,
        outcome: Outcome,
        agency_id: AgencyId,
        sealer: Sealer,
        sender_address_id: int | None,
    ) -> None:
        self.outcome, self.agency_id, self.sealer = outcome, agency_id, sealer
        self.sender_address_id = sender_address_id
        self.header, self.facts = outcome.header, outcome.examined.mail
        self.received = clean.instant(self.header.received_at) or outcome.decided_at
        self.dispatched = _dispatched_at(outcome, self.received)
        self.day = vietnam_day(self.dispatched)
        self.mail = self.header.kind is PayloadKind.MAIL
        self.axis = axis.axis_rows(outcome, self.received, agency_id, sealer)
        self.said = _said(outcome)
        self.direction = outcome.attribution.direction or Direction.IN
        self.automatic = bool(self.facts and self.facts.automatic)
        self.sealed_sender = sealer.seal(clean.text(self.sender()), "sender")
        self.sealed_subject = sealer.seal(clean.text(self.subject()), "subject")

    def prepared(self) -> Prepared:
        if not self.mail:
            return self.package()
        key = self.message_key()
        examined = self.outcome.examined
        evidence = self.evidence("message", key, examined.verdict, examined.kept)
        message = self.message(key, evidence)
        of = SignatureOwner("message", message.message_uid, self.day)
        recipients = {self.agency_id(c) for c in self.outcome.attribution.recipient_agencies}
        return Prepared(
            self.item(message.message_uid),
            self.dispatched,
            message,
            self.owned(of, examined.verdict, None, evidence),
            tuple(sorted(recipients - {0})),
            self.documents(counted=self.direction is Direction.OUT and not self.automatic),
            self.unknown_domain(),
            origin_due=self.origin_due(message),
            selectors=self.selectors(),
            freemail=self.freemail(),
        )

    def package(self) -> Prepared:
        """Of a file, or of an edXML message with its files."""
        dispatch = UUID(hex=self.header.item_id)
        counted = True
        unknown = self.unknown_code()
        if self.header.kind is PayloadKind.AXIS:
            if self.axis and self.axis.message:
                dispatch = self.axis.message.axis_uid
            counted = self.direction is Direction.OUT and _issues(self.outcome)
            unknown = self.unknown_organ()
        return Prepared(
            self.item(dispatch),
            self.dispatched,
            documents=self.documents(counted=counted),
            unknown=unknown,
            axis=self.axis,
        )

    def subject(self) -> str | None:
        facts = self.facts or self.outcome.examined.axis
        return facts.subject if facts else None

    def sender(self) -> str | None:
        """The verified sender, else what the message claims."""
        if organ := self.organ():
            return organ.name or organ.code
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

    def message(self, key: bytes, evidence: Evidence | None) -> MessageRow:
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
            judging.is_provisional(verdict),
            evidence.judgement.evidence_id if evidence else None,
            self.sender_address_id,
            self.message_ref(),
            outcome.drawing.rate,
            outcome.drawing.drawn,
            origin=outcome.attribution.origin and outcome.attribution.origin.value,
            origin_evidence=self.origin_evidence(),
            claimed_agency_id=self.agency_id(outcome.attribution.claimed_agency),
            attached=outcome.examined.attached,
        )

    def origin_evidence(self) -> str | None:
        found = self.outcome.attribution.origin_evidence
        return clean.text(found.model_dump_json(), MOST_EVIDENCE) if found else None

    def freemail(self) -> tuple[tuple[int, str], ...]:
        uses = self.outcome.attribution.freemail
        return tuple(sorted({(self.agency_id(use.agency), use.way.value) for use in uses}))

    def origin_due(self, message: MessageRow) -> DueRow | None:
        asked = self.outcome.attribution.origin_due
        if asked is None:
            return None
        return DueRow(
            message.message_uid, message.day, self.outcome.decided_at + ASKED_AGAIN, asked
        )

    def selectors(self) -> tuple[SelectorRow, ...]:
        """Of passing signatures of the domain that the message claims, or one above or below it.

        Of proven messages alone: else a second author would have any domain of his in the list.
        """
        attribution = self.outcome.attribution
        found = attribution.origin_evidence
        if found is None or attribution.claimed_agency is None or found.from_domain is None:
            return ()
        if attribution.origin is not Origin.ALIGNED:
            return ()
        return tuple(
            SelectorRow(domain, selector, self.day)
            for domain, selector, result in found.dkim
            if result is DkimResult.PASS and _related(domain, found.from_domain)
        )

    def message_ref(self) -> int | None:
        """What a gateway's log knows the message by."""
        message_id = clean.text(self.facts.message_id) if self.facts else None
        return message_ref(self.sealer, message_id, self.day) if message_id else None

    def recipients(self) -> list[int]:
        addresses = self.facts.recipients[:MOST_RECIPIENTS] if self.facts else ()
        return sorted({self.sealer.pseudonym(clean.text(each) or "") for each in addresses})

    # -- documents and signatures --------------------------------------------------------------

    def documents(self, *, counted: bool) -> tuple[tuple[int, DocumentRow, Owned], ...]:
        rows: dict[UUID, tuple[int, DocumentRow, Owned]] = {}
        for index, facts in enumerate(self.outcome.examined.documents):
            whose = _attribution(self.outcome, index)
            uid = document_uid(whose.issuer, self.header.channel.value, facts.content_hash)
            if uid in rows:
                continue
            judged = facts.judgement
            evidence = self.evidence(
                "document", bytes.fromhex(facts.content_hash), judged.verdict, judged.kept
            )
            row = self.document(uid, facts, whose, evidence, counted=counted)
            of = SignatureOwner("document", uid, self.day)
            rows[uid] = (index, row, self.owned(of, judged.verdict, whose, evidence))
        return tuple(rows.values())

    def document(
        self,
        uid: UUID,
        facts: DocumentFacts,
        whose: DocumentAttribution,
        evidence: Evidence | None,
        *,
        counted: bool,
    ) -> DocumentRow:
        header, verdict, said = self.header, facts.judgement.verdict, self.said
        remarks = self.outcome.attribution.findings if header.claim else ()
        return DocumentRow(
            uid,
            self.day,
            self.agency_id(whose.issuer),
            header.channel.value,
            bytes.fromhex(facts.content_hash),
            self.dispatched,
            self.outcome.decided_at,
            facts.document_class.value,
            verdict.kind.value,
            clean.number(facts.size),
            clean.text(facts.file_name or said.file_name),
            clean.text(said.number, 100),
            clean.text(said.notation, 100),
            said.issued_on,
            said.paper and said.paper.value,
            counted,
            whose.relayed,
            signed_by_issuer(verdict, whose),
            verdict.overall.value,
            verdict.cause and verdict.cause.value,
            verdict.integrity.value,
            verdict.trust.value,
            clean.words((*verdict.findings, *remarks)),
            self.sealed_sender,
            self.sealed_subject,
            judging.is_provisional(verdict),
            whose.paired,
            whose.organisation_signed,
            evidence.judgement.evidence_id if evidence else None,
            *self.role(facts),
            self.dispatch_known(),
            clean.text(said.origin),
            self.outcome.drawing.rate,
            self.outcome.drawing.drawn,
            self.drawn_with(),
        )

    def role(self, facts: DocumentFacts) -> tuple[str, str | None]:
        """By which rule it is complete and who says so: its source, else its container.

        Where neither does, what it meets in a register may (monitor/register/role_matching.py).
        """
        if self.said.role:
            return self.said.role.value, "source"
        if facts.role and facts.role is not DocumentRole.MAIN:
            return facts.role.value, "container"
        return DocumentRole.MAIN.value, None

    def drawn_with(self) -> UUID | None:
        """What was drawn, or not, together with its documents; None where everything is."""
        if self.outcome.drawing.rate >= 1:
            return None
        return UUID(bytes=self.message_key()[:16]) if self.mail else UUID(hex=self.header.item_id)

    def dispatch_known(self) -> bool:
        """Is `dispatched` when it was sent, and not only when the file was met?"""
        return self.mail or _sent_at(self.outcome, self.received) is not None

    # -- what hangs on them ----------------------------------------------------------------------

    def owned(
        self,
        of: SignatureOwner,
        verdict: Verdict,
        whose: DocumentAttribution | None,
        evidence: Evidence | None,
    ) -> Owned:
        signatures = signature_rows(of, verdict, whose, self.agency_id, self.sealer)
        undrawn = not self.outcome.drawing.drawn
        return Owned(signatures, evidence, judging.is_unexamined(verdict), undrawn)

    def evidence(
        self, owner: str, content_hash: bytes, verdict: Verdict, kept: KeptEvidence | None
    ) -> Evidence | None:
        """A live item's receipt proves that its signatures existed; a replay's, its import."""
        if kept is None:
            return None
        outcome, state = self.outcome, judging.standing(verdict)
        receipt = self.received if self.header.live else outcome.decided_at
        facts = clean.text(kept.facts, len(kept.facts)) or ""
        blobs = {hashlib.sha256(blob).digest(): blob for blob in kept.blobs}
        uid = judging.evidence_id(owner, content_hash, facts, blobs)
        row = JudgementRow(
            uid,
            owner,
            content_hash,
            receipt,
            judging.by_receipt(verdict),
            verdict.overall.value,
            verdict.cause and verdict.cause.value,
            verdict.trust.value,
            judging.is_provisional(verdict),
            judging.digest(verdict),
            state.value,
            outcome.trust_material,
            outcome.decided_at,
            judging.next_look(state, receipt, outcome.decided_at),
        )
        certificates = tuple(
            CertificateRow(certificate, uid, proof_at, outcome.trust_material)
            for certificate, proof_at in judging.latest_proofs(verdict).items()
        )
        return Evidence(row, facts, blobs, certificates)

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

    def organ(self) -> Organ | None:
        """Who an edXML message says that it is from."""
        facts = self.outcome.examined.axis
        return facts.sender if facts else None

    def unknown_organ(self) -> UnknownRow | None:
        organ = self.organ()
        if organ is None or self.outcome.attribution.sender_agency:
            return None
        code = axis.code_of(organ.code) or clean.text(organ.name, 253) or ""
        pseudonym = self.sealer.pseudonym(code)
        return UnknownRow(self.day, "axis", code, False, pseudonym, 1, self.dispatched)

    def unknown_code(self) -> UnknownRow | None:
        claim, documents = self.header.claim, self.outcome.attribution.documents
        if claim is None or (documents and all(each.issuer for each in documents)):
            return None
        code = clean.text(claim.agency, 253) or ""
        pseudonym = self.sealer.pseudonym(code)
        return UnknownRow(self.day, "document", code, False, pseudonym, 1, self.dispatched)


def _related(domain: str, other: str) -> bool:
    """Is one of them the other, or below it?"""
    return f".{domain}".endswith(f".{other}") or f".{other}".endswith(f".{domain}")


def _dispatched_at(outcome: Outcome, received: datetime) -> datetime:
    """When it was sent: as far as a source that we trust says so, else when it came."""
    header, mail = outcome.header, outcome.examined.mail
    if header.kind is not PayloadKind.MAIL:
        return _sent_at(outcome, received) or received
    if header.live or mail is None:
        return received
    newest = mail.hops[0].at if mail.hops else None
    return clean.plausible(newest, received) or clean.plausible(mail.date, received) or received


def _sent_at(outcome: Outcome, received: datetime) -> datetime | None:
    """When the source of a file or edXML message says that it was sent."""
    if claim := outcome.header.claim:
        return clean.plausible(claim.sent_at, received)
    return axis.sent_at(outcome, received)


def _issues(outcome: Outcome) -> bool:
    """Does an edXML message send documents of ours? One that revokes only tells of another
    (Nghị định 30/2020 Điều 18); one that replaces carries the new document.
    """
    facts, ours = axis.document_facts(outcome), outcome.attribution.sender_agency
    return facts is not None and ours is not None and facts.business is not Business.REVOKE


def _said(outcome: Outcome) -> _Said:
    if claim := outcome.header.claim:
        return _Said(
            claim.file_name, claim.number, claim.notation, claim.issued_on, claim.paper,
            claim.role, claim.origin,
        )  # fmt: skip
    if facts := axis.document_facts(outcome):
        paper = PaperFlag.PARALLEL if facts.paper else PaperFlag.ELECTRONIC
        known = None if facts.paper is None else paper
        return _Said(None, facts.number, facts.notation, facts.issued_on, known)
    return _Said()


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
