"""Outcomes of edXML messages made by hand: documents that are sent, and what receivers say."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from monitor.model import (
    Attribution,
    AxisFacts,
    AxisKind,
    AxisReference,
    AxisStatus,
    Channel,
    Direction,
    DocumentAttribution,
    DocumentFacts,
    Examined,
    Finding,
    ItemHeader,
    Kind,
    Organ,
    Outcome,
    Overall,
    PayloadKind,
    organ_key,
)
from tests.support.outcomes import MONDAY, verdict

AGENCY_OF = {"H99.1": "so-mot", "H99.2": "so-hai", "H99.3": "so-ba"}
"""Organ codes of our agencies; others belong to nobody that is known."""


def agency_of(code: str | None) -> str | None:
    return AGENCY_OF.get(organ_key(code)) if code else None


def sent(
    document_id: str | None,
    documents: Sequence[DocumentFacts] = (),
    *,
    sender: str | Organ = "H99.1",
    to: Sequence[str] = ("H99.2",),
    at: datetime = MONDAY,
    received: datetime | None = None,
    item_id: str | None = None,
    findings: Sequence[Finding] = (),
    **facts: Any,
) -> Outcome:
    """A document message; `at` is when its trace says that it was sent."""
    organ = sender if isinstance(sender, Organ) else Organ(code=sender, name=f"Cơ quan {sender}")
    whose = agency_of(organ.code)
    values: dict[str, Any] = {
        "kind": AxisKind.DOCUMENT, "document_id": document_id, "said_at": at,
        "sender": organ,
        "receivers": tuple(Organ(code=each, name=f"Cơ quan {each}") for each in to),
        "number": "12", "notation": "QĐ-SM", "subject": "Về việc thử nghiệm",
        "signer": "Giám đốc Nguyễn Văn Mẫu",
    }  # fmt: skip
    attribution = Attribution(
        direction=Direction.OUT if whose else Direction.IN,
        sender_agency=whose,
        recipient_agencies=tuple(code for each in to if (code := agency_of(each))),
        receiver_agencies=tuple(agency_of(each) for each in to),
        documents=tuple(
            DocumentAttribution(
                issuer=whose,
                signer_agencies=tuple(whose for _ in each.judgement.verdict.signatures),
            )
            for each in documents
        ),
        findings=tuple(findings),
    )
    made = AxisFacts(**(values | facts))
    return _outcome(made, attribution, received or at, item_id, documents)


def told(
    status: AxisStatus | None,
    document_id: str | None,
    *,
    by: str = "H99.2",
    at: datetime | None,
    received: datetime | None = None,
    issuer: str | None = "H99.1",
    item_id: str | None = None,
    **facts: Any,
) -> Outcome:
    """A status message of a receiver about a document of the issuer."""
    values: dict[str, Any] = {
        "kind": AxisKind.STATUS, "sender": Organ(code=by), "status": status, "said_at": at,
        "receivers": (Organ(code=issuer),) if issuer else (),
        "answers": AxisReference(organ=issuer, document_id=document_id),
    }  # fmt: skip
    attribution = Attribution(direction=Direction.IN, sender_agency=agency_of(by))
    made = AxisFacts(**(values | facts))
    return _outcome(made, attribution, received or at or MONDAY, item_id, ())


def _outcome(
    facts: AxisFacts,
    attribution: Attribution,
    received: datetime,
    item_id: str | None,
    documents: Sequence[DocumentFacts],
) -> Outcome:
    return Outcome(
        header=ItemHeader(
            item_id=item_id or secrets.token_hex(16),
            kind=PayloadKind.AXIS,
            source="truc",
            channel=Channel.AXIS,
            received_at=received,
            size=1000,
        ),
        examined=Examined(
            verdict=verdict(Overall.UNSIGNED, kind=Kind.EDXML, path="edxml"),
            axis=facts,
            documents=tuple(documents),
        ),
        attribution=attribution,
        decided_at=received,
    )
