"""From an edXML message to rows of the exchange axis: pure, without the database.

A document message is known by its issuer's organ code and its DocumentId, which is what status
messages name it by; so whatever comes first, the other finds it (docs/axis.md).
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from monitor.model import (
    AxisFacts,
    AxisKind,
    AxisReference,
    Business,
    Outcome,
    PayloadKind,
    organ_key,
)
from monitor.record import clean
from monitor.record.axis_rows import (
    AxisMessageRow,
    AxisRecipientRow,
    AxisRelationRow,
    AxisRows,
    AxisStatusRow,
)
from monitor.record.sealing import Sealer
from monitor.record.signatures import AgencyId

MOST_RECEIVERS = 5000
LONGEST_CODE = 100
UNDER_ITS_OWN_NAME = frozenset((Business.REVOKE, Business.UPDATE))
"""Where such a message names no other document, it is its own DocumentId that it speaks of."""


def axis_uid(organ: str | None, document_id: str) -> UUID:
    """First 128 bits of SHA-256 over the issuer's organ code and the DocumentId."""
    text = f"{code_of(organ)}\n{_plain(document_id)}"
    return UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])


def code_of(organ: str | None) -> str:
    """An organ code in the form for comparison; empty where there is none."""
    return organ_key(clean.text(organ, LONGEST_CODE) or "")


def sent_at(outcome: Outcome, received: datetime) -> datetime | None:
    """When a document was sent, as far as its trace says so plausibly; None for all else."""
    facts = document_facts(outcome)
    return clean.plausible(facts.said_at, received) if facts else None


def document_facts(outcome: Outcome) -> AxisFacts | None:
    """The header of a document message; None for a status and for all other items."""
    facts = outcome.examined.axis
    of_axis = outcome.header.kind is PayloadKind.AXIS
    return facts if of_axis and facts and facts.kind is AxisKind.DOCUMENT else None


def axis_rows(
    outcome: Outcome, received: datetime, agency_id: AgencyId, sealer: Sealer
) -> AxisRows | None:
    """The rows of an item of the axis; None for others, and for what could not be read."""
    facts = outcome.examined.axis
    if outcome.header.kind is not PayloadKind.AXIS or facts is None:
        return None
    sender = agency_id(outcome.attribution.sender_agency)
    if facts.kind is AxisKind.STATUS:
        return AxisRows(status=_status(facts, sender, received))
    item = UUID(hex=outcome.header.item_id)
    uid, concerned, base = _identity(facts, item)
    business = facts.business.value if facts.business else ""
    return AxisRows(
        _message(outcome, facts, sender, received, sealer, uid, base),
        tuple(_recipients(outcome, facts, uid, agency_id)),
        tuple(AxisRelationRow(uid, each, business) for each in concerned),
    )


# -- a document ----------------------------------------------------------------------------------


def _identity(facts: AxisFacts, item: UUID) -> tuple[UUID, list[UUID], UUID | None]:
    """What a document message is known by, what it revokes, updates or replaces, and what
    statuses of it name.

    Its DocumentId names a new document. Many systems give what revokes, updates or replaces one
    the same DocumentId, so such a message is apart from it, whatever its own. A message without a
    DocumentId stands for itself.
    """
    uid = _named(_issuer(facts), facts.document_id) or item
    business = facts.business
    if business is None or business is Business.NEW:
        return uid, [], None
    named = [_referred(each, _issuer(facts)) for each in facts.concerns]
    concerned = sorted({each for each in named if each})
    if not concerned and business in UNDER_ITS_OWN_NAME:
        concerned = [uid]
    own = hashlib.sha256(uid.bytes + business.value.encode()).digest()[:16]
    return UUID(bytes=own), concerned, uid


def _issuer(facts: AxisFacts) -> str | None:
    """Its organ code; a sender without one is told apart by its name."""
    return facts.sender.code or facts.sender.name


def _referred(reference: AxisReference, issuer: str | None) -> UUID | None:
    """What a reference names; without an organ code a document of `issuer`."""
    return _named(reference.organ or issuer, reference.document_id)


def _named(organ: str | None, document_id: str | None) -> UUID | None:
    identifier = _plain(document_id)
    return axis_uid(organ, identifier) if identifier else None


def _message(
    outcome: Outcome,
    facts: AxisFacts,
    sender: int,
    received: datetime,
    sealer: Sealer,
    uid: UUID,
    base: UUID | None,
) -> AxisMessageRow:
    examined = outcome.examined
    findings = (
        *examined.findings, *facts.findings, *examined.verdict.findings,
        *outcome.attribution.findings,
    )  # fmt: skip
    return AxisMessageRow(
        uid,
        code_of(_issuer(facts)),
        clean.text(facts.sender.name),
        sender,
        clean.text(facts.document_id, 200) or "",
        clean.text(facts.number, 100),
        clean.text(facts.notation, 100),
        facts.issued_on,
        clean.text(facts.document_type, 200),
        facts.business and facts.business.value,
        facts.paper,
        facts.due_on,
        sent_at(outcome, received),
        received,
        len(examined.documents),
        examined.verdict.overall.value,
        ",".join(sorted({finding.value for finding in findings})),
        sealer.seal(clean.text(facts.subject), "subject"),
        sealer.seal(clean.text(facts.signer), "signer"),
        base,
        _version(outcome, facts),
    )


def _version(outcome: Outcome, facts: AxisFacts) -> bytes:
    """Hash of what is said of the document; receivers and times differ between mere copies."""
    said = facts.model_dump(exclude={"receivers", "said_at", "findings", "sender", "status_code"})
    said["files"] = sorted(each.content_hash for each in outcome.examined.documents)
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).digest()


def _recipients(
    outcome: Outcome, facts: AxisFacts, uid: UUID, agency_id: AgencyId
) -> Iterator[AxisRecipientRow]:
    agencies = outcome.attribution.receiver_agencies
    for index, organ in enumerate(facts.receivers[:MOST_RECEIVERS]):
        if code := code_of(organ.code):
            agency = agencies[index] if index < len(agencies) else None
            yield AxisRecipientRow(uid, code, agency_id(agency), clean.text(organ.name, 200))


# -- a status ------------------------------------------------------------------------------------


def _status(facts: AxisFacts, sender: int, received: datetime) -> AxisStatusRow | None:
    """None for one that names no document, or no status."""
    if facts.answers is None or facts.status is None:
        return None
    addressed = facts.receivers[0].code if len(facts.receivers) == 1 else None
    uid = _referred(facts.answers, addressed)
    if uid is None:
        return None
    at = clean.instant(facts.said_at)
    late = clean.plausible(at, received) is None
    return AxisStatusRow(
        uid, code_of(facts.sender.code), facts.status.value, received if late or not at else at,
        sender, received,
    )  # fmt: skip


def _plain(text: str | None) -> str:
    return unicodedata.normalize("NFC", clean.text(text) or "").strip()
