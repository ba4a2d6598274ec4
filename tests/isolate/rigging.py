"""A pool over scripted children, and the words to talk to it."""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from monitor.isolate.pool import Pool
from monitor.model import (
    Channel,
    Examined,
    ItemHeader,
    Limits,
    PayloadKind,
    TrustMaterial,
)
from monitor.observe import Event, Observer

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def mail_header(number: int = 0, **changes: Any) -> ItemHeader:
    values: dict[str, Any] = {
        "item_id": f"{number:032x}",
        "kind": PayloadKind.MAIL,
        "source": "gateway",
        "channel": Channel.MAIL,
        "received_at": datetime(2026, 3, 1, tzinfo=UTC),
        "size": 10,
    }
    return ItemHeader(**(values | changes))


class Recording(Observer):
    """An observer that keeps what was said."""

    def __init__(self) -> None:
        super().__init__(CollectorRegistry())
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)
        super().emit(event)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@dataclass
class Rig:
    pool: Pool
    observer: Recording
    durations: list[tuple[str, float]] = field(default_factory=list)

    async def tell(self, command: str, rest: bytes = b"", number: int = 0) -> Examined:
        body = command.encode() + b"\n" + rest
        return await self.pool.examine(mail_header(number), body)

    async def hear(self, command: str, rest: bytes = b"") -> str:
        return (await self.tell(command, rest)).verdict.path


MakeRig = Callable[..., AbstractAsyncContextManager[Rig]]


@contextlib.asynccontextmanager
async def rig(target: str = "Scripted", **changes: Any) -> AsyncIterator[Rig]:
    observer = Recording()
    durations: list[tuple[str, float]] = []
    values: dict[str, Any] = {
        "children": 1,
        "material": TrustMaterial(),
        "limits": Limits(),
        "isolation": "require",
        "timeout_seconds": 30.0,
        "memory_bytes": 1024 * 1024 * 1024,
        "items_per_child": 1000,
        "observer": observer,
        "clock": lambda: NOW,
        "durations": lambda kind, seconds: durations.append((kind, seconds)),
        "target": target if ":" in target else f"tests.isolate.targets:{target}",
        "search_path": str(ROOT),
    }
    pool = Pool(**(values | changes))
    try:
        yield Rig(pool, observer, durations)
    finally:
        await pool.stop()
