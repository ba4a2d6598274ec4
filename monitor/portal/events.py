"""What portals have to say. No event names an address or a file."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.observe import Drop, Event, Level

STAGE = "collect"


@dataclass(frozen=True)
class PortalRound(Event):
    """A round of a portal has ended."""

    source: str
    pages: int
    """Addresses that were asked, documents included."""
    documents: int
    """New or changed ones."""
    failures: int
    left: int
    """Addresses that were not asked, for max_pages."""


@dataclass(frozen=True)
class PortalFailed(Event):
    """No start of a portal could be read (`outcome`); it is tried again sooner than usual."""

    level: ClassVar[Level] = "warning"
    source: str
    outcome: str
    failures: int
    """In a row."""


@dataclass(frozen=True)
class PortalProcessDied(Event):
    """The process that reads a portal ended over an address, which is left out for a day."""

    level: ClassVar[Level] = "warning"
    source: str


@dataclass(frozen=True)
class PortalTooLarge(Event):
    """A published file past max_bytes was cut off and not taken; `congvu doctor` names it."""

    level: ClassVar[Level] = "warning"
    source: str
    announced: int | None
    """Size that the server said beforehand."""

    def drop(self) -> Drop:
        return Drop(STAGE, "portal_too_large")


@dataclass(frozen=True)
class PortalWaiting(Event):
    """The spool does not take documents for now; the round waits for it."""

    level: ClassVar[Level] = "warning"
    source: str
    refusal: str


@dataclass(frozen=True)
class PortalNotRemembered(Event):
    """What is known of a portal could not be written; everything is read anew after a restart."""

    level: ClassVar[Level] = "error"
    source: str
