"""Items, spools and observers for the spool's tests."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.model import Channel, ItemHeader, MailEnvelope, PayloadKind
from monitor.observe import Event, Observer
from monitor.settings import SpoolSettings
from monitor.spool import Files, Spool, Spooled

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ROOT = Path("/spool")


def make_header(number: int, size: int = 0) -> ItemHeader:
    """Header of the item with this number; its receipt is so many seconds after START."""
    return ItemHeader(
        item_id=f"{number:032x}",
        kind=PayloadKind.MAIL,
        source="gateway",
        channel=Channel.MAIL,
        received_at=START + timedelta(seconds=number),
        size=size,
        envelope=MailEnvelope(mail_from="a@x.example", rcpt_to=("b@y.example",), peer="192.0.2.1"),
    )


def make_body(number: int, size: int) -> bytes:
    """A body that is this item's alone."""
    return (f"item {number} ".encode() * (size // 6 + 1))[:size]


def number_of(spooled: Spooled) -> int:
    return int(spooled.header.item_id, 16)


def make_settings(**values: Any) -> SpoolSettings:
    """Settings without a demand for free space; any value may be given."""
    return SpoolSettings.model_construct(**({"min_free_bytes": 0} | values))


class Listener(Observer):
    """An observer that keeps what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)
        super().emit(event)

    def names(self) -> list[str]:
        return [event.name() for event in self.events]

    def dropped(self, reason: str) -> float:
        labels = {"stage": "spool", "reason": reason}
        return self.registry.get_sample_value("congvu_dropped_total", labels) or 0


@asynccontextmanager
async def running(spool: Spool) -> AsyncIterator[Spool]:
    """The spool with its `run` beside it; closed at the end."""
    async with asyncio.TaskGroup() as group:
        group.create_task(spool.run())
        try:
            yield spool
        finally:
            await spool.close()


def open_spool(files: Files, listener: Observer | None = None, **values: Any) -> Spool:
    """A spool on a fake disk."""
    return Spool.open(ROOT, make_settings(**values), listener or Listener(), files=files)


async def append(spool: Spool, numbers: Sequence[int], size: int = 40) -> None:
    """Append items at once, so that they share groups."""
    await asyncio.gather(
        *(spool.append(make_header(n, size), [make_body(n, size)]) for n in numbers)
    )


async def drain(spool: Spool) -> list[Spooled]:
    """Take and finish everything until the spool is empty (items may leave it otherwise, too)."""
    taken: list[Spooled] = []
    async with asyncio.timeout(30):
        while spool.stats().items:
            with suppress(TimeoutError):
                taken.append(await asyncio.wait_for(spool.take(), 0.02))
                spool.done(taken[-1])
    return taken


async def contents(files: Files, listener: Observer | None = None, **values: Any) -> list[int]:
    """Open a spool on the disk and give the numbers of all that is in it, checked."""
    spool = open_spool(files, listener, **values)
    async with running(spool):
        taken = await drain(spool)
    for spooled in taken:
        assert spooled.body == make_body(number_of(spooled), spooled.header.size)
    return [number_of(spooled) for spooled in taken]
