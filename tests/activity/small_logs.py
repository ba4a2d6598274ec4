"""A log format as small as can be, and what a test needs to follow logs of it.

A line is `2026-11-22T03:00:00 login an@mot.example [message-id]`; the reader remembers how many
lines it has read.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from monitor.activity.files import find
from monitor.activity.folding import Folding
from monitor.activity.following import Follower, Log, Shared
from monitor.activity.lines import Found
from monitor.activity.writing import ActivityWriter
from monitor.clock import vietnam_day
from monitor.model import ActivityKind
from monitor.observe import Event, Observer
from monitor.record import Database, Sealer
from monitor.settings import LogSource

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class SmallReader:
    """Reads the small format."""

    def __init__(self, source: LogSource | None = None) -> None:
        self._seen = 0

    def read(self, block: bytes, written_at: datetime) -> Found:
        assert block.endswith(b"\n"), "a reader gets whole lines"
        found = Found()
        for line in block.splitlines():
            found.lines += 1
            self._seen += 1
            words = line.decode("utf-8", "replace").split()
            try:
                at = datetime.fromisoformat(words[0]).replace(tzinfo=UTC)
                kind = ActivityKind(words[1])
                address = words[2]
            except (ValueError, IndexError):
                if b"boom" in line:
                    raise RuntimeError("a reader's own mistake") from None
                found.unknown += 1
                continue
            found.newest = max(found.newest or at, at)
            day = vietnam_day(at)
            found.add(address, day, kind)
            if len(words) > 3:
                found.sent[words[3]] = (address, day)
        return found

    def state(self) -> dict[str, Any]:
        return {"seen": self._seen}

    def restore(self, state: dict[str, Any]) -> None:
        self._seen = state.get("seen", 0)


def line(number: int) -> bytes:
    """The line of a number: an address and day of its own."""
    at = NOW - timedelta(days=number % 300, seconds=number % 50)
    return (
        f"{at.strftime('%Y-%m-%dT%H:%M:%S')} login an{number}@mot.example m{number}@id\n".encode()
    )


def truth(numbers: Iterable[int]) -> set[tuple[str, date]]:
    """What the record must hold of lines."""
    return {
        (
            f"an{number}@mot.example",
            vietnam_day(NOW - timedelta(days=number % 300, seconds=number % 50)),
        )
        for number in numbers
    }


def belongs(address: str, _day: date) -> str | None:
    return "mot" if address.endswith("@mot.example") else None


class Events(Observer):
    """Remembers what was emitted."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Event] = []

    def emit(self, event: Event) -> None:
        self.seen.append(event)
        super().emit(event)

    def named(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.seen if isinstance(event, kind)]


class Told:
    """Remembers what was told."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.newest: datetime | None = None
        self.unread = 0

    def log_read(
        self,
        source: str,
        outcomes: Mapping[str, int],
        left_out: Mapping[str, int],
        newest: datetime | None,
    ) -> None:
        self.outcomes.update(outcomes)
        self.left_out.update(left_out)
        self.newest = newest

    def log_lag(self, source: str, unread_bytes: int) -> None:
        self.unread = unread_bytes


@dataclass
class Bench:
    """One log in a folder, followed into a real database."""

    database: Database
    sealer: Sealer
    path: Path
    settle_seconds: float = 0.0
    copied: bool = True
    events: Events = field(default_factory=Events)
    told: Told = field(default_factory=Told)
    written: int = 0
    _follower: Follower | None = None

    def shared(self) -> Shared:
        folding = Folding(belongs, ("postmaster@*", "healthmailbox*@*"), lambda: NOW)
        return Shared(
            ActivityWriter(self.database, self.sealer),
            folding,
            self.sealer,
            self.events,
            self.told,
            asyncio.Semaphore(1),
            lambda: NOW,
        )

    def log(self, find_files: Callable[[], Any] | None = None) -> Log:
        return Log(
            "small",
            "small",
            find_files or partial(find, self.path),
            SmallReader,
            self.settle_seconds,
            self.copied,
        )

    @property
    def follower(self) -> Follower:
        if self._follower is None:
            self._follower = Follower(self.log(), self.shared())
        return self._follower

    def restart(self) -> None:
        """As after a SIGKILL: nothing of the process is left."""
        if self._follower:
            self._follower.close()
        self._follower = None

    async def look(self, times: int = 1) -> None:
        for _ in range(times):
            await self.follower.catch_up()

    def write(self, lines: int, path: Path | None = None, end: bytes = b"") -> None:
        """Append the next lines."""
        with (path or self.path).open("ab") as log:
            for _ in range(lines):
                log.write(line(self.written))
                self.written += 1
            log.write(end)

    async def days(self) -> set[tuple[str, date]]:
        """Who was active when, by the record."""
        query = """
            SELECT a.sealed_address, m.month, m.login FROM activity_month m JOIN address a
            USING (address_id)"""
        async with self.database.connection() as connection:
            rows = await connection.fetch(query)
        return {
            (
                self.sealer.open(row["sealed_address"], "address") or "",
                row["month"] + timedelta(bit),
            )
            for row in rows
            for bit in range(31)
            if row["login"] >> bit & 1
        }

    async def messages(self) -> int:
        async with self.database.connection() as connection:
            count: int = await connection.fetchval("SELECT count(*) FROM gateway_message")
        return count

    async def prove(self, lost: Iterable[int] = (), lines: int | None = None) -> None:
        """Everything that was written is recorded, and each line was read once."""
        numbers = set(range(self.written)) - set(lost)
        found, wanted = await self.days(), truth(numbers)
        assert sorted(found - wanted)[:5] == sorted(wanted - found)[:5] == []
        assert await self.messages() == len(numbers)
        assert self.follower.totals.lines == (len(numbers) if lines is None else lines)
