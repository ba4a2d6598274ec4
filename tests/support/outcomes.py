"""Outcomes made by hand: what the children and the attribution would have said."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from monitor.model import (
    Attribution,
    Cause,
    Channel,
    Direction,
    DocumentAttribution,
    DocumentClaim,
    DocumentClass,
    DocumentFacts,
    Examined,
    Finding,
    Indication,
    Integrity,
    ItemHeader,
    Judgement,
    KeptEvidence,
    Kind,
    MailEnvelope,
    MailFacts,
    Outcome,
    Overall,
    PayloadKind,
    Signature,
    SignerKind,
    TimeSource,
    Trust,
    TrustClass,
    Verdict,
)

MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""09:00 in Vietnam."""


def digest(text: str) -> str:
    return digest_of(text.encode())


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def signature(
    indication: Indication = Indication.TOTAL_PASSED,
    *,
    cause: Cause | None = None,
    stamped: bool = True,
    trust_class: TrustClass = TrustClass.CONG_VU,
    **more: Any,
) -> Signature:
    passed = indication is Indication.TOTAL_PASSED
    values: dict[str, Any] = {
        "format": "PAdES",
        "level": "B-T" if stamped else "B-B",
        "indication": indication,
        "cause": cause,
        "integrity": Integrity.INTACT,
        "trust": Trust.TRUSTED if passed else Trust.UNKNOWN,
        "signer_subject": "CN=Nguyễn Văn Mẫu,O=Sở Thử nghiệm,C=VN",
        "signer_organisation": "Sở Thử nghiệm",
        "signer_emails": ("mau@so.tinh.example",),
        "signer_uid": "CMND:012345678",
        "signer_kind": SignerKind.PERSON,
        "trust_class": trust_class,
        "certificate_sha256": digest("certificate"),
        "signing_time": MONDAY,
        "signing_time_source": TimeSource.TIMESTAMP if stamped else TimeSource.CLAIMED,
        "findings": () if stamped else (Finding.NOT_TIMESTAMPED,),
    }
    return Signature(**(values | more))


def verdict(
    overall: Overall = Overall.UNSIGNED,
    signatures: Sequence[Signature] = (),
    *,
    cause: Cause | None = None,
    kind: Kind = Kind.PDF,
    path: str = "van-ban.pdf",
) -> Verdict:
    signed = overall not in {Overall.UNSIGNED, Overall.UNREADABLE}
    return Verdict(
        path=path,
        kind=kind,
        overall=overall,
        cause=cause,
        integrity=Integrity.INTACT if signed else Integrity.NONE,
        trust=Trust.TRUSTED if overall is Overall.VALID else Trust.UNKNOWN,
        signatures=tuple(signatures),
    )


def valid() -> Verdict:
    return verdict(Overall.VALID, [signature()])


def undecided() -> Verdict:
    mark = signature(Indication.INDETERMINATE, cause=Cause.OURS)
    return verdict(Overall.INDETERMINATE, [mark], cause=Cause.OURS)


def kept(content: str, *more: bytes) -> KeptEvidence:
    """Evidence of a content: its own CMS, and the certificate that everything here is signed by."""
    blobs = (f"cms of {content}".encode(), b"certificate", *more)
    facts = json.dumps({"content": content, "blobs": [digest_of(blob) for blob in blobs]})
    return KeptEvidence.model_construct(facts=facts, blobs=blobs)


def document(
    content: str,
    judged: Verdict | None = None,
    document_class: DocumentClass = DocumentClass.FORMAL,
    file_name: str | None = "van-ban.pdf",
) -> DocumentFacts:
    judged = judged or verdict()
    return DocumentFacts(
        content_hash=digest(content),
        file_name=file_name,
        size=len(content),
        document_class=document_class,
        judgement=Judgement(verdict=judged, kept=kept(content) if judged.signatures else None),
    )


def mail(
    name: str,
    documents: Sequence[DocumentFacts] = (),
    *,
    sender_agency: str | None = "so-mot",
    to: Sequence[str] = ("so-hai",),
    direction: Direction | None = None,
    at: datetime = MONDAY,
    live: bool = True,
    item_id: str | None = None,
    message: Verdict | None = None,
    relayed: bool = False,
    source: str = "gateway",
    facts: dict[str, Any] | None = None,
    findings: Sequence[Finding] = (),
) -> Outcome:
    """A mail item; `name` makes its message key, so equal names are copies of one message."""
    mail_facts: dict[str, Any] = {
        "message_key": digest(f"message {name}"),
        "message_id": f"<{name}@so.example>",
        "date": at,
        "from_addresses": ("van.thu@so.tinh.example",),
        "recipients": tuple(f"van.thu@{agency}.example" for agency in to),
        "subject": f"Công văn {name}",
    }
    return Outcome(
        header=_mail_header(source, at, live, item_id),
        examined=Examined(
            verdict=message or verdict(kind=Kind.MAIL, path="message"),
            mail=MailFacts(**(mail_facts | (facts or {}))),
            documents=tuple(documents),
        ),
        attribution=Attribution(
            direction=direction or (Direction.OUT if sender_agency else Direction.IN),
            sender="van.thu@so.tinh.example" if sender_agency else None,
            sender_agency=sender_agency,
            recipient_agencies=tuple(to),
            documents=tuple(_issued_by(sender_agency, each, relayed) for each in documents),
            findings=tuple(findings),
        ),
        decided_at=at,
    )


def _mail_header(source: str, at: datetime, live: bool, item_id: str | None) -> ItemHeader:
    return ItemHeader(
        item_id=item_id or secrets.token_hex(16),
        kind=PayloadKind.MAIL,
        source=source,
        channel=Channel.MAIL,
        received_at=at,
        live=live,
        size=1000,
        envelope=MailEnvelope(
            mail_from="van.thu@so.tinh.example",
            rcpt_to=("journal@congvu.example",),
            peer="127.0.0.1",
        ),
    )


def _issued_by(agency: str | None, facts: DocumentFacts, relayed: bool) -> DocumentAttribution:
    signers = ("so-ba" if relayed else agency,) * len(facts.judgement.verdict.signatures)
    return DocumentAttribution(issuer=agency, signer_agencies=signers, relayed=relayed)


def filed(
    facts: DocumentFacts,
    *,
    agency: str | None = "so-mot",
    at: datetime = MONDAY,
    sent_at: datetime | None = None,
    item_id: str | None = None,
    channel: Channel = Channel.DOCSYS,
    paired: bool = False,
    relayed: bool = False,
    **claim: Any,
) -> Outcome:
    """A document item from a watched folder."""
    signers = tuple(agency for _ in facts.judgement.verdict.signatures)
    return Outcome(
        header=ItemHeader(
            item_id=item_id or secrets.token_hex(16),
            kind=PayloadKind.DOCUMENT,
            source="folder",
            channel=channel,
            received_at=at,
            size=facts.size,
            claim=DocumentClaim(
                agency=agency or "khong-ro", file_name="van-ban.pdf", sent_at=sent_at, **claim
            ),
        ),
        examined=Examined(verdict=facts.judgement.verdict, documents=(facts,)),
        attribution=Attribution(
            sender_agency=agency,
            documents=(
                DocumentAttribution(
                    issuer=agency, signer_agencies=signers, paired=paired, relayed=relayed
                ),
            ),
            findings=() if agency else (Finding.AGENCY_UNKNOWN,),
        ),
        decided_at=at,
    )
