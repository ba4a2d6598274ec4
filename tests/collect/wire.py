"""A running intake with a sink in memory, and a client that sends exactly the bytes it is told."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from monitor.collect import MailIntake
from monitor.model import ItemHeader
from monitor.observe import Observer
from monitor.settings import MailSource, SmtpSettings

JOURNAL = "journal-7f3a@congvu.example"
OTHER_JOURNAL = "journal-b21c@congvu.example"


def source(name: str = "gateway", address: str = JOURNAL, **more: Any) -> MailSource:
    return MailSource(
        name=name,
        journal_address=address,
        **({"networks": ("127.0.0.0/8",)} | more),
    )


@dataclass
class MemorySink:
    """Keeps what it is given; `before` may wait or raise in its stead."""

    items: list[tuple[ItemHeader, bytes]] = field(default_factory=list)
    before: Callable[[ItemHeader], Awaitable[None]] | None = None
    chunks: list[Sequence[bytes]] = field(default_factory=list)

    async def __call__(self, header: ItemHeader, body: Sequence[bytes], /) -> None:
        if self.before:
            await self.before(header)
        self.chunks.append(body)
        self.items.append((header, b"".join(body)))

    @property
    def bodies(self) -> list[bytes]:
        return [body for _, body in self.items]


def raising(error: BaseException) -> Callable[[ItemHeader], Awaitable[None]]:
    async def before(header: ItemHeader) -> None:
        raise error

    return before


class Counts:
    """What an observer counted."""

    def __init__(self, observer: Observer) -> None:
        self._registry = observer.registry

    def dropped(self, reason: str, stage: str = "collect") -> float:
        labels = {"stage": stage, "reason": reason}
        return self._registry.get_sample_value("congvu_dropped_total", labels) or 0

    def event(self, name: str) -> float:
        return self._registry.get_sample_value("congvu_events_total", {"event": name}) or 0


@dataclass
class Running:
    intake: MailIntake
    sink: MemorySink
    counts: Counts

    async def tls_client(self, context: ssl.SSLContext, *, greet: bool = True) -> "RawClient":
        """A client of the port that begins with TLS."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.intake.tls_port, ssl=context, server_hostname="localhost"
        )
        client = RawClient(reader, writer)
        if greet:
            assert (await client.reply()).startswith("220 ")
            await client.say(b"EHLO test.example")
        return client

    async def client(self, *, lmtp: bool = False, greet: bool = True) -> "RawClient":
        port = self.intake.lmtp_port if lmtp else self.intake.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        client = RawClient(reader, writer)
        if greet:
            assert (await client.reply()).startswith("220 ")
            await client.say(b"LHLO test.example" if lmtp else b"EHLO test.example")
        return client


@asynccontextmanager
async def running(
    *sources: MailSource, sink: MemorySink | None = None, **settings: Any
) -> AsyncIterator[Running]:
    sink = sink or MemorySink()
    observer = Observer()
    intake = MailIntake(
        SmtpSettings(**({"port": 0, "lmtp_port": 0} | settings)),
        sources or (source(),),
        sink,
        observer,
    )
    await intake.start()
    try:
        yield Running(intake, sink, Counts(observer))
    finally:
        await intake.stop(0.1)


class RawClient:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        if self.writer.transport.is_closing():
            raise ConnectionResetError("the server has gone")
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self) -> str:
        """One whole reply, its lines joined; empty at the end of the connection."""
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 20)).decode()
            lines.append(line.rstrip("\r\n"))
            if not re.match(r"\d{3}-", line):
                return "\n".join(lines)

    async def say(self, line: bytes) -> str:
        await self.send(line + b"\r\n")
        return await self.reply()

    async def envelope(self, *recipients: str, sender: bytes = b"<a@agency.example>") -> None:
        """Up to and with the 354."""
        assert (await self.say(b"MAIL FROM:" + sender)).startswith("250 ")
        for recipient in recipients or (JOURNAL,):
            assert (await self.say(b"RCPT TO:<" + recipient.encode() + b">")).startswith("250 ")
        assert (await self.say(b"DATA")).startswith("354 ")

    async def deliver(self, data: bytes) -> str:
        """Send a message given as it goes over the wire, end included."""
        await self.envelope()
        await self.send(data)
        return await self.reply()

    async def is_silent(self, seconds: float = 0.15) -> bool:
        """Whether the server has nothing to say for now."""
        try:
            await asyncio.wait_for(self.reader.readexactly(1), seconds)
        except TimeoutError:
            return True
        return False

    async def is_closed(self) -> bool:
        try:
            rest = await asyncio.wait_for(self.reader.read(1), 20)
        except ConnectionError:
            return True
        return rest == b""

    async def start_tls(self, context: ssl.SSLContext) -> None:
        await self.writer.start_tls(context, server_hostname="localhost")

    async def close(self) -> None:
        self.writer.close()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)
