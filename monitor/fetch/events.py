"""What fetching has to say. Hosts are of the configured list, outcomes of a closed one."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.observe import Event, Level


@dataclass(frozen=True)
class TrustFetched(Event):
    """A server of the list gave what it should: `new`, `unchanged`, or `older` than ours."""

    host: str
    outcome: str
    file: str | None


@dataclass(frozen=True)
class TrustFetchFailed(Event):
    """A server of the list gave nothing that can be used (`outcome`); it is asked again."""

    level: ClassVar[Level] = "warning"
    host: str
    outcome: str
    failures: int


@dataclass(frozen=True)
class FetcherDied(Event):
    """The fetching process ended before its job was done; a new one is started for the rest."""

    level: ClassVar[Level] = "warning"
    unanswered: int
