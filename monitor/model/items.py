"""What enters the spool: an item's header, without its bytes."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from monitor.model.values import Text, Value
from monitor.model.words import Channel, DocumentRole, Journal


class PayloadKind(StrEnum):
    MAIL = "mail"
    DOCUMENT = "document"
    AXIS = "axis"
    """An edXML message, which says itself whose it is."""


class MailEnvelope(Value):
    """What SMTP or LMTP said of a captured message (RFC 5321), beside its bytes."""

    mail_from: str
    """Reverse-path without brackets; empty for the null sender."""
    rcpt_to: tuple[str, ...]
    peer: str
    """Address of the client that spoke to us."""
    helo: str | None = None
    client_certificate: str | None = None
    """SHA-256 of the verified client certificate, if one was asked for."""
    sender_reported: str | None = None
    """Authenticated sender as the source reports it (XFORWARD, journal report), else None."""


class PaperFlag(StrEnum):
    ELECTRONIC = "electronic"
    PARALLEL = "parallel"
    PAPER = "paper"


class DocumentClaim(Value):
    """One row of a document folder's manifest: what the document system says of a file."""

    agency: str
    file_name: Text
    number: Text | None = None
    notation: Text | None = None
    issued_on: date | None = None
    sent_at: AwareDatetime | None = None
    paper: PaperFlag | None = None
    role: DocumentRole | None = None
    origin: Text | None = None
    """Where it was published: the address of a portal's file."""


class ItemHeader(Value):
    """Everything the spool keeps of an item beside its bytes."""

    item_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """Made once at intake (uuid7 hexadecimal); the database counts an item with one id once."""
    kind: PayloadKind
    source: str
    """Name of the configured source: one of a bounded list, fit for a metric label."""
    channel: Channel
    received_at: AwareDatetime
    live: bool = True
    """False for a replay or import: then the receipt proves no earlier existence than now."""
    size: int
    """Size in bytes of the item as offered; the spooled body is shorter when `oversize`."""
    oversize: bool = False
    envelope: MailEnvelope | None = None
    claim: DocumentClaim | None = None
    journal: Journal = Journal.COPY
    pulled: bool = False
    """Taken from a mailbox or mail folder of ours: no client spoke to us, and the newest trace
    headers are our own mail server's."""
