"""Mails for tests, built on the demo's PKI and documents.

    pki = Pki.create(1, NOW)
    raw = from_inside(plain_mail(letter(attachments=(pdf(pki),))), NOW)
    raw = run(signed_mail(letter(), pki.officer(), Manner(NOW)))

See monitor.demo.mails for the builders that are re-exported here.
"""

from datetime import UTC, datetime
from typing import Any

from monitor.demo.agencies import AGENCIES, LEADER, DemoAgency
from monitor.demo.documents import DemoDocument, DocumentKind, DocumentMaker
from monitor.demo.mails import (
    Attachment,
    Mail,
    from_inside,
    from_outside,
    plain_mail,
    signed_mail,
    with_trace,
)
from monitor.demo.pki import Pki
from monitor.demo.signing import Manner, sign_cms, sign_pdf

__all__ = [
    "NOW",
    "Attachment",
    "Mail",
    "Manner",
    "Pki",
    "attached",
    "document",
    "from_inside",
    "from_outside",
    "letter",
    "plain_mail",
    "sign_cms",
    "sign_pdf",
    "signed_mail",
    "with_trace",
]

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


def letter(
    sender: DemoAgency = AGENCIES[0], recipient: DemoAgency = AGENCIES[1], **changes: Any
) -> Mail:
    """A mail from one agency's leader to another agency's; any field of Mail may be changed."""
    fields: dict[str, Any] = {
        "sender": sender.address(LEADER),
        "recipients": (recipient.address(LEADER),),
        "subject": "Gửi văn bản",
        "message_id": f"test.1@{sender.domain}",
        "date": NOW,
    }
    return Mail(**(fields | changes))


def document(
    pki: Pki, kind: DocumentKind = DocumentKind.PAIR, agency: DemoAgency = AGENCIES[0]
) -> DemoDocument:
    """A document of a kind with the verdict it deserves (`.truth`); not inside an event loop."""
    return DocumentMaker(pki).make(kind, agency)


def attached(*documents: DemoDocument) -> tuple[Attachment, ...]:
    """Documents as attachments."""
    return tuple(Attachment(d.name, d.data) for d in documents)
