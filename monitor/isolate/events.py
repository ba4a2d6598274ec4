"""What the pool says: children started, ended, refused; items no child could examine."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from monitor.observe import Event, Level

EndReason = Literal[
    "recycled", "renewed", "stopped", "memory", "timeout", "nonsense", "crashed", "forbidden_call"
]
"""`forbidden_call`: the system-call filter killed it; `nonsense`: it broke the protocol."""


@dataclass(frozen=True)
class ChildStarted(Event):
    """A child is sealed and takes work."""

    pid: int
    landlock: int
    seccomp: bool
    missing: int
    """How many of the protections the machine refused."""


@dataclass(frozen=True)
class ChildEnded(Event):
    """A child ended as it was meant to."""

    pid: int
    reason: EndReason
    items: int


@dataclass(frozen=True)
class ChildDied(Event):
    """A child ended, or had to be ended, over an item."""

    level: ClassVar[Level] = "warning"

    pid: int
    reason: EndReason
    items: int
    signal: int | None


@dataclass(frozen=True)
class ChildStartFailed(Event):
    """A child could not be started; it is tried again after `retry_seconds`."""

    level: ClassVar[Level] = "error"

    error: str
    """Type of the exception, or `exit` or `silent`."""
    where: str
    detail: str
    """The exception's words: such a child has not seen an item yet."""
    failures: int
    retry_seconds: float


@dataclass(frozen=True)
class ItemUnexamined(Event):
    """No child could examine an item: it is recorded as unreadable, with this finding."""

    level: ClassVar[Level] = "warning"

    finding: str
    error: str = ""
    """Type of the exception for `verifier_fault`."""
    where: str = ""


@dataclass(frozen=True)
class EvidenceUnjudged(Event):
    """No child could judge kept evidence again: the verdict before stands, it is tried later."""

    level: ClassVar[Level] = "warning"

    finding: str
    error: str = ""
    """Type of the exception for `verifier_fault`."""
    where: str = ""


@dataclass(frozen=True)
class PartUnexamined(Event):
    """One file of an item met a fault of ours and is recorded so; the rest was examined."""

    level: ClassVar[Level] = "warning"

    error: str
    """Type of the exception."""
    where: str
