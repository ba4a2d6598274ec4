"""What the record says about itself."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.observe import Drop, Event, Level


@dataclass(frozen=True)
class EmbeddedStarted(Event):
    """The embedded server accepts connections."""

    pid: int
    seconds: float
    created: bool
    """The data directory was made by this start."""


@dataclass(frozen=True)
class EmbeddedExited(Event):
    """The embedded server ended though nobody asked it to; it is started again."""

    level: ClassVar[Level] = "error"
    pid: int
    status: int


@dataclass(frozen=True)
class EmbeddedOrphanStopped(Event):
    """A server left by a daemon that was killed was found on our data directory and stopped."""

    level: ClassVar[Level] = "warning"
    pid: int


@dataclass(frozen=True)
class EmbeddedPlacedElsewhere(Event):
    """The unprivileged account cannot reach the state directory: the server lives elsewhere."""

    level: ClassVar[Level] = "warning"
    place: str


@dataclass(frozen=True)
class EmbeddedStartFailed(Event):
    """The server could not be started again; it is tried until it can."""

    level: ClassVar[Level] = "error"
    reason: str


@dataclass(frozen=True)
class EmbeddedStopped(Event):
    """The embedded server ended as asked; `signal` is the last one it needed."""

    signal: str


@dataclass(frozen=True)
class ViewerPortBusy(Event):
    """Another program has the port that Grafana's role gets in by: the database starts without."""

    level: ClassVar[Level] = "error"
    port: int


@dataclass(frozen=True)
class MigrationApplied(Event):
    """One migration file was applied."""

    number: int
    migration: str


@dataclass(frozen=True)
class DatabaseOpened(Event):
    """The database is migrated and of the right mode."""

    mode: str
    schema: int


@dataclass(frozen=True)
class SealingKeyNew(Event):
    """The database was written with another sealing key before: older rows need that key."""

    level: ClassVar[Level] = "warning"
    known_keys: int


@dataclass(frozen=True)
class PartitionsMade(Event):
    """A month's partitions were made; `month` is its first day."""

    month: str


@dataclass(frozen=True)
class BatchRetried(Event):
    """A batch met a deadlock or a serialization failure and is written again."""

    level: ClassVar[Level] = "warning"
    attempt: int
    sqlstate: str


@dataclass(frozen=True)
class ItemUnrecordable(Event):
    """One item that the database refuses for what it holds; the rest of its batch is recorded."""

    level: ClassVar[Level] = "error"
    item_id: str
    sqlstate: str

    def drop(self) -> Drop:
        return Drop("record", "unrecordable")
