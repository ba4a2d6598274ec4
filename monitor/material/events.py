"""What the trust folders have to say."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.observe import Drop, Event, Level


@dataclass(frozen=True)
class TrustFileLeftOut(Event):
    """A file of a trust folder is unusable (`reason`); what it held before stays in force."""

    level: ClassVar[Level] = "warning"
    file: str
    reason: str

    def drop(self) -> Drop:
        """Set aside, and looked at again when it changes."""
        return Drop("trust", self.reason)
