"""The logs of one daemon: each is followed for as long as the daemon runs."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from monitor.activity.events import (
    LogAvailable,
    LogFollowingFailed,
    LogReadElsewhere,
    LogUnavailable,
)
from monitor.activity.files import WILD, LogUnreadable, find, is_pattern
from monitor.activity.folding import Folding
from monitor.activity.following import Follower, Log, Shared, Tell
from monitor.activity.lines import LogReader
from monitor.activity.writing import ActivityWriter
from monitor.clock import Clock
from monitor.errors import DatabaseUnavailable, UserError
from monitor.observe import Observer
from monitor.record import Database, Sealer
from monitor.record.activity import MOST_SOURCES
from monitor.record.log_checkpoints import CheckpointMoved, SourceLocks
from monitor.settings import LogSource

LONGEST_PAUSE = 30.0
SETTLE_POLLS = 2
"""A rotated file that was not written to for so many looks is complete."""
SETTLE_POLLS_OF_PATTERN = 12
"""Of a pattern several files may be written to in turn, in bursts."""

HINTS = {
    "missing": "no such file yet",
    "permission": "not readable: add the account of congvu to the log's group (often adm)",
    "directory": "is a folder: name a file, or a pattern as logs/*.log",
    "not_regular": "is a FIFO, socket or device: only files can be read again after a restart",
    "compression": "a rotated file is compressed in a way this Python cannot read; use gzip or xz",
    "io_error": "cannot be read; see the system's own log",
    "elsewhere": "another process reads this log of the same database",
    "sources": "31 sources of activity are known, which is all there can be",
}
Remark = Callable[[str, str | None], None]
"""Takes a log's name and what is wrong with it, None for nothing."""
MakeReader = Callable[[LogSource], LogReader]


def log_of(source: LogSource, make: MakeReader) -> Log:
    """How a configured log is followed."""
    pattern = is_pattern(source.path)
    polls = SETTLE_POLLS_OF_PATTERN if pattern else SETTLE_POLLS
    return Log(
        source.name,
        source.name,
        partial(find, source.path),
        partial(make, source),
        polls * source.poll_seconds,
        copied=not pattern,
    )


class Logs:
    """Follows logs as soon as there is a record to write to."""

    def __init__(
        self,
        folding: Folding,
        make: MakeReader,
        tell: Tell,
        remark: Remark,
        observer: Observer,
        clock: Clock,
    ) -> None:
        self._folding = folding
        self._make = make
        self._tell = tell
        self._remark = remark
        self._observer = observer
        self._clock = clock
        self._connected = asyncio.Event()
        self._shared: Shared
        self._locks: SourceLocks

    def connect(self, database: Database, sealer: Sealer) -> None:
        """The record is there: begin."""
        self._locks = SourceLocks(database)
        self._shared = Shared(
            ActivityWriter(database, sealer),
            self._folding,
            sealer,
            self._observer,
            self._tell,
            asyncio.Semaphore(1),
            self._clock,
        )
        self._connected.set()

    async def stop(self) -> None:
        """Let another process have the logs."""
        if self._connected.is_set():
            await self._locks.release()

    async def follow(self, source: LogSource) -> None:
        """Follow one log until cancelled."""
        await self._connected.wait()
        follower = Follower(log_of(source, self._make), self._shared)
        states = _States(source.name, self._observer, self._remark)
        pauses = _Pauses(source.poll_seconds)
        try:
            while True:
                pause = await self._round(follower, source.name, states, pauses)
                await asyncio.sleep(pause)
        finally:
            follower.close()

    async def _round(
        self, follower: Follower, name: str, states: "_States", pauses: "_Pauses"
    ) -> float:
        """One look; gives the pause until the next."""
        trouble: str | None = None
        try:
            if await self._locks.hold(name):
                look = await follower.catch_up()
                trouble = next((each.reason for each in look.troubles), None)
            else:
                follower.forget()
                trouble = "elsewhere"
        except LogUnreadable as error:
            trouble = error.reason
        except UserError:
            trouble = "sources"
            follower.forget()
        except (DatabaseUnavailable, CheckpointMoved):
            follower.forget()
            return pauses.longer()  # readiness tells of the database by itself
        except Exception as error:  # noqa: BLE001 - a log must not take the daemon down
            follower.forget()
            self._observer.emit(LogFollowingFailed(name, type(error).__name__))
            return pauses.longer()
        states.now(trouble)
        return pauses.usual()


class _Pauses:
    """How long to wait before the next look: longer and longer while nothing can be done."""

    def __init__(self, poll_seconds: float) -> None:
        self._poll_seconds = poll_seconds
        self._pause = 0.0

    def usual(self) -> float:
        self._pause = 0.0
        return self._poll_seconds

    def longer(self) -> float:
        self._pause = min(max(0.2, self._pause * 2), LONGEST_PAUSE)
        return self._pause


class _States:
    """Tells of a trouble once, and when it is over."""

    def __init__(self, source: str, observer: Observer, remark: Remark) -> None:
        self._source = source
        self._observer = observer
        self._remark = remark
        self._last: str | None = None

    def now(self, trouble: str | None) -> None:
        if trouble == self._last:
            return
        self._last = trouble
        self._remark(self._source, HINTS[trouble] if trouble else None)
        if trouble is None:
            self._observer.emit(LogAvailable(self._source))
        elif trouble == "elsewhere":
            self._observer.emit(LogReadElsewhere(self._source))
        else:
            self._observer.emit(LogUnavailable(self._source, trouble))


def problems(sources: Sequence[LogSource]) -> Iterator[str]:
    """What is wrong with settings of logs that only a look outside of them shows.

    A file that is not there yet is none: it is waited for.
    """
    if len(sources) >= MOST_SOURCES:  # the intake is one of them
        yield f"logs: {len(sources)} are too many; there can be {MOST_SOURCES - 1}"
    for source in sources:
        if WILD.search(str(source.path.parent)):
            yield f"log {source.name}: {source.path}: a pattern is for names of files, not folders"
            continue
        try:
            files = find(source.path)
            unreadable = next((f for f in files if not os.access(f.path, os.R_OK)), None)
        except LogUnreadable as error:
            if error.reason != "missing" or error.place != source.path:
                yield f"log {source.name}: {error.place}: {HINTS[error.reason]}"
        else:
            if unreadable:
                yield f"log {source.name}: {unreadable.path}: {HINTS['permission']}"
