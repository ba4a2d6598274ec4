"""How the daemon starts, fails and stops: its events, and what supervision needs."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from monitor.observe import Event, Level

E = TypeVar("E", bound=BaseException)


@dataclass(frozen=True)
class DaemonStarted(Event):
    """Every part that does not depend on another machine is up."""

    version: str
    http_port: int
    smtp_port: int | None


@dataclass(frozen=True)
class DaemonStopping(Event):
    """An orderly stop was asked for."""

    spool_items: int


@dataclass(frozen=True)
class DaemonStopped(Event):
    """The orderly stop is complete; what is left in the spool waits for the next start."""

    spool_items: int


@dataclass(frozen=True)
class PartFailed(Event):
    """A supervised part ended with an error; the daemon stops with status 1."""

    level: ClassVar[Level] = "error"
    part: str
    error: str
    at: str


@dataclass(frozen=True)
class SideTaskFailed(Event):
    """A task that no mail depends on met an unexpected error; it is tried again."""

    level: ClassVar[Level] = "error"
    part: str
    error: str
    at: str


@dataclass(frozen=True)
class DaemonFailed(Event):
    """The daemon ends with status 1; the spool has kept everything."""

    level: ClassVar[Level] = "error"
    error: str


@dataclass(frozen=True)
class ReloadRefused(Event):
    """A changed registry or trust folder is unusable; the last good one stays in force."""

    level: ClassVar[Level] = "error"
    what: str
    problem: str


async def cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until they are gone."""
    chosen = list(tasks)
    for task in chosen:
        task.cancel()
    await asyncio.gather(*chosen, return_exceptions=True)


def place(error: BaseException) -> str:
    """Module and line where an error arose: enough to find it, and nothing from a message."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else "?"


def first(group: BaseExceptionGroup[BaseException], kind: type[E]) -> E | None:
    """The first plain error of a kind in a tree of groups."""
    for error in group.exceptions:
        found = first(error, kind) if isinstance(error, BaseExceptionGroup) else error
        if isinstance(found, kind):
            return found
    return None
