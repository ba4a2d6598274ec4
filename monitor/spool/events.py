"""What the spool says about itself. No event carries anything of an item but its size."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.observe import Drop, Event, Level


@dataclass(frozen=True)
class SpoolOpened(Event):
    """The spool was opened; what earlier runs left in it will be handed out."""

    items: int
    bytes: int
    segments: int


@dataclass(frozen=True)
class SpoolTailTorn(Event):
    """A crash cut the last write of a segment short; none of it had been acknowledged."""

    level: ClassVar[Level] = "warning"
    segment: int
    offset: int
    bytes: int


@dataclass(frozen=True)
class SpoolRecordCorrupt(Event):
    """Bytes of a segment are no sound record; they were set aside in the quarantine."""

    level: ClassVar[Level] = "error"
    segment: int
    offset: int
    bytes: int

    def drop(self) -> Drop:
        return Drop("spool", "corrupt")


@dataclass(frozen=True)
class SpoolSegmentShort(Event):
    """A segment is shorter than when it was made durable: acknowledged items may be lost."""

    level: ClassVar[Level] = "error"
    segment: int
    missing_bytes: int

    def drop(self) -> Drop:
        return Drop("spool", "missing")


@dataclass(frozen=True)
class SpoolForeignFile(Event):
    """A file in the segments folder is none of the spool's; it was left alone."""

    level: ClassVar[Level] = "warning"
    name_bytes: int


@dataclass(frozen=True)
class SpoolQuarantined(Event):
    """An item was moved to the quarantine, because its worker asked for it.

    The worker's own event counts it as set aside; this one says that it is on disk.
    """

    level: ClassVar[Level] = "warning"
    reason: str
    bytes: int


@dataclass(frozen=True)
class SpoolHeaderUnknown(Event):
    """A sound record has a header of no form this release knows; it was set aside whole."""

    level: ClassVar[Level] = "error"
    segment: int
    offset: int
    bytes: int

    def drop(self) -> Drop:
        return Drop("spool", "header_unknown")


@dataclass(frozen=True)
class SpoolQuarantineFull(Event):
    """The quarantine has no room: the item stays in the spool, and intake is refused."""

    level: ClassVar[Level] = "error"
    reason: str
    bytes: int


@dataclass(frozen=True)
class SpoolRequeued(Event):
    """Items came back from the quarantine, or were handed over through its folder."""

    items: int
    bytes: int


@dataclass(frozen=True)
class SpoolPushesBack(Event):
    """Intake is refused until there is room: `bytes`, `disk`, `quarantine` or `no_space`."""

    level: ClassVar[Level] = "warning"
    limit: str


@dataclass(frozen=True)
class SpoolAcceptsAgain(Event):
    """There is room again."""


@dataclass(frozen=True)
class SpoolWriteFailed(Event):
    """A group of items could not be made durable; their senders keep them."""

    level: ClassVar[Level] = "error"
    error: str
    items: int


@dataclass(frozen=True)
class SpoolSegmentAbandoned(Event):
    """A segment is written to no more, because a write or sync on it failed."""

    level: ClassVar[Level] = "error"
    segment: int
    error: str


@dataclass(frozen=True)
class SpoolReadFailed(Event):
    """An item could not be read from disk; it is tried again."""

    level: ClassVar[Level] = "error"
    error: str


@dataclass(frozen=True)
class SpoolUpkeepFailed(Event):
    """Saving acknowledgements or deleting a done segment failed; it is tried again."""

    level: ClassVar[Level] = "warning"
    error: str
