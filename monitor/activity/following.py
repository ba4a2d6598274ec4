"""Following one log: look, read what is new, record it with how far it is read, look again.

All that is kept in memory is what the last checkpoint says. So whatever goes wrong, the answer is
the same: begin again at the checkpoint. Reading and folding run in a thread, a block at a time,
and the logs of a daemon take turns, so that neither the intake nor another log waits for long.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Protocol

from monitor.activity.blocks import Block, Blocks
from monitor.activity.events import (
    LogCaughtUp,
    LogFileDamaged,
    LogGap,
    LogLinesOverlong,
    LogMemoryLost,
)
from monitor.activity.files import FileChanged, LogFile, LogUnreadable
from monitor.activity.folding import Folded, Folding, by_reason
from monitor.activity.held import Held
from monitor.activity.ledger import Ledger, Look, Work
from monitor.activity.lines import Found
from monitor.activity.marks import FileMark
from monitor.activity.reading import MakeReader, Reading
from monitor.activity.totals import Totals, opened, sealed
from monitor.activity.writing import ActivityWriter, Step
from monitor.clock import Clock
from monitor.observe import Observer
from monitor.record import Sealer

BLOCKS_A_STEP = 4
"""Recorded in one transaction, where so many are there."""
LONG_SECONDS = 10.0
"""A stretch that took longer is told of."""


@dataclass(frozen=True, slots=True)
class Log:
    """What is followed."""

    source: str
    """Its configured name."""
    checkpoint: str
    """What its place in the record is called: the name, or an import's."""
    find: Callable[[], list[LogFile]]
    make: MakeReader
    settle_seconds: float
    """A closed file that is unchanged for so long is complete."""
    copied: bool
    """Its files may be copied and truncated in rotation."""
    closed: bool = False
    """Files that are given once, in any order: nothing is remembered from one to the next, and
    every one of them for good.
    """


class Tell(Protocol):
    """Takes what a follower tells while it works: metrics."""

    def log_read(
        self,
        source: str,
        outcomes: Mapping[str, int],
        left_out: Mapping[str, int],
        newest: datetime | None,
    ) -> None:
        """A block is recorded: lines by `read`, `unknown`, `failure`, `overlong`; addresses and
        messages left out by the reason; newest time-stamp of the log.
        """
        ...

    def log_lag(self, source: str, unread_bytes: int) -> None:
        """So much is unread."""
        ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What the followers of one daemon share."""

    writer: ActivityWriter
    folding: Folding
    sealer: Sealer
    observer: Observer
    tell: Tell
    turn: asyncio.Semaphore
    clock: Clock


class Follower:
    """Reads one log on, from its checkpoint."""

    def __init__(self, log: Log, shared: Shared) -> None:
        self._log = log
        self._shared = shared
        self._held = Held()
        self._serial = 0
        self._totals = Totals()
        self._ledger: Ledger | None = None
        self._reading: Reading
        self._unread = 0

    def forget(self) -> None:
        """Begin again at the checkpoint: it is not sure what was recorded last."""
        self._ledger = None

    def close(self) -> None:
        """Let go of files."""
        self._held.close()

    @property
    def totals(self) -> Totals:
        """As last recorded."""
        return self._totals

    async def catch_up(self) -> Look:
        """Read everything that is there now; what could not be read is in `troubles`.

        Raises LogUnreadable when there is nothing to read, and what ActivityWriter.write raises;
        after that, `forget`.
        """
        ledger = self._ledger or await self._begin()
        lines, begun = self._totals.lines, monotonic()
        look = await asyncio.to_thread(self._look, ledger)
        self._unread = look.unread_bytes
        await self._settle(ledger, look)
        troubles = list(look.troubles)
        for work in look.works:
            try:
                if work.readable:
                    await self._read(ledger, work)
            except LogUnreadable as error:
                troubles.append(error)
            if work.holds_up:
                break
        self._shared.tell.log_lag(self._log.source, self._unread)
        if (seconds := monotonic() - begun) > LONG_SECONDS:
            read = self._totals.lines - lines
            self._shared.observer.emit(LogCaughtUp(self._log.source, read, round(seconds, 1)))
        return replace(look, troubles=tuple(troubles))

    # -- beginning ----------------------------------------------------------------------------

    async def _begin(self) -> Ledger:
        """Take over what the record says."""
        found = await self._shared.writer.load(self._log.checkpoint)
        self._serial = found.serial
        self._totals = Totals.of_json(found.whole)
        memory = "{}" if self._log.closed else opened(self._totals.reader, self._shared.sealer)
        if memory is None:
            self._shared.observer.emit(LogMemoryLost(self._log.source))
        self._reading = Reading(
            self._log.source, self._log.make, memory or "{}", self._shared.observer
        )
        marks = [FileMark.of_json(number, value) for number, value in found.files.items()]
        self._ledger = Ledger(marks, self._log.settle_seconds, self._log.copied)
        self._shared.tell.log_read(self._log.source, {}, {}, self._totals.newest)
        return self._ledger

    # -- looking ------------------------------------------------------------------------------

    def _look(self, ledger: Ledger) -> Look:
        files = self._log.find()
        nameless = self._held.nameless(files)
        look = ledger.look([*nameless, *files])
        for file in set(nameless) - {work.file for work in look.works}:
            self._held.let_go(file)
        self._held.hold(files)
        return look

    async def _settle(self, ledger: Ledger, look: Look) -> None:
        """Record what the look alone has shown."""
        forgotten = [] if self._log.closed else ledger.forget()
        for _ in look.gone:
            since = self._totals.newest.isoformat() if self._totals.newest else None
            until = self._shared.clock().isoformat(timespec="seconds")
            self._shared.observer.emit(LogGap(self._log.source, since, until))
        marks = [*look.done, *(replace(mark, ended=True) for mark in look.gone)]
        if marks or forgotten:
            totals = replace(self._totals, gaps=self._totals.gaps + len(look.gone))
            await self._write(ledger, Step(totals, marks, forgotten))

    # -- reading ------------------------------------------------------------------------------

    async def _read(self, ledger: Ledger, work: Work) -> None:
        """Read one file to its end."""
        mark = work.mark or FileMark(ledger.next_number)
        with contextlib.suppress(FileChanged):  # the next look sees what it is now
            blocks = await asyncio.to_thread(Blocks, work.file, mark)
            try:
                while read := await self._next(blocks, work):
                    await self._write(ledger, Step(read.totals, (blocks.mark,), (), read.folded))
                    self._told(read, work)
                if work.final:
                    await self._end(ledger, work, blocks)
            finally:
                blocks.close()

    async def _next(self, blocks: Blocks, work: Work) -> "_Read | None":
        async with self._shared.turn:
            return await asyncio.to_thread(self._next_in_thread, blocks, work)

    def _next_in_thread(self, blocks: Blocks, work: Work) -> "_Read | None":
        read = _Read(self._totals)
        while read.blocks < BLOCKS_A_STEP and (block := _block(blocks, work, read)):
            found = self._reading.read(block, work.file)
            read.add(block, found, self._shared.folding.fold(found))
        if not read.blocks:
            return None
        memory = sealed(self._reading.state, self._shared.sealer)
        read.totals = replace(read.totals, reader=memory)
        return read

    async def _end(self, ledger: Ledger, work: Work, blocks: Blocks) -> None:
        """Note that a closed file is complete."""
        if blocks.damaged:
            self._shared.observer.emit(LogFileDamaged(self._log.source))
        mark = replace(blocks.mark, ended=True, packed=())
        if work.file.packing:
            mark = replace(mark, packed=work.file.stamp)
            self._unread = max(0, self._unread - work.file.size)
        if mark != work.mark:
            await self._write(ledger, Step(self._totals, (mark,)))

    async def _write(self, ledger: Ledger, step: Step) -> None:
        log = self._log
        await self._shared.writer.write(log.checkpoint, log.source, self._serial, step)
        self._serial += 1
        self._totals = step.totals
        for mark in step.marks:
            ledger.put(mark)

    def _told(self, read: "_Read", work: Work) -> None:
        """Tell of what is recorded."""
        name, tell = self._log.source, self._shared.tell
        if overlong := read.outcomes["overlong"]:
            self._shared.observer.emit(LogLinesOverlong(name, overlong))
        left_out = by_reason(read.folded.left_out)
        tell.log_read(name, read.outcomes, left_out, self._totals.newest)
        if not work.file.packing:
            self._unread = max(0, self._unread - read.size)
            tell.log_lag(name, self._unread)


class _Read:
    """What the next blocks say, and how the log stands behind them."""

    def __init__(self, totals: Totals) -> None:
        self.totals = totals
        self.folded = Folded()
        self.outcomes: Counter[str] = Counter()
        self.blocks = 0
        self.size = 0

    def add(self, block: Block, found: Found, folded: Folded) -> None:
        self.totals = self.totals.after(block, found, folded)
        self.folded.add(folded)
        self.outcomes.update(
            read=block.lines,
            unknown=found.unknown,
            failure=found.failures,
            overlong=block.overlong,
        )
        self.blocks += 1
        self.size += block.size


def _block(blocks: Blocks, work: Work, read: _Read) -> Block | None:
    """The next one. What was read before a truncation or a lost permission is recorded before
    that is noticed: the reader remembers it already.
    """
    try:
        return blocks.next(work.final)
    except (FileChanged, LogUnreadable):
        if not read.blocks:
            raise
        return None
