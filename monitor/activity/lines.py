"""What a reader of one kind of log makes of its lines: the seam between tails and formats.

A reader takes bytes and gives values: it opens no file and knows no database.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from monitor.model import ActivityKind

KINDS = tuple(ActivityKind)
BIT = {kind: 1 << index for index, kind in enumerate(KINDS)}
"""Kinds as bits of one number: a day's activity of an address is their union."""


@dataclass(slots=True)
class Found:
    """What some lines say. Addresses are as written, lower case."""

    activity: dict[tuple[str, date], int] = field(default_factory=dict)
    """Kinds (`BIT`) of an address on a Vietnam day."""
    sent: dict[str, tuple[str, date]] = field(default_factory=dict)
    """Message-ID (without angle brackets) to proven sender and Vietnam day of sending."""
    lines: int = 0
    unknown: int = 0
    """Lines of the right program whose meaning is not known: counted, never fatal."""
    failures: int = 0
    """Failed logins: counted, nobody's activity."""
    newest: datetime | None = None
    """Newest time-stamp read, aware."""

    def add(self, address: str, day: date, kind: ActivityKind) -> None:
        """Note that an address was active on a day."""
        key = (address, day)
        self.activity[key] = self.activity.get(key, 0) | BIT[kind]

    def add_sent(self, message_id: str, sender: str, day: date) -> None:
        """Note a mail; who sends another's on, under its Message-ID, does not take it over."""
        self.sent.setdefault(message_id, (sender, day))


class LogReader(Protocol):
    """Reads one log in order; what it must remember between two blocks is its state."""

    def read(self, block: bytes, written_at: datetime) -> Found:
        """What whole lines say. `written_at`: when their file was last written to (aware),
        which tells the year where lines have none.
        """
        ...

    def state(self) -> dict[str, Any]:
        """Everything remembered, as JSON: small, and bounded however long the log is."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where another reader's `state` was taken; `{}` is the beginning."""
        ...
