"""Old logs, read once: closed files are remembered by their content, however they are called."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from monitor.activity.files import LogFile, LogUnreadable, given
from monitor.activity.folding import Belongs, Folding
from monitor.activity.following import Follower, Log, Shared, Tell
from monitor.activity.logs import HINTS, MakeReader
from monitor.activity.totals import Totals
from monitor.activity.writing import ActivityWriter
from monitor.clock import Clock
from monitor.errors import UserError
from monitor.observe import Observer
from monitor.record import Database, Sealer
from monitor.record.log_checkpoints import SourceLocks
from monitor.settings import LogSource


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import has added to what earlier imports of this log have read."""

    before: Totals
    after: Totals


def checkpoint_of(source: LogSource) -> str:
    """No configured name has a slash: an import never meets the log that is followed."""
    return f"{source.name}/import"


def files_of(paths: Sequence[Path]) -> list[LogFile]:
    """The files that are to be read, oldest first. Raises UserError for what is none."""
    try:
        return given(list(paths))
    except LogUnreadable as error:
        raise UserError(f"{error.place}: {HINTS[error.reason]}") from None


async def import_files(
    files: Sequence[LogFile],
    source: LogSource,
    make: MakeReader,
    database: Database,
    sealer: Sealer,
    belongs: Belongs,
    system: Sequence[str],
    tell: Tell,
    clock: Clock,
    *,
    again: bool = False,
) -> Imported:
    """Read files in the format of a configured log; those that are known are passed over, but with
    `again`: what was left out as nobody's may be an agency's by the registry of today.

    Raises UserError when one of them cannot be read (what was read before stays), or another
    import of this log runs; DatabaseUnavailable. Repeating it goes on where it stopped.
    """
    observer = database.observer
    shared = _shared(database, sealer, Folding(belongs, system, clock), observer, tell, clock)
    find: Callable[[], list[LogFile]] = partial(list, files)
    log = Log(source.name, checkpoint_of(source), find, partial(make, source), 0.0, False, True)
    locks, follower = SourceLocks(database), Follower(log, shared)
    try:
        if not await locks.hold(log.checkpoint):
            raise UserError(f"log {source.name}: another import of it runs; wait for its end")
        if again:
            await shared.writer.forget(log.checkpoint)
        before = Totals.of_json((await shared.writer.load(log.checkpoint)).whole)
        look = await follower.catch_up()
    finally:
        await locks.release()
        follower.close()
    for trouble in look.troubles:
        raise UserError(f"{trouble.place}: {HINTS[trouble.reason]}")
    return Imported(before, follower.totals)


def _shared(
    database: Database,
    sealer: Sealer,
    folding: Folding,
    observer: Observer,
    tell: Tell,
    clock: Clock,
) -> Shared:
    writer = ActivityWriter(database, sealer)
    return Shared(writer, folding, sealer, observer, tell, asyncio.Semaphore(1), clock)
