"""What following logs tells."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.observe import Drop, Event, Level

STAGE = "activity"


@dataclass(frozen=True)
class LogUnavailable(Event):
    """A log cannot be read, or part of it; it is tried again. Said once until that changes."""

    level: ClassVar[Level] = "error"
    source: str
    reason: str
    """`missing`, `permission`, `directory`, `not_regular`, `compression`, `io_error`."""


@dataclass(frozen=True)
class LogAvailable(Event):
    """A log that could not be read is read again."""

    source: str


@dataclass(frozen=True)
class LogReadElsewhere(Event):
    """Another process reads this log of the same database; this one waits for its end."""

    level: ClassVar[Level] = "warning"
    source: str


@dataclass(frozen=True)
class LogCaughtUp(Event):
    """A long stretch of a log was read without a pause."""

    source: str
    lines: int
    seconds: float


@dataclass(frozen=True)
class LogGap(Event):
    """A file of a log vanished before its end was seen: lines between the two times may lack."""

    level: ClassVar[Level] = "warning"
    source: str
    since: str | None
    """Newest time-stamp that was read of the log, or None."""
    until: str
    """When it was found out."""

    def drop(self) -> Drop:
        return Drop(STAGE, "log_gap")


@dataclass(frozen=True)
class LogFileDamaged(Event):
    """A compressed file of a log does not decompress to its end; what came before it is kept."""

    level: ClassVar[Level] = "warning"
    source: str

    def drop(self) -> Drop:
        return Drop(STAGE, "log_damaged")


@dataclass(frozen=True)
class LogLinesOverlong(Event):
    """Lines longer than a megabyte were left out."""

    level: ClassVar[Level] = "warning"
    source: str
    lines: int

    def drop(self) -> Drop:
        return Drop(STAGE, "log_overlong")


@dataclass(frozen=True)
class LogLineRefused(Event):
    """An error of ours in a line: it is counted as unknown, and the next one is read."""

    level: ClassVar[Level] = "error"
    source: str
    error: str
    """Class of the exception; its text may quote the log."""


@dataclass(frozen=True)
class LogMemoryLost(Event):
    """No key at hand opens what a log's reader remembered: it begins without."""

    level: ClassVar[Level] = "warning"
    source: str


@dataclass(frozen=True)
class LogFollowingFailed(Event):
    """Following a log met an unexpected error; it goes on from the last checkpoint."""

    level: ClassVar[Level] = "error"
    source: str
    error: str
