"""What sampling says about itself."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.observe import Event, Level


@dataclass(frozen=True)
class SamplingRateStepped(Event):
    """A node has changed the shared rate for a backlog, or after one; it comes into force on
    all nodes at one instant.
    """

    level: ClassVar[Level] = "warning"
    before: float
    rate: float
    why: str
    oldest_seconds: float


@dataclass(frozen=True)
class SamplingRateInForce(Event):
    """Another share of messages is verified from now on (docs/sampling.md)."""

    level: ClassVar[Level] = "warning"
    channel: str
    before: float
    rate: float
    by_hand: bool


@dataclass(frozen=True)
class SamplingRecordUnread(Event):
    """The shared record of rates could not be read or written; until it can, items wait."""

    level: ClassVar[Level] = "warning"
    reason: str
