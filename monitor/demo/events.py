"""What the feeder says of itself (docs/events.md)."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.observe import Event, Level


@dataclass(frozen=True)
class DemoFeederWaiting(Event):
    """The intake cannot be reached or put a message off; the feeder tries again."""

    level: ClassVar[Level] = "info"
    code: int
    """SMTP reply code; 0 when there was no connection."""


@dataclass(frozen=True)
class DemoMessageRefused(Event):
    """The intake refused a message for good, which it never should; the feeder goes on."""

    level: ClassVar[Level] = "warning"
    code: int
