"""What the process for names has to say of itself: closed words, and numbers."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from monitor.model import Check
from monitor.observe import Event, Level

Loss = Literal["not_started", "ended", "nonsense", "silent"]


@dataclass(frozen=True)
class NamesProcessReady(Event):
    """The process that asks about names is there."""


@dataclass(frozen=True)
class NamesProcessLost(Event):
    """It could not be started, ended, said what nobody can read, or was silent for a minute.

    What it had not answered (`unanswered`) is unknown. A new one is started after `pause_seconds`.
    """

    level: ClassVar[Level] = "warning"
    reason: Loss
    unanswered: int
    pause_seconds: float


@dataclass(frozen=True)
class NamesDeskFull(Event):
    """More was asked about names than can wait: this question is unknown."""

    level: ClassVar[Level] = "warning"
    kind: Literal["check", "probe", "origin"]


@dataclass(frozen=True)
class NamesRequestFailed(Event):
    """A question failed by a fault of this product (`error`: a type): it is unknown."""

    level: ClassVar[Level] = "error"
    kind: Literal["check", "probe", "origin"]
    error: str


@dataclass(frozen=True)
class NamesRuleFailed(Event):
    """The rule of one check of a domain failed by a fault of this product: the check is unknown.

    `error` is a type, `at` a file of this product and the line.
    """

    level: ClassVar[Level] = "error"
    check: Check
    error: str
    at: str
