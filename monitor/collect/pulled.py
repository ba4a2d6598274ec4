"""What all mail has in common that is pulled: from a mailbox, a Maildir, an mbox or a file.

The server that delivered it wrote the envelope into its header, which a child reads. A mail's
identifier follows from its source and content alone: taken again after a crash, under a new
UIDVALIDITY or out of another file, it is the same item.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from monitor.clock import Clock
from monitor.collect.data import HEADER_BYTES
from monitor.collect.events import MessageCaptured, MessageOversize, Refusal
from monitor.collect.identity import derived_item_id
from monitor.collect.recorded import Recorded
from monitor.collect.sink import Sink
from monitor.collect.watch import FolderWatch, NotNow
from monitor.model import Channel, ItemHeader, MailEnvelope, PayloadKind
from monitor.observe import Observer
from monitor.settings import MailOrigin

LIVE_WITHIN = timedelta(minutes=5)
"""A mail whose own server had it for longer is of a backlog: it keeps its own day."""
_HEADER_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class PulledMail:
    """One mail as it was stored."""

    raw: bytes
    """Its header section alone when it is too large."""
    size: int
    """Bytes of the whole mail."""
    oversize: bool = False
    delivered_at: datetime | None = None
    """When its server stored it, by that server's clock; None for a mail of an archive."""


def within(raw: bytes, size: int, max_bytes: int, delivered_at: datetime | None) -> PulledMail:
    """A mail, or past `max_bytes` its header section, as the intake keeps it of such a mail.

    `raw` holds the whole mail, or of a larger one at least its header section.
    """
    if size <= max_bytes:
        return PulledMail(raw, size, delivered_at=delivered_at)
    return PulledMail(header_section(raw), size, oversize=True, delivered_at=delivered_at)


def header_section(raw: bytes) -> bytes:
    """All up to the first empty line, which is included; bounded."""
    end = _HEADER_END.search(raw, 0, HEADER_BYTES)
    return raw[: end.end() if end else HEADER_BYTES]


def as_sent(raw: bytes) -> bytes:
    """A stored mail with the line ends it had on its way (RFC 5322 2.1).

    A store that ends lines by LF alone has taken the CR from every one; signatures were made with
    them. Where the first line has its CR the store changes nothing.
    """
    first = raw.find(b"\n")
    if first <= 0 or raw[first - 1 : first] == b"\r":
        return raw
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def item_id_of(source: str, mail: PulledMail) -> str:
    """The identifier that a mail has whenever and wherever it is taken for this source."""
    return derived_item_id("mail", source, sha256(mail.raw).hexdigest(), str(mail.size))


def pulled_header(source: MailOrigin, mail: PulledMail, at: datetime) -> ItemHeader:
    """The spool's header of a mail taken at this time."""
    delivered = mail.delivered_at
    return ItemHeader(
        item_id=item_id_of(source.name, mail),
        kind=PayloadKind.MAIL,
        source=source.name,
        channel=Channel.MAIL,
        received_at=at,
        live=delivered is not None and abs(at - delivered) <= LIVE_WITHIN,
        size=mail.size,
        oversize=mail.oversize,
        envelope=MailEnvelope(mail_from="", rcpt_to=(), peer=""),
        journal=source.journal,
        pulled=True,
    )


@dataclass(frozen=True, slots=True)
class Given:
    """What became of mails that were handed over, in their order."""

    ids: tuple[str | None, ...]
    """Identifier of each that is durable; None where the spool did not take it."""
    refusal: Refusal | None = None
    """Why it did not."""


class HandOver:
    """Hands pulled mail to the spool, but for what is safe in the record already."""

    def __init__(
        self,
        source: MailOrigin,
        sink: Sink,
        recorded: Recorded,
        observer: Observer,
        clock: Clock,
    ) -> None:
        self._source = source
        self._append = FolderWatch(source.name, sink, observer).append
        self._recorded = recorded
        self._observer = observer
        self._clock = clock

    async def give(self, mails: Sequence[PulledMail]) -> Given:
        """Make mails durable, all at once: they share the disk's fsync."""
        headers = [pulled_header(self._source, mail, self._clock()) for mail in mails]
        safe = await self._recorded([header.item_id for header in headers])
        outcomes = await asyncio.gather(
            *(
                self._give_one(header, mail)
                for header, mail in zip(headers, mails, strict=True)
                if header.item_id not in safe
            )
        )
        refused = {header.item_id for header, refusal in outcomes if refusal}
        ids = (header.item_id for header in headers)
        return Given(
            tuple(None if one in refused else one for one in ids),
            next((refusal for _, refusal in outcomes if refusal), None),
        )

    async def _give_one(
        self, header: ItemHeader, mail: PulledMail
    ) -> tuple[ItemHeader, Refusal | None]:
        try:
            await self._append(header, [mail.raw])
        except NotNow as wait:
            return header, wait.refusal
        if mail.oversize:
            self._observer.emit(MessageOversize(self._source.name, mail.size))
        self._observer.emit(MessageCaptured(self._source.name, mail.size))
        return header, None
