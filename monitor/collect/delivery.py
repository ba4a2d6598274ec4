"""From a message read to its end to its answers: one item a source, made durable, then 250."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.clock import Clock
from monitor.collect.dialogue import FAULT, Recipient
from monitor.collect.events import (
    ClientRefused,
    IntakeFault,
    MessageCaptured,
    MessageOversize,
    Refusal,
)
from monitor.collect.identity import new_item_id
from monitor.collect.sink import Sink
from monitor.errors import SpoolFault, SpoolFull
from monitor.model import Channel, ItemHeader, MailEnvelope, PayloadKind
from monitor.observe import Observer
from monitor.settings import MailSource

DURABLE = b"250 2.0.0 OK\r\n"
FULL = b"452 4.3.1 Insufficient storage, try again later\r\n"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the session gave it."""

    mail_from: str
    recipients: Sequence[Recipient]
    peer: str
    network: str
    helo: str | None
    certificate: str | None
    body: Sequence[bytes]
    size: int
    oversize: bool


class Delivery:
    """Hands messages to the sink, and says what to answer."""

    def __init__(self, sink: Sink, observer: Observer, clock: Clock) -> None:
        self._sink = sink
        self._observer = observer
        self._clock = clock

    async def answers(self, message: Message, *, each: bool) -> bytes:
        """The replies after the message's end: one, or one a recipient (LMTP, RFC 2033 4.2).

        A single reply says 250 only if every source's item is durable. Never raises: what goes
        wrong is an answer, a cancellation too.
        """
        received_at = self._clock()
        sources = {recipient.source.name: recipient.source for recipient in message.recipients}
        by_source = dict.fromkeys(sources, FAULT.reply)
        try:
            for name, source in sources.items():
                by_source[name] = await self._append(message, source, received_at)
        except asyncio.CancelledError:
            # The grace period is over; the item may be durable or not, and the sender keeps it.
            self._observer.emit(ClientRefused(Refusal.SHUTTING_DOWN, message.network))
        if each:
            return b"".join(by_source[recipient.source.name] for recipient in message.recipients)
        # 250 sorts before 451 and 452.
        return max(by_source.values())

    async def _append(self, message: Message, source: MailSource, received_at: datetime) -> bytes:
        try:
            await self._sink(_header(message, source, received_at), message.body)
        except SpoolFull:
            self._observer.emit(ClientRefused(Refusal.SPOOL_FULL, message.network))
            return FULL
        except SpoolFault:
            self._observer.emit(ClientRefused(Refusal.SPOOL_FAULT, message.network))
            return FAULT.reply
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender keeps its copy
            self._observer.emit(IntakeFault(type(error).__name__))
            return FAULT.reply
        if message.oversize:
            self._observer.emit(MessageOversize(source.name, message.size))
        self._observer.emit(MessageCaptured(source.name, message.size))
        return DURABLE


def _header(message: Message, source: MailSource, received_at: datetime) -> ItemHeader:
    return ItemHeader(
        item_id=new_item_id(),
        kind=PayloadKind.MAIL,
        source=source.name,
        channel=Channel.MAIL,
        received_at=received_at,
        size=message.size,
        oversize=message.oversize,
        envelope=MailEnvelope(
            mail_from=message.mail_from,
            rcpt_to=tuple(r.address for r in message.recipients if r.source is source),
            peer=message.peer,
            helo=message.helo,
            client_certificate=message.certificate,
        ),
        journal=source.journal,
    )
