"""What re-validation says of itself."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.observe import Event, Level


@dataclass(frozen=True)
class VerdictChanged(Event):
    """A recorded verdict became another one; `congvu documents explain` shows which and why."""

    owner: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class RevalidationPassed(Event):
    """Everything that was due has been judged again."""

    judged: int
    changed: int
    failed: int


@dataclass(frozen=True)
class EvidenceStuck(Event):
    """Evidence could not be judged again after several tries: its verdict stands as it is."""

    level: ClassVar[Level] = "error"

    evidence_id: str
    failure: str
